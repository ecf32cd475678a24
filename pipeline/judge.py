"""What a response to a poll means: pure decisions between the web and the warehouse."""

import hashlib
from datetime import timedelta

from models.outcomes import PollOutcome
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.rhythm import next_poll
from pipeline.pages.capture import Capture
from pipeline.warehouse.claim import ClaimedFeed
from pipeline.warehouse.polls import Polled, Validators
from pipeline.workers import Failure


def body_hash(body: bytes) -> str:
    """Hash a feed's body, to know an unchanged one without a 304."""
    return hashlib.sha256(body).hexdigest()


def needs_parsing(feed: ClaimedFeed, capture: Capture) -> bool:
    """Tell whether the response has entries that are not stored yet."""
    return capture.outcome is None and capture.status != 304 and body_hash(capture.body) != feed.body_hash


def judge_poll(feed: ClaimedFeed, capture: Capture, parsed: Feed | NoFeed | Failure | None) -> Polled:
    """Decide how a poll ended. `parsed` is None when `needs_parsing` said no."""
    outcome, reason = _outcome(capture, parsed)
    good = parsed if isinstance(parsed, Feed) else None
    is_failure = capture.outcome is not None or isinstance(parsed, NoFeed | Failure)
    configured = timedelta(seconds=feed.interval_seconds) if feed.interval_seconds else None
    return Polled(
        feed=feed,
        at=capture.at,
        outcome=outcome,
        reason=reason,
        status=capture.status,
        url=capture.url,
        size=len(capture.body),
        duration_ms=round(capture.seconds * 1000),
        parsed=good,
        validators=_validators(capture, good),
        is_failure=is_failure,
        next_poll_at=next_poll(
            capture.at,
            configured=configured,
            feed=good,
            failures=feed.failures + 1 if is_failure else 0,
            retry_after=capture.retry_after,
        ),
    )


def _outcome(capture: Capture, parsed: Feed | NoFeed | Failure | None) -> tuple[PollOutcome, str | None]:
    if capture.outcome is not None:
        return PollOutcome(capture.outcome), capture.reason
    if capture.status == 304:
        return PollOutcome.NOT_MODIFIED, None
    if parsed is None:
        return PollOutcome.NO_NEW_ENTRIES, "the same body as the last time"
    if isinstance(parsed, Failure):
        outcome = PollOutcome.TIMED_OUT if parsed.is_timeout else PollOutcome.PARSE_FAILED
        return outcome, f"the parser {parsed.reason}"
    if isinstance(parsed, NoFeed):
        return parsed.outcome, parsed.reason
    if not parsed.entries:
        return PollOutcome.EMPTY, parsed.problem or "the feed has no entries"
    if parsed.problem:
        return PollOutcome.PARTLY_BROKEN, parsed.problem
    return PollOutcome.NEW_ENTRIES, None


def _validators(capture: Capture, parsed: Feed | None) -> Validators | None:
    """Give what makes the next poll conditional: only after a whole parse, or a later 304 would hide entries."""
    if parsed is None or parsed.problem or parsed.is_capped:
        return None
    return Validators(capture.headers.get("etag"), capture.headers.get("last-modified"), body_hash(capture.body))
