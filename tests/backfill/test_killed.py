"""A backfill may be stopped or killed at any moment: the same command goes on, and nothing is lost or done twice."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from newsroom import CLONE, Newsroom, Piece, environment, feeds_yaml, kill_group, rows, serve_feed, source
from test_warcs import records
from zygote import Zygote

from demo.site import LoopbackServer
from models.engine import open_engine, writing

KILLS = 20 if os.environ.get("KHOTIN_TEST_SLOW") else 1
SEED = int(os.environ.get("KHOTIN_TEST_SEED", "20261124"))
PIECES = [Piece(f"/town/old-story-number-{n}-of-the-ward", n) for n in range(14)]

THE_TRUTH = {
    "articles": """SELECT r.uid, source, r.url, r.title, authors, tags, published_at, published_on, word_count,
        version_number, ingested_via, body FROM report_articles r JOIN report_texts USING (article_id)""",
    "pages": "SELECT url_key, state, outcome, reason, lease_token, priority FROM pages",
    "addresses": "SELECT u.url_key, u.role, a.uid FROM article_urls u JOIN articles a ON a.id = u.article_id",
    "copies": """SELECT a.uid, b.uid, share FROM article_copies c JOIN articles a ON a.id = c.article_id
        JOIN articles b ON b.id = c.original_id""",
    "backfills": "SELECT kind, state, lease_token FROM backfills",
    "versions": "SELECT title, cause, count(*) FROM article_versions GROUP BY title, cause",
    "titles": "SELECT title, version_number FROM articles",
    "captured twice": "SELECT page_id FROM fetches WHERE outcome IS NULL GROUP BY page_id HAVING count(*) > 1",
    "leases": "SELECT token FROM leases",
    "running": "SELECT id FROM runs WHERE state = 'running'",
}


def truth(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read what must not depend on how often a backfill was killed."""
    found = {name: rows(folder / "khotin.db", sql) for name, sql in THE_TRUTH.items()}
    return {name: sorted((tuple(row) for row in of_name), key=repr) for name, of_name in found.items()}


@pytest.fixture
def urls(server: LoopbackServer, tmp_path: Path) -> tuple[str, ...]:
    """A backfill of a list, over loopback."""
    sites = [server.site(), server.site()]
    listed = tmp_path / "list.txt"
    for number, piece in enumerate(PIECES):
        sites[number % 2].pages[piece.path] = piece.page
    listed.write_text("\n".join(sites[number % 2].url(piece.path) for number, piece in enumerate(PIECES)))
    return ("backfill", "urls", str(listed))


@pytest.fixture
def warc(tmp_path: Path) -> tuple[str, ...]:
    """A backfill of an archive."""
    (tmp_path / "a.warc.gz").write_bytes(b"".join(records(PIECES)))
    return ("backfill", "warc", str(tmp_path / "a.warc.gz"), "--domain", "ward.example")


def prepare(folder: Path) -> dict[str, str]:
    folder.mkdir()
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Nobody", "http://127.0.0.1:9/feed")]))
    return environment(folder, HOST_DELAY_SECONDS="0.05", HOST_CONNECTIONS="1")


@pytest.mark.parametrize("kind", ["urls", "warc"])
def test_a_clean_end_after_many_kills_leaves_nothing_lost_or_done_twice(
    request: pytest.FixtureRequest, tmp_path: Path, zygote: Zygote, kind: str
) -> None:
    command: tuple[str, ...] = request.getfixturevalue(kind)
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    dice = random.Random(SEED)
    env = prepare(calm)
    began = time.monotonic()
    assert zygote.wait(zygote.start(*command, env=env)) == 0
    seconds = time.monotonic() - began

    env = prepare(stormy)
    for number in dice.sample(range(KILLS), KILLS):
        pid = zygote.start(*command, env=env)
        time.sleep(seconds * (number + dice.random()) / KILLS)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        zygote.wait(pid)
    assert zygote.wait(zygote.start(*command, env=env)) == 0

    assert truth(stormy) == truth(calm)
    assert len(truth(stormy)["articles"]) == len(PIECES)
    assert truth(stormy)["captured twice"] == []


def test_what_was_killed_on_one_machine_goes_on_at_another(
    urls: tuple[str, ...], tmp_path: Path, zygote: Zygote
) -> None:
    """The other machine has the warehouse and the list, and nothing of what the first kept on its disk."""
    first, other = tmp_path / "first", tmp_path / "other"
    slowly = {"KHOTIN_HOST_DELAY_SECONDS": "0.2"}
    pid = zygote.start(*urls, env=prepare(first) | slowly)
    _until(lambda: _has_pages(first, "state = 'done'"))
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    zygote.wait(pid)
    assert _has_pages(first, "state <> 'done'")
    done = rows(first / "khotin.db", "SELECT count(*) FROM fetches WHERE outcome IS NULL")[0][0]

    env = prepare(other) | {"KHOTIN_DATABASE_URL": f"sqlite:///{first / 'khotin.db'}"}
    _write(first, "UPDATE leases SET hostname = 'elsewhere', expires_at = '2026-01-01T00:00:00.000000Z'")
    ended = zygote.run(*urls, env=env)
    assert (ended.code, f"Done: {len(PIECES)} pages planned, none waits." in ended.out) == (0, True), ended.err
    found = truth(first)
    assert (len(found["articles"]), found["leases"], found["running"]) == (len(PIECES), [], [])
    # At most what was fetched and not yet read is fetched again: its file is on the other machine's disk.
    assert len(found["captured twice"]) < done


