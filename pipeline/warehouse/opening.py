"""Opening the warehouse: made at first use, brought to today's schema, or refused with what to do."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Engine, insert, literal, select
from sqlalchemy.exc import DatabaseError

from config.settings import Settings
from models.engine import open_engine, reading, write, writing
from models.schema import HEAD, current_revision, upgrade
from models.tables import article_texts, article_urls, articles, entries, feeds, hosts, pages, runs, sources, warehouse
from pipeline.warehouse import clock
from pipeline.warehouse.analysts import extend_grants
from pipeline.warehouse.batches import insert_missing
from pipeline.warehouse.place import WarehouseError, detail_of, is_embedded, is_missing, warehouse_name
from pipeline.warehouse.query import newsroom_timezone
from pipeline.warehouse.reports import count_all_coverage
from pipeline.warehouse.server import check_server
from pipeline.warehouse.snapshot import keep_snapshot

UNFINISHED = "copying"
"""How the revision of a warehouse begins whose copy was not finished."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open warehouse, the newsroom's zone that it keeps, and whether it was made just now."""

    engine: Engine
    timezone: str
    is_new: bool


def open_warehouse(settings: Settings, *, creates: bool = False) -> Opened:
    """Open the warehouse of the settings. Raises `WarehouseError` with one sentence when it cannot be used.

    With `creates` a missing SQLite file is made, and an older schema of one is brought to today's; otherwise both are
    refused, because whoever only looks changes nothing.
    """
    url = settings.warehouse_url
    is_new = is_missing(url)
    if is_new and not creates:
        raise WarehouseError(f"There is no warehouse at {warehouse_name(url)} yet: `khotin run` makes it.")
    with _opening(url) as engine:
        with reading(engine) as connection:
            check_server(connection)
            revision = current_revision(connection)
        check_revision(revision, url, may_upgrade=creates and is_embedded(url))
        if revision != HEAD:
            bring_to_head(engine)
        with writing(engine) if creates else reading(engine) as connection:
            return Opened(engine, _newsroom(connection, settings, creates=creates), is_new)


@contextmanager
def opening(url: str) -> Iterator[Engine]:
    """Give an engine for as long as the context lasts; what the database says is wrong becomes `WarehouseError`."""
    with _opening(url) as engine:
        yield engine
        engine.dispose()


@contextmanager
def _opening(url: str) -> Iterator[Engine]:
    """Give an engine that stays open when all goes well."""
    try:
        engine = open_engine(url)
        try:
            yield engine
        except BaseException:
            engine.dispose()
            raise
    except (DatabaseError, OSError) as error:
        raise WarehouseError(f"The warehouse {warehouse_name(url)} cannot be opened: {detail_of(error)}.") from error


def check_revision(revision: str | None, url: str, *, may_upgrade: bool = False) -> None:
    """Refuse a schema that is not today's. Raises `WarehouseError` with the command to type."""
    name = warehouse_name(url)
    if revision is not None and revision.startswith(UNFINISHED):
        raise WarehouseError(f"The warehouse {name} is an unfinished copy: type the same `khotin db copy` again.")
    if revision is not None and revision > HEAD:
        raise WarehouseError(
            f"The warehouse {name} was written by a newer khotin (schema {revision}; this one knows {HEAD}): "
            "update khotin, then try again."
        )
    if revision != HEAD and not may_upgrade:
        raise WarehouseError(
            f"The warehouse {name} has schema {revision or 'none'}, not {HEAD}: type `khotin db upgrade`."
        )


def bring_to_head(engine: Engine) -> tuple[str | None, Path | None]:
    """Bring the warehouse to today's schema; give the one that it had, and the file that keeps it as it was.

    An embedded warehouse is backed up first, beside it and named with its revision. Raises DatabaseError, OSError.
    """
    with reading(engine) as connection:
        revision = current_revision(connection)
    kept = None
    if engine.dialect.name == "sqlite" and revision not in (None, HEAD):
        file = Path(str(engine.url.database))
        kept = file.with_name(f"{file.stem}-schema-{revision}{file.suffix}")
        if not keep_snapshot(file, kept, revision):
            kept = None
    before, _ = upgrade(engine)
    write(engine, follow_upgrade)
    return before, kept


def follow_upgrade(connection: Connection) -> None:
    """Do what new tables and views need: the summary is counted, and analysts may read what they may not yet."""
    count_all_coverage(connection)
    extend_grants(connection)


def kept_timezone(settings: Settings) -> str:
    """Give the newsroom's zone that the warehouse keeps; the settings' while there is no warehouse that can be used."""
    try:
        opened = open_warehouse(settings)
    except WarehouseError:
        return settings.timezone
    opened.engine.dispose()
    return opened.timezone


def _newsroom(connection: Connection, settings: Settings, *, creates: bool) -> str:
    kept = newsroom_timezone(connection)
    if kept is None and creates:
        at = clock.now(connection)
        row = {"id": 1, "uid": token_hex(16), "newsroom_timezone": settings.timezone, "created_at": at}
        connection.execute(insert_missing(connection, warehouse, ["id"]), row)
        kept = newsroom_timezone(connection)  # another process may have been first
    return kept or settings.timezone


@contextmanager
def scratch_warehouse(opened: Opened | None, timezone: str) -> Iterator[Opened]:
    """Give a throw-away warehouse that knows what the real one knows, for a dry run; texts and history are not copied.

    `opened` is None when there is no real one yet.
    """
    folder = Path(tempfile.mkdtemp(prefix="khotin-dry-run-"))
    try:
        engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
        upgrade(engine)
        if opened is not None:
            with reading(opened.engine) as source, writing(engine) as target:
                _copy_schedule(source, target)
        yield Opened(engine, timezone, is_new=True)
        engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_schedule(source: Connection, target: Connection) -> None:
    for table in (sources, hosts, feeds, runs, articles, article_urls, pages, entries):
        rows = source.execution_options(yield_per=1000).execute(select(table))
        for chunk in rows.mappings().partitions():
            # What a live run has in hand is free here: the copy is ours alone.
            changed: dict[str, Any] = {"lease_token": None} if "lease_token" in table.c else {}
            # Sources that left the feeds file may have pages waiting: theirs are not archived either.
            changed |= {"is_archived": False} if table is sources else {}
            target.execute(insert(table), [dict(row) | changed for row in chunk])
    no_texts = select(articles.c.id.label("article_id"), literal("").label("body"))
    target.execute(insert(article_texts).from_select(["article_id", "body"], no_texts))
