"""How pages are asked for in a run: robots.txt and its overrides, one fetch for all variants of an address."""

from newsroom import HTML, XML, Item, Newsroom, Piece, redirect, rss, serve_feed, source

from demo.site import LoopbackServer, Response
from models.engine import open_engine, reading
from pipeline.health.why import explain

ROBOTS = Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /town/")
OVERRIDE = "contract of 3 March with the publisher"


def told(newsroom: Newsroom, url: str) -> str:
    engine = open_engine(f"sqlite:///{newsroom.folder / 'khotin.db'}")
    with reading(engine) as connection:
        sentences = explain(connection, url)
    engine.dispose()
    return "\n".join(sentences)


def test_an_override_written_in_the_feeds_file_lifts_robots_txt(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    site.pages["/robots.txt"] = ROBOTS
    piece = Piece("/town/a-story-of-the-ward", 1)
    feed = serve_feed(site, [piece])

    newsroom.run(source("Ward", feed))
    assert newsroom.column("SELECT outcome FROM pages") == ["robots_denied"]
    assert site.requested(piece.path) == []

    newsroom.write("UPDATE pages SET state = 'queued', next_attempt_at = queued_at")
    asked = len(site.requested("/robots.txt"))
    newsroom.run(source("Ward", feed, robots_override_reason=OVERRIDE))
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"]
    assert len(site.requested("/robots.txt")) == asked
    assert OVERRIDE in told(newsroom, site.url(piece.path))


def test_an_override_holds_for_the_sources_own_site_only(server: LoopbackServer, newsroom: Newsroom) -> None:
    site, other = server.site(), server.site()
    site.pages["/robots.txt"] = other.pages["/robots.txt"] = ROBOTS
    other.pages["/town/theirs"] = Piece("/town/theirs", 2).page
    site.pages["/town/away"] = redirect(other.url("/town/theirs"))
    items = [Item(other.url("/town/theirs"), "Theirs"), Item(site.url("/town/away"), "Away")]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    newsroom.run(source("Ward", site.url("/feed.xml"), robots_override_reason=OVERRIDE))
    assert newsroom.column("SELECT outcome FROM pages") == ["robots_denied", "robots_denied"]
    assert other.requested("/town/theirs") == []
    assert "forbids" in told(newsroom, other.url("/town/theirs"))


def test_all_variants_of_an_address_are_one_page_and_one_fetch(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    path = "/town/a-long-story-of-the-ward-123.html"
    site.pages[path] = Piece(path, 3).page
    variants = ["", "?utm_source=rss&utm_medium=feed", "?fbclid=abc", "#comments", "?amp=1", "/amp", "/"]
    items = [Item(site.url(path + variant), f"Named {n}", guid=f"g{n}") for n, variant in enumerate(variants)]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    assert [request.target for request in site.requests if request.path.startswith(path)] == [path]
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"]
    assert newsroom.column("SELECT count(*) FROM entries WHERE outcome = 'loaded'") == [len(variants)]


def test_a_redirect_and_a_meta_refresh_lead_to_the_article(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    site.pages["/a"] = redirect("/b", 302)
    site.pages["/b"] = redirect("/jump", 307)
    site.pages["/jump"] = Response(200, HTML, b'<meta http-equiv="refresh" content="0;url=/town/landed-story">')
    site.pages["/town/landed-story"] = Piece("/town/landed-story", 4).page
    site.pages["/feed.xml"] = Response(200, XML, rss([Item(site.url("/a"), "A")]))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"]
    assert newsroom.column("SELECT url FROM articles") == [site.url("/town/landed-story")]
    roles = dict(map(tuple, newsroom.rows("SELECT url, role FROM article_urls")))
    assert roles == {
        site.url("/a"): "requested",
        site.url("/b"): "redirect",
        site.url("/jump"): "redirect",
        site.url("/town/landed-story"): "final",
    }


def test_the_ninth_redirect_is_not_followed(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    for number in range(9):
        site.pages[f"/hop/{number}"] = redirect(f"/hop/{number + 1}")
    site.pages["/hop/9"] = Piece("/hop/9", 5).page
    items = [Item(site.url("/hop/0"), "Nine hops"), Item(site.url("/hop/1"), "Eight hops")]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    ends = dict(map(tuple, newsroom.rows("SELECT url, outcome FROM pages")))
    assert ends == {site.url("/hop/0"): "bad_redirect", site.url("/hop/1"): "loaded"}


def test_words_come_out_right_whoever_states_the_charset(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    words = "Grüße aus der Straße am Fluß, wo die Häuser höher stehen als früher und niemand mehr spät läuft. " * 9
    page = (
        "<html><head><title>Grüße {0}</title>{1}</head><body><article><h1>Grüße {0}</h1><p>{0}: "
        + words
        + "</p></article>"
    )
    served = {
        "header": (page.format("header", "").encode("cp1252"), "text/html; charset=windows-1252"),
        "meta": (page.format("meta", '<meta charset="iso-8859-15">').encode("iso-8859-15"), "text/html"),
        "bom": (page.format("bom", "").encode("utf-16"), "text/html; charset=iso-8859-1"),
        "sniffed": (page.format("sniffed", "").encode(), "text/html"),
    }
    for name, (body, content_type) in served.items():
        site.pages[f"/town/{name}-of-the-ward"] = Response(200, {"Content-Type": content_type}, body)
    items = [Item(site.url(f"/town/{name}-of-the-ward"), f"Entry {name}") for name in served]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    titles = newsroom.column("SELECT title FROM articles")
    assert sorted(titles) == sorted(f"Grüße {name}" for name in served)
    assert all("Straße am Fluß" in body for body in newsroom.column("SELECT body FROM article_texts"))


def test_a_body_of_another_type_is_never_read(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    sent: list[int] = []

    def film():  # type: ignore[no-untyped-def]  # an endless body
        while True:
            sent.append(1)
            yield bytes(100_000)

    site.pages["/film"] = Response(200, {"Content-Type": "video/mp4"}, film())
    site.pages["/feed.xml"] = Response(200, XML, rss([Item(site.url("/film"), "A film")]))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    [(outcome, reason)] = newsroom.rows("SELECT outcome, reason FROM pages")
    assert (outcome, "video/mp4" in reason) == ("wrong_type", True)
    assert len(sent) < 100


def test_what_may_heal_is_tried_again_later_and_what_may_not_is_not(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    site.pages["/busy"] = Response(503, {"Content-Type": "text/html"}, b"busy")
    site.pages["/gone"] = Response(410, {"Content-Type": "text/html"}, b"gone")
    items = [Item(site.url("/busy"), "Busy"), Item(site.url("/gone"), "Gone")]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    newsroom.run(source("Ward", site.url("/feed.xml")))
    found = newsroom.rows("SELECT outcome, state, attempts, next_attempt_at IS NULL AS is_over FROM pages ORDER BY url")
    assert [tuple(row) for row in found] == [("server_error", "queued", 1, 0), ("gone", "done", 1, 1)]
    newsroom.run(source("Ward", site.url("/feed.xml")))
    assert len(site.requested("/busy")) == 1
    newsroom.write("UPDATE pages SET next_attempt_at = '2026-01-01T00:00:00.000000Z' WHERE state = 'queued'")
    site.pages["/busy"] = Piece("/busy", 6).page
    newsroom.run(source("Ward", site.url("/feed.xml")))
    assert newsroom.column("SELECT outcome FROM pages ORDER BY url") == ["loaded", "gone"]
