"""The report views: explained, kept in their order, and each showing what it says and no more."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import made_up
import pytest
from alembic import command
from sqlalchemy import Engine, insert, inspect, text, update

from models.dictionary import PAGE, dictionary
from models.engine import open_engine, reading, writing
from models.schema import alembic_config, upgrade
from models.tables import articles, feeds, hosts, pages, polls, rejected, runs, sources, tombstones, warehouse
from models.views import COLUMNS, DESCRIPTIONS, POSTGRES_COLUMNS, POSTGRES_DESCRIPTIONS, TEXTS
from pipeline.warehouse.reports import count_all_coverage, count_coverage

HANOI_MIDNIGHT = datetime(2026, 3, 1, 17, tzinfo=UTC)
"""The begin of 2 March in the newsroom."""


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """The made-up newsroom's warehouse."""
    with writing(engine) as connection:
        made_up.fill(connection)
    return engine


def ask(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(engine: Engine, *statements: Any) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(statement)


def test_every_view_and_every_column_is_explained() -> None:
    assert DESCRIPTIONS.keys() == COLUMNS.keys()
    said = [*DESCRIPTIONS.values(), *(meaning for columns in COLUMNS.values() for meaning in columns.values())]
    assert [meaning for meaning in said if not meaning.endswith(".")] == []
    assert all(set(columns) <= {*COLUMNS[view]} for view, columns in TEXTS.items() if view in COLUMNS)


def test_the_data_dictionary_says_what_the_models_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(), "run python -m models.dictionary"


def test_postgresql_says_the_same_as_comments(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    look = inspect(engine)
    for view, columns in (COLUMNS | POSTGRES_COLUMNS).items():
        said = {column["name"]: column["comment"] for column in look.get_columns(view)}
        assert said == columns
        assert look.get_table_comment(view)["text"] == (DESCRIPTIONS | POSTGRES_DESCRIPTIONS)[view]
    engine.dispose()


def test_columns_are_only_appended(warehouse_url: str) -> None:
    engine = open_engine(warehouse_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
    first = {
        view: [column["name"] for column in inspect(engine).get_columns(view)] for view in COLUMNS if view in VIEWS
    }
    upgrade(engine)
    assert {view: list(COLUMNS[view])[: len(names)] for view, names in first.items()} == first
    engine.dispose()


VIEWS = ("report_articles", "report_texts", "report_sources", "report_feeds", "report_ledger")
"""Those of revision 0001."""


def test_articles_show_story_group_week_month_and_withdrawal(filled: Engine) -> None:
    columns = "story_id, section_group, report_month, withdrawn_outcome, is_own"
    query = f"SELECT {columns}, report_week FROM report_articles WHERE article_id IN (17, 19, 23) ORDER BY article_id"
    assert [(*row[:4], bool(row[4]), str(row[5])) for row in ask(filled, query)] == [
        (1, "Kinh tế", "2026-03", "gone", False, "2026-03-02"),
        (2, "Trong nước", "2026-03", None, True, "2026-03-02"),
        (None, "Kinh tế", "2026-03", None, False, "2026-03-02"),
    ]


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-03-01", "2026-02-23"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-08", "2026-03-02"),
        ("2024-12-31", "2024-12-30"),
    ],
)
def test_a_week_begins_on_monday(filled: Engine, day: str, monday: str) -> None:
    change(filled, text(f"UPDATE articles SET report_date = '{day}' WHERE id = 1"))
    assert str(ask(filled, "SELECT report_week FROM report_articles WHERE article_id = 1")[0][0]) == monday


def test_daily_sums_are_those_of_the_articles_at_any_instant(filled: Engine) -> None:
    daily = "SELECT report_date, source, section, kind, articles, words FROM report_daily"
    counted = (
        "SELECT report_date, source, section, kind, count(*), sum(word_count) FROM report_articles"
        " GROUP BY report_date, source, section, kind"
    )
    assert sorted(ask(filled, daily), key=repr) == sorted(ask(filled, counted), key=repr)
    change(filled, update(articles).where(articles.c.id == 2).values(section="Kinh tế", word_count=5))
    assert sorted(ask(filled, daily), key=repr) == sorted(ask(filled, counted), key=repr)


