"""What a poll hands to the warehouse, and what the warehouse makes of it: plain values."""

from dataclasses import dataclass
from datetime import datetime

from models.outcomes import PollOutcome
from pipeline.feeds.flat import FlatFeed
from pipeline.warehouse.claim import ClaimedFeed


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next poll conditional; committed only together with the entries that they stand for."""

    etag: str | None
    last_modified: str | None
    body_hash: str


@dataclass(frozen=True, slots=True)
class Polled:
    """A poll that has ended. `parsed` is None when there was nothing to parse (304, a failure, the same body).

    `retry_after` and `fresh_seconds` are what the server asked for; `permanent_target` is where 301 and 308 led.
    """

    feed: ClaimedFeed
    at: datetime
    outcome: PollOutcome
    reason: str | None = None
    status: int | None = None
    url: str | None = None
    size: int = 0
    duration_ms: int | None = None
    parsed: FlatFeed | None = None
    validators: Validators | None = None
    is_failure: bool = False
    retry_after: float | None = None
    fresh_seconds: int | None = None
    was_redirected: bool = False
    permanent_target: str | None = None


@dataclass(frozen=True, slots=True)
class PollCounts:
    """What a poll found, and its final outcome."""

    outcome: PollOutcome
    reason: str | None
    seen: int = 0
    new: int = 0
    changed: int = 0
    has_gap: bool = False
