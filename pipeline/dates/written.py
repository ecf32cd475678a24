"""Reads a date as a publisher writes it: in feeds, in metadata, in the text that readers see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.dates.calendars import Order, convention, first_day
from pipeline.dates.clocks import Clock, find_clock
from pipeline.dates.moment import Moment
from pipeline.dates.months import fold, months_named
from pipeline.dates.zones import fixed, offset_after, placed, zone_named

# No date needs more; what comes after is not read, so that time stays bounded.
MAX_CHARS = 200
# A publisher's clock may run ahead, and its day may be ahead of ours; more is not believed.
TOLERANCE = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# What empty database fields look like when they are printed: the Unix, SQL Server and spreadsheet epochs.
_ZERO_DAYS = frozenset({date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1)})
# RFC 3339 and W3CDTF; ISO 8601's basic offset and figures without their leading zero are common beside them.
_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt ](\d\d?):(\d\d)(?::(\d\d?)(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?"
)
# RFC 822 and 2822 as most feeds write them; the rest goes the general way.
_RFC = re.compile(
    r"(?:[A-Za-z]{3,9}, ?)?(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ?(GMT|UTC|UT|Z|[+-]\d{4})?"
)
_EPOCH = re.compile(r"(-?\d{9,10})(?:\.\d+)?|(\d{12,13})")
_COMPACT_CLOCK = re.compile(r"\s*\d{8}[t\s]?(?P<h>[0-2]\d)(?P<m>[0-5]\d)(?P<s>[0-5]\d)?(?:\d{3})?(?!\d)")
# What .NET prints in its default culture, whatever the site's language: month first.
_DOT_NET = re.compile(r"\s*\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M\s*")


class Written(NamedTuple):
    """The parts of a date as written: the days it may mean, the clock and the offset when it states them."""

    days: tuple[date, ...]
    clock: time | None = None
    offset: timezone | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known about who wrote: IANA zone, BCP 47 language, when it was fetched."""

    timezone: str | None
    language: str | None
    fetched_at: datetime | None


def read_written(
    text: str, *, timezone: str | None, language: str | None, fetched_at: datetime | None, signal: str
) -> Moment | None:
    """Read one date, the likeliest reading; None when there is none or it lies more than a day after the fetch.

    A clock without an offset is in the publisher's `timezone` (IANA). When that is unknown, only the day is known: an
    offset is never invented. An aware `fetched_at` bounds the future. `signal` is what the moment will name.
    """
    found = readings(text, timezone=timezone, language=language, fetched_at=fetched_at, signal=signal)
    return found[0] if found else None


def readings(
    text: str, *, timezone: str | None, language: str | None, fetched_at: datetime | None, signal: str
) -> tuple[Moment, ...]:
    """Give every plausible reading of one date, the likeliest first: 05/09/2021 has two."""
    setting = Setting(timezone, language, fetched_at)
    return tuple(m for m in moments_of(take_apart(text, setting), setting, signal) if is_believable(m, fetched_at))


def date_problem(text: str, *, timezone: str | None, language: str | None, fetched_at: datetime | None) -> str | None:
    """Say in a few words why a stated date is not taken; None when it is."""
    setting = Setting(timezone, language, fetched_at)
    written = take_apart(text, setting)
    shown = repr(text.strip()[:60])
    if written is None or not written.days:
        return f"date not understood: {shown}"
    if any(is_believable(moment, fetched_at) for moment in moments_of(written, setting, "")):
        return None
    on = written.days[0]
    is_placeholder = on in _ZERO_DAYS or on.year < _FIRST_YEAR
    return f"date is a placeholder: {shown}" if is_placeholder else f"date lies in the future: {shown}"


def settle_feed_dates(
    texts: Sequence[str | None], *, timezone: str | None, language: str | None, fetched_at: datetime | None
) -> list[Moment | None]:
    """Read the dates of a feed's entries together, in document order; None where there is none.

    One feed uses one format: an entry whose first number is over 12 decides for all whether day or month comes first.
    Else the order in which nothing lies in the future and the entries run in one direction wins, then convention.
    """
    setting = Setting(timezone, language, fetched_at)
    order = _settled_order([text for text in texts if text], setting)
    return [_read_in_feed(text, setting, order) if text else None for text in texts]


def _read_in_order(text: str, setting: Setting, order: Order | None) -> Moment | None:
    moments = moments_of(take_apart(text, setting, order), setting, "feed")
    return next((moment for moment in moments if is_believable(moment, setting.fetched_at)), None)


def _read_in_feed(text: str, setting: Setting, order: Order | None) -> Moment | None:
    """Read one date in its feed's order; where that makes no date, in whichever order does."""
    moment = _read_in_order(text, setting, order)
    return moment if moment is not None or order is None else _read_in_order(text, setting, None)


def _settled_order(texts: list[str], setting: Setting) -> Order | None:
    numeric = [text for text in texts if _order_matters(text, setting)]
    if not numeric:
        return None
    usual = _usual_order(numeric[0], setting)
    orders = (usual, *(order for order in Order if order != usual))
    return min(orders, key=lambda order: _disorder([_read_in_order(text, setting, order) for text in numeric]))


def _order_matters(text: str, setting: Setting) -> bool:
    head = text[:MAX_CHARS]
    if _ISO.match(head) or _RFC.match(head):
        return False
    day = first_day(fold(head), language=setting.language, timezone=setting.timezone)
    return day is not None and day.is_numeric


