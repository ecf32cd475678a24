"""Finds the dates that a page shows its readers, and tells the article's from those of clocks, teasers and comments."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import chain, islice

from lxml import etree
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
_CHANGE_WORDS = frozenset({"updated", "modified", "lastmod", "update", "lastupdate"})
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
        "comment", "comments", "commentlist", "commentmetadata", "respond", "reply", "replies", "kommentare",
        "kommentar", "leserbrief", "related", "relatedposts", "lienquan", "similar", "recommended", "recommendations",
        "popular", "trending", "mostread", "upcoming", "weather", "copyright", "stock", "advert", "cookie", "clock",
        "today",
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
# A <header> that does not hold the headline is the site's.
_APART_TAGS = frozenset({"footer", "header", "nav", "aside", "figcaption", "figure"})
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
_MAX_EVENTS, _MAX_RAW_CHARS, _MAX_ATTRIBUTES = 120, 600, 40
# How press releases and portals open a text: "27.1.2022 - …", "Hamburg, 5 September 2021 (dpa) - …".
_OPENING = re.compile(r"\W{0,3}(?:[^\W\d][^\d\n]{0,24}[\s,])??\d[^\n]{5,24}?(?=\s*[-–—|:(„“\"»])")
_MAX_MACHINE_CHARS = 45
_MAX_SPARE, _MAX_SPARE_FAR = 60, 12
# "2021" is the least that `_DATED` finds.
_MIN_CHARS, _MAX_CHARS = 4, 160
_MAX_NAME_CHARS = 300
_BEFORE_HEADLINE, _AFTER_HEADLINE, _FAR_AFTER_HEADLINE = 25, 60, 150


class Place(IntEnum):
    """Where on the page a text stands."""

    ARTICLE = 0
    APART = 1
    FOREIGN = 2


@dataclass(frozen=True, slots=True)
class Spotted:
    """A text that seems to hold a date.

    `is_marked` when its markup calls it a date, `is_machine` when it is an attribute meant for machines, `is_pubdate`
    when the markup says publication, `is_labelled` when the text does, `is_modified` when it speaks of a change.
    `is_apart` when it stands where other things than the article are usual. `distance` counts elements after the
    headline (negative: before it), None without a headline. `spare` counts the letters beside the date.
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
    is_pubdate: bool
    is_line: bool
    place: Place


@lru_cache(maxsize=32_768)
def _named(classes: str | None, identity: str | None, itemprop: str | None) -> _Names:
    names = " ".join(name for name in (classes, identity, itemprop) if name)
    words = {word.lower() for word in _WORD.findall(names)}
    is_change = not words.isdisjoint(_CHANGE_WORDS)
    is_date = not words.isdisjoint(_DATE_WORDS) or any("date" in word and "update" not in word for word in words)
    is_pubdate = itemprop == "datePublished" or names.startswith("entry-date")
    place = _place_named(words)
    return _Names(is_date or is_change, is_change, is_pubdate, not words.isdisjoint(_LINE_WORDS), place)


def _place_named(words: set[str]) -> Place:
    if not words.isdisjoint(_FOREIGN_WORDS):
        return Place.FOREIGN
    return Place.ARTICLE if words.isdisjoint(_APART_WORDS) else Place.APART


def _names_of(element: HtmlElement) -> _Names:
    get = element.get
    classes, identity, itemprop = get("class"), get("id"), get("itemprop")
    if classes is not None and len(classes) > _MAX_NAME_CHARS:
        classes = classes[:_MAX_NAME_CHARS]
    if identity is not None and (classes is not None or len(identity) > _MAX_NAME_CHARS):
        identity = None  # ids are many, and seldom say more than the class beside them
    if itemprop is not None and len(itemprop) > _MAX_NAME_CHARS:
        itemprop = None
    return _named(classes, identity, itemprop)


def spot(body: HtmlElement, headline: HtmlElement | None, *, nearby_only: bool = False) -> list[Spotted]:
    """Give the texts that may hold the article's dates, in document order; at most 20,000 elements are looked at.

    `nearby_only` looks no further than the headline's surroundings, for a page whose metadata tell the rest.
    """
    page = _Page(headline)
    found: list[Spotted] = []
    for distance, element in _elements(body, headline, nearby_only=nearby_only):
        if element.tag in _SKIPPED_TAGS:
            continue
        found.extend(page.of_element(element, distance))
        if len(found) >= _MAX_FOUND:
            break
    return found


def _elements(
    body: HtmlElement, headline: HtmlElement | None, *, nearby_only: bool
) -> Iterable[tuple[int | None, HtmlElement]]:
    """Give the elements to look at, each with its distance from the headline."""
    if headline is None:
        return ((None, element) for element in islice(body.iter("*"), _MAX_ELEMENTS))
    if nearby_only:
        before = list(islice(_preceding(headline), _BEFORE_HEADLINE))
        after = islice(_following(headline), _FAR_AFTER_HEADLINE)
        return enumerate(chain(reversed(before), (headline,), after), start=-len(before))
    elements = list(islice(body.iter("*"), _MAX_ELEMENTS))
    start = next((index for index, element in enumerate(elements) if element is headline), 0)
    return enumerate(elements, start=-start)


def _following(element: HtmlElement) -> Iterator[HtmlElement]:
    """Give what is in and after an element, in document order."""
    yield from element.iterdescendants("*")
    for holder in (element, *element.iterancestors()):
        for sibling in holder.itersiblings("*"):
            yield from sibling.iter("*")


def _preceding(element: HtmlElement) -> Iterator[HtmlElement]:
    """Give what is before an element and does not hold it, nearest first."""
    for holder in (element, *element.iterancestors()):
        for sibling in holder.itersiblings("*", preceding=True):
            yield from _backwards(sibling)


