"""Live ingestion beside a backfill of the same host keeps its pace: the backfill stands back."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece, serve_feed, source
from sqlalchemy import Engine

from demo.site import LoopbackSite
from pipeline.backfill.run import BackfillProgress, BackfillReport
from pipeline.backfill.wish import BackfillKind
from pipeline.ingest import Stop

Backfill = Callable[..., BackfillReport]
OLD = [Piece(f"/old/story-number-{n}-of-the-mill", 500 + n) for n in range(120)]
NEW = [Piece(f"/town/new-story-number-{n}-of-the-mill", n) for n in range(6)]


@pytest.fixture
def newsroom(tmp_path: Path, warehouse_url: str, engine: Engine) -> Newsroom:
    (tmp_path / "data").mkdir(exist_ok=True)
    manners = {"host_delay_seconds": 0.2, "host_connections": 1}
    return Newsroom(tmp_path / "data", {"database_url": warehouse_url} | manners)


def test_a_live_run_gets_the_host_while_a_backfill_of_it_goes_on(
    backfill: Backfill, newsroom: Newsroom, site: LoopbackSite, tmp_path: Path
) -> None:
    site.pages |= {piece.path: piece.page for piece in OLD}
    wish = source("Mill", serve_feed(site, NEW), slug="mill")
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(site.url(piece.path) for piece in OLD))
    stop, begun, reports = Stop(), threading.Event(), list[BackfillReport]()

    def history() -> None:
        def watch(progress: BackfillProgress) -> None:
            if progress.work.pages_done:
                begun.set()

        how = {"stop": stop, "watch": watch}
        reports.append(backfill(BackfillKind.URLS, str(listed), sources=(wish,), how=how))

    thread = threading.Thread(target=history)
    thread.start()
    try:
        assert begun.wait(120)
        live = newsroom.run(wish)
    finally:
        stop.ask()
        thread.join()
    assert live.entries == {"loaded": len(NEW)}
    (report,) = reports
    assert report.waiting > 0
    assert report.outcomes["loaded"] + report.waiting == len(OLD)
