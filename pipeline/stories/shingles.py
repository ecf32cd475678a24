"""Runs of five words as 64-bit numbers: all of a text to measure what two share, and a sample to find who shares it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

SHINGLE_WORDS = 5
MOST_WORDS = 20_000
"""Words of a text that are looked at: more than any article has, so that no page costs more than that."""

LEAST_SHINGLES = 20
"""A text with fewer runs is too short to tell a copy from a phrase; it is compared with nothing."""

WINDOW = 16
SHORT_WINDOW = 8
SHORT_SHINGLES = 128
"""Texts with no more runs than this are sampled by the short window, as they have fewer to be found by."""

_WORD = re.compile(r"\w+")
_BITS = 64
_MASK = (1 << _BITS) - 1
_FACTOR = 0x9E3779B97F4A7C15
_OLDEST = pow(_FACTOR, SHINGLE_WORDS, 1 << _BITS)
_MOST_KNOWN_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Text:
    """A body as it is compared: its words, the number of the run that begins at each, and those that are sampled."""

    words: tuple[str, ...]
    runs: tuple[int, ...]
    shingles: frozenset[int]
    samples: frozenset[int]


class _WordHashes(dict[str, int]):
    """The number of every word that was met lately; the same in every process, on every machine."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_KNOWN_WORDS:
            self.clear()
        number = self[word] = int.from_bytes(blake2b(word.encode(errors="replace"), digest_size=8).digest())
        return number


_HASHES = _WordHashes()


# The texts of a story are compared again with every copy that comes in.
@lru_cache(maxsize=512)
def read_text(body: str) -> Text:
    """Read a body: case-folded NFC words, the hash of every run of five, and the sampled hashes.

    Hashes are signed 64-bit numbers and depend on the words only. A text below `LEAST_SHINGLES` has no samples.
    """
    words = tuple(_WORD.findall(unicodedata.normalize("NFC", body).casefold())[:MOST_WORDS])
    runs = _runs(words)
    shingles = frozenset(runs)
    samples = sample(runs, WINDOW if len(shingles) > SHORT_SHINGLES else SHORT_WINDOW)
    return Text(words, runs, shingles, samples if len(shingles) >= LEAST_SHINGLES else frozenset())


def _runs(words: Sequence[str]) -> tuple[int, ...]:
    """Roll a polynomial over the hashes of the words (Rabin and Karp); give one signed number a run."""
    numbers = [_HASHES[word] for word in words]
    if len(numbers) < SHINGLE_WORDS:
        return ()
    rolling = 0
    for number in numbers[:SHINGLE_WORDS]:
        rolling = (rolling * _FACTOR + number) & _MASK
    found = [rolling]
    for oldest, newest in zip(numbers, numbers[SHINGLE_WORDS:], strict=False):
        rolling = (rolling * _FACTOR + newest - oldest * _OLDEST) & _MASK
        found.append(rolling)
    half, whole = 1 << (_BITS - 1), 1 << _BITS
    return tuple(number - whole if number >= half else number for number in found)


def sample(runs: Sequence[int], window: int) -> frozenset[int]:
    """Keep the least hash of every window of runs (winnowing: Schleimer, Wilkerson and Aiken, 2003).

    Two texts that share `window` runs in a row share a sample, for sure; about 2 in `window` + 1 runs are kept. The
    samples of a longer window are among those of a shorter one, so that texts of all lengths can be compared.
    """
    if not runs:
        return frozenset()
    least = min(runs[:window])
    at = runs.index(least)
    kept = {least}
    for place in range(window, len(runs)):
        if runs[place] <= least:
            least, at = runs[place], place
        elif place - at >= window:
            held = runs[place - window + 1 : place + 1]
            least = min(held)
            at = place - window + 1 + held.index(least)
        else:
            continue
        kept.add(least)
    return frozenset(kept)
