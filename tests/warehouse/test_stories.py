"""Copies and stories on both databases: the same, however the articles come, and right after every change."""

import threading
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fresh import bring_up
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from press import MONDAY, Piece
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from models.engine import open_engine, write, writing
from models.tables import (
    article_agencies,
    article_copies,
    article_prints,
    article_shingles,
    article_texts,
    articles,
    common_shingles,
    sources,
    stories,
)
from pipeline.stories.shingles import Text, read_text
from pipeline.warehouse import sharing
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.stories import catch_up, compare, forget

AT = datetime(2026, 3, 20, tzinfo=UTC)
LATER = datetime(2026, 3, 21, tzinfo=UTC)

TABLES = (
    article_copies,
    article_prints,
    article_shingles,
    common_shingles,
    stories,
    article_agencies,
    article_texts,
    articles,
    sources,
)


def empty(connection: Connection) -> None:
    for table in TABLES:
        connection.execute(delete(table))


def put(connection: Connection, pieces: Iterable[Piece]) -> list[Written]:
    """Write articles, or new texts of known ones, as the load does; nothing is compared yet."""
    return [_put(connection, piece) for piece in pieces]


def _put(connection: Connection, piece: Piece) -> Written:
    key = piece.number + 1
    values: dict[str, Any] = {"published_at": piece.at, "published_on": piece.at.date(), "first_seen_at": piece.at}
    named: dict[str, Any] = {"uid": piece.uid, "source_id": piece.source + 1, "title": None, "summary": None}
    if connection.execute(select(sources.c.id).where(sources.c.id == piece.source + 1)).first() is None:
        slug = f"paper-{piece.source}"
        connection.execute(insert(sources).values(id=piece.source + 1, slug=slug, name=slug, created_at=AT))
    if connection.execute(select(articles.c.id).where(articles.c.id == key)).first() is not None:
        connection.execute(update(articles).where(articles.c.id == key).values(**values, **named, updated_at=AT))
        connection.execute(update(article_texts).where(article_texts.c.article_id == key).values(body=piece.body))
        connection.execute(delete(article_agencies).where(article_agencies.c.article_id == key))
    else:
        rest: dict[str, Any] = {"url": f"https://paper.example/{key}", "extractor_version": "1", "content_hash": ""}
        rest |= {"first_loaded_at": AT, "updated_at": AT, "report_date": piece.at.date(), "provenance": {}}
        rest |= {"is_report_date_estimated": False}
        connection.execute(insert(articles).values(id=key, **values, **named, **rest))
        connection.execute(insert(article_texts).values(article_id=key, body=piece.body))
    for position, agency in enumerate(piece.agencies, 1):
        connection.execute(insert(article_agencies).values(article_id=key, position=position, agency=agency))
    return Written(article_id=key, body=piece.body, agencies=piece.agencies, **values, **named)


def load(engine: Engine, *pieces: Piece, at: datetime = AT) -> None:
    with writing(engine) as connection:
        compare(connection, put(connection, pieces), at)


def story_of(connection: Connection) -> dict[int, int | None]:
    """Give the story of every article, by the article's number."""
    return {row.id - 1: row.story_id for row in connection.execute(select(articles.c.id, articles.c.story_id))}


def catch_up_all(engine: Engine, limit: int) -> list[int | None]:
    """Compare all that was not compared; give where each turn ended."""
    ends: list[int | None] = [0]
    while (after := ends[-1]) is not None:
        with writing(engine) as connection:
            ends.append(catch_up(connection, limit, after))
    return ends[1:]


def groups(engine: Engine) -> set[frozenset[int]]:
    """Give the stories by the numbers of their articles, those alone left out."""
    with writing(engine) as connection:
        of = story_of(connection)
    return {frozenset(key for key in of if of[key] == story) for story in of.values() if story is not None}


