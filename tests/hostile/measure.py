"""Measure by hand how long good sites take alone and beside bad ones.

`PYTHONPATH=tests uv run python tests/hostile/measure.py [CASE]…`

For each case: when the last good page was loaded, the whole run, and what this process's memory grew to.
"""

import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cases import CASES
from hostile_server import head, say, say_for_ever, say_then_sleep
from menagerie import Menagerie, after_robots
from newsroom import XML, Item, Newsroom, Piece, rss, serve_feed, source

from config.feeds_file import SourceSpec
from demo.site import LoopbackServer, Response
from pipeline.pages.accept import Accept

GOOD_SITES, PIECES = 5, 10
MANY = 10_000


def links(server: LoopbackServer, urls: list[str], name: str) -> SourceSpec:
    """Serve feeds that name addresses, 2,000 each."""
    site = server.site()
    feeds = []
    for start in range(0, len(urls), 2_000):
        items = [Item(url, f"Entry {n}", guid=f"{start + n}") for n, url in enumerate(urls[start : start + 2_000])]
        site.pages[f"/{start}.xml"] = Response(200, XML, rss(items))
        feeds.append(site.url(f"/{start}.xml"))
    return source(name, *feeds)


def alone(_server: LoopbackServer, _zoo: Menagerie) -> list[SourceSpec]:
    return []


def hostile(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    pages = [case for case in CASES if case.accept is Accept.PAGE]
    urls = [zoo.add(case.script if case.is_rude else after_robots(case.script)).url for case in pages]
    feeds = [zoo.add(case.script).url for case in pages]
    return [links(server, urls, "Bad"), source("Bad feeds", *feeds)]


def dead(server: LoopbackServer, _zoo: Menagerie) -> list[SourceSpec]:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return [links(server, [f"http://127.0.0.1:{port}/{n}" for n in range(MANY)], "Dead")]


def silent(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    one = zoo.add(say_then_sleep(b""))
    return [links(server, [f"{one.url}{n}" for n in range(MANY)], "Silent")]


def slow(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    """A host that answers, at a crawl."""
    one = zoo.add(after_robots(say_for_ever(head(), b"<p>word ", 0.5)))
    return [links(server, [f"{one.url}{n}" for n in range(MANY)], "Slow")]


def twenty_slow(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    ones = [zoo.add(after_robots(say_for_ever(head(), b"<p>word ", 0.5))) for _ in range(20)]
    return [links(server, [f"{one.url}{n}" for n in range(500) for one in ones], "Slow")]


def twenty_slow_in_blocks(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    ones = [zoo.add(after_robots(say_for_ever(head(), b"<p>word ", 0.5))) for _ in range(20)]
    return [links(server, [f"{one.url}{n}" for one in ones for n in range(2_000)], "Slow")]


def refusing(server: LoopbackServer, zoo: Menagerie) -> list[SourceSpec]:
    one = zoo.add(after_robots(say(head("404 Not Found", content_length="0"))))
    return [links(server, [f"{one.url}{n}" for n in range(MANY)], "Quick")]


def dead_names(server: LoopbackServer, _zoo: Menagerie) -> list[SourceSpec]:
    return [links(server, [f"http://n{n}.dead.test/{m}" for m in range(4) for n in range(100)], "Dead names")]


@contextmanager
def slow_dns() -> Iterator[None]:
    """Let every name under dead.test take twenty seconds to fail, and all others resolve at once."""
    real = socket.getaddrinfo

    def lookup(host, *rest, **more):  # type: ignore[no-untyped-def]
        if str(host).endswith(".dead.test"):
            time.sleep(20)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if str(host).endswith(".good.test"):
            return real("127.0.0.1", *rest, **more)
        return real(host, *rest, **more)

    socket.getaddrinfo = lookup
    try:
        yield
    finally:
        socket.getaddrinfo = real


CASES_TO_MEASURE: dict[str, Callable[[LoopbackServer, Menagerie], list[SourceSpec]]] = {
    one.__name__: one
    for one in (alone, hostile, dead, silent, slow, refusing, twenty_slow, twenty_slow_in_blocks, dead_names)
}


def measure(name: str) -> None:
    """Run once and print."""
    with LoopbackServer() as server, Menagerie() as zoo, tempfile.TemporaryDirectory() as folder, slow_dns():
        newsroom = Newsroom(Path(folder) / "data")
        newsroom.overrides = {"workers": 2, "host_delay_seconds": 0.2, "host_connections": 2, "fetch_seconds": 30}
        newsroom.overrides |= {"run_seconds": 60, "extract_seconds": 20}
        bad = CASES_TO_MEASURE[name](server, zoo)
        good = []
        for number in range(GOOD_SITES):
            site = server.site()
            pieces = [Piece(f"/town/story-{number}-{part}-of-the-ward", number * 100 + part) for part in range(PIECES)]
            feed = serve_feed(site, pieces)
            if name == "dead_names":
                text = site.pages["/feed.xml"].body.replace(b"127.0.0.1", b"www%d.good.test" % number)  # type: ignore
                site.pages["/feed.xml"] = Response(200, XML, text)
                feed = feed.replace("127.0.0.1", f"www{number}.good.test")
            good.append(source(f"Good {number}", feed))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.monotonic()
        # Bad ones first in the file: their feeds are due before, so that their pages are older.
        newsroom.run(*bad, *good)
        seconds = time.monotonic() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = newsroom.column("SELECT started_at FROM runs")[0]
        ends = newsroom.rows(
            """SELECT (julianday(max(l.at)) - julianday(:start)) * 86400 AS seconds, count(*) AS pages FROM ledger l
            JOIN entries e ON e.id = l.entry_id JOIN feeds f ON f.id = e.feed_id JOIN sources s ON s.id = f.source_id
            WHERE s.slug LIKE 'good-%' AND l.outcome = 'loaded'""",
            start=start,
        )[0]
        counts = dict(map(tuple, newsroom.rows("SELECT outcome, count(*) FROM ledger GROUP BY 1")))
        sys.stdout.write(
            f"{name:22} good pages {ends.pages}/{GOOD_SITES * PIECES}, the last after {ends.seconds or 0:.1f} s; "
            f"run {seconds:.1f} s; memory {before:.0f} → {grown:.0f} MB; {counts}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES_TO_MEASURE:
        measure(chosen)
