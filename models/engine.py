"""Opening the warehouse: one engine a process, with the manners of its database set, and its transactions."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

# Another process may hold SQLite's one write lock for as long as a batch takes.
BUSY_MILLISECONDS = 30_000

# A server that has gone is noticed within a minute or so, while it is awaited and while it is asked (libpq's names).
_POSTGRES_MANNERS = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "khotin",
}
# PostgreSQL ended a transaction for the sake of another one: deadlock, serialisation failure (appendix A, class 40).
_TRY_AGAIN = frozenset({"40P01", "40001"})
_MOST_TRIES = 8

T = TypeVar("T")


def open_engine(url: str) -> Engine:
    """Open an engine for `url` (SQLAlchemy form, `sqlite:///FILE` or `postgresql+psycopg://…`).

    SQLite runs in autocommit with BEGIN IMMEDIATE emitted by us: a plain BEGIN that reads and then writes fails
    when a second process has written in between, and the driver's own BEGIN would leave DDL outside. NUL characters
    are dropped from every text on its way in: PostgreSQL keeps none, and both databases shall hold the same.
    """
    engine = _open_sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _open_postgres(url)
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _open_postgres(url: str) -> Engine:
    given = make_url(url).query
    manners = {name: value for name, value in _POSTGRES_MANNERS.items() if name not in given}
    return create_engine(url, pool_pre_ping=True, connect_args=manners, json_serializer=_as_json)


def _open_sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    timeout = BUSY_MILLISECONDS / 1000
    engine = create_engine(url, connect_args={"timeout": timeout}, json_serializer=_as_json)
    event.listen(engine, "connect", _set_manners)
    event.listen(engine, "begin", _begin)
    return engine


def _set_manners(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    # 16 MB: a page that is written again and again goes into the database once.
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch a database to WAL; while another process makes it, SQLite says "locked" at once and does not wait."""
    until = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _begin(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get("is_reader", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _as_json(value: Any) -> str:
    if value == []:
        return "[]"
    written = json.dumps(value, ensure_ascii=False)
    return json.dumps(_clean(value), ensure_ascii=False) if "\\u0000" in written else written


def _without_nul(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, _is_many: bool
) -> tuple[str, Any]:
    # Rows that were made without NUL say so: there are many of them.
    if context is not None and context.execution_options.get("has_no_nul"):
        return statement, parameters
    return statement, _clean(parameters) if _has_nul(parameters) else parameters


def _has_nul(value: Any) -> bool:
    """Look into the parameters of one statement, or of many: texts in tuples and mappings, and those in a list."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return False
    if value and type(value) is list and all(type(row) is tuple for row in value):
        value = list(chain.from_iterable(value))
    # All texts at once: there are many rows of many columns, and hardly ever a NUL.
    texts = [one for one in value if type(one) is str]
    return "\x00" in "".join(texts) or (len(texts) < len(value) and any(map(_has_nul, _nested(value))))


def _nested(value: Any) -> list[Any]:
    return [one for one in value if type(one) in (list, tuple, dict)]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    return type(value)(map(_clean, value)) if isinstance(value, list | tuple) else value


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one write transaction; it commits at the end and rolls back on any error."""
    with engine.begin() as connection:
        yield connection


def write(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run `work` in one write transaction and give what it gives.

    On PostgreSQL two processes can wait for each other's rows; one is then ended and begins again, so `work` may run
    more than once and keeps nothing of a run that failed. Raises OperationalError when it keeps failing.
    """
    for tries in range(1, _MOST_TRIES + 1):
        try:
            with writing(engine) as connection:
                return work(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN or tries == _MOST_TRIES:
                raise
            time.sleep(random.uniform(0, 0.05 * tries))  # noqa: S311  # only so that the two do not meet again
    raise AssertionError("the last try either returned or raised")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one read transaction: a steady view, however long it is looked at, that takes no lock and cannot write."""
    with engine.connect() as connection:
        options: dict[str, Any] = {"is_reader": True}
        if engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connection = connection.execution_options(**options)  # noqa: PLW2901  # the same connection
        with connection.begin():
            yield connection
