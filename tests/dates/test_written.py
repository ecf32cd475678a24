"""Dates as publishers write them, and what is made of each."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates.moment import Moment, Precision
from pipeline.dates.written import date_problem, read_written, readings

HANOI = "Asia/Ho_Chi_Minh"
FETCHED = datetime(2024, 1, 1, 12, 0, tzinfo=UTC)


def read(text: str, timezone: str | None = HANOI, language: str | None = None) -> str | None:
    """Give what a date reads as: ISO 8601 with its offset, or only its day."""
    moment = read_written(text, timezone=timezone, language=language, fetched_at=FETCHED, signal="test")
    if moment is None:
        return None
    return moment.local.isoformat() if moment.local is not None else moment.on.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 05 Sep 2021 15:43:54 +0700",
        "Sun, 5 Sep 2021 15:43:54 GMT+7",
        "Sun, 05 Sep 2021 15:43:54 GMT +7",
        "Sun, 05 Sep 2021 15:43:54 GMT+0700",
        "Sun, 05 Sep 2021 15:43:54 UTC+07:00",
        "Sun, 05 Sep 2021 15:43:54 ICT",
        "Sun, 05 Sep 2021 15:43:54",
        "Sun, 05 Sep 21 15:43:54 +0700",
        "Sunday, 05-Sep-21 15:43:54 +0700",
        "2021-09-05T15:43:54+07:00",
        "2021-09-05T15:43:54+0700",
        "2021-09-05T15:43:54+07",
        "2021-09-05 15:43:54 +07:00",
        "2021-09-05T15:43:54",
        "2021-9-5 15:43:54",
        "2021/09/05 15:43:54",
        "20210905T154354",
        "20210905154354",
        "1630831434",
        "1630831434000",
        "Sun Sep  5 15:43:54 2021",
        "Sun Sep 05 2021 15:43:54 GMT+0700 (Indochina Time)",
        "05/09/2021 15:43:54",
        "9/5/2021 3:43:54 PM",
        "15:43:54 05/09/2021",
        "15:43:54 - 05/09/2021",
    ],
)
def test_one_second_in_hanoi_is_read_from_every_notation(text: str) -> None:
    assert read(text, language="vi") == "2021-09-05T15:43:54+07:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chủ nhật, 05/09/2021, 15:43 (GMT+7)", "2021-09-05T15:43:00+07:00"),
        ("Thứ năm, 20/12/2012, 10:18 GMT+7", "2012-12-20T10:18:00+07:00"),
        ("T2, 06/09/2021 | 08:05", "2021-09-06T08:05:00+07:00"),
        ("Thứ 2, 06/09/2021 08:05", "2021-09-06T08:05:00+07:00"),
        ("05/09/2021 11:05 tối", "2021-09-05T23:05:00+07:00"),
        ("05/09/2021 04:00 chiều", "2021-09-05T16:00:00+07:00"),
        ("05/09/2021 08:30 sáng", "2021-09-05T08:30:00+07:00"),
        ("05/09/2021 12:30 trưa", "2021-09-05T12:30:00+07:00"),
        ("05/09/2021 12:15 đêm", "2021-09-05T00:15:00+07:00"),
        ("15:20 PM | 21/12/2012", "2012-12-21T15:20:00+07:00"),
        ("05-09-2021 - 00:01 AM", "2021-09-05T00:01:00+07:00"),
        ("15h43 ngày 3 tháng 2 năm 2023", "2023-02-03T15:43:00+07:00"),
        ("Thứ Sáu, ngày 03 tháng 02 năm 2023, 15 giờ 43", "2023-02-03T15:43:00+07:00"),
        ("Tháng Hai 3, 2023", "2023-02-03"),
        ("3 thg 2, 2023", "2023-02-03"),
        ("ngày 24/12/12 11:05 tối", "2012-12-24T23:05:00+07:00"),
    ],
)
def test_vietnamese_dates(text: str, expected: str) -> None:
    assert read(text, language="vi") == expected


@pytest.mark.parametrize(
    ("text", "zone", "language", "expected"),
    [
        ("Sept. 5, 2021 3:43 p.m. ET", None, "en", "2021-09-05T15:43:00-04:00"),
        ("Sunday 5th September 2021", None, "en", "2021-09-05"),
        ("05.09.2021, 15.43 Uhr", "Europe/Berlin", "de", "2021-09-05T15:43:00+02:00"),
        ("5. März 2021 um 15:43 Uhr", "Europe/Berlin", "de", "2021-03-05T15:43:00+01:00"),
        ("Publié le 1er janvier 2021 à 15h43", "Europe/Paris", "fr", "2021-01-01T15:43:00+01:00"),
        ("5 de septiembre de 2021, 15:43 CEST", None, "es", "2021-09-05T15:43:00+02:00"),
        ("domingo, 5 de setembro de 2021 às 15h43", "America/Sao_Paulo", "pt", "2021-09-05T15:43:00-03:00"),
        ("2021. szeptember 5., 15:43", "Europe/Budapest", "hu", "2021-09-05T15:43:00+02:00"),
        ("2021 m. rugsėjo 5 d. 15:43", "Europe/Vilnius", "lt", "2021-09-05T15:43:00+03:00"),
        ("5.9.2021 klo 15.43", "Europe/Helsinki", "fi", "2021-09-05T15:43:00+03:00"),
        ("05 сентября 2021 г., 15:43", "Europe/Moscow", "ru", "2021-09-05T15:43:00+03:00"),
        ("5 Σεπτεμβρίου 2021, 15:43", "Europe/Athens", "el", "2021-09-05T15:43:00+03:00"),
        ("5 Eylül 2021 15:43", "Europe/Istanbul", "tr", "2021-09-05T15:43:00+03:00"),
        ("٥ سبتمبر ٢٠٢١ 3:43 م", "Asia/Riyadh", "ar", "2021-09-05T15:43:00+03:00"),
        ("5 أيلول/سبتمبر 2021", None, "ar", "2021-09-05"),
        ("5 تشرين الأول 2021", None, "ar", "2021-10-05"),
        ("५ सितंबर २०२१", None, "hi", "2021-09-05"),
        ("5 ก.ย. 2564 15:43 น.", "Asia/Bangkok", "th", "2021-09-05T15:43:00+07:00"),
        ("5 ก.ย. 64", None, "th", "2021-09-05"),
        ("2021年9月5日 15時43分", "Asia/Tokyo", "ja", "2021-09-05T15:43:00+09:00"),
        ("2021-09-05 下午3:43", "Asia/Shanghai", "zh", "2021-09-05T15:43:00+08:00"),
        ("2021년 9월 5일 오후 3시 43분", "Asia/Seoul", "ko", "2021-09-05T15:43:00+09:00"),
        ("입력 2021.09.05. 오후 3:43", "Asia/Seoul", "ko", "2021-09-05T15:43:00+09:00"),
    ],
)
def test_dates_of_many_languages(text: str, zone: str | None, language: str, expected: str) -> None:
    assert read(text, zone, language) == expected


def test_gmt_plus_seven_lies_east_as_people_mean_it() -> None:
    assert read("05 Sep 2021 00:00 GMT+7", timezone=None) == "2021-09-05T00:00:00+07:00"


def test_a_dash_between_clock_and_date_is_no_offset() -> None:
    assert read("15:43 -05/09/2021") == "2021-09-05T15:43:00+07:00"


def test_a_zone_name_is_read_by_the_zone_that_uses_it() -> None:
    assert read("05 Sep 2021 15:43 IST", timezone="Europe/Dublin") == "2021-09-05T15:43:00+01:00"
    assert read("05 Sep 2021 15:43 IST", timezone="Asia/Kolkata") == "2021-09-05T15:43:00+05:30"


def test_summer_time_is_the_zone_s_own() -> None:
    assert read("2021-07-05T12:00:00", timezone="Europe/Paris") == "2021-07-05T12:00:00+02:00"
    assert read("2021-01-05T12:00:00", timezone="Europe/Paris") == "2021-01-05T12:00:00+01:00"


def test_a_clock_without_offset_and_zone_leaves_the_day() -> None:
    moment = read_written("2021-09-05T15:43:54", timezone=None, language="vi", fetched_at=FETCHED, signal="test")
    assert moment == Moment.day(date(2021, 9, 5), "test")


def test_a_month_or_a_year_alone_is_no_date() -> None:
    assert read("2021-09") is None
    assert read("September 2021", language="en") is None
    assert read("2021") is None


def test_a_day_that_does_not_exist_is_no_date() -> None:
    assert read("2021-02-30") is None
    assert read("31/11/2021") is None


def test_a_clock_that_does_not_exist_leaves_the_day() -> None:
    assert read("2021-09-05T25:61:00") == "2021-09-05"
    assert read("05/09/2021 29:10") == "2021-09-05"


def test_midnight_written_as_24_is_the_next_day() -> None:
    assert read("Tue, 28 Feb 2023 24:00:00 +0700") == "2023-03-01T00:00:00+07:00"


def test_the_day_of_an_instant_told_in_utc_is_the_publisher_s() -> None:
    moment = read_written("2021-09-05T20:00:00Z", timezone=HANOI, language=None, fetched_at=FETCHED, signal="test")
    assert moment is not None
    assert moment.local == datetime(2021, 9, 5, 20, tzinfo=UTC)
    assert moment.on == date(2021, 9, 6)


def test_seconds_of_zero_are_a_minute() -> None:
    moment = read_written("2021-09-05T15:43:00Z", timezone=None, language=None, fetched_at=FETCHED, signal="test")
    assert moment is not None
    assert moment.precision is Precision.MINUTE


class TestOrder:
    """05/09/2021 is a convention."""

    def test_day_first_by_language(self) -> None:
        assert read("05/09/2021", timezone=None, language="es") == "2021-09-05"

    def test_month_first_in_the_united_states(self) -> None:
        assert read("05/09/2021", timezone="America/Chicago", language="en") == "2021-05-09"
        assert read("05/09/2021", timezone=None, language="en-US") == "2021-05-09"

    def test_day_first_in_other_english_speaking_countries(self) -> None:
        assert read("05/09/2021", timezone="Europe/London", language="en") == "2021-09-05"
        assert read("05/09/2021", timezone=None, language="en-GB") == "2021-09-05"

    def test_dots_are_day_first_everywhere(self) -> None:
        assert read("05.09.2021", timezone="America/Chicago", language="en") == "2021-09-05"

    def test_dot_net_s_default_culture_is_month_first_in_every_language(self) -> None:
        assert read("2/3/2023 10:20:00 AM", language="vi") == "2023-02-03T10:20:00+07:00"

    def test_a_first_number_over_twelve_is_a_day(self) -> None:
        assert read("13/09/2021", timezone=None, language="en-US") == "2021-09-13"
        assert read("13/9/2021 10:20:00 AM", language="vi") == "2021-09-13T10:20:00+07:00"

    def test_the_reading_that_lies_in_the_future_is_not_taken(self) -> None:
        fetched_at = datetime(2021, 6, 1, tzinfo=UTC)
        moment = read_written("05/09/2021", timezone=HANOI, language="vi", fetched_at=fetched_at, signal="test")
        assert moment is not None
        assert moment.on == date(2021, 5, 9)

    def test_both_readings_are_offered_the_likelier_first(self) -> None:
        found = readings("05/09/2021", timezone=HANOI, language="vi", fetched_at=FETCHED, signal="test")
        assert [moment.on for moment in found] == [date(2021, 9, 5), date(2021, 5, 9)]


class TestBelief:
    """What lies ahead of the fetch, or is an empty field's print, is refused with a reason."""

    def test_up_to_a_day_ahead_of_the_fetch_is_believed(self) -> None:
        assert read("2024-01-02T11:00:00Z") is not None
        assert read("2024-01-02T13:00:00Z") is None

    def test_without_a_fetch_time_the_future_is_not_known(self) -> None:
        moment = read_written("2060-01-01", timezone=None, language=None, fetched_at=None, signal="test")
        assert moment is not None

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("2099-01-01", "date lies in the future: '2099-01-01'"),
            ("0001-01-01T00:00:00", "date is a placeholder: '0001-01-01T00:00:00'"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "date is a placeholder: 'Thu, 01 Jan 1970 00:00:00 GMT'"),
            ("yesterday", "date not understood: 'yesterday'"),
        ],
    )
    def test_the_reason_is_told(self, text: str, reason: str) -> None:
        assert date_problem(text, timezone=None, language=None, fetched_at=FETCHED) == reason
        assert read(text, timezone=None) is None

    def test_a_good_date_has_no_problem(self) -> None:
        assert date_problem("2021-09-05", timezone=None, language=None, fetched_at=FETCHED) is None


OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2023, 12, 30), timezones=OFFSETS).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda at: at.replace(microsecond=0)
)
NOTATIONS: dict[str, Callable[[datetime], str]] = {
    "iso": lambda at: at.isoformat(),
    "iso-spaced": lambda at: at.isoformat(sep=" "),
    "iso-basic-offset": lambda at: at.strftime("%Y-%m-%dT%H:%M:%S%z"),
    "compact": lambda at: at.strftime("%Y%m%dT%H%M%S%z"),
    "rfc-2822": format_datetime,
    "rfc-850": lambda at: at.strftime("%A, %d-%b-%Y %H:%M:%S %z"),
    "javascript": lambda at: at.strftime("%a %b %d %Y %H:%M:%S GMT%z"),
    "gmt-plus": lambda at: at.strftime("%d/%m/%Y, %H:%M:%S (GMT") + at.isoformat()[19:] + ")",
    "german": lambda at: at.strftime("%d.%m.%Y, %H:%M:%S %z"),
    "american": lambda at: at.strftime("%B %d, %Y %I:%M:%S %p %z"),
    "vietnamese": lambda at: at.strftime("%H:%M:%S %z, ngày %d tháng %m năm %Y"),
    "chinese": lambda at: at.strftime("%Y年%m月%d日 %H:%M:%S %z"),
}