def everything(connection: Connection) -> Any:
    """Give all that must not depend on the order: copies and stories, without keys and times of finding."""
    copies = connection.execute(select(article_copies).order_by(*article_copies.primary_key.columns))
    of = story_of(connection)
    uid = {row.id: row.uid for row in connection.execute(select(stories))}
    told = select(stories.c.uid, stories.c.article_count, stories.c.source_count, stories.c.first_at, stories.c.last_at)
    flags = select(article_prints.c.article_id, article_prints.c.is_crossroad, article_prints.c.is_digest)
    kept = connection.execute(select(article_prints.c.article_id, article_prints.c.story_id))
    assert {row.article_id - 1: row.story_id for row in kept} == of
    return (
        [tuple(row)[:-1] for row in copies],
        {key: uid[story] for key, story in of.items() if story is not None},
        sorted(map(tuple, connection.execute(told))),
        sorted(map(tuple, connection.execute(flags))),
        sorted(map(tuple, connection.execute(select(common_shingles)))),
    )


WIRE = (1, 2, 3, 4)


def test_a_wire_story_on_five_sites_is_five_articles_and_one_story(engine: Engine) -> None:
    load(engine, *(Piece(number, (100 + number, *WIRE), source=number, hours=number) for number in range(5)))
    load(engine, Piece(9, (50, 51, 52), source=1))
    assert groups(engine) == {frozenset(range(5))}
    with writing(engine) as connection:
        story = connection.execute(select(stories)).one()
        assert story_of(connection)[9] is None
    assert (story.uid, story.article_count, story.source_count) == (Piece(0, ()).uid, 5, 5)
    assert (story.first_at, story.last_at) == (MONDAY, Piece(4, (), hours=4).at)


def test_a_copy_says_what_it_shares_both_ways_and_whether_it_is_credited(engine: Engine) -> None:
    original = Piece(0, WIRE, source=0)
    load(engine, Piece(1, (1, 2, 77), source=1, hours=2, agencies=("paper-0",)), original)
    load(engine, Piece(2, (3, 4, 78), source=2, hours=3))
    with writing(engine) as connection:
        rows = connection.execute(select(article_copies).order_by(article_copies.c.article_id)).all()
    assert [(row.article_id, row.original_id, row.is_credited) for row in rows] == [(2, 1, True), (3, 1, False)]
    assert [round(row.share, 1) for row in rows] == [0.7, 0.7]
    assert [round(row.original_share, 1) for row in rows] == [0.5, 0.5]


def test_a_story_begins_with_the_article_published_first_whichever_came_first(engine: Engine) -> None:
    load(engine, Piece(0, WIRE, source=0, hours=5))
    load(engine, Piece(1, WIRE, source=1, hours=9))
    with writing(engine) as connection:
        before = connection.execute(select(stories)).one()
    load(engine, Piece(2, WIRE, source=2, hours=1), at=LATER)
    with writing(engine) as connection:
        after = connection.execute(select(stories)).one()
    assert (before.uid, after.uid) == (Piece(0, ()).uid, Piece(2, ()).uid)
    assert before.id == after.id
    assert (before.updated_at, after.updated_at) == (AT, LATER)


def test_an_article_counts_as_updated_when_its_story_changes_and_only_then(engine: Engine) -> None:
    load(engine, Piece(0, WIRE), Piece(7, (80, 81)))
    load(engine, Piece(1, WIRE, source=1), at=LATER)
    with writing(engine) as connection:
        moved = {row.id - 1: row.updated_at for row in connection.execute(select(articles.c.id, articles.c.updated_at))}
    assert moved == {0: LATER, 1: LATER, 7: AT}


def test_the_same_words_after_more_than_a_week_are_another_story(engine: Engine) -> None:
    load(engine, Piece(0, WIRE), Piece(1, WIRE, source=1, hours=7 * 24), Piece(2, WIRE, source=2, hours=15 * 24))
    assert groups(engine) == {frozenset({0, 1})}


