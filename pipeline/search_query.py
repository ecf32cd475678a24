"""What a person types to search: words, "phrases", -words to leave out and beginnings*; any text is one, or a sentence.

PostgreSQL's function `search_query` reads the same language; a test compares the two.
"""

import re
from dataclasses import dataclass

from pipeline.search_text import UNSPACED, Word, words

MAX_CHARACTERS = 500
MAX_TERMS = 32

_QUOTES = str.maketrans("“”„«»", '"' * 5)
_BLANKS = re.compile("[\u0000-\u0020\u00a0\u3000]+")
_PART = re.compile(r'(-?)(?:"([^"]*)(?:"|$)([*]?)|([^ "]+))')
_UNSPACED = re.compile(f"[{UNSPACED}]")


class QueryError(ValueError):
    """The query asks for nothing that can be found; the message is one sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow each other; with `is_prefix` the last one may go on."""

    words: tuple[Word, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of `wanted` and none of `unwanted` must occur; `typed` is what it was read from."""

    typed: str
    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()


def parse_query(typed: str) -> Query:
    """Read a query. Raises `QueryError` when there is no word in it to look for, or too many."""
    if len(typed) > MAX_CHARACTERS:
        raise QueryError(f"This is too long to search for: {MAX_CHARACTERS} characters are the most.")
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for minus, phrase, star, bare in _PART.findall(_BLANKS.sub(" ", typed.translate(_QUOTES))):
        found = tuple(words(phrase or bare, is_phrase=True))
        if found:
            # Of a script without spaces two characters are indexed together: one is the beginning of two.
            is_single = len(found[-1].folded) == 1 and _UNSPACED.match(found[-1].folded) is not None
            is_prefix = star == "*" or bare.endswith("*") or is_single
            (unwanted if minus else wanted).append(Term(found, is_prefix))
    if len(wanted) + len(unwanted) > MAX_TERMS:
        raise QueryError(f"These are too many words to search for at once: {MAX_TERMS} are the most.")
    if not wanted:
        missing = "a word to look for, not only words to leave out" if unwanted else "at least one word to look for"
        raise QueryError(f"Give {missing}.")
    return Query(typed, tuple(wanted), tuple(unwanted))


def fts5_match(query: Query, *, is_exact: bool) -> str:
    """Write a query for SQLite's FTS5 (sqlite.org/fts5.html, 3), over the columns with marks or those without."""
    columns = "{title body}" if is_exact else "{folded_title folded_body}"
    wanted = " AND ".join(_fts5_term(term, is_exact=is_exact) for term in query.wanted)
    if not query.unwanted:
        return f"{columns} : ({wanted})"
    unwanted = " OR ".join(_fts5_term(term, is_exact=is_exact) for term in query.unwanted)
    return f"{columns} : (({wanted}) NOT ({unwanted}))"


def _fts5_term(term: Term, *, is_exact: bool) -> str:
    # No word has a quote in it: quotes separate words.
    phrase = " ".join(word.exact if is_exact else word.folded for word in term.words)
    return f'"{phrase}"{" *" if term.is_prefix else ""}'
