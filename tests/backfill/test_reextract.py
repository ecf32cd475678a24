"""Re-extraction: what is read anew from the archive, what is kept, and that it goes on where it was."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from newsroom import THREE, XML, Item, Newsroom, rss, serve_feed, source

from demo.site import LoopbackSite, Response
from pipeline.backfill.asked import Asked
from pipeline.backfill.wish import BackfillKind, WishError
from pipeline.ingest import Stop
from pipeline.reextract import run as reextraction
from pipeline.reextract.look import ReextractLook, count_only, look_at_differences
from pipeline.reextract.run import ReextractReport, run_reextraction
from pipeline.reextract.wish import Reextraction
from pipeline.warehouse.opening import open_warehouse

AS_READ_BEFORE = (
    "UPDATE articles SET title = 'As an older extractor read it', content_hash = 'x', extractor_version = '1'"
)
Reextract = Callable[..., ReextractReport]


@pytest.fixture
def reextract(newsroom: Newsroom) -> Reextract:
    def run(how: Any = None, **asked: Any) -> ReextractReport:
        opened = open_warehouse(newsroom.settings)
        try:
            wish = Reextraction(**asked)
            return run_reextraction(wish, opened.engine, newsroom.settings, zone=opened.timezone, **(how or {}))
        finally:
            opened.engine.dispose()

    return run


@pytest.fixture
def diff(newsroom: Newsroom) -> Callable[..., ReextractLook]:
    def run(**asked: Any) -> ReextractLook:
        opened = open_warehouse(newsroom.settings)
        try:
            zone = ZoneInfo(opened.timezone)
            return look_at_differences(Reextraction(**asked), opened.engine, newsroom.settings, zone, Stop())
        finally:
            opened.engine.dispose()

    return run


@pytest.fixture(autouse=True)
def _three(newsroom: Newsroom, site: LoopbackSite) -> None:
    """Three articles, published on 4 March 2026."""
    newsroom.run(source("Ward", serve_feed(site, THREE), slug="ward"))


def truth(newsroom: Newsroom) -> list[Any]:
    columns = "uid, title, summary, authors, tags, published_at, word_count, extractor_version"
    found: list[Any] = newsroom.rows(f"SELECT {columns} FROM report_articles ORDER BY uid")
    return found


def test_old_readings_are_replaced_and_kept_as_re_extraction(reextract: Reextract, newsroom: Newsroom) -> None:
    before = truth(newsroom)
    newsroom.write(AS_READ_BEFORE)
    report = reextract()
    assert (report.is_done, report.planned, report.outcomes) == (True, 3, {"updated": 3})
    assert truth(newsroom) == before
    assert newsroom.rows("SELECT DISTINCT version_cause, version_number FROM articles") == [("re-extraction", 2)]
    assert newsroom.column("SELECT DISTINCT title FROM article_versions") == ["As an older extractor read it"]
    assert newsroom.rows("SELECT kind, state FROM backfills") == [("reextract", "done")]
    assert newsroom.rows("SELECT kind, state FROM runs ORDER BY id DESC LIMIT 1") == [("reextract", "done")]


def test_it_is_no_publishers_edit(reextract: Reextract, newsroom: Newsroom) -> None:
    newsroom.write(AS_READ_BEFORE)
    reextract()
    assert newsroom.rows("SELECT * FROM report_edits") == []


def test_what_is_read_the_same_does_not_change(reextract: Reextract, newsroom: Newsroom) -> None:
    before = newsroom.rows("SELECT * FROM articles ORDER BY id")
    assert reextract().outcomes == {"unchanged": 3}
    assert newsroom.rows("SELECT * FROM articles ORDER BY id") == before


def test_what_the_feed_said_helps_as_in_a_live_run(
    reextract: Reextract, newsroom: Newsroom, site: LoopbackSite
) -> None:
    undated = [replace(piece, published=None, path=f"/u{piece.path}", seed=piece.seed + 50) for piece in THREE]
    feed = serve_feed(site, undated, "/undated.xml")
    items = [Item(site.url(piece.path), piece.headline, published="Tue, 03 Feb 2026 10:00:00 GMT") for piece in undated]
    site.pages["/undated.xml"] = Response(200, XML, rss(items))
    newsroom.run(source("Ward", feed, slug="ward"))
    before = truth(newsroom)
    newsroom.write(AS_READ_BEFORE + ", published_at = NULL, published_on = NULL")
    reextract()
    assert truth(newsroom) == before


def test_only_older_versions_are_read(reextract: Reextract, newsroom: Newsroom) -> None:
    newsroom.write("UPDATE articles SET extractor_version = '1+hints' WHERE id = 2")
    newsroom.write("UPDATE articles SET extractor_version = '10' WHERE id = 3")
    assert reextract(older_than="2").outcomes == {"unchanged": 1}


def test_only_articles_of_the_days_and_the_source_are_read(reextract: Reextract, newsroom: Newsroom) -> None:
    newsroom.write("UPDATE articles SET report_date = '2026-02-01' WHERE id = 1")
    assert reextract(since="2026-03-01", until="2026-03-05", source="ward").planned == 2


def test_an_article_without_a_capture_stays(reextract: Reextract, newsroom: Newsroom) -> None:
    newsroom.write("UPDATE articles SET fetch_id = NULL WHERE id = 1")
    assert reextract().outcomes == {"unchanged": 2, "without a capture": 1}


def test_a_lost_file_of_the_archive_is_told_and_stops_nothing(reextract: Reextract, newsroom: Newsroom) -> None:
    for path in (newsroom.folder / "archive").iterdir():
        path.unlink()
    assert reextract().outcomes == {"with a lost capture": 3}


def test_what_a_person_corrected_stays(reextract: Reextract, newsroom: Newsroom) -> None:
    said = "(article_id, field, value, corrected_at, corrected_by, reason)"
    newsroom.write(
        f"INSERT INTO corrections {said} VALUES (1, 'title', '\"Mine\"', '2026-03-05T00:00:00.000000Z', 'me', 'so')"
    )
    newsroom.write(AS_READ_BEFORE)
    reextract()
    assert newsroom.column("SELECT title FROM articles WHERE id = 1") == ["Mine"]


def test_stopped_anywhere_it_goes_on(reextract: Reextract, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reextraction, "BATCH", 1)
    newsroom.write(AS_READ_BEFORE)
    stop = Stop()
    first = reextract(how={"stop": stop, "watch": lambda _progress: stop.ask()})
    assert (first.is_done, first.done_now, first.waiting) == (False, 1, 2)
    second = reextract()
    assert (second.is_done, second.backfill_id, second.done_now) == (True, first.backfill_id, 2)
    assert second.outcomes == {"updated": 3}
    assert newsroom.column("SELECT count(*) FROM article_versions") == [3]


def test_typed_again_after_its_end_it_begins_anew(reextract: Reextract, newsroom: Newsroom) -> None:
    reextract()
    assert reextract().outcomes == {"unchanged": 3}


def test_a_limit_is_kept(reextract: Reextract) -> None:
    assert reextract(limit=2).outcomes == {"unchanged": 2}


def test_the_difference_is_told_field_by_field_and_nothing_is_written(
    diff: Callable[..., ReextractLook], newsroom: Newsroom
) -> None:
    newsroom.write(AS_READ_BEFORE)
    newsroom.write("UPDATE articles SET fetch_id = NULL WHERE id = 3")
    before = newsroom.rows("SELECT * FROM articles ORDER BY id")
    found = diff()
    assert (found.articles, found.read, found.changed, found.no_capture) == (3, 2, 2, 1)
    assert dict(found.fields) == {"title": 2}
    example = found.record["fields"][0]["examples"][0]
    assert (example["before"], example["after"]) == ("As an older extractor read it", THREE[0].headline)
    assert newsroom.rows("SELECT * FROM articles ORDER BY id") == before
    assert newsroom.column("SELECT count(*) FROM backfills") == [0]


def test_counting_reads_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    opened = open_warehouse(newsroom.settings)
    found = count_only(Reextraction(), opened.engine, ZoneInfo(opened.timezone))
    opened.engine.dispose()
    assert (found.articles, found.no_capture) == (3, 0)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"source": "nobody"}, "No source is called 'nobody': the sources are ward."),
        ({"since": "2026-03-05", "until": "2026-03-01"}, "exchange them"),
        ({"older_than": "new"}, "--older-than is 'new'"),
        ({"since": "2019-01-01", "until": "2019-02-01"}, "There is nothing to read anew"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(reextract: Reextract, asked: dict[str, str], says: str) -> None:
    with pytest.raises(WishError, match=says) as told:
        reextract(**asked)
    assert "\n" not in str(told.value)


def test_bounds_counted_from_now_are_the_same_wish_a_day_later() -> None:
    def fingerprint(since: str) -> str:
        return Asked(BackfillKind.URLS, ("list.txt",), since=since).wish(ZoneInfo("UTC")).fingerprint

    assert fingerprint("30d") == fingerprint("30d") != fingerprint("31d")
    assert fingerprint("2026-03") == fingerprint("2026-03-01")
