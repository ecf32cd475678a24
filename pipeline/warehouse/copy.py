"""A warehouse carried to another database, table by table in the order of keys, until both say the same."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, collate, delete, func, insert, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import String

from models.engine import reading, writing
from models.schema import HEAD, current_revision, upgrade
from models.tables import articles, metadata, runs, warehouse
from pipeline.warehouse import lease
from pipeline.warehouse.opening import UNFINISHED, check_revision
from pipeline.warehouse.place import WarehouseError, warehouse_name
from pipeline.warehouse.search_index import catch_up
from pipeline.warehouse.server import check_server

# A row may hold a long text (a body, a robots.txt): so many fit in memory, and make few round trips.
CHUNK = 200

Watch = Callable[[str, int], None]
"""Is told the table and how many of its rows are done, after each chunk's commit."""


@dataclass(frozen=True, slots=True)
class TableSum:
    """What a table holds: its rows, and the SHA-256 of all of them in the order of keys."""

    rows: int
    digest: str


def copy_warehouse(source: Engine, target: Engine, watch: Watch = lambda _table, _rows: None) -> dict[str, TableSum]:
    """Copy every table of `source` into `target`; give what both hold then, by table.

    `target` is an empty database, or one that an earlier call for the same source did not finish: then only what
    differs is written. Until the end it is marked, so that no run takes it for a warehouse. Memory is bounded.
    Raises `WarehouseError` when there is a run at work, the target is in use, or the two differ at the end.
    """
    with reading(source) as origin:
        refuse_runs(origin, "copied")
        own = origin.execute(select(warehouse)).mappings().one_or_none()
        if own is None:
            raise WarehouseError("There is nothing to copy yet: no run has used this warehouse.")
        _prepare(target, own["uid"])
        tables = [table for table in metadata.sorted_tables if table is not warehouse]
        for table in tables:
            _carry(origin, target, table, watch)
        _carry_references_ahead(origin, target)
        for table in reversed(tables):
            _drop_what_is_gone(origin, target, table)
        sums = _compared(origin, target, tables)
        _refuse_news(source, origin)
    _index_for_search(target, watch)
    with writing(target) as connection:
        _set_sequences(connection, tables)
        connection.execute(insert(warehouse).values(**own))
        _mark(connection, HEAD)
    return sums


def _index_for_search(target: Engine, watch: Watch) -> None:
    """Fill the search index, which each database has in its own kind; the texts are those that were compared."""
    done = 0
    while True:
        with writing(target) as connection:
            indexed = catch_up(connection, CHUNK)
        done += indexed
        watch("the search index", done)
        if indexed < CHUNK:
            return


def refuse_runs(connection: Connection, done: str) -> None:
    """Raise `WarehouseError` while a run holds a lease: its rows are not at rest."""
    holder = next(iter(lease.living(connection)), None)
    if holder is not None:
        raise WarehouseError(
            f"A run is at work (process {holder.pid} on {holder.hostname}); the warehouse can be {done} when it has "
            "ended: `khotin status` tells."
        )


def sums_of(connection: Connection, tables: Sequence[Table]) -> dict[str, TableSum]:
    """Count and hash all rows of the tables."""
    return {table.name: _sum(connection, table) for table in tables}


def _prepare(target: Engine, uid: str) -> None:
    """Make the target's schema and mark it as an unfinished copy of the warehouse `uid`."""
    name, mark = warehouse_name(target.url.render_as_string(hide_password=False)), f"{UNFINISHED} {HEAD} {uid[:16]}"
    with reading(target) as connection:
        check_server(connection)
        revision = current_revision(connection)
    if revision == mark:
        return
    if revision is not None and revision.startswith(UNFINISHED):
        raise WarehouseError(f"{name} is the unfinished copy of another warehouse: empty it, or copy elsewhere.")
    if revision is None:
        upgrade(target)
    else:
        check_revision(revision, target.url.render_as_string(hide_password=False))
    with writing(target) as connection:
        if any(connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables):
            raise WarehouseError(f"{name} holds a warehouse already: copy into an empty database.")
        _mark(connection, mark)