def test_only_the_publishers_changes_are_edits_and_versions_tell_every_cause(filled: Engine) -> None:
    edits = ask(filled, "SELECT article_id, title_before, title_after, words_added, changed_fields FROM report_edits")
    assert edits == [(14, "Mặn đến sớm", "Mặn đến sớm ở Bến Tre", 3, "title")]
    query = "SELECT article_id, version_number, cause FROM report_versions WHERE article_id IN (14, 16) ORDER BY 1, 2"
    assert ask(filled, query) == [(14, 1, "first"), (14, 2, "publisher"), (16, 1, "first"), (16, 2, "re-extraction")]


def test_an_edit_between_two_old_versions_shows_what_came_next_not_what_is_there_now(filled: Engine) -> None:
    change(
        filled,
        text(
            "INSERT INTO article_versions (id, article_id, version_number, cause, title, body, extractor_version,"
            " content_hash, changed_fields, superseded_at) VALUES (99, 14, 2, 'publisher', 'Giữa', '', '1', 'x', '[]',"
            " '2026-03-05T00:00:00.000000Z')"
        ),
        update(articles).where(articles.c.id == 14).values(version_number=3, title="Cuối", version_cause="correction"),
    )
    query = "SELECT version_number, title_before, title_after FROM report_edits WHERE article_id = 14 ORDER BY 1"
    assert ask(filled, query) == [(2, "Mặn đến sớm", "Giữa")]


@pytest.mark.parametrize(
    "values",
    [
        {"ingested_via": "backfill"},
        {"published_precision": "day"},
        {"published_at": made_up.FOUNDED - timedelta(hours=1)},
    ],
    ids=["backfilled", "only the day known", "before the source was followed"],
)
def test_latency_is_told_only_where_it_can_be(filled: Engine, values: dict[str, Any]) -> None:
    before = ask(filled, "SELECT count(*) FROM report_latency")[0][0]
    change(filled, update(articles).where(articles.c.id == 14).values(**values))
    assert ask(filled, "SELECT count(*) FROM report_latency") == [(before - 1,)]


def test_latency_is_in_minutes(filled: Engine) -> None:
    columns = "publish_to_seen_minutes, seen_to_loaded_minutes, publish_to_loaded_minutes"
    found = ask(filled, f"SELECT {columns} FROM report_latency WHERE article_id = 14")
    assert [tuple(map(float, row)) for row in found] == [(5.0, 1.0, 6.0)]


def test_stories_know_their_first_article_and_whether_we_have_them(filled: Engine) -> None:
    query = "SELECT story_id, title, first_source, span_minutes, has_own FROM report_stories ORDER BY story_id"
    assert [(*row[:3], float(row[3]), bool(row[4])) for row in ask(filled, query)] == [
        (1, "Mặn đến sớm ở Bến Tre", "dawn", 480.0, False),
        (2, "Cầu mới", "own", 0.0, True),
    ]


def test_what_was_rejected_and_removed_is_told_without_the_text(filled: Engine) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    page = {"id": 1, "url_key": "dawn.example/x", "url": "https://dawn.example/x", "host_id": 1, "source_id": 2}
    run = {"id": 1, "kind": "ingest", "state": "done", "started_at": at, "finished_at": at + timedelta(minutes=3)}
    counts = {"polls": {}, "entries": {"loaded": 4, "deferred": 1}}
    rule = {"rule": "empty_body", "detail": "no word", "content": {}, "content_hash": "x", "extractor_version": "1"}
    grave = {"uid": "u", "source": "dawn", "removed_at": at, "removed_by": "desk", "reason": "a court said so"}
    change(
        filled,
        insert(pages).values(queued_at=at, **page),
        insert(runs).values(parameters={}, counts=counts, **run),
        insert(rejected).values(page_id=1, source_id=2, run_id=1, url=page["url"], rejected_at=at, **rule),
        insert(tombstones).values(url_key="dawn.example/y", **grave),
    )
    assert ask(filled, "SELECT source, rule, state FROM report_rejected") == [("dawn", "empty_body", "waiting")]
    assert "content" not in COLUMNS["report_rejected"]
    assert ask(filled, "SELECT url_key, reason FROM report_removed") == [("dawn.example/y", "a court said so")]
    told = ask(filled, "SELECT minutes, loaded, updated, deferred FROM report_runs")
    assert [tuple(map(float, row)) for row in told] == [(3.0, 4.0, 0.0, 1.0)]


