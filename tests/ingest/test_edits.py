"""What publishers change later: pages, feeds that come and go, and what a poll need not bring again."""

from datetime import UTC, datetime

from newsroom import XML, Item, Newsroom, Piece, in_turn, rss, serve_feed, source

from config.feeds_file import FeedSpec
from demo.site import Document, LoopbackServer, Response

STORY = Piece("/town/the-story-of-the-old-lock", 5)


def test_a_changed_entry_brings_the_new_version_and_keeps_the_old_one(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    before, after = STORY, Piece(STORY.path, 5, title="The lock opens again", paragraphs=(*STORY.text, "It opened."))
    serve_feed(site, [before])
    newsroom.run(source("Ward", site.url("/feed.xml")))
    site.pages[STORY.path] = after.page
    changed = Item(site.url(STORY.path), after.headline, guid=site.url(STORY.path))
    site.pages["/feed.xml"] = Response(200, XML, rss([changed]))

    report = newsroom.run(source("Ward", site.url("/feed.xml")))
    third = newsroom.run(source("Ward", site.url("/feed.xml")))

    assert report.entries == {"updated": 1}
    assert third.entries == {}
    now = newsroom.rows("SELECT title, version_number FROM report_articles")
    assert [tuple(row) for row in now] == [("The lock opens again", 2)]
    old = newsroom.rows("SELECT version_number, title, body, changed_fields, fetch_id FROM article_versions")
    assert [(row.version_number, row.title) for row in old] == [(1, before.headline)]
    assert "It opened." not in old[0].body
    assert newsroom.column("SELECT body FROM report_texts")[0].endswith("It opened.")


def test_an_entry_that_changed_alone_leaves_the_article_unchanged(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    serve_feed(site, [STORY])
    newsroom.run(source("Ward", site.url("/feed.xml")))
    before = newsroom.column("SELECT updated_at FROM articles")
    item = Item(site.url(STORY.path), "Another title in the feed", guid=site.url(STORY.path))
    site.pages["/feed.xml"] = Response(200, XML, rss([item]))

    report = newsroom.run(source("Ward", site.url("/feed.xml")))

    assert report.entries == {"unchanged": 1}
    assert newsroom.column("SELECT updated_at FROM articles") == before
    assert newsroom.column("SELECT count(*) FROM article_versions") == [0]


def test_a_feed_that_has_not_changed_is_answered_with_304_and_brings_nothing(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    serve_feed(site, [STORY])
    body = site.pages["/feed.xml"].body  # type: ignore[union-attr]
    site.pages["/feed.xml"] = Document("application/rss+xml", body, datetime(2026, 3, 4, tzinfo=UTC))  # type: ignore[arg-type]

    polls = [newsroom.run(source("Ward", site.url("/feed.xml"))).polls for _ in range(2)]

    assert polls == [{"new_entries": 1}, {"not_modified": 1}]


def test_validators_of_a_broken_feed_are_not_kept_so_that_its_rest_comes_later(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    pieces = [Piece(f"/town/story-number-{n}-of-the-ward", n) for n in range(3)]
    serve_feed(site, pieces)
    whole: bytes = site.pages["/feed.xml"].body  # type: ignore[assignment,union-attr]
    etag = {"ETag": '"the-same"', **XML}
    site.pages["/feed.xml"] = in_turn(
        Response(200, etag, whole[: whole.rindex(b"<item>") + 20]),
        lambda request: Response(304 if "if-none-match" in request.headers else 200, etag, whole),
    )

    first = newsroom.run(source("Ward", site.url("/feed.xml")))
    second = newsroom.run(source("Ward", site.url("/feed.xml")))

    assert first.polls == {"partly_broken": 1}
    assert second.entries == {"loaded": 1}


def test_a_feed_that_leaves_the_file_is_retired_and_comes_back_with_its_history(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site, other = server.site(), server.site()
    ward, rest = source("Ward", serve_feed(site, [STORY])), source("Rest", serve_feed(other, [Piece("/town/x-y-z", 9)]))
    newsroom.run(ward, rest)

    without = newsroom.run(rest)
    state = newsroom.rows("SELECT state FROM feeds WHERE url = :url", url=site.url("/feed.xml"))
    back = newsroom.run(ward, rest)

    assert sum(without.polls.values()) == 1
    assert [row.state for row in state] == ["retired"]
    assert sum(back.polls.values()) == 2
    assert back.entries == {}
    assert newsroom.column("SELECT count(*) FROM sources WHERE retired_at IS NULL") == [2]


def test_a_source_keeps_its_first_slug_when_it_is_renamed(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = serve_feed(server.site(), [STORY])
    newsroom.run(source("Ward Courier", feed))

    newsroom.run(source("The New Courier", feed))

    assert [tuple(row) for row in newsroom.rows("SELECT slug, name FROM sources")] == [
        ("ward-courier", "The New Courier")
    ]


def test_a_feed_that_moves_to_a_new_source_leaves_the_old_one_as_it_was(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    one, other = serve_feed(site, [STORY], "/one.xml"), serve_feed(site, [Piece("/town/x-y-z", 9)], "/other.xml")
    newsroom.run(source("Ward", one, other))

    for _ in range(2):
        newsroom.run(source("Ward", one), source("Lake", other))
        found = newsroom.rows(
            "SELECT s.slug, s.name, f.url FROM feeds f JOIN sources s ON s.id = f.source_id ORDER BY s.slug DESC"
        )
        assert [tuple(row) for row in found] == [("ward", "Ward", one), ("lake", "Lake", other)]


def test_the_words_of_the_feeds_file_reach_the_article(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    feed = serve_feed(site, [STORY])

    newsroom.run(source("Ward", FeedSpec(feed, section="Harbour"), country="SE", language="en"))

    found = newsroom.rows("SELECT source_name, country, section, language FROM report_articles")
    assert [tuple(row) for row in found] == [("Ward", "SE", "Harbour", "en")]


def test_only_the_named_sources_are_polled(server: LoopbackServer, newsroom: Newsroom) -> None:
    site, other = server.site(), server.site()
    ward, rest = source("Ward", serve_feed(site, [STORY])), source("Rest", serve_feed(other, [Piece("/town/x-y-z", 9)]))

    report = newsroom.run(ward, rest, slugs=("rest",))

    assert report.entries == {"loaded": 1}
    assert site.requests == []


def test_a_feed_is_left_alone_until_it_is_due(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    ward = source("Ward", serve_feed(site, [STORY]))

    polls = [newsroom.run(ward, respects_schedule=True).polls for _ in range(2)]

    assert polls == [{"new_entries": 1}, {}]


def test_excerpts_keep_sixty_words_and_say_that_they_are_partial(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = serve_feed(server.site(), [STORY])

    newsroom.run(source("Ward", feed, store="excerpt", archive=False))

    assert newsroom.rows("SELECT word_count, is_body_partial FROM report_articles") == [(60, 1)]
    assert newsroom.column("SELECT count(*) FROM archives") == [0]
