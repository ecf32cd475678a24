"""Whole runs among hostile servers: each bad page and feed gets its outcome, and every good one is loaded.

All hostile servers of cases.py are met in one run, once as pages and once as feeds, beside good sites. A second run
meets those whose robots.txt is as bad as their pages, and documents that are written to harm their reader.
"""

import gzip
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import CASES, MAX_BYTES, Case
from hostile_server import HostileServer
from menagerie import Menagerie, after_robots
from newsroom import HTML, XML, Item, Newsroom, Piece, rss, serve_feed, source

from demo.site import LoopbackServer, LoopbackSite, Response
from models.outcomes import Outcome
from pipeline.pages.accept import Accept

PAGES = [case for case in CASES if case.accept is Accept.PAGE]
GOOD_SITES, PIECES = 3, 4
MEMORY_BYTES = 300_000_000
"""What the process that fetches may grow by in a run; hostile bodies are of many gigabytes."""


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def zoo() -> Iterator[Menagerie]:
    with Menagerie() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """A newsroom with small limits, and time enough for good sites on a busy machine."""
    limits = {"fetch_seconds": 4, "max_page_bytes": MAX_BYTES, "max_feed_bytes": 1_000_000, "host_connections": 2}
    return Newsroom(tmp_path / "data", limits)


def good_sites(server: LoopbackServer) -> list[Any]:
    """Serve sites without any trick, each followed as a source."""
    wishes = []
    for number in range(GOOD_SITES):
        pieces = [Piece(f"/town/story-{number}-{part}-of-the-ward", number * 100 + part) for part in range(PIECES)]
        wishes.append(source(f"Good {number}", serve_feed(server.site(), pieces)))
    return wishes


def assert_good_sites_are_loaded(newsroom: Newsroom) -> None:
    ends = """SELECT p.outcome, count(*) FROM pages p JOIN sources s ON s.id = p.source_id
        WHERE s.slug LIKE 'good-%' GROUP BY p.outcome"""
    assert dict(map(tuple, newsroom.rows(ends))) == {"loaded": GOOD_SITES * PIECES}
    polls = (
        "SELECT DISTINCT p.outcome FROM polls p JOIN feeds f ON f.id = p.feed_id JOIN sources s ON s.id = f.source_id"
    )
    assert newsroom.column(f"{polls} WHERE s.slug LIKE 'good-%'") == ["new_entries"]


def link_to(site: LoopbackSite, urls: dict[str, str]) -> str:
    """Put a feed on a site whose entries lead to the addresses; give its address."""
    items = [Item(url, name, guid=name) for name, url in urls.items()]
    site.pages["/links.xml"] = Response(200, XML, rss(items))
    return site.url("/links.xml")


def start(zoo: Menagerie, case: Case) -> HostileServer:
    return zoo.add(case.script if case.is_rude else after_robots(case.script), is_rude=case.is_rude)