def _usual_order(text: str, setting: Setting) -> Order:
    if _DOT_NET.fullmatch(text[:MAX_CHARS]):
        return Order.MONTH_FIRST
    separator = next((c for c in text if c in "/.-"), "/")
    return convention(separator, setting.language, setting.timezone)


def _disorder(moments: list[Moment | None]) -> tuple[int, int]:
    """Count what speaks against an order: entries without a date, then turns away from newest or oldest first."""
    days = [moment.on for moment in moments if moment is not None]
    rises = sum(a < b for a, b in pairwise(days))
    falls = sum(a > b for a, b in pairwise(days))
    return len(moments) - len(days), min(rises, falls)


def take_apart(text: str, setting: Setting, order: Order | None = None) -> Written | None:
    """Take a date apart: the common machine formats first, then the general way."""
    text = text[:MAX_CHARS].strip()
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _machine(iso[1], iso[2], iso[3], iso.groups()[3:])
    rfc = _RFC.fullmatch(text)
    if rfc is not None:
        months = months_named(rfc[2].lower(), "en")
        if months:
            return _machine(rfc[3], months[0], rfc[1], (rfc[4], rfc[5], rfc[6], None, rfc[7]))
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None:
        return _epoch(epoch, setting)
    if order is None and _DOT_NET.fullmatch(text):
        order = Order.MONTH_FIRST if _is_valid_month_first(text) else None
    return _general(fold(text), setting, order)


def _is_valid_month_first(text: str) -> bool:
    return int(text.strip().split("/")[0]) <= 12


def _machine(year: str, month: str | int, day: str, clock: Sequence[str | None]) -> Written | None:
    """Put the parts of ISO 8601 and RFC 2822 together; a clock that does not exist leaves the day."""
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    hour, minute, second, fraction, offset = clock
    if hour is None or minute is None or not _FIRST_YEAR <= on.year <= _LAST_YEAR:
        return Written((on,))
    if hour == "24" and minute == "00":
        return Written((on + timedelta(days=1),), time(), _offset(offset))
    try:
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        at = time(int(hour), int(minute), min(int(second or 0), 59), micro)
    except ValueError:
        return Written((on,))
    return Written((on,), at, _offset(offset))


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:] if len(text) > 3 else 0)
    return fixed(-minutes if text[0] == "-" else minutes)


def _epoch(match: re.Match[str], setting: Setting) -> Written | None:
    """Read seconds or milliseconds since 1970; the wall time is the publisher's when its zone is known."""
    seconds = int(match[1]) if match[1] else int(match[2]) // 1000
    at = datetime.fromtimestamp(seconds, tz=UTC)
    zone = zone_named(setting.timezone)
    if zone is not None:
        at = placed(at.astimezone(zone).replace(tzinfo=None), zone)
    offset = at.utcoffset() or timedelta()
    return Written((at.date(),), at.time(), fixed(int(offset.total_seconds() // 60)))


def _general(text: str, setting: Setting, order: Order | None) -> Written | None:
    """Read a folded text: its first day, the clock after it (else before it), and the offset after the clock."""
    day = first_day(text, language=setting.language, timezone=setting.timezone, order=order)
    if day is None or not day.readings:
        return None
    compact = _COMPACT_CLOCK.match(text)
    masked = text
    for start, end in day.spans:
        # A bar is no part of any date, clock or zone; the length stays, so positions hold.
        masked = masked[:start] + "|" * (end - start) + masked[end:]
    if compact is not None:
        clock: Clock | None = _compact_clock(compact)
    else:
        clock = find_clock(masked, day.end) or find_clock(masked[: day.start])
    if clock is None:
        return Written(day.readings)
    wall = datetime.combine(day.readings[0], clock.at)
    days = tuple(on + timedelta(days=clock.is_next_day) for on in day.readings)
    return Written(days, clock.at, offset_after(masked, clock.end, wall, setting.timezone))


def _compact_clock(match: re.Match[str]) -> Clock | None:
    hour = int(match["h"])
    return Clock(time(hour, int(match["m"]), int(match["s"] or 0)), match.start(), match.end()) if hour < 24 else None


def moments_of(written: Written | None, setting: Setting, signal: str) -> list[Moment]:
    """Make a moment of every reading: with its clock where an offset is written or the zone is known, else the day."""
    if written is None:
        return []
    zone = zone_named(setting.timezone)
    return [_moment(on, written, zone, signal) for on in written.days if _FIRST_YEAR <= on.year <= _LAST_YEAR]


def _moment(on: date, written: Written, zone: ZoneInfo | None, signal: str) -> Moment:
    if written.clock is None or (written.offset is None and zone is None):
        return Moment.day(on, signal)
    wall = datetime.combine(on, written.clock)
    if written.offset is None and zone is not None:
        return Moment.at(placed(wall, zone), signal)
    moment = Moment.at(wall.replace(tzinfo=written.offset), signal)
    if zone is None or moment.local is None:
        return moment
    # The day is the publisher's, also where the instant is written in UTC.
    return Moment(moment.local, moment.local.astimezone(zone).date(), moment.precision, signal)


def is_believable(moment: Moment, fetched_at: datetime | None) -> bool:
    """Tell whether a moment is no empty field's print and lies at most a day after the fetch."""
    if moment.on in _ZERO_DAYS:
        return False
    if fetched_at is None:
        return True
    latest = fetched_at.astimezone(UTC) + TOLERANCE
    return moment.instant <= latest if moment.instant is not None else moment.on <= latest.date()
