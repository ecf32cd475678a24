"""Whatever a server sends, its feed or page ends with one outcome and a reason, and the good sites come in whole."""

import socket
from collections.abc import Callable

import pytest
from newsroom import HTML, XML, Item, Newsroom, Piece, needs_many_hosts, redirect, rss, serve_feed, source

from demo.site import Answer, LoopbackServer, LoopbackSite, Response
from models.outcomes import Outcome, PollOutcome

GOOD = Piece("/town/the-good-story-of-the-day", 1)
SLOW_SECONDS = 2.0


def _rss_of_good(site: LoopbackSite) -> bytes:
    return rss([Item(site.url(GOOD.path), GOOD.headline)])


BAD_FEEDS: dict[str, tuple[Callable[[LoopbackSite], Answer], set[PollOutcome]]] = {
    "not-found": (lambda _: Response(404), {PollOutcome.GONE, PollOutcome.CLIENT_ERROR}),
    "gone-for-good": (lambda _: Response(410), {PollOutcome.GONE}),
    "forbidden": (lambda _: Response(403), {PollOutcome.FORBIDDEN}),
    "server-error": (lambda _: Response(500), {PollOutcome.SERVER_ERROR}),
    "rate-limited": (lambda _: Response(429, {"Retry-After": "120"}), {PollOutcome.RATE_LIMITED}),
    "time-out": (lambda _: Response(200, XML, b"<rss/>", delay=30), {PollOutcome.TIMED_OUT}),
    "drip": (lambda _: Response(200, XML, [b"<"] * 500, pause=0.1), {PollOutcome.TIMED_OUT}),
    "empty": (lambda _: Response(200, XML, b""), {PollOutcome.EMPTY, PollOutcome.NOT_A_FEED}),
    "no-items": (lambda _: Response(200, XML, rss([])), {PollOutcome.EMPTY}),
    "plain-text": (
        lambda _: Response(200, {"Content-Type": "text/plain"}, b"Come back soon."),
        {PollOutcome.NOT_A_FEED},
    ),
    "html": (lambda _: Response(200, HTML, GOOD.html), {PollOutcome.NOT_A_FEED}),
    "image": (
        lambda _: Response(200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(900)),
        {PollOutcome.NOT_A_FEED, PollOutcome.WRONG_TYPE},
    ),
    "fifty-megabytes": (lambda _: Response(200, XML, [b"<!--" + b"x" * 999_996] * 50), {PollOutcome.TOO_LARGE}),
    "redirect-loop": (lambda site: redirect(site.url("/feed.xml")), {PollOutcome.BAD_REDIRECT}),
    "hang-up": (lambda _: Response(is_raw=True, body=b""), {PollOutcome.UNREACHABLE, PollOutcome.BAD_RESPONSE}),
    "no-http": (lambda _: Response(is_raw=True, body=b"SSH-2.0-OpenSSH_9.6\r\n"), {PollOutcome.BAD_RESPONSE}),
}

MENDED_FEEDS: dict[str, Callable[[LoopbackSite], Response]] = {
    "cut-off": lambda site: Response(200, XML, _rss_of_good(site).removesuffix(b"</channel></rss>")),
    "bare-ampersand": lambda site: Response(200, XML, _rss_of_good(site).replace(b"News<", b"News & <b>more<", 1)),
    "said-to-be-utf-8-but-latin-1": lambda site: Response(
        200, XML, _rss_of_good(site).replace(b"News<", b"Caf\xe9 d\xe9j\xe0 vu<", 1)
    ),
    "nul-bytes": lambda site: Response(200, XML, _rss_of_good(site).replace(b"News<", b"Ne\x00ws<", 1)),
    "said-to-be-html": lambda site: Response(200, HTML, _rss_of_good(site)),
    "white-space-before": lambda site: Response(200, XML, b"\n\n  " + _rss_of_good(site)),
}

BAD_PAGES: dict[str, tuple[Answer, set[Outcome]]] = {
    "/town/not-found-at-all-today": (Response(404), {Outcome.GONE}),
    "/town/gone-for-good-since-spring": (Response(410), {Outcome.GONE}),
    "/town/server-error-of-the-day": (Response(500), {Outcome.SERVER_ERROR}),
    "/town/too-slow-for-anyone-here": (Response(200, HTML, GOOD.html, delay=30), {Outcome.TIMED_OUT}),
    "/town/fifty-megabytes-of-words": (Response(200, HTML, [b"<p>" + b"word " * 200_000] * 50), {Outcome.TOO_LARGE}),
    "/town/an-empty-page-without-text": (Response(200, HTML, b""), {Outcome.NO_TEXT, Outcome.BAD_RESPONSE}),
    "/town/a-picture-instead-of-words": (
        Response(200, {"Content-Type": "image/jpeg"}, b"\xff\xd8\xff\xe0" + bytes(500)),
        {Outcome.WRONG_TYPE},
    ),
    "/town/only-a-player-and-no-words": (
        Response(200, HTML, b"<title>Ferry</title><h1>Ferry leaves</h1><video src=/ferry.mp4></video>"),
        {Outcome.NO_TEXT, Outcome.NOT_ARTICLE},
    ),
    "/town/a-page-that-was-not-found": (
        Response(200, HTML, b"<title>Page not found</title><h1>Page not found</h1><p>This page does not exist.</p>"),
        {Outcome.GONE, Outcome.NOT_ARTICLE},
    ),
    "/town/sent-away-to-the-home-page": (redirect("/"), {Outcome.BAD_REDIRECT}),
    "/town/round-and-round-it-goes": (redirect("/town/round-and-round-it-goes"), {Outcome.BAD_REDIRECT}),
    "/private/letter-to-the-editor": (GOOD.page, {Outcome.ROBOTS_DENIED}),
}


