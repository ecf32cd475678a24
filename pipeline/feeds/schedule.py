"""When a feed is polled next, and why, said in words: what people set, what servers ask, what the feed's rhythm is.

The first that says something decides: Retry-After, the interval of the feeds file, patience after a failure,
Cache-Control or Expires, ttl or sy:updatePeriod, the feed's own rhythm. `docs/polling.md` gives each rule's source.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from models.outcomes import PollOutcome
from pipeline.feeds.rhythm import Rhythm

SHORTEST = timedelta(minutes=2)
LONGEST = timedelta(hours=24)
DEFAULT = timedelta(minutes=15)
# Feeds that were added together would otherwise be polled together for ever.
JITTER = 0.1
# A shorter time is how a cache is set up, not how often a publisher wants to be asked: it only bounds from below.
SHORTEST_WISH = timedelta(minutes=10)

# How long to wait after the first failure of a kind; the second waits twice as long, the third thrice.
_PATIENCE = {
    PollOutcome.RATE_LIMITED: timedelta(hours=1),
    PollOutcome.FORBIDDEN: timedelta(hours=1),
    PollOutcome.CHALLENGED: timedelta(hours=2),
    PollOutcome.CONSENT_WALL: timedelta(hours=2),
    PollOutcome.ADDRESS_FORBIDDEN: timedelta(hours=2),
    PollOutcome.GONE: timedelta(hours=2),
    PollOutcome.CLIENT_ERROR: timedelta(hours=1),
    PollOutcome.NOT_A_FEED: timedelta(hours=1),
    PollOutcome.WRONG_TYPE: timedelta(hours=1),
    PollOutcome.TOO_LARGE: timedelta(hours=2),
    PollOutcome.PARSE_FAILED: timedelta(hours=1),
    PollOutcome.BAD_REDIRECT: timedelta(hours=1),
}
# Time-outs, refused connections, 5xx and broken answers mostly heal within minutes.
_SHORT_PATIENCE = timedelta(minutes=15)

_DIRECTIVE = re.compile(r"\s*([a-z-]{1,40})\s*(?:=\s*\"?([0-9]{1,12})\"?)?\s*(?:,|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a poll at `at` has ended. `failure` is None after a good one; times are in seconds."""

    at: datetime
    configured_seconds: int | None = None
    retry_after: float | None = None
    failure: PollOutcome | None = None
    failures: int = 0
    rhythm: Rhythm | None = None
    has_gap: bool = False


class Decision(NamedTuple):
    """When the next poll is due, and why."""

    at: datetime
    why: str


def next_poll(facts: Facts) -> Decision:
    """Decide when a feed is polled next: jittered, and never sooner than 2 minutes or later than a day."""
    interval, why, is_floor = _interval(facts)
    spread = random.random() if is_floor else random.uniform(-1, 1)  # noqa: S311  # spreads load, keeps no secret
    due = facts.at + _clamp(_clamp(interval) * (1 + JITTER * spread))
    asked = facts.rhythm.asked if facts.rhythm else None
    if asked is None or facts.configured_seconds or facts.failure or not (asked.skip_hours or asked.skip_days):
        return Decision(due, why)
    open_at = _outside(due, asked.skip_hours, asked.skip_days)
    if open_at == due:
        return Decision(due, why)
    return Decision(min(open_at, facts.at + LONGEST), f"{why}; then the feed's skipHours or skipDays are over")


def fresh_seconds(headers: Mapping[str, str], at: datetime) -> int | None:
    """Give for how long an answer says to be fresh (RFC 9111 section 4.2.1: max-age, else Expires less Date).

    None when it says nothing, or that it may never be reused unasked (no-cache, no-store, max-age=0).
    """
    control = headers.get("cache-control", "")
    directives = {name.lower(): value for name, value in _DIRECTIVE.findall(control[:1000])}
    if "no-cache" in directives or "no-store" in directives:
        return None
    if value := directives.get("max-age"):
        return _positive(int(value))
    expires = _http_date(headers.get("expires"))
    if expires is None or "max-age" in directives:
        return None
    return _positive(int((expires - (_http_date(headers.get("date")) or at)).total_seconds()))


