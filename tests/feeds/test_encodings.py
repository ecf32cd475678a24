"""The characters of a feed, whatever its server and its first line say about them."""

import codecs
import gzip

import pytest
from feed_text import parsed, refused, rss

TITLE = "Quốc hội họp phiên cuối năm"
RUSSIAN = "Новый мост через реку"


def body(title: str, encoding: str, *, declared: str | None) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    return (declaration + rss(f"<title>{title}</title>", head="")).encode(encoding)


@pytest.mark.parametrize("declared", ["utf-8", "UTF-8", "utf8", None, "iso-8859-1", "us-ascii", "utf-16", "nonsense"])
def test_utf_8_is_utf_8_whatever_is_declared(declared: str | None) -> None:
    assert parsed(body(TITLE, "utf-8", declared=declared)).entries[0].title == TITLE


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml",
        "text/xml; charset=iso-8859-1",
        "text/html",
        "text/plain",
        "application/rss+xml; charset=utf-8",
        "application/octet-stream",
        "",
    ],
)
def test_utf_8_is_utf_8_whatever_the_server_says(content_type: str) -> None:
    feed = parsed(body(TITLE, "utf-8", declared="utf-8"), headers={"Content-Type": content_type})
    assert feed.entries[0].title == TITLE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    assert parsed(body(TITLE, encoding, declared=None)).entries[0].title == TITLE


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_seen_without_a_mark(encoding: str) -> None:
    assert parsed(body(TITLE, encoding, declared="utf-16")).entries[0].title == TITLE


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("koi8-r", RUSSIAN),
        ("windows-1251", RUSSIAN),
        ("gb2312", "新桥通车"),
        ("big5", "新橋通車"),
        ("shift_jis", "新しい橋"),
        ("euc-kr", "새 다리 개통"),
        ("iso-2022-jp", "新しい橋"),
        ("iso-8859-1", "Nouveau café"),
    ],
)
def test_a_declared_encoding_is_used(encoding: str, title: str) -> None:
    assert parsed(body(title, encoding, declared=encoding)).entries[0].title == title


def test_the_server_comes_before_the_declaration() -> None:
    written = body(RUSSIAN, "koi8-r", declared="windows-1251")
    feed = parsed(written, headers={"Content-Type": "application/xml; charset=koi8-r"})
    assert feed.entries[0].title == RUSSIAN


def test_latin_1_means_windows_1252_as_in_browsers() -> None:
    assert parsed(body("“Café”", "windows-1252", declared="iso-8859-1")).entries[0].title == "“Café”"


def test_one_bad_byte_spoils_one_character() -> None:
    written = body(f"{TITLE} xx {TITLE}", "utf-8", declared="utf-8").replace(b"xx", b"\xff")
    feed = parsed(written)
    assert feed.entries[0].title == f"{TITLE} \ufffd {TITLE}"
    assert feed.problem == "not UTF-8 in 1 places"


def test_undeclared_bytes_are_read_by_the_language_of_the_feed() -> None:
    written = rss(f"<title>{RUSSIAN}</title>", head="<language>ru</language>").encode("windows-1251")
    assert parsed(written).entries[0].title == RUSSIAN


def test_control_characters_and_nuls_are_taken_out() -> None:
    written = body("Tin", "utf-8", declared="utf-8").replace(b"Tin", b"T\x00i\x0bn\x1f")
    feed = parsed(written)
    assert feed.entries[0].title == "Tin"
    assert feed.problem == "control characters in the text"


def test_codecs_that_are_no_character_encodings_are_not_used() -> None:
    assert parsed(body("xn--a", "ascii", declared="punycode")).entries[0].title == "xn--a"


def test_a_gzip_file_is_unpacked() -> None:
    assert parsed(gzip.compress(body(TITLE, "utf-8", declared=None))).entries[0].title == TITLE


def test_a_torn_gzip_file_is_no_feed() -> None:
    assert "empty" in refused(b"\x1f\x8b\x08" + b"\xff" * 20).reason


def test_a_mark_alone_is_an_empty_answer() -> None:
    refused(codecs.BOM_UTF8)
