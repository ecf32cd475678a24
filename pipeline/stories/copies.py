"""Whether one text copies from another: how much they share, and that it is not a form filled in twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipeline.stories.shingles import MOST_WORDS, SHINGLE_WORDS, Text, detail_window_of, window_of

LEAST_SHARE = 0.3
"""Share of the shorter text's runs of five words from which on two articles are a copy and its original."""

LEAST_SHARED = 12
"""Runs that must be shared whatever the share: below that it is a quotation or a name."""

_LEEWAY = 2
"""Samples scatter: a pair is looked at from half of the samples on that `LEAST_SHARE` lets expect."""


_LEAST_FILLED = 3
_WORDS_A_NUMBER = 40
_LONGEST_SLOT = 24

_MOST_OF_A_BOX = 2 / 3
_EDGE = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share: of the first and of the second one's runs, 0 to 1 each."""

    share: float
    other_share: float


def needed_samples(one: int, other: int) -> int:
    """Tell how many samples two texts of so many runs must share for their details to be compared.

    Of the shorter one's runs `LEAST_SHARE` are to be shared, and as many of those are sampled as the longer one's
    window keeps.
    """
    return _needed(one, other, window_of)


def needed_details(one: int, other: int) -> int:
    """Tell how many details two texts of so many runs must share for all their words to be compared."""
    return _needed(one, other, detail_window_of)


@cache
def longest_for_one() -> int:
    """Tell how many runs the shorter of two texts has at most if one shared sample may be enough."""
    return int(1.5 / _needed_a_run(MOST_WORDS, window_of))


def _needed(one: int, other: int, window: Callable[[int], int]) -> int:
    shorter, longer = (one, other) if one < other else (other, one)
    return max(1, int(shorter * _needed_a_run(longer, window) + 0.5))


@cache
def _needed_a_run(longer: int, window: Callable[[int], int]) -> float:
    return LEAST_SHARE * 2 / (window(longer) + 1) / _LEEWAY


def measure(one: Text, other: Text) -> Overlap | None:
    """Compare all words of two texts; None when neither is a copy of the other."""
    shared = len(one.shingles & other.shingles)
    if shared < LEAST_SHARED or shared < LEAST_SHARE * min(len(one.shingles), len(other.shingles)):
        return None
    if is_form(one, other):
        return None
    return Overlap(shared / len(one.shingles), shared / len(other.shingles))


def is_form(one: Text, other: Text) -> bool:
    """Tell whether two texts are one form with other numbers: prices, results, weather, quakes.

    A copy keeps the numbers of its original. Where the words between two shared passages differ in their numbers, a
    slot was filled in; a form has a slot in every few lines, an update of a wire story has a few in all.
    """
    short, long = _ordered(one, other)
    passages = _passages(short, long)
    shared = sum(length for _, _, length in passages)
    filled = 0
    for (left, right, length), (next_left, next_right, _) in pairwise(passages):
        ours = short.words[left + length : next_left]
        theirs = long.words[right + length : next_right]
        if 0 < len(ours) <= _LONGEST_SLOT and 0 < len(theirs) <= _LONGEST_SLOT:
            filled += _other_numbers(ours, theirs)
    return filled >= _LEAST_FILLED and filled * _WORDS_A_NUMBER > shared


def is_box(one: Text, other: Text) -> bool:
    """Tell whether all that two texts of one site share stands at the same end of both, beside words of their own.

    That is what the site puts there: a notice, a portrait, links. An update of its own story keeps more of it, or words
    at other places as well; another site that prints the box prints the article, too.
    """
    least = min(len(one.shingles), len(other.shingles))
    if len(one.shingles & other.shingles) > _MOST_OF_A_BOX * least:
        return False
    short, long = _ordered(one, other)
    passages = [passage for passage in _passages(short, long) if passage[2] >= LEAST_SHARED]
    return bool(passages) and all(
        max(left, right) <= _EDGE or max(len(short.words) - left - length, len(long.words) - right - length) <= _EDGE
        for left, right, length in passages
    )


def _ordered(one: Text, other: Text) -> tuple[Text, Text]:
    """Put the shorter one first, whichever comes first."""
    return (one, other) if (len(one.words), one.words) <= (len(other.words), other.words) else (other, one)


def _passages(one: Text, other: Text) -> list[tuple[int, int, int]]:
    """Give the shared passages in the order of the first text: place there, place in the other, words."""
    ours, theirs = one.runs, other.runs
    # Of a run that comes twice, the first place.
    places = dict(zip(reversed(theirs), range(len(theirs) - 1, -1, -1), strict=True))
    found = []
    left = 0
    while left < len(ours):
        right = places.get(ours[left])
        if right is None:
            left += 1
            continue
        most = min(len(ours) - left, len(theirs) - right)
        length = 1
        while length < most and ours[left + length] == theirs[right + length]:
            length += 1
        found.append((left, right, length + SHINGLE_WORDS - 1))
        left += length
    return found


def _other_numbers(ours: Sequence[str], theirs: Sequence[str]) -> int:
    left, right = ({word for word in words if any(map(str.isdigit, word))} for words in (ours, theirs))
    return min(len(left - right), len(right - left))
