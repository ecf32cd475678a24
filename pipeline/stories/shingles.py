"""Runs of five words as 64-bit numbers: all of a text to measure what two share, and a sample to find who shares it."""

import re
import struct
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

WINDOW = 32
SHORT_WINDOWS = ((128, 8), (256, 16))
"""Texts with no more runs than the first number are sampled by the second: they have fewer to be found by."""

DETAIL_WINDOW = 16
"""A pair with a stock phrase in common shares a sample, as one that shares much may; details tell them apart."""

_WORD = re.compile(r"\w+")
_MOST_KNOWN_WORDS = 100_000


@dataclass(frozen=True, slots=True)
class Text:
    """A body as it is compared: its words and the number of the run that begins at each.

    `samples` are those by which others are found that share some, `details` more of them, by which pairs are sieved.
    """

    words: tuple[str, ...]
    runs: tuple[int, ...]
    shingles: frozenset[int]
    samples: frozenset[int]
    details: frozenset[int]


class _WordHashes(dict[str, bytes]):
    """Five numbers of eight bytes for every word that was met lately; the same in every process, on every machine."""

    def __missing__(self, word: str) -> bytes:
        if len(self) >= _MOST_KNOWN_WORDS:
            self.clear()
        digest = self[word] = blake2b(word.encode(errors="replace"), digest_size=8 * SHINGLE_WORDS).digest()
        return digest


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
    if len(shingles) < LEAST_SHINGLES:
        return Text(words, runs, shingles, frozenset(), frozenset())
    samples = sample(runs, window := window_of(len(shingles)))
    details = samples if window <= DETAIL_WINDOW else sample(runs, DETAIL_WINDOW)
    return Text(words, runs, shingles, samples, details)


def window_of(shingles: int) -> int:
    """Give the window by which a text with so many different runs is sampled."""
    return next((window for most, window in SHORT_WINDOWS if shingles <= most), WINDOW)


def detail_window_of(shingles: int) -> int:
    """Give the window by which the details of a text with so many different runs are sampled."""
    return min(DETAIL_WINDOW, window_of(shingles))


def _runs(words: Sequence[str]) -> tuple[int, ...]:
    """Hash every run of five: a word has another number at each place of a run (tabulation hashing, Zobrist).

    The numbers for one place of all runs are one long number, so that a text costs four operations and not four a run.
    """
    count = len(words) - SHINGLE_WORDS + 1
    if count < 1:
        return ()
    numbers = memoryview(b"".join(map(_HASHES.__getitem__, words))).cast("q")
    mixed = 0
    for place in range(SHINGLE_WORDS):
        first = place * SHINGLE_WORDS + place
        column = numbers[first : first + count * SHINGLE_WORDS : SHINGLE_WORDS].tobytes()
        mixed ^= int.from_bytes(column, "little")
    return struct.unpack(f"<{count}q", mixed.to_bytes(8 * count, "little"))


def sample(runs: Sequence[int], window: int) -> frozenset[int]:
    """Keep the least hash of every window of runs (winnowing: Schleimer, Wilkerson and Aiken, 2003).

    Two texts that share `window` runs in a row share a sample, for sure; about 2 in `window` + 1 runs are kept. The
    samples of a longer window are among those of a shorter one, so that texts of all lengths can be compared.
    """
    if not runs:
        return frozenset()
    least = min(runs[:window])
    kept = {least}
    # The place from which on the least run is out of the window.
    end = runs.index(least) + window
    for place, run in enumerate(runs[window:], window):
        if run <= least:
            least = run
            end = place + window
        elif place < end:
            continue
        else:
            held = runs[place - window + 1 : place + 1]
            least = min(held)
            end = place + 1 + held.index(least)
        kept.add(least)
    return frozenset(kept)
