"""Feeds that move: which redirects are remembered, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from models.outcomes import PollOutcome
from pipeline.feeds.moves import Move, after_failure, after_good_poll, permanent_target

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
OLD, NEW, OTHER = "https://ward.example/rss", "https://feeds.ward.example/all", "https://elsewhere.example/rss"


@pytest.mark.parametrize(
    ("hops", "target"),
    [
        ([], None),
        ([(OLD, 302)], None),
        ([(OLD, 301)], NEW),
        ([(OLD, 308), (OTHER, 301)], NEW),
        ([(OLD, 301), (OTHER, 307)], OTHER),
        ([(OLD, 303), (OTHER, 301)], None),
    ],
)
def test_only_permanent_redirects_at_the_start_of_the_chain_lead_somewhere(
    hops: list[tuple[str, int]], target: str | None
) -> None:
    assert permanent_target(hops, NEW) == target


def test_a_permanent_redirect_is_a_candidate_at_first() -> None:
    move = after_good_poll(Move(), OLD, NEW, was_redirected=True, at=NOW)

    assert move == Move(None, NEW, NOW)


def test_it_is_remembered_after_seven_stable_days() -> None:
    known = Move(None, NEW, NOW)
    before = after_good_poll(known, OLD, NEW, was_redirected=True, at=NOW + timedelta(days=6, hours=23))
    after = after_good_poll(known, OLD, NEW, was_redirected=True, at=NOW + timedelta(days=7))

    assert before == known
    assert after == Move(NEW)


def test_another_target_begins_anew() -> None:
    move = after_good_poll(Move(None, NEW, NOW - timedelta(days=6)), OLD, OTHER, was_redirected=True, at=NOW)

    assert move == Move(None, OTHER, NOW)


def test_a_temporary_redirect_resets_nothing() -> None:
    known = Move(None, NEW, NOW - timedelta(days=3))

    assert after_good_poll(known, OLD, None, was_redirected=True, at=NOW) == known


def test_an_answer_without_redirect_takes_the_candidate_back() -> None:
    known = Move(None, NEW, NOW - timedelta(days=3))

    assert after_good_poll(known, OLD, None, was_redirected=False, at=NOW) == Move()


@pytest.mark.parametrize(
    ("url", "target", "is_at_once"),
    [
        ("http://ward.example/rss", "https://ward.example/rss", True),
        ("http://ward.example:80/rss", "https://ward.example:443/feed/", True),
        ("http://ward.example/rss", "https://www.ward.example/rss", False),
        ("https://ward.example/rss", "http://ward.example/rss", False),
        ("http://ward.example:8080/rss", "https://ward.example/rss", False),
    ],
)
def test_from_http_to_https_on_the_same_host_counts_at_once(url: str, target: str, is_at_once: bool) -> None:
    move = after_good_poll(Move(), url, target, was_redirected=True, at=NOW)

    assert (move.moved_url == target) is is_at_once


def test_a_new_address_that_has_no_feed_is_forgotten() -> None:
    assert after_failure(Move(NEW), PollOutcome.GONE, 1) == Move()
    assert after_failure(Move(NEW), PollOutcome.NOT_A_FEED, 1) == Move()


def test_a_new_address_that_does_not_answer_is_forgotten_after_three_times() -> None:
    assert after_failure(Move(NEW), PollOutcome.TIMED_OUT, 2) == Move(NEW)
    assert after_failure(Move(NEW), PollOutcome.TIMED_OUT, 3) == Move()
