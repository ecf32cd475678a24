"""Statements over many rows: chunks for long lists, and inserts that leave known rows alone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, String, Table, bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535; shorter ones are planned faster.
CHUNK = 500

T = TypeVar("T")


def in_chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a sequence into runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


@contextmanager
def unchecked(connection: Connection) -> Iterator[None]:
    """Let SQLite take rows without its CHECK constraints; only for words that are surely on their closed lists.

    SQLite builds the list of allowed words anew for every row, which is half of what a row costs.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def own_words(
    connection: Connection, rows: Sequence[Sequence[Any]], closed: Mapping[int, frozenset[str]]
) -> Iterator[None]:
    """Look at the words of many rows here, and let SQLite take them `unchecked`.

    `closed` gives the allowed words by place in a row (NULL is always allowed); all constraints of the table have to be
    in it. Raises ValueError for any other word.
    """
    for place, words in closed.items():
        if strange := {row[place] for row in rows} - words - {None}:
            raise ValueError(f"no words of the closed lists: {sorted(strange)}")
    with unchecked(connection) if len(rows) >= _FEW else nullcontext():
        yield


# The switch makes SQLite prepare its statements anew, which costs as much as some rows do.
_FEW = 50


def insert_missing(connection: Connection, table: Table, conflict: Sequence[str]) -> Any:
    """Give an INSERT that leaves rows alone whose `conflict` columns are there already (another process was first)."""
    return _insert_missing(connection.dialect.name, table, tuple(conflict))


@cache
def _insert_missing(dialect_name: str, table: Table, conflict: tuple[str, ...]) -> Any:
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=conflict)


@cache
def update_by_key(table: Table, columns: tuple[str, ...], *, is_leased: bool = False) -> Any:
    """Give an UPDATE of `columns` of the row with key `of_key`, made once; with `is_leased` only under `of_token`.

    Building a statement costs several times what running it does.
    """
    statement = (
        update(table).where(table.c.id == bindparam("of_key")).values({name: bindparam(name) for name in columns})
    )
    return statement.where(table.c.lease_token == bindparam("of_token")) if is_leased else statement


def next_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """Give keys for new rows, so that what belongs to them can be written all together."""
    if connection.dialect.name == "postgresql":
        return list(connection.execute(_NEXT_KEYS, {"table": table.name, "count": count}).scalars())
    # SQLite has one writer at a time, and the transaction that writes has begun already.
    last = connection.execute(_last_key(table)).scalar_one()
    return list(range(last + 1, last + 1 + count))


_NEXT_KEYS = text(
    "SELECT nextval(pg_get_serial_sequence(CAST(:table AS text), 'id')) "
    "FROM generate_series(1, CAST(:count AS integer))"
)


@cache
def _last_key(table: Table) -> Any:
    return select(func.coalesce(func.max(table.c.id), 0))


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: tuple[str, ...] | None = None
) -> None:
    """Insert many rows that all have the same columns; with `conflict` those that are there already are left alone.

    It is `connection.execute(insert(table), rows)` without what SQLAlchemy does anew for every row.
    """
    if not rows:
        return
    names = tuple(rows[0])
    columns: list[Sequence[Any]] = list(zip(*[row.values() for row in rows], strict=True))
    is_clean = True
    for place, (process, is_text) in enumerate(_processors(connection.dialect, table, names)):
        if process is not None:
            columns[place] = list(map(process, columns[place]))
        # A column at once: there are many rows of many columns, and hardly ever a NUL. JSON and times have none.
        if is_text and is_clean:
            is_clean = "\x00" not in "".join([one for one in columns[place] if isinstance(one, str)])
    prepared = _prepared_insert(connection.dialect, table, names, conflict)
    _run(connection, prepared, names, list(zip(*columns, strict=True)), _NO_NUL if is_clean else {})


def insert_ready(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    *,
    conflict: tuple[str, ...] | None = None,
    is_clean: bool = True,
) -> int:
    """Insert many rows whose values, in the order of `names`, are as a driver takes them: times and JSON are texts.

    With `is_clean` there is no NUL in them. Gives how many were new.
    """
    if not rows:
        return 0
    prepared = _prepared_insert(connection.dialect, table, names, conflict)
    return _run(connection, prepared, names, rows, _NO_NUL if is_clean else {})


def update_ready(
    connection: Connection,
    statement: Any,
    names: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    *,
    is_clean: bool = True,
) -> None:
    """Run an UPDATE for many rows whose values are given as to `insert_ready`, `names` being its parameters."""
    if rows:
        prepared = _prepared(connection.dialect, statement, names)
        _run(connection, prepared, names, rows, _NO_NUL if is_clean else {})


def rows_of(connection: Connection, query: str, *given: Any) -> list[Any]:
    """Run a query that both databases read, and give its rows as plain tuples of what the driver has.

    `?` stands for one of the values `given`; `AMONG ?` says that what stands before it is one of a list of them. A list
    is one parameter: with one for each of its values a statement would be written and planned anew every time.
    """
    is_postgres = connection.dialect.name == "postgresql"
    values = given if is_postgres else tuple(json.dumps(one) if isinstance(one, list) else one for one in given)
    result = connection.exec_driver_sql(_for_driver(query, is_postgres=is_postgres), values)
    found = list(result.cursor.fetchall())
    result.close()
    return found


@cache
def _for_driver(query: str, *, is_postgres: bool) -> str:
    if is_postgres:
        return query.replace("AMONG ?", "= ANY(%s)").replace("?", "%s")
    return query.replace("AMONG ?", "IN (SELECT value FROM json_each(?))")


def as_text(at: datetime) -> str:
    """Give an instant as the text that both databases take."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


_NO_NUL: dict[str, Any] = {"has_no_nul": True}
# The SQL, and the place of each of its positional parameters among the names; None where a driver takes them by name.
_Prepared = tuple[str, Callable[[Sequence[Any]], Any] | None]


def _run(
    connection: Connection,
    prepared: _Prepared,
    names: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    options: dict[str, Any],
) -> int:
    statement, ordered = prepared
    given: Any = [dict(zip(names, row, strict=True)) for row in rows] if ordered is None else list(map(ordered, rows))
    return connection.exec_driver_sql(statement, given, execution_options=options).rowcount


@cache
def _prepared_insert(
    dialect: Dialect, table: Table, names: tuple[str, ...], conflict: tuple[str, ...] | None
) -> _Prepared:
    bare = insert(table) if conflict is None else _insert_missing(dialect.name, table, conflict)
    return _ordered(bare.compile(dialect=dialect, column_keys=list(names)), names)


@cache
def _prepared(dialect: Dialect, statement: Any, names: tuple[str, ...]) -> _Prepared:
    return _ordered(statement.compile(dialect=dialect), names)


def _ordered(compiled: Any, names: tuple[str, ...]) -> _Prepared:
    order = compiled.positiontup
    if order is None:
        return str(compiled), None
    # `itemgetter` of one place gives no tuple.
    return str(compiled), itemgetter(*(names.index(name) for name in order)) if len(order) > 1 else tuple


@cache
def _processors(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[tuple[Callable[[Any], Any] | None, bool], ...]:
    """Give how a driver is given the values of each column, and whether these are texts."""
    types = [table.c[name].type for name in names]
    return tuple((one.dialect_impl(dialect).bind_processor(dialect), isinstance(one, String)) for one in types)