def watch(engine: Engine, *polled: tuple[int, str, bool], run_id: int = 1, state: str = "done") -> None:
    """Write a run with polls of one feed: minutes after Hanoi's midnight, outcome, whether a gap was found."""
    with writing(engine) as connection:
        if connection.execute(text("SELECT count(*) FROM warehouse")).scalar() == 0:
            own = {"id": 1, "uid": "x", "newsroom_timezone": "Asia/Ho_Chi_Minh", "created_at": HANOI_MIDNIGHT}
            connection.execute(insert(warehouse).values(**own))
            connection.execute(insert(hosts).values(id=1, name="dawn.example:443"))
            connection.execute(insert(sources).values(id=1, slug="dawn", name="Dawn", created_at=HANOI_MIDNIGHT))
            feed = {"id": 1, "source_id": 1, "host_id": 1, "url": "https://dawn.example/rss"}
            connection.execute(insert(feeds).values(next_poll_at=HANOI_MIDNIGHT, **feed))
        run = {"kind": "ingest", "state": state, "started_at": HANOI_MIDNIGHT, "parameters": {}, "counts": {}}
        connection.execute(insert(runs).values(id=run_id, **run))
        for minutes, outcome, has_gap in polled:
            at = HANOI_MIDNIGHT + timedelta(minutes=minutes)
            new = 2 if outcome == "new_entries" else 0
            values = {"feed_id": 1, "run_id": run_id, "at": at, "entries_new": new, "has_gap": has_gap}
            connection.execute(insert(polls).values(outcome=outcome, **values))


def count(engine: Engine, run_id: int) -> None:
    with writing(engine) as connection:
        count_coverage(connection, run_id)


def coverage(engine: Engine) -> list[tuple[Any, ...]]:
    columns = "report_date, polls, failed_polls, entries_new, gaps, blind_minutes, longest_wait_minutes, unread_feeds"
    found = ask(engine, f"SELECT {columns} FROM report_coverage ORDER BY 1")
    return [(str(row[0]), *map(int, row[1:])) for row in found]


def test_a_calm_day_has_no_blind_minutes(engine: Engine) -> None:
    watch(engine, (0, "new_entries", False), (15, "not_modified", False), (60, "new_entries", False))
    count(engine, 1)
    assert coverage(engine) == [("2026-03-02", 3, 0, 4, 0, 0, 45, 0)]


def test_a_long_wait_without_a_gap_is_a_wait_and_not_blindness(engine: Engine) -> None:
    watch(engine, (0, "new_entries", False), (300, "server_error", False), (600, "new_entries", False))
    count(engine, 1)
    assert coverage(engine) == [("2026-03-02", 3, 1, 4, 0, 0, 600, 0)]


def test_a_gap_makes_the_time_since_the_last_good_poll_blind_day_by_day(engine: Engine) -> None:
    watch(
        engine, (23 * 60, "new_entries", False), (24 * 60, "timed_out", False), (3 * 24 * 60 + 30, "new_entries", True)
    )
    count(engine, 1)
    assert coverage(engine) == [
        ("2026-03-02", 1, 0, 2, 0, 60, 0, 0),
        ("2026-03-03", 1, 1, 0, 0, 1440, 0, 1),
        ("2026-03-04", 0, 0, 0, 0, 1440, 0, 1),
        ("2026-03-05", 1, 0, 2, 1, 30, 2 * 1440 + 90, 0),
    ]


def test_runs_add_up_whatever_run_a_poll_is_of(engine: Engine) -> None:
    watch(engine, (0, "new_entries", False))
    count(engine, 1)
    watch(engine, (30, "new_entries", True), run_id=2)
    count(engine, 2)
    assert coverage(engine) == [("2026-03-02", 2, 0, 4, 1, 30, 30, 0)]


@pytest.mark.parametrize("states", [("done", "interrupted"), ("failed", "done")])
def test_counting_all_gives_the_same_and_leaves_runs_at_work_alone(engine: Engine, states: Sequence[str]) -> None:
    watch(engine, (0, "new_entries", False), state=states[0])
    watch(engine, (30, "new_entries", True), run_id=2, state=states[1])
    watch(engine, (40, "new_entries", True), run_id=3, state="running")
    for _ in range(2):
        with writing(engine) as connection:
            count_all_coverage(connection)
    assert coverage(engine) == [("2026-03-02", 2, 0, 4, 1, 30, 30, 0)]
