"""The standfirst of an article: what readers see under its title, else how the publisher describes it."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from pipeline.articles.credit import known_agency, read_credit
from pipeline.articles.document import Document, text_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

_MIN_CHARS = 30
_MAX_CHARS = 1_500
_MAX_MARKS = 30
# "(TTXVN) - ", "(Dân trí) - ", "TTXVN - ", "(Reuters) – ": who sends the text, at its beginning.
_PREFIX = re.compile(r"^\s*(?:\(([^()]{2,40})\)|([^\s()–—-][^()–—-]{1,30}?))\s*[-–—:]\s+")
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


def standfirst_element(document: Document) -> HtmlElement | None:
    """Give the element that shows the standfirst, None when readers see none apart from the text."""
    for element in _marked(document):
        return element
    return None


def clean_summary(text: str | None, names: frozenset[str]) -> str | None:
    """Give a summary without its sender's prefix and without the site's name at its end."""
    if not text:
        return None
    if (prefix := _PREFIX.match(text)) and _is_sender(prefix.group(1) or prefix.group(2), names, bool(prefix.group(1))):
        text = text[prefix.end() :]
    if (suffix := _SITE_SUFFIX.search(text)) and is_site_name(suffix.group(1), names):
        text = text[: suffix.start()]
    return text.strip() or None


def _is_sender(name: str, names: frozenset[str], in_brackets: bool) -> bool:
    """Tell whether a text's first words name the site or an agency; papers count in brackets only."""
    agency = known_agency(name)
    if agency is not None:
        return in_brackets or not agency.is_paper
    return is_site_name(name, names) or (in_brackets and bool(read_credit(name).agencies))


def _offers(document: Document) -> Iterator[tuple[str, str | None]]:
    for element in _marked(document):
        yield "standfirst", shown_text(element, _MAX_CHARS)
        break
    node = document.article_node or {}
    yield "json-ld", text_of(node.get("description"))
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        yield name, next((text for text in document.meta.get(name, ()) if len(text) >= _MIN_CHARS), None)
    if document.page.hint:
        yield "feed", document.page.hint.summary


def _marked(document: Document) -> Iterator[HtmlElement]:
    """Give the elements that the markup names as standfirst, where the article stands and before its text ends."""
    layout = document.layout
    stated = {key_of(text)[:60] for name in ("og:description", "description") for text in document.meta.get(name, ())}
    stated.discard("")
    for element in document.outline.get("lead", ())[:_MAX_MARKS]:
        if (
            layout.is_aside(element)
            or not layout.is_inside(element)
            or element.tag in {"body", "main", "article", "form"}
        ):
            continue
        if layout.holder is not None and any(node is element for node in layout.holder.iterancestors()):
            continue
        text = shown_text(element, _MAX_CHARS)
        if text and _MIN_CHARS <= len(text) < _MAX_CHARS:
            yield element
