"""Feeds polled per CPU second, beside `reader` from PyPI: a first poll, an unchanged one (304), and one with news.

    uv run --with reader --with sgmllib3k python -m benchmarks.polling [--feeds 500] [--corpus FOLDER] [--only NAME]

The feeds have 30 entries each, made up for the occasion, or are those of a corpus (a folder with `feeds.jsonl`). They
are served on loopback from a process of their own. Both programs run in a process of their own too, warmed up with two
feeds, their databases made and open; counted are the CPU seconds of that process and of all its children, living and
dead, for each of the three polls: whole runs, but not the start of the process. khotin polls with its command's loop
and its defaults into SQLite; pages are not fetched. The goals are 10, 7 and 10 times what reader does.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

ITEMS, NEWS = 30, 3
GOALS = {"first": 10, "unchanged": 7, "changed": 10}

_WORDS = """chính phủ thành phố người dân mới hôm nay công ty thị trường bóng đá trận đấu học sinh bệnh viện giá vàng
tăng trưởng đường cao tốc dự án mùa mưa miền trung council river harbour budget minister election school hospital storm
market price growth bridge report season league champion court railway housing energy climate festival museum""".split()  # noqa: SIM905  # easier to read than sixty quoted words


def made_up(number: int, skipped: int) -> bytes:
    """Give a feed of made-up news; `skipped` of its newest entries have not appeared yet."""
    dice = random.Random(number)  # noqa: S311  # no secrets
    items = [_item(number, place, dice) for place in range(ITEMS + NEWS)]
    shown = items[NEWS - skipped :][:ITEMS] if skipped <= NEWS else items
    head = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/"><channel>'
        f"<title>Tin {number}</title><link>https://news-{number}.example/</link><description>Tin mới</description>"
        "<language>vi</language>"
    )
    return (head + "".join(shown) + "</channel></rss>").encode()


def _item(number: int, place: int, dice: random.Random) -> str:
    def words(least: int, most: int) -> str:
        text = " ".join(dice.choices(_WORDS, k=dice.randint(least, most)))
        return text[0].upper() + text[1:]

    title, lead = words(7, 14), words(25, 60)
    slug = "-".join(word for word in title.lower().split()[:9] if word.isascii()) or "tin"
    link = f"https://news-{number}.example/{slug}-{number}{place:03}.html"
    picture = f"https://i.news-{number}.example/2026/11/{place}-{number}.jpg"
    at = datetime(2026, 11, 24, 9, tzinfo=UTC) - timedelta(minutes=37 * place + number % 30)
    return (
        f'<item><title>{escape(title)}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><dc:creator>{escape(words(2, 3))}</dc:creator>"
        f'<description><![CDATA[<a href="{link}"><img src="{picture}" /></a></br>{lead} &amp; {lead[:80]}.]]>'
        f"</description><category>{escape(words(1, 2))}</category>"
        f'<media:content url="{picture}" medium="image"/></item>'
    )


def bodies(folder: Path | None, feeds: int) -> list[tuple[bytes, bytes, str]]:
    """Give for each feed what it says first and with news, and its media type."""
    kind = "application/rss+xml; charset=utf-8"
    if folder is None:
        return [(made_up(number, 0), made_up(number, NEWS), kind) for number in range(feeds)]
    found = []
    for line in (folder / "feeds.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        if (told.get("feedparser_sees") or {}).get("entries", 0) < NEWS * 2:
            continue
        body = (folder / told["file"]).read_bytes()
        types = {name.lower(): value for name, value in (told.get("headers") or {}).items()}
        found.append((_without_first(body, NEWS), body, types.get("content-type", "application/xml")))
    return [found[number % len(found)] for number in range(feeds)]


def _without_first(body: bytes, count: int) -> bytes:
    for tag in (b"item", b"entry"):
        start = body.find(b"<" + tag)
        end = start
        for _ in range(count):
            end = body.find(b"<" + tag, end + 1)
        if start >= 0 and end >= 0:
            return body[:start] + body[end:]
    return body


class _Server(asyncio.Protocol):
    """HTTP/1.1 just good enough for two clients that we know: keeps connections, knows ETags."""

    pages: dict[bytes, tuple[bytes, bytes]]
    later: dict[bytes, tuple[bytes, bytes]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            self.transport.write(self._answer(head))  # type: ignore[attr-defined]  # a TCP transport can write

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/news-is-out"):
            _Server.pages = self.later
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        etag, answer = self.pages[path]
        is_known = b"if-none-match: " + etag.lower() in head.lower()
        return b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n" if is_known else answer


def serve(folder: Path | None, feeds: int, ports: "multiprocessing.Queue[int]") -> None:
    """Serve the feeds on loopback until ended."""
    said = bodies(folder, feeds)

    def pages_of(which: int) -> dict[bytes, tuple[bytes, bytes]]:
        made = {}
        for number, one in enumerate(said):
            body = one[which]
            etag = b'"' + sha256(body).hexdigest()[:16].encode() + b'"'
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {one[2]}\r\nContent-Length: {len(body)}\r\nETag: "
            made[f"/{number}.xml".encode()] = (etag, head.encode() + etag + b"\r\n\r\n" + body)
        return made

    _Server.pages, _Server.later = pages_of(0), pages_of(1)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def cpu_seconds() -> float:
    """Give the CPU seconds of this process and of all below it, the dead ones included."""
    import psutil  # noqa: PLC0415  # not in the server's process

    me = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (me, *me.children(recursive=True)))


@contextmanager
def counted(counts: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    """Note the CPU and the wall seconds of a block."""
    cpu, wall = cpu_seconds(), time.monotonic()
    yield
    counts[name] = (cpu_seconds() - cpu, time.monotonic() - wall)


Poll = Callable[[], int]


def three_polls(poll: Poll, base: str, between: Callable[[], None] = lambda: None) -> dict[str, tuple[float, float]]:
    """Poll three times, and tell what it cost; each poll gives the number of entries in the store afterwards."""
    counts: dict[str, tuple[float, float]] = {}
    with counted(counts, "first"):
        first = poll()
    between()
    with counted(counts, "unchanged"):
        assert poll() == first
    subprocess.run([sys.executable, "-c", _FETCH, f"{base}/news-is-out"], check=True)
    with counted(counts, "changed"):
        last = poll()
    counts["entries"] = (first, last)
    return counts


_FETCH = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()"


def measure_khotin(urls: list[str], folder: Path, base: str) -> dict[str, tuple[float, float]]:
    """Poll with khotin's own loop."""
    from sqlalchemy import func, select  # noqa: PLC0415  # each program is imported in its own process only

    from config.feeds_file import FeedsFile, FeedSpec, SourceSpec  # noqa: PLC0415
    from config.settings import load_settings  # noqa: PLC0415
    from models.engine import reading  # noqa: PLC0415
    from models.tables import entries  # noqa: PLC0415
    from pipeline.ingest import ingest  # noqa: PLC0415
    from pipeline.plan import Plan  # noqa: PLC0415
    from pipeline.warehouse.opening import open_warehouse  # noqa: PLC0415

    def poller(name: str, urls: list[str]) -> Poll:
        settings = load_settings(
            data_dir=folder / name,
            database_url=f"sqlite:///{folder / name}.db",
            allowed_private_networks="127.0.0.0/8",
            host_delay_seconds=0,
            host_connections=8,
        )
        wish = FeedsFile((SourceSpec(name="Loopback", feeds=tuple(map(FeedSpec, urls)), archive=False),))

        # As reader does: its database is made and open, and its feeds are added, before its first poll.
        engine = open_warehouse(settings, creates=True).engine

        def poll() -> int:
            ingest(Plan(wish, ignores_schedule=True, takes_pages=False), engine, settings)
            with reading(engine) as connection:
                count = connection.execute(select(func.count()).select_from(entries)).scalar_one()
            return int(count)

        return poll

    def fetch_pages() -> None:
        # Another run would have fetched them; waiting for ever they would be counted in each run's ledger.
        with sqlite3.connect(folder / "khotin.db") as database:
            database.execute("UPDATE pages SET state = 'done', outcome = 'not_article', next_attempt_at = NULL")

    poller("warm", urls[:2])()
    return three_polls(poller("khotin", urls), base, fetch_pages)


