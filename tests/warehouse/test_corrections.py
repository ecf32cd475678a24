"""What a person corrects or removes holds against whatever comes later, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from loading import START, ZONE, Press, article_of
from sqlalchemy import Engine

from models.engine import writing
from models.outcomes import Outcome
from pipeline.dates.moment import Moment
from pipeline.warehouse import curation
from pipeline.warehouse.curation import CorrectionError, parse_value
from pipeline.warehouse.removals import remove
from pipeline.warehouse.versions import replace_by_reextraction

STORY = article_of(1)


@pytest.fixture
def press(engine: Engine) -> Press:
    made = Press(engine)
    made.load("/a", STORY)
    made.wait(hours=1)
    return made


def correct(press: Press, field: str, typed: str) -> None:
    with writing(press.engine) as connection:
        article_id = connection.exec_driver_sql("SELECT min(id) FROM articles").scalar_one()
        value = parse_value(field, typed, ZONE) if field != "duplicate_of" else int(typed)
        curation.correct(connection, article_id, field, value, "Ida", "they told us", ZONE, press.at)


def revoke(press: Press, field: str) -> None:
    with writing(press.engine) as connection:
        article_id = connection.exec_driver_sql("SELECT min(id) FROM articles").scalar_one()
        curation.revoke(connection, article_id, field, ZONE, press.at)


def report(press: Press, column: str) -> Any:
    return press.rows(f"SELECT {column} FROM report_articles ORDER BY article_id LIMIT 1")[0][0]


CASES = [
    ("title", "The right headline", "title", "The right headline"),
    ("summary", "", "summary", None),
    ("section", "Sea", "section_path", "Sea"),
    ("place", "CẦN THƠ", "place", "CẦN THƠ"),
    ("language", "vi", "language", "vi"),
    ("kind", "opinion", "kind", "opinion"),
    ("authors", "Lan Anh; Minh Đức ;Lan Anh", "authors", "Lan Anh; Minh Đức"),
    ("tags", "", "tags", None),
    ("published_at", "2026-03-01", "published_on", "2026-03-01"),
    ("published_at", "2026-03-01T08:15", "published_utc_offset_minutes", 420),
]


@pytest.mark.parametrize(("field", "typed", "column", "expected"), CASES)
def test_a_correction_holds_against_later_captures_and_extractors(
    press: Press, field: str, typed: str, column: str, expected: Any
) -> None:
    column = f"(SELECT {column} FROM articles)" if column == "published_utc_offset_minutes" else column

    def is_held() -> bool:
        found = report(press, column)
        return bool((str(found) if column == "published_on" else found) == expected)

    correct(press, field, typed)
    assert is_held()
    press.wait(hours=1)
    press.load("/a", replace(STORY, body=f"{STORY.body}\nOne more line."))
    assert is_held()
    with writing(press.engine) as connection:
        article_id = connection.exec_driver_sql("SELECT id FROM articles").scalar_one()
        replace_by_reextraction(connection, article_id, replace(STORY, body="Read anew."), "2", press.at)
    assert is_held()
    assert press.one("SELECT corrected_by FROM corrections WHERE revoked_at IS NULL") == "Ida"


def test_corrected_words_are_a_version_with_that_cause_and_other_values_are_none(press: Press) -> None:
    correct(press, "section", "Sea")
    assert press.one("SELECT count(*) FROM article_versions") == 0
    correct(press, "title", "The right headline")
    (row,) = press.rows("SELECT version_number, version_cause, updated_at, first_loaded_at FROM articles")
    assert (row.version_number, row.version_cause) == (2, "correction")
    assert row.updated_at > row.first_loaded_at


def test_the_same_capture_brings_nothing_new_after_a_correction(press: Press) -> None:
    correct(press, "title", "The right headline")
    assert press.load("/a", STORY).outcome is Outcome.UNCHANGED
    assert press.one("SELECT count(*) FROM article_versions") == 1


def test_a_revoked_correction_gives_back_what_the_publisher_says_now(press: Press) -> None:
    correct(press, "title", "The right headline")
    correct(press, "title", "An even better one")
    press.load("/a", replace(STORY, title="Their new headline"))
    assert report(press, "title") == "An even better one"
    revoke(press, "title")
    assert report(press, "title") == "Their new headline"
    assert press.load("/a", replace(STORY, title="Their newest headline")).outcome is Outcome.UPDATED
    with pytest.raises(CorrectionError, match="No correction of title holds"):
        revoke(press, "title")


def test_a_revoked_date_is_the_publishers_again(press: Press) -> None:
    correct(press, "published_at", "2026-03-01T08:15+07:00")
    assert report(press, "published_signal") == "correction"
    assert str(report(press, "report_date")) == "2026-03-01"
    revoke(press, "published_at")
    assert report(press, "published_signal") == "json-ld"
    assert str(report(press, "report_date")) == "2026-03-04"


def test_a_person_says_what_repeats_what(press: Press) -> None:
    other = press.load("/b", article_of(2)).article_id
    correct(press, "duplicate_of", str(other))
    press.load("/a", replace(STORY, title="Their new headline"))
    assert report(press, "duplicate_of") == other
    revoke(press, "duplicate_of")
    assert report(press, "duplicate_of") is None


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("published_at", "yesterday", "no time such as"),
        ("kind", "essay", "kind must be one of"),
        ("kind", "", "kind must be one of"),
        ("language", "klingon!", "no BCP 47"),
    ],
)
def test_a_value_that_cannot_be_is_told(field: str, typed: str, words: str) -> None:
    with pytest.raises(CorrectionError, match=words):
        parse_value(field, typed, ZONE)


def test_a_removed_article_leaves_no_words_and_is_never_loaded_again(press: Press) -> None:
    canonical = replace(STORY, canonical_url=press.url("/canonical"))
    press.load("/a", replace(canonical, title="Their new headline"))
    press.load("/b", replace(canonical, title="Their new headline"))
    repeat = press.load("/repeat", replace(STORY, title="Their new headline", canonical_url=None))
    press.load("/c", article_of(3, published=Moment.at(START + timedelta(days=9), "json-ld")))
    correct(press, "place", "HUẾ")
    with writing(press.engine) as connection:
        article_id = connection.exec_driver_sql("SELECT min(id) FROM articles").scalar_one()
        removed = remove(connection, article_id, "Ida", "court order", press.at)

    assert set(removed.urls) == {press.url(path) for path in ("/a", "/b", "/canonical")}
    tables = ("article_versions", "corrections")
    assert [press.one(f"SELECT count(*) FROM {table}") for table in tables] == [0, 0]
    assert press.rows("SELECT id, duplicate_of FROM articles") == [(repeat.article_id, None)]
    assert press.one("SELECT count(*) FROM article_texts") == 1
    assert {
        row.outcome for row in press.rows("SELECT outcome FROM pages WHERE article_id IS NULL AND url LIKE '%a'")
    } == {"removed"}
    for path in ("/a", "/b", "/canonical"):
        assert press.load(path, canonical).outcome is Outcome.REMOVED
    assert press.load("/d", replace(STORY, canonical_url=press.url("/canonical"))).outcome is Outcome.REMOVED
    (stone,) = press.rows("SELECT removed_by, reason, source FROM tombstones WHERE url_key = 'ward.example/a'")
    assert tuple(stone) == ("Ida", "court order", "ward")
