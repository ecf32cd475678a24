"""When a feed is polled next: what a person set, what the publisher asks for, and patience with failures."""

import random
from datetime import datetime, timedelta

from pipeline.feeds.feed import Feed

DEFAULT = timedelta(minutes=15)
SHORTEST = timedelta(minutes=2)
LONGEST = timedelta(hours=24)
# Feeds that were added together would otherwise be polled together for ever.
JITTER = 0.1


def next_poll(
    at: datetime,
    *,
    configured: timedelta | None,
    feed: Feed | None,
    failures: int,
    retry_after: float | None,
) -> datetime:
    """Give the instant of the next poll after one at `at`.

    `configured` comes from the feeds file and wins over ttl and sy:updatePeriod; `failures` in a row (this one
    counted) lengthen the interval linearly, which never quite gives up; `retry_after` (seconds, RFC 9110 section
    10.2.3) is a lower bound.
    """
    asked = timedelta(minutes=feed.interval_minutes) if feed and feed.interval_minutes else None
    interval = _clamp(configured or asked or DEFAULT) * (1 + failures)
    waited = max(interval, timedelta(seconds=retry_after or 0))
    spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311  # spreads load, keeps no secret
    return at + _clamp(waited * spread)


def _clamp(interval: timedelta) -> timedelta:
    return min(max(interval, SHORTEST), LONGEST)
