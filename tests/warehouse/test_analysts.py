"""Analysts on PostgreSQL: they read the report views, write in a schema of their own, and do nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_up
import pytest
from cli_runner import type_in
from fresh import bring_up
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from models.engine import open_engine, reading, writing
from models.views import COLUMNS, TEXTS
from pipeline.warehouse.analysts import extend_grants, grant_analyst
from pipeline.warehouse.backup import back_up, restore
from pipeline.warehouse.opening import bring_to_head

WHOLE = sorted({*COLUMNS, "report_search"})


@pytest.fixture
def url(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The made-up newsroom's warehouse on PostgreSQL, as the commands find it."""
    engine = open_engine(postgres_url)
    bring_up(engine)
    with writing(engine) as connection:
        made_up.fill(connection)
    engine.dispose()
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KHOTIN_DATABASE_URL", postgres_url)
    return postgres_url


@pytest.fixture
def role(url: str) -> Iterator[str]:
    """A name for an analyst, odd and of this test alone; the role is gone afterwards."""
    name = f"o'dd \"ana%lyst {os.urandom(4).hex()}"
    yield name
    drop(url, name)


def drop(url: str, name: str) -> None:
    engine, quoted = create_engine(url, isolation_level="AUTOCOMMIT"), '"' + name.replace('"', '""') + '"'
    with engine.connect() as connection:
        if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first():
            run(connection, f"DROP OWNED BY {quoted} CASCADE")
            run(connection, f"DROP ROLE {quoted}")
    engine.dispose()


def run(connection: Any, statement: str) -> Any:
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def as_analyst(url: str, role: str, *statements: str) -> list[tuple[Any, ...]]:
    """Give what the last statement says to the analyst."""
    engine = create_engine(make_url(url).set(username=role))
    try:
        with engine.begin() as connection:
            for statement in statements[:-1]:
                run(connection, statement)
            return [tuple(row) for row in run(connection, statements[-1])]
    finally:
        engine.dispose()


def is_refused(url: str, role: str, statement: str) -> bool:
    try:
        as_analyst(url, role, statement)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":  # insufficient_privilege
            raise
        return True
    return False


def readable(url: str, role: str) -> list[str]:
    return [view for view in WHOLE if not is_refused(url, role, f"SELECT * FROM {view} LIMIT 1")]


def test_an_analyst_reads_every_view_and_searches_and_reads_no_table(url: str, role: str) -> None:
    typed = type_in("db", "grant-analyst", role)
    assert (typed.code, "its password is shown only now" in typed.out) == (0, True)
    assert readable(url, role) == WHOLE
    assert as_analyst(url, role, "SELECT count(*) FROM search_articles('ben tre')")[0][0] > 0
    for table in ("articles", "article_texts", "feeds", "article_search", "warehouse"):
        assert is_refused(url, role, f"SELECT * FROM {table}"), table
    assert is_refused(url, role, "CREATE TABLE public.mine (id integer)")


def test_an_analyst_writes_in_a_schema_of_their_own_and_is_cut_off_in_time(url: str, role: str) -> None:
    type_in("db", "grant-analyst", role)
    made = as_analyst(url, role, "CREATE TABLE mine AS SELECT source FROM report_articles", "SELECT count(*) FROM mine")
    assert made == [(23,)]
    place = as_analyst(url, role, "SELECT schemaname FROM pg_tables WHERE tablename = 'mine'")
    assert place == [(f"scratch_{role}",)]
    assert as_analyst(url, role, "SHOW statement_timeout") == [("1min",)]
    assert as_analyst(url, role, "SHOW TimeZone") == [("UTC",)]


def test_without_texts_no_body_no_difference_and_no_search_can_be_read(url: str, role: str) -> None:
    assert "without texts" in type_in("db", "grant-analyst", role, "--no-text").out
    assert readable(url, role) == sorted({*WHOLE} - {*TEXTS})
    for view, columns in TEXTS.items():
        assert all(is_refused(url, role, f"SELECT {column} FROM {view}") for column in columns)
    assert is_refused(url, role, "SELECT * FROM search_articles('ben tre')")
    assert as_analyst(url, role, "SELECT count(title), count(began_at) FROM report_versions") == [(25, 25)]
    assert as_analyst(url, role, "SELECT words_added FROM report_edits") == [(3,)]


def test_granting_again_changes_what_may_be_read_and_keeps_the_password(url: str, role: str) -> None:
    type_in("db", "grant-analyst", role)
    again = type_in("db", "grant-analyst", role, "--no-text")
    assert (again.code, "password" in again.out) == (0, False)
    assert is_refused(url, role, "SELECT * FROM report_texts")
    type_in("db", "grant-analyst", role)
    assert readable(url, role) == WHOLE


def test_the_server_keeps_the_password_and_no_statement_shows_it(url: str, role: str) -> None:
    typed = type_in("db", "grant-analyst", role)
    password = typed.out.strip().rsplit(" ", 1)[1]
    engine = open_engine(url)
    with reading(engine) as connection:
        kept = connection.execute(text("SELECT rolpassword FROM pg_authid WHERE rolname = :name"), {"name": role})
        assert kept.scalar_one().startswith("SCRAM-SHA-256$")
    engine.dispose()
    assert len(password) >= 20


