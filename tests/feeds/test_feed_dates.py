"""When entries were published, by what their feed says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from feed_text import atom, entry_of, parsed, rss

from pipeline.dates.moment import Precision

HANOI = "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    "written",
    [
        "Fri, 03 Feb 2023 10:20:00 +0700",
        "Fri, 03 Feb 2023 03:20:00 GMT",
        "2023-02-03T10:20:00+07:00",
        "2023-02-03 10:20:00",
        "2/3/2023 10:20:00 AM",
        "Thứ sáu, 03/02/2023, 10:20 (GMT+7)",
        "Fri, 03 Feb 2023 10:20:00 ICT",
    ],
)
def test_dates_are_read_as_publishers_write_them(written: str) -> None:
    published = parsed(rss(f"<pubDate>{written}</pubDate>"), timezone=HANOI).entries[0].published
    assert published is not None
    assert published.instant == datetime(2023, 2, 3, 3, 20, tzinfo=UTC)
    assert published.signal == "feed"


def test_one_feed_has_one_order_of_day_and_month() -> None:
    feed = parsed(rss("<pubDate>13/02/2023 09:00</pubDate>", "<pubDate>05/02/2023 09:00</pubDate>"), timezone=HANOI)
    assert [entry.published.on for entry in feed.entries if entry.published] == [date(2023, 2, 13), date(2023, 2, 5)]


def test_a_day_without_a_clock_is_no_midnight() -> None:
    published = entry_of("<pubDate>2023-02-03</pubDate>").published
    assert published is not None
    assert (published.local, published.precision) == (None, Precision.DAY)


def test_entries_without_a_date_have_none_and_no_problem() -> None:
    entry = entry_of("<title>x</title>")
    assert (entry.published, entry.date_problem) == (None, None)


def test_a_date_that_cannot_be_read_is_told() -> None:
    entry = entry_of("<pubDate>hôm qua hay hôm kia</pubDate>")
    assert entry.published is None
    assert "hôm qua" in (entry.date_problem or "")


def test_a_date_in_the_future_is_not_believed_and_told() -> None:
    fetched_at = datetime(2023, 2, 3, tzinfo=UTC)
    later = (fetched_at + timedelta(days=30)).isoformat()
    entry = parsed(rss(f"<pubDate>{later}</pubDate>"), fetched_at=fetched_at).entries[0]
    assert entry.published is None
    assert "future" in (entry.date_problem or "")


def test_in_rss_a_date_of_dublin_core_is_the_publication() -> None:
    entry = entry_of("<dc:date>2023-02-03T10:20:00+07:00</dc:date>")
    assert entry.published == entry.updated is not None


def test_in_atom_an_update_is_no_publication() -> None:
    entry = parsed(atom("<updated>2023-02-03T10:20:00+07:00</updated>")).entries[0]
    assert entry.updated is not None
    assert entry.published is None


def test_in_atom_both_dates_are_kept_apart() -> None:
    entry = parsed(atom("<published>2023-02-03T10:20:00Z</published><updated>2023-02-04T10:20:00Z</updated>")).entries[
        0
    ]
    assert entry.published is not None
    assert entry.updated is not None
    assert (entry.published.on, entry.updated.on) == (date(2023, 2, 3), date(2023, 2, 4))
