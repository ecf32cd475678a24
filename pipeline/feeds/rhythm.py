"""A feed's own rhythm: how often new entries come at which hour and day, learnt from those that came.

The rate of a moment is a long-run rate times a profile of the UTC hours and of the days of the week, times how far the
last hours were busier or quieter than that. Polls are spread so that the square root of the rate adds up to the same
between any two: at a given number of polls this makes the mean delay least (Sia, Cho and Cho, "Efficient Monitoring
Algorithm for Fast News Alerts", 2007).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp, sqrt

# A feed with one new entry an hour is polled four times in it.
_PACE = 0.25
# What is learnt fades with these time constants, in hours: three weeks show a weekend thrice; a burst lasts an hour.
_LONG = 21 * 24.0
_SHORT = 1.0
# Before anything is known: one entry an hour, as sure as one entry makes it.
_PRIOR_ENTRIES = 1.0
_PRIOR_HOURS = 1.0
# So many entries must have come in an hour or on a day before its share is believed more than the average.
_HOUR_PRIOR = 0.3
_DAY_PRIOR = 2.0
_RECENT_PRIOR = 1.0
_CALMEST, _BUSIEST = 0.2, 12.0
# Entries of one poll that are counted; a first poll or a burst of hundreds says no more than this.
_MOST_ARRIVALS = 300
_OLDEST = timedelta(days=365)
LONGEST_HOURS = 24.0
# After a gap polls come twice as often, up to this; each poll that met known entries takes a tenth of it back.
_MOST_HASTE = 8.0
_CALMING = 0.9


@dataclass(frozen=True, slots=True)
class Asked:
    """What the publisher asks for, kept for the polls that bring no body: seconds, UTC hours, days (0 = Monday)."""

    fresh_seconds: int | None = None
    interval_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a feed's rhythm; counts have faded up to `at`, `since` is from when on arrivals were seen."""

    since: datetime
    at: datetime
    hours: tuple[float, ...] = (0.0,) * 24
    days: tuple[float, ...] = (0.0,) * 7
    recent: float = 0.0
    last: datetime | None = None
    # How much more often than by the rates the feed is polled, because a poll shared no entry with the last one.
    haste: float = 1.0
    asked: Asked = Asked()

    def rate(self, at: datetime) -> float:
        """Give the entries an hour to be expected at an instant by the long run and the profile."""
        return self._base(at) * self._share(at)

    def hours_until(self, at: datetime, rate: float | None = None) -> float:
        """Give the hours from `at` to the next poll that this rhythm wants, at most a day; `rate` is that of `at`."""
        base = self._base(at)
        pulse = self._pulse(at, base * self._share(at) if rate is None else rate) - 1
        left, passed, step = _PACE / self.haste, 0.0, _until_full_hour(at)
        while passed < LONGEST_HOURS:
            moment = at + timedelta(hours=passed)
            speed = sqrt(base * self._share(moment) * (1 + pulse * exp(-passed / _SHORT)))
            if pulse > 0.5 and step > 0.25:
                step = 0.25  # a burst fades within the hour
            if speed * step >= left:
                return passed + left / speed
            left -= speed * step
            passed += step
            step = _until_full_hour(at + timedelta(hours=passed))
        return LONGEST_HOURS

    def _base(self, at: datetime) -> float:
        """Give the entries an hour over the long run."""
        faded = exp(-_hours(self.at, at) / _LONG)
        seen = _LONG * (1 - exp(-_hours(self.since, at) / _LONG))
        rate = (sum(self.hours) * faded + _PRIOR_ENTRIES) / (seen + _PRIOR_HOURS)
        # A feed that has been silent for longer than is remembered has at most one entry in so long a time.
        silent = _hours(self.last or self.since, at)
        return min(rate, 1 / silent) if silent > _LONG else rate

    def _share(self, at: datetime) -> float:
        """Give how much of the average rate an instant's hour and day have; neighbouring hours count half."""
        at = at.astimezone(UTC)
        total, hour, day = sum(self.hours), at.hour, at.weekday()
        near = (self.hours[hour - 1] + 2 * self.hours[hour] + self.hours[(hour + 1) % 24]) / 4
        of_hour = (near + _HOUR_PRIOR) / (total / 24 + _HOUR_PRIOR)
        return of_hour * (self.days[day] + _DAY_PRIOR) / (total / 7 + _DAY_PRIOR)

    def _pulse(self, at: datetime, rate: float) -> float:
        """Give how many times busier than usual the last hour was."""
        usual = rate * _SHORT
        recent = self.recent * exp(-_hours(self.at, at) / _SHORT)
        return min(max((recent + _RECENT_PRIOR) / (usual + _RECENT_PRIOR), _CALMEST), _BUSIEST)


