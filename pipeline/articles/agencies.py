"""The news agencies, or papers, that an article was taken from: datelines, signatures, credit lines, source blocks."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from pipeline.articles.credit import unique
from pipeline.articles.document import Document, items, text_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.signatures import agencies_in, known_agency
from pipeline.articles.site import is_site_name
from pipeline.text import one_line

# "TTXVN - …", "(TTXVN) - …", "Hà Nội (TTXVN) …", "BERLIN, May 3 (Reuters) - …", "Berlin (dpa) - …".
_DATELINE = re.compile(
    r"^[\s\"“(]*(?:(?P<first>[^\s()–—-][^()–—]{1,30}?)\)?\s*[-–—]\s+"
    r"|(?:[^()]{2,60}?)?\((?P<bracketed>[^()]{2,40})\)\s*[-–—:.]?\s)"
)
# A line of its own at the end: "Theo TTXVN", "Nguồn: Thanh Niên", "(TTXVN/Vietnam+)", "dpa", "Quelle: dpa".
_CREDIT = re.compile(
    r"^\W*(?:theo|nguồn(?: tin)?|source|quelle|fuente|fonte|źródło|bron|kilde|источник|kaynak|via|sumber)\b\s*:?\s*"
    r"(?P<name>.+)$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"[(\[]\s*(?P<name>[^()\[\]]{2,60})\s*[)\]]\s*\.?\s*$")
_HEAD, _TAIL = 3, 4
_MAX_LINE_CHARS = 120
_MAX_MARKS = 12
_NAME = re.compile(r"^[^.,:;!?()]{2,40}(?:\.[a-z]{2,3}(?:\.[a-z]{2})?)?$")


def read_agencies(document: Document) -> Choice[tuple[str, ...]]:
    """Choose the agencies: datelines and credit lines of the text, source blocks, JSON-LD; canonical names.

    The page's own site is no agency of its own articles.
    """
    offers = [
        (signal, kept)
        for signal, found in _offers(document)
        if (kept := unique(name for name in found if not is_site_name(name, document.site)))
    ]
    if not offers:
        return choice("agencies", (), None, [])
    signal, names = offers[0]
    return choice("agencies", names, signal, offers)


def _offers(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    blocks = _blocks(document)
    yield "dateline", _from_datelines(document, blocks[:_HEAD])
    yield "credit-line", _from_credits(blocks[-_TAIL:])
    yield "byline", _from_bylines(document)
    yield "source-block", _from_source_blocks(document)
    yield "json-ld", _from_json_ld(document)


def _blocks(document: Document) -> list[HtmlElement]:
    """Give the blocks of the article's text, empty ones left out."""
    holder = document.layout.holder
    if holder is None:
        return []
    children = [child for child in holder if child.tag in {"p", "div", "h2", "h3", "span", "em", "i", "strong"}]
    edge = _HEAD + _TAIL + 6
    edges = children if len(children) <= 2 * edge else children[:edge] + children[-edge:]
    return [child for child in edges if (child.text_content() or "").strip()]


def _from_datelines(document: Document, blocks: list[HtmlElement]) -> tuple[str, ...]:
    """Read the agency that a first paragraph, or the description, begins with."""
    lines = [shown_text(block, 200) for block in blocks]
    lines += [text for name in ("og:description", "description") for text in document.meta.get(name, ())[:1]]
    for line in lines:
        found = _DATELINE.match(line or "")
        if not found:
            continue
        name = found.group("bracketed") or found.group("first")
        is_bracketed = found.group("bracketed") is not None or found.group(0).lstrip().startswith("(")
        agency = known_agency(name)
        if agency is not None and (is_bracketed or not agency.is_paper):
            return (agency.name,)
        if is_bracketed and (names := agencies_in(name)):
            return names
    return ()


def _from_credits(blocks: list[HtmlElement]) -> tuple[str, ...]:
    """Read closing lines: "Theo TTXVN" first, then a signature in brackets, then a line of nothing but names."""
    lines = [text for block in reversed(blocks) if (text := shown_text(block, 3_000))]
    short = [text for text in lines if len(text) <= _MAX_LINE_CHARS]
    for text in short:
        credit = _CREDIT.match(text)
        if credit and (names := _credited(credit.group("name")) or _unknown_source(credit.group("name"))):
            return names
    signed = (found.group("name") for text in lines if (found := _SIGNED.search(text)))
    return next((names for text in (*signed, *short) if (names := _credited(text))), ())


def _from_bylines(document: Document) -> tuple[str, ...]:
    """Read agencies out of bylines: "Tâm Hằng (TTXVN)", "By Ann Lee, Reuters"."""
    for element in document.outline.get("author", ())[:_MAX_MARKS]:
        if document.layout.is_other(element) or not document.layout.is_inside(element):
            continue
        text = shown_text(element, _MAX_LINE_CHARS * 2)
        if text and len(text) <= _MAX_LINE_CHARS and (names := agencies_in(text)):
            return names
    return ()


def _from_source_blocks(document: Document) -> tuple[str, ...]:
    """Read the blocks that the markup names as source, as reprints have them."""
    layout = document.layout
    for element in document.outline.get("source", ())[:_MAX_MARKS]:
        if (
            layout.is_aside(element)
            or not layout.is_inside(element)
            or any(node.tag == "figure" for node in element.iterancestors())
        ):
            continue
        text = shown_text(element, _MAX_LINE_CHARS * 2)
        if not text or len(text) > _MAX_LINE_CHARS:
            continue
        credit = _CREDIT.match(text)
        name = credit.group("name") if credit else text
        if names := _credited(name) or _unknown_source(name):
            return names
    return ()


def _from_json_ld(document: Document) -> tuple[str, ...]:
    """Read the agency that JSON-LD names as author, creator, provider or source organisation."""
    node = document.article_node or {}
    for key in ("sourceOrganization", "author", "creator", "provider", "isBasedOn"):
        for item in items(node.get(key)):
            text = text_of(document.node(item) if isinstance(item, dict) else item)
            if text and (names := agencies_in(text)):
                return names
    return ()


def _credited(text: str) -> tuple[str, ...]:
    """Give the agencies, or else the known papers, that a credit names."""
    text = one_line(text) or ""
    if len(text) > _MAX_LINE_CHARS:
        return ()
    rest = text
    names = agencies_in(text)
    for name in names:
        rest = rest.replace(name, "")
    # A sentence that mentions an agency is no credit: only names stand beside it.
    if names and len(rest.split()) <= 8:
        return names
    return agencies_in(text, papers=True) if not names else ()


def _unknown_source(text: str) -> tuple[str, ...]:
    """Give a source that the list does not know: the last part of "Minh Nguyễn/Vcamp.vn", an address-like name."""
    parts = [part.strip(" .)") for part in re.split(r"[/|,;]|\s+[-–]\s+", text)]
    last = parts[-1] if parts else ""
    return (last,) if _NAME.match(last) and re.search(r"\.[a-z]{2,3}$", last, re.IGNORECASE) else ()
