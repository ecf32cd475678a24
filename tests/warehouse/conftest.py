"""What the tests of the warehouse share: sites on loopback, and newsrooms on either database."""

import fcntl
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece, serve_feed, source

from demo.site import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder after two runs: articles, one of them in its second version, and their archive. Only read it."""
    shared = tmp_path_factory.getbasetemp().parent if worker_id != "master" else tmp_path_factory.getbasetemp()
    folder = shared / "filled"
    with (shared / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            half = shared / "half-filled"
            fill(half)
            half.rename(folder)
    return folder


def fill(folder: Path) -> None:
    newsroom = Newsroom(folder)
    with LoopbackServer() as server:
        site = server.site()
        pieces = [Piece(f"/town/story-{number}-of-the-ward", number) for number in range(6)]
        feed = serve_feed(site, pieces)
        newsroom.run(source("Ward", feed, timezone="Europe/Stockholm"))
        pieces[0] = replace(pieces[0], title="The mayor corrects herself about the covered market in ward 0")
        serve_feed(site, pieces)
        site.pages[pieces[0].path] = pieces[0].page
        newsroom.run(source("Ward", feed, timezone="Europe/Stockholm"))
    # One article repeats a later one, as a backfill may find.
    newsroom.write("UPDATE articles SET duplicate_of = 5 WHERE id = 2")


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own, filled by two runs."""
    folder = tmp_path / "mine"
    shutil.copytree(filled, folder)
    return folder
