"""Looking again in whole runs: edits, pages that are gone, and what costs a server next to nothing."""

from dataclasses import replace
from datetime import UTC, datetime

from newsroom import HTML, Newsroom, Piece, redirect, serve_feed, source
from sqlalchemy import text

from demo.site import Document, LoopbackServer, LoopbackSite, Response
from models.engine import writing
from pipeline.articles.article import EXTRACTOR_VERSION
from pipeline.ingest import ingest
from pipeline.plan import Plan, Report
from pipeline.warehouse import clock
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.removals import remove

STORY = Piece("/town/the-story-of-the-old-lock", 5)
EDITED = replace(STORY, title="The lock opens again", paragraphs=(*STORY.text, "It opened on Monday."))
OTHER = Piece("/town/another-story-of-the-ward", 6)


def look_again(newsroom: Newsroom, limit: int = 100) -> Report:
    """Run a recheck as if all that was said to come later were due."""
    opened = open_warehouse(newsroom.settings)
    with writing(opened.engine) as connection:
        for column in ("next_recheck_at", "missing_since_at"):
            past = text(f"UPDATE pages SET {column} = '2026-01-01T00:00:00.000000Z' WHERE {column} IS NOT NULL")
            connection.execute(past)
    try:
        return ingest(Plan(None, rechecks=limit), opened.engine, newsroom.settings, zone=opened.timezone)
    finally:
        opened.engine.dispose()


def begin(server: LoopbackServer, newsroom: Newsroom) -> LoopbackSite:
    site = server.site()
    newsroom.run(source("Ward", serve_feed(site, [STORY, OTHER])))
    site.requests.clear()
    return site


