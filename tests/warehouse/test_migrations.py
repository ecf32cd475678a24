"""Upgrades with rows in every table, from every earlier revision: nothing is lost, and the views tell the old rows."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from frozen_rows import ROWS_0001, statements
from newsroom import Newsroom
from sqlalchemy import Engine, inspect, text

from models.engine import open_engine, reading, writing
from models.schema import HEAD, alembic_config, current_revision
from pipeline.verify import verify
from pipeline.warehouse.backup import back_up, restore
from pipeline.warehouse.opening import bring_to_head, open_warehouse
from pipeline.warehouse.place import WarehouseError

REVISIONS = ("0001", "0002", "0003")
"""Every earlier one; a test holds it to the scripts."""

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, warehouse_url: str) -> Iterator[Engine]:
    """A warehouse that 0001 filled, as each earlier revision leaves it."""
    engine = fill(warehouse_url)
    move(engine, request.param)
    yield engine
    engine.dispose()


@pytest.fixture
def oldest(warehouse_url: str) -> Iterator[Engine]:
    """A warehouse of revision 0001."""
    engine = fill(warehouse_url)
    yield engine
    engine.dispose()


def fill(url: str) -> Engine:
    engine = open_engine(url)
    move(engine, "0001")
    with writing(engine) as connection:
        for statement in statements(ROWS_0001):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return engine


def move(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def ask(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def rows_of_0001(engine: Engine, columns: dict[str, list[str]] | None = None) -> Rows:
    """Give all rows of the tables that 0001 has, in the columns that it has."""
    columns = columns or {
        name: [column["name"] for column in inspect(engine).get_columns(name)]
        for name in inspect(engine).get_table_names()
        if name != "alembic_version"
    }
    found = {
        name: (names, sorted(ask(engine, f"SELECT {', '.join(names)} FROM {name}"), key=repr))
        for name, names in columns.items()
    }
    assert all(rows for _, rows in found.values())
    return found


def test_every_earlier_revision_is_tried() -> None:
    engine = open_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
        assert {script.revision for script in scripts} == {*REVISIONS, HEAD}
    engine.dispose()


def test_no_row_and_no_value_is_lost(oldest: Engine) -> None:
    before = rows_of_0001(oldest)
    bring_to_head(oldest)
    assert rows_of_0001(oldest, {name: names for name, (names, _) in before.items()}) == before


def test_the_views_tell_the_old_rows(old: Engine) -> None:
    bring_to_head(old)
    columns = "article_id, authors, tags, agencies, published_hour, story_id, section_group, report_week, report_month"
    assert [
        (*row[:7], str(row[7]), row[8]) for row in ask(old, f"SELECT {columns} FROM report_articles ORDER BY 1")
    ] == [
        (1, "Lan Anh; Nguyễn Thị Hoà", "phường; chợ", "TTXVN", 7, None, None, "2026-02-23", "2026-03"),
        (2, None, "chợ", None, None, None, None, "2026-02-23", "2026-03"),
    ]
    versions = ask(
        old,
        "SELECT article_id, version_number, cause, ended_at IS NULL, word_count, char_count, body FROM report_versions"
        " ORDER BY article_id, version_number",
    )
    assert versions == [
        (1, 1, "first", False, 4, 15, "Chợ mới mở cửa."),
        (1, 2, "publisher", True, 7, 31, "Chợ mới mở cửa lúc bảy giờ sáng."),
        (2, 1, "first", True, 4, 18, "Cầu đóng đến thứ hai."),
    ]
    edits = ask(old, "SELECT title_before, title_after, changed_fields FROM report_edits")
    assert edits == [("Chợ mới mở cửa", "Chợ mới mở cửa hôm nay", "title; body")]
    daily = "SELECT source, section, kind, articles, words, estimated_dates FROM report_daily ORDER BY kind"
    assert ask(old, daily) == [("ward", "Thời sự", "article", 1, 7, 0), ("ward", None, "opinion", 1, 4, 1)]


def test_versions_follow_each_other_without_a_hole(old: Engine) -> None:
    bring_to_head(old)
    query = "SELECT began_at, ended_at FROM report_versions WHERE article_id = 1 ORDER BY version_number"
    first, second = ask(old, query)
    assert str(first[0]).startswith("2026-03-01")
    assert (first[1], second[1]) == (second[0], None)


def test_old_polls_count_in_the_coverage_except_those_of_the_run_at_work(old: Engine) -> None:
    bring_to_head(old)
    columns = "report_date, polls, failed_polls, entries_new, gaps, blind_minutes, longest_wait_minutes"
    found = [(str(row[0]), *map(int, row[1:])) for row in ask(old, f"SELECT {columns} FROM report_coverage ORDER BY 1")]
    assert found == [
        # Hà Nội is seven hours ahead: the gap from 08:00 to midnight, and on until 08:00.
        ("2026-03-01", 1, 0, 2, 0, 16 * 60 - 1, 0),
        ("2026-03-02", 2, 1, 1, 1, 8 * 60, 24 * 60),
    ]
    bring_to_head(old)
    assert ask(old, "SELECT sum(polls) FROM daily_coverage") == [(3,)]


def test_an_old_warehouse_is_refused_until_it_is_upgraded(postgres_url: str, tmp_path: Path) -> None:
    fill(postgres_url).dispose()
    with pytest.raises(WarehouseError, match=f"has schema 0001, not {HEAD}: type `khotin db upgrade`"):
        open_warehouse(Newsroom(tmp_path, {"database_url": postgres_url}).settings, creates=True)


def test_a_backup_made_at_0001_is_restored_at_todays_schema(oldest: Engine, tmp_path: Path) -> None:
    url = oldest.url.render_as_string(hide_password=False)
    before = rows_of_0001(oldest)
    manifest = back_up(url, tmp_path / "old.zip")
    bring_to_head(oldest)
    oldest.dispose()
    restore(url, tmp_path / "old.zip", overwrites=True)
    engine = open_engine(url)
    assert manifest.schema == "0001"
    with reading(engine) as connection:
        assert current_revision(connection) == HEAD
        assert verify(connection, tmp_path).tables["articles"] == 2
    # What was at work is let go; the rest is as it was.
    kept = {name: names for name, (names, rows) in before.items() if not holds_lease(names, rows)}
    kept.pop("leases")
    assert {name: before[name] for name in kept} == rows_of_0001(engine, kept)
    assert ask(engine, "SELECT state FROM runs WHERE id = 3") == [("interrupted",)]
    assert ask(engine, "SELECT sum(polls) FROM report_coverage") == [(4,)]
    engine.dispose()


def holds_lease(names: list[str], rows: list[tuple[Any, ...]]) -> bool:
    return "lease_token" in names and any(row[names.index("lease_token")] for row in rows)


def test_what_others_built_on_the_views_outlives_the_upgrade_on_postgresql(postgres_url: str) -> None:
    engine, role = fill(postgres_url), f"desk_{os.urandom(4).hex()}"
    with writing(engine) as connection:
        for statement in (
            "CREATE VIEW desk_counts AS SELECT source, count(*) AS articles FROM report_articles GROUP BY source",
            f"CREATE ROLE {role}",
            f"GRANT SELECT ON report_articles, report_sources TO {role}",
        ):
            connection.execute(text(statement))
    bring_to_head(engine)
    assert ask(engine, "SELECT * FROM desk_counts") == [("ward", 2)]
    with writing(engine) as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        assert connection.execute(text("SELECT count(*), count(is_own) FROM report_articles")).one() == (2, 2)
        assert connection.execute(text("SELECT count(*) FROM report_sources")).scalar() == 2
    with writing(engine) as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


def test_a_view_of_others_on_ours_outlives_the_upgrade_on_sqlite(sqlite_url: str) -> None:
    engine = fill(sqlite_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE VIEW desk_counts AS SELECT source, count(*) FROM report_articles GROUP BY 1"))
    bring_to_head(engine)
    assert ask(engine, "SELECT * FROM desk_counts") == [("ward", 2)]
    engine.dispose()