def _has_pages(folder: Path, condition: str) -> bool:
    if not (folder / "khotin.db").exists():
        return False
    made = "SELECT 1 FROM sqlite_master WHERE name = 'backfills'"
    query = f"SELECT 1 FROM pages WHERE {condition}"
    return bool(rows(folder / "khotin.db", made) and rows(folder / "khotin.db", query))


def _write(folder: Path, sql: str) -> None:
    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    with writing(engine) as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


# A batch of the command has hundreds of articles.
TWO_BY_TWO = (sys.executable, "-c", "import pipeline.reextract.run as run, cli.main; run.BATCH = 2; cli.main.main()")


def _articles_read(folder: Path) -> int:
    found = rows(folder / "khotin.db", "SELECT json_extract(place, '$.done') FROM backfills WHERE kind = 'reextract'")
    return int(found[0][0] or 0) if found else 0


@pytest.fixture
def with_old_readings(server: LoopbackServer, newsroom: Newsroom) -> Path:
    """Give a warehouse in which an older extractor read titles otherwise, with a copy that a re-extraction calms."""
    site = server.site()
    newsroom.run(source("Ward", serve_feed(site, PIECES), slug="ward"))
    newsroom.write("UPDATE articles SET title = 'Old', content_hash = 'x', extractor_version = '1'")
    (newsroom.folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", site.url("/feed.xml"), slug="ward")]))
    return newsroom.folder


def test_a_re_extraction_that_is_killed_again_and_again_ends_like_a_calm_one(
    with_old_readings: Path, tmp_path: Path, zygote: Zygote
) -> None:
    calm, stormy = with_old_readings, tmp_path / "stormy"
    shutil.copytree(calm, stormy)
    env = environment(calm)
    assert zygote.wait(zygote.start("reextract", env=env)) == 0

    dice = random.Random(SEED)
    env = environment(stormy)
    for _ in range(min(KILLS, 4)):
        before = _articles_read(stormy)
        process = subprocess.Popen([*TWO_BY_TWO, "reextract"], env=env, cwd=CLONE, start_new_session=True)
        _until(lambda: _articles_read(stormy) != before)  # noqa: B023  # asked within this turn
        time.sleep(dice.random() / 20)
        kill_group(process)
        process.wait()
    assert zygote.wait(zygote.start("reextract", env=env)) == 0

    assert truth(stormy) == truth(calm)
    assert truth(stormy)["titles"] == sorted((piece.headline, 2) for piece in PIECES)
    assert truth(stormy)["versions"] == [("Old", "first", len(PIECES))]


def _until(condition: Callable[[], Any]) -> None:
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def test_ctrl_c_finishes_what_is_in_hand_and_the_same_command_goes_on(
    server: LoopbackServer, tmp_path: Path, zygote: Zygote
) -> None:
    site, folder = server.site(), tmp_path / "data"
    pieces = [Piece(f"/town/old-story-number-{n}-of-the-mill", n) for n in range(60)]
    site.pages |= {piece.path: piece.page for piece in pieces}
    (tmp_path / "list.txt").write_text("\n".join(site.url(piece.path) for piece in pieces))
    urls = ("backfill", "urls", str(tmp_path / "list.txt"))
    env = prepare(folder) | {"KHOTIN_HOST_DELAY_SECONDS": "0.3"}
    pid = zygote.start(*urls, env=env)
    _until(lambda: _has_pages(folder, "state = 'done'"))
    os.kill(pid, signal.SIGINT)
    assert zygote.wait(pid) == 0
    assert rows(folder / "khotin.db", "SELECT 1 FROM pages WHERE lease_token IS NOT NULL") == []
    assert [tuple(row) for row in rows(folder / "khotin.db", "SELECT state FROM runs")] == [("interrupted",)]
    assert rows(folder / "khotin.db", "SELECT 1 FROM pages WHERE state <> 'done'") != []

    ended = zygote.run(*urls, env=env | {"KHOTIN_HOST_DELAY_SECONDS": "0"})
    assert (ended.code, "Done: 60 pages planned, none waits." in ended.out) == (0, True)
    assert truth(folder)["captured twice"] == []


def test_the_stories_are_those_of_a_live_arrival(
    server: LoopbackServer, tmp_path: Path, newsroom: Newsroom, zygote: Zygote
) -> None:
    """Two papers print the same text; one warehouse has them by feed, the other from a list in the wrong order."""
    one, two = server.site(), server.site()
    early = Piece("/town/wire-story-of-the-ward", 7, published="2026-03-04T08:00:00Z")
    late = Piece("/town/the-same-wire-story", 7, published="2026-03-04T10:00:00Z")
    feeds = [serve_feed(one, [early]), serve_feed(two, [late])]
    for feed in feeds:
        newsroom.run(source(feed[7:25], feed))
    (tmp_path / "list.txt").write_text(f"{two.url(late.path)}\n{one.url(early.path)}\n")
    folder = tmp_path / "history"
    assert zygote.wait(zygote.start("backfill", "urls", str(tmp_path / "list.txt"), env=prepare(folder))) == 0
    copies = """SELECT a.url, b.url FROM article_copies c JOIN articles a ON a.id = c.article_id
        JOIN articles b ON b.id = c.original_id"""
    found = [tuple(row) for row in rows(folder / "khotin.db", copies)]
    assert found == newsroom.rows(copies) == [(two.url(late.path), one.url(early.path))]
