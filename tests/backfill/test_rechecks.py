"""Looking again at what was backfilled: as often as if a feed had brought it, and no old story is."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece, source
from test_warcs import records

from config.feeds_file import SourceSpec
from demo.site import LoopbackSite
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.wish import BackfillKind
from pipeline.ingest import ingest
from pipeline.plan import Plan, Report
from pipeline.warehouse.opening import open_warehouse

Backfill = Callable[..., BackfillReport]
NOW = datetime.now(UTC)
FRESH = Piece("/town/story-of-this-morning", 61, published=f"{NOW - timedelta(hours=30):%Y-%m-%dT%H:%M:00Z}")
PUBLISHED = datetime.fromisoformat(FRESH.published or "")
EDITED = replace(FRESH, paragraphs=(*FRESH.text, "It was opened on Monday."))


def of(site: LoopbackSite) -> SourceSpec:
    return source("Ward", site.url("/feed.xml"), slug="ward")


@pytest.fixture
def load(backfill: Backfill, site: LoopbackSite, tmp_path: Path) -> Callable[..., BackfillReport]:
    """Give a function that loads pieces from a list."""

    def run(*pieces: Piece, sources: tuple[SourceSpec, ...] = (of(site),)) -> BackfillReport:
        site.pages |= {piece.path: piece.page for piece in pieces}
        (tmp_path / "list.txt").write_text("\n".join(site.url(piece.path) for piece in pieces))
        return backfill(BackfillKind.URLS, str(tmp_path / "list.txt"), sources=sources)

    return run


def due(newsroom: Newsroom) -> list[datetime | None]:
    found = newsroom.column("SELECT next_recheck_at FROM pages ORDER BY id")
    return [datetime.fromisoformat(one) if one else None for one in found]


def look_again(newsroom: Newsroom) -> Report:
    """Run a recheck as if what is to come were due."""
    past = "'2026-01-01T00:00:00.000000Z'"
    newsroom.write(f"UPDATE pages SET next_recheck_at = {past} WHERE next_recheck_at IS NOT NULL")
    opened = open_warehouse(newsroom.settings)
    try:
        return ingest(Plan(None, rechecks=9), opened.engine, newsroom.settings, zone=opened.timezone)
    finally:
        opened.engine.dispose()


def test_a_fresh_article_has_the_looks_that_are_left_counted_from_its_publication(
    load: Callable[..., BackfillReport], newsroom: Newsroom
) -> None:
    load(FRESH)
    following = next(one for one in newsroom.settings.recheck_hours if one > 30)
    assert due(newsroom) == [PUBLISHED + timedelta(hours=following)]


@pytest.mark.parametrize("published", ["2019-03-04T09:15:00+01:00", None])
def test_old_and_undated_articles_have_none(
    load: Callable[..., BackfillReport], newsroom: Newsroom, published: str | None
) -> None:
    load(replace(FRESH, published=published))
    assert due(newsroom) == [None]


def test_a_site_that_nobody_follows_is_not_looked_at_again(
    load: Callable[..., BackfillReport], newsroom: Newsroom
) -> None:
    load(FRESH, sources=())
    assert due(newsroom) == [None]


def test_what_came_out_of_an_archive_is_looked_at_where_its_source_is_followed(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path
) -> None:
    (record,) = records([FRESH])
    captured_now = gzip.decompress(record).replace(
        b"WARC-Date: 2026-03-06T10:00:00Z", f"WARC-Date: {NOW:%FT%TZ}".encode()
    )
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(captured_now))
    ward = source("Ward", "http://ward.example/feed", slug="ward", home="http://ward.example/")
    assert backfill(BackfillKind.WARC, str(tmp_path / "a.warc.gz"), sources=(ward,)).outcomes == {"loaded": 1}
    assert None not in due(newsroom)


def test_an_edit_of_a_backfilled_article_is_found(
    load: Callable[..., BackfillReport], newsroom: Newsroom, site: LoopbackSite
) -> None:
    load(FRESH)
    site.pages[FRESH.path] = EDITED.page
    assert look_again(newsroom).pages == {"updated": 1}
    assert newsroom.column("SELECT version_cause FROM articles") == ["publisher"]
    assert newsroom.column("SELECT ingested_via FROM articles") == ["backfill"]
    assert due(newsroom)[0] is not None
    assert load(FRESH).left_out["there already"] > 0


def test_pages_of_a_backfill_at_work_wait_for_its_end(load: Callable[..., BackfillReport], newsroom: Newsroom) -> None:
    load(FRESH)
    newsroom.write("UPDATE backfills SET state = 'working'")
    assert look_again(newsroom).pages == {}
    newsroom.write("UPDATE backfills SET state = 'done'")
    assert look_again(newsroom).pages == {"unchanged": 1}
