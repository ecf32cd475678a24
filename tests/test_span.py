"""--since and --until mean the same in every command."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.span import Span, SpanError, parse_span

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 15, 5, 30, tzinfo=UTC)


def since(typed: str, zone: ZoneInfo = HANOI) -> datetime | None:
    return parse_span(typed, None, zone, now=NOW).since


def test_a_day_begins_at_midnight_in_the_newsroom() -> None:
    assert since("2026-03-01") == datetime(2026, 2, 28, 17, tzinfo=UTC)


def test_a_month_is_its_first_day() -> None:
    assert since("2026-03") == since("2026-03-01")


def test_a_year_is_its_first_day() -> None:
    assert since("2026") == since("2026-01-01")


@pytest.mark.parametrize(
    "typed",
    ["2026-03-01T08:00+07:00", "2026-03-01T01:00Z", "2026-03-01 01:00:00 Z", "2026-03-01t08:00:00.0+0700"],
)
def test_an_instant_may_have_any_offset(typed: str) -> None:
    assert since(typed) == datetime(2026, 3, 1, 1, tzinfo=UTC)


def test_a_clock_without_an_offset_is_the_newsrooms() -> None:
    assert since("2026-03-01 08:00") == datetime(2026, 3, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "ago"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("30 m", timedelta(minutes=30)),
        ("2w", timedelta(days=14)),
    ],
)
def test_how_long_ago_counts_back_from_now(typed: str, ago: timedelta) -> None:
    assert since(typed) == NOW - ago


def test_since_is_part_of_the_span_and_until_is_not() -> None:
    span = parse_span("2026-03-01", "2026-03-02", HANOI)
    assert span.since is not None
    assert span.until is not None
    assert span.since in span
    assert span.until not in span
    assert datetime(2026, 3, 1, 16, 59, 59, tzinfo=UTC) in span


def test_what_is_left_out_is_open() -> None:
    assert parse_span(None, None, HANOI) == Span(None, None, HANOI)
    assert datetime(1, 1, 1, tzinfo=UTC) in parse_span(None, None, HANOI)


def test_days_of_a_span_of_whole_days() -> None:
    span = parse_span("2026-03-01", "2026-04", HANOI)
    assert (span.since_day, span.until_day, span.is_of_days) == (date(2026, 3, 1), date(2026, 4, 1), True)


def test_a_part_of_a_day_touches_that_day() -> None:
    span = parse_span("2026-03-01 08:00", "2026-03-01 09:00", HANOI)
    assert (span.since_day, span.until_day, span.is_of_days) == (date(2026, 3, 1), date(2026, 3, 2), False)


def test_a_day_whose_midnight_is_skipped_begins_after_the_gap() -> None:
    span = parse_span("2024-04-26", None, ZoneInfo("Africa/Cairo"))  # clocks went from 00:00 to 01:00
    assert span.since == datetime(2024, 4, 25, 22, tzinfo=UTC)


def test_bounds_the_wrong_way_round_are_told() -> None:
    with pytest.raises(SpanError, match="--since 2026-03-02 is later than --until 2026-03-01: exchange them"):
        parse_span("2026-03-02", "2026-03-01", HANOI)


def test_an_empty_span_is_told() -> None:
    with pytest.raises(SpanError, match="is not part of it"):
        parse_span("2026-03-01", "2026-03-01", HANOI)


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "2026-02-30", "2026-13", "01/03/2026", "2026-3-1", "7", "9" * 300 + "d", "٧d"]
)
def test_what_is_no_bound_is_told_with_the_forms_that_are(typed: str) -> None:
    with pytest.raises(SpanError, match=r"--until is .*; it must be a day \(2026-03-01\)") as error:
        parse_span(None, typed, HANOI)
    assert len(str(error.value)) < 250


@given(st.text() | st.from_regex(r"[0-9TZ:+ dhm.-]{0,30}"))
def test_any_text_is_a_bound_or_a_mistake(typed: str) -> None:
    try:
        span = parse_span(typed, None, HANOI)
    except SpanError:
        return
    assert span.since is not None
    assert span.since.utcoffset() == timedelta(0)
