"""Server-side request forgery against a whole run: with one network allowed, nothing outside it sees a connection.

The listener outside counts connections; every way that a hostile site has to send us there is tried in one run.
"""

import socket
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, head, say
from menagerie import Menagerie
from newsroom import HTML, XML, Item, Newsroom, Piece, redirect, rss, source
from test_addresses import INSIDE, OUTSIDE, WAYS_OUT

from demo.site import LoopbackServer, LoopbackSite, Response

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")

TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
def outside() -> Iterator[HostileServer]:
    with Menagerie() as zoo:
        yield zoo.add(say(head(content_length="5") + b"hello"), host=OUTSIDE)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "data", {"allowed_private_networks": "127.0.1.0/24"})


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve the names of these tests; `turns.example` is inside when first asked for and outside from then on."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        addresses = {"outside.example": OUTSIDE, "both.example": OUTSIDE}
        if host == "turns.example":
            asked.append(host)
            addresses[host] = INSIDE if len(asked) == 1 else OUTSIDE
        return real(addresses.get(host, host), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def ends(newsroom: Newsroom) -> dict[str, str]:
    return dict(map(tuple, newsroom.rows("SELECT title, outcome FROM entries")))


def follow(site: LoopbackSite, urls: dict[str, str]) -> str:
    items = [Item(url, name, guid=name) for name, url in urls.items()]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))
    return site.url("/feed.xml")


def test_links_redirects_refreshes_and_canonicals_lead_nowhere_else(
    server: LoopbackServer, outside: HostileServer, newsroom: Newsroom
) -> None:
    site = server.site(INSIDE)
    urls: dict[str, str] = {}
    for number, (name, way) in enumerate(WAYS_OUT.items()):
        target = way(outside.port)
        urls[f"link: {name}"] = target
        site.pages[f"/redirect/{number}"] = redirect(target.encode("utf-8").decode("latin-1").replace("\t", ""))
        urls[f"redirect: {name}"] = site.url(f"/redirect/{number}")
        refresh = f'<html><meta http-equiv="refresh" content="0;url={escape(target)}"><p>Moved.</p>'
        site.pages[f"/refresh/{number}"] = Response(200, HTML, refresh.encode())
        urls[f"refresh: {name}"] = site.url(f"/refresh/{number}")
        piece = Piece(f"/town/piece-{number}-of-the-ward", number, canonical=target, amp=target)
        picture = f'<meta property="og:image" content="{escape(target)}"><base href="{escape(target)}">'
        site.pages[piece.path] = Response(200, HTML, piece.html.replace(b"</head>", picture.encode() + b"</head>"))
        urls[f"claim: {name}"] = site.url(piece.path)
    newsroom.run(source("Ward", follow(site, urls)))

    assert outside.connections == 0
    found = ends(newsroom)
    assert found.keys() == urls.keys()
    by_way: dict[str, set[str]] = {}
    for name, outcome in found.items():
        by_way.setdefault(name.partition(":")[0], set()).add(outcome)
    assert by_way["link"] <= {"address_forbidden", "no_link", "unreachable"}
    assert by_way["redirect"] <= {"address_forbidden", "bad_redirect"}
    assert by_way["refresh"] <= {"address_forbidden", "unreachable", "not_article", "no_text", "bad_redirect", "gone"}
    assert by_way["claim"] == {"loaded"}


def test_feeds_robots_txt_and_sitemaps_lead_nowhere_else(
    server: LoopbackServer, outside: HostileServer, newsroom: Newsroom
) -> None:
    there = outside.url
    moved, entity, index, robots = (server.site(INSIDE) for _ in range(4))
    moved.pages["/feed.xml"] = redirect(there + "feed.xml")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{there}secret"><!ENTITY % y SYSTEM "{there}dtd"> %y;]>'
    xxe = rss([Item(entity.url("/page"), "MARK")]).replace(b"<rss", doctype.encode() + b"<rss").replace(b"MARK", b"&x;")
    entity.pages["/feed.xml"] = Response(200, XML, xxe)
    page = f'<?xml version="1.0"?><!DOCTYPE html SYSTEM "{there}dtd"><html xmlns:xi="x"><xi:include href="{there}x"/>'
    entity.pages["/page"] = Response(200, {"Content-Type": "application/xhtml+xml"}, page.encode())
    parts = f"<sitemapindex><sitemap><loc>{there}part.xml</loc></sitemap></sitemapindex>"
    index.pages["/feed.xml"] = Response(200, XML, parts.encode())
    robots.pages["/robots.txt"] = redirect(there + "robots.txt")
    robots.pages["/town/story"] = Piece("/town/story", 1).page
    feeds = [one.url("/feed.xml") for one in (moved, entity, index)]
    newsroom.run(source("Ward", *feeds, follow(robots, {"behind robots.txt": robots.url("/town/story")})))

    assert outside.connections == 0
    polls = dict(map(tuple, newsroom.rows("SELECT f.url, p.outcome FROM polls p JOIN feeds f ON f.id = p.feed_id")))
    assert polls[feeds[0]] in {"address_forbidden", "bad_redirect"}
    assert "secret" not in repr(newsroom.rows("SELECT title, summary FROM entries"))
    assert ends(newsroom)["behind robots.txt"] in {"loaded", "deferred", "address_forbidden"}


def test_a_name_that_turns_outside_after_its_first_answer_is_followed_only_inside(
    server: LoopbackServer, outside: HostileServer, newsroom: Newsroom
) -> None:
    site = server.site(INSIDE, outside.port)
    site.pages["/town/story"] = Piece("/town/story", 1).page
    feed = follow(site, {"turns": f"http://turns.example:{outside.port}/town/story"})
    newsroom.run(source("Ward", feed))
    newsroom.write("UPDATE pages SET state = 'queued', next_attempt_at = queued_at")
    newsroom.run(source("Ward", feed))

    assert outside.connections == 0
    last = newsroom.rows("SELECT outcome FROM fetches ORDER BY id")
    assert [row.outcome for row in last] == [None, "address_forbidden"]
