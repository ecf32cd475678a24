"""Taking pages in hand: those that wait, host by host, under our lease; and what all claims have in common."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from models.states import FeedState, PageState
from models.tables import archives, entries, feeds, fetches, hosts, pages, runs, sources
from pipeline.span import Span
from pipeline.warehouse.batches import in_chunks
from pipeline.warehouse.lease import is_free

LIVE_WITHIN = timedelta(minutes=15)
"""Live ingestion is alive when it has begun a run within this time: it is scheduled every five minutes."""

MOST_NOT_MODIFIED = 20
"""So many answers 304 in a row are believed; the next poll looks at the body itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run may take: its id and start, our token, and the sources it is limited to (all when empty)."""

    run_id: int
    started_at: datetime
    token: str
    source_slugs: tuple[str, ...] = ()
    ignores_schedule: bool = False
    # Only the pages that this backfill queued; None: the live ones, and feeds.
    backfill_id: int | None = None
    # The captures are at hand: no host is asked, and none is taken from others.
    is_offline: bool = False
    # What a backfill does not load although it was fetched: articles of other days and languages.
    span: Span | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed in hand, with what its poll needs to know; `url` is where it is polled, after it has moved perhaps."""

    id: int
    source_id: int
    source_slug: str
    host: str
    url: str
    language: str | None
    timezone: str | None
    interval_seconds: int | None
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    failures: int
    last_polled_at: datetime | None
    not_modified_streak: int
    has_false_validators: bool
    moved_url: str | None
    moving_to: str | None
    moving_since_at: datetime | None
    rhythm: str | None
    known_entries: str | None = None

    @property
    def asks_for_whole(self) -> bool:
        """Tell whether the body is asked for without validators: some servers repeat an ETag although it changed."""
        return self.has_false_validators or self.not_modified_streak >= MOST_NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class ClaimedPage:
    """A page in hand, with what its fetch and its extraction need to know."""

    id: int
    host: str
    url: str
    url_key: str
    state: str
    attempts: int
    queued_at: datetime
    ingested_via: str
    fetch_id: int | None
    article_id: int | None
    source_id: int
    source_slug: str
    source_name: str
    language: str | None
    timezone: str | None
    store: str
    is_archived: bool
    home: str | None
    robots_override_reason: str | None
    # As `config.hints.as_json` gave them.
    hints: Any
    # What the backfill that queued it knows of it.
    stated: Any
    # How the last look at it ended, and the validators of its last capture.
    outcome: str | None
    etag: str | None
    last_modified: str | None
    missing_since_at: datetime | None
    rechecks: int


def claim_pages(
    connection: Connection, scope: Scope, at: datetime, limit: int, *, per_host: int, full_hosts: Collection[str] = ()
) -> list[ClaimedPage]:
    """Take up to `limit` waiting pages in hand: breadth over hosts, at most `per_host` of each.

    `full_hosts` have enough pages in hand already. A page that waited before a live run began is taken at most once in
    it, because a failed one waits for a later instant; a backfill has the time to try it again.
    """
    due_by = scope.started_at if scope.backfill_id is None else at
    waits = (pages.c.state != PageState.DONE) & (pages.c.next_attempt_at <= due_by)
    mine: list[int] = []
    passed_over: set[int] = set()
    for _ in range(_MOST_TRIES):
        query = _waiting(scope, waits, at).where(hosts.c.name.not_in(list(full_hosts)), hosts.c.id.not_in(passed_over))
        chosen = connection.execute(_broadest(query, limit - len(mine), per_host)).all()
        mine += _take(connection, pages, [row.id for row in chosen], scope.token, waits, is_offline=scope.is_offline)
        if not chosen or len(mine) >= limit:
            break
        # A few hosts may have all of the oldest pages, or another process is taking these very ones and has not
        # committed yet: look at the others.
        passed_over |= {row.host_id for row in chosen}
    return [ClaimedPage(*row) for row in _read(connection, _PAGE, pages.c.id, mine)]


def _waiting(scope: Scope, waits: ColumnElement[bool], at: datetime) -> Select[Any]:
    """Give a query of the pages that may be taken."""
    columns = (pages.c.id, pages.c.host_id, pages.c.priority, pages.c.next_attempt_at)
    query = (
        _of_sources(select(*columns), pages, scope)
        .join(hosts, hosts.c.id == pages.c.host_id)
        .where(pages.c.backfill_id == scope.backfill_id, waits, pages.c.lease_token.is_(None))
    )
    if scope.is_offline:
        return query
    if scope.backfill_id is not None:
        query = query.where(~wanted_live(at))
    may_be_asked = or_(hosts.c.not_before_at.is_(None), hosts.c.not_before_at <= at)
    return query.where(is_free(hosts, scope.token), may_be_asked)


