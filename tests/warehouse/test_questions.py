"""The analyst's guide: every question of it is answered on both databases, on PostgreSQL as an analyst, and rightly."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import made_up
import pytest
from fresh import bring_up
from sqlalchemy import Engine, create_engine, make_url, text

from models.engine import open_engine, writing
from pipeline.warehouse.analysts import grant_analyst

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "analysts.md"
_QUESTION = re.compile(r"^### (\d+)\. .*?$(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sql ?(\w*)\n(.*?)^```\n(.*?)(?=^```|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Desk:
    """A warehouse as an analyst has it before them."""

    engine: Engine
    dialect: str

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
            return [tuple(map(_plain, row)) for row in rows]


def _plain(value: Any) -> Any:
    """Write what the two drivers give differently in one way: days and instants as texts, numbers as floats."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, int | Decimal) else value


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The made-up newsroom's warehouse, on SQLite and on PostgreSQL in turn."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'khotin.db'}")
        _fill(engine)
        yield Desk(engine, "sqlite")
        engine.dispose()
        return
    import postgres_server

    with postgres_server.new_database(request.getfixturevalue("postgres_server_url")) as url:
        owner, role = open_engine(url), f"analyst_{os.urandom(4).hex()}"
        _fill(owner)
        with writing(owner) as connection:
            grant_analyst(connection, role, reads_texts=True)
        engine = create_engine(make_url(url).set(username=role))
        yield Desk(engine, "postgresql")
        engine.dispose()
        with writing(owner) as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        owner.dispose()


def _fill(engine: Engine) -> None:
    bring_up(engine)
    with writing(engine) as connection:
        made_up.fill(connection)


def questions() -> dict[int, str]:
    return {int(number): told for number, told in _QUESTION.findall(PAGE.read_text(encoding="utf-8"))}


def blocks(number: int) -> list[tuple[str, str, str]]:
    """Give a question's blocks: for which database (empty: both), the SQL, and the words after it."""
    return _BLOCK.findall(questions()[number])


ANSWERS: dict[int, list[tuple[Any, ...]]] = {
    1: [
        ("2026-03-02", "dawn", 1),
        ("2026-03-02", "gulf", 1),
        ("2026-03-02", "herald", 1),
        ("2026-03-02", "hill", 1),
        ("2026-03-02", "river", 1),
        ("2026-03-03", "river", 1),
        ("2026-03-04", "hill", 1),
        ("2026-03-04", "own", 1),
        ("2026-03-06", "own", 1),
        ("2026-03-07", "gulf", 1),
        ("2026-03-07", "herald", 1),
    ],
    2: [("dawn", "Thời sự", 2, 0)],
    3: [("2026-03-02", "river", 1, 2, 50)],
    4: [("2026-03-02", "hạn mặn", 6, 12)],
    5: [("giá lúa", 1, 4), ("xâm nhập mặn", 1, 0)],
    6: [("giá lúa", 1)],
    7: [("Lan Anh", "dawn", 9), ("Minh", "river", 4)],
    8: [(1, "dawn", "river", 7, "yes"), (2, "own", "hill", 30, "no")],
    9: [("hill", "TTXVN", 1, 50), ("river", "TTXVN", 1, 50)],
    10: [("gulf", "dawn", 1, 0, 25), ("hill", "dawn", 1, 0, 50), ("river", "dawn", 1, 1, 90)],
    11: [(1, "Mặn đến sớm ở Bến Tre", 5)],
    12: [(1, "Mặn đến sớm ở Bến Tre", 5, "dawn")],
    13: [("2026-03-02T04:05:00.000000Z", "dawn", "Mặn đến sớm", "Mặn đến sớm ở Bến Tre")],
    14: [("2026-03-03T05:00:00.000000Z", "gulf", "Mặn về", "gone", 24)],
    15: [("2026-03", "domestic", 5, 55.6), ("2026-03", "foreign", 1, 50)],
    16: [("2026-03", "herald", 2)],
    17: [("Bến Tre", 2, 2)],
    18: [
        ("Kinh tế", "dawn", 1, 11.1),
        ("Kinh tế", "gulf", 1, 50),
        ("Kinh tế", "herald", 2, 100),
        ("Kinh tế", "hill", 1, 50),
        ("Kinh tế", "river", 6, 100),
        ("Trong nước", "dawn", 8, 88.9),
        ("Trong nước", "gulf", 1, 50),
        ("Trong nước", "hill", 1, 50),
        ("Trong nước", "own", 1, 50),
    ],
    19: [
        ("own", 1, 2, 50),
        ("dawn", 0, 1, 0),
        ("gulf", 0, 2, 0),
        ("herald", 0, 2, 0),
        ("hill", 0, 2, 0),
        ("river", 0, 2, 0),
    ],
    20: [
        ("dawn", 8, 1),
        ("gulf", 12, 1),
        ("herald", 10, 1),
        ("herald", 16, 1),
        ("hill", 8, 1),
        ("own", 6, 1),
        ("own", 9, 1),
        ("river", 8, 1),
        ("river", 10, 1),
    ],
    21: [("Business", "2026", 2, 100), ("Kinh tế", "2026", 9, 100), ("Thời sự", "2026", 10, 100)],
    22: [
        ("dawn", 1, 5, 5, 1),
        ("gulf", 1, 5, 5, 1),
        ("herald", 2, 5, 5, 1),
        ("hill", 1, 5, 5, 1),
        ("own", 2, 5, 5, 1),
        ("river", 2, 5, 5, 1),
    ],
    23: [("2026-03-03", "dawn", 40, 30, 1, 120, 240, 0), ("2026-03-04", "river", 0, 0, 0, 0, 0, 1)],
    24: [
        ("dawn", 1, 0, 0, 0),
        ("gulf", 2, 1, 2, 1),
        ("herald", 2, 0, 2, 0),
        ("hill", 2, 0, 2, 0),
        ("own", 2, 0, 2, 0),
        ("river", 2, 0, 2, 0),
    ],
    25: [("dawn", 8, 800), ("river", 4, 400)],
}


def test_there_are_twenty_five_questions_each_with_sql_for_both_databases_and_how_to_read_it() -> None:
    assert sorted(questions()) == sorted(ANSWERS) == list(range(1, 26))
    for number in questions():
        found = blocks(number)
        assert sorted(database for database, _, _ in found) in ([""], ["postgresql", "sqlite"]), number
        assert found[-1][2].strip(), number


@pytest.mark.parametrize("number", sorted(ANSWERS))
def test_the_answer_is_right(desk: Desk, number: int) -> None:
    query = next(sql for database, sql, _ in blocks(number) if database in ("", desk.dialect))
    assert desk.ask(query) == [tuple(map(_plain, row)) for row in ANSWERS[number]]
