"""Runs beside each other, runs that stood still, runs that were stopped: no page twice, nothing lost."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece, environment, feeds_yaml, rows, serve_feed, source
from zygote import Zygote

from demo.site import LoopbackServer, LoopbackSite
from pipeline.warehouse.lease import this_process

PIECES = [Piece(f"/town/story-number-{n}-of-the-ward", n) for n in range(16)]
SLOWLY = {"HOST_CONNECTIONS": "1", "HOST_DELAY_SECONDS": "0.3", "LEASE_SECONDS": "5"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _prepare(server: LoopbackServer, folder: Path, **settings: str) -> tuple[LoopbackSite, dict[str, str]]:
    site = server.site()
    folder.mkdir()
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", serve_feed(site, PIECES))]))
    return site, environment(folder, **settings)


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def _fetched_twice(site: LoopbackSite) -> list[str]:
    return [piece.path for piece in PIECES if len(site.requested(piece.path)) > 1]


def _outcomes(folder: Path, run_id: int) -> dict[str, int]:
    query = "SELECT outcome, count(*) FROM ledger WHERE run_id = :run GROUP BY outcome"
    return {row[0]: row[1] for row in rows(folder / "khotin.db", query, run=run_id)}


def _lend(newsroom: Newsroom, **changes: object) -> None:
    """Put all pages into the hands of another process."""
    holder = this_process()
    at = datetime.now(UTC)
    values = {
        "hostname": holder.hostname,
        "boot": holder.boot_id,
        "pid": holder.pid,
        "started": holder.pid_started,
        "expires": at + timedelta(hours=1),
    } | changes
    values["expires"] = values["expires"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # type: ignore[attr-defined]
    newsroom.write(
        "INSERT INTO leases (token, hostname, boot_id, pid, pid_started, acquired_at, expires_at)"
        " VALUES ('theirs', :hostname, :boot, :pid, :started, '2026-01-01T00:00:00.000000Z', :expires)",
        **values,
    )
    newsroom.write(
        "UPDATE pages SET lease_token = 'theirs', state = 'queued', outcome = NULL, next_attempt_at = queued_at"
    )


def _loaded_once(server: LoopbackServer, newsroom: Newsroom) -> str:
    feed = serve_feed(server.site(), PIECES[:2])
    newsroom.run(source("Ward", feed))
    return feed


def test_runs_that_begin_at_once_on_a_new_warehouse_share_the_work(
    server: LoopbackServer, folder: Path, zygote: Zygote
) -> None:
    site, env = _prepare(server, folder, HOST_DELAY_SECONDS="0.02", LEASE_SECONDS="5")

    codes = [zygote.wait(pid) for pid in [zygote.start("run", env=env) for _ in range(3)]]

    assert codes == [0, 0, 0]
    assert _fetched_twice(site) == []
    assert [tuple(row) for row in rows(folder / "khotin.db", "SELECT count(*) FROM report_articles")] == [(16,)]
    assert len(rows(folder / "khotin.db", "SELECT 1 FROM ledger WHERE outcome = 'loaded'")) == 16
    assert {row[0] for row in rows(folder / "khotin.db", "SELECT state FROM runs")} == {"done"}


def _stand_still(group: int, database: Path) -> None:
    """Stop a run between two transactions: one that stands still within one keeps SQLite's only write lock."""
    while True:
        os.killpg(group, signal.SIGSTOP)
        with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                os.killpg(group, signal.SIGCONT)
                time.sleep(0.05)


def test_a_run_that_stood_still_for_longer_than_its_lease_drops_what_it_had_and_ends(
    server: LoopbackServer, folder: Path, zygote: Zygote
) -> None:
    site, env = _prepare(server, folder, **SLOWLY)
    slow = zygote.start("run", env=env)
    _until(lambda: len(site.requests) > 4)
    _stand_still(slow, folder / "khotin.db")
    time.sleep(5.2)

    assert zygote.wait(zygote.start("run", env=env | {"KHOTIN_HOST_DELAY_SECONDS": "0"})) == 0
    os.killpg(slow, signal.SIGCONT)

    assert zygote.wait(slow) == 1
    states = rows(folder / "khotin.db", "SELECT id, state FROM runs ORDER BY id")
    assert [tuple(row) for row in states] == [(1, "interrupted"), (2, "done")]
    assert len(rows(folder / "khotin.db", "SELECT 1 FROM articles")) == 16
    assert rows(folder / "khotin.db", "SELECT 1 FROM ledger GROUP BY run_id, entry_id HAVING count(*) > 1") == []
    assert _outcomes(folder, 1).keys() <= {"loaded", "deferred"}
    assert sum(_outcomes(folder, 1).values()) == 16