@pytest.fixture
def impatient(newsroom: Newsroom) -> Newsroom:
    newsroom.overrides = {"fetch_seconds": SLOW_SECONDS, "connect_seconds": SLOW_SECONDS}
    return newsroom


def _site(server: LoopbackServer, number: int, **pages: Answer) -> LoopbackSite:
    site = server.site(f"127.42.{number}.7")
    site.pages["/"] = Response(200, HTML, b"<title>Home</title><h1>Home</h1><p>News of the day, all day.</p>")
    return site


@needs_many_hosts
def test_each_bad_feed_ends_with_a_reason_and_good_ones_are_read_beside_them(
    server: LoopbackServer, impatient: Newsroom
) -> None:
    sources, expected = [], {}
    for number, (name, (answer, outcomes)) in enumerate(BAD_FEEDS.items()):
        site = _site(server, number)
        site.pages["/feed.xml"] = answer(site)
        sources.append(source(name, site.url("/feed.xml")))
        expected[name] = outcomes
    with socket.socket() as closed:
        closed.bind(("127.42.99.7", 0))
        sources.append(source("unreachable", f"http://127.42.99.7:{closed.getsockname()[1]}/feed.xml"))
        expected["unreachable"] = {PollOutcome.UNREACHABLE}
        good = _site(server, 100)
        sources.append(source("good", serve_feed(good, [GOOD])))

        report = impatient.run(*sources)

    ended = {row.source: row for row in impatient.rows("SELECT * FROM report_feeds")}
    wrong = {
        name: ended[name].last_outcome for name, words in expected.items() if ended[name].last_outcome not in words
    }
    assert wrong == {}
    assert [name for name, row in ended.items() if name != "good" and not row.last_reason] == []
    assert ended["good"].last_outcome == PollOutcome.NEW_ENTRIES
    assert report.entries == {"loaded": 1}
    assert ended["gone-for-good"].state == "gone"


@needs_many_hosts
def test_feeds_with_small_faults_give_their_entries_all_the_same(server: LoopbackServer, newsroom: Newsroom) -> None:
    sources = []
    for number, (name, answer) in enumerate(MENDED_FEEDS.items()):
        site = _site(server, number)
        site.pages |= {"/feed.xml": answer(site), GOOD.path: Piece(GOOD.path, number).page}
        sources.append(source(name, site.url("/feed.xml")))

    newsroom.run(*sources)

    loaded = newsroom.column("SELECT source FROM report_articles ORDER BY source")
    assert loaded == sorted(MENDED_FEEDS)


@needs_many_hosts
def test_each_bad_page_ends_with_a_reason_and_good_ones_are_loaded_beside_them(
    server: LoopbackServer, impatient: Newsroom
) -> None:
    sources, expected = [], {}
    for number, (path, (answer, outcomes)) in enumerate(BAD_PAGES.items()):
        site = _site(server, number)
        site.pages["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private")
        site.pages |= {path: answer}
        items = [Item(site.url(path), "A bad page"), Item(site.url(f"/town/good-story-number-{number}"), "A good one")]
        site.pages[f"/town/good-story-number-{number}"] = Piece("", number).page
        site.pages["/feed.xml"] = Response(200, XML, rss(items))
        sources.append(source(f"Bad {number}", site.url("/feed.xml")))
        expected[site.url(path)] = outcomes

    report = impatient.run(*sources)

    ended = {row.entry_url: row for row in impatient.rows("SELECT * FROM report_ledger")}
    wrong = {url: ended[url].outcome for url, words in expected.items() if ended[url].outcome not in words}
    assert wrong == {}
    assert [url for url in expected if not ended[url].reason] == []
    assert report.entries["loaded"] == len(BAD_PAGES)
    assert len(ended) == 2 * len(BAD_PAGES)


def test_a_failing_robots_txt_defers_the_pages_of_its_host(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    feed = serve_feed(site, [GOOD])
    site.pages["/robots.txt"] = Response(503)

    report = newsroom.run(source("Ward", feed))

    assert report.entries == {"deferred": 1}
    assert "robots.txt" in newsroom.column("SELECT reason FROM report_ledger")[0]
    assert site.requested(GOOD.path) == []


def test_a_meta_refresh_is_followed_once_to_the_article(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    feed = serve_feed(site, [Piece("/go/17", 2)])
    site.pages["/go/17"] = Response(200, HTML, b'<meta http-equiv="refresh" content="0;url=/town/story-seventeen">')
    site.pages["/town/story-seventeen"] = Piece("", 2).page

    report = newsroom.run(source("Ward", feed))

    assert report.entries == {"loaded": 1}
    assert newsroom.column("SELECT url FROM report_articles") == [site.url("/town/story-seventeen")]
    assert newsroom.column("SELECT count(*) FROM article_urls") == [2]


def test_a_page_of_a_private_network_is_refused(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    site.pages["/feed.xml"] = Response(200, XML, rss([Item("http://10.11.12.13/town/secret-page", "Inside")]))

    report = newsroom.run(source("Ward", site.url("/feed.xml")))

    assert report.entries == {"address_forbidden": 1}


def test_two_feeds_of_a_host_that_asks_for_a_pause_are_each_asked_once_at_most(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    for path in ("/a.xml", "/b.xml", "/c.xml"):
        site.pages[path] = Response(429, {"Retry-After": "600"})
    newsroom.overrides = {"host_connections": 1}

    newsroom.run(source("Ward", *(site.url(path) for path in ("/a.xml", "/b.xml", "/c.xml"))))

    assert len(site.requests) == 1
