"""Credit lines: who is named, in the words of many newsrooms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.credit import (
    clean_name,
    is_person,
    is_weak,
    read_credit,
    read_desk,
    read_handle,
    read_lines,
    unique,
)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("By: Ann Lee and Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Posted by Ann Lee, Bob Ray & Cy Poe", ["Ann Lee", "Bob Ray", "Cy Poe"]),
        ("Ann Lee, Senior Staff Writer", ["Ann Lee"]),
        ("Von Anna Maria Beispiel und Jörg Muster", ["Anna Maria Beispiel", "Jörg Muster"]),
        ("Ein Kommentar von Corinna Muster", ["Corinna Muster"]),
        ("Artikel von Alexa von Muster 19. Juni 2019", ["Alexa von Muster"]),
        ("Autorin/Autor Roman Muster", ["Roman Muster"]),
        ("Hannah Muster, Redakteurin für Finanzen", ["Hannah Muster"]),
        ("par Didier Exemple, 21 juin 2018", ["Didier Exemple"]),
        ("Por Camila Ejemplo y Juan Pérez", ["Camila Ejemplo", "Juan Pérez"]),
        ("di Luca Esempio", ["Luca Esempio"]),
        ("Theo Hồ Hương", ["Hồ Hương"]),
        ("Hà Thu (tổng hợp)", ["Hà Thu"]),
        ("Hà Thu tổng hợp", ["Hà Thu"]),
        ("Giang Huy - Hoàng Phương", ["Giang Huy", "Hoàng Phương"]),
        ("Bài và ảnh: Minh Vũ, Ngọc Lan", ["Minh Vũ", "Ngọc Lan"]),
        ("Nhóm PV", ["Nhóm PV"]),
        ("김민수 기자", ["김민수"]),
        ("Grant Muster, PhD", ["Grant Muster"]),
        ("Juan Carlos Muñoz C.", ["Juan Carlos Muñoz C."]),
        ("Ann Lee ann.lee@example.com @annlee", ["Ann Lee"]),
        ("Ann Lee | Published 3 hours ago", ["Ann Lee"]),
    ],
)
def test_names_are_read_out_of_bylines(line: str, people: list[str]) -> None:
    assert list(read_credit(line, is_stated=True).people) == people


@pytest.mark.parametrize(
    "line",
    ["", "Staff Writer", "Kommentare", "12.10.2020", "Theo TTXVN", "(dpa)", "Mehr zum Thema", "More from us", "admin"],
)
def test_lines_without_a_person_give_none(line: str) -> None:
    assert read_credit(line, is_stated=True).people == ()


def test_agencies_are_told_from_people() -> None:
    credit = read_credit("Tâm Hằng (TTXVN)", is_stated=True)
    assert credit.people == ("Tâm Hằng",)
    assert credit.agencies == ("TTXVN",)
    assert read_credit("By Ann Lee, Reuters").agencies == ("Reuters",)


def test_a_signature_glued_to_a_name_is_taken_off() -> None:
    assert read_credit("Tâm HằngTTXVN", is_stated=True).people == ("Tâm Hằng",)


def test_a_place_after_the_names_is_dropped_in_running_text() -> None:
    assert read_credit("Von Anna Beispiel und Jörg Muster, Nairobi").people == ("Anna Beispiel", "Jörg Muster")


@pytest.mark.parametrize(
    "name", ["Ann Lee", "Ludwig van Beethoven", "Jean-Luc d'Exemple", "Nguyễn Văn A", "王小明", "Papai"]
)
def test_names_have_the_form_of_names(name: str) -> None:
    assert is_person(name, is_stated=True)


@pytest.mark.parametrize(
    "name",
    ["Leiterin der Abteilung", "the editors", "Ein Genuss", "Foo 24", "What is this?", "Reuters", "example.com", ""],
)
def test_other_words_have_not(name: str) -> None:
    assert not is_person(name, is_stated=True)


def test_a_single_word_is_a_name_only_where_an_author_is_stated() -> None:
    assert is_person("Papai", is_stated=True)
    assert not is_person("Papai")


@pytest.mark.parametrize("name", ["ann.lee", "gear-team", "MM-Redaktion", "Gear Team"])
def test_accounts_and_desks_are_weak(name: str) -> None:
    assert is_weak(name)


def test_people_are_not_weak() -> None:
    assert not is_weak("Ann Lee")


def test_names_are_kept_once_in_order() -> None:
    assert unique(["Ann Lee", "ANN LEE", "Bob Ray"]) == ("Ann Lee", "Bob Ray")


@given(st.text(max_size=300), st.booleans())
def test_any_line_gives_names_that_are_clean(line: str, is_stated: bool) -> None:
    for name in read_credit(line, is_stated=is_stated).people:
        assert is_person(name, is_stated=True)
        assert clean_name(name) == name


def test_lines_are_read_until_one_does_not_go_on() -> None:
    assert read_lines(["Politik", "Von Ann Lee und", "Bob Ray", "River Voice"], is_stated=True) == (
        "Ann Lee",
        "Bob Ray",
    )
    assert read_lines(["Ann Lee", "Redakteurin", "Bob Ray"]) == ("Ann Lee",)
    assert read_lines(["Ann", "Lee"], is_stated=True) == ("Ann Lee",)
    assert read_lines([]) == ()


def test_an_agency_is_no_desk() -> None:
    assert read_desk("Redaktion Fluss") == "Redaktion Fluss"
    assert read_desk("dpa Nachrichtenagentur") is None


@pytest.mark.parametrize("name", ["ann_lee", "Anna1", "b52", "der Cy"])
def test_users_go_by_names_of_other_forms(name: str) -> None:
    assert read_handle(name) == name


@pytest.mark.parametrize("text", ["", "12.10.2020", "unknown", "Reuters", "Redaktion", "die ganze Liste", "mehr"])
def test_other_texts_are_no_users(text: str) -> None:
    assert read_handle(text) is None
