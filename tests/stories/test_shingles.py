"""Runs of words: the same words give the same numbers, wherever and however they are written."""

import os
import random
import subprocess
import sys
import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from press import passage

from pipeline.stories.shingles import (
    DETAIL_WINDOW,
    LEAST_SHINGLES,
    MOST_WORDS,
    SHORT_WINDOWS,
    WINDOW,
    read_text,
    sample,
    window_of,
)

NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40)


def test_case_punctuation_white_space_and_unicode_form_do_not_count() -> None:
    one = "Thủ tướng: “Mưa lũ ở miền Trung, rất lớn” " * 8
    other = unicodedata.normalize("NFD", one.upper().replace(",", " –\n"))
    assert read_text(one).shingles == read_text(other).shingles


def test_the_numbers_are_the_same_in_every_process() -> None:
    probe = "from pipeline.stories.shingles import read_text; print(read_text('one two three four five six').runs)"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    said = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(read_text("one two three four five six").runs)


def test_numbers_fit_a_signed_column_of_64_bits() -> None:
    runs = read_text(passage(1, 500)).runs
    assert all(-(2**63) <= run < 2**63 for run in runs)
    assert min(runs) < 0 < max(runs)


def test_a_text_of_less_than_five_words_has_no_runs() -> None:
    assert [len(read_text(text).runs) for text in ("", "one two three four", "one two three four five")] == [0, 0, 1]


def test_a_text_too_short_to_tell_a_copy_from_a_phrase_has_no_samples() -> None:
    words = passage(2, LEAST_SHINGLES + 4).split()
    assert not read_text(" ".join(words[:-1])).samples
    assert read_text(" ".join(words)).samples


def test_the_rest_of_an_endless_text_is_not_read() -> None:
    assert len(read_text("word " * (MOST_WORDS + 1000)).words) == MOST_WORDS


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.lists(st.integers(-(2**63), 2**63 - 1), min_size=WINDOW, max_size=40))
def test_texts_that_share_a_window_of_runs_share_a_sample(
    head: list[int], tail: list[int], other_head: list[int], other_tail: list[int], shared: list[int]
) -> None:
    one, other = head + shared + tail, other_head + shared + other_tail
    assert sample(one, WINDOW) & sample(other, WINDOW)
    assert all(sample(one, WINDOW) & sample(other, window) for _, window in SHORT_WINDOWS)


@given(NUMBERS)
def test_samples_are_the_least_of_every_window_and_nothing_else(runs: list[int]) -> None:
    windows = [runs[i : i + WINDOW] for i in range(max(1, len(runs) - WINDOW + 1))]
    assert sample(runs, WINDOW) == {min(window) for window in windows if window}


@given(st.integers(0, 10**6), st.integers(LEAST_SHINGLES + 4, 900), st.sampled_from([3, 9, 500]))
def test_a_text_is_sampled_by_the_window_for_its_length_and_its_details_by_one_no_longer(
    seed: int, count: int, vocabulary: int
) -> None:
    dice = random.Random(seed)
    text = read_text(" ".join(str(dice.randrange(vocabulary)) for _ in range(count)))
    if len(text.shingles) >= LEAST_SHINGLES:
        assert text.samples == sample(text.runs, window_of(len(text.shingles)))
        assert text.details == sample(text.runs, min(DETAIL_WINDOW, window_of(len(text.shingles))))


@given(NUMBERS)
def test_the_samples_of_a_long_window_are_among_those_of_a_short_one(runs: list[int]) -> None:
    windows = [*(window for _, window in SHORT_WINDOWS), WINDOW]
    assert all(sample(runs, longer) <= sample(runs, shorter) for shorter, longer in pairwise(windows))
