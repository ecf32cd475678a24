"""A run may be killed at any moment: what the next ones make of it equals a warehouse that nobody disturbed."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator
from newsroom import HTML, XML, Item, Piece, environment, feeds_yaml, needs_many_hosts, redirect, rows, rss, source
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from zygote import Zygote

from config.feeds_file import SourceSpec
from demo.site import LoopbackServer, Response
from pipeline.pages.archive import payload_digest, read_record

# By hand, for rare faults: KHOTIN_TEST_KILLS=40 KHOTIN_TEST_KILL_PAGES=30 pytest tests/ingest/test_killed_runs.py
KILLS = int(os.environ.get("KHOTIN_TEST_KILLS", "12"))
PAGES = int(os.environ.get("KHOTIN_TEST_KILL_PAGES", "5"))
SEED = int(os.environ.get("KHOTIN_TEST_SEED", "20261124"))
HOSTS = 4

THE_TRUTH = {
    "sources": "SELECT slug, name, retired_at IS NULL FROM sources",
    "feeds": "SELECT url, state, body_hash FROM feeds",
    "entries": """SELECT f.url, e.guid, e.url, e.title, e.outcome, e.reason, p.url_key, a.uid
        FROM entries e JOIN feeds f ON f.id = e.feed_id LEFT JOIN pages p ON p.id = e.page_id
        LEFT JOIN articles a ON a.id = p.article_id""",
    "pages": "SELECT url_key, url, state, outcome, reason, lease_token FROM pages",
    "articles": """SELECT r.uid, source, r.url, r.title, summary, authors, agencies, tags, section, language,
        published_at, published_on, published_signal, word_count, version_number, body
        FROM report_articles r JOIN report_texts USING (article_id)""",
    "addresses": "SELECT u.url_key, u.role, a.uid FROM article_urls u JOIN articles a ON a.id = u.article_id",
    "people": """SELECT a.uid, position, name FROM article_authors l JOIN articles a ON a.id = l.article_id
        JOIN authors w ON w.id = l.author_id""",
    "versions": "SELECT count(*) FROM article_versions",
    "twice in a ledger": "SELECT run_id, entry_id FROM ledger GROUP BY run_id, entry_id HAVING count(*) > 1",
    "leases": "SELECT token FROM leases",
    "running": "SELECT id FROM runs WHERE state NOT IN ('done', 'interrupted')",
}


def truth(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read what must not depend on how often a run was killed."""
    return {name: sorted((tuple(row) for row in rows(database, sql)), key=repr) for name, sql in THE_TRUTH.items()}


def serve(server: LoopbackServer) -> list[SourceSpec]:
    """Serve sites with what makes a run's life interesting; two feeds of each name the same pages."""
    sources = []
    for number in range(HOSTS):
        site = server.site(f"127.41.{number}.7")
        pieces = [Piece(f"/town/story-{number}-{part}-of-the-ward", number * 1000 + part) for part in range(PAGES)]
        site.pages |= {piece.path: piece.page for piece in pieces}
        site.pages["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/")
        site.pages["/moved"] = redirect("/town/the-story-that-moved-to-a-new-address")
        site.pages["/town/the-story-that-moved-to-a-new-address"] = Piece("/x", number * 1000 + 900).page
        site.pages["/jump"] = Response(200, HTML, b'<meta http-equiv="refresh" content="0; url=/town/landed-story">')
        site.pages["/town/landed-story"] = Piece("/x", number * 1000 + 901).page
        items = [Item(site.url(piece.path), piece.headline, guid=piece.path) for piece in pieces]
        others = [Item(site.url(path), f"At {path}") for path in ("/moved", "/jump", "/private/letter", "/lost")]
        site.pages["/all.xml"] = Response(200, XML, rss([*items, *others, Item(None, "No link at all")]))
        site.pages["/top.xml"] = Response(200, XML, rss(items[:3]))
        sources.append(source(f"Ward {number}", site.url("/all.xml"), site.url("/top.xml")))
    return sources


def prepare(folder: Path, sources: list[SourceSpec]) -> dict[str, str]:
    """Make a data folder; give the environment of the commands that work in it."""
    folder.mkdir(parents=True)
    (folder / "feeds.yaml").write_text(feeds_yaml(sources))
    return environment(folder, HOST_DELAY_SECONDS="0.02", HOST_CONNECTIONS="2")


def assert_archive_is_whole(folder: Path) -> None:
    """Every record that a row points to reads back with its digest, and every file with every reader."""
    query = "SELECT a.name, f.archive_offset, f.archive_length, f.digest, f.url FROM fetches f JOIN archives a"
    for row in rows(folder / "khotin.db", f"{query} ON a.id = f.archive_id"):
        stored = read_record(folder / "archive" / row.name, row.archive_offset)
        assert (stored.digest, stored.url) == (row.digest, row.url)
        assert payload_digest(stored.body) == row.digest
    files = {path.name: path for path in (folder / "archive").iterdir()}
    states = dict(map(tuple, rows(folder / "khotin.db", "SELECT name, state FROM archives")))
    assert states == dict.fromkeys(files, "closed")
    for path in files.values():
        with path.open("rb") as file:
            seen = sum(len(record.reader.read()) >= 0 for record in ArchiveIterator(file))
        with path.open("rb") as file:
            assert seen == sum(len(record.content_stream().read()) >= 0 for record in WarcioIterator(file)) > 0


@needs_many_hosts
def test_two_clean_runs_after_many_killed_ones_leave_nothing_lost_doubled_or_damaged(
    server: LoopbackServer, tmp_path: Path, zygote: Zygote
) -> None:
    sources = serve(server)
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    dice = random.Random(SEED)
    env = prepare(calm, sources)
    assert zygote.wait(zygote.start("status", env=env)) == 1  # from here on everything is imported
    began = time.monotonic()
    assert zygote.wait(zygote.start("run", env=env)) == 0
    seconds = time.monotonic() - began

    env = prepare(stormy, sources)
    # One kill in each slice of a run's life, in any order but for the one that meets the making of the warehouse.
    slices = [0, *dice.sample(range(1, KILLS), KILLS - 1)]
    for number in slices:
        moment = seconds * (number + dice.random()) / KILLS
        pid = zygote.start("run", env=env)
        time.sleep(moment)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        zygote.wait(pid)
    assert [zygote.wait(zygote.start("run", env=env)) for _ in range(2)] == [0, 0]

    assert truth(stormy / "khotin.db") == truth(calm / "khotin.db")
    assert_archive_is_whole(stormy)
    assert_archive_is_whole(calm)
