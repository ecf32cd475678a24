"""`khotin extract`: one page or a whole manifest, JSON out, whatever is wrong with single lines."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from newsroom import THREE, Piece
from zygote import Ended, Khotin

from demo.site import LoopbackSite

FIELDS = (
    *("id", "url", "canonical_url", "outcome", "reason", "title", "authors", "agencies", "place"),
    *("published_at", "published_on", "published_precision", "published_signal", "publisher_modified_at"),
    *("section", "section_path", "tags", "summary", "body", "language", "kind", "image_url", "word_count"),
    *("char_count", "is_paywalled", "is_body_partial", "provenance"),
)
PIECE = Piece("/town/the-story-of-the-old-lock", 7)
URL = f"https://ward.example{PIECE.path}"


def _manifest(folder: Path, *lines: object) -> Path:
    path = folder / "pages.jsonl"
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(written) + b"\n")
    return path


def _records(ended: Ended) -> list[dict[str, Any]]:
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.split("\n") if line]


def test_a_saved_page_gives_one_object_with_every_field_and_no_warehouse(
    khotin: Khotin, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "saved.html").write_bytes(PIECE.html)

    ended = khotin("extract", tmp_path / "saved.html", "--url", URL)

    record = json.loads(ended.out)
    assert ended.code == 0
    assert tuple(record) == FIELDS
    assert record["outcome"] == "loaded"
    assert record["title"] == PIECE.headline
    assert record["authors"] == ["Ida Lindqvist"]
    assert record["published_at"] == "2026-03-04T09:15:00+01:00"
    assert record["body"] == "\n".join(PIECE.text)
    assert "Warehouse" in ended.err
    assert not folder.exists()


def test_standard_input_gives_the_same_as_the_file(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "saved.html").write_bytes(PIECE.html)

    from_file = khotin("extract", tmp_path / "saved.html", "--url", URL)
    from_stdin = khotin("extract", "-", "--url", URL, given=PIECE.html)

    assert from_stdin.out == from_file.out


def test_an_address_is_fetched(khotin: Khotin, site: LoopbackSite) -> None:
    ended = khotin("extract", site.url(THREE[1].path))

    record = json.loads(ended.out)
    assert record["outcome"] == "loaded"
    assert record["title"] == THREE[1].headline
    assert record["url"] == site.url(THREE[1].path)


def test_an_address_that_fails_gives_its_outcome(khotin: Khotin, site: LoopbackSite) -> None:
    record = json.loads(khotin("extract", site.url("/nothing")).out)

    assert record["outcome"] == "gone"
    assert record["reason"]


def test_an_address_beyond_loopback_needs_a_contact(khotin: Khotin) -> None:
    ended = khotin("extract", "https://news.example/story")

    assert ended.code == 1
    assert "KHOTIN_CONTACT" in ended.err


@pytest.mark.parametrize("arguments", [[], ["a.html", "--manifest", "b.jsonl"], ["--workers", "0", "--manifest", "x"]])
def test_wrong_usage_ends_with_2(khotin: Khotin, arguments: list[str]) -> None:
    assert khotin("extract", *arguments).code == 2


@pytest.mark.parametrize("arguments", [["nowhere.html"], ["--manifest", "nowhere.jsonl"], ["--manifest", "."]])
def test_a_file_that_is_not_there_is_one_sentence(khotin: Khotin, arguments: list[str]) -> None:
    ended = khotin("extract", *arguments)

    assert ended.code == 1
    assert ended.out == ""
    assert "cannot be read" in ended.err


def test_a_manifest_is_answered_line_by_line_in_order(khotin: Khotin, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(30):
        (pages / f"{number}.html").write_bytes(Piece("", number).html)
    lines = [{"id": n, "url": f"https://ward.example/story-{n}", "path": f"pages/{n}.html"} for n in range(30)]

    records = _records(khotin("extract", "--manifest", _manifest(tmp_path, *lines), "--workers", "2"))

    assert [record["id"] for record in records] == list(range(30))
    assert [record["title"] for record in records] == [Piece("", n).headline for n in range(30)]


def test_bad_lines_are_answered_too_and_the_rest_goes_on(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_bytes(PIECE.html)
    good = {"id": "good", "path": "good.html"}
    bad: list[object] = [
        b"{not json",
        b"[1, 2]",
        b"\xff\xfe\x00",
        b'{"id": "long", "path": "' + b"x" * 1_100_000 + b'"}',
        b'{"id": ' + b"[" * 100_000 + b"}",
        {"id": "no-path"},
        {"id": "missing", "path": "nowhere.html"},
        {"id": "folder", "path": "."},
        {"id": "nul", "path": "a\x00b.html"},
        {"id": "zone", "path": "good.html", "timezone": "Mars/Olympus"},
        {"id": "at", "path": "good.html", "fetched_at": "yesterday"},
        {"id": "url", "path": "good.html", "url": 17},
        {"id": "not-gzip", "path": "fake.html.gz"},
    ]
    (tmp_path / "fake.html.gz").write_bytes(b"not gzip at all")

    records = _records(khotin("extract", "--manifest", _manifest(tmp_path, good, *bad, good)))

    assert len(records) == len(bad) + 2
    assert [records[0]["outcome"], records[-1]["outcome"]] == ["loaded", "loaded"]
    for record in records[1:-1]:
        assert record["outcome"] not in ("loaded", None)
        assert record["reason"]
        assert tuple(record) == FIELDS
    given = [line["id"] for line in bad if isinstance(line, dict)]
    assert [record["id"] for record in records[6:-1]] == given


def test_a_line_may_leave_out_and_null_everything_but_its_path(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PIECE.html))
    nulls = dict.fromkeys(("id", "url", "fetched_at", "timezone", "language", "feed_entry"))

    records = _records(
        khotin("extract", "--manifest", _manifest(tmp_path, {"path": "page.html.gz"}, nulls | {"path": "page.html.gz"}))
    )

    assert [(record["id"], record["url"], record["title"]) for record in records] == [
        (None, None, PIECE.headline),
        (None, None, PIECE.headline),
    ]


@pytest.mark.parametrize("fetched_at", ["2026-03-05", *(f"2026-03-05T10:00:00{zone}" for zone in ("", "Z", "+07:00"))])
def test_the_time_of_the_fetch_may_be_a_day_or_have_no_zone(khotin: Khotin, tmp_path: Path, fetched_at: str) -> None:
    (tmp_path / "page.html").write_bytes(PIECE.html)

    [record] = _records(
        khotin("extract", "--manifest", _manifest(tmp_path, {"path": "page.html", "fetched_at": fetched_at}))
    )

    assert record["published_at"] == "2026-03-04T09:15:00+01:00"


def test_a_page_that_would_not_be_loaded_keeps_what_was_found(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(
        b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1>"
        b"<p>The page that you are looking for is not here any more, we are sorry.</p></body></html>"
    )

    [record] = _records(khotin("extract", "--manifest", _manifest(tmp_path, {"id": 1, "path": "page.html"})))

    assert record["outcome"] != "loaded"
    assert record["reason"]
    assert record["title"] == "Page not found"
    assert record["body"]


def test_what_the_feed_said_fills_what_the_page_does_not_say(khotin: Khotin, tmp_path: Path) -> None:
    bare = Piece("", 9, author=None, published=None)
    (tmp_path / "page.html").write_bytes(bare.html)
    entry = {"title": "In the feed", "authors": ["Nils Holm"], "published": "Wed, 04 Mar 2026 08:00:00 GMT"}

    [record] = _records(
        khotin("extract", "--manifest", _manifest(tmp_path, {"path": "page.html", "feed_entry": entry}))
    )

    assert record["title"] == bare.headline
    assert record["authors"] == ["Nils Holm"]
    assert record["published_at"].startswith("2026-03-04T08:00:00")


def test_the_newsrooms_zone_is_never_taken_for_the_publishers(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(Piece("", 9, published="2026-03-04T09:15:00").html)
    line = {"path": "page.html", "url": URL}

    records = [
        _records(khotin("extract", "--manifest", _manifest(tmp_path, line), TIMEZONE=zone))[0]
        for zone in ("Asia/Ho_Chi_Minh", "America/New_York")
    ]

    assert records[0] == records[1]


def test_explain_shows_what_was_offered_for_each_field_as_a_table(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PIECE.html.replace(b"</title>", b" | The Ward Courier</title>"))

    ended = khotin("extract", tmp_path / "page.html", "--url", URL, "--explain")

    lines = [[cell.strip() for cell in line.split("│")] for line in ended.out.split("\n")]
    assert ended.code == 0
    assert lines[0] == ["loaded"]
    assert ["title", "h1", PIECE.headline, "chosen"] in lines
    assert ["", "title", f"{PIECE.headline} | The Ward Courier", "says the same and more"] in lines
    assert any(line[0] == "published" and line[-1].startswith("chosen, read as 2026-03-04 09:15:00") for line in lines)


def test_explain_as_json_is_the_article_with_its_candidates(khotin: Khotin, site: LoopbackSite) -> None:
    plain = json.loads(khotin("extract", site.url(THREE[1].path)).out)
    record = json.loads(khotin("extract", site.url(THREE[1].path), "--explain", "--json").out)

    candidates = record.pop("candidates")
    assert record == plain
    assert {
        "field": "title",
        "signal": "h1",
        "value": THREE[1].headline,
        "is_chosen": True,
        "why": "chosen",
    } in candidates
    assert all(one["why"] for one in candidates)


def test_a_source_of_the_feeds_file_gives_a_page_its_zone_and_its_hints(
    khotin: Khotin, tmp_path: Path, site: LoopbackSite, folder: Path
) -> None:
    (tmp_path / "page.html").write_bytes(Piece("", 9, published="2026-03-04T09:15:00").html)
    text = (folder / "feeds.yaml").read_text("utf-8")
    hints = "    timezone: Asia/Ho_Chi_Minh\n    hints: {selectors: {body: 'p:nth-of-type(2)'}}\n"
    (folder / "feeds.yaml").write_text(text.replace("  - name: Ward\n", f"  - name: Ward\n{hints}"), encoding="utf-8")

    record = json.loads(khotin("extract", tmp_path / "page.html", "--source", "ward").out)
    typed = json.loads(
        khotin("extract", tmp_path / "page.html", "--source", "ward", "--hint", "selectors.body=p:nth-of-type(3)").out
    )

    assert record["published_at"] == "2026-03-04T09:15:00+07:00"
    assert (record["body"], record["provenance"]["body"]) == (Piece("", 9).text[0], "hint")
    assert typed["body"] == Piece("", 9).text[1]


@pytest.mark.parametrize("more", [["--source", "ward"], ["--hint", "selectors.body=p"], ["--explain"]])
def test_a_manifest_takes_no_options_of_single_pages(khotin: Khotin, more: list[str]) -> None:
    ended = khotin("extract", "--manifest", "pages.jsonl", *more)

    assert ended.code == 2
    assert "one page" in ended.err


def test_a_page_that_takes_too_long_ends_with_an_outcome_and_a_sentence(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"<html><body>" + b"<p class=author>By <b>Ann Lee" * 100_000)

    ended = khotin("extract", tmp_path / "page.html", EXTRACT_SECONDS="0.1")

    record = json.loads(ended.out)
    assert ended.code == 0
    assert (record["outcome"], record["reason"]) == ("extract_failed", "took longer than 0.1 s")
    assert "extract_failed" in khotin("extract", tmp_path / "page.html", "--explain", EXTRACT_SECONDS="0.1").out