def memory() -> int:
    """Give the most memory that this process has had, in bytes (Linux; elsewhere the unit differs)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_every_hostile_page_and_feed_ends_as_it_should_beside_good_sites(
    server: LoopbackServer, zoo: Menagerie, newsroom: Newsroom
) -> None:
    pages = {case.name: start(zoo, case) for case in PAGES}
    feeds = {case.name: zoo.add(case.script, is_rude=case.is_rude) for case in PAGES}
    links = link_to(server.site(), {name: one.url for name, one in pages.items()})
    before = memory()
    newsroom.run(
        *good_sites(server),
        source("Bad pages", links),
        *(source(f"Bad {number}", one.url) for number, one in enumerate(feeds.values())),
    )
    assert memory() - before < MEMORY_BYTES

    found = {row.url: row for row in newsroom.rows("SELECT url, outcome, reason FROM pages")}
    polled = "SELECT f.url, p.outcome, p.reason FROM polls p JOIN feeds f ON f.id = p.feed_id"
    polls = {row.url: row for row in newsroom.rows(polled)}
    wrong = []
    for case in PAGES:
        page, poll = found[pages[case.name].url], polls[feeds[case.name].url]
        outcome, words = case.outcome, case.words
        as_page = outcome or Outcome.NO_TEXT
        if page.outcome != as_page or words.lower() not in (page.reason or "").lower():
            wrong.append((case.name, "page", page.outcome, page.reason))
        # A feed has other limits and may be of other types; what it is refused for stays the same.
        as_feed = {outcome, "not_a_feed", "parse_failed"} - {None}
        if poll.outcome not in as_feed or not poll.reason:
            wrong.append((case.name, "feed", poll.outcome, poll.reason))
    assert wrong == []
    assert_good_sites_are_loaded(newsroom)


DEEP = b"<div>" * 100_000
BOMBS: dict[str, tuple[bytes, set[str]]] = {
    "a deep page": (b"<html><body>" + DEEP, {"no_text", "not_article", "extract_failed"}),
    "attributes without end": (
        b"<html><body " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b">",
        {"no_text", "not_article", "extract_failed"},
    ),
    "a megabyte of <": (b"<" * 1_000_000, {"no_text", "not_article", "extract_failed"}),
    "a title of ten megabytes": (
        b"<html><title>" + b"word " * 2_000_000 + b"</title>",
        {"no_text", "not_article", "extract_failed"},
    ),
    "an author of 32 kB": (Piece("/a", 7, author="a" * 32_000).html, {"loaded"}),
    # HTML knows no declared entities: the page is what stands there.
    "declared entities": (
        b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><html><p>&b;',
        {"no_text", "not_article", "extract_failed", "loaded"},
    ),
}
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
XML_BOMBS = {
    "billion laughs": f'<!DOCTYPE rss [<!ENTITY a0 "ha">{ENTITIES}]><rss><channel><item><title>&a9;</title></item>',
    "one long entity": f'<!DOCTYPE rss [<!ENTITY a "{"x" * 250}">]><rss><channel><title>{"&a;" * 50_000}</title>',
    "a deep feed": "<rss><channel>" + "<a>" * 100_000,
    "attributes": "<rss " + " ".join(f'a{n}="1"' for n in range(200_000)) + "><channel>",
    "a hundred thousand items": "<rss><channel>" + "<item><title>x</title></item>" * 100_000,
    "brackets": "<rss><channel>" + "<" * 1_000_000,
}


def test_documents_written_to_harm_cost_their_readers_little(
    server: LoopbackServer, zoo: Menagerie, newsroom: Newsroom
) -> None:
    newsroom.overrides |= {"max_page_bytes": 12_000_000, "max_feed_bytes": 5_000_000, "workers": 2, "fetch_seconds": 10}
    site = server.site()
    for number, (body, _) in enumerate(BOMBS.values()):
        site.pages[f"/bomb/number-{number}"] = Response(200, HTML, body)
    links = link_to(site, {name: site.url(f"/bomb/number-{number}") for number, name in enumerate(BOMBS)})
    for number, text in enumerate(XML_BOMBS.values()):
        site.pages[f"/bomb-{number}.xml"] = Response(200, XML, text.encode())
    zipped = gzip.compress(b"<urlset>" + b" " * 100_000_000, 1)
    site.pages["/sitemap.xml.gz"] = Response(200, {"Content-Type": "application/gzip"}, zipped)
    bad = [site.url(f"/bomb-{number}.xml") for number in range(len(XML_BOMBS))] + [site.url("/sitemap.xml.gz")]
    terrible = [start(zoo, case) for case in PAGES if case.outcome is Outcome.TIMED_OUT]
    robots = [zoo.add(case.script, is_rude=case.is_rude) for case in PAGES]
    everywhere = {f"robots {number}": one.url for number, one in enumerate([*terrible, *robots])}
    other = link_to(server.site(), everywhere)
    before = memory()
    newsroom.run(*good_sites(server), source("Bombs", links, *bad), source("Robots", other))
    assert memory() - before < MEMORY_BYTES

    ends = dict(map(tuple, newsroom.rows("SELECT url, outcome FROM pages WHERE url LIKE '%/bomb/%'")))
    wrong = {
        name: ends[site.url(f"/bomb/number-{number}")]
        for number, (name, (_, wanted)) in enumerate(BOMBS.items())
        if ends[site.url(f"/bomb/number-{number}")] not in wanted
    }
    assert wrong == {}
    polls = (
        "SELECT count(*) FROM polls p JOIN feeds f ON f.id = p.feed_id WHERE f.url LIKE '%bomb%' OR f.url LIKE '%.gz'"
    )
    assert newsroom.column(polls) == [len(bad)]
    assert newsroom.column("SELECT state FROM runs") == ["done"]
    assert newsroom.column("SELECT count(*) FROM entries") == newsroom.column("SELECT count(*) FROM ledger")
    assert_good_sites_are_loaded(newsroom)
