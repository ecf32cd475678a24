"""Groups of sections: each spelling that articles have is put into its group."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from stock import NOON, Stock, emptied, shelves

from models.engine import reading, writing
from pipeline.warehouse.sections import apply_sections

SPORTS = {"thể thao": "Thể thao", "sports": "Thể thao"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from shelves(request, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def stock(shelf: Engine) -> Stock:
    return emptied(shelf)


def grouped(stock: Stock) -> list[str | None]:
    ask = "SELECT g.name FROM articles a LEFT JOIN section_groups g ON g.section = a.section ORDER BY a.id"
    with reading(stock.engine) as connection:
        return list(connection.execute(text(ask)).scalars())


def apply(stock: Stock, groups: dict[str, str], *, after: timedelta = timedelta()) -> int:
    with writing(stock.engine) as connection:
        return apply_sections(connection, groups, NOON + after)


def test_every_spelling_of_a_section_is_in_its_group(stock: Stock) -> None:
    for section in ("Thể thao", "THỂ THAO", "Sports", "Kinh tế", None):
        stock.add("A", section=section)
    apply(stock, SPORTS)
    assert grouped(stock) == ["Thể thao", "Thể thao", "Thể thao", None, None]


def test_a_new_spelling_is_put_into_its_group_by_the_next_run(stock: Stock) -> None:
    apply(stock, SPORTS)
    assert apply(stock, SPORTS) == 0
    stock.add("A", section="SPORTS")
    assert apply(stock, SPORTS) == 1
    assert grouped(stock) == ["Thể thao"]


def test_a_changed_file_is_applied_to_old_articles_too(stock: Stock) -> None:
    stock.add("A", section="Sports")
    stock.add("B", section="World")
    apply(stock, SPORTS)
    apply(stock, {"world": "Thế giới"}, after=timedelta(days=30))
    assert grouped(stock) == [None, "Thế giới"]
