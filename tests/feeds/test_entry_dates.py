"""The short way through the usual dates gives what the general way gives."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates.written import settle_feed_dates
from pipeline.feeds.entry_dates import is_usual_date, settled

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONES = st.sampled_from([None, "Asia/Ho_Chi_Minh", "America/New_York"])
NUMBERS = st.integers(0, 99)
RFC = st.builds(
    "{}, {} {} {:04} {:02}:{:02}:{:02} {}".format,
    st.sampled_from(["Mon", "Fri"]),
    st.integers(0, 32),
    st.sampled_from(["Jan", "Feb", "Dec", "Foo"]),
    st.sampled_from([1, 1899, 1970, 1971, 2024, 2026, 2027, 2100, 9999]),
    st.integers(0, 24),
    st.integers(0, 60),
    st.integers(0, 61),
    st.sampled_from(["GMT", "+0700", "-0000", "+1400", "+1500", "+0760", "ICT", "UT", ""]),
)
ISO = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}".format,
    st.sampled_from([0, 1, 1970, 2024, 2026, 2027, 9999]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 24),
    st.integers(0, 60),
    st.integers(0, 61),
    st.sampled_from(["", ".123", ".123456", ".1"]),
    st.sampled_from(["Z", "+07:00", "-00:00", "+14:00", "+23:59", "+0700", ""]),
)


@given(st.lists(st.one_of(RFC, ISO, st.just(""), st.just("05/09/2021 10:00")), max_size=4), ZONES)
def test_the_short_way_gives_what_the_general_way_gives(texts: list[str], zone: str | None) -> None:
    for fetched_at in (None, NOW):
        short = settled(texts, timezone=zone, language="vi", fetched_at=fetched_at)
        assert short == settle_feed_dates(texts, timezone=zone, language="vi", fetched_at=fetched_at)


@pytest.mark.parametrize("text", ["", "Fri, 03 Feb 2023 10:20:00 +0700", "2023-02-03T10:20:00Z"])
def test_usual_dates_say_all_by_themselves(text: str) -> None:
    assert is_usual_date(text)


@pytest.mark.parametrize("text", ["05/09/2021 10:00", "Fri, 03 Feb 2023 10:20:00 ICT", "2023-02-03", "soon"])
def test_others_may_need_their_neighbours(text: str) -> None:
    assert not is_usual_date(text)
