"""Polling by rule, on a real server: validators, lying ETags, moves, indexes of sitemaps, gaps, orders."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from newsroom import XML, Item, Newsroom, in_turn, redirect, rss, source

from demo.site import LoopbackServer, LoopbackSite, Request, Response
from models.engine import open_engine, writing
from pipeline.warehouse import orders
from pipeline.warehouse.claim import MOST_NOT_MODIFIED

TAGGED = XML | {"ETag": '"one"', "Last-Modified": "Tue, 03 Mar 2026 10:00:00 GMT"}


@pytest.fixture
def site(server: LoopbackServer) -> LoopbackSite:
    return server.site()


def _feed(*names: str) -> bytes:
    # Without links there are no pages to fetch: these tests are about feeds.
    return rss(Item(None, f"Piece {name}", guid=name) for name in names)


def _conditional(body: Callable[[], bytes]) -> Callable[[Request], Response]:
    """Answer 304 to whoever sends the one ETag, whatever the body has become."""

    def answer(request: Request) -> Response:
        if request.headers.get("if-none-match") == '"one"':
            return Response(304, {"ETag": '"one"'})
        return Response(200, TAGGED, body())

    return answer


def _poll(newsroom: Newsroom, site: LoopbackSite, path: str = "/rss") -> None:
    newsroom.run(source("Ward", site.url(path)))


def _set(newsroom: Newsroom, **values: object) -> None:
    newsroom.write(f"UPDATE feeds SET {', '.join(f'{name} = :{name}' for name in values)}", **values)


def _stored(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def test_validators_are_sent_exactly_as_received(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = in_turn(Response(200, TAGGED, _feed("1")), Response(304))
    _poll(newsroom, site)
    _poll(newsroom, site)

    sent = site.requests[-1].headers
    assert sent["if-none-match"] == '"one"'
    assert sent["if-modified-since"] == "Tue, 03 Mar 2026 10:00:00 GMT"
    assert newsroom.column("SELECT outcome FROM polls ORDER BY id") == ["new_entries", "not_modified"]
    assert newsroom.column("SELECT not_modified_streak FROM feeds") == [1]


def test_after_twenty_304s_the_body_is_asked_for_and_a_lying_etag_is_not_sent_any_more(
    newsroom: Newsroom, site: LoopbackSite
) -> None:
    said = [_feed("1")]
    site.pages["/rss"] = _conditional(lambda: said[0])
    _poll(newsroom, site)
    said[0] = _feed("2", "1")
    _poll(newsroom, site)
    _set(newsroom, not_modified_streak=MOST_NOT_MODIFIED)
    _poll(newsroom, site)
    said[0] = _feed("3", "2", "1")
    _poll(newsroom, site)

    assert newsroom.column("SELECT entries_new FROM polls ORDER BY id") == [1, 0, 1, 1]
    assert newsroom.column("SELECT has_false_validators FROM feeds") == [1]
    assert "repeated its ETag" in newsroom.column("SELECT reason FROM polls ORDER BY id")[2]
    assert "if-none-match" not in site.requests[-1].headers


def test_an_honest_etag_stays_trusted_after_a_whole_look(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = _conditional(lambda: _feed("1"))
    _poll(newsroom, site)
    _set(newsroom, not_modified_streak=MOST_NOT_MODIFIED)
    _poll(newsroom, site)
    _poll(newsroom, site)

    assert newsroom.rows("SELECT not_modified_streak, has_false_validators FROM feeds") == [(1, 0)]


def test_a_permanent_redirect_is_followed_now_and_polled_directly_after_a_week(
    newsroom: Newsroom, server: LoopbackServer, site: LoopbackSite
) -> None:
    other = server.site()
    other.pages["/all"] = Response(200, XML, _feed("1"))
    site.pages["/rss"] = redirect(other.url("/all"), 308)
    _poll(newsroom, site)
    assert newsroom.rows("SELECT moved_url, moving_to FROM feeds") == [(None, other.url("/all"))]

    _set(newsroom, moving_since_at=_stored(datetime.now(UTC) - timedelta(days=7)))
    _poll(newsroom, site)
    asked = len(site.requests)
    _poll(newsroom, site)

    assert newsroom.rows("SELECT url, moved_url, moving_to FROM feeds") == [(site.url("/rss"), other.url("/all"), None)]
    assert len(site.requests) == asked
    assert newsroom.column("SELECT count(*) FROM entries") == [1]


def test_a_moved_feed_that_is_not_there_is_asked_at_its_configured_address_again(
    newsroom: Newsroom, site: LoopbackSite
) -> None:
    site.pages |= {"/rss": Response(200, XML, _feed("1")), "/all": Response(410)}
    _poll(newsroom, site)
    _set(newsroom, moved_url=site.url("/all"))
    _poll(newsroom, site)
    _poll(newsroom, site)

    assert newsroom.column("SELECT outcome FROM polls ORDER BY id") == ["new_entries", "gone", "no_new_entries"]
    assert newsroom.rows("SELECT state, moved_url FROM feeds") == [("active", None)]


def test_410_stops_a_feed(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = Response(410)
    _poll(newsroom, site)
    _poll(newsroom, site)

    assert newsroom.rows("SELECT state, state_by FROM feeds") == [("gone", "khotin")]
    assert newsroom.column("SELECT count(*) FROM polls") == [1]


def test_what_the_server_asks_for_holds_for_polls_that_bring_no_body_too(
    newsroom: Newsroom, site: LoopbackSite
) -> None:
    site.pages["/rss"] = in_turn(Response(200, TAGGED | {"Cache-Control": "max-age=7200"}, _feed("1")), Response(304))
    for _ in range(2):
        _poll(newsroom, site)
        [(polled, due, reason)] = newsroom.rows("SELECT last_polled_at, next_poll_at, next_poll_reason FROM feeds")
        assert timedelta(hours=2) <= datetime.fromisoformat(due) - datetime.fromisoformat(polled)
        assert "Cache-Control" in reason


def test_a_gap_is_noted_and_shortens_the_wait(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = in_turn(Response(200, XML, _feed("1", "2")), Response(200, XML, _feed("3", "4")))
    _poll(newsroom, site)
    _poll(newsroom, site)

    assert newsroom.column("SELECT has_gap FROM polls ORDER BY id") == [0, 1]
    assert '"haste":2' in newsroom.column("SELECT rhythm FROM feeds")[0]
    assert "missed" in newsroom.column("SELECT next_poll_reason FROM feeds")[0]


def _sitemap(site: LoopbackSite, *names: str) -> bytes:
    urls = "".join(f"<url><loc>{site.url(name)}</loc></url>" for name in names)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def _index(site: LoopbackSite, **sitemaps: str) -> bytes:
    said = "".join(
        f"<sitemap><loc>{site.url(f'/{name}.xml')}</loc><lastmod>{day}</lastmod></sitemap>"
        for name, day in sitemaps.items()
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{said}</sitemapindex>'.encode()


def test_an_index_brings_the_entries_of_its_newest_sitemaps(newsroom: Newsroom, site: LoopbackSite) -> None:
    days = {f"part{day}": f"2026-03-{day:02}" for day in range(1, 9)}
    site.pages["/rss"] = Response(200, TAGGED, _index(site, **days))
    site.pages |= {f"/{name}.xml": Response(200, XML, _sitemap(site, f"/town/{name}")) for name in days}
    _poll(newsroom, site)

    urls = newsroom.column("SELECT url FROM entries ORDER BY url")
    assert urls == [site.url(f"/town/part{day}") for day in range(4, 9)]
    assert newsroom.column("SELECT etag FROM feeds") == ['"one"']


def test_an_index_with_a_sitemap_that_fails_is_asked_for_whole_again(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = Response(200, TAGGED, _index(site, good="2026-03-02", bad="2026-03-01"))
    site.pages |= {"/good.xml": Response(200, XML, _sitemap(site, "/town/a")), "/bad.xml": Response(500)}
    _poll(newsroom, site)

    assert newsroom.rows("SELECT outcome, entries_new FROM polls") == [("partly_broken", 1)]
    assert newsroom.rows("SELECT etag, body_hash FROM feeds") == [(None, None)]


def test_a_paused_feed_is_not_polled_and_a_reset_one_is_as_new(newsroom: Newsroom, site: LoopbackSite) -> None:
    site.pages["/rss"] = Response(200, TAGGED, _feed("1"))
    _poll(newsroom, site)
    engine = open_engine(f"sqlite:///{newsroom.folder / 'khotin.db'}")
    with writing(engine) as connection:
        [feed] = orders.find_feeds(connection, site.url("/rss"))
        orders.pause(connection, [feed.id], "ida", "too loud")
    _poll(newsroom, site)
    assert newsroom.rows("SELECT state, state_by, state_reason FROM feeds") == [("paused", "ida", "too loud")]
    assert newsroom.column("SELECT count(*) FROM polls") == [1]

    with writing(engine) as connection:
        orders.reset(connection, [feed.id], "ida", None)
    engine.dispose()
    _poll(newsroom, site)

    assert "if-none-match" not in site.requests[-1].headers
    assert newsroom.column("SELECT count(*) FROM polls") == [2]
    assert newsroom.column("SELECT count(*) FROM entries") == [1]


@pytest.mark.parametrize(
    "refusal",
    [
        Response(403, {"Retry-After": "600"}, b""),
        Response(403, {"X-RateLimit-Remaining": "0"}, b""),
        Response(403, {}, b"<h1>Too many requests</h1>"),
    ],
    ids=["Retry-After", "an empty quota", "its body"],
)
def test_a_403_that_means_429_slows_its_whole_host(
    refusal: Response, server: LoopbackServer, newsroom: Newsroom
) -> None:
    busy, other = server.site(), server.site()
    busy.pages["/a.xml"] = busy.pages["/b.xml"] = refusal
    other.pages["/rss"] = Response(200, XML, _feed("one"))
    newsroom.overrides["host_connections"] = 1

    newsroom.run(source("Ward", busy.url("/a.xml"), busy.url("/b.xml"), other.url("/rss")))

    # The first is told so; the second is not even asked.
    assert sorted(newsroom.column("SELECT outcome FROM polls")) == ["new_entries", "rate_limited"]
    assert len(busy.requests) == 1
    assert newsroom.column("SELECT count(*) FROM hosts WHERE not_before_at IS NOT NULL") == [1]
