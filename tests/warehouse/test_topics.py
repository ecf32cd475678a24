"""Topics: which texts have them, tagged at the load and again when their rule changes."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from stock import NOON, Stock, emptied, shelves

from config.topics import TopicSpec
from models.engine import reading, writing
from models.tables import article_topics, topics
from pipeline.search_text import words
from pipeline.topics import Rule, TopicMatcher
from pipeline.warehouse.follow_up import follow_up
from pipeline.warehouse.topics import apply_topics, list_topics, tag_older


def matches(phrases: list[str], text: str, exclusions: tuple[str, ...] = ()) -> int:
    return TopicMatcher({1: Rule(tuple(phrases), exclusions)}).match(text).get(1, 0)


@pytest.mark.parametrize(
    ("phrase", "text", "mentions"),
    [
        ("kẹt xe", "Kẹt xe ở cầu; KẸT XE nữa", 2),
        ("kẹt xe", "ket xe", 0),
        ("ket xe", "kẹt xe, ket xe", 2),
        ("can", "cần cẩu, cancan", 1),
        ("cần", "căn nhà", 0),
        ("hoà bình", "Hòa Bình", 1),
        ("kẹt xe", "kẹt, xe", 1),
        ("kẹt xe", "kẹt nhiều xe", 0),
        ("北京", "我们在北京大学", 1),
        ("AI", "Ai nói AI?", 2),
    ],
)
def test_a_phrase_is_found_as_whole_words_with_its_marks_or_any_if_it_has_none(
    phrase: str, text: str, mentions: int
) -> None:
    assert matches([phrase], text) == mentions


def test_an_exclusion_anywhere_in_the_article_takes_the_topic_away() -> None:
    matcher = TopicMatcher({1: Rule(("apple",), ("apple pie",)), 2: Rule(("pie",), ())})
    assert matcher.match("Apple", "and an apple pie") == {2: 1}
    assert matcher.match("Apple", "and pears") == {1: 1}


@given(st.lists(st.text(alphabet="aă b", min_size=1, max_size=5), min_size=1, max_size=4), st.text(alphabet="aă b"))
def test_one_pass_finds_what_looking_for_each_phrase_finds(phrases: list[str], text: str) -> None:
    found = words(text)
    slow = 0
    for phrase in phrases:
        wanted = words(phrase, is_phrase=True)
        has_marks = any(word.exact != word.folded for word in wanted)
        for at in range(len(found) - len(wanted) + 1):
            run = found[at : at + len(wanted)]
            slow += bool(wanted) and (
                run == wanted if has_marks else [w.folded for w in run] == [w.folded for w in wanted]
            )
    assert matches(phrases, text) == slow


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from shelves(request, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def stock(shelf: Engine) -> Stock:
    return emptied(shelf)


TRAFFIC = TopicSpec("Traffic", ("kẹt xe",), ("game",))
BOATS = TopicSpec("Boats", ("tau", "thuyen"))


def load(stock: Stock, *texts: tuple[str, str]) -> list[int]:
    with writing(stock.engine) as connection:
        written = stock.add_all(connection, texts)
        follow_up(connection, written, NOON)
    return [one.article_id for one in written]


def wish(stock: Stock, *specs: TopicSpec) -> None:
    with writing(stock.engine) as connection:
        apply_topics(connection, specs, NOON)


def tagged(stock: Stock) -> set[tuple[str, int]]:
    query = select(topics.c.name, article_topics.c.article_id).where(topics.c.id == article_topics.c.topic_id)
    with reading(stock.engine) as connection:
        return {(name, article_id) for name, article_id in connection.execute(query)}


def tag_all(stock: Stock, limit: int) -> Iterator[int]:
    while True:
        with writing(stock.engine) as connection:
            count = tag_older(connection, limit)
        yield count
        if not count:
            return


def test_an_article_is_tagged_when_it_is_loaded_and_when_its_words_change(stock: Stock) -> None:
    wish(stock, TRAFFIC, BOATS)
    jam, boat = load(stock, ("Kẹt xe", "trên cầu"), ("Tin", "Tàu vào bến"))
    assert tagged(stock) == {("Traffic", jam), ("Boats", boat)}
    changed = stock.rewrite(boat, "Tin", "Kẹt xe trong game, thuyền về")
    with writing(stock.engine) as connection:
        follow_up(connection, [changed], NOON)
    assert tagged(stock) == {("Traffic", jam), ("Boats", boat)}
    with reading(stock.engine) as connection:
        assert [one.articles for one in list_topics(connection)] == [1, 1]


def test_older_articles_are_tagged_a_part_at_a_time_and_it_goes_on_where_it_stopped(stock: Stock) -> None:
    added = load(stock, *[("Tàu", str(number)) for number in range(5)])
    wish(stock, BOATS)
    assert tagged(stock) == set()
    with writing(stock.engine) as connection:
        assert tag_older(connection, 2) == 2
    assert tagged(stock) == {("Boats", one) for one in added[:2]}
    with reading(stock.engine) as connection:
        assert list_topics(connection)[0].behind == 3
    assert list(tag_all(stock, 2)) == [2, 1, 0]
    assert tagged(stock) == {("Boats", one) for one in added}


def test_a_changed_rule_is_applied_to_all_and_the_other_topics_stay(stock: Stock) -> None:
    wish(stock, TRAFFIC, BOATS)
    jam, boat = load(stock, ("Kẹt xe", ""), ("Tàu", ""))
    list(tag_all(stock, 10))
    wish(stock, TopicSpec("Traffic", ("tàu",)), BOATS)
    assert list(tag_all(stock, 10)) == [2, 0]
    assert tagged(stock) == {("Traffic", boat), ("Boats", boat)}
    assert jam not in {article for _, article in tagged(stock)}


def test_the_same_file_again_changes_nothing(stock: Stock) -> None:
    wish(stock, TRAFFIC, BOATS)
    load(stock, ("Kẹt xe", ""))
    list(tag_all(stock, 10))
    with writing(stock.engine) as connection:
        changes = apply_topics(connection, [BOATS, TRAFFIC], NOON)
        assert (changes.added, changes.changed, changes.retired) == ([], [], [])
        assert tag_older(connection, 10) == 0


def test_a_topic_that_left_the_file_is_retired_and_may_come_back(stock: Stock) -> None:
    wish(stock, TRAFFIC, BOATS)
    (first,) = load(stock, ("Tàu", ""))
    wish(stock, TRAFFIC)
    (meanwhile,) = load(stock, ("Tàu", ""))
    assert tagged(stock) == {("Boats", first)}
    with reading(stock.engine) as connection:
        assert [(one.name, one.retired_at) for one in list_topics(connection)] == [("Traffic", None), ("Boats", NOON)]
    wish(stock, TRAFFIC, BOATS)
    list(tag_all(stock, 10))
    assert tagged(stock) == {("Boats", first), ("Boats", meanwhile)}