def test_a_recheck_polls_nothing_and_finds_what_was_edited(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = begin(server, newsroom)
    site.pages[STORY.path] = EDITED.page

    report = look_again(newsroom)

    assert (report.polls, report.pages) == ({}, {"updated": 1, "unchanged": 1})
    assert report.entries == {"updated": 1, "unchanged": 1}
    assert {request.path for request in site.requests} == {STORY.path, OTHER.path}
    (old,) = newsroom.rows("SELECT cause, diff FROM article_versions")
    assert old.diff.endswith("+ It opened on Monday.")
    assert newsroom.column("SELECT version_cause FROM articles ORDER BY version_number DESC") == ["publisher", "first"]
    assert newsroom.column("SELECT kind FROM runs ORDER BY id") == ["ingest", "recheck"]


def test_only_so_many_are_looked_at_and_none_twice(server: LoopbackServer, newsroom: Newsroom) -> None:
    begin(server, newsroom)
    assert sum(look_again(newsroom, limit=1).pages.values()) == 1
    opened = open_warehouse(newsroom.settings)
    again = ingest(Plan(None, rechecks=9), opened.engine, newsroom.settings, zone=opened.timezone)
    opened.engine.dispose()
    assert sum(again.pages.values()) == 1


def test_a_server_that_knows_that_nothing_changed_sends_no_page(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    feed = serve_feed(site, [STORY])
    site.pages[STORY.path] = Document(HTML["Content-Type"], STORY.html, datetime(2026, 3, 4, tzinfo=UTC))
    newsroom.run(source("Ward", feed))

    assert look_again(newsroom).pages == {"unchanged": 1}
    assert site.requested(STORY.path)[1].headers["if-none-match"].startswith('"')
    assert newsroom.column("SELECT status FROM fetches ORDER BY id") == [200, 304]


def test_a_page_that_is_not_archived_is_asked_for_with_its_validators_too(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    feed = serve_feed(site, [STORY])
    site.pages[STORY.path] = Document(HTML["Content-Type"], STORY.html, datetime(2026, 3, 4, tzinfo=UTC))
    newsroom.run(source("Ward", feed, archive=False))
    assert look_again(newsroom).pages == {"unchanged": 1}
    assert newsroom.column("SELECT status FROM fetches ORDER BY id") == [200, 304]


def test_what_is_gone_is_withdrawn_after_the_second_look_and_may_come_back(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = begin(server, newsroom)
    del site.pages[STORY.path]

    assert look_again(newsroom).pages == {"gone": 1, "unchanged": 1}
    assert newsroom.column("SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL") == [0]
    look_again(newsroom)
    (row,) = newsroom.rows("SELECT withdrawn_outcome, withdrawn_reason FROM articles WHERE withdrawn_at IS NOT NULL")
    assert tuple(row) == ("gone", "the server answered 404 Not Found")
    assert newsroom.column("SELECT count(*) FROM report_texts WHERE body <> ''") == [2]

    site.pages[STORY.path] = STORY.page
    look_again(newsroom)
    assert newsroom.column("SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL") == [0]
    back = newsroom.column("SELECT reason FROM report_ledger WHERE reason LIKE 'it is back%'")
    assert len(back) == 1


def test_home_pages_emptied_pages_and_kind_words_for_not_found_are_all_gone(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    for seed, answer in enumerate(
        (
            redirect("/"),
            Response(200, HTML, b"<html><body><article></article></body></html>"),
            Response(410, HTML, b"<p>Gone</p>"),
        )
    ):
        site = server.site()
        piece = Piece(f"/town/story-{seed}-of-the-old-lock", 20 + seed)
        room = Newsroom(newsroom.folder / str(seed))
        room.run(source("Ward", serve_feed(site, [piece])))
        site.pages |= {piece.path: answer, "/": Response(200, HTML, b"<h1>Home</h1>")}
        for _ in range(2):
            look_again(room)
        assert room.column("SELECT withdrawn_at IS NOT NULL FROM articles") == [1], seed


def test_other_words_by_another_extractor_are_no_edit_when_the_old_capture_reads_the_same(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = begin(server, newsroom)
    newsroom.write("UPDATE articles SET extractor_version = 'older', title = 'As it was read then', content_hash = 'x'")
    site.pages[OTHER.path] = replace(OTHER, title="What the publisher wrote later").page

    look_again(newsroom)

    kept = newsroom.rows("SELECT url, title, version_cause, extractor_version FROM articles ORDER BY id")
    assert {(row.title, row.version_cause) for row in kept} == {
        (STORY.headline, "re-extraction"),
        ("What the publisher wrote later", "publisher"),
    }
    assert {row.extractor_version for row in kept} == {EXTRACTOR_VERSION}
    causes = newsroom.column("SELECT cause FROM article_versions ORDER BY article_id, version_number")
    assert sorted(causes) == ["first", "first", "re-extraction"]


def test_without_the_old_capture_nobody_knows_who_changed_the_words(server: LoopbackServer, newsroom: Newsroom) -> None:
    begin(server, newsroom)
    newsroom.write("UPDATE articles SET extractor_version = 'older', title = 'As it was read then', content_hash = 'x'")
    for file in newsroom.folder.rglob("*.warc.gz"):
        file.unlink()

    look_again(newsroom)

    assert newsroom.column("SELECT version_cause FROM articles") == ["unknown", "unknown"]
    assert newsroom.column("SELECT count(*) FROM pages WHERE lease_token IS NOT NULL OR state <> 'done'") == [0]


def test_a_source_that_is_to_be_spared_is_not_asked_again(server: LoopbackServer, newsroom: Newsroom) -> None:
    newsroom.run(source("Ward", serve_feed(server.site(), [STORY]), recheck=False))
    assert look_again(newsroom).pages == {}


def test_a_removed_article_is_not_even_fetched_when_a_feed_names_it_again(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = begin(server, newsroom)
    opened = open_warehouse(newsroom.settings)
    with writing(opened.engine) as connection:
        article_id = connection.execute(text("SELECT id FROM articles WHERE url LIKE '%lock'")).scalar_one()
        remove(connection, article_id, "Ida", "court order", clock.now(connection))
    opened.engine.dispose()
    feed = serve_feed(site, [EDITED], "/other.xml")

    report = newsroom.run(source("Ward", site.url("/feed.xml"), feed))

    assert report.entries == {"removed": 1}
    assert site.requested(STORY.path) == []
    assert newsroom.column("SELECT count(*) FROM articles") == [1]
