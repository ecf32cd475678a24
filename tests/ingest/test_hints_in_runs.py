"""Hints of the feeds file reach the pages of live runs, and what they gave says so in the warehouse."""

import pytest
from newsroom import HTML, Newsroom, Piece, serve_feed, source

from config.hints import DateHints, Hints, SelectorHints
from demo.site import LoopbackServer, Response
from pipeline.hand import stored_hints

STORY = Piece("/town/the-story-of-the-old-lock", 5, published="2026-03-04T09:15:00+08:00")
HINTS = Hints(
    SelectorHints(body="p:nth-of-type(2), p:nth-of-type(4)", author="footer", drop=("nav",)),
    DateHints(timezone="Asia/Ho_Chi_Minh", zone_is_wrong=True),
)


def test_a_run_reads_pages_with_the_hints_of_their_source(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    feed = serve_feed(site, [STORY])
    page = STORY.html.replace(b"All rights reserved.", b"Per Holm")
    site.pages[STORY.path] = Response(200, HTML, page)

    newsroom.run(source("Ward", feed, hints=HINTS))

    [row] = newsroom.rows(
        "SELECT body, authors, published_at FROM report_articles a JOIN report_texts t USING (article_id)"
    )
    assert row.body == f"{STORY.text[0]}\n{STORY.text[2]}"
    assert row.authors == "Per Holm"
    assert row.published_at == "2026-03-04T02:15:00.000000Z"
    [told] = newsroom.column("SELECT provenance FROM articles")
    assert '"body": "hint"' in told
    assert '"authors": "hint"' in told


def test_other_hints_are_another_extractor(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    stories = [Piece(f"/town/the-story-number-{n}", n) for n in range(3)]
    for story, hints in zip(stories, (None, HINTS, Hints(SelectorHints(author="footer"))), strict=True):
        newsroom.run(source("Ward", serve_feed(site, [story]), hints=hints))

    versions = newsroom.column("SELECT extractor_version FROM articles ORDER BY id")
    assert len(set(versions)) == 3
    assert [version.partition("+")[0] for version in versions] == [versions[0]] * 3


def test_hints_that_left_the_feeds_file_are_forgotten(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = serve_feed(server.site(), [STORY])

    newsroom.run(source("Ward", feed, hints=HINTS))
    kept = newsroom.column("SELECT hints FROM sources")
    newsroom.run(source("Ward", feed))

    assert '"zone_is_wrong": true' in kept[0]
    assert newsroom.column("SELECT hints FROM sources") == [None]


def test_hints_that_do_not_change_leave_the_source_as_it_was(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = serve_feed(server.site(), [STORY])

    newsroom.run(source("Ward", feed, hints=HINTS))
    before = newsroom.rows("SELECT * FROM sources")
    newsroom.run(source("Ward", feed, hints=HINTS))

    assert newsroom.rows("SELECT * FROM sources") == before


def test_stored_hints_that_are_none_are_named_once_and_not_used(caplog: pytest.LogCaptureFixture) -> None:
    stored = '{"selectors": {"body": "p["}}'

    assert [stored_hints("ward", stored), stored_hints("ward", stored)] == [None, None]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["the hints of ward are not used"]
