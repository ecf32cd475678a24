"""Taking feeds in hand: those that are due, host by host, under our lease.

A run with many feeds claims them many times, and at most polls nothing is new: here every statement is written once.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.warehouse.batches import as_text, rows_of
from pipeline.warehouse.claim import ClaimedFeed, Scope


def claim_feeds(
    connection: Connection, scope: Scope, at: datetime, limit: int, *, set_aside: Collection[int] = ()
) -> list[ClaimedFeed]:
    """Take up to `limit` feeds that are due at `at` in hand, each at most once in a run.

    `set_aside` are feeds whose host was left alone when they came up in this run.
    """
    if limit <= 0:
        return []
    keys = due_keys(connection, scope, at, limit, set_aside=set_aside)
    mine = _take(connection, scope, keys, at)
    rows = {row[0]: row for row in rows_of(connection, _FEED, mine)} if mine else {}
    return [_claimed(rows[key]) for key in keys if key in rows]


def due_keys(
    connection: Connection, scope: Scope, at: datetime, limit: int, *, set_aside: Collection[int] = ()
) -> list[int]:
    """Give the keys of up to `limit` feeds that are due and free, those that wait longest first."""
    is_postgres = connection.dialect.name == "postgresql"
    due, due_by = _due(scope, at)
    query = _FREE.format(due=due, own="" if is_postgres else "+")
    given = [due_by, scope.token, as_text(at), sorted(set_aside)]
    if scope.source_slugs:
        query, given = query + _OF_SOURCES, [*given, list(scope.source_slugs)]
    return [row[0] for row in rows_of(connection, query + _FIRST + _LOCKED_FEEDS * is_postgres, *given, limit)]


def _due(scope: Scope, at: datetime) -> tuple[str, str]:
    """Give the condition that a feed is due, and the instant in it."""
    return (_UNPOLLED, as_text(scope.started_at)) if scope.ignores_schedule else (_DUE, as_text(at))


def _take(connection: Connection, scope: Scope, keys: list[int], at: datetime) -> list[int]:
    """Mark feeds and their hosts as ours; give those that were really free.

    Another process may have been first, and may even have finished since the keys were read, so everything is looked
    at again; rows that one holds right now are passed over, so that two claimers never wait for each other.
    """
    if not keys:
        return []
    lock = _LOCKED * (connection.dialect.name == "postgresql")
    due, due_by = _due(scope, at)
    rows_of(connection, _TAKE_HOSTS.format(lock=lock), scope.token, keys)
    taken = rows_of(connection, _TAKE_FEEDS.format(due=due, lock=lock), scope.token, keys, due_by, scope.token)
    return [row[0] for row in taken]


def _claimed(row: tuple[Any, ...]) -> ClaimedFeed:
    values = list(row)
    values[_POLLED_AT], values[_MOVING_SINCE] = _instant(row[_POLLED_AT]), _instant(row[_MOVING_SINCE])
    values[_IS_FALSE] = bool(row[_IS_FALSE])
    return ClaimedFeed(*values)


def _instant(stored: Any) -> datetime | None:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


_DUE = "feeds.next_poll_at <= ?"
_UNPOLLED = "coalesce(feeds.last_polled_at < ?, true)"
# Nearly all feeds and hosts are free. SQLite would read all these by their index, were there no plus before it; so it
# reads the feeds that are due. PostgreSQL knows by itself.
_FREE = (
    "SELECT feeds.id FROM feeds JOIN hosts ON hosts.id = feeds.host_id "
    "WHERE feeds.state = 'active' AND {due} AND {own}feeds.lease_token IS NULL "
    "AND ({own}hosts.lease_token IS NULL OR {own}hosts.lease_token = ?) "
    "AND (hosts.not_before_at IS NULL OR hosts.not_before_at <= ?) AND NOT (feeds.id AMONG ?) "
)
_OF_SOURCES = "AND feeds.source_id IN (SELECT id FROM sources WHERE slug AMONG ?) "
_FIRST = "ORDER BY feeds.next_poll_at, feeds.id LIMIT ?"
# PostgreSQL: rows that refer to the claimed ones may still be added meanwhile.
_LOCKED = " FOR NO KEY UPDATE SKIP LOCKED"
_LOCKED_FEEDS = " FOR NO KEY UPDATE OF feeds SKIP LOCKED"

_TAKE_HOSTS = (
    "UPDATE hosts SET lease_token = ? WHERE id IN (SELECT id FROM hosts "
    "WHERE lease_token IS NULL AND id IN (SELECT host_id FROM feeds WHERE id AMONG ?) ORDER BY id{lock}) "
    "RETURNING id"
)
_TAKE_FEEDS = (
    "UPDATE feeds SET lease_token = ? WHERE id IN (SELECT id FROM feeds "
    "WHERE lease_token IS NULL AND id AMONG ? AND {due} "
    "AND host_id IN (SELECT id FROM hosts WHERE lease_token = ?) ORDER BY id{lock}) RETURNING id"
)

_COLUMNS = {name: f"feeds.{name}" for name in ClaimedFeed.__slots__} | {
    "source_slug": "sources.slug",
    "host": "hosts.name",
    "url": "coalesce(feeds.moved_url, feeds.url)",
    "language": "coalesce(feeds.language, sources.language)",
    "timezone": "coalesce(feeds.timezone, sources.timezone)",
}
_NAMES = list(_COLUMNS)
_POLLED_AT, _MOVING_SINCE = _NAMES.index("last_polled_at"), _NAMES.index("moving_since_at")
_IS_FALSE = _NAMES.index("has_false_validators")
_FEED = (
    f"SELECT {', '.join(_COLUMNS.values())} FROM feeds "  # noqa: S608  # names of our own
    "JOIN sources ON sources.id = feeds.source_id JOIN hosts ON hosts.id = feeds.host_id WHERE feeds.id AMONG ?"
)