def wanted_live(at: datetime) -> ColumnElement[bool]:
    """Tell, for a row of `hosts`, whether live ingestion has something to ask it now: a backfill then stands back.

    That is so only where live ingestion is alive, which it shows by a run within the last minutes.
    """
    is_alive = select(runs.c.id).where(runs.c.kind == "ingest", runs.c.started_at > at - LIVE_WITHIN).exists()
    other = pages.alias("live_pages")
    page = (other.c.backfill_id.is_(None), other.c.state != PageState.DONE, other.c.next_attempt_at <= at)
    has_page = select(other.c.id).where(other.c.host_id == hosts.c.id, *page).exists()
    feed = (feeds.c.host_id == hosts.c.id, feeds.c.state == FeedState.ACTIVE, feeds.c.next_poll_at <= at)
    return and_(is_alive, or_(has_page, select(feeds.c.id).where(*feed).exists()))


def hosts_to_yield(connection: Connection, token: str, at: datetime) -> set[str]:
    """Give the hosts that we hold and live ingestion waits for."""
    held = select(hosts.c.name).where(hosts.c.lease_token == token, wanted_live(at))
    return set(connection.execute(held).scalars())


def is_kept_waiting(connection: Connection, scope: Scope, at: datetime) -> bool:
    """Tell whether a page or feed of this live run is due, whose host a backfill is about to give back."""
    of_backfill = select(runs.c.lease_token).where(runs.c.kind == "backfill", runs.c.lease_token.is_not(None))
    held = select(hosts.c.id).where(hosts.c.lease_token.in_(of_backfill))
    if connection.execute(held.limit(1)).first() is None:
        return False
    page = _of_sources(select(pages.c.id), pages, scope).where(pages.c.backfill_id.is_(None), pages.c.host_id.in_(held))
    page = page.where(pages.c.state != PageState.DONE, pages.c.next_attempt_at <= scope.started_at)
    feed = _of_sources(select(feeds.c.id), feeds, scope).where(feeds.c.host_id.in_(held), feeds.c.next_poll_at <= at)
    feed = feed.where(feeds.c.state == FeedState.ACTIVE)
    return connection.execute(select(or_(page.exists(), feed.exists()))).scalar_one() is True


def _broadest(query: Select[Any], limit: int, per_host: int) -> Select[Any]:
    """Cut a query of waiting pages to `limit`: first one of every host, then a second, at most `per_host`."""
    oldest = query.order_by(pages.c.priority.desc(), pages.c.next_attempt_at, pages.c.id)
    waiting = oldest.limit(_WINDOW).subquery()
    order = (waiting.c.priority.desc(), waiting.c.next_attempt_at, waiting.c.id)
    rank = func.row_number().over(partition_by=waiting.c.host_id, order_by=order).label("rank")
    ranked = select(waiting.c.id, waiting.c.host_id, rank, waiting.c.priority).subquery()
    return (
        select(ranked.c.id, ranked.c.host_id)
        .where(ranked.c.rank <= per_host)
        .order_by(ranked.c.priority.desc(), ranked.c.rank, ranked.c.id)
        .limit(limit)
    )


def read_page(connection: Connection, page_id: int) -> ClaimedPage:
    """Give a page as a claim does, without taking it in hand."""
    return ClaimedPage(*connection.execute(_PAGE.where(pages.c.id == page_id)).one())


def read_pages(connection: Connection, page_ids: Collection[int]) -> dict[int, ClaimedPage]:
    """Give pages by key as a claim does, without taking them in hand."""
    return {row[0]: ClaimedPage(*row) for row in _read(connection, _PAGE, pages.c.id, sorted(page_ids))}


def release_pages(connection: Connection, ids: Collection[int], token: str) -> None:
    """Give pages back unfinished."""
    for chunk in in_chunks(sorted(ids)):
        mine = update(pages).where(pages.c.id.in_(chunk), pages.c.lease_token == token)
        connection.execute(mine.values(lease_token=None))


def postpone_pages(connection: Connection, ids: Collection[int], token: str, until: datetime) -> None:
    """Give pages back, to be tried again at `until` (their host asked for a pause)."""
    for chunk in in_chunks(sorted(ids)):
        mine = update(pages).where(pages.c.id.in_(chunk), pages.c.lease_token == token)
        connection.execute(mine.values(lease_token=None, next_attempt_at=until))


def release_feeds(
    connection: Connection, ids: Collection[int], token: str, *, delay: timedelta | None = None, at: datetime
) -> None:
    """Give feeds back unpolled, due again after `delay`."""
    values: dict[str, Any] = {"lease_token": None}
    if delay is not None:
        values["next_poll_at"] = at + delay
    for chunk in in_chunks(sorted(ids)):
        connection.execute(update(feeds).where(feeds.c.id.in_(chunk), feeds.c.lease_token == token).values(**values))


