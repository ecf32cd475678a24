"""The part of a text that shows best why it was found, with what was found marked."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.search_query import Query, Term
from pipeline.search_text import SEPARATORS, UNSPACED, word_of

LENGTH = 160
_BEFORE = 40
# A hit further on is not worth the time.
_MAX_TEXT = 100_000
_TOKEN = re.compile(f"[^{SEPARATORS}{UNSPACED}]+|(?![{SEPARATORS}])[{UNSPACED}]")
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text on one line, and where in it the hits begin and end."""

    text: str
    hits: tuple[tuple[int, int], ...] = ()

    def marked(self, begin: str = "[", end: str = "]") -> str:
        """Give the text with marks around its hits."""
        parts, at = [], 0
        for start, stop in self.hits:
            parts += [self.text[at:start], begin, self.text[start:stop], end]
            at = stop
        return "".join(parts) + self.text[at:]


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    stop: int
    folded: str


def snippet_of(text: str, query: Query, length: int = LENGTH) -> Snippet:
    """Cut about `length` characters out of a text where most of the query's terms are near each other."""
    text = " ".join(unicodedata.normalize("NFC", text[:_MAX_TEXT]).split())
    hits = sorted(_hits(text, query))
    start, stop = _window(text, _best_start(hits, length), length)
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    shift = len(before) - start
    shown = tuple((one + shift, end + shift) for one, end in _merged(hits) if start <= one and end <= stop)
    return Snippet(before + text[start:stop].rstrip() + after, shown)


def _window(text: str, first: int, length: int) -> tuple[int, int]:
    """Give a stretch of about `length` characters with `first` near its beginning, cut between words if they are."""
    start = max(first - _BEFORE, 0)
    blank = text.find(" ", start, first) if start else -1
    start = blank + 1 if blank >= 0 else start
    if start + length >= len(text):
        return start, len(text)
    return start, max(text.rfind(" ", start, start + length), start + length - _BEFORE)


def _hits(text: str, query: Query) -> Iterator[tuple[int, int, int]]:
    """Give start, end and term of every place where a wanted term occurs."""
    places = list(_places(text))
    by_first: dict[str, list[int]] = {}
    for at, place in enumerate(places):
        by_first.setdefault(place.folded, []).append(at)
    for number, term in enumerate(query.wanted):
        first = term.words[0].folded
        is_only = len(term.words) == 1
        starts = (
            [at for word, ats in by_first.items() if word.startswith(first) for at in ats]
            if (is_only and term.is_prefix)
            else by_first.get(first, [])
        )
        for at in starts:
            run = places[at : at + len(term.words)]
            if _is_match(run, term):
                yield run[0].start, run[-1].stop, number


def _is_match(run: list[_Place], term: Term) -> bool:
    wanted = [word.folded for word in term.words]
    found = [place.folded for place in run]
    if term.is_prefix:
        return len(found) == len(wanted) and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])
    return found == wanted


def _places(text: str) -> Iterator[_Place]:
    tokens = list(_TOKEN.finditer(text))
    for one, after in zip_longest(tokens, tokens[1:]):
        word, stop = one.group(), one.end()
        if _UNSPACED.match(word):
            # Indexed together with the next character of its run.
            if after is not None and after.start() == stop and _UNSPACED.match(after.group()):
                word, stop = word + after.group(), after.end()
            yield _Place(one.start(), stop, unicodedata.normalize("NFKC", word))
        else:
            yield _Place(one.start(), stop, word_of(unicodedata.normalize("NFKC", word)).folded)


def _best_start(hits: list[tuple[int, int, int]], length: int) -> int:
    """Give where the stretch begins that has most different terms, the first of them when several do."""
    best, most = 0, 0
    for at, (start, _, _) in enumerate(hits[:500]):
        terms = {term for one, stop, term in hits[at : at + 50] if stop <= start + length - _BEFORE}
        if len(terms) > most:
            best, most = start, len(terms)
    return best


def _merged(hits: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop, _ in hits:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
