"""When a feed is polled next: the rules of docs/polling.md in their order, and the reason that is told."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outcomes import PollOutcome
from pipeline.feeds.rhythm import Asked, learn
from pipeline.feeds.schedule import Facts, fresh_seconds, next_poll

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


def _minutes(facts: Facts) -> float:
    return (next_poll(facts).at - facts.at).total_seconds() / 60


def _asking(**asked: object) -> Facts:
    return Facts(at=NOW, rhythm=replace(learn(None, [], NOW), asked=Asked(**asked)))  # type: ignore[arg-type]


def test_a_feed_of_which_nothing_is_known_is_polled_about_every_quarter_of_an_hour() -> None:
    decision = next_poll(Facts(at=NOW))

    assert 13 <= _minutes(Facts(at=NOW)) <= 17
    assert "nothing is known" in decision.why


def test_the_interval_of_the_feeds_file_wins_over_what_the_publisher_asks() -> None:
    facts = replace(_asking(fresh_seconds=7200, interval_minutes=720), configured_seconds=1800)

    assert 27 <= _minutes(facts) <= 33
    assert "feeds file" in next_poll(facts).why


def test_cache_control_wins_over_ttl() -> None:
    facts = _asking(fresh_seconds=3600, interval_minutes=240)

    assert 60 <= _minutes(facts) <= 66
    assert "Cache-Control" in next_poll(facts).why


def test_ttl_wins_over_the_own_rhythm() -> None:
    facts = _asking(interval_minutes=120)

    assert 120 <= _minutes(facts) <= 132
    assert "ttl" in next_poll(facts).why


def test_a_stated_time_below_ten_minutes_only_bounds_the_own_rhythm_from_below() -> None:
    busy = learn(None, [NOW - timedelta(seconds=40 * n) for n in range(200)], NOW)
    rare = learn(None, [NOW - timedelta(days=5 + 10 * n, hours=7 * n) for n in range(20)], NOW)

    assert _minutes(Facts(at=NOW, rhythm=replace(busy, asked=Asked(fresh_seconds=300)))) >= 5
    assert _minutes(Facts(at=NOW, rhythm=replace(rare, asked=Asked(fresh_seconds=60)))) > 60


def test_retry_after_wins_over_everything() -> None:
    facts = replace(_asking(fresh_seconds=900), retry_after=7200.0, configured_seconds=600)

    assert 120 <= _minutes(facts) <= 132
    assert "Retry-After" in next_poll(facts).why


def test_retry_after_is_a_lower_bound_to_the_patience_after_failures() -> None:
    facts = Facts(at=NOW, retry_after=60.0, failure=PollOutcome.RATE_LIMITED, failures=3)

    assert _minutes(facts) > 150


@pytest.mark.parametrize("failures", [1, 2, 5])
def test_patience_grows_linearly_with_failures(failures: int) -> None:
    minutes = _minutes(Facts(at=NOW, failure=PollOutcome.SERVER_ERROR, failures=failures))

    assert 13 * failures <= minutes <= 17 * failures


def test_failures_that_do_not_heal_by_themselves_wait_longer() -> None:
    timed_out = Facts(at=NOW, failure=PollOutcome.TIMED_OUT, failures=1)
    no_feed = replace(timed_out, failure=PollOutcome.NOT_A_FEED)

    assert _minutes(no_feed) > 2 * _minutes(timed_out)
    assert "not a feed" in next_poll(no_feed).why


def test_a_feed_that_always_fails_is_still_polled_once_a_day() -> None:
    assert _minutes(Facts(at=NOW, failure=PollOutcome.GONE, failures=100_000)) > 21 * 60


def test_after_a_gap_what_the_feed_asks_for_is_halved() -> None:
    hurried = learn(learn(None, [], NOW), [], NOW, has_gap=True)
    facts = Facts(at=NOW, rhythm=replace(hurried, asked=Asked(interval_minutes=60)))

    assert 27 <= _minutes(facts) <= 33
    assert "missed" in next_poll(facts).why


def test_skipped_hours_are_waited_out() -> None:
    facts = _asking(interval_minutes=60, skip_hours=frozenset({11, 12}))

    assert next_poll(facts).at.hour == 13
    assert "skipHours" in next_poll(facts).why


def test_skipped_days_are_waited_out_but_never_longer_than_a_day() -> None:
    facts = replace(_asking(interval_minutes=60, skip_days=frozenset({2, 3, 4})))

    assert next_poll(facts).at == NOW + timedelta(days=1)


def test_skipping_every_hour_says_nothing() -> None:
    facts = _asking(interval_minutes=60, skip_hours=frozenset(range(24)))

    assert 60 <= _minutes(facts) <= 66


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, max-age="600", must-revalidate'}, 600),
        ({"cache-control": "max-age=600", "expires": "Wed, 04 Mar 2026 20:00:00 GMT"}, 600),
        ({"expires": "Wed, 04 Mar 2026 10:30:00 GMT", "date": "Wed, 04 Mar 2026 10:00:00 GMT"}, 1800),
        ({"expires": "Wed, 04 Mar 2026 10:30:00 GMT"}, 1800),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "max-age=0", "expires": "Wed, 04 Mar 2026 20:00:00 GMT"}, None),
        ({"cache-control": "s-maxage=60"}, None),
        ({}, None),
    ],
)
def test_freshness_is_read_as_rfc_9111_says(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_seconds(headers, NOW) == seconds


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_header_is_read_without_an_exception(control: str, expires: str) -> None:
    seconds = fresh_seconds({"cache-control": control, "expires": expires}, NOW)

    assert seconds is None or seconds > 0


@given(
    st.one_of(st.none(), st.floats(0, 700_000)),
    st.one_of(st.none(), st.sampled_from(PollOutcome)),
    st.integers(0, 10_000),
    st.integers(0, 10**7),
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
)
def test_the_next_poll_is_always_between_two_minutes_and_a_day_ahead(
    retry_after: float | None,
    failure: PollOutcome | None,
    failures: int,
    minutes: int,
    hours: frozenset[int],
    days: frozenset[int],
) -> None:
    facts = _asking(interval_minutes=minutes, skip_hours=hours, skip_days=days)
    facts = replace(facts, retry_after=retry_after, failure=failure, failures=failures)

    assert timedelta(minutes=2) <= next_poll(facts).at - NOW <= timedelta(days=1)


def test_feeds_that_were_polled_together_part() -> None:
    random.seed(7)

    assert len({next_poll(Facts(at=NOW)).at for _ in range(20)}) == 20