def release_hosts(connection: Connection, names: Iterable[str], token: str) -> None:
    """Give hosts back, so that other processes may ask them."""
    for chunk in in_chunks(sorted(names)):
        connection.execute(
            update(hosts).where(hosts.c.name.in_(chunk), hosts.c.lease_token == token).values(lease_token=None)
        )


_PAGE = (
    select(
        pages.c.id,
        hosts.c.name,
        pages.c.url,
        pages.c.url_key,
        pages.c.state,
        pages.c.attempts,
        pages.c.queued_at,
        pages.c.ingested_via,
        pages.c.fetch_id,
        pages.c.article_id,
        pages.c.source_id,
        sources.c.slug,
        sources.c.name,
        sources.c.language,
        sources.c.timezone,
        sources.c.store,
        sources.c.is_archived,
        sources.c.home,
        sources.c.robots_override_reason,
        sources.c.hints,
        pages.c.stated,
        pages.c.outcome,
        pages.c.etag,
        pages.c.last_modified,
        pages.c.missing_since_at,
        pages.c.rechecks,
    )
    .join(sources, sources.c.id == pages.c.source_id)
    .join(hosts, hosts.c.id == pages.c.host_id)
)


def _of_sources(query: Select[Any], table: Any, scope: Scope) -> Select[Any]:
    if not scope.source_slugs:
        return query
    wanted = select(sources.c.id).where(sources.c.slug.in_(scope.source_slugs))
    return query.where(table.c.source_id.in_(wanted))


def _take(
    connection: Connection,
    table: Any,
    keys: list[int],
    token: str,
    is_wanted: ColumnElement[bool],
    *,
    is_offline: bool = False,
) -> list[int]:
    """Mark rows and their hosts as ours; give those that were really free.

    Another process may have been first, and may even have finished since the keys were read, so everything is looked
    at again; rows that one holds right now are passed over, so that two claimers never wait for each other.
    """
    mine: list[int] = []
    for chunk in in_chunks(keys):
        free_rows = _free(table).where(table.c.id.in_(chunk), is_wanted)
        if not is_offline:
            wanted_hosts = select(table.c.host_id).where(table.c.id.in_(chunk))
            free_hosts = _free(hosts).where(hosts.c.id.in_(wanted_hosts))
            connection.execute(update(hosts).where(hosts.c.id.in_(free_hosts)).values(lease_token=token))
            our_hosts = select(hosts.c.id).where(hosts.c.lease_token == token)
            free_rows = free_rows.where(table.c.host_id.in_(our_hosts))
        rows = update(table).where(table.c.id.in_(free_rows)).values(lease_token=token)
        mine += connection.execute(rows.returning(table.c.id)).scalars()
    position = {key: index for index, key in enumerate(keys)}
    return sorted(mine, key=position.__getitem__)


def _free(table: Any) -> Select[Any]:
    return select(table.c.id).where(table.c.lease_token.is_(None)).order_by(table.c.id).with_for_update(**_UNLOCKED)


_WINDOW = 1_000
_MOST_TRIES = 25

# PostgreSQL's FOR NO KEY UPDATE SKIP LOCKED: rows that refer to the claimed ones may still be added meanwhile.
_UNLOCKED: Final[Any] = {"skip_locked": True, "key_share": True}


def _read(connection: Connection, query: Select[Any], key: Any, ids: list[int]) -> list[Any]:
    rows: list[Any] = []
    for chunk in in_chunks(ids):
        rows += connection.execute(query.where(key.in_(chunk))).all()
    position = {value: index for index, value in enumerate(ids)}
    return sorted(rows, key=lambda row: position[row[0]])


def hints_for(connection: Connection, page_ids: Collection[int]) -> dict[int, Any]:
    """Give for each page the entry that names it first in time, with its feed's address, section, language and zone."""
    of_feed = [feeds.c[name].label(f"feed_{name}") for name in ("url", "section", "language", "timezone")]
    query = select(entries, *of_feed).join(feeds, feeds.c.id == entries.c.feed_id)
    found: dict[int, Any] = {}
    for chunk in in_chunks(sorted(page_ids)):
        for row in connection.execute(query.where(entries.c.page_id.in_(chunk)).order_by(entries.c.id)):
            found.setdefault(row.page_id, row)
    return found


def captures_of(connection: Connection, fetch_ids: Collection[int]) -> dict[int, Any]:
    """Give the archived captures (rows of `fetches` with file and place) by key, and those that they repeat."""
    query = select(fetches, archives.c.name.label("archive_name"), archives.c.place)
    query = query.join(archives, archives.c.id == fetches.c.archive_id)
    found: dict[int, Any] = {}
    wanted = set(fetch_ids)
    while wanted:
        for chunk in in_chunks(sorted(wanted)):
            found |= {row.id: row for row in connection.execute(query.where(fetches.c.id.in_(chunk)))}
        wanted = {row.original_fetch_id for key in wanted if (row := found.get(key)) and row.original_fetch_id}
        wanted -= found.keys()
    return found
