"""One article is one row under whatever addresses; two different articles are never one. On both databases."""

from dataclasses import replace

import pytest
from loading import Press, article_of
from sqlalchemy import Engine, insert

from models.engine import writing
from models.outcomes import Outcome
from models.tables import entries

STORY = article_of(1)


@pytest.fixture
def press(engine: Engine) -> Press:
    return Press(engine)


def name(press: Press, path: str, guid: str) -> tuple[int, str]:
    """Let the feed name a page; give its feed and guid."""
    with writing(press.engine) as connection:
        page_id = press.page(connection, path)
        row = {"feed_id": press.feed_id, "guid": guid, "url": press.url(path), "page_id": page_id}
        lists = {"authors": [], "categories": [], "enclosures": []}
        seen = {"first_seen_at": press.at, "first_run_id": press.scope.run_id, "content_hash": path}
        connection.execute(insert(entries).values(**row, **lists, **seen))
    return press.feed_id, guid


def test_variants_that_come_together_are_one_article(press: Press) -> None:
    canonical = replace(STORY, canonical_url=press.url("/a"))
    loaded = press.load_all(("/a", canonical), ("/a/print", canonical), ("/short/1", canonical))
    assert [one.outcome for one in loaded] == [Outcome.LOADED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert press.one("SELECT count(*) FROM articles") == 1
    assert press.one("SELECT count(DISTINCT article_id) FROM article_urls") == 1


def test_a_canonical_that_different_texts_claim_in_one_turn_joins_nothing(press: Press) -> None:
    claim = press.url("/all")
    captures = [(f"/{n}", article_of(n, canonical_url=claim)) for n in range(5)]
    loaded = press.load_all(*captures)
    assert {one.outcome for one in loaded} == {Outcome.LOADED}
    assert press.one("SELECT count(DISTINCT article_id) FROM article_urls") == 5


def test_a_slug_that_redirects_to_its_new_name_stays_one_article(press: Press) -> None:
    press.load("/old-name", STORY)
    loaded = press.load("/old-name", STORY, final="/new-name")
    assert (loaded.outcome, loaded.reason) == (Outcome.UPDATED, "changed: url")
    assert press.rows("SELECT url FROM articles")[0].url == press.url("/new-name")
    assert press.one("SELECT count(*) FROM article_versions") == 0
    assert press.load("/new-name", STORY).outcome is Outcome.DUPLICATE


def test_a_slug_that_the_feed_renames_under_the_same_guid_stays_one_article(press: Press) -> None:
    guid = name(press, "/old-name", "tag:ward,1")
    press.load("/old-name", STORY, guid=guid)
    press.wait(hours=1)
    name(press, "/new-name", "tag:ward,1")
    moved = press.load("/new-name", replace(STORY, title="Another headline"), guid=guid)

    assert moved.outcome is Outcome.UPDATED
    assert moved.reason == f"moved from {press.url('/old-name')}; changed: title"
    assert press.rows("SELECT url, version_number FROM articles") == [(press.url("/new-name"), 2)]


def test_a_guid_that_comes_back_with_another_text_names_another_article(press: Press) -> None:
    guid = name(press, "/one", "42")
    press.load("/one", STORY, guid=guid)
    press.wait(days=1)
    name(press, "/two", "42")
    assert press.load("/two", article_of(2), guid=guid).outcome is Outcome.LOADED
    assert press.one("SELECT count(*) FROM articles") == 2


def test_a_guid_that_a_feed_gives_to_several_links_at_once_names_nothing(press: Press) -> None:
    guid = name(press, "/one", "same")
    name(press, "/two", "same")
    press.load("/one", STORY, guid=guid)
    similar = replace(STORY, title="Part two", body=f"{STORY.body}\nAnd more.")
    assert press.load("/two", similar, guid=guid).outcome is Outcome.LOADED
    assert press.one("SELECT count(*) FROM articles") == 2


@pytest.mark.parametrize("is_together", [True, False])
def test_the_same_piece_in_two_sections_is_two_articles_one_of_which_repeats_the_other(
    press: Press, is_together: bool
) -> None:
    captures = [("/town/a", STORY), ("/sea/a", replace(STORY, section="Sea"))]
    loaded = press.load_all(*captures) if is_together else [press.load(*capture) for capture in captures]
    assert [one.outcome for one in loaded] == [Outcome.LOADED, Outcome.LOADED]
    assert loaded[1].reason == f"it repeats {press.url('/town/a')} word by word"
    rows = press.rows("SELECT article_id, duplicate_of FROM report_articles ORDER BY article_id")
    assert [row.duplicate_of for row in rows] == [None, rows[0].article_id]


def test_another_paper_with_the_same_words_repeats_nothing_of_ours(press: Press) -> None:
    press.load("/a", STORY)
    Press(press.engine, slug="lake").load("/a", STORY)
    assert press.rows("SELECT duplicate_of FROM articles") == [(None,), (None,)]


def test_a_page_that_leads_to_another_article_does_not_take_its_words(press: Press) -> None:
    press.load("/a", STORY)
    press.load("/b", article_of(2))
    led = press.load("/a", article_of(2), final="/b")
    assert (led.outcome, led.reason) == (Outcome.BAD_REDIRECT, f"redirected to another piece: {press.url('/b')}")
    assert press.one("SELECT title FROM articles WHERE url = :url", url=press.url("/a")) == STORY.title
    assert press.one("SELECT count(*) FROM article_versions") == 0


def test_a_page_that_leads_to_the_same_text_of_another_article_repeats_it(press: Press) -> None:
    press.load("/old-name", STORY)
    press.load("/new-name", replace(STORY, title="Another headline", body=f"{STORY.body}\nMore of it."))
    led = press.load(
        "/old-name", replace(STORY, title="Another headline", body=f"{STORY.body}\nMore."), final="/new-name"
    )
    assert led.outcome is Outcome.DUPLICATE
    (old, new) = press.rows("SELECT id, duplicate_of FROM articles ORDER BY id")
    assert (old.duplicate_of, new.duplicate_of) == (new.id, None)


def test_a_variant_that_is_read_again_leaves_the_articles_address_alone(press: Press) -> None:
    press.load("/a", replace(STORY, canonical_url=press.url("/a")))
    press.load("/a/print", replace(STORY, canonical_url=press.url("/a")))
    press.load("/a/print", STORY)
    assert press.one("SELECT url FROM articles") == press.url("/a")


def test_articles_of_one_turn_and_one_by_one_give_the_same_rows(press: Press, tmp_path: object) -> None:
    captures = [(f"/{n}", article_of(n, authors=(f"Author {n % 3}", "Ida"), tags=("b", "a"))) for n in range(20)]
    press.load_all(*captures)
    other = Press(press.engine, slug="lake")
    for path, article in captures:
        other.load(path, article)
    said = "SELECT title, authors, tags, published_local, word_count, uid IS NOT NULL FROM report_articles"
    mine = press.rows(f"{said} WHERE source = 'ward' ORDER BY title")
    assert mine == press.rows(f"{said} WHERE source = 'lake' ORDER BY title")
    assert len(mine) == 20
