"""A span of time as people type it with --since and --until: one rule for every command."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FORMS = (
    "a day (2026-03-01), a month (2026-03), a year (2026), an instant (2026-03-01T08:00+07:00) or how long ago "
    "(7d, 12h, 30m)"
)

_AGO = re.compile(r"([0-9]{1,5})\s*([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_INSTANT = re.compile(rf"{_DAY.pattern}[Tt ]{_CLOCK}(\s?([Zz]|[+-][0-9]{{2}}(:?[0-9]{{2}})?))?", re.ASCII)


class SpanError(ValueError):
    """The bounds cannot be understood; the message is one sentence for the person who typed them."""


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `since` on (included) up to `until` (not included), both UTC; None is open."""

    since: datetime | None
    until: datetime | None
    zone: ZoneInfo

    def __contains__(self, instant: datetime) -> bool:
        """Tell whether an aware instant lies in it."""
        return (self.since is None or instant >= self.since) and (self.until is None or instant < self.until)

    @property
    def since_day(self) -> date | None:
        """The first day, in the newsroom's zone, that has a moment in it; None when open."""
        return None if self.since is None else self.since.astimezone(self.zone).date()

    @property
    def until_day(self) -> date | None:
        """The first day, in the newsroom's zone, after the last one that has a moment in it; None when open."""
        if self.until is None:
            return None
        day, is_whole = day_of(self.until, self.zone)
        return day if is_whole else day + timedelta(days=1)

    @property
    def is_of_days(self) -> bool:
        """Whether both bounds are the beginnings of days in the newsroom's zone, or open."""
        bounds = [bound for bound in (self.since, self.until) if bound is not None]
        return all(day_of(bound, self.zone)[1] for bound in bounds)


def parse_span(since: str | None, until: str | None, zone: ZoneInfo, *, now: datetime | None = None) -> Span:
    """Read the bounds of a span: `since` is included, `until` is not.

    A day, a month or a year stands for its beginning in the newsroom's zone, and so does a clock without an offset
    belong to that zone; `7d` is that long before `now` (the present when None). Raises `SpanError` with one sentence.
    """
    now = now or datetime.now(UTC)
    begin, end = _bound("--since", since, zone, now), _bound("--until", until, zone, now)
    if begin is not None and end is not None and begin >= end:
        if begin == end:
            raise SpanError(
                f"--since {since} and --until {until} leave nothing between them: --until is where the span ends and "
                "is not part of it."
            )
        raise SpanError(f"--since {since} is later than --until {until}: exchange them.")
    return Span(begin, end, zone)


def is_counted_from_now(typed: str) -> bool:
    """Tell whether a bound as it was typed says how long ago it is: another instant each time."""
    return _AGO.fullmatch(typed.strip()) is not None


def _bound(option: str, typed: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    if typed is None:
        return None
    try:
        found = _read(typed.strip(), zone, now)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        shown = typed if len(typed) <= 60 else f"{typed[:59]}…"
        raise SpanError(f"{option} is {shown!r}; it must be {FORMS}.")
    return found.astimezone(UTC)


def _read(typed: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Give the bound; None or ValueError or OverflowError when it is of no known form, or no such day."""
    if ago := _AGO.fullmatch(typed):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    if day := _DAY.fullmatch(typed):
        return _midnight(date(int(day[1]), int(day[2]), int(day[3])), zone)
    if month := _MONTH.fullmatch(typed):
        return _midnight(date(int(month[1]), int(month[2]), 1), zone)
    if _YEAR.fullmatch(typed):
        return _midnight(date(int(typed), 1, 1), zone)
    if _INSTANT.fullmatch(typed):
        instant = datetime.fromisoformat(re.sub(r"\s(?=[Zz+-])", "", typed).upper())
        return instant if instant.tzinfo else instant.replace(tzinfo=zone)
    return None


def day_of(instant: datetime, zone: ZoneInfo) -> tuple[date, bool]:
    """Give the day of an instant in a zone, and whether the instant is that day's beginning."""
    day = instant.astimezone(zone).date()
    return day, instant == _midnight(day, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the beginning of a day; where a change of clocks skips midnight, the moment after the gap (PEP 495)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
