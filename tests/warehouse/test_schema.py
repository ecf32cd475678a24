"""The schema: the same from the models and from the migrations, on both databases, with every part explained."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from models.engine import open_engine, reading, write, writing
from models.schema import HEAD, current_revision, upgrade
from models.search import is_of_search
from models.tables import metadata, runs, tags
from models.views import COLUMNS
from pipeline.warehouse.batches import insert_missing


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    with reading(engine) as connection:
        opts = {
            "compare_type": True,
            "compare_server_default": False,
            "include_object": lambda made, name, kind, *_: (
                not is_of_search(name if kind == "table" else made.table.name)
            ),
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_every_view_has_the_promised_columns_in_their_order(engine: Engine) -> None:
    found = {name: [column["name"] for column in inspect(engine).get_columns(name)] for name in COLUMNS}
    assert found == {name: list(columns) for name, columns in COLUMNS.items()}
    with reading(engine) as connection:
        for name in COLUMNS:
            assert connection.execute(text(f"SELECT * FROM {name}")).all() == []


def test_postgresql_explains_every_table_and_column(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    look = inspect(engine)
    silent = [name for name in metadata.tables if not look.get_table_comment(name)["text"]]
    silent += [f"{name}.{c['name']}" for name in metadata.tables for c in look.get_columns(name) if not c["comment"]]
    engine.dispose()
    assert silent == []


def test_processes_that_upgrade_at_once_all_end_well(warehouse_url: str) -> None:
    def bring_up(_number: int) -> tuple[str | None, str]:
        engine = open_engine(warehouse_url)
        try:
            return upgrade(engine)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(bring_up, range(4)), key=str) == [(HEAD, HEAD)] * 3 + [(None, HEAD)]


def test_an_upgrade_that_fails_leaves_nothing_behind(warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.migrations import views_0001

    monkeypatch.setattr(views_0001, "statements", lambda _dialect: ["CREATE VIEW broken AS SELECT FROM nothing"])
    engine = open_engine(warehouse_url)
    with pytest.raises(DatabaseError):
        upgrade(engine)
    with reading(engine) as connection:
        assert current_revision(connection) is None
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_reader_cannot_write_on_postgresql(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    with pytest.raises(DatabaseError, match="read-only"), reading(engine) as connection:
        connection.execute(text("DELETE FROM tags"))
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM tags"))
    engine.dispose()


def test_a_reader_has_one_steady_view(engine: Engine) -> None:
    add = text("INSERT INTO tags (name) VALUES ('harbour')")
    with reading(engine) as reader:
        before = reader.execute(text("SELECT count(*) FROM tags")).scalar()
        with writing(engine) as writer:
            writer.execute(add)
        assert reader.execute(text("SELECT count(*) FROM tags")).scalar() == before == 0


def test_a_transaction_that_was_ended_for_another_is_done_again(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    tries = 0

    def work(connection: object) -> int:
        nonlocal tries
        tries += 1
        with writing(engine) as other:
            other.execute(text("INSERT INTO tags (name) VALUES (:name)"), {"name": f"try {tries}"})
        if tries < 3:
            raise_deadlock(engine)
        return tries

    assert write(engine, work) == 3
    engine.dispose()


def raise_deadlock(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"))


def test_a_lasting_deadlock_is_raised_in_the_end(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with pytest.raises(OperationalError):
        write(engine, lambda _connection: raise_deadlock(engine))
    engine.dispose()


@pytest.mark.parametrize("name", ["har\x00bour", "har\x00\x00bour"])
def test_nul_characters_are_dropped_on_both_databases(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(insert_missing(connection, tags, ["name"]), [{"name": name}, {"name": "pier\x00"}])
        values = {"kind": "ingest", "state": "done", "counts": {}, "parameters": {name: [name, r"back\u0000slash"]}}
        connection.execute(insert(runs).values(started_at=datetime.now(UTC), **values))
        assert connection.execute(select(tags.c.name).order_by(tags.c.name)).scalars().all() == ["harbour", "pier"]
        kept = connection.execute(select(runs.c.parameters)).scalar_one()
    assert kept == {"harbour": ["harbour", r"back\u0000slash"]}
