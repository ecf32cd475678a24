"""Entries as rows on their way to the warehouse: databases take all that is in them, and nothing is lost on the way."""

import json
import pickle
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Enclosure, Entry, Feed
from pipeline.feeds.flat import STORED, flattened

NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
TEXT = st.text(st.characters(), max_size=20)
ENTRIES = st.lists(
    st.builds(
        Entry,
        guid=TEXT,
        url=st.sampled_from(["", "https://news.example/1", "https://news.example/ä?a=1"]),
        title=st.none() | TEXT,
        summary=st.none() | TEXT,
        authors=st.lists(TEXT, max_size=2).map(tuple),
        published=st.sampled_from([None, Moment.at(NOON, "feed"), Moment.day(NOON.date(), "feed")]),
        enclosures=st.lists(st.builds(Enclosure, TEXT, st.none() | TEXT, st.none() | st.integers(0)), max_size=2).map(
            tuple
        ),
    ),
    max_size=4,
)


def feed(*entries: Entry) -> Feed:
    return Feed(None, None, None, "rss20", entries)


@given(ENTRIES)
def test_rows_hold_nothing_that_a_database_refuses_and_cross_to_another_process_unchanged(entries: list[Entry]) -> None:
    flat = flattened(feed(*entries))
    for row in flat.rows:
        texts = [value for value in row.stored if isinstance(value, str)]
        assert "\x00" not in "".join(texts)
        "".join(texts).encode()
    assert pickle.loads(pickle.dumps(flat)) == flat  # noqa: S301  # made a line above


@given(st.lists(st.text(max_size=20), max_size=3), st.text(max_size=20))
def test_lists_are_json(authors: list[str], url: str) -> None:
    entry = Entry("1", "", authors=tuple(authors), enclosures=(Enclosure(url, None, 7),))
    [row] = flattened(feed(entry)).rows
    values = dict(zip(STORED, row.stored, strict=True))
    clean = [author.replace("\x00", "") for author in authors]
    assert [author.replace("\x00", "") for author in json.loads(values["authors"])] == clean
    assert json.loads(values["enclosures"])[0] | {"url": ""} == {"url": "", "media_type": None, "length": 7}


def test_of_two_entries_with_one_guid_and_link_the_first_counts() -> None:
    flat = flattened(feed(Entry("1", "", title="a"), Entry("1", "", title="b"), Entry("2", "", title="c")))
    assert [row.key for row in flat.rows] == [("1", ""), ("2", "")]
    assert flat.rows[0].stored[2] == "a"


def test_a_guid_too_long_for_an_index_is_shortened_to_its_digest() -> None:
    [row] = flattened(feed(Entry("ế" * 2000, "https://news.example/1"))).rows
    assert len(row.key[0].encode()) < 300
