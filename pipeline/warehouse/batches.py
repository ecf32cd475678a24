"""Statements over many rows: chunks for long lists, and inserts that leave known rows alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535; shorter ones are planned faster.
CHUNK = 500

T = TypeVar("T")


def in_chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a sequence into runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


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


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: tuple[str, ...] | None = None
) -> None:
    """Insert many rows that all have the same columns; with `conflict` those that are there already are left alone.

    It is `connection.execute(insert(table), rows)` without what SQLAlchemy does anew for every row.
    """
    if not rows:
        return
    dialect = connection.dialect
    names = tuple(rows[0])
    statement, places, processors = _prepared_insert(dialect, table, names, conflict)
    made = [
        [value if process is None else process(value) for process, value in zip(processors, row.values(), strict=True)]
        for row in rows
    ]
    if places is None:
        given: Any = [dict(zip(names, values, strict=True)) for values in made]
    else:
        given = [tuple(values[place] for place in places) for values in made]
    connection.exec_driver_sql(statement, given)


@cache
def _prepared_insert(
    dialect: Dialect, table: Table, names: tuple[str, ...], conflict: tuple[str, ...] | None
) -> tuple[str, tuple[int, ...] | None, tuple[Callable[[Any], Any] | None, ...]]:
    """Give the SQL, the place of each of its positional parameters among `names`, and what makes values for a driver.

    The places are None where the driver takes parameters by name.
    """
    bare = insert(table) if conflict is None else _insert_missing(dialect.name, table, conflict)
    compiled = bare.compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup
    places = tuple(names.index(name) for name in order) if order is not None else None
    columns = [table.c[name] for name in names]
    return str(compiled), places, tuple(column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns)
