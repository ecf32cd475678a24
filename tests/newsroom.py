"""News sites of the tests' own making, and the two ways to run khotin on them: as a command and in this process."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pytest
from fresh import bring_up_file
from sqlalchemy import text

from config.feeds_file import FeedsFile, FeedSpec, SourceSpec
from config.settings import Settings, load_settings
from demo.site import Answer, LoopbackSite, Request, Response
from models.engine import open_engine, reading
from pipeline.ingest import ingest
from pipeline.plan import Plan, Report
from pipeline.warehouse.opening import Opened, open_warehouse
from pipeline.warehouse.place import file_of, is_missing

needs_many_hosts = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")

HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/rss+xml; charset=utf-8"}

_WHO = """the mayor|a harbour pilot|the school board|the orchard owners|a retired judge|the night nurses|the ferry crew
the town archivist|a young baker|the river wardens|the choir|the bus drivers|a bridge engineer|the market traders
the fire brigade|a beekeeper|the librarians|the rowing club|the water company|a land surveyor""".replace("\n", "|")
_DID = """announced a new timetable for|asked the council to repair|counted the visitors of|closed the gates of
painted the walls of|measured the depth of|promised more money for|took down the old sign of|wrote a letter about
found a forgotten map of|opened the doors of|planted forty trees around|filmed the first snow on|argued about
raised the price of entry to|cleaned the steps of|rebuilt the roof of|described the history of""".replace("\n", "|")
_WHAT = """the covered market|the eastern pier|the botanical garden|the old tannery|the railway museum|the lake path
the granary theatre|the public baths|the lower lock|the observatory hill|the glass factory|the stone quarry
the cycling track|the winter harbour|the salt store|the boat sheds|the weather tower|the canal houses""".replace(
    "\n", "|"
)
_WHEN = """before the first frost|on Tuesday evening|after a long debate|for the third time this year|without a word
while the rain kept falling|in front of a small crowd|with help from two neighbours|to the surprise of many
during the spring fair|at the end of the season|as the lights went out|after eleven years of waiting""".replace(
    "\n", "|"
)


def sentence(dice: random.Random) -> str:
    """Make up one sentence of news."""
    who, did, what, when = (dice.choice(part.split("|")) for part in (_WHO, _DID, _WHAT, _WHEN))
    number = dice.randint(3, 900)
    made = f"{who} {did} {what} {when}, and {number} people signed the list that {dice.choice(_WHO.split('|'))} kept."
    return made[0].upper() + made[1:]


@dataclass(frozen=True)
class Piece:
    """An article of a made-up site; its words follow from `seed` alone."""

    path: str
    seed: int
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    author: str | None = "Ida Lindqvist"
    published: str | None = "2026-03-04T09:15:00+01:00"
    canonical: str | None = None
    amp: str | None = None
    head: str = ""

    @property
    def headline(self) -> str:
        dice = random.Random(self.seed)
        return self.title or sentence(dice).split(",")[0] + f" in ward {self.seed}"

    @property
    def text(self) -> tuple[str, ...]:
        dice = random.Random(self.seed + 1_000_003)
        return self.paragraphs or tuple(" ".join(sentence(dice) for _ in range(3)) for _ in range(5))

    @property
    def html(self) -> bytes:
        """The page as a plain news site writes it."""
        links = f'<link rel="canonical" href="{escape(self.canonical)}">' if self.canonical else ""
        links += f'<link rel="amphtml" href="{escape(self.amp)}">' if self.amp else ""
        when = (
            f'<time datetime="{self.published}">{self.published}</time>'
            f'<meta property="article:published_time" content="{self.published}">'
            if self.published
            else ""
        )
        byline = (
            f'<p class="byline">By <a rel="author" href="/staff">{escape(self.author)}</a></p>' if self.author else ""
        )
        body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.text)
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.headline)}</title>'
            f'<meta property="og:type" content="article">{links}{self.head}</head><body>'
            '<nav><a href="/">Home</a> <a href="/town">Town</a></nav>'
            f"<article><h1>{escape(self.headline)}</h1>{when}{byline}{body}</article>"
            "<footer>All rights reserved.</footer></body></html>"
        ).encode()

    @property
    def page(self) -> Response:
        return Response(200, HTML, self.html)


THREE = [Piece(f"/town/story-number-{n}-of-the-ward", n) for n in range(3)]


@dataclass(frozen=True)
class Item:
    """An item of an RSS feed; what is None is left out."""

    link: str | None
    title: str | None
    guid: str | None = None
    summary: str | None = None
    published: str | None = None


def rss(items: Iterable[Item], title: str = "The Ward Courier") -> bytes:
    """Write an RSS 2.0 feed."""
    written = []
    for item in items:
        parts = (("title", item.title), ("link", item.link), ("guid", item.guid), ("description", item.summary))
        said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts if value is not None)
        said += f"<pubDate>{item.published}</pubDate>" if item.published else ""
        written.append(f"<item>{said}</item>")
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>http://localhost/</link><description>News</description>{''.join(written)}</channel></rss>"
    ).encode()


def serve_feed(site: LoopbackSite, pieces: Sequence[Piece], path: str = "/feed.xml") -> str:
    """Put pieces and a feed without dates that names them on a site; give the feed's address."""
    items = [Item(site.url(piece.path), piece.headline, guid=site.url(piece.path)) for piece in pieces]
    site.pages |= {piece.path: piece.page for piece in pieces}
    site.pages[path] = Response(200, XML, rss(items))
    return site.url(path)