def _backwards(element: HtmlElement) -> Iterator[HtmlElement]:
    for child in element.iterchildren("*", reversed=True):
        yield from _backwards(child)
    yield element


class _Page:
    """Reads the elements of one page; remembers in which place of it each container stands."""

    def __init__(self, headline: HtmlElement | None) -> None:
        # The headline and what holds it: no name of these says that a date is of something else.
        self._around = frozenset() if headline is None else frozenset((headline, *headline.iterancestors()))
        self._places: dict[HtmlElement, Place] = {}

    def of_element(self, element: HtmlElement, distance: int | None) -> list[Spotted]:
        """Give what an element and the text right after it say."""
        named = _names_of(element)
        is_marked = named.is_date or element.tag == "time"
        found: list[Spotted] = []
        if is_marked or named.is_line:
            found = _of_date(element, named, distance) if is_marked else _of_line(element, distance)
            if found:
                found = self._placed(found, element)
        if distance is None or -_BEFORE_HEADLINE <= distance <= _FAR_AFTER_HEADLINE:
            if not is_marked and (text := element.text):
                found += self._unmarked(text, element, distance)
            if (tail := element.tail) and (holder := element.getparent()) is not None:
                found += self._unmarked(tail, holder, distance)
        return found

    def _unmarked(self, written: str, holder: HtmlElement, distance: int | None) -> list[Spotted]:
        """Give a text that is little more than a date, or the date with which a long text opens."""
        # Most texts between elements are blanks.
        if len(written) < _MIN_CHARS or written.isspace() or not _DATED.search(written, 0, _MAX_RAW_CHARS):
            return []
        text = " ".join(written[:_MAX_RAW_CHARS].split())
        if not _is_dated(text):
            return []
        if len(text) > _MAX_CHARS:
            opening = _OPENING.match(text)
            if opening is None:
                return []
            text = opening[0]
        seen = _seen(text, distance)
        is_close = distance is not None and distance <= _AFTER_HEADLINE
        if seen.spare > (_MAX_SPARE if is_close else _MAX_SPARE_FAR) and not seen.is_labelled:
            return []
        # The words of a link tell of what it leads to.
        return self._placed([replace(seen, is_apart=holder.tag == "a")], holder)

    def _placed(self, found: list[Spotted], element: HtmlElement) -> list[Spotted]:
        """Leave out what stands in a foreign place, and mark what stands apart."""
        place = self.place_of(element)
        if place is Place.FOREIGN:
            return []
        return [replace(spotted, is_apart=True) for spotted in found] if place is Place.APART else found

    def place_of(self, element: HtmlElement) -> Place:
        """Tell in which place of the page an element stands, by its own name and those of what holds it."""
        path: list[HtmlElement] = []
        node: HtmlElement | None = element
        while node is not None and node not in self._around and node not in self._places:
            path.append(node)
            node = node.getparent()
        place = Place.ARTICLE if node is None else self._places.get(node, Place.ARTICLE)
        for holder in reversed(path):
            place = max(place, _names_of(holder).place, Place.APART if holder.tag in _APART_TAGS else Place.ARTICLE)
            self._places[holder] = place
        return place


def _of_date(element: HtmlElement, named: _Names, distance: int | None) -> list[Spotted]:
    """Give what an element that is marked as a date says: to machines, and to readers."""
    is_pubdate = named.is_pubdate or element.get("pubdate") is not None
    found = []
    # Not items(): lxml looks every value up by its name, which takes the square of their number.
    for name in islice(element.keys(), _MAX_ATTRIBUTES):
        value = (element.get(name) or "") if _MACHINE_NAME.search(name) else ""
        if len(value) <= _MAX_MACHINE_CHARS and _DATED.search(value):
            is_modified = named.is_change or _MODIFIED.search(name) is not None
            found.append(Spotted(value, distance, True, True, is_modified, is_pubdate))
    text = _text_of(element)
    if text:
        seen = _seen(text, distance)
        is_modified = named.is_change or seen.is_modified
        found.append(replace(seen, is_marked=True, is_modified=is_modified, is_pubdate=is_pubdate))
    return found


def _of_line(element: HtmlElement, distance: int | None) -> list[Spotted]:
    text = _text_of(element)
    return [replace(_seen(text, distance), is_marked=True)] if text else []


def _text_of(element: HtmlElement) -> str | None:
    """Give the text of an element that holds little, on one line; None when it holds no date, or too much."""
    pieces: list[str] = []
    size = 0
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in islice(walk, _MAX_EVENTS):
        if event == "start" and node.tag in _SKIPPED_TAGS:
            walk.skip_subtree()
            continue
        piece = node.text if event == "start" else None if node is element else node.tail
        if piece:
            pieces.append(piece)
            size += len(piece)
            if size > _MAX_RAW_CHARS:
                return None
    text = " ".join(" ".join(pieces).split())
    return text if 6 <= len(text) <= _MAX_CHARS and _is_dated(text) else None


def _is_dated(text: str) -> bool:
    """Tell whether a text may hold a date; nothing but figures is a telephone number or an id to its readers."""
    return _DATED.search(text, 0, _MAX_CHARS) is not None and not text.isdecimal()


def _seen(text: str, distance: int | None) -> Spotted:
    """Look at a text: what it says before its first date, and how much it says beside its dates."""
    folded = fold(text)
    match = _DATED.search(folded)
    head = folded[: match.start()] if match else folded
    is_labelled = _PUBLISHED.search(head) is not None
    is_modified = not is_labelled and _MODIFIED.search(head) is not None
    spare = sum(len(word) for word in _LETTERS.findall(folded) if not months_named(word, None))
    return Spotted(text, distance, is_modified=is_modified, is_labelled=is_labelled, spare=spare)