def test_an_article_of_which_only_the_day_is_known_is_sought_by_that_day(engine: Engine) -> None:
    load(engine, Piece(0, WIRE))
    with writing(engine) as connection:
        (late,) = put(connection, [Piece(1, WIRE, source=1, hours=90 * 24)])
        connection.execute(
            update(articles).where(articles.c.id == 2).values(published_at=None, published_on=MONDAY.date())
        )
        compare(connection, [replace(late, published_at=None, published_on=MONDAY.date())], AT)
    assert groups(engine) == {frozenset({0, 1})}


def test_a_digest_joins_no_stories_and_its_copies_say_so(engine: Engine) -> None:
    load(engine, *(Piece(number, (10 * number, 10 * number + 1), source=number) for number in range(4)))
    load(engine, *(Piece(10 + n, (10 * n, 10 * n + 1, 90 + n), source=4, hours=1) for n in range(4)))
    load(engine, Piece(20, (0, 10, 20, 30), source=5, hours=8))
    assert groups(engine) == {frozenset({n, 10 + n}) for n in range(4)}
    with writing(engine) as connection:
        rows = connection.execute(select(article_copies)).all()
        assert connection.execute(select(stories.c.article_count)).scalars().all() == [2] * 4
    assert {row.is_same_story for row in rows if row.article_id == 21} == {False}
    assert {row.is_same_story for row in rows if row.article_id != 21} == {True}


def test_an_article_with_other_words_leaves_its_story_and_joins_another(engine: Engine) -> None:
    load(engine, Piece(0, (1, 2)), Piece(1, (1, 2), source=1), Piece(2, (1, 2), source=2), Piece(3, (5, 6), source=3))
    load(engine, Piece(2, (5, 6), source=2), at=LATER)
    assert groups(engine) == {frozenset({0, 1}), frozenset({2, 3})}
    with writing(engine) as connection:
        assert connection.execute(select(func.count()).select_from(article_copies)).scalar() == 2


def test_a_copy_keeps_the_time_when_it_was_found(engine: Engine) -> None:
    load(engine, Piece(0, WIRE), Piece(1, WIRE, source=1))
    load(engine, Piece(1, (*WIRE, 9), source=1), at=LATER)
    with writing(engine) as connection:
        assert connection.execute(select(article_copies.c.found_at)).scalars().all() == [AT]


def test_a_removed_article_leaves_no_trace_and_its_story_falls_apart_without_it(engine: Engine) -> None:
    load(engine, Piece(0, (1, 2)), Piece(1, (1, 2, 3, 4), source=1), Piece(2, (3, 4), source=2), Piece(3, (3, 4)))
    assert groups(engine) == {frozenset(range(4))}
    with writing(engine) as connection:
        forget(connection, [2])
        for table, column in ((article_texts, "article_id"), (articles, "id")):
            connection.execute(delete(table).where(table.c[column] == 2))
    assert groups(engine) == {frozenset({2, 3})}
    with writing(engine) as connection:
        assert connection.execute(select(stories.c.article_count)).scalars().all() == [2]
        for table in (article_prints, article_shingles):
            assert 2 not in set(connection.execute(select(table.c.article_id)).scalars())


def test_catching_up_compares_what_was_not_compared_and_comes_to_an_end(engine: Engine) -> None:
    pieces = [Piece(number, WIRE, source=number) for number in range(5)]
    with writing(engine) as connection:
        put(connection, [*pieces, Piece(8, ())])  # the last has no body
    assert catch_up_all(engine, 4) == [4, None]
    assert groups(engine) == {frozenset(range(5))}


def test_catching_up_finds_articles_whose_ids_lie_far_apart(engine: Engine) -> None:
    load(engine, Piece(0, WIRE))
    with writing(engine) as connection:
        put(connection, [Piece(50_000, WIRE, source=1)])
    assert catch_up_all(engine, 10)[-1] is None
    assert groups(engine) == {frozenset({0, 50_000})}


