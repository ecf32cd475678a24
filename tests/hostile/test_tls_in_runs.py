"""Certificates that prove nothing, met by a whole run: polls and pages say why, and other sites are not touched."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hostile_server import HostileServer, Script, head, say
from menagerie import Menagerie, after_robots
from newsroom import Item, Newsroom, Piece, rss, source
from test_tls import AUTHORITY, Identity, client_side, identity, server_side

from pipeline import courier
from pipeline.pages.client import Client

FAULTS: dict[str, Identity] = {
    "TLS: certificate signed by itself": identity(),
    "TLS: certificate signed by an unknown authority": identity(signer=identity("192.0.2.2")),
    "TLS: certificate expired": identity(signer=AUTHORITY, ends=timedelta(days=-1)),
    "TLS: certificate not valid yet": identity(signer=AUTHORITY, begins=timedelta(days=1)),
    "TLS: certificate is for another address": identity("127.0.0.2", signer=AUTHORITY),
}
NO_TLS = "TLS: "


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A newsroom that trusts the tests' own authority."""
    monkeypatch.setattr(courier, "Client", partial(Client, tls=client_side()))
    return Newsroom(tmp_path / "data", {"host_delay_seconds": 0})


def answer(body: bytes, content_type: str) -> Script:
    return say(head(content_type=content_type, content_length=str(len(body))) + body)


def test_each_fault_of_tls_ends_polls_and_pages_with_its_reason_beside_good_sites(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    piece = Piece("/town/story-1-of-the-ward", 1)
    article = after_robots(answer(piece.html, "text/html; charset=utf-8"))
    with Menagerie() as zoo:

        def serve(script: Script, who: Identity) -> HostileServer:
            return zoo.add(script, tls=server_side(who, tmp_path))

        feed = answer(rss([Item(None, "Piece", guid="1")]), "application/rss+xml")
        bad_feeds = {reason: serve(feed, who) for reason, who in FAULTS.items()}
        bad_pages = {reason: serve(article, who) for reason, who in FAULTS.items()}
        plain_feed, plain_page = zoo.add(feed, is_rude=True), zoo.add(feed, is_rude=True)
        feeds = {reason: one.url for reason, one in bad_feeds.items()} | {NO_TLS: encrypted(plain_feed)}
        pages = {reason: one.url for reason, one in bad_pages.items()} | {NO_TLS: encrypted(plain_page)}
        trusted = identity(signer=AUTHORITY)
        good = serve(article, trusted)
        items = [Item(url, reason) for reason, url in pages.items()] + [Item(good.url + piece.path[1:], "good")]
        links = serve(answer(rss(items), "application/rss+xml"), trusted)
        newsroom.run(source("Bad", *feeds.values()), source("Links", links.url))

        refused = [*bad_feeds.values(), *bad_pages.values()]
        assert [one.requests for one in refused] == [[]] * len(refused)

    polled = newsroom.rows("SELECT f.url, p.outcome, p.reason FROM polls p JOIN feeds f ON f.id = p.feed_id")
    polls = {url: (outcome, reason) for url, outcome, reason in polled}
    found = {url: (outcome, reason) for url, outcome, reason in newsroom.rows("SELECT url, outcome, reason FROM pages")}
    for ends, urls in ((polls, feeds), (found, pages)):
        for reason, url in urls.items():
            outcome, said = ends[url]
            assert outcome == "unreachable"
            assert said.startswith(reason)
    assert polls[links.url][0] == "new_entries"
    assert found[good.url + piece.path[1:]][0] == "loaded"


def encrypted(server: HostileServer) -> str:
    return server.url.replace("http:", "https:")
