"""A person who stops a run waits no longer than one page takes; what is in hand then is given back."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from newsroom import Piece, environment, feeds_yaml, rows, serve_feed, source
from zygote import Zygote

from demo.site import LoopbackServer

PIECES = [Piece(f"/town/story-number-{n}-of-the-mill", n) for n in range(6)]

# The site wants an hour between two pages, and the run has a day.
PATIENTLY = {
    "HOST_CONNECTIONS": "1",
    "HOST_DELAY_SECONDS": "3600",
    "RUN_SECONDS": "86400",
    "FETCH_SECONDS": "1",
    "EXTRACT_SECONDS": "1",
}


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def _start(server: LoopbackServer, zygote: Zygote, folder: Path) -> int:
    """Start a run, and wait until it has pages in hand."""
    folder.mkdir()
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Mill", serve_feed(server.site(), PIECES))]))
    pid = zygote.start("run", env=environment(folder, **PATIENTLY))
    in_hand = "SELECT 1 FROM pages WHERE lease_token IS NOT NULL"
    _until(lambda: _is_there(folder) and bool(rows(folder / "khotin.db", in_hand)))
    return pid


def _is_there(folder: Path) -> bool:
    tables = "SELECT 1 FROM sqlite_master WHERE name = 'pages'"
    return (folder / "khotin.db").exists() and bool(rows(folder / "khotin.db", tables))


def _assert_given_back(folder: Path) -> None:
    assert [row.state for row in rows(folder / "khotin.db", "SELECT state FROM runs")] == ["interrupted"]
    assert rows(folder / "khotin.db", "SELECT 1 FROM pages WHERE lease_token IS NOT NULL") == []


def test_a_stopped_run_gives_back_what_cannot_be_done_in_the_time_of_a_page(
    server: LoopbackServer, tmp_path: Path, zygote: Zygote
) -> None:
    folder = tmp_path / "data"
    pid = _start(server, zygote, folder)

    os.kill(pid, signal.SIGINT)

    assert zygote.wait(pid) == 0
    _assert_given_back(folder)
    assert {row.outcome for row in rows(folder / "khotin.db", "SELECT outcome FROM ledger")} >= {"deferred"}


def test_an_interrupt_after_a_request_to_end_is_the_second_one(
    server: LoopbackServer, tmp_path: Path, zygote: Zygote
) -> None:
    folder = tmp_path / "data"
    pid = _start(server, zygote, folder)

    os.kill(pid, signal.SIGTERM)
    time.sleep(0.1)
    os.kill(pid, signal.SIGINT)

    assert zygote.wait(pid) == 130
    _assert_given_back(folder)
