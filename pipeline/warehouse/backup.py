"""Backups: one file with the warehouse as it was at one instant and the list of the archive's files that go with it."""

import json
import sqlite3
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from shutil import copyfileobj
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text, update

from models.engine import open_engine, reading, write
from models.schema import HEAD, current_revision, upgrade
from models.search import postgres_search
from models.states import ArchiveState
from models.tables import archives, leases, metadata, warehouse
from pipeline.warehouse import clock, lease
from pipeline.warehouse.copy import refuse_runs
from pipeline.warehouse.dumps import dump, load
from pipeline.warehouse.opening import follow_upgrade, opening
from pipeline.warehouse.place import WarehouseError, detail_of, file_of, is_embedded, is_missing, warehouse_name
from pipeline.warehouse.runs import end_dead_runs
from pipeline.warehouse.server import check_server
from pipeline.warehouse.snapshot import take_snapshot

FORMAT = 1
_MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 200_000_000
_NAMES = {"sqlite": "warehouse.db", "postgresql": "warehouse.dump"}


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A WARC file: `size` is where its last committed record ends."""

    name: str
    place: str
    state: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which warehouse, when, the rows of every table, and the archive's files."""

    format: int
    khotin: str
    created_at: str
    kind: str
    schema: str
    uid: str | None
    newsroom_timezone: str | None
    tables: dict[str, int]
    archives: list[ArchiveFile]


