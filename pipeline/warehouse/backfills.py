"""Backfills as rows: found again by their wish, their files and pages queued in batches, their outcomes counted."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from config.slugs import slug_of
from models.engine import reading
from models.outcomes import Outcome
from models.states import BackfillState, IngestedVia, PageState
from models.tables import backfill_files, backfills, feeds, pages, sources
from pipeline.urls import Address, site_of
from pipeline.warehouse import clock
from pipeline.warehouse.batches import as_text, insert_missing, insert_ready, own_words, rows_of, update_by_key
from pipeline.warehouse.hosts import host_ids
from pipeline.warehouse.identity import CLAIMED

PRIORITY = -10
"""Live pages have 0 and more."""


class Queueable(NamedTuple):
    """A candidate that is wanted: its address, its source, and what is kept of it."""

    address: Address
    source_id: int
    stated: dict[str, Any]


class PlannedElsewhereError(Exception):
    """Another process is planning the same backfill right now."""


def open_backfill(
    connection: Connection, kind: str, fingerprint: str, parameters: Mapping[str, Any], token: str
) -> Row[Any]:
    """Find the backfill of a wish or begin it, in the hands of `token`; one that was done is planned anew.

    Raises PlannedElsewhereError.
    """
    at = clock.now(connection)
    row = connection.execute(select(backfills).where(backfills.c.fingerprint == fingerprint)).first()
    if row is None:
        values = {"state": BackfillState.PLANNING, "place": {}, "counts": {}, "created_at": at, "updated_at": at}
        new = insert_missing(connection, backfills, ["fingerprint"])
        given = {"kind": kind, "fingerprint": fingerprint, "parameters": dict(parameters), "lease_token": token}
        connection.execute(new, values | given)
    elif row.lease_token is None and row.state == BackfillState.DONE:
        connection.execute(delete(backfill_files).where(backfill_files.c.backfill_id == row.id))
        again: dict[str, Any] = {"state": BackfillState.PLANNING, "place": {}, "counts": {}, "planned": 0}
        again["finished_at"] = None
        connection.execute(update(backfills).where(backfills.c.id == row.id).values(**again))
    free = or_(backfills.c.lease_token.is_(None), backfills.c.lease_token == token)
    mine = update(backfills).where(backfills.c.fingerprint == fingerprint, free)
    if not connection.execute(mine.values(lease_token=token, updated_at=at)).rowcount:
        raise PlannedElsewhereError
    return connection.execute(select(backfills).where(backfills.c.fingerprint == fingerprint)).one()


def release_backfill(connection: Connection, backfill_id: int, token: str, state: BackfillState) -> None:
    """Write how far a backfill has come, and let others take it, unless one has it in hand already."""
    at = clock.now(connection)
    values: dict[str, Any] = {"state": state, "lease_token": None, "updated_at": at}
    if state is BackfillState.DONE:
        values["finished_at"] = at
    is_free = or_(backfills.c.lease_token == token, backfills.c.lease_token.is_(None))
    connection.execute(update(backfills).where(backfills.c.id == backfill_id, is_free).values(**values))


def read_files(connection: Connection, backfill_id: int) -> list[Row[Any]]:
    """Give the files that a backfill knows, in the order in which it met them."""
    query = select(backfill_files).where(backfill_files.c.backfill_id == backfill_id)
    return list(connection.execute(query.order_by(backfill_files.c.id)))


def note_files(connection: Connection, backfill_id: int, names: Sequence[str]) -> None:
    """Remember files that are to be read."""
    rows = [{"backfill_id": backfill_id, "name": name, "state": "waiting"} for name in dict.fromkeys(names)]
    if rows:
        connection.execute(insert_missing(connection, backfill_files, ["backfill_id", "name"]), rows)


def note_position(
    connection: Connection, backfill_id: int, name: str, position: int, records: int, state: str, reason: str | None
) -> None:
    """Write how far a file was read, with the candidates of this batch."""
    note_files(connection, backfill_id, [name])
    of_file = (backfill_files.c.backfill_id == backfill_id, backfill_files.c.name == name)
    connection.execute(
        update(backfill_files)
        .where(*of_file)
        .values(position=position, state=state, reason=reason, records=backfill_files.c.records + records)
    )


def add_counts(connection: Connection, backfill_id: int, planned: int, skipped: Mapping[str, int]) -> None:
    """Count pages that were queued and candidates that were left out, by reason."""
    row = connection.execute(select(backfills.c.counts).where(backfills.c.id == backfill_id)).one()
    counts = dict(row.counts)
    left_out = dict(counts.get("left_out", {}))
    for reason, count in skipped.items():
        left_out[reason] = left_out.get(reason, 0) + count
    values = {"counts": counts | {"left_out": left_out}, "planned": backfills.c.planned + planned}
    connection.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))


def known_keys(connection: Connection, keys: Sequence[str], backfill_id: int | None, *, takes_failed: bool) -> set[str]:
    """Give which `url_key`s need no backfill: pages that are there, and addresses of articles.

    Pages are not counted that another backfill has left out, which wanted other days or another language; with
    `takes_failed` neither are those that failed: their captures are at hand now.
    """
    there = f"SELECT url_key FROM pages WHERE url_key AMONG ? AND NOT {_TAKEN}"  # noqa: S608  # ours
    pages_there = rows_of(connection, there, list(keys), *_taken(backfill_id, takes_failed=takes_failed))
    return {row[0] for row in (*pages_there, *rows_of(connection, _MET, list(keys), list(CLAIMED)))}


_MET = "SELECT url_key FROM article_urls WHERE url_key AMONG ? AND NOT role AMONG ?"

_TAKEN = """(state = 'done' AND article_id IS NULL
    AND (outcome = 'filtered' AND coalesce(backfill_id, 0) <> ? OR NOT outcome AMONG ?))"""
"""Tells whether a backfill takes a page over that is there, instead of leaving it as it is."""

_DECIDED = [Outcome.FILTERED, Outcome.REMOVED, Outcome.REJECTED, Outcome.DUPLICATE]


def _taken(backfill_id: int | None, *, takes_failed: bool) -> tuple[int, list[str]]:
    return backfill_id or 0, [str(outcome) for outcome in (_DECIDED if takes_failed else Outcome)]


@contextmanager
def in_great_number(engine: Engine) -> Iterator[None]:
    """Let SQLite write many rows at a third less: with 64 MB of the database in memory, copied in less often.

    It holds for the connection that this thread uses again and again.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA cache_size = -65536")
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 20000")
    try:
        yield
    finally:
        with reading(engine) as connection:
            connection.exec_driver_sql("PRAGMA cache_size = -2000")
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 1000")


