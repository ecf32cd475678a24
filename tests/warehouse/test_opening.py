"""Opening a warehouse: made at first use, kept before it migrates, refused with the command to type."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cli_runner import type_in
from fresh import bring_up
from newsroom import Newsroom, Piece, needs_many_hosts, serve_feed, source
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from demo.site import LoopbackServer
from models.engine import open_engine, reading, writing
from models.schema import HEAD, current_revision
from pipeline.warehouse import opening
from pipeline.warehouse.opening import bring_to_head, open_warehouse
from pipeline.warehouse.place import WarehouseError
from pipeline.warehouse.server import check_server


def set_revision(url: str, revision: str) -> None:
    engine = open_engine(url)
    bring_up(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("9999", "was written by a newer khotin"), ("copying 0001 abc", "unfinished copy")],
    ids=["newer", "unfinished"],
)
def test_a_schema_that_is_not_ours_is_refused(warehouse_url: str, tmp_path: Path, revision: str, advice: str) -> None:
    set_revision(warehouse_url, revision)
    with pytest.raises(WarehouseError, match=advice):
        open_warehouse(Newsroom(tmp_path, {"database_url": warehouse_url}).settings, creates=True)


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_run_on_an_older_postgresql_schema_is_told_what_to_type(
    postgres_url: str, tmp_path: Path, *, is_empty: bool
) -> None:
    if not is_empty:
        set_revision(postgres_url, "0000")
    with pytest.raises(WarehouseError, match="type `khotin db upgrade`"):
        open_warehouse(Newsroom(tmp_path, {"database_url": postgres_url}).settings, creates=True)


def test_an_embedded_warehouse_is_kept_beside_itself_before_it_migrates(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def migrate(engine: Engine) -> tuple[str | None, str]:
        with writing(engine) as connection:
            before = current_revision(connection)
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            connection.execute(text("DELETE FROM article_texts"))
        return before, "9999"

    monkeypatch.setattr(opening, "HEAD", "9999")
    monkeypatch.setattr(opening, "upgrade", migrate)
    opened = open_warehouse(Newsroom(data).settings, creates=True)
    with reading(opened.engine) as connection:
        assert current_revision(connection) == "9999"
    opened.engine.dispose()
    with sqlite3.connect(data / f"khotin-schema-{HEAD}.db") as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert kept.execute("SELECT count(*) FROM article_texts").fetchone() == (6,)
    kept.close()
    assert sorted(path.name for path in data.iterdir() if path.name.endswith(".half")) == []


def test_a_warehouse_of_todays_schema_is_not_copied(data: Path) -> None:
    engine = open_engine(f"sqlite:///{data / 'khotin.db'}")
    assert bring_to_head(engine) == (HEAD, None)
    engine.dispose()


def test_first_uses_at_once_make_one_warehouse(warehouse_url: str, tmp_path: Path) -> None:
    settings = Newsroom(tmp_path, {"database_url": warehouse_url}).settings
    if warehouse_url.startswith("postgresql"):
        set_revision(warehouse_url, HEAD)

    def use(_number: int) -> str:
        opened = open_warehouse(settings, creates=True)
        with reading(opened.engine) as connection:
            uid: str = connection.execute(text("SELECT uid FROM warehouse")).scalar_one()
        opened.engine.dispose()
        return uid

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(use, range(4)))) == 1


class OldServer:
    """Answers as a PostgreSQL of another age, or of another encoding, would."""

    class dialect:  # noqa: N801  # named as SQLAlchemy does
        name = "postgresql"

    def __init__(self, **said: str) -> None:
        self._said = {"server_version_num": "180000", "server_encoding": "UTF8", "server_version": "18.0"} | said

    def execute(self, statement: Any) -> Any:
        said = self._said[str(statement).removeprefix("SHOW ")]

        class Result:
            scalar_one = staticmethod(lambda: said)

        return Result()


def test_postgresql_before_14_and_other_encodings_are_refused_in_one_sentence() -> None:
    check_server(OldServer())  # type: ignore[arg-type]  # answers what is asked
    with pytest.raises(WarehouseError, match=r"^This is PostgreSQL 13.9; khotin needs 14 or newer.$"):
        check_server(OldServer(server_version_num="130009", server_version="13.9"))  # type: ignore[arg-type]
    with pytest.raises(WarehouseError, match="encoding is LATIN1; khotin needs UTF8"):
        check_server(OldServer(server_encoding="LATIN1"))  # type: ignore[arg-type]


def test_db_upgrade_without_rights_says_what_an_administrator_types_and_that_helps(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"reader_{os.urandom(4).hex()}"
    admin = create_engine(make_url(postgres_url), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'"))
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    url = make_url(postgres_url).set(username=role, password="secret", drivername="postgresql")
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KHOTIN_DATABASE_URL", url.render_as_string(hide_password=False))
    try:
        refused = type_in("db", "upgrade")
        assert refused.code == 1
        assert "secret" not in refused.err
        statements = [
            line.strip() for line in refused.err.splitlines() if line.startswith("    ") and "\\connect" not in line
        ]
        assert statements == [f'GRANT USAGE, CREATE ON SCHEMA public TO "{role}";']
        with admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        assert type_in("db", "upgrade").code == 0
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        admin.dispose()


def test_without_a_database_db_upgrade_gives_the_sql_that_makes_it_and_a_run_one_sentence(
    postgres_server_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f'odd "name" {os.urandom(4).hex()}'
    url = postgres_server_url.set(database=name, drivername="postgresql")
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KHOTIN_CONTACT", "desk@example.org")
    monkeypatch.setenv("KHOTIN_DATABASE_URL", url.render_as_string(hide_password=False))
    refused = type_in("db", "upgrade")
    quoted = name.replace('"', '""')
    assert refused.code == 1
    assert f'CREATE DATABASE "{quoted}" OWNER "{url.username}" ENCODING' in refused.err
    ran = type_in("status")
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)
    assert "cannot be opened" in ran.err


@needs_many_hosts
def test_a_connection_lost_in_the_middle_of_a_turn_ends_the_run_and_the_next_one_carries_on(
    server: LoopbackServer, postgres_url: str, tmp_path: Path
) -> None:
    site = server.site()
    wish = source("Ward", serve_feed(site, [Piece(f"/town/story-{n}-of-the-ward", 70 + n) for n in range(4)]))
    newsroom = Newsroom(tmp_path, {"database_url": postgres_url})
    engine = open_engine(postgres_url)
    bring_up(engine)
    is_cut = False

    def cut(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal is_cut
        if statement.startswith("INSERT INTO articles") and not is_cut:
            is_cut = True
            pid = connection.connection.driver_connection.info.backend_pid
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    event.listen(Engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(OperationalError):
            newsroom.run(wish)
    finally:
        event.remove(Engine, "before_cursor_execute", cut)
    newsroom.run(wish)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM report_articles")).scalar() == 4
        assert connection.execute(text("SELECT count(*) FROM pages WHERE state <> 'done'")).scalar() == 0
        assert connection.execute(text("SELECT state FROM runs ORDER BY id")).scalars().all() == ["failed", "done"]
    engine.dispose()
