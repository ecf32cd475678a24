"""The older entries of feeds: where each format says they are, and where they end."""

from collections.abc import Callable, Sequence

import pytest
from newsroom import XML, Item, Newsroom, Piece, rss, source

from demo.site import LoopbackSite, Request, Response
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.wish import BackfillKind, WishError

Backfill = Callable[..., BackfillReport]
FEED = BackfillKind.FEED
SIX = [Piece(f"/town/older-story-{n}", 40 + n, published=f"2026-0{6 - n // 2}-04T09:15:00+01:00") for n in range(6)]


def page(site: LoopbackSite, pieces: Sequence[Piece], older: str | None = None, *, generator: str = "") -> Response:
    """Write a page of a feed that says where the older entries are."""
    items = [Item(site.url(one.path), one.headline, guid=one.path) for one in pieces]
    body = rss(items).decode()
    link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" {older}/>' if older else ""
    return Response(200, XML, body.replace("<channel>", f"<channel>{generator}{link}").encode())


@pytest.fixture(autouse=True)
def _pieces(site: LoopbackSite) -> None:
    site.pages |= {piece.path: piece.page for piece in SIX}


@pytest.mark.parametrize("rel", ["next", "prev-archive"])
def test_declared_pages_are_followed_to_their_end(backfill: Backfill, site: LoopbackSite, rel: str) -> None:
    site.pages["/feed"] = page(site, SIX[:2], f'rel="{rel}" href="/feed/2"')
    site.pages["/feed/2"] = page(site, SIX[2:4], f"href='{site.url('/feed/3?a=1&amp;b=2')}' rel='{rel}'")
    site.pages["/feed/3"] = page(site, SIX[4:])
    report = backfill(FEED, site.url("/feed"))
    assert (report.is_done, report.outcomes, report.files) == (True, {"loaded": 6}, 3)


def test_a_json_feed_names_its_next_page(backfill: Backfill, site: LoopbackSite) -> None:
    def written(pieces: Sequence[Piece], more: str = "") -> Response:
        items = ",".join(f'{{"id": "{one.path}", "url": "{site.url(one.path)}"}}' for one in pieces)
        body = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "W", {more} "items": [{items}]}}'
        return Response(200, {"Content-Type": "application/feed+json"}, body.encode())

    site.pages["/feed.json"] = written(SIX[:3], f'"next_url": "{site.url("/feed2.json")}",')
    site.pages["/feed2.json"] = written(SIX[3:])
    assert backfill(FEED, site.url("/feed.json")).outcomes == {"loaded": 6}


def test_wordpress_has_its_older_entries_on_numbered_pages(backfill: Backfill, site: LoopbackSite) -> None:
    generator = "<generator>https://wordpress.org/?v=6.5</generator>"

    def answer(request: Request) -> Response:
        number = int(request.target.partition("paged=")[2] or 1)
        pieces = SIX[2 * number - 2 : 2 * number]
        return page(site, pieces, generator=generator) if pieces else Response(404, {}, b"")

    site.pages["/feed/"] = answer
    report = backfill(FEED, site.url("/feed/"))
    assert (report.is_done, report.outcomes, report.failed_files) == (True, {"loaded": 6}, {})


def test_a_feed_that_gives_the_same_page_again_ends(backfill: Backfill, site: LoopbackSite) -> None:
    generator = "<generator>https://wordpress.org/?v=6.5</generator>"
    site.pages["/feed/"] = lambda _request: page(site, SIX[:2], generator=generator)
    report = backfill(FEED, site.url("/feed/"))
    assert (report.outcomes, report.files) == ({"loaded": 2}, 2)


def test_pages_end_where_the_days_are_past(backfill: Backfill, site: LoopbackSite) -> None:
    def written(pieces: Sequence[Piece], day: str, older: str | None) -> Response:
        items = [Item(site.url(one.path), one.headline, guid=one.path, published=day) for one in pieces]
        link = f'<channel><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{older}"/>'
        return Response(200, XML, rss(items).decode().replace("<channel>", link).encode())

    site.pages["/feed"] = written(SIX[:2], "Thu, 04 Jun 2026 09:15:00 +0100", "/feed/2")
    site.pages["/feed/2"] = written(SIX[2:4], "Mon, 04 May 2026 09:15:00 +0100", "/feed/3")
    site.pages["/feed/3"] = written(SIX[4:], "Sat, 04 Apr 2026 09:15:00 +0100", "/feed/4")
    report = backfill(FEED, site.url("/feed"), since="2026-06-01")
    assert (report.outcomes, report.left_out, report.files) == ({"loaded": 2}, {"of other days": 2}, 2)
    assert "/feed/3" not in [request.path for request in site.requests]


def test_the_entries_of_a_sources_feeds_are_the_sources(
    backfill: Backfill, site: LoopbackSite, newsroom: Newsroom
) -> None:
    site.pages["/feed"] = page(site, SIX[:2])
    backfill(FEED, "ward", sources=(source("Ward", site.url("/feed"), slug="ward", timezone="Europe/Paris"),))
    assert newsroom.rows("SELECT source, count(*) FROM report_articles GROUP BY 1") == [("ward", 2)]


def test_links_of_entries_are_no_links_of_the_feed(backfill: Backfill, site: LoopbackSite) -> None:
    body = page(site, SIX[:2]).body.replace(b"<item>", b'<item><atom:link rel="next" href="/trap"/>', 1)
    site.pages["/feed"] = Response(200, XML, body)
    backfill(FEED, site.url("/feed"))
    assert "/trap" not in [request.path for request in site.requests]


def test_a_source_that_nobody_knows_is_told(backfill: Backfill) -> None:
    with pytest.raises(WishError, match="No source called 'nobody' has a feed"):
        backfill(FEED, "nobody")