def redirect(to: str, status: int = 301) -> Response:
    """Answer with a redirect."""
    return Response(status, {"Location": to})


def in_turn(*answers: Answer) -> Callable[[Request], Response]:
    """Answer each request with the next answer; the last one stays."""
    left = list(answers)

    def answer(request: Request) -> Response:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now if isinstance(now, Response) else now(request)

    return answer


def source(name: str, *feeds: str | FeedSpec, **rest: Any) -> SourceSpec:
    """Wish for a source."""
    return SourceSpec(name=name, feeds=tuple(f if isinstance(f, FeedSpec) else FeedSpec(f) for f in feeds), **rest)


@dataclass
class Newsroom:
    """A warehouse in a folder of its own, and runs in this process."""

    folder: Path
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        given: dict[str, Any] = {
            "data_dir": self.folder,
            "database_url": f"sqlite:///{self.folder / 'khotin.db'}",
            "feeds": self.folder / "feeds.yaml",
            "allowed_private_networks": "127.0.0.0/8",
            "workers": 1,
            "host_delay_seconds": 0,
            "host_connections": 8,
            "fetch_seconds": 10,
            "lease_seconds": 60,
        }
        return load_settings(**given | self.overrides)

    def opened(self) -> Opened:
        """Open the warehouse; a SQLite file that is not there yet is made of today's schema."""
        settings = self.settings
        if is_missing(settings.warehouse_url):
            bring_up_file(file_of(settings.warehouse_url))
        return open_warehouse(settings, creates=True)

    def run(
        self, *sources: SourceSpec, slugs: tuple[str, ...] = (), respects_schedule: bool = False, **how: Any
    ) -> Report:
        """Run once, polling whatever the schedule says."""
        settings = self.settings
        opened = self.opened()
        try:
            plan = Plan(FeedsFile(sources), slugs, ignores_schedule=not respects_schedule)
            return ingest(plan, opened.engine, settings, zone=opened.timezone, **how)
        finally:
            opened.engine.dispose()

    def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """Ask the warehouse."""
        return rows(self.folder / "khotin.db", sql, **parameters)

    def column(self, sql: str, **parameters: Any) -> list[Any]:
        """Ask the warehouse for one column."""
        return [row[0] for row in self.rows(sql, **parameters)]

    def write(self, sql: str, **parameters: Any) -> None:
        """Change the warehouse behind khotin's back."""
        engine = open_engine(f"sqlite:///{self.folder / 'khotin.db'}")
        with engine.begin() as connection:
            connection.execute(text(sql), parameters)
        engine.dispose()


def rows(database: Path, sql: str, **parameters: Any) -> list[Any]:
    """Ask a SQLite warehouse."""
    engine = open_engine(f"sqlite:///{database}")
    try:
        with reading(engine) as connection:
            return list(connection.execute(text(sql), parameters))
    finally:
        engine.dispose()


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Give the environment of a khotin command whose data folder is `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("KHOTIN_")}
    given = {
        "DATA_DIR": str(folder),
        "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "WORKERS": "1",
        "HOST_DELAY_SECONDS": "0",
        "HOST_CONNECTIONS": "8",
        "FETCH_SECONDS": "10",
    }
    return kept | {f"KHOTIN_{name}": value for name, value in (given | settings).items()} | {"COLUMNS": "200"}


COMMAND = (sys.executable, "-m", "cli.main")
CLONE = Path(__file__).resolve().parent.parent


def khotin(
    *arguments: str | Path, env: Mapping[str, str], given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a khotin command to its end."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, env=dict(env), cwd=CLONE, input=given, capture_output=True, check=False, timeout=300)


def start(*arguments: str | Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a khotin command in a process group of its own."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.Popen(
        command, env=dict(env), cwd=CLONE, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def kill_group(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and all its children."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def feeds_yaml(sources: Iterable[SourceSpec]) -> str:
    """Write a feeds file."""
    lines = ["sources:"]
    for one in sources:
        lines += [f"  - name: {one.name}"]
        lines += [f"    {key}: {value}" for key in ("slug", "language", "timezone") if (value := getattr(one, key))]
        lines += ["    feeds:", *(f"      - {feed.url}" for feed in one.feeds)]
    return "\n".join(lines) + "\n"