def queue_pages(connection: Connection, backfill_id: int, wanted: Sequence[Queueable], at: datetime) -> int:
    """Queue pages behind the live ones, each once; give how many are new."""
    if not wanted:
        return 0
    hosts = host_ids(connection, {one.address.host for one in wanted})
    now = as_text(at)
    alike = (PageState.QUEUED.value, PRIORITY, IngestedVia.BACKFILL.value, now, now, backfill_id)
    rows = [
        (
            one.address.key,
            one.address.url,
            hosts[one.address.host],
            one.source_id,
            json.dumps(one.stated, ensure_ascii=False) if one.stated else None,
            *alike,
        )
        for one in wanted
    ]
    if connection.dialect.name == "postgresql":
        return _queue_at_once(connection, rows)
    with own_words(connection, rows, _WORDS):
        return insert_ready(connection, pages, _QUEUED, rows, conflict=("url_key",))


def _queue_at_once(connection: Connection, rows: Sequence[Sequence[Any]]) -> int:
    """Insert all rows by one statement: one each costs PostgreSQL ten times as much."""
    columns = list(zip(*rows, strict=True))
    given: dict[str, Any] = {name: list(column) for name, column in zip(_QUEUED[:5], columns, strict=False)}
    alike = dict(zip(_QUEUED[5:], rows[0][5:], strict=True))
    return connection.execute(_QUEUE_AT_ONCE, given | alike, execution_options={"has_no_nul": True}).rowcount


_QUEUED = (
    *("url_key", "url", "host_id", "source_id", "stated"),
    *("state", "priority", "ingested_via", "queued_at", "next_attempt_at", "backfill_id"),
)

