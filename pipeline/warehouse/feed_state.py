"""A feed's next state after a poll: its validators, its rhythm, where it has moved, and when it is polled next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, null, update

from models.outcomes import PollOutcome
from models.states import FeedState
from models.tables import feeds
from pipeline.feeds.flat import Row
from pipeline.feeds.moves import Move, after_failure, after_good_poll
from pipeline.feeds.rhythm import Asked, Rhythm, arrivals_of, from_text, learn, to_text
from pipeline.feeds.schedule import Facts, next_poll
from pipeline.urls import host_of
from pipeline.warehouse.batches import as_text, own_words, update_ready
from pipeline.warehouse.hosts import host_ids
from pipeline.warehouse.polled import PollCounts, Polled

_COLUMNS = (
    "etag",
    "last_modified",
    "body_hash",
    "known_entries",
    "not_modified_streak",
    "has_false_validators",
    "moved_url",
    "moving_to",
    "moving_since_at",
    "rhythm",
    "next_poll_at",
    "next_poll_reason",
    "last_polled_at",
    "last_outcome",
    "last_reason",
    "failures",
)
# What a person sets, the state, is not among them: a feed that was paused while it was polled stays paused.
_WRITE = (
    update(feeds)
    .where(feeds.c.id == bindparam("of_key"))
    .values(
        {name: bindparam(name) for name in _COLUMNS}
        | {"lease_token": null(), "title": func.coalesce(bindparam("new_title"), feeds.c.title)}
    )
)


def write_states(connection: Connection, ended: Sequence[tuple[Polled, PollCounts, Sequence[Row]]]) -> None:
    """Write what follows from polls for their feeds, and give the feeds back; the entries are the new ones."""
    if not ended:
        return
    states = [(polled, next_state(polled, counts, new)) for polled, counts, new in ended]
    rows = [_as_row(one) for _, one in states]
    names = tuple(states[0][1])
    with own_words(connection, rows, {names.index("last_outcome"): frozenset(PollOutcome)}):
        update_ready(connection, _WRITE, names, rows, is_clean=False)
    for polled, values in states:
        feed = polled.feed
        if polled.status == 410 and feed.moved_url is None:
            connection.execute(
                update(feeds)
                .where(feeds.c.id == feed.id, feeds.c.state == FeedState.ACTIVE)
                .values(state=FeedState.GONE, state_by="khotin", state_at=polled.at, state_reason=polled.reason)
            )
        if values["moved_url"] != feed.moved_url:
            _change_host(connection, feed.id, values["moved_url"])


def _as_row(values: dict[str, Any]) -> list[Any]:
    instants = {name: as_text(values[name]) for name in _INSTANTS if values[name] is not None}
    return list((values | instants).values())


_INSTANTS = ("moving_since_at", "next_poll_at", "last_polled_at")


def _change_host(connection: Connection, feed_id: int, moved_url: str | None) -> None:
    """Let a feed wait at the host where it is now; back at its configured address, applying the file does it."""
    host = host_of(moved_url) if moved_url else None
    if host:
        statement = update(feeds).where(feeds.c.id == feed_id)
        connection.execute(statement.values(host_id=host_ids(connection, [host])[host]))


def next_state(polled: Polled, counts: PollCounts, new: Sequence[Row]) -> dict[str, Any]:
    """Decide a feed's next state; `new` are the entries that nobody had seen before."""
    feed = polled.feed
    failures = feed.failures + 1 if polled.is_failure else 0
    known = from_text(feed.rhythm)
    rhythm = _rhythm(polled, counts, new, known)
    decision = next_poll(
        Facts(
            at=polled.at,
            configured_seconds=feed.interval_seconds,
            retry_after=polled.retry_after,
            failure=counts.outcome if polled.is_failure else None,
            failures=failures,
            rhythm=rhythm,
        )
    )
    move = _move(polled, counts.outcome, failures)
    validators = polled.validators
    return {
        "of_key": feed.id,
        "new_title": polled.parsed.said.title if polled.parsed else None,
        "etag": validators.etag if validators else feed.etag,
        "last_modified": validators.last_modified if validators else feed.last_modified,
        "body_hash": validators.body_hash if validators else feed.body_hash,
        "known_entries": polled.parsed.known if validators and polled.parsed else feed.known_entries,
        "not_modified_streak": _streak(polled),
        "has_false_validators": feed.has_false_validators or shows_false_validators(polled, counts.new),
        "moved_url": move.moved_url,
        "moving_to": move.moving_to,
        "moving_since_at": move.since_at,
        "rhythm": to_text(rhythm) if rhythm is not None and rhythm is not known else feed.rhythm,
        "next_poll_at": decision.at,
        "next_poll_reason": decision.why,
        "last_polled_at": polled.at,
        "last_outcome": counts.outcome,
        "last_reason": counts.reason,
        "failures": failures,
    }


def shows_false_validators(polled: Polled, new: int) -> bool:
    """Tell whether a body had without validators brings new entries under the very validators that we have.

    Then the server would have gone on saying 304. With none sent at all there is nothing to believe.
    """
    feed, validators = polled.feed, polled.validators
    if not new or validators is None or not feed.asks_for_whole or not (feed.etag or feed.last_modified):
        return False
    return (validators.etag, validators.last_modified) == (feed.etag, feed.last_modified)


def _streak(polled: Polled) -> int:
    if polled.outcome is PollOutcome.NOT_MODIFIED:
        return polled.feed.not_modified_streak + 1
    return polled.feed.not_modified_streak if polled.is_failure else 0


def _move(polled: Polled, outcome: PollOutcome, failures: int) -> Move:
    feed = polled.feed
    known = Move(feed.moved_url, feed.moving_to, feed.moving_since_at)
    if polled.is_failure:
        return after_failure(known, outcome, failures)
    return after_good_poll(known, feed.url, polled.permanent_target, was_redirected=polled.was_redirected, at=polled.at)


def _rhythm(polled: Polled, counts: PollCounts, new: Sequence[Row], known: Rhythm | None) -> Rhythm | None:
    """Give what is known of the feed's rhythm after a poll; the very same object when nothing was learnt."""
    if polled.is_failure:
        return known
    if known is None or new or counts.has_gap or (known.haste > 1 and polled.parsed is not None):
        arrivals = arrivals_of([row.instant for row in new], polled.feed.last_polled_at, polled.at)
        rhythm = learn(known, arrivals, polled.at, has_gap=counts.has_gap)
    else:
        rhythm = known
    asked = _asked(polled, rhythm.asked)
    return rhythm if asked is rhythm.asked or asked == rhythm.asked else replace(rhythm, asked=asked)


def _asked(polled: Polled, known: Asked) -> Asked:
    """Give what the publisher asks for now; a 304 without Cache-Control leaves the old one (RFC 9111 section 4.3.4)."""
    parsed = polled.parsed.said if polled.parsed else None
    if parsed is None:
        fresh = polled.fresh_seconds or known.fresh_seconds
        return known if fresh == known.fresh_seconds else replace(known, fresh_seconds=fresh)
    return Asked(polled.fresh_seconds, parsed.interval_minutes, parsed.skip_hours, parsed.skip_days)