def learn(known: Rhythm | None, arrivals: Iterable[datetime], at: datetime, *, has_gap: bool = False) -> Rhythm:
    """Add the entries that came up to `at`, by the instants when they appeared; those of a first poll are its history.

    `has_gap` says that the poll shared no entry with the last one; it makes the next polls come sooner.
    """
    oldest = at - _OLDEST
    came = sorted(moment for moment in arrivals if oldest <= moment <= at)[-_MOST_ARRIVALS:]
    # Without any date the last hour counts as an average one.
    rhythm = known or (Rhythm(since=came[0], at=at) if came else Rhythm(since=at, at=at, recent=_PRIOR_ENTRIES))
    if known is not None:
        rhythm = _faded(known, at)
        rhythm = replace(rhythm, haste=_haste(known.haste, has_gap=has_gap))
    if not came:
        return rhythm
    hours, days, recent = list(rhythm.hours), list(rhythm.days), rhythm.recent
    # The oldest entry of a first poll only says since when the others came.
    now = at.timestamp()
    for moment in came if known else came[1:]:
        stamp = moment.timestamp()
        age = (now - stamp) / 3600
        weight = exp(-age / _LONG)
        hours[int(stamp // 3600) % 24] += weight
        # The first day of Unix time was a Thursday.
        days[(int(stamp // 86_400) + 3) % 7] += weight
        recent += exp(-age / _SHORT)
    last = max(came[-1], rhythm.last or came[-1])
    return replace(rhythm, hours=tuple(hours), days=tuple(days), recent=recent, last=last)


def arrivals_of(stated: Sequence[datetime | None], previous_at: datetime | None, at: datetime) -> list[datetime]:
    """Give when new entries appeared: as they state it, else spread over the time since the poll before.

    What is dated before that poll appeared after it all the same; at the first poll only what is dated counts.
    """
    if previous_at is None:
        return [moment for moment in stated if moment is not None and moment <= at]
    step = (at - previous_at) / (len(stated) + 1)
    return [
        moment if moment is not None and previous_at <= moment <= at else previous_at + step * (place + 1)
        for place, moment in enumerate(stated)
    ]


def to_text(rhythm: Rhythm) -> str:
    """Write a rhythm as compact JSON, for the warehouse."""
    asked = rhythm.asked
    said = {
        "since": int(rhythm.since.timestamp()),
        "at": int(rhythm.at.timestamp()),
        "hours": [round(count, 2) for count in rhythm.hours],
        "days": [round(count, 2) for count in rhythm.days],
        "recent": round(rhythm.recent, 2),
        "last": int(rhythm.last.timestamp()) if rhythm.last else None,
        "haste": round(rhythm.haste, 2),
        "fresh": asked.fresh_seconds,
        "interval": asked.interval_minutes,
        "skip_hours": sorted(asked.skip_hours),
        "skip_days": sorted(asked.skip_days),
    }
    return json.dumps(said, separators=(",", ":"))


def from_text(text: str | None) -> Rhythm | None:
    """Read what `to_text` wrote; None when nothing was learnt yet."""
    if text is None:
        return None
    said = json.loads(text)
    return Rhythm(
        since=_instant(said["since"]),
        at=_instant(said["at"]),
        hours=tuple(said["hours"]),
        days=tuple(said["days"]),
        recent=said["recent"],
        last=_instant(said["last"]) if said["last"] is not None else None,
        haste=said["haste"],
        asked=Asked(said["fresh"], said["interval"], frozenset(said["skip_hours"]), frozenset(said["skip_days"])),
    )


def _faded(known: Rhythm, at: datetime) -> Rhythm:
    passed = _hours(known.at, at)
    long, short = exp(-passed / _LONG), exp(-passed / _SHORT)
    return replace(
        known,
        at=max(at, known.at),
        hours=tuple(count * long for count in known.hours),
        days=tuple(count * long for count in known.days),
        recent=known.recent * short,
    )


def _haste(haste: float, *, has_gap: bool) -> float:
    return min(haste * 2, _MOST_HASTE) if has_gap else max(haste * _CALMING, 1.0)


def _hours(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 3600, 0.0)


def _until_full_hour(at: datetime) -> float:
    return 1 - (at.minute * 60 + at.second) / 3600


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
