"""What the tests of backfills share: a server of many hosts, a newsroom, and a backfill run in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from newsroom import Newsroom

from config.feeds_file import FeedsFile, SourceSpec
from demo.site import LoopbackServer, LoopbackSite
from pipeline.backfill.asked import Asked
from pipeline.backfill.prepare import prepare
from pipeline.backfill.run import BackfillReport, run_backfill
from pipeline.backfill.wish import BackfillKind

Backfill = Callable[..., BackfillReport]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def site(server: LoopbackServer) -> LoopbackSite:
    return server.site()


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "data")


@pytest.fixture
def backfill(newsroom: Newsroom) -> Backfill:
    """Give a function that runs one backfill to its end, as the command does."""

    def run(
        kind: BackfillKind, *targets: str, sources: tuple[SourceSpec, ...] = (), how: Any = None, **asked: Any
    ) -> BackfillReport:
        settings = newsroom.settings
        opened = newsroom.opened()
        try:
            wish = Asked(kind, targets, **asked).wish(ZoneInfo(opened.timezone))
            ready = prepare(wish, opened.engine, settings, FeedsFile(sources))
            return run_backfill(
                ready.wish,
                ready.queuer,
                opened.engine,
                settings,
                zone=opened.timezone,
                source_id=ready.source_id,
                **(how or {}),
            )
        finally:
            opened.engine.dispose()

    return run
