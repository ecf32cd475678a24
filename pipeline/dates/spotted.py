"""Finds the dates that a page shows to its readers near the headline, and tells them from clocks, teasers and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from pipeline.dates.months import fold

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
        "postmeta", "postinfo", "articleinfo", "header", "entry", "kicker", "source", "signature", "caption",
    }
)  # fmt: skip
# Parts of a page that are not the article: their dates are of something else.
_ELSEWHERE_WORDS = frozenset(
    {
        "comment", "comments", "commentlist", "respond", "related", "sidebar", "footer", "foot", "teaser", "teasers",
        "recommended", "recommendations", "popular", "trending", "mostread", "widget", "widgets", "newsletter", "nav",
        "navigation", "menu", "carousel", "slider", "ticker", "calendar", "copyright", "kommentare", "kommentar",
        "reply", "replies", "lienquan", "similar", "upcoming", "weather", "event", "events", "breaking", "marquee",
        "latest", "recent", "archive", "archives", "more", "promo", "banner", "cookie", "stock", "advert",
    }
)  # fmt: skip
_CLOCK_WORDS = frozenset(
    {"clock", "today", "currentdate", "now", "datenow", "topbar", "masthead", "dongho", "currenttime"}
)
_ELSEWHERE_TAGS = frozenset({"footer", "nav", "aside"})
_SKIPPED_TAGS = frozenset({"script", "style", "noscript", "template", "option", "select", "textarea", "iframe", "svg"})
_WORD = re.compile(r"[A-Z]?[a-zà-ỹ]+|[A-Z]+(?![a-z])")
_DATED = re.compile(r"\d{4}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2}")
_MODIFIED = re.compile(
    r"updat|modifi|cap nhat|aktualis|actuali|aggiorn|mis a jour|atualiz|bijgewerkt|gewijzigd|zaktualiz|oppdater"
    r"|opdater|uppdater|paivite|guncelle|обновл|оновл|изменен|diperbarui|frissit|更新|수정|تحديث|stand\b|revis|edited"
)
_PUBLISHED = re.compile(r"publi|veroff|erschien|ngay dang|posted|creat|erstellt|입력|opublik|опублик|yayin|julkais")
_MAX_ELEMENTS = 20_000
_MAX_CHARS = 160
_BEFORE_HEADLINE, _AFTER_HEADLINE = 14, 45


@dataclass(frozen=True, slots=True)
class Spotted:
    """A text that seems to hold a date: how it is marked, whether it speaks of a change, how far from the headline.

    `distance` counts elements after the headline (negative: before it), None without a headline. `is_marked` when its
    markup calls it a date. `is_machine` when it comes from an attribute meant for machines (`datetime`).
    """

    text: str
    is_marked: bool
    is_machine: bool
    is_modified: bool
    is_pubdate: bool
    distance: int | None


@lru_cache(maxsize=32_768)
def _cue(names: str) -> int:
    """Weigh an attribute's words: 3 names a date, 2 a change of the page, 1 the line around it, 0 nothing."""
    words = {word.lower() for word in _WORD.findall(names[:200])}
    if words & {"updated", "modified", "lastmod", "update", "datemodified"}:
        return 2
    if words & _DATE_WORDS or any("date" in word and not word.startswith(("update", "candidate")) for word in words):
        return 3
    return 1 if words & _LINE_WORDS else 0


@lru_cache(maxsize=32_768)
def _is_elsewhere(names: str) -> bool:
    words = {word.lower() for word in _WORD.findall(names[:200])}
    return bool(words & _ELSEWHERE_WORDS or words & _CLOCK_WORDS)


def spot(body: HtmlElement, headline: HtmlElement | None) -> list[Spotted]:
    """Give the texts that may hold the article's dates, in document order; at most 20,000 elements are looked at."""
    found: list[Spotted] = []
    elements = list(islice(body.iter("*"), _MAX_ELEMENTS))
    start = (
        next((i for i, element in enumerate(elements) if element is headline), None) if headline is not None else None
    )
    kept_out: dict[HtmlElement, bool] = {}
    around = headline_and_holders(headline)
    for index, element in enumerate(elements):
        distance = None if start is None else index - start
        for spotted in _of_element(element, distance):
            if not _is_kept_out(element, around, kept_out):
                found.append(spotted)
    return found


def headline_and_holders(headline: HtmlElement | None) -> frozenset[HtmlElement]:
    """Give the headline and what holds it: no name of these says that a date is of something else."""
    return frozenset() if headline is None else frozenset((headline, *headline.iterancestors()))


def _of_element(element: HtmlElement, distance: int | None) -> Iterator[Spotted]:
    tag = element.tag
    if tag in _SKIPPED_TAGS:
        return
    get = element.get
    names = " ".join(filter(None, (get("class"), get("id"), get("itemprop"), get("property"))))
    cue = _cue(names) if names else 0
    is_time = tag == "time"
    if is_time or cue >= 2:
        machine = get("datetime") or (get("content") if cue >= 2 else None) or (get("title") if tag == "abbr" else None)
        is_pubdate = get("pubdate") is not None or get("itemprop") == "datePublished" or names.startswith("entry-date")
        if machine and _DATED.search(machine):
            yield Spotted(machine, True, True, cue == 2, is_pubdate, distance)
        yield from _shown(element, distance, is_marked=True, is_modified=cue == 2, is_pubdate=is_pubdate)
    elif cue == 1:
        yield from _shown(element, distance, is_marked=True, is_modified=False, is_pubdate=False)
    elif distance is not None and -_BEFORE_HEADLINE <= distance <= _AFTER_HEADLINE:
        for text in (element.text, element.tail):
            if text and len(text) < _MAX_CHARS and _DATED.search(text):
                yield Spotted(text.strip(), False, False, is_of_change(text), False, distance)


def _shown(
    element: HtmlElement, distance: int | None, *, is_marked: bool, is_modified: bool, is_pubdate: bool
) -> Iterator[Spotted]:
    text = " ".join(" ".join(islice(element.itertext(), 40)).split())
    if 6 <= len(text) <= _MAX_CHARS and _DATED.search(text):
        yield Spotted(text, is_marked, False, is_modified or is_of_change(text), is_pubdate, distance)


def is_of_change(text: str) -> bool:
    """Tell whether a text speaks of a change of the page before it comes to its first date."""
    folded = fold(text[:200])
    match = _DATED.search(folded)
    head = folded[: match.start()] if match else folded
    return _MODIFIED.search(head) is not None and _PUBLISHED.search(head) is None


def _is_kept_out(element: HtmlElement, around: frozenset[HtmlElement], known: dict[HtmlElement, bool]) -> bool:
    """Tell whether an element stands in a part of the page that is not its article."""
    path = []
    verdict = False
    for node in (element, *element.iterancestors()):
        if node in around:
            break
        if node in known:
            verdict = known[node]
            break
        path.append(node)
        names = " ".join(filter(None, (node.get("class"), node.get("id"))))
        if node.tag in _ELSEWHERE_TAGS or (names and _is_elsewhere(names)):
            verdict = True
            break
    for node in path:
        known[node] = verdict
    return verdict
