"""Calendar days as people write them, in any order and language, with every reading that the words allow."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipeline.dates.months import months_named, primary_language


class Order(StrEnum):
    """Which number comes first in 05/09/2021."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Day:
    """A day found in a folded text: its readings, likeliest first, and the spans of the text that it takes up.

    `is_numeric` marks day, month and year in figures, whose order is a convention: `orders` then gives it a reading.
    """

    readings: tuple[date, ...]
    spans: tuple[tuple[int, int], ...]
    is_numeric: bool = False

    @property
    def start(self) -> int:
        """Give where the day begins in the text."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Give where its first span ends: a clock may follow before the year (asctime)."""
        return self.spans[0][1]


_YEAR_FIRST = re.compile(
    r"(?<![\d.,/])(?<!\d-)(?P<y>\d{4})\s?(?:(?P<s>[-/.‐-―])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?!\d)"
    r"|[年년]\s?(?P<m2>\d{1,2})\s?[月월]\s?(?P<d2>\d{1,2})\s?[日일号號]?)"
)
_YEAR_LAST = re.compile(
    r"(?<![\d:.,/])(?<!\d-)(?P<a>\d{1,2})\s?(?P<s>[-/.‐-―])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>\d{4}|\d{2})(?!\d|[:/-]\d|\.\d{2})"
)
_COMPACT = re.compile(r"\s*(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?=$|t|\s|\d{4})")
# Vietnamese counts its months: `ngày 3 tháng 2 năm 2023`, `3 thg 2, 2023`, `Tháng Hai 3, 2023`.
_COUNTED = "mot|hai|ba|tu|bon|nam|sau|bay|tam|chin|muoi mot|muoi hai|muoi"
_VIETNAMESE = re.compile(
    rf"(?<!\d)(?:(?P<d>\d{{1,2}})[\s,/-]{{0,3}})?th(?:an)?g\.?\s?(?P<m>\d{{1,2}}|{_COUNTED})(?!\w)"
    r"(?:\s(?P<d2>\d{1,2}))?[\s,.]{0,3}(?:nam\s)?(?P<y>\d{4})(?!\d)"
)
_VIETNAMESE_MONTHS = {
    word: number
    for words, number in (("mot", 1), ("hai", 2), ("ba", 3), ("tu bon", 4), ("nam", 5), ("sau", 6), ("bay", 7),
                          ("tam", 8), ("chin", 9), ("muoi", 10))
    for word in words.split()
} | {"muoi mot": 11, "muoi hai": 12}  # fmt: skip
_WORD = re.compile(r"[^\W\d_][^\s\d.,;:/|()\[\]·•‐-―-]*")
_NUMBER = re.compile(r"\d+")
# What may stand between the parts of a date: ordinals, articles and prepositions, the Lithuanian and Russian "year".
_GAP = re.compile(
    r"(?:[\s.,/'’ºª°_‐-―-]|\b(?:de|of|del|di|d|den|st|nd|rd|th|er|eme|re|le|m|gada|ta|thang)\b"
    r"|(?<=\d)(?:st|nd|rd|th|er|eme|re)\b|г(?:ода)?|року|р)*"
)
_MAX_GAP = 12
_THAI = re.compile(r"[\u0e00-\u0e7f]")
# The month comes first in the United States, the Philippines and a few islands (Unicode CLDR, short date patterns).
_MONTH_FIRST_REGIONS = frozenset({"US", "PH", "PR", "GU", "AS", "MP", "VI", "FM", "PW", "MH", "UM"})
_MONTH_FIRST_ZONES = re.compile(
    r"US/|America/(?:New_York|Chicago|Denver|Phoenix|Los_Angeles|Anchorage|Detroit|Boise|Juneau|Puerto_Rico|Indiana/"
    r"|Kentucky/|North_Dakota/)|Pacific/(?:Honolulu|Guam)|Asia/Manila"
)
_YEAR_FIRST_LANGUAGES = frozenset({"ja", "ko", "zh", "hu", "lt", "mn"})


def convention(separator: str, language: str | None, timezone: str | None) -> Order:
    """Tell which order a publisher of that IANA zone, else of that language, uses; with dots the day comes first."""
    if separator == ".":
        return Order.DAY_FIRST
    if timezone:
        return Order.MONTH_FIRST if _MONTH_FIRST_ZONES.match(timezone) else Order.DAY_FIRST
    region = next((part for part in (language or "").split("-")[1:] if len(part) == 2), "").upper()
    if region:
        return Order.MONTH_FIRST if region in _MONTH_FIRST_REGIONS else Order.DAY_FIRST
    return Order.MONTH_FIRST if primary_language(language) == "en" else Order.DAY_FIRST


def find_days(text: str, *, language: str | None, timezone: str | None, order: Order | None = None) -> Iterator[Day]:
    """Find the days in a folded text, one finder after the other; `order` overrules the convention for figures."""
    yield from _year_first(text)
    yield from _year_last(text, language, timezone, order)
    yield from _vietnamese(text)
    yield from _named(text, language)


def first_day(text: str, *, language: str | None, timezone: str | None, order: Order | None = None) -> Day | None:
    """Find the day that comes first in a folded text; one written without any separator only at its very start."""
    days = list(find_days(text, language=language, timezone=timezone, order=order))
    if days:
        return min(days, key=lambda day: day.start)
    match = _COMPACT.match(text)
    if match is None:
        return None
    readings = _valid([(match["y"], match["m"], match["d"])])
    return Day(readings, (match.span(),)) if readings else None


