"""Statements over many rows: a list as one parameter, and rows whose words are looked at before the database does."""

import contextlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from models.engine import writing
from models.states import FeedState
from models.tables import hosts, sources
from pipeline.warehouse.batches import own_words, rows_of

STATES = {0: frozenset(FeedState)}
ENOUGH = [("active",)] * 60


def test_a_list_is_one_parameter_whatever_its_length(engine: Engine) -> None:
    names = [f"ward-{number}:80" for number in range(900)]
    with writing(engine) as connection:
        connection.execute(insert(hosts), [{"name": name} for name in names])
        query = "SELECT name FROM hosts WHERE strikes = ? AND name AMONG ? ORDER BY id"
        found = rows_of(connection, query, 0, [*names[5:], "elsewhere:80"])
        assert [row[0] for row in found] == names[5:]
        assert rows_of(connection, query, 0, []) == []


def test_a_word_outside_its_closed_list_is_refused_before_anything_is_written(engine: Engine) -> None:
    rows = [*ENOUGH, (None,), ("asleep",)]
    with writing(engine) as connection, pytest.raises(ValueError, match="asleep"), own_words(connection, rows, STATES):
        pytest.fail("the block must not run")


@pytest.mark.parametrize("fails", [False, True])
def test_the_database_looks_at_words_again_afterwards(engine: Engine, *, fails: bool) -> None:
    with writing(engine) as connection:
        with contextlib.suppress(RuntimeError), own_words(connection, ENOUGH, STATES):
            if fails:
                raise RuntimeError
        strange = insert(sources).values(slug="ward", name="Ward", store="whatever", created_at=datetime.now(UTC))
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(strange)
