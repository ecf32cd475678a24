"""When an article counts as having come out: as exactly as is known, and never by when it was loaded."""

from datetime import UTC, date, datetime, time

WINDOW_DAYS = 7
"""Copies are sought within so many days of each other; they come within two, reprints in a weekly within seven."""

_EPOCH = date(1970, 1, 1)


def moment_of(published_at: datetime | None, published_on: date | None, first_seen_at: datetime) -> datetime:
    """Give the instant of publication; when only the day is known, when it was first seen, but on that day (UTC)."""
    if published_at is not None:
        return published_at
    if published_on is None:
        return first_seen_at
    begin = datetime.combine(published_on, time.min, UTC)
    end = datetime.combine(published_on, time.max, UTC)
    return min(max(first_seen_at, begin), end)


def sought_on(published_at: datetime | None, published_on: date | None, first_seen_at: datetime) -> date:
    """Give the day (UTC) by which copies are sought."""
    return moment_of(published_at, published_on, first_seen_at).astimezone(UTC).date()


def week_of(day: date) -> int:
    """Number the spans of seven days; what is `WINDOW_DAYS` apart or less is in the same span or the next."""
    return (day - _EPOCH).days // WINDOW_DAYS
