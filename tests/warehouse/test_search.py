"""Search on both databases: what is found, in which order, and an index that stays in step with the articles."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fresh import bring_up
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import new_database
from sqlalchemy import URL, Engine, text
from stock import NOON, Stock, emptied, made, shelves

from models.engine import open_engine, reading, writing
from pipeline.search_query import QueryError, fts5_match, parse_query
from pipeline.search_text import words
from pipeline.span import Span, parse_span
from pipeline.warehouse.copy import copy_warehouse
from pipeline.warehouse.search import Found, Wanted, search
from pipeline.warehouse.search_index import Document, catch_up, forget, keep_searchable, searched, tsvector_of

ALWAYS = Span(None, None, ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from shelves(request, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def stock(shelf: Engine) -> Stock:
    return emptied(shelf)


def shelve(stock: Stock, *texts: tuple[str | None, str], slug: str = "wharf") -> list[int]:
    """Add articles as a load does: written, then followed up."""
    with writing(stock.engine) as connection:
        written = stock.add_all(connection, texts, slug=slug)
        keep_searchable(connection, written, NOON)
    return [one.article_id for one in written]


def find(stock: Stock, typed: str, *, span: Span = ALWAYS, newest: bool = False, **wanted: object) -> Found:
    with reading(stock.engine) as connection:
        return search(connection, Wanted(parse_query(typed), span, is_newest=newest, **wanted))  # type: ignore[arg-type]  # limit and source


def ids(stock: Stock, typed: str, **wanted: object) -> list[int]:
    return [hit.article_id for hit in find(stock, typed, **wanted).hits]  # type: ignore[arg-type]  # as above


def test_marks_may_be_left_out_and_exact_ones_come_first(stock: Stock) -> None:
    plain, marked, other = shelve(
        stock, ("Hội chợ can tho", "x"), ("Hội chợ Cần Thơ", "x"), ("Hội chợ", "căn nhà, thơ mới")
    )
    assert set(ids(stock, "can tho")) == {plain, marked, other}
    assert ids(stock, "Cần Thơ")[0] == marked
    assert ids(stock, '"can tho"')[0] == plain
    assert set(ids(stock, '"can tho"')) == {plain, marked}
    assert [hit.is_exact for hit in find(stock, '"cần thơ"').hits] == [True, False]


def test_a_stroke_is_a_mark_too_and_a_tone_may_be_in_either_place(stock: Stock) -> None:
    (found,) = shelve(stock, ("Đường Hoà Bình", "khoẻ"))
    for typed in ("duong", "Đường", "hòa bình", "hoà bình", "HOA BINH", "khỏe", "khoẻ"):
        assert ids(stock, typed) == [found], typed
    assert find(stock, "hòa").hits[0].is_exact


def test_a_title_weighs_more_than_a_body(stock: Stock) -> None:
    in_body, in_title = shelve(
        stock, ("Tin sáng", "Bến cảng mở lại. Tàu vào."), ("Bến cảng", "Tàu vào. Trời nắng. Gió nhẹ.")
    )
    assert ids(stock, "bến cảng") == [in_title, in_body]


def test_several_words_must_all_occur_and_some_may_be_left_out(stock: Stock) -> None:
    one, both = shelve(stock, ("A", "tàu chạy"), ("B", "tàu chạy ra ga"))
    assert ids(stock, "tàu ga") == [both]
    assert ids(stock, "tàu -ga") == [one]
    assert ids(stock, '-"ra ga" tàu') == [one]


def test_a_star_stands_for_the_rest_of_a_word(stock: Stock) -> None:
    one, _ = shelve(stock, ("Harbour reopened", ""), ("Hammer", ""))
    assert ids(stock, "harb*") == [one]
    assert ids(stock, "harb") == []


def test_a_phrase_does_not_run_from_the_title_into_the_body(stock: Stock) -> None:
    shelve(stock, ("Cần", "thơ"))
    assert ids(stock, '"cần thơ"') == []


def test_parts_of_texts_without_blanks_are_found(stock: Stock) -> None:
    chinese, thai = shelve(stock, ("新闻", "我们在北京大学见面"), ("ข่าว", "นายกรัฐมนตรีเดินทาง"))
    assert ids(stock, "北京大学") == [chinese]
    assert ids(stock, "京大") == [chinese]
    assert ids(stock, "面") == [chinese]
    assert ids(stock, "รัฐมนตรี") == [thai]
    assert ids(stock, "大北") == []


def test_where_no_body_is_kept_the_summary_is_searched(stock: Stock) -> None:
    with writing(stock.engine) as connection:
        keep_searchable(connection, stock.add_all(connection, [("Tin", "")], summary="Bến cảng mở lại"), NOON)
    assert "[Bến] [cảng] mở lại" in find(stock, "ben cang").hits[0].snippet.marked()


def test_newest_first_and_only_some_of_all(stock: Stock) -> None:
    added = shelve(stock, *[(f"Tàu {number}", "") for number in range(5)])
    found = find(stock, "tàu", newest=True, limit=2)
    assert found.total == 5
    assert [hit.article_id for hit in found.hits] == [added[4], added[3]]


def test_a_span_and_a_source_limit_what_is_found(stock: Stock) -> None:
    (first,) = shelve(stock, ("Tàu", ""))
    stock.number = 48
    (later,) = shelve(stock, ("Tàu", ""), slug="pier")
    zone = ALWAYS.zone
    assert ids(stock, "tàu", span=parse_span(None, "2026-03-02", zone)) == [first]
    assert ids(stock, "tàu", span=parse_span("2026-03-03T05:00Z", None, zone)) == [later]
    assert ids(stock, "tàu", span=parse_span("2026-03-03T05:01Z", None, zone)) == []
    assert ids(stock, "tàu", source="pier") == [later]


def test_a_day_without_a_clock_counts_at_its_beginning(stock: Stock) -> None:
    with writing(stock.engine) as connection:
        keep_searchable(connection, stock.add_all(connection, [("Tàu", "")], published_at=None), NOON)
    zone = ALWAYS.zone
    assert len(ids(stock, "tàu", span=parse_span("2026-03-01", "2026-03-01 01:00", zone))) == 1
    assert ids(stock, "tàu", span=parse_span("2026-03-01 01:00", "2026-03-02", zone)) == []


def test_other_words_take_the_place_of_the_old_ones(stock: Stock) -> None:
    (found,) = shelve(stock, ("Tàu", "rời ga"))
    written = stock.rewrite(found, "Thuyền", "rời bến")
    with writing(stock.engine) as connection:
        keep_searchable(connection, [written], NOON)
    assert ids(stock, "tau") == []
    assert ids(stock, "thuyen ben") == [found]
    assert_sound(stock.engine)


def test_what_is_forgotten_is_not_found(stock: Stock) -> None:
    one, other = shelve(stock, ("Tàu", "a"), ("Tàu", "b"))
    with writing(stock.engine) as connection:
        forget(connection, [one, 999])
        forget(connection, [one])
    stock.remove(one)
    assert ids(stock, "tàu") == [other]
    assert_sound(stock.engine)


def test_catching_up_goes_on_where_it_stopped_until_all_is_right(stock: Stock) -> None:
    missed = [stock.add("Tàu", str(number)) for number in range(5)]
    gone, changed = shelve(stock, ("Tàu", "gone"), ("Tàu", "old"))
    stock.remove(gone)
    stock.rewrite(changed, "Thuyền", "new")
    counts = []
    for _ in range(4):
        with writing(stock.engine) as connection:
            counts.append(catch_up(connection, 2))
    assert counts == [2, 2, 2, 0]
    assert set(ids(stock, "tàu")) == set(missed)
    assert ids(stock, "thuyền") == [changed]
    assert_sound(stock.engine)


def test_a_copy_of_the_warehouse_is_searched_at_once(stock: Stock, tmp_path: Path, postgres_url: str) -> None:
    (found,) = shelve(stock, ("Tàu", "rời ga"))
    is_sqlite = stock.engine.dialect.name == "sqlite"
    target = open_engine(postgres_url if is_sqlite else f"sqlite:///{tmp_path / 'copy.db'}")
    copy_warehouse(stock.engine, target)
    with reading(target) as connection:
        assert [hit.article_id for hit in search(connection, Wanted(parse_query("tau"), ALWAYS)).hits] == [found]
    target.dispose()


def test_an_article_of_very_many_different_words_is_indexed_as_far_as_there_is_room(stock: Stock) -> None:
    (found,) = shelve(stock, ("Tàu", " ".join(f"{number:x}" * 9 for number in range(90_000))))
    assert ids(stock, "tàu " + "0" * 9) == [found]
    assert len(tsvector_of(searched(Document("", "a" * 2_000_000)))) < 200


def assert_sound(engine: Engine) -> None:
    """FTS5 compares its index with what it was told to keep (sqlite.org/fts5.html, 6.8)."""
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO report_search(report_search) VALUES ('integrity-check')"))
            indexed = connection.execute(text("SELECT count(*) FROM report_search_docsize")).scalar()
            assert indexed == connection.execute(text("SELECT count(*) FROM article_search")).scalar()


# What analysts ask in plain SQL.


def test_in_sqlite_report_search_is_asked_by_match(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    bring_up(engine)
    stock = Stock(engine)
    plain, marked = shelve(stock, ("Hội chợ can tho", "x"), ("Hội chợ Cần Thơ", "Sông nước Cần Thơ đông vui"))
    ask = text(
        "SELECT a.article_id, snippet(report_search, -1, '[', ']', '…', 8) AS shown FROM report_search "
        "JOIN report_articles a ON a.article_id = report_search.rowid WHERE report_search MATCH :typed ORDER BY rank"
    )
    with reading(engine) as connection:
        assert {row.article_id for row in connection.execute(ask, {"typed": "can tho"})} == {plain, marked}
        assert [row.article_id for row in connection.execute(ask, {"typed": '"cần thơ"'})] == [marked]
        assert [row.article_id for row in connection.execute(ask, {"typed": "dong"})] == [marked]
        assert [row.article_id for row in connection.execute(ask, {"typed": "đông"})] == [marked]
        shown = connection.execute(ask, {"typed": '"song nuoc"'}).one().shown
        assert connection.execute(text("SELECT title FROM report_search WHERE rowid = 2")).scalar() == "Hội chợ Cần Thơ"
    assert "[Sông nước] Cần Thơ" in shown
    engine.dispose()


@pytest.fixture(scope="module")
def postgres(postgres_server_url: URL) -> Iterator[Engine]:
    with new_database(postgres_server_url) as url:
        yield from made(url)


def test_in_postgresql_search_articles_finds_the_same(postgres: Engine) -> None:
    stock = Stock(postgres)
    shelve(
        stock,
        ("Hội chợ can tho", "x"),
        ("Hội chợ Cần Thơ", "Sông nước Cần Thơ đông vui"),
        ("Tin", "Ở Cần Thơ có hội chợ"),
        ("新闻", "我们在北京大学见面"),
    )
    with reading(postgres) as connection:
        for typed in ("can tho", "Cần Thơ", '"hoi cho" -vui', "đông*", "北京大学", "hội", "京"):
            ask = text("SELECT article_id, is_exact FROM search_articles(:typed)")
            found = [tuple(row) for row in connection.execute(ask, {"typed": typed})]
            assert found == [(hit.article_id, hit.is_exact) for hit in find(stock, typed).hits], typed
        ask = text("SELECT article_id, snippet FROM search_articles(:typed, newest => true, most => 2)")
        rows = connection.execute(ask, {"typed": "can tho"}).all()
        assert [row.article_id for row in rows] == [3, 2]
        assert rows[1].snippet == "Sông nước [Cần Thơ] đông vui"
        ask = text("SELECT count(*) FROM search_articles('can tho', since => '2026-03-02', source => 'wharf')")
        assert connection.execute(ask).scalar() == 0


def test_in_postgresql_search_is_not_for_everyone(postgres: Engine) -> None:
    with reading(postgres) as connection:
        signature = "search_articles(text,date,date,text,boolean,integer)"
        row = connection.execute(
            text("SELECT prosecdef, proconfig::text, has_function_privilege('public', oid, 'EXECUTE') AS is_open "
                 "FROM pg_proc WHERE oid = CAST(:it AS regprocedure)"), {"it": signature}
        ).one()  # fmt: skip
    assert row.prosecdef
    assert "search_path=public, pg_temp" in row.proconfig
    assert not row.is_open


LETTERS = (
    "aăâđêôơưáàảãạấặợửýÀÁĐƠƯQqUuYy hHoOaAeE'-.,ßẞİı"
    'øæéñçÉςΣΆαйЙёЁअकीกัำ한글가がガ京北学مَّ½①ﬁ\u0301\u0323\u0302🎉"*-\\:&|!()<>'
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=LETTERS, max_size=30) | st.text(st.characters(max_codepoint=0x24F, min_codepoint=1)))
def test_postgresql_reads_words_and_queries_as_python_does(postgres: Engine, typed: str) -> None:
    with reading(postgres) as connection:
        for is_exact in (True, False):
            found = connection.execute(text("SELECT search_words(:it, :how)"), {"it": typed, "how": is_exact}).scalar()
            assert found == [word.exact if is_exact else word.folded for word in words(typed, is_phrase=True)]
        asked = connection.execute(text("SELECT search_query(:it, false)::text"), {"it": typed}).scalar_one()
    try:
        query = parse_query(typed)
    except QueryError:
        assert asked == ""
        return
    wanted = [" <-> ".join(f"'{word.folded}'" for word in term.words) for term in query.wanted]
    assert all(term in asked for term in wanted)
    assert asked.count(":*") == sum(term.is_prefix for term in query.wanted + query.unwanted)


@given(st.text(alphabet=LETTERS + '"()^:{}+AND OR NOT NEAR', max_size=40))
@settings(max_examples=40)
def test_no_query_is_a_mistake_to_sqlite(typed: str) -> None:
    try:
        query = parse_query(typed)
    except QueryError:
        return
    engine = open_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE VIRTUAL TABLE t USING fts5(title, body, folded_title, folded_body)"))
        for is_exact in (True, False):
            ask = text("SELECT count(*) FROM t WHERE t MATCH :typed")
            assert connection.execute(ask, {"typed": fts5_match(query, is_exact=is_exact)}).scalar() == 0
    engine.dispose()