def test_pages_of_a_living_process_elsewhere_are_left_to_it_until_its_lease_expires(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    feed = _loaded_once(server, newsroom)
    _lend(newsroom, hostname="another-machine")
    report = newsroom.run(source("Ward", feed))
    assert report.entries == {"deferred": 2}
    assert newsroom.column("SELECT reason FROM ledger WHERE run_id = 2") == ["another process has it in hand"] * 2

    newsroom.write("UPDATE leases SET expires_at = '2026-01-02T00:00:00.000000Z'")

    assert newsroom.run(source("Ward", feed)).entries == {"unchanged": 2}
    assert newsroom.rows("SELECT * FROM leases") == []


def test_pages_of_a_dead_process_of_this_machine_are_taken_at_once(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = _loaded_once(server, newsroom)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    _lend(newsroom, pid=gone.pid)

    assert newsroom.run(source("Ward", feed)).entries == {"unchanged": 2}


def test_a_process_with_the_id_of_a_dead_one_is_not_taken_for_it(server: LoopbackServer, newsroom: Newsroom) -> None:
    feed = _loaded_once(server, newsroom)
    _lend(newsroom, started=this_process().pid_started - 1000)

    assert newsroom.run(source("Ward", feed)).entries == {"unchanged": 2}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_finishes_what_is_in_hand_and_defers_the_rest(
    server: LoopbackServer, folder: Path, zygote: Zygote, number: signal.Signals
) -> None:
    site, env = _prepare(server, folder, **SLOWLY)
    pid = zygote.start("run", env=env)
    _until(lambda: len(site.requests) > 4)

    os.killpg(pid, number)

    assert zygote.wait(pid) == 0
    ended = rows(folder / "khotin.db", "SELECT state, lease_token, counts FROM runs")
    assert [(row.state, row.lease_token) for row in ended] == [("interrupted", None)]
    outcomes = _outcomes(folder, 1)
    assert outcomes.keys() == {"loaded", "deferred"}
    assert sum(outcomes.values()) == 16
    assert rows(folder / "khotin.db", "SELECT 1 FROM pages WHERE lease_token IS NOT NULL OR state = 'fetched'") == []
    assert zygote.wait(zygote.start("run", env=env | {"KHOTIN_HOST_DELAY_SECONDS": "0"})) == 0
    assert _outcomes(folder, 2) == {"loaded": outcomes["deferred"]}
    assert _fetched_twice(site) == []


def test_a_second_interrupt_ends_the_run_at_once_and_nothing_is_lost(
    server: LoopbackServer, folder: Path, zygote: Zygote
) -> None:
    site, env = _prepare(server, folder, **SLOWLY)
    pid = zygote.start("run", env=env)
    _until(lambda: len(site.requests) > 4)

    os.kill(pid, signal.SIGINT)
    time.sleep(0.1)
    os.kill(pid, signal.SIGINT)

    assert zygote.wait(pid) in (0, 130)  # the batch in hand may have been done just then
    assert [row.state for row in rows(folder / "khotin.db", "SELECT state FROM runs")] == ["interrupted"]
    assert zygote.wait(zygote.start("run", env=env | {"KHOTIN_HOST_DELAY_SECONDS": "0"})) == 0
    assert len(rows(folder / "khotin.db", "SELECT 1 FROM articles")) == 16
    assert {row.state for row in rows(folder / "khotin.db", "SELECT state FROM archives")} == {"closed"}


def test_what_a_run_has_no_time_for_is_deferred_counted_and_done_by_the_next_one(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    feed = serve_feed(server.site(), PIECES)
    newsroom.overrides = {"run_seconds": 1, "host_connections": 1, "host_delay_seconds": 0.2}
    first = newsroom.run(source("Ward", feed))
    newsroom.overrides = {}
    second = newsroom.run(source("Ward", feed))

    assert first.entries["deferred"] > 0
    assert sum(first.entries.values()) == 16
    assert second.entries == {"loaded": first.entries["deferred"]}
    reasons = newsroom.column("SELECT DISTINCT reason FROM ledger WHERE outcome = 'deferred'")
    assert reasons == ["the run's time was over"]
