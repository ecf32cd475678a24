"""Text as it is searched: words in an exact form (small letters, one way to place tones) and a folded one (no marks).

`models/migrations/search_0003.py` folds the words of a query in PostgreSQL by the same rules; a test compares the two.
Changing a rule here makes the index wrong: it needs a migration that empties it, and `catch_up` fills it again.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# What is between words, after NFKC: punctuation, symbols, emoji, private and unassigned planes. Ranges and not `\W`:
# PostgreSQL's own idea of a word depends on the server's locale.
SEPARATORS = (
    "\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u060d\u061b-\u061f\u066a-\u066d"
    "\u06d4\u0964\u0965\u0970\u0e2f\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u1361-\u1368\u17d4-\u17d6\u17d8-\u17da"
    "\u2000-\u20cf\u2100-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ue000-\uf8ff"
    "\ufd3e\ufd3f\ufe00-\ufe1f\ufe30-\ufe6f\uff00-\uff0f\uff5f-\uff65\ufff0-\uffff"
    "\U0001f000-\U0001faff\U000e0000-\U0010ffff"
)
# Thai, Lao, Burmese, Khmer, Japanese and Chinese put no blanks between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Marks that a person may leave out: of Latin, Greek and Cyrillic letters, Hebrew points, Arabic vowel signs and its
# stretching. Not the vowel signs of Indic scripts, nor the sound marks of kana: without them it is another word.
MARKS = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
)
# Letters whose stroke or shape is no mark in Unicode.
LETTERS = {
    "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip
TONES = "\u0300\u0301\u0303\u0309\u0323"

# PostgreSQL takes no longer lexeme than 2 kB, and nobody types a longer word.
MAX_WORD = 100

_TOKEN = re.compile(f"[^{SEPARATORS}]+")
_RUNS = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
_HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
_MARKS = re.compile(f"[{MARKS}]")
_LETTERS = str.maketrans(LETTERS)
_NEW_STYLE = re.compile(f"o([ae])([{TONES}])$")
_NEW_STYLE_UY = re.compile(f"(?<!q)u(y)([{TONES}])$")
_MOVABLE = f"{TONES}y"
_ODD_QUY = re.compile(f"^qu([{TONES}])y$")


class Word(NamedTuple):
    """A word as written but for capitals and the place of its tone, and the same without marks."""

    exact: str
    folded: str


def words(text: str, *, is_phrase: bool = False) -> list[Word]:
    """Give the words of a text in their order.

    In scripts without spaces each character begins a word of two, and the last one of a run is a word by itself: a
    text of n characters has n words, and any part of it is a run of them. `is_phrase` leaves that last one out, as
    a part of a text is sought.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    found = _TOKEN.findall(text)
    if not _HAS_UNSPACED.search(text):
        return list(map(word_of, found))
    return [word for one in found for word in _in_runs(one, is_phrase=is_phrase)]


class Forms(NamedTuple):
    """A text's words in both forms, each with single blanks between them."""

    exact: str
    folded: str


def forms(text: str) -> Forms:
    """Give the words of a text as `words` does, in a fraction of the time."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    # No capital is a separator as a small letter, and none the other way round.
    found = _TOKEN.findall(text.casefold())
    if max(map(len, found), default=0) > MAX_WORD:
        listed = words(text)
        return Forms(" ".join([word.exact for word in listed]), " ".join([word.folded for word in listed]))
    joined = " ".join(found)
    if joined.isascii():
        return Forms(joined, joined)
    word = _joined if _HAS_UNSPACED.search(joined) else word_of
    exact = dict(zip(found, found, strict=True))
    folded = exact.copy()
    for token in exact:
        if not token.isascii():
            exact[token], folded[token] = word(token)
    return Forms(" ".join(map(exact.__getitem__, found)), " ".join(map(folded.__getitem__, found)))


def folded_words(text: str) -> str:
    """Give the folded words of a text with single blanks between them."""
    return forms(text).folded


def _joined(token: str) -> Word:
    """Give the words of a text without blanks, or one word."""
    if not _HAS_UNSPACED.search(token):
        return word_of(token)
    found = list(_in_runs(token, is_phrase=False))
    return Word(" ".join([word.exact for word in found]), " ".join([word.folded for word in found]))


def _in_runs(token: str, *, is_phrase: bool) -> Iterator[Word]:
    for run in _RUNS.findall(token):
        if not _HAS_UNSPACED.match(run):
            yield word_of(run)
            continue
        for at in range(len(run) - 1):
            pair = unicodedata.normalize("NFC", run[at : at + 2])
            yield Word(pair, pair)
        if len(run) == 1 or not is_phrase:
            yield Word(run[-1], run[-1])


@lru_cache(maxsize=100_000)
def word_of(token: str) -> Word:
    """Give the two forms of one word."""
    exact = _one_tone_style(token[:MAX_WORD].casefold())
    return Word(exact, _fold(exact))


def _one_tone_style(word: str) -> str:
    """Place the tone as most papers do: hòa, not hoà; khỏe, thủy; but quý, where the u belongs to the q.

    The two styles differ in open syllables of oa, oe and uy only.
    """
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    if parts[-1] not in _MOVABLE:
        return unicodedata.normalize("NFC", word)
    parts = _NEW_STYLE.sub(r"o\2\1", parts)
    parts = _ODD_QUY.sub(r"quy\1", _NEW_STYLE_UY.sub(r"u\2\1", parts))
    return unicodedata.normalize("NFC", parts)


def _fold(word: str) -> str:
    if word.isascii():
        return word
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", word)).translate(_LETTERS)
    # A word of marks only keeps them: it would vanish, and the words after it would move.
    return unicodedata.normalize("NFC", bare) or word
