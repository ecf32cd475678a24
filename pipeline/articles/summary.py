"""The standfirst of an article: what readers see under its title, else how the publisher describes it."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.credit import is_person, read_credit
from pipeline.articles.document import Document, text_of
from pipeline.articles.outline import ancestors, shown_text
from pipeline.articles.phrases import names_photographer
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.signatures import known_agency
from pipeline.articles.site import is_site_name, key_of

_MIN_CHARS = 30
_MAX_CHARS = 1_500
_MAX_MARKS = 30
# How many elements after the heading may hold the standfirst: tools, a date or a byline may come first.
_NEAR = 80
# As many of its neighbours are under the heading in the narrow sense.
_BESIDE = 3
_MAX_CONTINUED = 4
_MIN_UNMARKED, _MAX_UNMARKED = 50, 600
_SENTENCE_ENDS = '.!?…"”«»)。'
_INLINE = frozenset({"a", "b", "br", "em", "i", "span", "strong"})
_UNMARKED_TAGS = frozenset({"p", "h2", "h3", "div"})
_UNSHOWN = frozenset({"script", "style"})
_NO_LEADS = frozenset({"a", "article", "body", "form", "main"})
# A standfirst is no caption and no teaser of another article, and holds no heading, clock, picture or form.
_NOT_IN = frozenset({"a", "figcaption", "figure", "form", "picture", "table"})
_NOT_WITH = ("article", "figure", "form", "h1", "img", "input", "time", "video")
# "(TTXVN) - ", "(Dân trí) - ", "TTXVN - ", "(Reuters) – ": who sends the text, at its beginning.
_PREFIX = re.compile(r"^\s*(?:\(([^()]{2,40})\)|([^\s()–—-][^()–—-]{1,30}?))\s*[-–—:]\s+")
# Links to other articles stand behind double arrows.
_POINTER = re.compile(r"\s*(?:>>|▶|►)\s*(?=\S)")
# A single "»" does so after a sentence only: elsewhere it closes, or opens, a quotation.
_ARROW = re.compile(r"(?<=[.!?…])\s*»\s*(?=\S)")
# "… no one knows. By Ann Lee": broadcasters describe their articles so.
_CLOSING_BYLINE = re.compile(r"(?<=[.!?…])\s+(?:By|Von|Par|Por|Di|Door|Av|Af)\s+([^.!?:;,]{4,60}\.?)\s*$")
# How machines end a text that they cut.
_CUT = re.compile(r"[\s\[(]*(?:…|\.{2,})[\s\])]*$")
_MAX_PARAGRAPHS = 200
_SITE_SUFFIX = re.compile(r"\s+[-–—|]\s+([^-–—|]{2,40})$")


def read_summary(document: Document) -> Choice[str | None]:
    """Choose the summary: the visible standfirst, then JSON-LD, og and meta descriptions, then the feed.

    A sender's prefix ("(TTXVN) - ") and the site's name at the end are left out.
    """
    names = document.site
    offers = [(signal, text) for signal, stated in _offers(document) if (text := clean_summary(stated, names))]
    if not offers:
        return choice("summary", None, None, [])
    signal, text = offers[0]
    return choice("summary", text, signal, offers)


def _standfirst(document: Document) -> HtmlElement | None:
    """Give the element that shows the standfirst, None when readers see none apart from the text.

    Names such as "lead" and "description" stand on captions and boxes too: what a stated description repeats is
    believed first, then what stands right under the heading.
    """
    marks = list(_marked(document))
    below = _below_heading(document)
    stated = [frozenset(key_of(text).split()) for _, text in _stated(document)]

    def is_repeated(element: HtmlElement, *, wholly: bool = False) -> bool:
        words = frozenset(key_of(_standfirst_text(element, document) or "").split())
        return any(len(words & said) > 0.6 * (len(said) if wholly else min(len(words), len(said))) for said in stated)

    under_heading = [element for element in marks if any(node in below for node in ancestors(element))]
    unmarked = list(_unmarked(document, below))
    repeated = [element for element in (*under_heading, *marks) if is_repeated(element)]
    repeated += [element for element in unmarked if is_repeated(element, wholly=True)]
    found = next(iter(repeated), None)
    if found is None:
        beside = _beside_heading(document)
        near = [element for element in marks if any(node in beside for node in ancestors(element))]
        return next(iter([*near, *(element for element in unmarked if element in beside)]), None)
    inner = [mark for mark in marks if mark is not found and found in ancestors(mark) and is_repeated(mark)]
    return inner[-1] if inner else found


def _unmarked(document: Document, below: dict[HtmlElement, None]) -> Iterator[HtmlElement]:
    """Give the paragraph-like elements under the heading and apart from the text, whatever they are called."""
    layout = document.layout
    if layout.holder is None or layout.heading is None:
        return
    title = frozenset(key_of(shown_text(layout.heading, _MAX_CHARS) or "").split())
    for element in below:
        if element.tag not in _UNMARKED_TAGS or any(child.tag not in _INLINE for child in element):
            continue
        if any(node is layout.holder or node.tag in _NOT_IN for node in element.iterancestors()):
            continue
        if layout.is_aside(element):
            continue
        text = shown_text(element, _MAX_CHARS)
        if not text or not _MIN_UNMARKED <= len(text) <= _MAX_UNMARKED or text[-1] not in _SENTENCE_ENDS:
            continue
        if not names_photographer(text) and 2 * len(title & frozenset(key_of(text).split())) <= len(title):
            yield element


def _below_heading(document: Document) -> dict[HtmlElement, None]:
    """Give the elements between heading and text, in the page's order; none that hold the text."""
    heading, holder = document.layout.heading, document.layout.holder
    if heading is None:
        return {}
    around = set() if holder is None else set(ancestors(holder))
    found: dict[HtmlElement, None] = {}
    for node in ancestors(heading):
        for sibling in node.itersiblings():
            for element in sibling.iter():
                if element is holder or len(found) >= _NEAR:
                    return found
                if element not in around:
                    found[element] = None
    return found


