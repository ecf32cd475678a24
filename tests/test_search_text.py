"""Words as they are searched: small letters, one way to place tones, and a form without marks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search_query import QueryError, fts5_match, parse_query
from pipeline.search_snippet import snippet_of
from pipeline.search_text import folded_words, forms, word_of, words

BLANKS = "\t\x1c\x85\xa0\u1680\u2003\u2028\u3000"
LETTERS = "aăâbcdđeêoôơuưyáàảãạấặợửýÀÁĐƠƯ hH'-.,ßẞİıøæéñçÉςΣΆαйЙёЁअकीกัำ한글가がガ京北学مَّדِ½①ﬁ\u0301\u0323\u0302🎉"
TEXTS = st.text(alphabet=LETTERS, max_size=40) | st.text(max_size=40)


def exact(text: str) -> list[str]:
    return [word.exact for word in words(text)]


def folded(text: str) -> list[str]:
    return [word.folded for word in words(text)]


def test_marks_and_capitals_fold_away_and_a_stroke_does_too() -> None:
    assert folded("Đường sắt CẦN THƠ") == ["duong", "sat", "can", "tho"]
    assert exact("Đường sắt CẦN THƠ") == ["đường", "sắt", "cần", "thơ"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("quý", "qúy"), ("HOÀ", unicodedata.normalize("NFD", "hòa"))],
)
def test_two_ways_to_place_a_tone_are_one_exact_word(one: str, other: str) -> None:
    assert exact(one) == exact(other)


@pytest.mark.parametrize("word", ["hoàn", "toán", "quý", "quỳ", "huyện", "ngoài"])
def test_a_tone_that_has_one_place_stays_there(word: str) -> None:
    assert exact(word) == [word]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("İstanbul ısı", ["istanbul", "isi"]),
        ("Łódź Ærø", ["lodz", "aero"]),
        ("Ελλάς ΕΛΛΑΣ", ["ελλασ", "ελλασ"]),
        ("Ёлка", ["елка"]),
        ("मुंबई", ["मुंबई"]),
        ("한국어", ["한국어"]),
        ("مَدرَسة", ["مدرسة"]),
        ("don't e-mail 1.000", ["don", "t", "e", "mail", "1", "000"]),
        ("ＡＢＣ ﬁn", ["abc", "fin"]),
    ],
)
def test_other_languages_keep_what_tells_their_words_apart(text: str, found: list[str]) -> None:
    assert folded(text) == found


def test_scripts_without_blanks_are_words_of_two_characters() -> None:
    assert folded("北京大学iPhone") == ["北京", "京大", "大学", "学", "iphone"]
    assert [word.folded for word in words("京大学", is_phrase=True)] == ["京大", "大学"]


@given(TEXTS)
def test_folding_is_done_once_and_for_all(text: str) -> None:
    for word in words(text):
        assert word_of(word.folded).folded == word.folded
        assert word_of(word.exact).exact == word.exact
        assert word.exact
        assert word.folded


@given(TEXTS | st.text(alphabet=LETTERS + BLANKS, max_size=40))
def test_whole_texts_have_the_words_that_they_have_one_by_one(text: str) -> None:
    assert forms(text) == (" ".join(exact(text)), " ".join(folded(text)))


@given(TEXTS)
def test_however_a_text_is_composed_its_words_are_the_same(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(text)


@given(TEXTS)
def test_a_word_has_nothing_in_it_that_databases_read_as_their_own(text: str) -> None:
    for word in words(text):
        assert not set("'\"\\ \x00:()|&!<>*") & set(word.exact + word.folded)


@given(st.text(max_size=60) | st.text(alphabet='-"*“” ađ京', max_size=30))
def test_any_text_is_a_query_or_a_sentence(typed: str) -> None:
    try:
        query = parse_query(typed)
    except QueryError as error:
        said = str(error)
    else:
        said = "."
        assert all(term.words for term in query.wanted)
        fts5_match(query, is_exact=True)
    assert said.endswith(".")


def test_quotes_hold_a_phrase_together_minus_leaves_out_and_a_star_goes_on() -> None:
    query = parse_query('“cần thơ” tàu* -"xăng dầu" e-mail')
    assert fts5_match(query, is_exact=False) == (
        '{folded_title folded_body} : (("can tho" AND "tau" * AND "e mail") NOT ("xang dau"))'
    )


@pytest.mark.parametrize(("typed", "said"), [("", "at least one word"), ("-tàu", "not only"), ("a " * 40, "too many")])
def test_a_query_that_cannot_find_anything_says_so(typed: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse_query(typed)


BODY = "Sáng nay, đoàn tàu rời ga. " * 30 + "Tại Cần Thơ, hội chợ mở cửa lúc 8 giờ. " + "Trời có mưa nhỏ. " * 30


def test_a_snippet_shows_what_was_found_with_its_own_marks() -> None:
    found = snippet_of(BODY, parse_query('"can tho"')).marked()
    assert "[Cần Thơ], hội chợ" in found
    assert len(found) < 200
    assert found.startswith("…")
    assert found.endswith("…")


def test_a_snippet_is_where_most_words_are_near_each_other() -> None:
    assert "[hội] [chợ] mở [cửa]" in snippet_of("Cửa sông. " + BODY, parse_query("hoi cho cua")).marked()


def test_a_snippet_of_a_text_without_blanks() -> None:
    assert snippet_of("我们在北京大学见面", parse_query("大学")).marked() == "我们在北京[大学]见面"
    assert snippet_of("我们在北京大学见面", parse_query("京")).marked().count("[") == 1


@given(TEXTS, TEXTS)
def test_a_snippet_marks_parts_of_the_text_in_their_order(text: str, typed: str) -> None:
    try:
        query = parse_query(typed)
    except QueryError:
        return
    snippet = snippet_of(text * 9, query)
    ends = [at for hit in snippet.hits for at in hit]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(snippet.text) for at in ends)
    assert len(snippet.text) <= 165
    assert folded_words(snippet.marked()) is not None
