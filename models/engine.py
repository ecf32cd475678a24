"""Opening the warehouse: one engine a process, with SQLite's manners set and PostgreSQL left as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

# Another process may hold SQLite's one write lock for as long as a batch takes.
BUSY_MILLISECONDS = 30_000


def open_engine(url: str) -> Engine:
    """Open an engine for `url` (SQLAlchemy form, `sqlite:///FILE` or `postgresql+psycopg://…`).

    SQLite runs in autocommit with BEGIN IMMEDIATE emitted by us: a plain BEGIN that reads and then writes fails
    when a second process has written in between, and the driver's own BEGIN would leave DDL outside.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _set_manners)
    event.listen(engine, "begin", _begin)
    return engine


def _set_manners(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def _begin(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("is_reader", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one write transaction; it commits at the end and rolls back on any error."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one read transaction: a steady view that takes no write lock."""
    with engine.connect().execution_options(is_reader=True) as connection, connection.begin():
        yield connection