@given(INSTANTS, st.sampled_from(sorted(NOTATIONS)))
def test_what_is_written_is_read_back(at: datetime, notation: str) -> None:
    moment = read_written(NOTATIONS[notation](at), timezone=None, language="vi", fetched_at=FETCHED, signal="test")
    assert moment is not None
    assert moment.local == at
    assert moment.local.utcoffset() == at.utcoffset()


@given(INSTANTS)
def test_epoch_seconds_and_milliseconds_are_read_back(at: datetime) -> None:
    seconds = int(at.timestamp())
    if seconds >= 10**8:
        for text in (str(seconds), f"{seconds}000"):
            assert read_written(text, timezone=HANOI, language=None, fetched_at=FETCHED, signal="").local == at  # type: ignore[union-attr] # a None fails the test too


LOOKS_LIKE_A_DATE = st.text("0123456789/-.:, TZ+agmtnápbuứ年月日ก", max_size=60)


@given(
    st.one_of(st.text(), LOOKS_LIKE_A_DATE),
    st.sampled_from([None, HANOI, "America/New_York", "No/Such_Zone", "../etc/passwd", ""]),
    st.sampled_from([None, "vi", "en-US", "th", "ko", "x"]),
    st.sampled_from([None, FETCHED]),
)
def test_any_text_gives_aware_moments_or_none(
    text: str, zone: str | None, language: str | None, fetched_at: datetime | None
) -> None:
    date_problem(text, timezone=zone, language=language, fetched_at=fetched_at)
    for moment in readings(text, timezone=zone, language=language, fetched_at=fetched_at, signal="test"):
        assert moment.local is None or moment.local.utcoffset() is not None
        assert 1900 <= moment.on.year <= 2100


@pytest.mark.parametrize("unit", ["1", "jan ", "1/", "5 may ", "12:", "(", "tháng 1 ", "GMT+", "2021-", "a.m. "])
def test_only_the_beginning_of_a_long_text_is_read(unit: str) -> None:
    assert read(unit * 100_000 + " 2021-09-05") is None


def test_a_skipped_hour_moves_on_and_a_repeated_hour_is_the_first() -> None:
    assert read("2021-03-28T02:30:00", timezone="Europe/Paris") == "2021-03-28T03:30:00+02:00"
    assert read("2021-10-31T02:30:00", timezone="Europe/Paris") == "2021-10-31T02:30:00+02:00"


def test_the_local_time_keeps_no_zone_but_its_offset() -> None:
    moment = read_written("2021-09-05T15:43:54", timezone=HANOI, language=None, fetched_at=FETCHED, signal="test")
    assert moment is not None
    assert moment.local is not None
    assert not isinstance(moment.local.tzinfo, ZoneInfo)
    assert moment.utc_offset_minutes == 420
