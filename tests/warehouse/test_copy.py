"""`khotin db copy`: every row arrives, once, whatever interrupts the way, and new rows are numbered after them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom
from sqlalchemy import JSON, Engine, insert, select, text

from models.engine import open_engine, reading, writing
from models.schema import current_revision, upgrade
from models.tables import articles, metadata, tags, warehouse
from pipeline.warehouse import copy as copying
from pipeline.warehouse import lease
from pipeline.warehouse.copy import copy_warehouse, sums_of
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.place import WarehouseError


@pytest.fixture
def source(data: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{data / 'khotin.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def target(warehouse_url: str) -> Iterator[Engine]:
    engine = open_engine(warehouse_url)
    yield engine
    engine.dispose()


def holds(engine: Engine) -> dict[str, copying.TableSum]:
    with reading(engine) as connection:
        return sums_of(connection, metadata.sorted_tables)


def test_every_table_arrives_whole(source: Engine, target: Engine) -> None:
    copied = copy_warehouse(source, target)
    assert holds(target) == holds(source)
    assert copied["articles"].rows == 6
    assert copied["article_versions"].rows == 1
    with reading(target) as connection:
        assert connection.execute(text("SELECT count(*) FROM report_articles")).scalar() == 6
        assert connection.execute(select(articles.c.duplicate_of).where(articles.c.id == 2)).scalar() == 5


def test_from_postgresql_back_to_sqlite_gives_the_same_again(source: Engine, postgres_url: str, tmp_path: Path) -> None:
    middle, back = open_engine(postgres_url), open_engine(f"sqlite:///{tmp_path / 'back.db'}")
    copy_warehouse(source, middle)
    copy_warehouse(middle, back)
    assert holds(back) == holds(source)
    with source.connect() as one, back.connect() as other:
        for table in metadata.sorted_tables:
            # JSONB keeps the keys of an object in an order of its own.
            columns = ", ".join(c.name for c in table.columns if not isinstance(c.type, JSON))
            dump = text(f"SELECT {columns} FROM {table.name} ORDER BY {', '.join(c.name for c in table.primary_key)}")
            assert other.execute(dump).all() == one.execute(dump).all(), table.name
    middle.dispose()
    back.dispose()


def test_new_rows_are_numbered_after_the_copied_ones(source: Engine, target: Engine) -> None:
    copy_warehouse(source, target)
    with writing(target) as connection:
        last = connection.execute(text("SELECT coalesce(max(id), 0) FROM tags")).scalar_one()
        assert connection.execute(insert(tags).values(name="new").returning(tags.c.id)).scalar_one() == last + 1


def test_an_interrupted_copy_is_no_warehouse_yet_and_goes_on(
    source: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(copying, "CHUNK", 2)

    def interrupt(table: str, rows: int) -> None:
        if (table, rows) == ("entries", 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_warehouse(source, target, interrupt)
    url = target.url.render_as_string(hide_password=False)
    with pytest.raises(WarehouseError, match="unfinished copy"):
        open_warehouse(Newsroom(tmp_path, {"database_url": url}).settings, creates=True)
    written = []
    upsert = copying._upsert
    monkeypatch.setattr(copying, "_upsert", lambda c, table: (written.append(table.name), upsert(c, table))[1])
    copy_warehouse(source, target)
    assert holds(target) == holds(source)
    assert "pages" not in written
    assert written.count("entries") == 1


def test_what_the_source_changed_or_lost_meanwhile_is_carried_over(
    source: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(table: str, _rows: int) -> None:
        if table == "polls":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_warehouse(source, target, interrupt)
    with writing(source) as connection:
        connection.execute(text("UPDATE sources SET name = 'Ward and Harbour'"))
        connection.execute(text("DELETE FROM article_authors WHERE article_id = 1"))
        connection.execute(text("DELETE FROM article_urls WHERE article_id = 1"))
    copy_warehouse(source, target)
    assert holds(target) == holds(source)


def test_the_unfinished_copy_of_another_warehouse_is_left_alone(source: Engine, target: Engine) -> None:
    def interrupt(_table: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_warehouse(source, target, interrupt)
    with writing(source) as connection:
        connection.execute(warehouse.update().values(uid="another"))
    with pytest.raises(WarehouseError, match="another warehouse"):
        copy_warehouse(source, target)


def test_a_database_in_use_is_not_copied_into(source: Engine, target: Engine) -> None:
    upgrade(target)
    with writing(target) as connection:
        connection.execute(insert(tags).values(name="mine"))
    with pytest.raises(WarehouseError, match="already"):
        copy_warehouse(source, target)
    with reading(target) as connection:
        assert not str(current_revision(connection)).startswith("copying")


def test_nothing_is_copied_while_a_run_is_at_work(source: Engine, target: Engine) -> None:
    with writing(source) as connection:
        lease.acquire(connection, 60)
    with pytest.raises(WarehouseError, match="A run is at work"):
        copy_warehouse(source, target)


def test_a_run_that_began_meanwhile_keeps_the_copy_unfinished(source: Engine, target: Engine) -> None:
    def begin_run(table: str, _rows: int) -> None:
        if table == "polls":
            with writing(source) as connection:
                connection.execute(
                    text("INSERT INTO runs (kind, state, started_at, parameters, counts) SELECT 'ingest', 'done', "
                         "started_at, '{}', '{}' FROM runs WHERE id = 1")
                )  # fmt: skip

    with pytest.raises(WarehouseError, match="began meanwhile"):
        copy_warehouse(source, target, begin_run)
    copy_warehouse(source, target)
    assert holds(target) == holds(source)


def test_a_target_that_was_written_to_is_noticed(
    source: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddle(table: str, _rows: int) -> None:
        if table == "fetches":
            with writing(target) as connection:
                connection.execute(text("UPDATE article_texts SET body = 'other'"))

    with pytest.raises(WarehouseError, match="copies of article_texts differ"):
        copy_warehouse(source, target, meddle)
