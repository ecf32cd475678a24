"""The dates of a feed's entries are settled together."""

from datetime import UTC, date, datetime

from pipeline.dates.moment import Precision
from pipeline.dates.written import settle_feed_dates

HANOI = "Asia/Ho_Chi_Minh"
FETCHED = datetime(2023, 6, 30, 12, 0, tzinfo=UTC)


def days(texts: list[str | None], language: str | None = "vi", timezone: str | None = HANOI) -> list[date | None]:
    found = settle_feed_dates(texts, timezone=timezone, language=language, fetched_at=FETCHED)
    return [None if moment is None else moment.on for moment in found]


def test_an_entry_whose_first_number_is_over_twelve_decides_for_all() -> None:
    assert days(["13/02/2023 10:00", "02/03/2023 09:00"], language="en-US", timezone=None) == [
        date(2023, 2, 13),
        date(2023, 3, 2),
    ]


def test_an_entry_whose_second_number_is_over_twelve_decides_for_all() -> None:
    assert days(["02/13/2023 10:00", "02/03/2023 09:00"]) == [date(2023, 2, 13), date(2023, 2, 3)]


def test_an_order_that_puts_an_entry_into_the_future_is_not_the_feed_s() -> None:
    assert days(["05/09/2023", "05/08/2023"]) == [date(2023, 5, 9), date(2023, 5, 8)]


def test_entries_that_run_newest_first_decide_when_numbers_do_not() -> None:
    assert days(["06/01/2023", "05/12/2023", "05/04/2023", "04/09/2023"], timezone=None) == [
        date(2023, 6, 1),
        date(2023, 5, 12),
        date(2023, 5, 4),
        date(2023, 4, 9),
    ]


def test_a_lone_entry_is_read_by_convention() -> None:
    assert days(["05/04/2023 10:00"]) == [date(2023, 4, 5)]


def test_dot_net_portals_write_the_month_first() -> None:
    found = settle_feed_dates(["2/3/2023 10:20:00 AM"], timezone=HANOI, language="vi", fetched_at=FETCHED)
    moment = found[0]
    assert moment is not None
    assert moment.local is not None
    assert moment.local.isoformat() == "2023-02-03T10:20:00+07:00"
    assert moment.precision is Precision.MINUTE
    assert moment.signal == "feed"


def test_entries_without_or_with_unreadable_dates_stay_without() -> None:
    assert days([None, "", "soon", "Sun, 05 Feb 2023 15:43:54 +0700"]) == [None, None, None, date(2023, 2, 5)]


def test_an_entry_in_another_format_does_not_suffer_from_the_feed_s_order() -> None:
    assert days(["02/13/2023", "02/14/2023", "25/02/2023"]) == [date(2023, 2, 13), date(2023, 2, 14), date(2023, 2, 25)]


def test_a_feed_of_no_entries_has_no_dates() -> None:
    assert days([]) == []
