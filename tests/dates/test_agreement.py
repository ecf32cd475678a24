"""How one moment is settled out of witnesses that disagree."""

from datetime import UTC, date, datetime

from pipeline.dates.agreement import Witness, settle
from pipeline.dates.moment import Moment, Precision
from pipeline.dates.written import Setting, take_apart

HANOI = Setting("Asia/Ho_Chi_Minh", "vi", datetime(2021, 9, 10, 12, 30, tzinfo=UTC))
ANYWHERE = Setting(None, None, None)


def witness(speaker: str, weight: float, text: str, setting: Setting = ANYWHERE) -> Witness:
    written = take_apart(text, setting)
    assert written is not None
    signal = {"shown": "visible"}.get(speaker, speaker)
    return Witness(speaker, signal, weight, text, written)


def settled(*witnesses: Witness, setting: Setting = ANYWHERE, home: str | None = None) -> Moment:
    moment, taken = settle(witnesses, setting, home)
    assert moment is not None
    assert taken is not None
    return moment


def local(moment: Moment) -> str | None:
    return None if moment.local is None else moment.local.isoformat()


def test_nobody_says_nothing() -> None:
    assert settle([], ANYWHERE, None) == (None, None)


def test_the_day_with_the_greater_weight_wins() -> None:
    moment = settled(
        witness("json-ld", 10, "2021-09-05"), witness("url", 6, "2021-09-06"), witness("feed", 7, "2021-09-06")
    )
    assert moment.on == date(2021, 9, 6)


def test_an_ambiguous_day_is_settled_by_another_witness() -> None:
    moment = settled(witness("shown", 5, "09/05/2021"), witness("url", 6, "2021-09-05"))
    assert moment.on == date(2021, 9, 5)


def test_the_minute_is_taken_from_who_states_it_for_the_same_day() -> None:
    moment = settled(
        witness("meta", 10, "2021-09-05"), witness("feed", 7, "Sun, 05 Sep 2021 15:43:00 +0700"), setting=HANOI
    )
    assert local(moment) == "2021-09-05T15:43:00+07:00"
    assert moment.precision is Precision.MINUTE


def test_an_offset_that_readers_see_for_the_same_clock_is_right() -> None:
    moment = settled(witness("json-ld", 10, "2019-02-08T17:08:25+08:00"), witness("shown", 5, "8/2/2019 17:08 (GMT+7)"))
    assert local(moment) == "2019-02-08T17:08:25+07:00"


def test_the_clock_that_readers_see_is_in_the_publisher_s_known_zone() -> None:
    moment = settled(
        witness("json-ld", 10, "2021-09-05T15:43:54Z"), witness("shown", 5, "05/09/2021 15:43"), setting=HANOI
    )
    assert local(moment) == "2021-09-05T15:43:54+07:00"


def test_of_two_offsets_for_one_clock_utc_is_wrong() -> None:
    moment = settled(
        witness("meta", 10.5, "2021-09-05T15:43:54+00:00"), witness("json-ld", 10, "2021-09-05T15:43:54+02:00")
    )
    assert local(moment) == "2021-09-05T15:43:54+02:00"


def test_an_instant_ahead_of_the_fetch_was_local_time() -> None:
    moment = settled(witness("json-ld", 10, "2021-09-10T19:00:00Z"), setting=HANOI)
    assert local(moment) == "2021-09-10T19:00:00+07:00"


def test_a_fetch_of_which_only_the_day_is_known_does_not_tell_what_lies_ahead() -> None:
    setting = Setting("Asia/Ho_Chi_Minh", "vi", datetime(2021, 9, 10, tzinfo=UTC))
    moment = settled(witness("json-ld", 10, "2021-09-10T08:00:00Z"), setting=setting)
    assert local(moment) == "2021-09-10T15:00:00+07:00"


def test_utc_is_expressed_in_the_zone_of_the_publisher() -> None:
    moment = settled(witness("json-ld", 10, "2021-09-05T20:00:00Z"), setting=HANOI)
    assert local(moment) == "2021-09-06T03:00:00+07:00"
    assert moment.on == date(2021, 9, 6)


def test_utc_is_expressed_in_the_offset_that_another_witness_tells() -> None:
    moment = settled(
        witness("meta", 10.5, "2022-05-04T03:37:37+00:00"), witness("shown", 5, "2022-05-03T23:37:37-04:00")
    )
    assert local(moment) == "2022-05-03T23:37:37-04:00"


def test_utc_is_expressed_in_the_offset_that_a_bare_clock_tells() -> None:
    moment = settled(witness("json-ld", 10, "2023-11-09T01:49:09Z"), witness("meta", 8, "2023-11-08 17:49:09"))
    assert local(moment) == "2023-11-08T17:49:09-08:00"


def test_utc_is_expressed_in_the_zone_of_the_site_s_country() -> None:
    moment = settled(witness("json-ld", 10, "2022-11-06T23:00:00Z"), home="Europe/Berlin")
    assert local(moment) == "2022-11-07T00:00:00+01:00"


def test_the_country_s_zone_reads_no_bare_clock() -> None:
    moment = settled(witness("shown", 5, "2022-11-06 23:00"), home="Europe/Berlin")
    assert moment == Moment.day(date(2022, 11, 6), "visible")


def test_a_day_that_the_address_keeps_tells_the_day_of_an_instant_in_utc() -> None:
    moment = settled(witness("json-ld", 10, "2020-02-25T02:25:54Z"), witness("url", 6, "2020-02-24"))
    assert moment.instant == datetime(2020, 2, 25, 2, 25, 54, tzinfo=UTC)
    assert moment.on == date(2020, 2, 24)


def test_a_far_older_address_is_the_first_publication() -> None:
    moment = settled(witness("json-ld", 10, "2019-06-17T18:28:00+02:00"), witness("url", 6, "2017-07-12"))
    assert moment.on == date(2017, 7, 12)


def test_placeholders_and_the_future_are_not_believed() -> None:
    assert settle([witness("meta", 10, "1970-01-01T00:00:00Z")], HANOI, None) == (None, None)
    assert settle([witness("meta", 10, "2021-12-01")], HANOI, None) == (None, None)
