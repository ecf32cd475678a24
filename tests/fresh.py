"""Warehouses of today's schema without rows: migrated once a test session, then copied, as that is much quicker.

Tests of the migrations themselves, and those of the whole commands, go the real way.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres_server import HOME_VARIABLE, URL_VARIABLE, server_url
from sqlalchemy import URL, Connection, Engine, create_engine, text

from models.engine import open_engine
from pipeline.warehouse.opening import bring_to_head


def bring_up(engine: Engine) -> None:
    """Give a database that is new and empty today's schema."""
    if engine.dialect.name == "sqlite":
        bring_up_file(Path(str(engine.url.database)))
    else:
        _bring_up_database(engine.url)


def bring_up_file(file: Path) -> None:
    """Put a warehouse where there is no file yet."""
    assert not file.exists()
    template = Path(os.environ[HOME_VARIABLE]) / "template.db"
    with _alone() as home:
        if not template.exists():
            _migrate(f"sqlite:///{home / 'half-made.db'}")
            (home / "half-made.db").rename(template)
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, file)


def template_database() -> str:
    """Name a PostgreSQL database of today's schema, to be copied."""
    template = _template()
    admin = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with _alone(), admin.connect() as connection:
        known = text("SELECT 1 FROM pg_database WHERE datname = :name")
        if not connection.execute(known, {"name": template}).scalar():
            _make_template(connection, admin.url, template)
    admin.dispose()
    return template


def _bring_up_database(url: URL) -> None:
    template = template_database()
    admin = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.database}"))
        connection.execute(text(f"CREATE DATABASE {url.database} TEMPLATE {template}"))
    admin.dispose()


def forget() -> None:
    """At the session's end: leave nothing on a server that outlives it."""
    if os.environ.get(HOME_VARIABLE + "_OWNER") == str(os.getpid()) and os.environ.get(URL_VARIABLE):
        admin = create_engine(server_url(), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {_template()}"))
        admin.dispose()


def _template() -> str:
    """Name the session's own template; a server that outlives it may be that of another session too."""
    return f"khotin_template_{Path(os.environ[HOME_VARIABLE]).name.rpartition('-')[2]}"


def _make_template(connection: Connection, url: URL, name: str) -> None:
    half = f"{name}_half"
    connection.execute(text(f"CREATE DATABASE {half} TEMPLATE template0 ENCODING 'UTF8'"))
    _migrate(url.set(database=half).render_as_string(hide_password=False))
    connection.execute(text(f"ALTER DATABASE {half} RENAME TO {name}"))


def _migrate(url: str) -> None:
    engine = open_engine(url)
    bring_to_head(engine)
    engine.dispose()


@contextmanager
def _alone() -> Iterator[Path]:
    """Let one worker at a time make what all of them share; give the folder of the session."""
    home = Path(os.environ[HOME_VARIABLE])
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield home
