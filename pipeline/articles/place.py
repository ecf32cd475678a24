"""Where an article was written or plays: the location line, JSON-LD, or the dateline at the text's beginning."""

import re
from collections.abc import Iterator
from itertools import islice

from pipeline.articles.document import Document, text_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.signatures import agencies_in, known_agency
from pipeline.articles.site import is_site_name

_MAX_CHARS = 60
_MAX_MARKS = 12
_MAX_WORDS = 5
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# "BERLIN, May 3 (Reuters) - ", "Berlin (dpa) - ", "Hà Nội (TTXVN) - ", "WASHINGTON (AP) — ".
_DATELINE = re.compile(
    rf"^(?P<place>[^\W\d][^()\d–—:;!?]{{1,40}}?)(?:,\s*(?:{_MONTHS}\s+\d{{1,2}}|\d{{1,2}}\.?\s*[^\W\d]*|\d{{1,2}}/\d{{1,2}}))?"
    r"\s*\((?P<agency>[^()]{2,40})\)\s*[-–—:.]",
    re.IGNORECASE,
)
# "HANOI — ", "WASHINGTON, D.C. – ": capitals and a dash, as English-language papers print it.
_CAPITALS = re.compile(r"^(?P<place>[A-ZÀ-Ỹ][A-ZÀ-Ỹ.,' ]{2,35})\s*[–—]\s*(?=\w)")
_NO_PLACE = re.compile(r"[\d|/@<>]|https?:|:|\b(?:von|by|theo|min|uhr|am|pm)\b", re.IGNORECASE)
_HEAD = 3
# Short forms that stay in capitals within a name.
_SHORT = frozenset({"HCM", "TP", "TX", "UAE", "UK", "US", "USA"})


def read_place(document: Document) -> Choice[str | None]:
    """Choose the place: the page's location line, JSON-LD, the dateline before an agency or a dash."""
    offers = [(signal, place) for signal, place in _offers(document) if place]
    if not offers:
        return choice("place", None, None, [])
    signal, place = offers[0]
    return choice("place", place, signal, offers)


def _offers(document: Document) -> Iterator[tuple[str, str | None]]:
    yield "location-line", _location_line(document)
    node = document.article_node or {}
    yield (
        "json-ld",
        _short(text_of(node.get("dateline")))
        or _short(text_of(node.get("locationCreated")))
        or _short(text_of(node.get("contentLocation"))),
    )
    yield "dateline", _dateline(document)


def _location_line(document: Document) -> str | None:
    """Give the text of the first short element that the markup names as a place, where the article stands."""
    layout = document.layout
    for element in document.outline.get("place", ())[:_MAX_MARKS]:
        if layout.is_aside(element) or not layout.is_inside(element):
            continue
        place = _short(shown_text(element, 2 * _MAX_CHARS))
        if place and not is_site_name(place, document.site) and known_agency(place) is None:
            return place
    return None


def _dateline(document: Document) -> str | None:
    """Give the place before the sender in one of the first paragraphs."""
    holder = document.layout.holder
    if holder is None:
        return None
    for block in islice(holder.iter("p", "h2"), _HEAD):
        text = shown_text(block, 200) or ""
        found = _DATELINE.match(text)
        if found and (agencies_in(found.group("agency")) or is_site_name(found.group("agency"), document.site)):
            return _titled(found.group("place"))
        if found := _CAPITALS.match(text):
            return _titled(found.group("place"))
    return None


def _short(text: str | None) -> str | None:
    """Give a text that can be a place: short, of a few words, without digits, addresses and clocks."""
    if not text or len(text) > _MAX_CHARS or len(text.split()) > _MAX_WORDS or _NO_PLACE.search(text):
        return None
    place = _titled(text)
    return place if place and not place[0].islower() else None


def _titled(text: str) -> str | None:
    """Give a stated place as a name: "NEW DELHI" is New Delhi; "TP HCM", "D.C." and "Calif." stay."""
    words = text.strip(" ,-–—()").split()
    if any(word.isupper() and len(word) > 3 for word in words):
        words = [
            word if word in _SHORT or word.count(".") > 1 or not word.isupper() else word.capitalize() for word in words
        ]
    if len(words) == 1:
        words = [words[0].strip(".")]
    return " ".join(words) or None
