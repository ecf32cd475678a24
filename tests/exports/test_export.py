"""Exports: what is written, read back by the programs that analysts use, and what doing it again changes."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text, update
from stock import NOON, Stock, day, emptied, shelves

from models.engine import reading, writing
from models.tables import articles, tombstones
from models.views import COLUMNS
from pipeline.exports import export as exporting
from pipeline.exports.columns import ARTICLES, Kind
from pipeline.exports.export import Exported, ExportError, export
from pipeline.exports.writers import Format, whole_file
from pipeline.span import Span, parse_span
from pipeline.warehouse import exported
from pipeline.warehouse.exported import Selection, article_chunks
from pipeline.warehouse.spans import By

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ALWAYS = Span(None, None, HANOI)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from shelves(request, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def stock(shelf: Engine) -> Stock:
    """Five articles: three of 1 March (newsroom's zone), two of 2 March."""
    stock = emptied(shelf)
    stock.add("Hội chợ", 'Đông vui, "rất" vui\nhết', is_paywalled=True)
    stock.add("Tàu", "Rời ga", slug="pier", published_at=None, published_local=datetime(2026, 3, 1, 8))  # noqa: DTZ001  # a wall time
    stock.add(None, "")
    stock.number = 20
    stock.add("Trăng", "Sáng")
    stock.add("Sao", "Mờ")
    return stock


def write(stock: Stock, folder: Path, kind: Format = Format.PARQUET, span: Span = ALWAYS, **given: Any) -> Exported:
    with reading(stock.engine) as connection:
        return export(connection, folder, kind, Selection(span, **given))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


FIRST = "articles/report_month=2026-03/report_day=2026-03-01/articles"
SECOND = "articles/report_month=2026-03/report_day=2026-03-02/articles"


def test_each_day_has_a_file_in_folders_that_name_it(stock: Stock, tmp_path: Path) -> None:
    assert write(stock, tmp_path) == Exported(5, 2, 0, 0)
    assert files(tmp_path) == ["_khotin_export.json", f"{FIRST}.parquet", f"{SECOND}.parquet", "removed.parquet"]


def test_duckdb_reads_parquet_with_its_days_types_and_texts(stock: Stock, tmp_path: Path) -> None:
    import duckdb

    write(stock, tmp_path, has_texts=True)
    ask = (
        "SELECT report_month, report_day, title, published_at, published_on, published_local, is_paywalled, body "
        f"FROM read_parquet('{tmp_path}/articles/**/*.parquet', hive_partitioning = true) ORDER BY article_id"
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        types = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {ask})").fetchall())
        rows = connection.execute(ask).fetchall()
    assert types["published_at"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["published_local"], types["published_on"]) == ("TIMESTAMP", "DATE")
    assert (types["is_paywalled"], types["report_day"]) == ("BOOLEAN", "DATE")
    assert rows[0][:2] == ("2026-03", date(2026, 3, 1))
    assert rows[0][2:5] == ("Hội chợ", NOON, date(2026, 3, 1))
    assert rows[0][6:] == (True, 'Đông vui, "rất" vui\nhết')
    assert rows[1][3] is None
    assert rows[1][5] == datetime(2026, 3, 1, 8)  # noqa: DTZ001  # a wall time
    assert [row[1].day for row in rows] == [1, 1, 1, 2, 2]


def test_polars_and_pandas_read_parquet(stock: Stock, tmp_path: Path) -> None:
    import pandas as pd  # type: ignore[import-untyped]  # it brings no types
    import polars as pl

    write(stock, tmp_path)
    frame = pl.read_parquet(tmp_path / "articles", hive_partitioning=True).sort("article_id")
    assert frame["published_at"].dtype == pl.Datetime("us", "UTC")
    assert frame["published_at"][0] == NOON
    assert frame["is_paywalled"].to_list() == [True, False, False, False, False]
    other = pd.read_parquet(tmp_path / "articles").sort_values("article_id")
    assert str(other["published_at"].dtype) == "datetime64[us, UTC]"
    assert list(other["title"])[:2] == ["Hội chợ", "Tàu"]


def test_columns_are_those_of_the_view_but_for_what_folders_say(stock: Stock, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write(stock, tmp_path)
    schema = pq.read_schema(tmp_path / f"{FIRST}.parquet")
    assert schema.names == list(ARTICLES)
    assert set(COLUMNS["report_articles"]) - set(ARTICLES) == {"report_week", "report_month"}
    assert schema.metadata[b"khotin.schema"] == b"1"
    assert pq.read_metadata(tmp_path / f"{FIRST}.parquet").row_group(0).column(0).compression == "ZSTD"


def test_a_day_without_any_value_in_a_column_has_the_same_schema(stock: Stock, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write(stock, tmp_path)
    assert pq.read_schema(tmp_path / f"{FIRST}.parquet") == pq.read_schema(tmp_path / f"{SECOND}.parquet")


def test_csv_is_as_rfc_4180_has_it(stock: Stock, tmp_path: Path) -> None:
    write(stock, tmp_path, Format.CSV, has_texts=True)
    raw = (tmp_path / f"{FIRST}.csv").read_bytes()
    assert raw.startswith(b"article_id,uid,source")
    assert raw.count(b"\r\n") == 4
    rows = list(csv.DictReader(raw.decode().splitlines(keepends=True)))
    assert rows[0]["body"] == 'Đông vui, "rất" vui\nhết'
    assert rows[0]["published_at"] == "2026-03-01T05:00:00Z"
    assert (rows[0]["is_paywalled"], rows[1]["published_at"], rows[1]["published_local"]) == (
        "true", "", "2026-03-01T08:00:00",
    )  # fmt: skip


def test_json_lines_have_one_object_a_line(stock: Stock, tmp_path: Path) -> None:
    write(stock, tmp_path, Format.JSONL)
    rows = [json.loads(line) for line in (tmp_path / f"{FIRST}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["title"] for row in rows] == ["Hội chợ", "Tàu", None]
    assert list(rows[0]) == list(ARTICLES)
    assert (rows[0]["is_paywalled"], rows[0]["published_on"], rows[1]["published_at"]) == (True, "2026-03-01", None)


def test_done_again_the_days_of_the_span_are_replaced_and_no_others(stock: Stock, tmp_path: Path) -> None:
    write(stock, tmp_path, Format.JSONL)
    with writing(stock.engine) as connection:
        connection.execute(update(articles).values(title="Changed"))
        second = articles.c.report_date == day("2026-03-02")
        connection.execute(update(articles).where(second).values(report_date=day("2026-03-03")))
    done = write(stock, tmp_path, Format.JSONL, parse_span("2026-03-02", "2026-03-04", HANOI))
    assert (done.articles, done.days, done.emptied) == (2, 1, 1)
    assert "Hội chợ" in (tmp_path / f"{FIRST}.jsonl").read_text(encoding="utf-8")
    assert not (tmp_path / f"{SECOND}.jsonl").exists()


def test_a_span_within_a_day_is_widened_to_the_whole_day(stock: Stock, tmp_path: Path) -> None:
    done = write(stock, tmp_path, span=parse_span("2026-03-01T05:30Z", "2026-03-01T06:30Z", HANOI))
    assert (done.articles, done.days) == (3, 1)


@pytest.mark.parametrize("by", [By.LOADED, By.UPDATED])
def test_by_load_or_change_the_folders_are_of_that_time(stock: Stock, tmp_path: Path, by: By) -> None:
    later = datetime(2026, 5, 1, 18, tzinfo=UTC)  # 2 May in Hà Nội
    with writing(stock.engine) as connection:
        connection.execute(
            update(articles).where(articles.c.title == "Tàu").values(first_loaded_at=later, updated_at=later)
        )
    done = write(stock, tmp_path, Format.JSONL, parse_span("2026-05-02", None, HANOI), by=by)
    assert (done.articles, done.days) == (1, 1)
    assert files(tmp_path)[1] == f"articles/{by}_month=2026-05/{by}_day=2026-05-02/articles.jsonl"


def test_one_source_alone(stock: Stock, tmp_path: Path) -> None:
    assert write(stock, tmp_path, source="pier").articles == 1


def test_what_people_removed_is_named_whatever_the_span(stock: Stock, tmp_path: Path) -> None:
    row = {"uid": "u1", "source": "wharf", "removed_at": NOON, "removed_by": "x", "reason": "y"}
    with writing(stock.engine) as connection:
        connection.execute(insert(tombstones), [row | {"url_key": key} for key in ("a", "b")])
    done = write(stock, tmp_path, Format.JSONL, parse_span("2030-01-01", None, HANOI))
    assert done == Exported(0, 0, 0, 1)
    said = json.loads((tmp_path / "removed.jsonl").read_text(encoding="utf-8"))
    assert said == {"uid": "u1", "source": "wharf", "removed_at": "2026-03-01T05:00:00Z"}


def test_a_folder_holds_one_kind_of_export_only(stock: Stock, tmp_path: Path) -> None:
    write(stock, tmp_path)
    with pytest.raises(ExportError, match="another kind"):
        write(stock, tmp_path, source="pier")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="other files"):
        write(stock, tmp_path / "other")


def test_a_file_that_fails_half_way_leaves_the_old_one(stock: Stock, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path, Format.CSV, {"a": Kind.TEXT}) as sink:
            sink.write([("new",)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert files(tmp_path) == ["a.csv"]


def test_never_more_rows_are_in_hand_than_a_row_group(
    stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(stock.engine) as connection:
        stock.add_all(connection, [("Tàu", "x" * 50)] * 40, report_date=day("2026-03-01"))
    monkeypatch.setattr(exported, "CHUNK", 7)
    monkeypatch.setattr(exporting, "ROW_GROUP", 14)
    sizes: list[int] = []

    class Counting:
        def write(self, rows: Any) -> None:
            sizes.append(len(rows))

        def close(self) -> None:
            pass

    def counting(path: Path, _columns: Any) -> Counting:
        path.touch()
        return Counting()

    monkeypatch.setattr("pipeline.exports.writers._SINKS", {Format.PARQUET: counting})
    done = write(stock, tmp_path, has_texts=True)
    assert done.articles == sum(sizes) == 45
    assert max(sizes) <= 14 + 7
    with reading(stock.engine) as connection:
        assert max(len(rows) for _, rows in article_chunks(connection, Selection(ALWAYS))) <= 7


def test_long_texts_are_written_before_they_fill_the_memory(
    stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    with writing(stock.engine) as connection:
        stock.add_all(connection, [("Tàu", "x" * 1000)] * 30, report_date=day("2026-03-01"))
    monkeypatch.setattr(exported, "CHUNK", 5)
    monkeypatch.setattr(exporting, "GROUP_CHARACTERS", 10_000)
    write(stock, tmp_path, has_texts=True)
    assert pq.read_metadata(tmp_path / f"{FIRST}.parquet").num_row_groups >= 3


# The SQLite file itself, as drivers read it.


@pytest.fixture
def file(stock: Stock) -> Path:
    if stock.engine.dialect.name != "sqlite":
        pytest.skip("this is about the SQLite file")
    return Path(str(stock.engine.url.database))


def test_pandas_reads_times_and_truths_of_the_sqlite_file(file: Path) -> None:
    import sqlite3

    import pandas as pd

    with sqlite3.connect(file) as connection:
        frame = pd.read_sql(
            "SELECT published_at, published_on, is_paywalled FROM report_articles ORDER BY article_id",
            connection,
            parse_dates={"published_at": {"utc": True}, "published_on": {}},
            dtype={"is_paywalled": "bool"},
        )
    connection.close()
    assert frame["published_at"][0] == NOON
    assert frame["published_on"][0] == pd.Timestamp("2026-03-01")
    assert list(frame["is_paywalled"]) == [True, False, False, False, False]


def test_polars_reads_times_of_the_sqlite_file(file: Path) -> None:
    import sqlite3

    import polars as pl

    connection = sqlite3.connect(file)
    frame = pl.read_database("SELECT published_at FROM report_articles ORDER BY article_id", connection)
    connection.close()
    read = frame.select(pl.col("published_at").str.to_datetime(time_zone="UTC", time_unit="us"))
    assert read["published_at"][0] == NOON
    assert read["published_at"][1] is None


def test_the_views_of_the_sqlite_file_declare_types_that_drivers_know(file: Path, stock: Stock) -> None:
    with reading(stock.engine) as connection:
        rows = connection.execute(text("SELECT name, upper(type) AS kind FROM pragma_table_info('report_articles')"))
        declared = {row.name: row.kind for row in rows}
    wanted = {Kind.INSTANT: "TIMESTAMP", Kind.WALL: "TIMESTAMP", Kind.DAY: "DATE", Kind.TRUTH: "BOOLEAN"}
    # SQLite declares no type for what a view computes.
    of_tables = {name: wanted[kind] for name, kind in ARTICLES.items() if kind in wanted and name != "has_author"}
    assert {name: declared[name] for name in of_tables} == of_tables


def test_duckdb_reads_the_sqlite_file(file: Path) -> None:
    import duckdb

    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        try:
            connection.execute("LOAD sqlite")
        except duckdb.Error:
            pytest.skip("DuckDB's extension for SQLite is not installed here, and tests download nothing")
        connection.execute(f"ATTACH '{file}' AS khotin (TYPE sqlite)")
        ask = "SELECT published_at, is_paywalled FROM khotin.articles ORDER BY id LIMIT 1"
        assert connection.execute(ask).fetchone() == (NOON.replace(tzinfo=None), 1)
