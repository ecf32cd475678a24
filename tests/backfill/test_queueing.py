"""Candidates into the queue, on both databases: each once, and over again only for a wish that wants what is left."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, update

from models.engine import writing
from models.outcomes import Outcome
from models.states import PageState
from models.tables import pages
from pipeline.urls import address_of
from pipeline.warehouse.backfills import (
    Queueable,
    add_source,
    in_great_number,
    known_keys,
    open_backfill,
    queue_pages,
    take_over,
)
from pipeline.warehouse.runs import open_run

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def begin(connection: Connection) -> tuple[int, int, list[Queueable]]:
    """Begin two backfills; give their keys and some candidates."""
    token = open_run(connection, "backfill", {}, 60).token
    one, other = (int(open_backfill(connection, "urls", name, {}, token).id) for name in ("one", "other"))
    source_id = add_source(connection, "ward.example")
    urls = [f"http://ward.example/town/story-{number}" for number in range(120)]
    return one, other, [Queueable(made, source_id, {}) for url in urls if (made := address_of(url))]


def test_pages_are_queued_once_whoever_wants_them(engine: Engine) -> None:
    with in_great_number(engine), writing(engine) as connection:
        one, other, wanted = begin(connection)
        assert known_keys(connection, [each.address.key for each in wanted], one, takes_failed=False) == set()
        assert queue_pages(connection, one, wanted[:100], AT) == 100
        assert queue_pages(connection, other, wanted, AT) == 20
        keys = {each.address.key for each in wanted}
        assert known_keys(connection, sorted(keys), other, takes_failed=True) == keys


@pytest.mark.parametrize(
    ("outcome", "taken_online", "taken_offline"),
    [
        (Outcome.FILTERED, True, True),
        (Outcome.GONE, False, True),
        (Outcome.REJECTED, False, False),
        (Outcome.DUPLICATE, False, False),
    ],
)
def test_another_wish_takes_over_what_was_left_out_and_captures_at_hand_what_failed(
    engine: Engine, outcome: Outcome, taken_online: bool, taken_offline: bool
) -> None:
    with writing(engine) as connection:
        one, other, (wanted, *_) = begin(connection)
        queue_pages(connection, one, [wanted], AT)
        connection.execute(update(pages).values(state=PageState.DONE, outcome=outcome))
        for takes_failed, is_taken in ((False, taken_online), (True, taken_offline)):
            known = known_keys(connection, [wanted.address.key], other, takes_failed=takes_failed)
            assert known == (set() if is_taken else {wanted.address.key})
        same = known_keys(connection, [wanted.address.key], one, takes_failed=False)
        assert same == {wanted.address.key}
        assert take_over(connection, other, [wanted], AT, takes_failed=True) == taken_offline
        assert take_over(connection, other, [wanted], AT, takes_failed=True) == 0