def test_an_article_that_cannot_be_compared_is_passed_over_and_said_and_compared_when_it_has_other_words(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Piece(2, (7, 8), source=2)

    def read(body: str) -> Text:
        if body == bad.body:
            raise ValueError("unreadable")
        return read_text(body)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.warehouse.stories.read_text", read)
        with writing(engine) as connection:
            put(connection, [Piece(0, WIRE), bad, Piece(3, WIRE, source=3)])
        assert catch_up_all(engine, 10) == [None]
    assert "articles could not be compared: 3" in caplog.text
    assert groups(engine) == {frozenset({0, 3})}
    with writing(engine) as connection:
        assert connection.execute(select(func.count()).select_from(article_prints)).scalar() == 3
    load(engine, replace(bad, passages=WIRE))
    assert groups(engine) == {frozenset({0, 2, 3})}


def test_an_article_whose_new_words_could_not_be_compared_is_no_copy_by_its_old_ones_and_is_caught_up_with(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load(engine, Piece(0, (1, 2)), Piece(1, (1, 2), source=1), Piece(2, (5, 6), source=2))

    def read(_body: str) -> Text:
        raise ValueError("unreadable")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.warehouse.stories.read_text", read)
        load(engine, Piece(1, (5, 6), source=1))
    assert "articles could not be compared: 2" in caplog.text
    assert groups(engine) == set()
    assert catch_up_all(engine, 10) == [None]
    assert groups(engine) == {frozenset({1, 2})}


def test_articles_without_text_or_with_hardly_any_are_alone(engine: Engine) -> None:
    load(engine, *(Piece(number, (), source=number) for number in range(3)))
    load(engine, *(Piece(10 + number, (1,), source=number, words=12) for number in range(3)))
    assert groups(engine) == set()


def test_what_a_site_prints_again_and_again_makes_no_story_even_when_it_is_noticed_late(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OF_A_SOURCE", 3)
    # A box of two passages in every text of two passages: half of each is the same.
    boxed = [Piece(number, (number + 10, 1, 2, number + 20), source=0, hours=number) for number in range(5)]
    load(engine, *boxed[:3])
    assert groups(engine) == {frozenset({0, 1, 2})}
    load(engine, *boxed[3:])
    assert groups(engine) == set()
    with writing(engine) as connection:
        forget(connection, [4, 5])
        connection.execute(delete(articles).where(articles.c.id.in_([4, 5])))
    assert groups(engine) == {frozenset({0, 1, 2})}


def test_what_a_site_prints_in_two_weeks_in_a_row_is_counted_together(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OF_A_SOURCE", 3)
    hours = (0, 1, 2 * 24, 3 * 24)  # Thursday begins another span of seven days
    for number in range(4):
        load(engine, Piece(number, (number + 10, 1, 2, number + 20), hours=hours[number]))
    assert groups(engine) == set()
    with writing(engine) as connection:
        assert len(set(connection.execute(select(article_shingles.c.week)).scalars())) == 2


def test_a_box_under_two_texts_of_a_site_makes_no_story_of_them_and_the_same_words_of_two_sites_do(
    engine: Engine,
) -> None:
    load(engine, *(Piece(number, (number + 10, 1, 2), source=0, hours=number) for number in range(2)))
    load(engine, *(Piece(number, (number + 10, 3, 4), source=number, hours=number) for number in (2, 3)))
    assert groups(engine) == {frozenset({2, 3})}


def test_a_story_that_many_papers_print_is_not_taken_for_a_site_s_boilerplate(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OF_A_SOURCE", 3)
    load(engine, *(Piece(number, WIRE, source=number) for number in range(9)))
    assert groups(engine) == {frozenset(range(9))}


PIECES = [
    Piece(0, (1, 2, 3), source=0, hours=0, agencies=("Reuters",)),
    Piece(1, (1, 2, 40), source=1, hours=2, agencies=("Reuters",)),
    Piece(2, (2, 3, 41), source=2, hours=3),
    Piece(3, (10, 11), source=0, hours=1),
    Piece(4, (10, 11, 42), source=3, hours=7 * 24 + 5),
    Piece(5, (20, 21), source=1, hours=1),
    Piece(6, (20, 21, 43), source=1, hours=1),
    Piece(7, (1, 10, 20), source=4, hours=9),
    Piece(8, (1, 10, 20, 44), source=5, hours=10),
    Piece(9, (), source=5, hours=10),
    *(Piece(10 + n, (50 + n, 30, 31, 60 + n), source=2, hours=24 * n) for n in range(6)),
]


def _orders() -> st.SearchStrategy[tuple[Sequence[Piece], list[int], Collection[int]]]:
    detours = st.sets(st.sampled_from(range(len(PIECES))), max_size=4)
    return st.tuples(st.permutations(PIECES), st.lists(st.integers(1, 6), min_size=len(PIECES)), detours)


@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_orders())
def test_no_order_no_split_and_no_earlier_text_makes_a_difference(
    engine: Engine, drawn: tuple[Sequence[Piece], list[int], Collection[int]]
) -> None:
    order, sizes, detours = drawn
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "MOST_OF_A_SOURCE", 3)
        for pieces, batches in ((PIECES, [len(PIECES)]), (list(order), sizes)):
            with writing(engine) as connection:
                empty(connection)
            if pieces is not PIECES:
                # Some are first loaded with the text and the time of others, and some are removed in between.
                load(engine, *(replace(PIECES[-1 - n], number=n) for n in detours))
                with writing(engine) as connection:
                    forget(connection, [n + 1 for n in sorted(detours)[:1]])
            left = list(pieces)
            for size in batches:
                if left:
                    load(engine, *left[:size])
                left = left[size:]
            with writing(engine) as connection:
                found.append(everything(connection))
    assert found[0] == found[1]


def test_two_workers_that_load_halves_of_a_story_at_once_end_in_one_story(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    load(engine, *(Piece(n, (60 + n,), source=n) for n in range(6)))  # the sources are there
    barrier = threading.Barrier(2)

    def half(first: int) -> None:
        def work(connection: Connection) -> None:
            written = put(connection, [Piece(10 + n, WIRE, source=n, hours=n) for n in range(first, 6, 2)])
            if not barrier.broken:
                barrier.wait(20)  # both have written before either compares
            compare(connection, written, AT)

        write(engine, work)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(half, (0, 1)))
    assert groups(engine) == {frozenset(range(10, 16))}
    engine.dispose()


def test_workers_that_change_articles_of_one_story_at_once_do_not_wait_for_each_other_for_ever(
    postgres_url: str,
) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    load(engine, *(Piece(n, (1, 2), source=n) for n in range(4)))
    barrier = threading.Barrier(2)
    ended: list[int] = []

    def change(number: int) -> None:
        # One transaction and no second try: a deadlock would be an error.
        with writing(engine) as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '100ms'"))
            written = put(connection, [Piece(number, (7, 8), source=number)])
            barrier.wait(20)
            compare(connection, written, LATER)
        ended.append(number)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(change, (1, 2)))
    assert sorted(ended) == [1, 2]
    assert groups(engine) == {frozenset({0, 3}), frozenset({1, 2})}
    with writing(engine) as connection:
        assert not connection.execute(select(article_prints).where(article_prints.c.is_stale)).all()
        assert everything(connection)[1].keys() == {0, 1, 2, 3}
    engine.dispose()


def test_an_article_whose_row_is_held_gets_its_story_at_the_next_turn(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    load(engine, Piece(0, WIRE))
    with engine.connect() as holder, holder.begin():
        holder.execute(update(articles).where(articles.c.id == 1).values(title="held"))
        load(engine, Piece(1, WIRE, source=1))
        with writing(engine) as connection:
            assert story_of(connection)[0] is None
            assert connection.execute(select(stories.c.article_count)).scalars().all() == [2]
    with writing(engine) as connection:
        assert catch_up(connection, 10) is None
    assert groups(engine) == {frozenset({0, 1})}
    engine.dispose()
