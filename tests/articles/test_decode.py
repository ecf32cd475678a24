"""From bytes to text: which of the page's statements about its encoding is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.article import Page
from pipeline.articles.decode import decode
from pipeline.articles.extract import extract

VIETNAMESE = "Ngày 3/2, Cần Thơ tổ chức họp mặt"


def test_a_byte_order_mark_wins_over_every_label() -> None:
    assert decode(VIETNAMESE.encode("utf-8-sig"), "iso-8859-1") == VIETNAMESE
    assert decode(b"\xff\xfe" + VIETNAMESE.encode("utf-16-le")) == VIETNAMESE


def test_valid_utf_8_wins_over_a_wrong_label() -> None:
    assert decode(VIETNAMESE.encode(), "windows-1252") == VIETNAMESE


def test_the_http_label_wins_over_the_meta() -> None:
    html = '<meta charset="windows-1252"><p>Привет, мир</p>'
    assert "Привет, мир" in decode(html.encode("windows-1251"), "windows-1251")


@pytest.mark.parametrize(
    ("meta", "encoding", "text"),
    [
        ('<meta charset="euc-kr">', "euc_kr", "오늘 아침 새 다리가 열렸다"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gbk", "今天上午新桥通车"),
        ("<meta charset=shift_jis>", "cp932", "今朝、新しい橋が開通した"),
        ('<?xml version="1.0" encoding="iso-8859-2"?>', "iso-8859-2", "Dziś rano otwarto most żelazny"),
    ],
)
def test_a_meta_or_xml_label_is_followed(meta: str, encoding: str, text: str) -> None:
    assert text in decode(f"{meta}<p>{text}</p>".encode(encoding))


def test_iso_8859_1_is_read_as_windows_1252_like_browsers_do() -> None:
    assert decode(b"\x93quoted\x94 \x80", "iso-8859-1") == "“quoted” €"


def test_one_stray_byte_does_not_disqualify_a_label() -> None:
    html = ('<meta charset="utf-8"><p>' + VIETNAMESE * 20).encode() + b"\xff</p>"
    assert VIETNAMESE in decode(html)


def test_a_character_cut_at_the_size_limit_is_left_out() -> None:
    assert decode("cầu".encode()[:-1] + "ầ".encode()[:2]) == "cầ"


def test_control_characters_are_left_out() -> None:
    assert decode(b"<p>a\x00b\x08c\td\n</p>") == "<p>abc\td\n</p>"


@pytest.mark.parametrize("label", ["rot13", "hex", "utf-16", "no-such-charset", "", "base64"])
def test_a_label_that_is_no_usable_charset_is_ignored(label: str) -> None:
    assert "caf" in decode("<p>café</p>".encode("latin-1"), label)


@given(st.binary(max_size=2_000), st.none() | st.text(max_size=20))
def test_any_bytes_with_any_label_give_text_without_nuls(html: bytes, label: str | None) -> None:
    assert "\x00" not in decode(html, label)


@pytest.mark.parametrize(
    "reference", ["&#1;", "&#x1;", "&#0;", "&#x0;", "&#00012;", "&#x1F ", "&#31<", "&#xFFFE;", "&#65535;"]
)
def test_references_to_characters_that_are_none_are_left_out(reference: str) -> None:
    assert "#" not in decode(f"<p>one{reference}two</p>".encode())
    html = f"<article><h1>A bridge for the ward</h1>{PARAGRAPHS}<p>one{reference}two</p>{PARAGRAPHS}</article>"
    assert extract(Page(html.encode())).reason is None


@pytest.mark.parametrize(
    "reference", ["&#9;", "&#10;", "&#13;", "&#32;", "&#x41;", "&#7891;", "&#xC0;", "&#x1F600;", "&#128;"]
)
def test_references_to_other_characters_stay(reference: str) -> None:
    assert reference in decode(f"<p>one{reference}two</p>".encode())


PARAGRAPHS = "<p>The council voted for the new bridge after a long debate, and work is to begin in March.</p>" * 5
