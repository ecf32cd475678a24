"""A capture that breaks a rule is set aside, and loaded later exactly as it would have been, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from loading import HOURS, START, ZONE, Press, article_of
from sqlalchemy import Engine

from models.engine import writing
from models.outcomes import Outcome
from models.states import RejectedState
from pipeline.articles.article import Article
from pipeline.articles.stored import article_from_json, article_to_json
from pipeline.dates.moment import Moment
from pipeline.warehouse.rejected import Sought, count_rejected, decide, find_rejected, list_rejected
from pipeline.warehouse.releases import release

STORY = article_of(1)
TOMORROW = Moment.at(START + timedelta(hours=25), "json-ld")
FUTURE = replace(STORY, published=TOMORROW)


@pytest.fixture
def press(engine: Engine) -> Press:
    return Press(engine)


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (FUTURE, "future_date: published 2026-03-05T10:00:00+00:00 by json-ld, but fetched 2026-03-04 09:00Z"),
        (replace(STORY, published=Moment.day(START.date() + timedelta(days=2), "url")), "future_date: published 2026-"),
        (replace(STORY, body=None), "empty_body: the page has no text"),
        (replace(STORY, language="en"), "other_language: its text is in en, its source says vi"),
    ],
)
def test_a_rule_sets_a_capture_aside_and_says_what_it_saw(press: Press, bad: Article, rule: str) -> None:
    language = "vi" if rule.startswith("other_language") else "en"
    loaded = press.load("/a", bad, language=language)
    assert loaded.outcome is Outcome.REJECTED
    assert str(loaded.reason).startswith(rule)
    assert press.one("SELECT count(*) FROM articles") == 0
    (row,) = press.rows("SELECT rule, title, state FROM rejected")
    assert tuple(row) == (rule.partition(":")[0], STORY.title, "waiting")
    assert [tuple(row) for row in press.rows("SELECT outcome, state FROM pages")] == [("rejected", "done")]


@pytest.mark.parametrize(
    "good",
    [
        replace(STORY, published=Moment.at(START + timedelta(hours=23), "json-ld")),
        replace(STORY, published=Moment.day(START.date() + timedelta(days=1), "url")),
        replace(STORY, body=None, kind="video"),
        replace(STORY, body=None, is_paywalled=True),
        replace(STORY, language="vi-VN"),
        replace(STORY, language="en", body="Too short a text to tell."),
        replace(STORY, language="en", provenance={"language": "source"}),
    ],
)
def test_what_may_be_right_is_loaded(press: Press, good: Article) -> None:
    assert press.load(
        "/a", good, language="vi" if good.language != "en" or good.body != STORY.body else "en"
    ).outcome is (Outcome.LOADED)


def test_languages_that_look_alike_are_no_contradiction(press: Press) -> None:
    assert press.load("/a", replace(STORY, language="ms"), language="id").outcome is Outcome.LOADED


@pytest.mark.parametrize("is_together", [True, False])
def test_a_body_under_another_title_of_the_same_site_is_a_templates(press: Press, is_together: bool) -> None:
    captures = [("/a", STORY), ("/b", replace(STORY, title="Something else"))]
    loaded = press.load_all(*captures) if is_together else [press.load(*one) for one in captures]
    assert [one.outcome for one in loaded] == [Outcome.LOADED, Outcome.REJECTED]
    assert loaded[1].reason == f"repeated_body: its body is that of {press.url('/a')} (“{STORY.title}”)"
    assert Press(press.engine, slug="lake").load("/b", captures[1][1]).outcome is Outcome.LOADED


def test_a_film_may_stand_beside_the_same_line_each_time(press: Press) -> None:
    line = "Watch the film of today on our channel, every evening at seven."
    films = [(f"/{n}", article_of(n, body=line, kind="video")) for n in range(3)]
    assert {one.outcome for one in press.load_all(*films)} == {Outcome.LOADED}


def test_an_article_stays_as_it_was_when_its_new_capture_breaks_a_rule(press: Press) -> None:
    press.load("/a", STORY)
    bad = press.load("/a", replace(FUTURE, title="A new headline"))
    assert bad.outcome is Outcome.REJECTED
    assert press.one("SELECT title FROM articles") == STORY.title


def test_the_same_words_of_a_page_are_set_aside_once(press: Press) -> None:
    for _ in range(2):
        press.load("/a", FUTURE)
    assert press.one("SELECT count(*) FROM rejected") == 1


def test_an_article_survives_its_time_as_json() -> None:
    whole = replace(
        STORY, agencies=("AFP",), modified=Moment.day(START.date(), "meta"), amp_url="https://w/amp", reason="r"
    )
    assert article_from_json(article_to_json(whole)) == whole


def test_a_released_capture_is_loaded_as_it_would_have_been(press: Press) -> None:
    press.load("/a", FUTURE)
    press.wait(days=2)
    row = waiting(press)
    with writing(press.engine) as connection:
        loaded = release(connection, row, "Ida", "the clock of their server", ZONE, press.at, HOURS)
    assert loaded.outcome is Outcome.LOADED
    (article,) = press.rows("SELECT title, url, authors, tags, published_at, first_seen_at FROM report_articles")
    assert (article.title, article.url, article.authors, article.tags) == (
        STORY.title,
        press.url("/a"),
        "Ida Lindqvist",
        "ward; harbour",
    )
    assert str(article.first_seen_at).startswith("2026-03-04")
    (page,) = press.rows("SELECT outcome, lease_token, article_id, next_recheck_at FROM pages")
    assert (page.outcome, page.lease_token, page.article_id is None, page.next_recheck_at is None) == (
        "loaded",
        None,
        False,
        False,
    )
    (said,) = press.rows("SELECT state, decided_by, decided_reason FROM rejected")
    assert tuple(said) == ("released", "Ida", "the clock of their server")


def test_a_released_page_may_break_that_rule_from_then_on(press: Press) -> None:
    press.load("/a", FUTURE)
    row = waiting(press)
    with writing(press.engine) as connection:
        release(connection, row, "Ida", "their clock", ZONE, press.at)
    assert press.load("/a", replace(FUTURE, title="A new headline")).outcome is Outcome.UPDATED


def test_a_discarded_capture_is_not_asked_about_again(press: Press) -> None:
    press.load("/a", FUTURE)
    row = waiting(press)
    with writing(press.engine) as connection:
        decide(connection, row.id, RejectedState.DISCARDED, "Ida", "nonsense", press.at)
    assert press.load("/a", FUTURE).outcome is Outcome.REJECTED
    with writing(press.engine) as connection:
        assert count_rejected(connection, Sought()) == 0
        assert count_rejected(connection, Sought(rule="future_date", slug="ward", state=None)) == 1
        assert list_rejected(connection, Sought(rule="empty_body", state=None), 9) == []


def waiting(press: Press) -> Any:
    with writing(press.engine) as connection:
        (row,) = list_rejected(connection, Sought(), 9)
        assert find_rejected(connection, [row.id])[0].id == row.id
    return row
