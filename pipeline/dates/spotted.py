"""Finds the dates that a page shows its readers, and tells the article's from those of clocks, teasers and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from pipeline.dates.months import fold, months_named

# Words in class, id and itemprop that name a date, in the languages and systems of news sites.
_DATE_WORDS = frozenset(
    {
        "time", "timestamp", "published", "publish", "pubtime", "posted", "fecha", "datum", "data", "ngay", "thoigian",
        "tarih", "dato", "created", "dateline", "publication", "parution", "datetime", "pubdate", "dt", "updated",
        "modified", "lastmod", "issued", "erscheinungsdatum", "veroeffentlicht", "publicado", "publie", "pvm",
    }
)  # fmt: skip
# Words of the line that holds author, date and section.
_LINE_WORDS = frozenset(
    {
        "meta", "byline", "info", "infos", "submitted", "author", "autor", "subline", "details", "detail", "credits",
        "postmeta", "postinfo", "articleinfo", "header", "entry", "kicker", "source", "signature",
    }
)  # fmt: skip
# Parts of a page whose dates are of something else, and parts where the article's own date is seldom found.
_FOREIGN_WORDS = frozenset(
    {
        "comment", "comments", "commentlist", "commentmetadata", "respond", "reply", "replies", "kommentare", "kommentar",
        "leserbrief", "related", "relatedposts", "lienquan", "similar", "recommended", "recommendations", "popular",
        "trending", "mostread", "upcoming", "weather", "copyright", "stock", "advert", "cookie", "clock", "today",
        "currentdate", "now", "datenow", "dongho", "currenttime", "carousel", "swiper", "slider", "ticker", "marquee",
        "breaking", "newsletter", "archives",
    }
)  # fmt: skip
_APART_WORDS = frozenset(
    {
        "sidebar", "footer", "foot", "teaser", "teasers", "widget", "widgets", "nav", "navigation", "navbar", "menu",
        "calendar", "event", "events", "latest", "recent", "archive", "more", "promo", "banner", "topbar", "masthead",
        "caption", "captions", "figcaption", "legend", "bildunterschrift", "picbox", "imagecredit",
    }
)  # fmt: skip
_APART_TAGS = frozenset({"footer", "nav", "aside", "figcaption", "figure"})
_SKIPPED_TAGS = frozenset({"script", "style", "noscript", "template", "option", "select", "textarea", "iframe", "svg"})
_WORD = re.compile(r"[A-Z]?[a-zà-ỹ]+|[A-Z]+(?![a-z])")
_DATED = re.compile(r"\d{4}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2}")
_MODIFIED = re.compile(
    r"updat|modifi|cap nhat|aktualis|actuali|aggiorn|mis a jour|atualiz|bijgewerkt|gewijzigd|zaktualiz|oppdater"
    r"|opdater|uppdater|paivite|guncelle|обновл|оновл|изменен|diperbarui|frissit|更新|수정|تحديث|revis|edited"
)
_PUBLISHED = re.compile(r"publi|veroff|erschien|ngay dang|posted|creat|erstellt|입력|opublik|опублик|yayin|julkais")
# Attributes for machines: datetime, content, title, data-date, data-timestamp, data-published-at, data-deploy-dt.
_MACHINE_NAME = re.compile(r"^(?:datetime|content|title)$|^data-.*(?:date|time|publi|modif|updat|-dt$)")
_LETTERS = re.compile(r"[^\W\d_]+")
_MAX_ELEMENTS = 20_000
_MAX_FOUND = 60
# How press releases and portals open a text: "27.1.2022 - …", "Hamburg, 5 September 2021 (dpa) - …".
_OPENING = re.compile(r"\W{0,3}(?:[^\W\d][^\d\n]{0,24}[\s,])??\d[^\n]{5,24}?(?=\s*[-–—|:(„“\"»])")
_MAX_MACHINE_CHARS = 45
_MAX_SPARE, _MAX_SPARE_FAR = 60, 12
_MAX_CHARS = 160
_BEFORE_HEADLINE, _AFTER_HEADLINE, _FAR_AFTER_HEADLINE = 14, 60, 150


class Place(IntEnum):
    """Where on the page a text stands."""

    ARTICLE = 0
    APART = 1
    FOREIGN = 2


@dataclass(frozen=True, slots=True)
class Spotted:
    """A text that seems to hold a date.

    `is_marked` when its markup calls it a date, `is_machine` when it is an attribute meant for machines, `is_pubdate`
    when the markup says publication, `is_modified` when it speaks of a change. `is_apart` when it stands where other
    things than the article are usual, `is_labelled` when it says "published". `distance` counts elements after the headline (negative: before it), None
    without a headline. `spare` counts the letters beside the date.
    """

    text: str
    distance: int | None
    is_marked: bool = False
    is_machine: bool = False
    is_modified: bool = False
    is_pubdate: bool = False
    is_apart: bool = False
    is_labelled: bool = False
    spare: int = 0


@dataclass(frozen=True, slots=True)
class _Names:
    """What the words of an element's class, id and itemprop say."""

    is_date: bool
    is_change: bool
    is_line: bool
    place: Place


@lru_cache(maxsize=32_768)
def _named(names: str) -> _Names:
    words = {word.lower() for word in _WORD.findall(names[:200])}
    is_date = bool(words & _DATE_WORDS) or any("date" in word and "update" not in word for word in words)
    is_change = bool(words & {"updated", "modified", "lastmod", "update", "lastupdate"})
    place = Place.FOREIGN if words & _FOREIGN_WORDS else Place.APART if words & _APART_WORDS else Place.ARTICLE
    return _Names(is_date or is_change, is_change, bool(words & _LINE_WORDS), place)