def _valid(parts: Iterable[tuple[str | int, str | int, str | int]]) -> tuple[date, ...]:
    """Give the days that exist, each once, in order; a Thai Buddhist year (24xx, 25xx) is brought to ours."""
    found: dict[date, None] = {}
    for year_text, month, day in parts:
        year = int(year_text)
        if 2400 <= year < 2700:
            year -= 543
        if not 1000 <= year < 3000:
            continue
        try:
            found[date(year, int(month), int(day))] = None
        except ValueError:
            continue
    return tuple(found)


def _full_year(text: str, *, is_thai: bool = False) -> int:
    """Give a year of four figures; two figures are read as POSIX does (69–99 are the last century), in Thai as 25xx."""
    if len(text) == 4:
        return int(text)
    return int(text) + (2500 if is_thai else 1900 if int(text) >= 69 else 2000)


def _year_first(text: str) -> Iterator[Day]:
    for match in _YEAR_FIRST.finditer(text):
        readings = _valid([(match["y"], match["m"] or match["m2"], match["d"] or match["d2"])])
        if readings:
            yield Day(readings, (match.span(),))


def _year_last(text: str, language: str | None, timezone: str | None, order: Order | None) -> Iterator[Day]:
    for match in _YEAR_LAST.finditer(text):
        a, b, year = match["a"], match["b"], match["y"]
        by_order = {Order.DAY_FIRST: (_full_year(year), b, a), Order.MONTH_FIRST: (_full_year(year), a, b)}
        if order is not None:
            parts = [by_order[order]]
        else:
            first = convention(match["s"], language, timezone)
            parts = [by_order[first], *(part for key, part in by_order.items() if key != first)]
            if len(year) == 2 and primary_language(language) in _YEAR_FIRST_LANGUAGES:
                parts = [(_full_year(a.zfill(2)), b, year)]
        # Nobody writes the month first with dots: the other reading is for dates that do not exist otherwise.
        found = _valid(parts)[: 1 if match["s"] == "." else 2]
        yield Day(found, (match.span(),), is_numeric=True)


def _vietnamese(text: str) -> Iterator[Day]:
    for match in _VIETNAMESE.finditer(text):
        month = match["m"] if match["m"].isdigit() else _VIETNAMESE_MONTHS[match["m"]]
        day = match["d"] or match["d2"]
        readings = _valid([(match["y"], month, day)]) if day else ()
        if readings:
            yield Day(readings, (match.span(),))


def _named(text: str, language: str | None) -> Iterator[Day]:
    """Find days whose month is a name, by the numbers before and after it."""
    numbers: list[re.Match[str]] | None = None
    for word in _WORD.finditer(text):
        months = months_named(word.group(), language)
        if not months:
            continue
        numbers = numbers if numbers is not None else list(_NUMBER.finditer(text))
        before = next((n for n in reversed(numbers) if n.end() <= word.start()), None)
        after = [n for n in numbers if n.start() >= word.end()][:6]
        day = _around(text, word, months, before, after)
        if day is not None:
            yield day


def _near(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    gap = text[left.end() : right.start()]
    return len(gap) <= _MAX_GAP and (_GAP.fullmatch(gap) is not None or _is_second_name(gap))


def _is_second_name(gap: str) -> bool:
    """Tell whether a gap is the same month's other name: `5 أيلول/سبتمبر 2021`."""
    words = _WORD.findall(gap)
    return len(words) == 1 and bool(months_named(words[0], None)) and not words[0].isascii()


def _around(
    text: str, word: re.Match[str], months: tuple[int, ...], before: re.Match[str] | None, after: list[re.Match[str]]
) -> Day | None:
    before = before if before is not None and _near(text, before, word) else None
    following = after[0] if after and _near(text, word, after[0]) else None
    is_day_before = before is not None and len(before.group()) <= 2
    if before is not None and following is not None:
        if is_day_before and _is_year(text, following, is_short_allowed=True):
            return _made(text, following, months, before, (before.start(), following.end()))
        if len(before.group()) == 4 and len(following.group()) <= 2:
            return _made(text, before, months, following, (before.start(), following.end()))
    if following is None or len(following.group()) > 2 or _starts_clock(text, following):
        return None
    year = after[1] if len(after) > 1 else None
    if year is not None and _near(text, following, year) and _is_year(text, year):
        return _made(text, year, months, following, (word.start(), year.end()))
    return _asctime(text, word, months, following, after[1:])


def _asctime(
    text: str, word: re.Match[str], months: tuple[int, ...], day: re.Match[str], after: list[re.Match[str]]
) -> Day | None:
    """Read `Sep  5 15:43:54 2021`: the year comes after the clock, at most a zone name between them."""
    year = next((n for n in after if len(n.group()) == 4), None)
    if year is None or year.start() - day.end() > 20 or not _starts_clock(text, after[0]):
        return None
    return _made(text, year, months, day, (word.start(), day.end()), year.span())


def _is_year(text: str, number: re.Match[str], *, is_short_allowed: bool = False) -> bool:
    if len(number.group()) == 4:
        return True
    return is_short_allowed and len(number.group()) == 2 and not _starts_clock(text, number)


def _starts_clock(text: str, number: re.Match[str]) -> bool:
    return text[number.end() : number.end() + 1] in {":", "h"}


def _made(
    text: str, year: re.Match[str], months: tuple[int, ...], day: re.Match[str], *spans: tuple[int, int]
) -> Day | None:
    full_year = _full_year(year.group(), is_thai=_THAI.search(text) is not None)
    readings = _valid([(full_year, month, day.group()) for month in months])
    return Day(readings, spans) if readings else None
