"""A version is kept when words changed; who changed them is told apart, on both databases."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from frozen_rows import ROWS_0001, statements
from loading import Press, article_of
from sqlalchemy import Engine

from models.engine import open_engine, writing
from models.outcomes import Outcome
from models.schema import alembic_config, upgrade
from pipeline.articles.article import Article
from pipeline.articles.wording import hash_of_body, wording
from pipeline.dates.moment import Moment
from pipeline.warehouse.versions import replace_by_reextraction

FIRST = article_of(1)
EDITED = replace(FIRST, title="The mayor speaks at last", body=f"{FIRST.body}\nThe mayor did not answer.")


@pytest.fixture
def press(engine: Engine) -> Press:
    return Press(engine)


def versions(press: Press) -> list[tuple[object, ...]]:
    kept = "SELECT version_number, cause FROM article_versions"
    return [tuple(row) for row in press.rows(f"{kept} UNION ALL SELECT version_number, version_cause FROM articles")]


def test_an_edit_keeps_the_version_before_with_fields_size_and_diff(press: Press) -> None:
    press.load("/a", FIRST)
    press.wait(hours=3)
    loaded = press.load("/a", EDITED)

    assert (loaded.outcome, loaded.reason) == (Outcome.UPDATED, "changed: title, body")
    (old,) = press.rows("SELECT * FROM article_versions")
    assert (old.title, old.body, old.cause) == (FIRST.title, FIRST.body, "first")
    assert (old.words_added, old.words_removed > 0) == (5 + 5, True)
    assert "+ The mayor did not answer." in old.diff
    assert old.diff.startswith(f"- title: {FIRST.title}\n+ title: The mayor speaks at last\n")
    assert (old.word_count, old.char_count) == (FIRST.word_count, FIRST.char_count)
    (now,) = press.rows("SELECT version_number, version_cause, version_began_at, updated_at FROM articles")
    assert (now.version_number, now.version_cause) == (2, "publisher")
    assert now.version_began_at == now.updated_at == old.superseded_at > old.began_at


def test_a_version_keeps_what_else_it_said(press: Press) -> None:
    press.load("/a", FIRST)
    press.load("/a", replace(EDITED, authors=("Minh Đức",), section="Sea"))
    fields = press.one("SELECT fields FROM article_versions")
    kept = json.loads(fields) if isinstance(fields, str) else fields
    assert (kept["authors"], kept["section"], kept["published_on"]) == (["Ida Lindqvist"], "Town", "2026-03-04")


@pytest.mark.parametrize(
    "same",
    [
        FIRST,
        replace(FIRST, body=(FIRST.body or "").replace("\n", "\n\n ")),
        replace(FIRST, summary=(FIRST.summary or "").replace(".", " .").replace(" .", ".")),
        replace(FIRST, title=(FIRST.title or "").replace(" ", "\u00a0")),
    ],
)
def test_white_space_and_typography_are_nothing_new(press: Press, same: Article) -> None:
    press.load("/a", FIRST)
    press.wait(hours=1)
    assert press.load("/a", same).outcome is Outcome.UNCHANGED
    assert versions(press) == [(1, "first")]
    assert press.one("SELECT count(*) FROM articles WHERE updated_at = first_loaded_at") == 1


def test_values_beside_the_words_change_the_row_and_keep_no_version(press: Press) -> None:
    press.load("/a", FIRST)
    press.wait(hours=1)
    later = Moment.at(press.at, "json-ld")
    loaded = press.load("/a", replace(FIRST, authors=("Minh Đức", "Lan Anh"), section="Sea", modified=later))

    assert loaded.outcome is Outcome.UPDATED
    assert loaded.reason == "changed: section, publisher_modified_at, authors"
    assert versions(press) == [(1, "first")]
    (row,) = press.rows("SELECT section, authors, updated_at, first_loaded_at FROM report_articles")
    assert (row.section, row.authors) == ("Sea", "Minh Đức; Lan Anh")
    assert row.updated_at > row.first_loaded_at


def test_a_date_that_the_page_ceases_to_state_is_kept(press: Press) -> None:
    press.load("/a", FIRST)
    press.load("/a", replace(EDITED, published=None))
    assert press.one("SELECT published_signal FROM articles") == "json-ld"


def test_another_extractor_asks_to_read_the_earlier_capture_first(press: Press) -> None:
    press.load("/a", FIRST, fetch_id=7)
    press.version = "2"
    asked = press.load("/a", EDITED, fetch_id=8, may_ask=True)
    assert asked.reread == 7
    assert versions(press) == [(1, "first")]


def test_what_a_new_extractor_reads_otherwise_is_no_publishers_edit(press: Press) -> None:
    press.load("/a", FIRST, fetch_id=7)
    press.version = "2"
    loaded = press.load("/a", EDITED, fetch_id=8, before=EDITED)
    assert loaded.outcome is Outcome.UPDATED
    assert versions(press) == [(1, "first"), (2, "re-extraction")]


def test_an_edit_under_a_new_extractor_is_parted_from_what_it_reads_otherwise(press: Press) -> None:
    press.load("/a", FIRST, fetch_id=7)
    press.version = "2"
    read_anew = replace(FIRST, body=f"Byline.\n{FIRST.body}")
    press.load("/a", replace(EDITED, body=f"Byline.\n{EDITED.body}"), fetch_id=8, before=read_anew)

    assert versions(press) == [(1, "first"), (2, "re-extraction"), (3, "publisher")]
    diffs = [row.diff for row in press.rows("SELECT diff FROM article_versions ORDER BY version_number")]
    assert diffs[0] == "+ Byline."
    assert "Byline" not in diffs[1]


def test_when_the_earlier_capture_is_gone_nobody_knows_who_changed_the_words(press: Press) -> None:
    press.load("/a", FIRST, fetch_id=7)
    press.version = "2"
    press.load("/a", EDITED)
    assert versions(press) == [(1, "first"), (2, "unknown")]


def test_a_re_extraction_replaces_the_values_and_keeps_the_old_ones(press: Press) -> None:
    article_id = press.load("/a", FIRST, fetch_id=7).article_id
    assert article_id is not None
    at = press.at + timedelta(days=1)
    with writing(press.engine) as connection:
        done = replace_by_reextraction(connection, article_id, EDITED, "2", at)
        again = replace_by_reextraction(connection, article_id, EDITED, "2", at)
        refused = replace_by_reextraction(connection, article_id, Article(Outcome.NO_TEXT, "nothing"), "2", at)

    assert (done.outcome, again.outcome, refused.outcome) == (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.NO_TEXT)
    assert versions(press) == [(1, "first"), (2, "re-extraction")]
    (row,) = press.rows("SELECT title, extractor_version, fetch_id FROM articles")
    assert tuple(row) == ("The mayor speaks at last", "2", 7)
    assert press.load("/a", EDITED, extractor_version="2").outcome is Outcome.UNCHANGED


def test_a_smaller_part_that_we_may_keep_is_no_publishers_edit(press: Press) -> None:
    press.load("/a", FIRST)
    with writing(press.engine) as connection:
        connection.exec_driver_sql("UPDATE sources SET store = 'excerpt'")
    press.load("/a", FIRST)
    assert versions(press) == [(1, "first"), (2, "re-extraction")]


def test_bodies_of_an_older_warehouse_are_hashed_as_new_ones_are(warehouse_url: str) -> None:
    engine = open_engine(warehouse_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
    with writing(engine) as connection:
        for statement in statements(ROWS_0001):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    upgrade(engine)
    with writing(engine) as connection:
        found = connection.exec_driver_sql(
            "SELECT body, body_hash FROM articles JOIN article_texts ON article_id = articles.id"
        ).all()
    engine.dispose()
    assert found
    assert [row.body_hash for row in found] == [hash_of_body(wording(row.body)) for row in found]
