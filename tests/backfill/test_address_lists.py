"""Addresses from a list: every form of list, what is left out, and going on where it was left."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from newsroom import THREE, Newsroom, serve_feed, source

from demo.site import LoopbackSite
from pipeline.backfill.candidate import FileState, Ground
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.urls import find
from pipeline.backfill.wish import BackfillKind, Wish, WishError
from pipeline.ingest import Stop

Backfill = Callable[..., BackfillReport]
URLS = BackfillKind.URLS


@pytest.fixture
def listed(tmp_path: Path, site: LoopbackSite) -> Path:
    serve_feed(site, THREE)
    path = tmp_path / "list.txt"
    path.write_text("\n".join(site.url(piece.path) for piece in THREE))
    return path


def _found(path: Path, text: str, position: int = 0) -> list[tuple[str, str | None]]:
    path.write_text(text)
    ground = Ground(Wish(URLS, (str(path),)), {str(path): FileState(position)})
    return [
        (one.url, one.published.isoformat() if one.published else None)
        for batch in find(ground)
        for one in batch.candidates
    ]


def test_a_plain_list_has_one_address_a_line(tmp_path: Path) -> None:
    text = "https://a.example/1\n\n# a remark\r\n  https://a.example/2  \n"
    assert _found(tmp_path / "list", text) == [("https://a.example/1", None), ("https://a.example/2", None)]


def test_a_csv_says_in_its_head_which_column_is_the_address(tmp_path: Path) -> None:
    text = 'title,published,url\n"One, two",2021-03-04,https://a.example/1\nTwo,not a day,https://a.example/2\n'
    assert _found(tmp_path / "list", text) == [("https://a.example/1", "2021-03-04"), ("https://a.example/2", None)]


def test_a_csv_without_a_head_has_the_address_first(tmp_path: Path) -> None:
    text = "https://a.example/1,2021-03-04T05:06:00+07:00\n"
    assert _found(tmp_path / "list", text) == [("https://a.example/1", "2021-03-04T05:06:00+07:00")]


def test_json_lines_name_their_values(tmp_path: Path) -> None:
    lines = [json.dumps({"url": "https://a.example/1", "published": "2021-03-04"}), '{"url": 3}', "{", "[]"]
    found = _found(tmp_path / "list", "\n".join(lines))
    assert found[0] == ("https://a.example/1", "2021-03-04")
    assert [url for url, _ in found[1:]] == ['{"url": 3}', "{", "[]"]


def test_a_list_is_read_on_from_the_line_where_it_was_left(tmp_path: Path) -> None:
    text = "url\nhttps://a.example/1\nhttps://a.example/2\nhttps://a.example/3\n"
    assert [url for url, _ in _found(tmp_path / "list", text, 2)] == ["https://a.example/3"]


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    text = "https://a.example/1\n" + "x" * 3_000_000 + "\nhttps://a.example/2\n"
    assert [url for url, _ in _found(tmp_path / "list", text)] == ["https://a.example/1", "https://a.example/2"]


def test_the_pages_of_a_list_are_loaded_as_backfilled(backfill: Backfill, newsroom: Newsroom, listed: Path) -> None:
    report = backfill(URLS, str(listed))
    assert (report.is_done, report.planned, report.outcomes) == (True, 3, {"loaded": 3})
    assert newsroom.column("SELECT DISTINCT ingested_via FROM report_articles") == ["backfill"]
    assert newsroom.column("SELECT state FROM backfills") == ["done"]
    assert newsroom.rows("SELECT kind, state FROM runs") == [("backfill", "done")]


def test_what_is_there_already_is_neither_fetched_nor_changed(
    backfill: Backfill, newsroom: Newsroom, listed: Path, site: LoopbackSite
) -> None:
    newsroom.run(source("Ward", site.url("/feed.xml")))
    before = newsroom.rows("SELECT * FROM articles ORDER BY id")
    asked = len(site.requests)
    report = backfill(URLS, str(listed))
    assert (report.planned, report.left_out) == (0, {"there already": 3})
    assert len(site.requests) == asked
    assert newsroom.rows("SELECT * FROM articles ORDER BY id") == before


def test_what_was_backfilled_and_later_comes_by_feed_is_the_same_row(
    backfill: Backfill, newsroom: Newsroom, listed: Path, site: LoopbackSite
) -> None:
    wish = source("Ward", site.url("/feed.xml"))
    backfill(URLS, str(listed), sources=(wish,))
    newsroom.run(wish)
    assert newsroom.rows("SELECT count(*), min(ingested_via) FROM articles") == [(3, "backfill")]
    assert newsroom.column("SELECT DISTINCT outcome FROM ledger") == ["duplicate"]


def test_other_days_are_left_out_before_they_are_fetched_and_told_by_the_article_after(
    backfill: Backfill, newsroom: Newsroom, site: LoopbackSite, tmp_path: Path
) -> None:
    serve_feed(site, THREE)  # published on 4 March 2026
    path = tmp_path / "list.csv"
    rows = [f"{site.url(THREE[0].path)},2019-05-06", f"{site.url(THREE[1].path)},", f"{site.url('/2018/07/08/old')},"]
    path.write_text("\n".join(rows))
    report = backfill(URLS, str(path), since="2026-03-05")
    assert report.left_out == {"of other days": 2}
    assert report.outcomes == {"filtered": 1}
    assert newsroom.column("SELECT reason FROM pages") == ["published on 2026-03-04, outside --since and --until"]


def test_a_stopped_backfill_goes_on_with_the_same_command(backfill: Backfill, newsroom: Newsroom, listed: Path) -> None:
    stop = Stop()
    first = backfill(URLS, str(listed), how={"stop": stop, "watch": lambda _progress: stop.ask()})
    assert not first.is_done
    second = backfill(URLS, str(listed))
    assert (second.is_done, second.backfill_id, second.outcomes) == (True, first.backfill_id, {"loaded": 3})
    assert newsroom.column("SELECT count(*) FROM articles") == [3]


def test_a_limit_is_kept(backfill: Backfill, listed: Path) -> None:
    assert backfill(URLS, str(listed), limit=2).outcomes == {"loaded": 2}


def test_the_days_of_a_backfill_are_never_those_on_which_it_ran(
    backfill: Backfill, newsroom: Newsroom, listed: Path
) -> None:
    backfill(URLS, str(listed))
    assert newsroom.column("SELECT DISTINCT report_date FROM report_articles") == ["2026-03-04"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"source": "nobody"}, "No source is called 'nobody'"),
        ({"since": "2026-03-05", "until": "2026-03-01"}, "exchange them"),
        ({"since": "yesterday-ish"}, "--since is 'yesterday-ish'"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(backfill: Backfill, listed: Path, asked: dict[str, str], says: str) -> None:
    with pytest.raises(WishError, match=says) as told:
        backfill(URLS, str(listed), **asked)
    assert "\n" not in str(told.value)


def test_a_list_that_is_not_there_is_told(backfill: Backfill) -> None:
    with pytest.raises(WishError, match="no list of addresses"):
        backfill(URLS, "nowhere.txt")


def test_a_comma_belongs_to_an_address_unless_a_date_follows_it(tmp_path: Path) -> None:
    text = "https://a.example/town,id,7\nhttps://a.example/other,8,2021-03-04\nhttps://a.example/3,2021-03-04\n"
    assert _found(tmp_path / "list", text) == [
        ("https://a.example/town,id,7", None),
        ("https://a.example/other,8,2021-03-04", None),
        ("https://a.example/3", "2021-03-04"),
    ]