def test_new_views_come_to_analysts_with_an_upgrade_but_texts_only_to_those_who_read_them(url: str, role: str) -> None:
    type_in("db", "grant-analyst", role, "--no-text")
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE VIEW report_tomorrow AS SELECT 1 AS one"))
    assert is_refused(url, role, "SELECT * FROM report_tomorrow")
    bring_to_head(engine)
    assert as_analyst(url, role, "SELECT * FROM report_tomorrow") == [(1,)]
    assert is_refused(url, role, "SELECT * FROM report_texts")
    with writing(engine) as connection:
        assert extend_grants(connection) == [role]
    engine.dispose()


def test_a_restored_warehouse_has_its_analysts(url: str, role: str, tmp_path: Path) -> None:
    type_in("db", "grant-analyst", role)
    back_up(url, tmp_path / "monday.zip")
    restore(url, tmp_path / "monday.zip", overwrites=True)
    assert readable(url, role) == WHOLE
    assert as_analyst(url, role, "CREATE TABLE mine (id integer)", "SELECT count(*) FROM mine") == [(0,)]


def test_a_revoked_analyst_reads_nothing_and_their_tables_stay(url: str, role: str) -> None:
    type_in("db", "grant-analyst", role)
    as_analyst(url, role, "CREATE TABLE mine AS SELECT 1 AS one", "SELECT 1")
    typed = type_in("db", "revoke-analyst", role)
    assert f"The schema scratch_{role} stays: it holds 1 tables" in typed.out.replace("\n", " ")
    assert readable(url, role) == []
    assert is_refused(url, role, "SELECT * FROM search_articles('ben tre')")
    assert type_in("db", "revoke-analyst", role).code == 1


def test_the_empty_schema_of_a_revoked_analyst_goes_and_they_can_come_back(url: str, role: str) -> None:
    type_in("db", "grant-analyst", role)
    assert "stays" not in type_in("db", "revoke-analyst", role).out
    assert type_in("db", "grant-analyst", role).code == 0
    assert readable(url, role) == WHOLE


def test_khotins_own_role_superusers_and_long_names_are_no_analysts(url: str) -> None:
    assert "khotin's own role" in type_in("db", "grant-analyst", str(make_url(url).username)).err
    assert "too long" in type_in("db", "grant-analyst", "x" * 60).err
    boss = f"boss_{os.urandom(4).hex()}"
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text(f"CREATE ROLE {boss} SUPERUSER"))
    engine.dispose()
    assert "is a superuser" in type_in("db", "grant-analyst", boss).err.replace("\n", " ")
    drop(url, boss)


def test_without_the_right_to_make_roles_it_says_what_an_administrator_types_and_that_helps(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, analyst = f"owner_{os.urandom(4).hex()}", f"analyst_{os.urandom(4).hex()}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        run(connection, f"CREATE ROLE {owner} LOGIN")
        run(connection, f"GRANT CREATE ON SCHEMA public TO {owner}")
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path))
    url = make_url(postgres_url).set(username=owner, drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("KHOTIN_DATABASE_URL", url)
    try:
        assert type_in("db", "upgrade").code == 0
        refused = type_in("db", "grant-analyst", analyst)
        assert refused.code == 1
        statements = [line.strip() for line in refused.err.splitlines() if line.startswith("    ")]
        assert statements[0] == f"CREATE ROLE \"{analyst}\" LOGIN PASSWORD '…';"
        with admin.connect() as connection:
            for statement in statements:
                run(connection, statement)
        assert type_in("db", "grant-analyst", analyst).code == 0
        assert readable(postgres_url, analyst) == WHOLE
        assert type_in("db", "revoke-analyst", analyst).code == 0
        assert readable(postgres_url, analyst) == []
    finally:
        for name in (analyst, owner):
            drop(postgres_url, name)
        admin.dispose()


def test_a_sqlite_warehouse_has_no_roles_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("KHOTIN_DATABASE_URL", raising=False)
    for command in ("grant-analyst", "revoke-analyst"):
        refused = type_in("db", command, "mai")
        assert refused.code == 1
        assert "The warehouse is a file" in refused.err
        assert "khotin db copy" in refused.err


def test_two_analysts_do_not_see_each_others_tables(url: str) -> None:
    engine = open_engine(url)
    mai, lan = (f"{name}_{os.urandom(4).hex()}" for name in ("mai", "lan"))
    with writing(engine) as connection:
        for name in (mai, lan):
            grant_analyst(connection, name, reads_texts=True)
    as_analyst(url, mai, "CREATE TABLE mine (id integer)", "SELECT 1")
    assert is_refused(url, lan, f"SELECT * FROM scratch_{mai}.mine")
    engine.dispose()
    for name in (mai, lan):
        drop(url, name)
