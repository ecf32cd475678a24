"""A feed's own rhythm: what is learnt of arrivals, and how soon it wants to be polled."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.rhythm import LONGEST_HOURS, Asked, Rhythm, arrivals_of, from_text, learn, to_text

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def _every(step: timedelta, count: int, end: datetime = NOW) -> list[datetime]:
    return [end - step * place for place in range(count)]


def test_nothing_known_means_a_quarter_of_an_hour() -> None:
    assert 0.2 < learn(None, [], NOW).hours_until(NOW) < 0.3


def test_a_busy_feed_is_polled_sooner_than_a_quiet_one() -> None:
    busy = learn(None, _every(timedelta(minutes=5), 30), NOW)
    quiet = learn(None, _every(timedelta(days=3, hours=7), 30, NOW - timedelta(days=2)), NOW)

    assert busy.hours_until(NOW) < 0.15
    assert quiet.hours_until(NOW) > 1


def test_the_first_poll_learns_from_the_dates_of_what_the_feed_shows() -> None:
    rhythm = learn(None, _every(timedelta(hours=2), 20), NOW)

    assert 0.2 < rhythm.rate(NOW) < 1.2
    assert rhythm.since == NOW - timedelta(hours=38)


def test_a_feed_that_has_been_silent_for_a_year_is_polled_about_once_a_day() -> None:
    rhythm = learn(None, _every(timedelta(days=1), 20, NOW - timedelta(days=400)), NOW)

    assert rhythm.hours_until(NOW) > 0.2
    year_later = NOW + timedelta(days=365)
    assert learn(rhythm, [], year_later).hours_until(year_later) > 12


def test_hours_in_which_nothing_comes_are_slept_through_but_not_the_busy_one_after_them() -> None:
    digest = [NOW.replace(hour=7, minute=5) - timedelta(days=day) for day in range(40) for _ in range(5)]
    rhythm = learn(None, digest, NOW.replace(hour=8))
    evening = NOW.replace(hour=22)

    due = evening + timedelta(hours=rhythm.hours_until(evening))

    busy_hour = NOW.replace(hour=7) + timedelta(days=1)
    assert rhythm.hours_until(evening) > 1
    assert due < busy_hour + timedelta(hours=1)
    assert rhythm.rate(busy_hour) > 5 * rhythm.rate(evening)


def test_a_burst_shortens_the_pause_and_fades() -> None:
    usual = learn(None, _every(timedelta(hours=2), 30), NOW)
    burst = learn(usual, _every(timedelta(minutes=1), 15), NOW)

    assert burst.hours_until(NOW) < usual.hours_until(NOW) / 2
    later = NOW + timedelta(hours=12)
    assert burst.hours_until(later) > burst.hours_until(NOW)


def test_a_gap_doubles_the_polls_and_overlap_takes_it_back_slowly() -> None:
    usual = learn(None, _every(timedelta(hours=1), 30), NOW)
    hurried = learn(usual, [], NOW, has_gap=True)
    calmed = learn(hurried, [], NOW)

    assert hurried.haste == 2
    assert 1 < calmed.haste < 2
    assert hurried.hours_until(NOW) < usual.hours_until(NOW)


def test_entries_without_dates_are_spread_over_the_time_since_the_poll_before() -> None:
    before = NOW - timedelta(hours=4)

    assert arrivals_of([None, None, None], before, NOW) == [before + timedelta(hours=n) for n in (1, 2, 3)]


def test_an_entry_dated_long_before_it_appeared_counts_when_it_appeared() -> None:
    before = NOW - timedelta(hours=2)

    assert arrivals_of([NOW - timedelta(days=9)], before, NOW) == [NOW - timedelta(hours=1)]


def test_undated_entries_of_a_first_poll_tell_nothing() -> None:
    assert arrivals_of([None, NOW - timedelta(days=1), NOW + timedelta(days=1)], None, NOW) == [NOW - timedelta(days=1)]


def test_what_is_kept_reads_back() -> None:
    asked = Asked(900, 60, frozenset({1, 2}), frozenset({6}))
    learnt = learn(None, _every(timedelta(hours=2), 20), NOW)
    kept = from_text(to_text(Rhythm(**{name: getattr(learnt, name) for name in Rhythm.__slots__} | {"asked": asked})))

    assert kept is not None
    assert kept.asked == asked
    assert abs(kept.hours_until(NOW) - learnt.hours_until(NOW)) < 0.05
    assert from_text(None) is None


@given(
    st.lists(st.integers(-20_000, 700).map(lambda hours: NOW + timedelta(hours=hours)), max_size=40),
    st.lists(st.booleans(), max_size=8),
    st.integers(0, 400),
)
def test_whatever_came_the_wait_is_more_than_nothing_and_at_most_a_day(
    arrivals: list[datetime], gaps: list[bool], days: int
) -> None:
    rhythm = learn(None, arrivals, NOW)
    at = NOW
    for has_gap in gaps:
        at += timedelta(days=days / 8)
        rhythm = learn(rhythm, arrivals, at, has_gap=has_gap)

    assert 0 < rhythm.hours_until(at) <= LONGEST_HOURS
