"""Month names of the world's news languages."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates.months import _NAMES, fold, months_named
from pipeline.dates.written import read_written

FORMS = [
    (language, month, form)
    for language, names in _NAMES.items()
    for month, forms in enumerate(names.split("|"), start=1)
    for form in forms.split()
]


@pytest.mark.parametrize("language", sorted(_NAMES))
def test_every_name_is_read_in_its_own_language(language: str) -> None:
    for of, month, form in FORMS:
        if of == language:
            text = f"5 {form} 2021, 10:20"
            moment = read_written(
                text, timezone="UTC", language=language, fetched_at=datetime(2024, 1, 1, tzinfo=UTC), signal="test"
            )
            assert moment is not None, text
            assert moment.on == date(2021, month, 5), text
            assert moment.local is not None, text


def test_every_language_has_twelve_months() -> None:
    assert all(len(names.split("|")) == 12 for names in _NAMES.values())


def test_a_name_that_means_two_months_is_read_by_language() -> None:
    assert months_named("listopada", "hr") == (10,)
    assert months_named("listopada", "pl") == (11,)
    assert sorted(months_named("listopada", None)) == [10, 11]


def test_short_forms_of_other_languages_are_words() -> None:
    assert months_named("set", "en") == ()
    assert months_named("set", "pt-BR") == (9,)


def test_diacritics_and_case_may_be_left_out() -> None:
    assert months_named(fold("FÉVRIER"), "fr") == months_named(fold("fevrier"), "fr") == (2,)
    assert months_named(fold("Kasım"), "tr") == months_named(fold("KASIM"), "tr") == (11,)


@given(st.text())
def test_folding_leaves_no_capital_and_no_foreign_digit(text: str) -> None:
    folded = fold(text)
    assert not any(char.isdecimal() and not char.isascii() for char in folded)
    assert not any("A" <= char <= "Z" for char in folded)