_WORDS = {_QUEUED.index("state"): frozenset(PageState), _QUEUED.index("ingested_via"): frozenset(IngestedVia)}
"""The closed lists of its words; an outcome it has not yet."""

_QUEUE_AT_ONCE = text(
    f"""INSERT INTO pages ({", ".join(_QUEUED)})
    SELECT url_key, url, host_id, source_id, CAST(stated AS jsonb), :state, :priority, :ingested_via,
        CAST(:queued_at AS timestamptz), CAST(:next_attempt_at AS timestamptz), :backfill_id
    FROM unnest(CAST(:url_key AS text[]), CAST(:url AS text[]), CAST(:host_id AS bigint[]),
        CAST(:source_id AS bigint[]), CAST(:stated AS text[])) AS one (url_key, url, host_id, source_id, stated)
    ON CONFLICT (url_key) DO NOTHING"""  # noqa: S608  # names of columns, ours
)


def take_over(
    connection: Connection, backfill_id: int, wanted: Sequence[Queueable], at: datetime, *, takes_failed: bool
) -> int:
    """Queue those pages again that `known_keys` does not count though they are there; give how many."""
    by_key = {one.address.key: one for one in wanted}
    there = f"SELECT id, url_key FROM pages WHERE lease_token IS NULL AND url_key AMONG ? AND {_TAKEN}"  # noqa: S608
    given = (sorted(by_key), *_taken(backfill_id, takes_failed=takes_failed))
    found = rows_of(connection, there, *given)
    for key, url_key in found:
        values = {"state": PageState.QUEUED, "next_attempt_at": at, "attempts": 0, "priority": PRIORITY}
        values |= {"backfill_id": backfill_id, "stated": by_key[url_key].stated, "outcome": None}
        connection.execute(update_by_key(pages, tuple(values)), values | {"of_key": key})
    return len(found)


def page_outcomes(connection: Connection, backfill_id: int) -> tuple[dict[str, int], int]:
    """Count a backfill's pages that are done by outcome, and those that still wait."""
    query = select(pages.c.state, pages.c.outcome, func.count()).where(pages.c.backfill_id == backfill_id)
    done: dict[str, int] = {}
    waiting = 0
    for state, outcome, count in connection.execute(query.group_by(pages.c.state, pages.c.outcome)):
        if state == PageState.DONE:
            done[outcome] = done.get(outcome, 0) + count
        else:
            waiting += count
    return done, waiting


def backfill_of(connection: Connection, fingerprint: str) -> int | None:
    """Give the key of a wish's backfill; None when there is none yet."""
    found: int | None = connection.execute(
        select(backfills.c.id).where(backfills.c.fingerprint == fingerprint)
    ).scalar_one_or_none()
    return found


def read_backfill(connection: Connection, backfill_id: int) -> Row[Any]:
    """Read a backfill's row."""
    return connection.execute(select(backfills).where(backfills.c.id == backfill_id)).one()


def sources_by_site(connection: Connection) -> dict[str, int]:
    """Give the source of every site (registrable domain, else host:port) that a home page or feed is at, first wins."""
    found: dict[str, int] = {}
    homes = connection.execute(
        select(sources.c.home, sources.c.id).order_by(sources.c.retired_at.is_not(None), sources.c.id)
    )
    of_feeds = connection.execute(select(feeds.c.url, feeds.c.source_id).order_by(feeds.c.id))
    for url, source_id in (*homes, *of_feeds):
        site = site_of(url) if url else None
        if site is not None:
            found.setdefault(site, int(source_id))
    return found


def source_by_slug(connection: Connection, slug: str) -> Row[Any] | None:
    """Find a source."""
    return connection.execute(_SOURCE, {"of_slug": slug}).first()


_SOURCE = select(sources).where(sources.c.slug == bindparam("of_slug"))
_ADD_SOURCE = insert(sources).returning(sources.c.id)


def add_source(connection: Connection, site: str) -> int:
    """Add a source for a site that no feeds file names; give its key."""
    slug = slug_of(site)
    known = source_by_slug(connection, slug)
    if known is not None:
        return int(known.id)
    home = f"https://{site}/" if "." in site else None
    values = {"slug": slug, "name": site, "home": home, "created_at": clock.now(connection)}
    return int(connection.execute(_ADD_SOURCE, values).scalar_one())