def back_up(url: str, file: Path) -> Manifest:
    """Write a backup while runs may go on; the WARC files are only listed in it. Raises `WarehouseError`, OSError."""
    if file.exists():
        raise WarehouseError(f"{file} exists already: give another name.")
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.{token_hex(4)}.half")
    content = half.with_suffix(".content")
    try:
        with opening(url) as engine:
            take = _snapshot_sqlite if is_embedded(url) else _snapshot_postgres
            manifest = take(engine, content)
        _pack(half, manifest, content)
        half.rename(file)
    finally:
        half.unlink(missing_ok=True)
        content.unlink(missing_ok=True)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Read what a backup says of itself. Raises `WarehouseError` when it is none."""
    with _unpacking(file) as packed:
        if packed.getinfo(_MANIFEST).file_size > _MAX_MANIFEST_BYTES:
            raise WarehouseError(f"{file} has a manifest that is too large.")
        said = json.loads(packed.read(_MANIFEST))
        if said["format"] > FORMAT:
            raise WarehouseError(
                f"{file} was made by a newer khotin ({said['khotin']}): update khotin, then try again."
            )
        return Manifest(**said | {"archives": [ArchiveFile(**one) for one in said["archives"]]})


def restore(url: str, file: Path, *, overwrites: bool = False) -> tuple[Manifest, Path | None]:
    """Put the warehouse of a backup at `url`; give its manifest, and the file that keeps what was there before.

    A warehouse that is there already is only replaced with `overwrites`, and never while a run is at work. Nobody
    holds anything in a restored warehouse: leases end, their runs are interrupted, open archive files are closed as
    they are. Raises `WarehouseError`, OSError.
    """
    manifest = read_manifest(file)
    if manifest.schema > HEAD:
        raise WarehouseError(f"{file} has schema {manifest.schema}; this khotin knows {HEAD}: update khotin first.")
    if (manifest.kind == "sqlite") != is_embedded(url):
        raise WarehouseError(
            f"{file} is of a {manifest.kind} warehouse: restore it into one of that kind (KHOTIN_DATABASE_URL), then "
            "`khotin db copy --to` the other."
        )
    put = _put_sqlite if is_embedded(url) else partial(_put_postgres, manifest=manifest)
    content = file.with_name(f"{file.name}.{token_hex(4)}.content")
    if is_embedded(url):
        content = file_of(url).with_name(content.name)
        content.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _unpacking(file) as packed, packed.open(_NAMES[manifest.kind]) as source, content.open("wb") as target:
            copyfileobj(source, target)
        kept = put(url, content, overwrites)
    finally:
        content.unlink(missing_ok=True)
    with opening(url) as engine:
        upgrade(engine)
        write(engine, _let_go)
        write(engine, follow_upgrade)
    return manifest, kept


def _snapshot_sqlite(engine: Engine, content: Path) -> Manifest:
    take_snapshot(Path(str(engine.url.database)), content)
    copy = open_engine(f"sqlite:///{content}")
    try:
        with reading(copy) as connection:
            return _describe(connection)
    finally:
        copy.dispose()
        with closing(sqlite3.connect(content)) as again:
            again.execute("PRAGMA journal_mode=DELETE")


def _snapshot_postgres(engine: Engine, content: Path) -> Manifest:
    with reading(engine) as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        manifest = _describe(connection)
        dump(engine, snapshot, content)
    return manifest


def _describe(connection: Connection) -> Manifest:
    schema = current_revision(connection)
    if schema is None:
        raise WarehouseError("There is no warehouse to back up yet.")
    own = connection.execute(select(warehouse)).one_or_none()
    tables = [table for table in metadata.sorted_tables if inspect(connection).has_table(table.name)]
    columns = (archives.c.name, archives.c.place, archives.c.state, archives.c.size)
    return Manifest(
        format=FORMAT,
        khotin=version("khotin"),
        created_at=f"{clock.now(connection):%Y-%m-%dT%H:%M:%SZ}",
        kind=connection.dialect.name,
        schema=schema,
        uid=own.uid if own else None,
        newsroom_timezone=own.newsroom_timezone if own else None,
        tables={
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        },
        archives=[ArchiveFile(*row) for row in connection.execute(select(*columns).order_by(archives.c.name))],
    )


def _pack(file: Path, manifest: Manifest, content: Path) -> None:
    # A dump is compressed already; a SQLite file shrinks to a third even at the fastest level.
    method = zipfile.ZIP_DEFLATED if manifest.kind == "sqlite" else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(_MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        packed.write(content, _NAMES[manifest.kind], method, compresslevel=1)


@contextmanager
def _unpacking(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as packed:
            yield packed
    except FileNotFoundError as error:
        raise WarehouseError(f"There is no file {file}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WarehouseError(f"{file} is no whole backup of khotin: {error}.") from error


def _put_sqlite(url: str, content: Path, overwrites: bool) -> Path | None:
    try:
        with closing(sqlite3.connect(content)) as candidate:
            found = candidate.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = detail_of(error)
    if found != "ok":
        raise WarehouseError(f"The backup's warehouse is damaged: {found}.")
    target, kept = file_of(url), None
    if not is_missing(url):
        _refuse_to_replace(url, overwrites)
        kept = target.with_name(f"{target.stem}-before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{target.suffix}")
        take_snapshot(target, kept)
    # The journal of the old file must not be applied to the new one.
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    content.replace(target)
    return kept


def _put_postgres(url: str, content: Path, overwrites: bool, *, manifest: Manifest) -> None:
    with opening(url) as engine:
        with reading(engine) as connection:
            check_server(connection)
            revision = current_revision(connection)
        if revision is not None:
            _refuse_to_replace(url, overwrites)
            if revision != manifest.schema:
                write(engine, lambda connection: _make_way(connection, manifest.tables))
        load(engine, content, replaces=revision is not None)


def _make_way(connection: Connection, known: Container[str]) -> None:
    """Drop what the backup, of another schema, does not know and what hangs on what it knows: it cannot replace it."""
    here = "to_regnamespace(quote_ident(current_schema()))"
    views = f"SELECT oid::regclass::text FROM pg_class WHERE relkind = 'v' AND relnamespace = {here}"  # noqa: S608  # ours
    functions = f"SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = {here}"  # noqa: S608  # ours
    ours = "starts_with(relname, 'report_')", "starts_with(proname, 'search_')"
    made = [*metadata.tables, postgres_search.name]
    tables = [name for name in made if name not in known and inspect(connection).has_table(name)]
    gone = {
        "VIEW": list(connection.exec_driver_sql(f"{views} AND {ours[0]}").scalars()),
        "FUNCTION": list(connection.exec_driver_sql(f"{functions} AND {ours[1]}").scalars()),
        "TABLE": tables,
    }
    for kind, names in gone.items():
        if names:
            connection.exec_driver_sql(f"DROP {kind} {', '.join(names)}")


def _refuse_to_replace(url: str, overwrites: bool) -> None:
    """Raise `WarehouseError` unless the warehouse that is there may be replaced."""
    name = warehouse_name(url)
    if not overwrites:
        raise WarehouseError(f"There is a warehouse at {name} already; --overwrite replaces it.")
    with opening(url) as engine, reading(engine) as connection:
        revision = current_revision(connection)
        if revision is not None and revision == HEAD:
            refuse_runs(connection, "replaced")
    if revision is not None and revision > HEAD and not is_embedded(url):
        raise WarehouseError(f"{name} has the newer schema {revision}: restore into an empty database.")


def _let_go(connection: Connection) -> None:
    """End what was at work when the backup was made; it works elsewhere, or not at all."""
    closed: dict[str, Any] = {"state": ArchiveState.CLOSED, "closed_at": clock.now(connection)}
    connection.execute(update(archives).where(archives.c.state == ArchiveState.OPEN).values(**closed))
    for token in connection.execute(select(leases.c.token)).scalars().all():
        end_dead_runs(connection, token)
        lease.drop(connection, token)