def _beside_heading(document: Document) -> set[HtmlElement]:
    """Give the next siblings of the heading and their children, then those of its box."""
    heading = document.layout.heading
    found: set[HtmlElement] = set()
    for node in () if heading is None else (heading, heading.getparent()):
        if node is not None:
            shown = (sibling for sibling in node.itersiblings() if sibling.tag not in _UNSHOWN)
            for sibling in islice(shown, _BESIDE):
                found.update((sibling, *sibling))
    return found


def clean_summary(text: str | None, names: frozenset[str]) -> str | None:
    """Give a summary without its sender's prefix and without the site's name at its end."""
    if not text:
        return None
    if (prefix := _PREFIX.match(text)) and _is_sender(prefix.group(1) or prefix.group(2), names, bool(prefix.group(1))):
        text = text[prefix.end() :]
    text = _POINTER.split(text, maxsplit=1)[0]
    if "«" not in text:
        text = _ARROW.split(text, maxsplit=1)[0]
    if (suffix := _SITE_SUFFIX.search(text)) and is_site_name(suffix.group(1), names):
        text = text[: suffix.start()]
    if (byline := _CLOSING_BYLINE.search(text)) and is_person(byline.group(1).strip(" .")):
        text = text[: byline.start()]
    return text.strip() or None


def _is_sender(name: str, names: frozenset[str], in_brackets: bool) -> bool:
    """Tell whether a text's first words name the site or an agency; papers count in brackets only."""
    agency = known_agency(name)
    if agency is not None:
        return in_brackets or not agency.is_paper or name.isupper()
    return is_site_name(name, names) or (in_brackets and bool(read_credit(name).agencies))


def _offers(document: Document) -> Iterator[tuple[str, str | None]]:
    element = _standfirst(document)
    if element is not None:
        yield "standfirst", _standfirst_text(element, document)
    elif (whole := _whole(document)) is not None:
        yield "paragraph", whole
    yield from _stated(document)


def _whole(document: Document) -> str | None:
    """Give the paragraph that begins as the first stated description does, when that was cut short."""
    _, stated = next(_stated(document), ("", ""))
    start = _CUT.sub("", stated)
    if start[-1:] in _SENTENCE_ENDS or len(start) < _MIN_UNMARKED or document.layout.whole is None:
        return None
    # The last word may be cut as well.
    start = start.rsplit(maxsplit=1)[0]
    for paragraph in islice(document.layout.whole.iter(*_UNMARKED_TAGS), _MAX_PARAGRAPHS):
        text = shown_text(paragraph, _MAX_CHARS)
        if text and text.startswith(start) and len(text) <= 2 * len(stated) + _MIN_UNMARKED:
            return text
    return None


def _stated(document: Document) -> Iterator[tuple[str, str]]:
    """Give the descriptions that page and feed state; og:description is written for readers, others for machines."""
    for name in ("og:description", "description", "twitter:description"):
        yield from ((name, text) for text in document.meta.get(name, ())[:2] if _MIN_CHARS <= len(text) < _MAX_CHARS)
    if (
        (node := document.article_node) is not None
        and (text := text_of(node.get("description")))
        and len(text) < _MAX_CHARS
    ):
        yield "json-ld", text
    if document.page.hint and document.page.hint.summary:
        yield "feed", document.page.hint.summary


def _marked(document: Document) -> Iterator[HtmlElement]:
    """Give the elements that the markup names as standfirst: where the article stands, holding nothing else."""
    layout = document.layout
    marks = document.outline.get("lead", ())[:_MAX_MARKS]
    above = {
        node for element in (layout.holder, layout.heading) if element is not None for node in element.iterancestors()
    }
    for element in marks:
        if element.tag in _NO_LEADS or element in above or element is layout.heading:
            continue
        if layout.is_aside(element) or not layout.is_inside(element):
            continue
        if (
            any(node.tag in _NOT_IN for node in element.iterancestors())
            or next(element.iter(*_NOT_WITH), None) is not None
        ):
            continue
        text = _standfirst_text(element, document)
        if text and _MIN_CHARS <= len(text) < _MAX_CHARS and not names_photographer(text):
            yield element


def _standfirst_text(element: HtmlElement, document: Document) -> str | None:
    """Give the text of a standfirst without the location stamp in it, with the paragraphs that go on from it."""
    text = shown_text(element, _MAX_CHARS)
    for stamp in document.outline.get("place", ())[:_MAX_MARKS]:
        place = shown_text(stamp, 80)
        if text and place and text.startswith(place) and any(node is element for node in stamp.iterancestors()):
            text = text[len(place) :].lstrip(" -–—|.,")
    for sibling in _continued(element, document):
        text = f"{text} {shown_text(sibling, _MAX_CHARS) or ''}".strip()
    return text


def _continued(element: HtmlElement, document: Document) -> Iterator[HtmlElement]:
    """Give the paragraphs of exactly the same name that follow a marked one: a standfirst of several paragraphs."""
    marks = document.outline.get("lead", ())
    for sibling in islice(element.itersiblings(), _MAX_CONTINUED):
        if (sibling.tag, sibling.get("class")) != (element.tag, element.get("class")) or sibling not in marks:
            return
        yield sibling
