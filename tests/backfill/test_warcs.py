"""Pages out of WARC files: every packing, what is wanted of them, and records that are broken."""

import gzip
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from newsroom import Newsroom, Piece, source

from demo.site import LoopbackSite
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.warc_capture import capture_of, why_no_page
from pipeline.backfill.warc_file import WarcFile, WarcRecord, parse_record
from pipeline.backfill.wish import BackfillKind, WishError

Backfill = Callable[..., BackfillReport]
WARC = BackfillKind.WARC
PIECES = [Piece(f"/town/archived-story-{n}", 70 + n) for n in range(4)]
WARD = source("Ward", "http://ward.example/feed", slug="ward", home="http://ward.example/")
HTML = [("Content-Type", "text/html; charset=utf-8")]


def record(
    url: str, body: bytes, *, headers: Sequence[tuple[str, str]] = HTML, status: str = "200 OK", kind: str = "response"
) -> bytes:
    """Write one record, packed as a gzip member."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    block = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
    fields = f"WARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-06T10:00:00Z\r\n"
    record_head = f"WARC/1.0\r\n{fields}Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    return gzip.compress(record_head.encode() + block + b"\r\n\r\n")


def records(pieces: Sequence[Piece] = PIECES, site: str = "http://ward.example") -> list[bytes]:
    """Write pages as gzip members."""
    return [record(site + piece.path, piece.html) for piece in pieces]


def _plain(members: Sequence[bytes]) -> bytes:
    return b"".join(map(gzip.decompress, members))


def _zst(members: Sequence[bytes]) -> bytes:
    return b"".join(zstd.compress(gzip.decompress(member)) for member in members)


def _zst_with_dictionary(members: Sequence[bytes]) -> bytes:
    samples = [gzip.decompress(member) for member in members]
    dictionary = zstd.ZstdDict(b"<p>the mayor announced a new timetable for the covered market</p>" * 20, is_raw=True)
    head = b"\x5d\x2a\x4d\x18" + len(dictionary.dict_content).to_bytes(4, "little") + dictionary.dict_content
    return head + b"".join(zstd.compress(sample, zstd_dict=dictionary) for sample in samples)


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.warc.gz", b"".join), ("a.warc", _plain), ("a.warc.zst", _zst), ("b.warc.zst", _zst_with_dictionary)],
)
def test_files_of_every_packing_are_read(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path, name: str, pack: Callable[[Sequence[bytes]], bytes]
) -> None:
    (tmp_path / name).write_bytes(pack(records()))
    report = backfill(WARC, str(tmp_path / name), sources=(WARD,))
    assert (report.is_done, report.outcomes) == (True, {"loaded": 4})
    found = newsroom.rows("SELECT source, ingested_via, first_seen_at FROM report_articles")
    assert set(found) == {("ward", "backfill", "2026-03-06T10:00:00.000000Z")}


def test_only_pages_of_ones_own_sources_are_taken_and_the_others_are_named(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"".join([*records(), *records(PIECES[:3], "http://other.example")]))
    report = backfill(WARC, str(tmp_path), sources=(WARD,))
    assert (report.outcomes, report.left_out) == ({"loaded": 4}, {"of other sites": 3})
    assert report.other_sites == {"other.example": 3}
    named = backfill(WARC, str(tmp_path), sources=(WARD,), domains=("other.example",))
    assert (named.outcomes, named.added_sites) == ({"loaded": 3}, ("other.example",))
    assert newsroom.column("SELECT count(*) FROM report_articles") == [7]


def test_every_domain_is_taken_when_a_star_is_given(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"".join([*records()[:1], *records(PIECES[1:], "http://other.example")]))
    assert backfill(WARC, str(tmp_path / "*.warc.gz"), domains=("*",)).outcomes == {"loaded": 4}


def test_pages_that_are_none_are_no_candidates(backfill: Backfill, tmp_path: Path) -> None:
    members = [
        record("http://ward.example/a.pdf", b"%PDF", headers=[("Content-Type", "application/pdf")]),
        record("http://ward.example/gone", b"gone", status="404 Not Found"),
        record("http://ward.example/asked", b"", kind="request"),
        record("dns:ward.example", b"127.0.0.1", kind="resource", headers=[("Content-Type", "text/dns")]),
        *records(PIECES[:1]),
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(members))
    report = backfill(WARC, str(tmp_path), sources=(WARD,))
    assert (report.planned, report.outcomes) == (1, {"loaded": 1})


def test_broken_records_are_passed_over_and_told(backfill: Backfill, tmp_path: Path) -> None:
    one, two, three, four = records()
    broken = bytearray(two)
    broken[40:60] = b"\x00" * 20
    (tmp_path / "a.warc.gz").write_bytes(one + bytes(broken) + b"some rubbish" + three + four[:-200])
    report = backfill(WARC, str(tmp_path), sources=(WARD,))
    assert report.outcomes == {"loaded": 2}
    assert next(iter(report.odd_files.values())).endswith("broken records were passed over")


@given(st.binary(max_size=400), st.integers(1, 3))
def test_no_rubbish_stops_the_reader_or_hides_what_follows(rubbish: bytes, place: int) -> None:
    members = [*_MEMBERS[:place], rubbish, *_MEMBERS[place:]]
    found = list(WarcFile(io.BytesIO(b"".join(members))).records())
    urls = [one.record.url for one in found if one.record]
    assert urls[-1] == "http://ward.example/town/archived-story-3"
    assert [one.offset for one in found] == sorted(one.offset for one in found)


_MEMBERS = records()


def test_a_file_is_read_on_from_where_it_was_left() -> None:
    file = WarcFile(io.BytesIO(b"".join(_MEMBERS)))
    whole = list(file.records())
    assert list(file.records(whole[1].end)) == whole[2:]
    assert all(file.read(one.offset) == one.record for one in whole)


def test_bodies_are_what_the_page_was() -> None:
    body = PIECES[0].html
    packed = [*HTML, ("Content-Encoding", "gzip")]
    chunked = [*HTML, ("Transfer-Encoding", "chunked")]
    cases = {
        "as it is": (HTML, body),
        "packed": (packed, gzip.compress(body)),
        "unpacked by the crawler, which kept the header": (packed, body),
        "chunked": (chunked, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)),
        "joined by the crawler, which kept the header": (chunked, body),
    }
    for name, (headers, stored) in cases.items():
        made = parse_record(gzip.decompress(record("http://ward.example/a", stored, headers=headers)))
        assert (why_no_page(made), capture_of(made).body) == (None, body), name


def test_a_record_says_when_it_was_captured_and_what_it_was_asked_for() -> None:
    made = parse_record(gzip.decompress(record("http://ward.example/a", b"<p>")))
    assert (made.url, made.at) == ("http://ward.example/a", datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert WarcRecord({"warc-target-uri": "<http://a.example/>", "warc-date": "long ago"}, b"").at is None


def test_a_list_of_paths_names_the_files(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "CC-NEWS-20260306000000-00001.warc.gz").write_bytes(b"".join(records()))
    listed = b"crawl-data/CC-NEWS/2026/03/CC-NEWS-20260306000000-00001.warc.gz\n"
    (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(listed))
    assert backfill(WARC, str(tmp_path / "warc.paths.gz"), sources=(WARD,)).outcomes == {"loaded": 4}


def test_only_articles_of_a_language_are_loaded(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"".join(records()))
    assert backfill(WARC, str(tmp_path), sources=(WARD,), language="vi").outcomes == {"filtered": 4}


def test_what_failed_when_it_was_asked_for_is_loaded_from_an_archive(
    backfill: Backfill, tmp_path: Path, site: LoopbackSite
) -> None:
    (tmp_path / "list.txt").write_text(site.url(PIECES[0].path))
    (tmp_path / "a.warc.gz").write_bytes(b"".join(records(site=site.url("/").rstrip("/"))))
    ward = source("Ward", site.url("/feed"), slug="ward", home=site.url("/"))
    assert backfill(BackfillKind.URLS, str(tmp_path / "list.txt"), sources=(ward,)).outcomes == {"gone": 1}
    assert backfill(WARC, str(tmp_path), sources=(ward,)).outcomes == {"loaded": 4}


@pytest.mark.parametrize("name", ["nowhere", "*.warc.gz", "."])
def test_a_path_without_warcs_is_told(
    backfill: Backfill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(WishError, match="There is no WARC file at"):
        backfill(WARC, name)


def test_a_file_that_is_no_warc_is_told(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"PK\x03\x04 something else")
    report = backfill(WARC, str(tmp_path), sources=(WARD,))
    assert list(report.failed_files.values()) == ["it does not begin as a WARC file"]


def test_what_one_wish_has_left_out_another_may_want(backfill: Backfill, newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(records()))
    wanted = (WARC, str(path))
    assert backfill(*wanted, sources=(WARD,), language="vi").outcomes == {"filtered": 4}
    for _ in range(2):
        assert backfill(*wanted, sources=(WARD,), language="vi").left_out == {"there already": 4}
    assert backfill(*wanted, sources=(WARD,), language="en").outcomes == {"loaded": 4}
    assert newsroom.column("SELECT DISTINCT outcome FROM pages") == ["loaded"]


def test_a_store_without_such_a_file_is_told_in_one_sentence(backfill: Backfill) -> None:
    with pytest.raises(WishError, match="There is no WARC file at memory://nothing"):
        backfill(WARC, "memory://nothing")
    with pytest.raises(WishError, match="cannot be read: Protocol not known: nowhere"):
        backfill(WARC, "nowhere://bucket")


def test_a_capture_that_cannot_be_read_is_not_tried_again_by_itself(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path
) -> None:
    mangled = record("http://ward.example/town/mangled", b"\x00" * 90, headers=[*HTML, ("Content-Encoding", "gzip")])
    (tmp_path / "a.warc.gz").write_bytes(b"".join([mangled, *records()]))
    report = backfill(WARC, str(tmp_path / "a.warc.gz"), sources=(WARD,))
    assert (report.is_done, report.waiting) == (True, 0)
    assert report.outcomes == {"bad_response": 1, "loaded": 4}
    assert newsroom.column("SELECT count(*) FROM pages WHERE state <> 'done'") == [0]
