"""The standfirst between a page's title and its text: part of what a reader reads as the article."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.document import Document, text_of
from pipeline.articles.phrases import fold, is_end_line, is_pointer, names_photographer
from pipeline.text import one_line

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:sapo|standfirst|lead|leadin|lede|dek|deck|ingress|intro|introduction|chapo|chapeau|entradilla|bajada|"
    r"copete|vorspann|anreisser|perex|manchet|zajawka|sommario|occhiello|subtitle|subheadline|subhead|sub-?title|"
    r"sub-?headline|subline|untertitel|subtitulo|sumario|excerpt|abstract|summary|teaser-?text|lead-?text|"
    r"article-?(?:lead|intro|summary|description|excerpt|subtitle|dek|teaser)|(?:post|entry|news|detail)-?(?:lead|intro|summary|excerpt|sapo|subtitle)|description)(?:[\s_-]|$)",
    re.IGNORECASE,
)
# A link to another article at a standfirst's end, as Vietnamese papers set it.
_LINK_MARK = ">>"
_TAGS = ("p", "h2", "h3", "h4", "div", "span", "strong", "li", "section", "header", "blockquote")
_MIN_CHARS, _MAX_CHARS = 25, 1_200
_MAX_LEADS = 3
# How many elements at the beginning of a region may hold it.
_MAX_OPENING = 60
# Longer names are made to hurt.
_NAME_CHARS = 300
_PARAGRAPH = 80
_SHINGLE = 4
_STOPS = (".", "!", "?", "…", "”", '"', "»", "。", "！", "？", "」", ":")
# A standfirst of which this share stands in the text too only repeats it.
_REPEATED = 0.7


def find_standfirst(
    document: Document, tree: HtmlElement, title: HtmlElement | None, region: HtmlElement, summary: str | None
) -> list[str]:
    """Give the paragraphs of the standfirst, in order.

    It stands after the title and before the text, and is named as one or is what `summary` or a description says. The
    one at the beginning of `region` is given too: the extractor takes many for teasers of other articles.
    """
    said = [fold(text) for text in (summary, *_descriptions(document)) if text]
    found: list[str] = []
    for element in _between(tree, title, region):
        if (text := _fresh(element, found)) and (_is_lead(element, text, said) or _is_paragraph(element, text)):
            found.append(text)
    for element in _opening(title, region):
        if (text := _fresh(element, found)) is None:
            continue
        if _is_lead(element, text, said):
            found.append(text)
        elif element.tag == "p" and len(text) >= _PARAGRAPH:
            break
    return found[:_MAX_LEADS]


def _fresh(element: HtmlElement, found: list[str]) -> str | None:
    """Give the text of an element that may be a standfirst, None when it cannot or is a part of those `found`."""
    text = one_line(element.text_content().partition(_LINK_MARK)[0])
    if text is None or not _MIN_CHARS <= len(text) <= _MAX_CHARS or is_pointer(text) or is_end_line(text):
        return None
    key = fold(text)
    return None if any(key in fold(other) or fold(other) in key for other in found) else text


def _is_lead(element: HtmlElement, text: str, said: list[str]) -> bool:
    """Tell whether an element is named as a standfirst, or is what one of the texts `said` says."""
    if _is_named(element) and _is_prose(element, text):
        return True
    key = fold(text)
    return any(_same(key, other) and (len(key) < 1.1 * len(other) or _is_leaf(element)) for other in said)


def _descriptions(document: Document) -> Iterator[str]:
    for name in ("og:description", "description", "twitter:description"):
        yield from document.meta.get(name, ())[:1]
    if document.article_node is not None and (text := text_of(document.article_node.get("description"))):
        yield text
    if document.page.hint is not None and document.page.hint.summary:
        yield document.page.hint.summary


def _between(tree: HtmlElement, title: HtmlElement | None, region: HtmlElement) -> Iterator[HtmlElement]:
    """Give the small blocks after the title and before the region; innermost elements stand for their wrappers."""
    inside = title is None
    around = set(region.iterancestors())
    for element in tree.iter():
        if element is region:
            return
        if element is title:
            inside = True
        elif inside and element.tag in _TAGS and element not in around:
            yield element


def _opening(title: HtmlElement | None, region: HtmlElement) -> Iterator[HtmlElement]:
    """Give the small blocks with which a region begins, those after the title when it stands there."""
    inside = title is None or region not in title.iterancestors()
    for element in islice(region.iter(), _MAX_OPENING):
        if element is title:
            inside = True
        elif inside and element is not region and element.tag in _TAGS:
            yield element


def _same(key: str, other: str) -> bool:
    """Tell whether two folded texts are one, one of them cut short."""
    if len(key) < _MIN_CHARS or len(other) < _MIN_CHARS:
        return False
    short, long = sorted((key, other), key=len)
    # A summary has lost its sender's prefix ("(TTXVN) - ").
    return (long.startswith(short) or long.endswith(short)) and len(short) > 0.5 * len(long)


def _is_leaf(element: HtmlElement) -> bool:
    """Tell an element of its own from a wrapper, which may hold a byline too."""
    return next(element.iterdescendants("p", "div", "h2", "h3", "section", "span"), None) is None


def _is_paragraph(element: HtmlElement, text: str) -> bool:
    return (
        element.tag == "p"
        and len(text) >= _PARAGRAPH
        and text.endswith(_STOPS)
        and _is_prose(element, text)
        and not names_photographer(text)
    )


def _is_named(element: HtmlElement) -> bool:
    name = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
    return name != "  " and _has_lead_name(name[:_NAME_CHARS])


@lru_cache(maxsize=20_000)
def _has_lead_name(name: str) -> bool:
    return _NAMED.search(name) is not None


def _is_prose(element: HtmlElement, text: str) -> bool:
    """Tell a sentence from labels and lists of links."""
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return linked < 0.3 * len(text) and len(text) >= 40 and element.find(".//li") is None


def merge_standfirst(leads: list[str], text: str | None) -> str | None:
    """Open the text with its standfirst, unless that only repeats the text or stands there already."""
    if not text or not leads:
        return text or "\n".join(leads) or None
    words = fold(text)
    shingles = _shingles(words)
    kept = []
    for lead in leads:
        key = fold(lead)
        own = _shingles(key)
        if key in words or (own and len(own & shingles) >= _REPEATED * len(own)):
            continue
        kept.append(lead)
    return "\n".join([*kept, text])


def _shingles(folded: str) -> set[tuple[str, ...]]:
    words = folded.split()
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
