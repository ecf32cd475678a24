"""What a feed says again word for word is not read again, and what is stored is what reading all would give."""

from dataclasses import replace

import pytest
from feed_text import NAMESPACES, URL
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.entries import Setting
from pipeline.feeds.feed import Feed
from pipeline.feeds.flat import FlatFeed, Row
from pipeline.feeds.news import parse_news

LIMITS = {"max_entries": 2000, "max_bytes": 10_000_000}
SETTING = Setting(URL, "Asia/Ho_Chi_Minh", "vi", None)
DATE = "Fri, 03 Feb 2023 10:20:00 +0700"


def item(number: int, title: str = "", date: str = DATE, link: str = "") -> str:
    link = link or f"https://news.example/{number}"
    return (
        f"<item><title>{title or f'Bài {number}'}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{date}</pubDate><description><![CDATA[<p>Lời dẫn {number}</p>]]></description></item>"
    )


def edition(*items: str, built: str = DATE, language: str = "vi", tail: str = "") -> bytes:
    head = f"<title>Báo</title><lastBuildDate>{built}</lastBuildDate><language>{language}</language>"
    entries = "\n".join(items)
    return f"<rss version='2.0' {NAMESPACES}><channel>{head}{entries}{tail}</channel></rss>".encode()


def read(body: bytes, known: str | None = None, setting: Setting = SETTING) -> FlatFeed:
    result = parse_news(body, setting, {"content-type": "application/rss+xml"}, known, **LIMITS)
    assert isinstance(result, FlatFeed), result
    return result


def titles(flat: FlatFeed) -> list[str]:
    return [row.stored[2] for row in flat.rows]


def test_of_a_changed_feed_only_what_is_new_or_edited_is_read() -> None:
    first = read(edition(item(1), item(2), item(3)))
    assert (first.skipped, len(first.rows)) == (0, 3)
    second = read(edition(item(4), item(3), item(2, "Bài 2 sửa"), built="today"), first.known)
    assert (second.skipped, titles(second)) == (1, ["Bài 4", "Bài 2 sửa"])
    third = read(edition(item(2, "Bài 2 sửa"), item(4), built="tonight"), second.known)
    assert (third.skipped, titles(third)) == (2, [])


def test_what_comes_back_after_it_was_gone_is_read_again() -> None:
    known = read(edition(item(2)), read(edition(item(1), item(2))).known).known
    assert titles(read(edition(item(1), item(2)), known)) == ["Bài 1"]


@pytest.mark.parametrize(
    "body",
    [
        edition(item(1), item(4), language="en"),
        edition(item(1), item(4), tail="<image><title>x</title><url>/x</url></image>"),
        edition(item(1), item(4)).replace(b"version='2.0'", b"version='2.0' xml:lang='en'"),
        edition(item(1), item(4, date="05/09/2021 10:00")),
        edition(item(1), item(4, link="https://news.example/1")),
        edition(item(1), item(4), "<!-- more -->"),
        edition(item(1), item(4)).replace("Bài 4".encode(), b"B\xe0i 4"),
        edition(item(1), item(4, "<![CDATA[a</item>b]]>")),
        edition(item(1), item(4, "<b>x</b>")),
        edition(item(1), item(4))[:-20],
    ],
    ids=[
        *("language", "another element beside the entries", "xml:lang", "a date that others may explain"),
        *("a guid twice", "a comment between", "one bad byte", "the end of an entry inside one", "markup", "torn"),
    ],
)
def test_all_is_read_where_an_entry_is_not_read_by_itself(body: bytes) -> None:
    known = read(edition(item(1), item(2))).known
    assert known is not None
    assert read(body, known).skipped == 0
    assert read(body, known) == read(body)


def test_all_is_read_when_the_publishers_zone_is_another() -> None:
    known = read(edition(item(1))).known
    assert read(edition(item(1), item(2)), known, replace(SETTING, timezone="Europe/Paris")).skipped == 0


def test_nothing_is_known_of_a_body_in_which_two_entries_are_the_same() -> None:
    assert read(edition(item(1), item(1))).known is None
    assert read(edition(item(1), item(2, link="https://news.example/1"))).known is None


def test_atom_is_cut_too() -> None:
    def atom(*numbers: int) -> bytes:
        entries = "".join(
            f"<entry><title>{n}</title><id>tag:{n}</id><updated>2023-02-03T10:20:00Z</updated></entry>" for n in numbers
        )
        stamp = f"<updated>2023-02-0{len(numbers)}T10:20:00Z</updated>"
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{stamp}{entries}</feed>'.encode()

    second = read(atom(3, 2, 1), read(atom(1, 2)).known)
    assert (second.skipped, titles(second)) == (2, ["3"])


ITEMS = st.lists(
    st.builds(
        item,
        st.integers(0, 6),
        st.sampled_from(["", "Sửa", "<b>Sửa</b>", "a &amp; b", "<![CDATA[<item>x</item>]]>"]),
        st.sampled_from([DATE, "2023-02-03T10:20:00+07:00", "03/02/2023 10:20", ""]),
    ),
    max_size=7,
)


@given(st.lists(ITEMS, min_size=2, max_size=4))
def test_whatever_the_editions_the_new_rows_are_those_of_reading_all(editions: list[list[str]]) -> None:
    known: str | None = None
    stored: dict[tuple[str, str], Row] = {}
    for items in editions:
        body = edition(*items)
        whole = parse_news(body, SETTING, {}, None, **LIMITS)
        part = parse_news(body, SETTING, {}, known, **LIMITS)
        if not isinstance(whole, FlatFeed) or isinstance(part, Feed):
            assert part == whole
            continue
        assert isinstance(part, FlatFeed)
        assert part.said == whole.said
        assert part.skipped + len(part.rows) == len(whole.rows)
        stored |= {row.key: row for row in part.rows}
        for row in whole.rows:
            assert stored[row.key].content_hash == row.content_hash
        known = part.known or known