class _Interval(NamedTuple):
    length: timedelta
    why: str
    # The length was stated by somebody: jitter only adds to it.
    is_floor: bool


def _interval(facts: Facts) -> _Interval:
    if facts.retry_after:
        floor = _Interval(timedelta(seconds=facts.retry_after), "the server asked for a pause (Retry-After)", True)
        other = _patience(facts) if facts.failure else _wanted(facts)
        return floor if floor.length >= min(other.length, LONGEST) else other
    return _patience(facts) if facts.failure else _wanted(facts)


def _patience(facts: Facts) -> _Interval:
    """Wait longer after each failure in a row: linearly, so that no feed is ever quite given up."""
    assert facts.failure is not None  # noqa: S101  # asked only after a failure
    kind = facts.failure.replace("_", " ")
    base = _PATIENCE.get(facts.failure, _SHORT_PATIENCE)
    if facts.configured_seconds:
        base = max(base, timedelta(seconds=facts.configured_seconds))
    times = f"{facts.failures} times in a row" if facts.failures > 1 else "once"
    return _Interval(base * max(facts.failures, 1), f"the poll failed {times} ({kind})", False)


def _wanted(facts: Facts) -> _Interval:
    if facts.configured_seconds:
        return _Interval(timedelta(seconds=facts.configured_seconds), "the feeds file sets the interval", False)
    rhythm = facts.rhythm
    own = _own_rhythm(facts)
    if rhythm is None:
        return own
    stated = _stated(rhythm)
    if stated is None:
        return own
    if stated.length < SHORTEST_WISH:
        return own if own.length >= stated.length else stated
    if rhythm.haste > 1:
        return _Interval(stated.length / rhythm.haste, f"{stated.why}, sooner because entries were missed", False)
    return stated


def _stated(rhythm: Rhythm) -> _Interval | None:
    asked = rhythm.asked
    if asked.fresh_seconds:
        return _Interval(timedelta(seconds=asked.fresh_seconds), "its answer is fresh until then (Cache-Control)", True)
    if asked.interval_minutes:
        return _Interval(timedelta(minutes=asked.interval_minutes), "the feed asks for it (ttl or sy:*)", True)
    return None


def _own_rhythm(facts: Facts) -> _Interval:
    rhythm = facts.rhythm
    if rhythm is None:
        return _Interval(DEFAULT, "nothing is known of its rhythm yet", False)
    rate = rhythm.rate(facts.at)
    length = timedelta(hours=rhythm.hours_until(facts.at, rate))
    hurry = ", sooner because entries were missed" if rhythm.haste > 1 else ""
    return _Interval(length, f"its own rhythm: {_rate_in_words(rate)} at this hour{hurry}", False)


def _rate_in_words(an_hour: float) -> str:
    if an_hour >= 1:
        return f"about {an_hour:.0f} new entries an hour"
    if an_hour * 24 >= 1:
        return f"about {an_hour * 24:.0f} new entries a day"
    return f"about one new entry in {1 / (an_hour * 24):.0f} days"


def _outside(due: datetime, hours: frozenset[int], days: frozenset[int]) -> datetime:
    """Give the first instant from `due` on that is in no hour and on no day to be skipped (RSS 2.0, both in UTC)."""
    moment = due.astimezone(UTC)
    for _ in range(7 * 24):
        if moment.hour not in hours and moment.weekday() not in days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due  # every hour of the week is to be skipped: that says nothing


def _http_date(written: str | None) -> datetime | None:
    if not written:
        return None
    try:
        moment = parsedate_to_datetime(written[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _positive(seconds: int) -> int | None:
    return min(seconds, 366 * 86_400) if seconds > 0 else None


def _clamp(interval: timedelta) -> timedelta:
    return min(max(interval, SHORTEST), LONGEST)
