"""Statements over many rows: chunks for long lists, and inserts that leave known rows alone."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, update
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