_NAMELESS = _named("")


def spot(body: HtmlElement, headline: HtmlElement | None) -> list[Spotted]:
    """Give the texts that may hold the article's dates, in document order; at most 20,000 elements are looked at."""
    elements = list(islice(body.iter("*"), _MAX_ELEMENTS))
    start = None if headline is None else next((i for i, element in enumerate(elements) if element is headline), None)
    page = _Page(headline)
    found: list[Spotted] = []
    for index, element in enumerate(elements):
        found.extend(page.of_element(element, None if start is None else index - start))
        if len(found) >= _MAX_FOUND:
            break
    return found


class _Page:
    """Reads the elements of one page; remembers in which place of it each container stands."""

    def __init__(self, headline: HtmlElement | None) -> None:
        # The headline and what holds it: no name of these says that a date is of something else.
        self._around = frozenset() if headline is None else frozenset((headline, *headline.iterancestors()))
        self._places: dict[HtmlElement, Place] = {}

    def of_element(self, element: HtmlElement, distance: int | None) -> Iterator[Spotted]:
        """Give what an element and the text right after it say."""
        tag = element.tag
        if tag in _SKIPPED_TAGS:
            return
        names = _names_of(element)
        named = _named(names) if names else _NAMELESS
        if tag == "time" or named.is_date:
            place = self.place_of(element)
            if place is not Place.FOREIGN:
                yield from _of_marked(element, names, named, distance, is_apart=place is Place.APART)
        elif named.is_line:
            text = _text_of(element)
            if text and (place := self.place_of(element)) is not Place.FOREIGN:
                yield _seen(text, distance, is_marked=True, is_apart=place is Place.APART)
        if distance is None or -_BEFORE_HEADLINE <= distance <= _FAR_AFTER_HEADLINE:
            yield from self._unmarked(element, distance, is_marked=tag == "time" or named.is_date)

    def _unmarked(self, element: HtmlElement, distance: int | None, *, is_marked: bool) -> Iterator[Spotted]:
        """Give texts that are little more than a date, and the dates with which long texts open."""
        for written, holder in ((None if is_marked else element.text, element), (element.tail, element.getparent())):
            if not written or holder is None or not _DATED.search(written, 0, _MAX_CHARS):
                continue
            text = written.strip()
            opening = _OPENING.match(text) if len(text) > _MAX_CHARS else None
            if len(text) > _MAX_CHARS and opening is None:
                continue
            seen = _seen(text if opening is None else opening[0], distance)
            is_close = distance is None or distance <= _AFTER_HEADLINE
            if seen.spare > (_MAX_SPARE if is_close else _MAX_SPARE_FAR) and not seen.is_labelled:
                continue
            if (place := self.place_of(holder)) is not Place.FOREIGN:
                # The words of a link tell of what it leads to.
                yield replace(seen, is_apart=place is Place.APART or holder.tag == "a")

    def place_of(self, element: HtmlElement) -> Place:
        """Tell in which place of the page an element stands, by its own name and those of what holds it."""
        path: list[HtmlElement] = []
        place = Place.ARTICLE
        for node in (element, *element.iterancestors()):
            if node in self._around:
                break
            if node in self._places:
                place = max(place, self._places[node])
                break
            path.append(node)
            names = _names_of(node)
            own = _named(names).place if names else Place.ARTICLE
            place = max(place, own, Place.APART if node.tag in _APART_TAGS else Place.ARTICLE)
        for node in path[1:]:
            # What holds the element may be less foreign than the element itself.
            if place is Place.ARTICLE:
                self._places[node] = place
        return place


def _names_of(element: HtmlElement) -> str:
    get = element.get
    return " ".join(filter(None, (get("class"), get("id"), get("itemprop"), get("property"))))


def _of_marked(
    element: HtmlElement, names: str, named: _Names, distance: int | None, *, is_apart: bool
) -> Iterator[Spotted]:
    is_pubdate = element.get("pubdate") is not None or "datePublished" in names or names.startswith("entry-date")
    for name, value in element.items():
        if _MACHINE_NAME.search(name) and _DATED.search(value) and len(value) <= _MAX_MACHINE_CHARS:
            is_modified = named.is_change or _MODIFIED.search(name) is not None
            yield Spotted(value, distance, True, True, is_modified, is_pubdate, is_apart)
    text = _text_of(element)
    if text:
        seen = _seen(text, distance, is_marked=True, is_apart=is_apart)
        yield replace(seen, is_modified=named.is_change or seen.is_modified, is_pubdate=is_pubdate)


def _text_of(element: HtmlElement) -> str | None:
    text = " ".join(" ".join(islice(element.itertext(), 40)).split())
    return text if 6 <= len(text) <= _MAX_CHARS and _DATED.search(text) else None


def _seen(text: str, distance: int | None, *, is_marked: bool = False, is_apart: bool = False) -> Spotted:
    """Look at a text: whether it speaks of a change before its first date, and how much it says beside dates."""
    folded = fold(text)
    match = _DATED.search(folded)
    head = folded[: match.start()] if match else folded
    is_labelled = _PUBLISHED.search(head) is not None
    is_modified = not is_labelled and _MODIFIED.search(head) is not None
    spare = sum(len(word) for word in _LETTERS.findall(folded) if not months_named(word, None))
    return Spotted(text, distance, is_marked, False, is_modified, False, is_apart, is_labelled, spare)