def measure_reader(urls: list[str], folder: Path, base: str) -> dict[str, tuple[float, float]]:
    """Poll with reader's own loop."""
    from reader import make_reader  # type: ignore[import-not-found]  # noqa: PLC0415  # no dependency of khotin

    def poller(name: str, urls: list[str]) -> Poll:
        reader = make_reader(str(folder / f"{name}.sqlite"))
        for url in urls:
            reader.add_feed(url)

        def poll() -> int:
            reader.update_feeds(scheduled=False)
            return int(reader.get_entry_counts().total)

        return poll

    poller("warm", urls[:2])()
    return three_polls(poller("reader", urls), base)


def in_own_process(program: str, feeds: int, corpus: Path | None) -> dict[str, tuple[float, float]]:
    """Serve the feeds afresh, and measure a program in a process of its own."""
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(corpus, feeds, ports), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{ports.get(timeout=60)}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.polling", "--feeds", str(feeds), "--measure", program]
        told = subprocess.run(
            [*command, "--base", base, "--folder", folder], check=True, stdout=subprocess.PIPE, env=os.environ
        )
    server.terminate()
    server.join()
    counts: dict[str, tuple[float, float]] = json.loads(told.stdout.splitlines()[-1])
    return counts


def main() -> int:
    """Measure and compare; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--only", choices=("khotin", "reader"))
    parser.add_argument("--measure", choices=("khotin", "reader"), help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        urls = [f"{given.base}/{number}.xml" for number in range(given.feeds)]
        measure = measure_khotin if given.measure == "khotin" else measure_reader
        print(json.dumps(measure(urls, given.folder, given.base)))
        return 0
    programs = [given.only] if given.only else ["reader", "khotin"]
    rates = {program: _report(program, given.feeds, given.corpus) for program in programs}
    if given.only:
        return 0
    is_good = True
    for poll, goal in GOALS.items():
        times = rates["khotin"][poll] / rates["reader"][poll]
        is_good &= times >= goal
        print(f"{poll:10} {times:5.1f} × reader (goal: at least {goal})")
    return 0 if is_good else 1


def _report(program: str, feeds: int, corpus: Path | None) -> dict[str, float]:
    counts = in_own_process(program, feeds, corpus)
    first, last = counts.pop("entries")
    print(f"{program}: {feeds} feeds, {first:.0f} entries at first, {last:.0f} in the end")
    for poll, (cpu, wall) in counts.items():
        print(f"  {poll:10} {cpu:7.2f} CPU s {wall:7.2f} s   {feeds / cpu:8.1f} feeds per CPU s", flush=True)
    return {poll: feeds / cpu for poll, (cpu, _) in counts.items()}


if __name__ == "__main__":
    raise SystemExit(main())
