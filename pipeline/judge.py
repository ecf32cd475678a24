"""What a response to a poll means: pure decisions between the web and the warehouse."""

import hashlib

from models.outcomes import PollOutcome
from pipeline.feeds.feed import NoFeed
from pipeline.feeds.flat import FlatFeed
from pipeline.feeds.indexes import tells_changes
from pipeline.feeds.moves import permanent_target
from pipeline.feeds.schedule import fresh_seconds
from pipeline.pages.capture import Capture
from pipeline.warehouse.claim import ClaimedFeed
from pipeline.warehouse.polled import Polled, Validators
from pipeline.workers import Failure

# Of a sitemap the newest addresses are read, so what is cut off has been seen before or is old.
_SITEMAPS = ("sitemap", "news_sitemap", "sitemap_index")


def body_hash(body: bytes) -> str:
    """Hash a feed's body, to know an unchanged one without a 304."""
    return hashlib.sha256(body).hexdigest()


def needs_parsing(feed: ClaimedFeed, capture: Capture, digest: str | None) -> bool:
    """Tell whether the response, whose body has this `digest`, has entries that are not stored yet."""
    return capture.outcome is None and capture.status != 304 and digest != feed.body_hash


def judge_poll(
    feed: ClaimedFeed, capture: Capture, parsed: FlatFeed | NoFeed | Failure | None, digest: str | None = None
) -> Polled:
    """Decide how a poll ended. `parsed` is None when `needs_parsing` said no; `digest` is the body's hash if known."""
    outcome, reason = _outcome(capture, parsed)
    good = parsed if isinstance(parsed, FlatFeed) else None
    is_failure = capture.outcome is not None or isinstance(parsed, NoFeed | Failure)
    hops = capture.hops
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
        validators=_validators(capture, good, digest),
        is_failure=is_failure,
        retry_after=capture.retry_after,
        fresh_seconds=fresh_seconds(capture.headers, capture.at),
        was_redirected=bool(hops),
        permanent_target=permanent_target([(hop.url, hop.status) for hop in hops], capture.url) if hops else None,
    )


def _outcome(capture: Capture, parsed: FlatFeed | NoFeed | Failure | None) -> tuple[PollOutcome, str | None]:
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
    problem = parsed.said.problem
    if not parsed.rows and not parsed.skipped:
        return PollOutcome.EMPTY, problem or "the feed has no entries"
    if problem:
        return PollOutcome.PARTLY_BROKEN, problem
    return PollOutcome.NEW_ENTRIES, None


def _validators(capture: Capture, parsed: FlatFeed | None, digest: str | None) -> Validators | None:
    """Give what makes the next poll conditional: only after a whole parse, or a later 304 would hide entries."""
    said = parsed.said if parsed else None
    if said is None or said.problem or (said.is_capped and said.format not in _SITEMAPS):
        return None
    if not tells_changes(said):
        return None
    digest = digest or body_hash(capture.body)
    return Validators(capture.headers.get("etag"), capture.headers.get("last-modified"), digest)
