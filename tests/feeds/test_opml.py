"""OPML: nested outlines in, nested outlines out, whatever a reader wrote or an enemy sent."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.opml import MAX_BYTES, OpmlError, Outline, read_opml, write_opml


def _opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_nested_folders_are_told_outermost_first() -> None:
    body = _opml(
        '<outline text="News"><outline text="Towns"><outline type="rss" text="Ward" xmlUrl="https://ward.example/rss" '
        'htmlUrl="https://ward.example/"/></outline></outline><outline text="Lake" xmlUrl="https://lake.example/rss"/>'
    )

    assert read_opml(body) == [
        Outline("https://ward.example/rss", "Ward", "https://ward.example/", folders=("News", "Towns")),
        Outline("https://lake.example/rss", "Lake"),
    ]


def test_attributes_are_known_in_any_case_and_an_address_counts_once() -> None:
    body = _opml(
        '<outline TITLE="Ward" XMLURL="https://ward.example/rss"/><outline xmlurl="https://ward.example/rss"/>'
    )

    assert read_opml(body) == [Outline("https://ward.example/rss", "Ward")]


def test_addresses_other_than_http_are_left_out() -> None:
    assert read_opml(_opml('<outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="javascript:1"/>')) == []


@pytest.mark.parametrize("body", [b"", b"no xml", b"<html/>", b"\x00\xff", b"x" * (MAX_BYTES + 1)])
def test_what_is_no_opml_says_so(body: bytes) -> None:
    with pytest.raises(OpmlError):
        read_opml(body)


def test_entities_do_not_expand_and_depth_ends_quietly() -> None:
    bomb = '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    body = f'{bomb}<opml><body><outline text="&b;&c;" xmlUrl="https://ward.example/rss"/></body></opml>'.encode()
    deep = _opml("<outline text='x'>" * 50_000)

    assert [outline.url for outline in read_opml(body)] in ([], ["https://ward.example/rss"])
    assert read_opml(deep) == []


def test_what_is_written_reads_back() -> None:
    feeds = [
        Outline("https://ward.example/rss?a=1&b=2", "Sport", "https://ward.example/", "Sport", "vi", ("Ward & Co",)),
        Outline("https://ward.example/all", "Ward & Co", "https://ward.example/", folders=("Ward & Co",)),
    ]

    assert read_opml(write_opml("Mine", [("Ward & Co", "https://ward.example/", feeds)]).encode()) == feeds


@given(st.binary(max_size=300))
def test_any_bytes_end_in_feeds_or_an_opml_error(body: bytes) -> None:
    with suppress(OpmlError):
        assert isinstance(read_opml(b"<opml><body>" + body), list)
