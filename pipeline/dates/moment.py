"""One value for "when": an instant with the offset it was written in, or only a day, and the signal that said so."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


class Precision(StrEnum):
    """How exactly a moment is known. A clock whose seconds are 00 is `minute`."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a publisher stated it.

    `local` is the aware wall time with its original offset, None when only the day is known (never a fake midnight).
    `on` is the calendar day in the publisher's zone. `signal` names what said it ("json-ld", "feed", "visible", …).
    """

    local: datetime | None
    on: date
    precision: Precision
    signal: str

    def __post_init__(self) -> None:
        if self.local is not None and self.local.utcoffset() is None:
            raise ValueError("a moment's local time needs an offset")

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Moments come from child processes by the thousand; dataclasses' own way to pickle slots takes thrice as long.
        return Moment, (self.local, self.on, self.precision, self.signal)

    @classmethod
    def at(cls, local: datetime, signal: str) -> "Moment":
        """Make a moment from an aware datetime; the precision follows from its seconds."""
        precision = Precision.SECOND if local.second or local.microsecond else Precision.MINUTE
        return cls(local, local.date(), precision, signal)

    @classmethod
    def day(cls, on: date, signal: str) -> "Moment":
        """Make a moment of which only the day is known."""
        return cls(None, on, Precision.DAY, signal)

    @property
    def instant(self) -> datetime | None:
        """Give the UTC instant, None when only the day is known."""
        return None if self.local is None else self.local.astimezone(UTC)

    @property
    def utc_offset_minutes(self) -> int | None:
        """Give the offset as written, in minutes east of UTC; None when only the day is known."""
        offset = None if self.local is None else self.local.utcoffset()
        return None if offset is None else int(offset.total_seconds() // 60)
