"""The dates of a feed's entries: the two formats that nearly all feeds write are read at once, all others generally."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.dates.moment import Moment, Precision
from pipeline.dates.written import TOLERANCE, settle_feed_dates
from pipeline.dates.zones import fixed, zone_named

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
# RFC 2822 section 3.3 as it is printed, and RFC 3339 section 5.6: with a clock to the second and an offset.
_RFC_2822 = re.compile(r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (GMT|[+-]\d{4})")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-]\d\d:\d\d)")
_LONGEST = len("2026-11-24T12:00:00.000000+07:00")
# Outside of these the general way has more to say: printed zeros, years that nobody means.
_FIRST_YEAR, _LAST_YEAR = 1971, 2099


def settled(
    texts: Sequence[str], *, timezone: str | None, language: str | None, fetched_at: datetime | None
) -> list[Moment | None]:
    """Give what `settle_feed_dates` does, much sooner where every date is in one of the two usual formats."""
    zone = zone_named(timezone)
    latest = fetched_at.astimezone(UTC) + TOLERANCE if fetched_at else None
    found: list[Moment | None] = []
    for text in texts:
        moment = _usual(text, zone, latest) if text else None
        if moment is None and text:
            # One that is unusual decides how all of them are read.
            return settle_feed_dates(texts, timezone=timezone, language=language, fetched_at=fetched_at)
        found.append(moment)
    return found


def is_usual_date(text: str) -> bool:
    """Tell whether a date, if any, is in one of the two usual formats: no other date decides how it is read."""
    return not text or _local(text) is not None


def _usual(text: str, zone: ZoneInfo | None, latest: datetime | None) -> Moment | None:
    local = _local(text)
    if local is None or not _FIRST_YEAR <= local.year <= _LAST_YEAR or (latest is not None and local > latest):
        return None
    on = local.date() if zone is None else local.astimezone(zone).date()
    return Moment(local, on, Precision.SECOND if local.second or local.microsecond else Precision.MINUTE, "feed")


@lru_cache(maxsize=1024)
def _local(text: str) -> datetime | None:
    # It is asked twice for each date.
    if len(text) > _LONGEST:
        return None
    try:
        if parts := _RFC_2822.fullmatch(text):
            day, month, year, hour, minute, second, offset = parts.groups()
            zone = _offset(offset)
            if zone is None:
                return None
            return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), 0, zone)
        # `timezone` takes offsets up to a day; those that `fixed` refuses go the general way.
        if _RFC_3339.fullmatch(text) and (text[-1] == "Z" or fixed(_minutes(text[-6:])) is not None):
            return datetime.fromisoformat(text)
    except (ValueError, KeyError):
        pass
    return None


@lru_cache(maxsize=256)
def _offset(written: str) -> timezone | None:
    return UTC if written == "GMT" else fixed(_minutes(written))


def _minutes(offset: str) -> int:
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return -minutes if offset[0] == "-" else minutes
