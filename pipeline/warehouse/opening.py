"""Opening the warehouse: made at first use, brought to today's schema, or refused with what to do."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, Engine, insert, literal, make_url, select
from sqlalchemy.exc import DatabaseError

from config.settings import Settings, mask_password
from models.engine import open_engine, reading, writing
from models.schema import HEAD, current_revision, upgrade
from models.tables import article_texts, article_urls, articles, entries, feeds, hosts, pages, runs, sources, warehouse
from pipeline.warehouse import clock


class WarehouseError(Exception):
    """The warehouse cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open warehouse, the newsroom's zone that it keeps, and whether it was made just now."""

    engine: Engine
    timezone: str
    is_new: bool


def warehouse_name(url: str) -> str:
    """Name a warehouse for people: the file of SQLite, the address without password of others."""
    parsed = make_url(url)
    return str(parsed.database) if parsed.get_backend_name() == "sqlite" else mask_password(url)


def open_warehouse(settings: Settings, *, creates: bool = False) -> Opened:
    """Open the warehouse of the settings. Raises `WarehouseError` with one sentence when it cannot be used.

    With `creates` a missing SQLite file is made, and an older schema of one is brought to today's; otherwise both are
    refused, because whoever only looks changes nothing.
    """
    name, parsed = warehouse_name(settings.warehouse_url), make_url(settings.warehouse_url)
    is_embedded = parsed.get_backend_name() == "sqlite"
    is_new = is_embedded and not Path(str(parsed.database)).exists()
    if is_new and not creates:
        raise WarehouseError(f"There is no warehouse at {name} yet: `khotin run` makes it.")
    try:
        engine = open_engine(settings.warehouse_url)
        with reading(engine) as connection:
            revision = current_revision(connection)
        _check_revision(revision, name, may_upgrade=creates and is_embedded)
        if revision != HEAD:
            upgrade(engine)
        with writing(engine) if creates else reading(engine) as connection:
            return Opened(engine, _newsroom(connection, settings, creates=creates), is_new)
    except (DatabaseError, OSError) as error:
        detail = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise WarehouseError(f"The warehouse {name} cannot be opened: {detail}.") from error


def _check_revision(revision: str | None, name: str, *, may_upgrade: bool) -> None:
    if revision is not None and revision > HEAD:
        raise WarehouseError(
            f"The warehouse {name} was written by a newer khotin (schema {revision}; this one knows {HEAD}): "
            "update khotin, then try again."
        )
    if revision != HEAD and not may_upgrade:
        raise WarehouseError(
            f"The warehouse {name} has schema {revision or 'none'}, not {HEAD}: type `khotin db upgrade`."
        )


def _newsroom(connection: Connection, settings: Settings, *, creates: bool) -> str:
    kept: str | None = connection.execute(select(warehouse.c.newsroom_timezone)).scalar()
    if kept is None and creates:
        at = clock.now(connection)
        row = {"id": 1, "uid": token_hex(16), "newsroom_timezone": settings.timezone, "created_at": at}
        connection.execute(insert(warehouse).values(**row))
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
            free = {"lease_token": None} if "lease_token" in table.c else {}
            target.execute(insert(table), [dict(row) | free for row in chunk])
    no_texts = select(articles.c.id.label("article_id"), literal("").label("body"))
    target.execute(insert(article_texts).from_select(["article_id", "body"], no_texts))
