"""Statements over many rows: chunks for long lists, and inserts that leave known rows alone."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
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
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=list(conflict))
