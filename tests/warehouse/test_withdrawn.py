"""What is gone is withdrawn after a second look, its text stays, and it may come back; when looks are due."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from loading import HOURS, START, Press, article_of
from sqlalchemy import Engine, select, text

from models.engine import reading, writing
from models.outcomes import Outcome
from models.tables import pages
from pipeline.articles.article import Article
from pipeline.dates.moment import Moment
from pipeline.warehouse.claim import Scope, read_page
from pipeline.warehouse.fetches import finish_pages
from pipeline.warehouse.rechecks import Look, next_look, queue_due

STORY = article_of(1)


@pytest.fixture
def press(engine: Engine) -> Press:
    made = Press(engine)
    made.load("/a", STORY)
    made.wait(hours=1)
    return made


def withdrawn(press: Press) -> Any:
    said = "withdrawn_outcome, withdrawn_reason, withdrawn_at, updated_at, first_loaded_at"
    (row,) = press.rows(f"SELECT {said} FROM articles ORDER BY id LIMIT 1")
    return row if row.withdrawn_at is not None else None


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.BAD_REDIRECT, Outcome.NO_TEXT, Outcome.NOT_ARTICLE])
def test_what_is_missing_twice_an_hour_apart_is_withdrawn_since_the_first_time(press: Press, outcome: Outcome) -> None:
    press.look("/a", outcome)
    assert withdrawn(press) is None
    press.wait(minutes=59)
    press.look("/a", outcome)
    assert withdrawn(press) is None
    press.wait(minutes=1)
    press.look("/a", outcome)

    row = withdrawn(press)
    assert (row.withdrawn_outcome, row.withdrawn_reason) == (outcome, str(outcome))
    assert row.updated_at > row.withdrawn_at > row.first_loaded_at
    assert press.one("SELECT body FROM report_texts") == STORY.body


def test_a_server_that_says_gone_for_good_is_believed_at_once(press: Press) -> None:
    press.look("/a", Outcome.GONE, 410)
    assert withdrawn(press).withdrawn_reason == "410"


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.SERVER_ERROR, Outcome.ROBOTS_DENIED, Outcome.FORBIDDEN])
def test_trouble_on_the_way_says_nothing_about_the_article(press: Press, outcome: Outcome) -> None:
    for _ in range(3):
        press.look("/a", outcome)
        press.wait(hours=2)
    assert withdrawn(press) is None


def test_a_page_that_is_there_again_in_between_begins_anew(press: Press) -> None:
    press.look("/a", Outcome.GONE, 404)
    press.wait(hours=1)
    press.load("/a", STORY)
    press.wait(hours=1)
    press.look("/a", Outcome.GONE, 404)
    assert withdrawn(press) is None


def test_an_article_that_comes_back_is_withdrawn_no_more_and_says_so(press: Press) -> None:
    press.look("/a", Outcome.GONE, 410)
    press.wait(days=1)
    press.load("/a", STORY)
    assert withdrawn(press) is None
    (page,) = press.rows("SELECT outcome, reason, missing_since_at FROM pages")
    assert page.outcome == "unchanged"
    assert page.reason.startswith("it is back: it had been found gone at 2026-03-04 10:00")
    assert page.missing_since_at is None
    assert press.one("SELECT count(*) FROM articles WHERE updated_at > first_loaded_at") == 1


def test_an_article_with_another_page_is_not_withdrawn_before_that_is_gone_too(press: Press) -> None:
    press.load("/b", replace(STORY, canonical_url=press.url("/a")))
    with writing(press.engine) as connection:
        connection.exec_driver_sql("UPDATE pages SET fetch_id = id")
    press.look("/a", Outcome.GONE, 410)
    assert withdrawn(press) is None
    assert press.one("SELECT count(*) FROM pages WHERE next_recheck_at IS NOT NULL AND article_id IS NOT NULL") == 2
    press.look("/b", Outcome.GONE, 410)
    assert withdrawn(press) is not None


def test_an_article_whose_pages_go_in_the_same_turn_is_withdrawn(press: Press) -> None:
    press.load("/b", replace(STORY, canonical_url=press.url("/a")))
    with writing(press.engine) as connection:
        connection.execute(text("UPDATE pages SET fetch_id = id, lease_token = :t"), {"t": press.scope.token})
        gone = Look(Outcome.GONE, "410", press.at, 410)
        keys = [press.page(connection, path) for path in ("/a", "/b")]
        finish_pages(connection, press.scope, [(read_page(connection, key), gone) for key in keys], HOURS)
    assert withdrawn(press) is not None


@pytest.mark.parametrize(
    "soft", ["Nothing is to be found at this address.", "This page has gone away. Go to the front page."]
)
def test_a_page_that_shows_a_few_other_words_has_lost_its_text(press: Press, soft: str) -> None:
    loaded = press.load("/a", Article(Outcome.LOADED, title="Not found", body=soft))
    assert (loaded.outcome, loaded.reason) == (Outcome.NO_TEXT, "its text is gone from the page")
    assert press.one("SELECT title FROM articles") == STORY.title


def test_looks_are_due_at_the_hours_after_loading_that_are_left() -> None:
    at = [START + timedelta(hours=hours) for hours in (0, 1, 3, 6.5, 30)]
    due = [next_look(START, one, HOURS) for one in at]
    assert due == [START + timedelta(hours=hours) for hours in (1, 6, 6, 24)] + [None]
    assert next_look(START, START, ()) is None


def test_due_pages_are_queued_most_overdue_first_and_below_the_live_ones(press: Press) -> None:
    press.load("/b", article_of(2))
    press.load("/c", article_of(3))
    later = Scope(press.scope.run_id, press.at + timedelta(minutes=90), press.scope.token)
    with writing(press.engine) as connection:
        assert queue_due(connection, later, 2) == 2
        assert queue_due(connection, later, 2) == 1
        assert queue_due(connection, later, 2) == 0
    rows = press.rows("SELECT state, attempts, priority, next_recheck_at FROM pages ORDER BY id")
    assert [tuple(row) for row in rows] == [("queued", 0, -1, None)] * 3


@pytest.mark.parametrize("spared", ["is_rechecked = :no", "retired_at = created_at"])
def test_sources_that_are_spared_or_left_are_not_looked_at(press: Press, spared: str) -> None:
    with writing(press.engine) as connection:
        connection.execute(text(f"UPDATE sources SET {spared}"), {"no": False} if ":no" in spared else {})
        later = Scope(press.scope.run_id, press.at + timedelta(days=9), press.scope.token)
        assert queue_due(connection, later, 9) == 0


@pytest.mark.parametrize(
    ("published", "hours"),
    [
        (Moment.at(START - timedelta(hours=2), "json-ld"), 4),
        (Moment.at(START - timedelta(hours=24), "json-ld"), None),
        (Moment.day(START.date(), "url"), 15),
        (None, None),
    ],
)
def test_a_backfilled_article_has_the_looks_that_are_left_since_its_publication(
    engine: Engine, published: Moment | None, hours: int | None
) -> None:
    press = Press(engine)
    with writing(engine) as connection:
        press.page(connection, "/old")
        connection.exec_driver_sql("UPDATE pages SET ingested_via = 'backfill'")
    press.load("/old", article_of(5, published=published))
    due = START + timedelta(hours=hours) if hours is not None else None
    with reading(engine) as connection:
        assert connection.execute(select(pages.c.next_recheck_at)).scalar_one() == due
