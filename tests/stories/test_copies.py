"""Copies: partial ones count, quotations and forms do not; a copy may say where it is from."""

import pytest
from press import passage

from pipeline.stories.copies import LEAST_SHARE, is_box, is_form, longest_for_one, measure, needed_samples
from pipeline.stories.credit import Publication, is_credited
from pipeline.stories.shingles import Text, read_text

WIRE = [passage(seed) for seed in range(8)]


def test_a_whole_copy_shares_everything_both_ways() -> None:
    found = measure(read_text(" ".join(WIRE)), read_text(" ".join(WIRE)))
    assert found is not None
    assert (found.share, found.other_share) == (1, 1)


def test_a_third_of_a_wire_story_under_an_own_lead_is_a_copy() -> None:
    brief = " ".join([passage(90), passage(91), *WIRE[2:4]])
    found = measure(read_text(brief), read_text(" ".join(WIRE)))
    assert found is not None
    assert found.share == pytest.approx(0.5, abs=0.05)
    assert found.other_share == pytest.approx(0.25, abs=0.05)


def test_the_share_is_measured_of_the_shorter_text() -> None:
    long = read_text(" ".join([*WIRE, *(passage(seed) for seed in range(100, 140))]))
    assert measure(read_text(" ".join(WIRE[:3])), long) is not None
    assert measure(long, read_text(" ".join(WIRE[:3]))) is not None


def test_a_long_quotation_in_two_articles_of_their_own_is_no_copy() -> None:
    quotation = passage(7, 50)
    one = read_text(" ".join([*(passage(seed) for seed in range(20, 25)), quotation]))
    other = read_text(" ".join([*(passage(seed) for seed in range(30, 35)), quotation]))
    assert measure(one, other) is None


def test_two_short_notices_with_a_common_phrase_are_no_copy() -> None:
    phrase = passage(5, 12)
    assert measure(read_text(f"{phrase} {passage(6, 13)}"), read_text(f"{phrase} {passage(8, 13)}")) is None


def bulletin(numbers: list[int]) -> str:
    return " ".join(
        f"{passage(60 + place, 14)} {number} {passage(70 + place, 6)}" for place, number in enumerate(numbers)
    )


def test_a_form_with_other_numbers_is_no_copy() -> None:
    one, other = read_text(bulletin(list(range(10, 20)))), read_text(bulletin(list(range(40, 50))))
    assert len(one.shingles & other.shingles) > LEAST_SHARE * len(one.shingles)
    assert measure(one, other) is None


def test_a_copy_of_a_bulletin_keeps_its_numbers_and_is_a_copy() -> None:
    one = bulletin(list(range(10, 20)))
    assert measure(read_text(one), read_text(f"{passage(1)} {one}")) is not None


def test_an_update_of_a_wire_story_with_new_figures_is_still_its_copy() -> None:
    early = " ".join([*WIRE[:4], "the quake killed 12 and hurt 140 in 3 towns", *WIRE[4:]])
    late = " ".join([*WIRE[:4], "the quake killed 19 and hurt 205 in 4 towns", *WIRE[4:]])
    assert not is_form(read_text(early), read_text(late))
    assert measure(read_text(early), read_text(late)) is not None


def boxed(own: int, box: str, *, is_above: bool = False) -> Text:
    texts = [passage(own, 60), box]
    return read_text(" ".join(reversed(texts) if is_above else texts))


@pytest.mark.parametrize("is_above", [False, True])
def test_what_stands_under_or_above_two_texts_is_a_box(is_above: bool) -> None:
    one, other = (boxed(own, passage(1, 90), is_above=is_above) for own in (2, 3))
    assert measure(one, other) is not None
    assert is_box(one, other)
    assert is_box(other, one)


def test_a_box_may_be_above_and_under_the_texts() -> None:
    one, other = (read_text(f"{passage(1)} {passage(own, 60)} {passage(2)}") for own in (3, 4))
    assert is_box(one, other)


def test_an_update_that_keeps_most_of_the_story_is_no_box() -> None:
    assert not is_box(read_text(" ".join([passage(90), *WIRE])), read_text(" ".join([passage(91), *WIRE])))


def test_a_text_that_is_all_in_the_other_is_no_box() -> None:
    assert not is_box(read_text(" ".join(WIRE[3:])), read_text(" ".join(WIRE)))


def test_words_that_stand_elsewhere_in_one_of_the_texts_are_no_box() -> None:
    one = read_text(" ".join([passage(90, 80), WIRE[0], WIRE[1]]))
    assert not is_box(one, read_text(" ".join([passage(91), WIRE[0], WIRE[1], passage(92)])))


def test_the_samples_asked_for_grow_with_the_shorter_text() -> None:
    assert needed_samples(longest_for_one() - 1, 3000) == 1
    assert needed_samples(longest_for_one() + 1, 3000) == 2
    assert needed_samples(3000, 600) == needed_samples(600, 3000) > 4


def test_more_samples_are_asked_for_of_two_short_texts_as_more_of_their_runs_are_sampled() -> None:
    assert needed_samples(120, 120) > needed_samples(120, 250) > needed_samples(120, 600)


def credit(*agencies: str, source: str = "ward", name: str = "The Ward") -> Publication:
    return Publication(source, name, agencies)


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        (credit("Harbour Post"), credit(source="harbour", name="Harbour Post")),
        (credit("HARBOUR"), credit(source="harbour", name="Harbour Post")),
        (credit("Reuters"), credit("Thomson Reuters", source="harbour")),
        (credit("TTXVN"), credit(source="vnp", name="VietnamPlus")),
        (credit(), credit()),
    ],
    ids=["by name", "by slug", "the agency of both", "another name of it", "its own text"],
)
def test_a_copy_is_credited_when_it_names_its_source_or_the_agency_of_both(
    copy: Publication, original: Publication
) -> None:
    assert is_credited(copy, original)


def test_a_copy_that_names_nobody_or_somebody_else_is_not_credited() -> None:
    original = credit("Reuters", source="harbour", name="Harbour Post")
    assert not is_credited(credit(), original)
    assert not is_credited(credit("AFP"), original)