def _mark(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _key(table: Table) -> list[Any]:
    return list(table.primary_key.columns)


def _in_order(connection: Connection, table: Table) -> Select[Any]:
    """Query all rows in the order of the key, texts by their bytes: the order is the same on both databases."""
    is_postgres = connection.dialect.name == "postgresql"
    order = [collate(c, "C") if is_postgres and isinstance(c.type, String) else c for c in _key(table)]
    return select(table).order_by(*order)


def _chunks(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    result = connection.execute(query, execution_options={"yield_per": CHUNK})
    return (chunk for chunk in result.partitions())


def _carry(origin: Connection, target: Engine, table: Table, watch: Watch) -> None:
    """Write what the target does not have yet, or has otherwise; each chunk in a transaction of its own."""
    done = 0
    for chunk in _chunks(origin, _in_order(origin, table)):
        with writing(target) as connection:
            there = _rows_like(connection, table, chunk)
            missing = [row for row in chunk if there.get(_key_of(table, row)) != _plain(row)]
            if missing:
                connection.execute(_upsert(connection, table), [_values(table, row) for row in missing])
        done += len(chunk)
        watch(table.name, done)


def _key_of(table: Table, row: Any) -> tuple[Any, ...]:
    return tuple(row._mapping[column] for column in _key(table))


def _rows_like(connection: Connection, table: Table, chunk: Sequence[Any]) -> dict[tuple[Any, ...], str]:
    keys = [_key_of(table, row) for row in chunk]
    found = connection.execute(select(table).where(tuple_(*_key(table)).in_(keys)))
    return {_key_of(table, row): _plain(row) for row in found}


def _values(table: Table, row: Any) -> dict[str, Any]:
    values = dict(row._mapping)
    if table is articles and _refers_ahead(row):
        values["duplicate_of"] = None
    return values


def _refers_ahead(row: Any) -> bool:
    """Tell whether an article refers to one that comes after it, and so is not there yet."""
    return row.duplicate_of is not None and bool(row.duplicate_of > row.id)


def _upsert(connection: Connection, table: Table) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    if not rest:  # a row that is its key cannot be otherwise
        return statement.on_conflict_do_nothing(index_elements=_key(table))
    return statement.on_conflict_do_update(index_elements=_key(table), set_=rest)


def _carry_references_ahead(origin: Connection, target: Engine) -> None:
    ahead = select(articles.c.id, articles.c.duplicate_of).where(articles.c.duplicate_of > articles.c.id)
    for chunk in _chunks(origin, ahead):
        with writing(target) as connection:
            for row in chunk:
                connection.execute(
                    update(articles).where(articles.c.id == row.id).values(duplicate_of=row.duplicate_of)
                )


def _drop_what_is_gone(origin: Connection, target: Engine, table: Table) -> None:
    """Delete rows that the source lost between two calls; the first call finds none."""
    count = select(func.count()).select_from(table)
    with reading(target) as connection:
        if connection.execute(count).scalar() == origin.execute(count).scalar():
            return
        key = tuple_(*_key(table))
        gone: list[tuple[Any, ...]] = []
        for chunk in _chunks(connection, select(*_key(table))):
            keys = {tuple(row) for row in chunk}
            gone += sorted(
                keys - {tuple(row) for row in origin.execute(select(*_key(table)).where(key.in_(list(keys))))}
            )
    with writing(target) as connection:
        for start in range(0, len(gone), CHUNK):
            connection.execute(delete(table).where(key.in_(gone[start : start + CHUNK])))


def _compared(origin: Connection, target: Engine, tables: Sequence[Table]) -> dict[str, TableSum]:
    with reading(target) as connection:
        ours, theirs = sums_of(origin, tables), sums_of(connection, tables)
    for name, found in ours.items():
        if theirs[name] != found:
            raise WarehouseError(
                f"The copies of {name} differ ({found.rows} and {theirs[name].rows} rows): was the target written to? "
                "Type the same again."
            )
    return ours


def _sum(connection: Connection, table: Table) -> TableSum:
    digest, rows = hashlib.sha256(), 0
    for chunk in _chunks(connection, _in_order(connection, table)):
        for row in chunk:
            digest.update(_plain(row).encode(errors="surrogatepass") + b"\n")
        rows += len(chunk)
    return TableSum(rows, digest.hexdigest())


def _plain(row: Any) -> str:
    """Write a row as the same text on both databases (JSONB keeps the order of keys of no object)."""
    return repr(
        [
            json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, dict | list) else value
            for value in row
        ]
    )


def _refuse_news(source: Engine, origin: Connection) -> None:
    """Refuse to finish when a run has begun since the copy did."""
    last = select(func.max(runs.c.id))
    with reading(source) as now:
        if lease.living(now) or now.execute(last).scalar() != origin.execute(last).scalar():
            raise WarehouseError(
                "A run began meanwhile: when it has ended, type the same again to carry its rows over."
            )


def _set_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """Let new rows be numbered after the copied ones (SQLite does so by itself)."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
