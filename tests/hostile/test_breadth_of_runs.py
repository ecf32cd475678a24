"""Hosts that hang cost their own places: the others of the run do not wait for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hostile_server import say_then_sleep
from menagerie import Menagerie
from newsroom import XML, Item, Newsroom, needs_many_hosts, rss, source

from demo.site import LoopbackServer, Response
from pipeline.desk import FEEDS_IN_HAND
from pipeline.hands import MOST, SLOW_SECONDS, Hands


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@needs_many_hosts
def test_a_feed_behind_more_hanging_hosts_than_are_usually_in_hand_is_polled_before_they_time_out(
    tmp_path: Path, server: LoopbackServer
) -> None:
    newsroom = Newsroom(tmp_path / "data", {"fetch_seconds": 6, "host_delay_seconds": 0})
    good = server.site()
    good.pages["/rss"] = Response(200, XML, rss([Item(None, "Piece", guid="1")]))
    with Menagerie() as zoo:
        port = zoo.add(say_then_sleep(b""), host="0.0.0.0", is_rude=True).port  # all of loopback
        hanging = [f"http://127.9.{number // 200}.{number % 200 + 1}:{port}/" for number in range(FEEDS_IN_HAND + 40)]
        newsroom.run(source("Hanging", *hanging), source("Ward", good.url("/rss")))

    polls = newsroom.rows("SELECT outcome, at, duration_ms FROM polls")
    [asked_at] = [datetime.fromisoformat(at) for outcome, at, _ in polls if outcome == "new_entries"]
    given_up = [
        datetime.fromisoformat(at) + timedelta(milliseconds=took)
        for outcome, at, took in polls
        if outcome == "timed_out"
    ]
    assert len(given_up) == len(hanging)
    assert asked_at < min(given_up)


def test_what_is_slow_leaves_its_place_and_what_has_ended_too() -> None:
    now = [0.0]
    hands: Hands[str] = Hands(lambda: now[0])
    for key in range(10):
        hands[key] = "feed"
    assert hands.room(10) == 0
    now[0] += SLOW_SECONDS / 2
    hands[10] = "feed"
    assert hands.room(12) == 1
    now[0] += SLOW_SECONDS * 0.75
    assert hands.room(12) == 11
    hands.pop(10)
    assert hands.room(12) == 12


def test_there_is_a_most_of_all() -> None:
    now = [0.0]
    hands: Hands[str] = Hands(lambda: now[0])
    for key in range(MOST - 1):
        hands[key] = "feed"
    now[0] += SLOW_SECONDS * 2
    assert hands.room(128) == 1
