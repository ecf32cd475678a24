"""Text as a reader sees it: NFC, no invisible characters, tidy white space, words counted in any script."""

import re
import unicodedata

# Soft hyphen, zero-width space, word joiner, byte-order mark, and the C0/C1 controls but tab and line feed.
# ZWNJ and ZWJ stay: Persian and Indic scripts spell with them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u0000-\u0008\u000b-\u001f\u007f-\u009f]")
_BLANKS = re.compile(r"[^\S\n]+")
# Scripts written without spaces are counted by character.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def visible(text: str) -> str:
    """Give NFC text without characters that no reader sees; carriage returns become line feeds."""
    if text.isprintable():  # which leaves out controls, format characters and separators other than the blank
        return unicodedata.normalize("NFC", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def one_line(text: str | None) -> str | None:
    """Give visible text on one line with single blanks, None when nothing is left."""
    if not text:
        return None
    return " ".join(visible(text).split()) or None


def paragraphs(text: str | None) -> str | None:
    """Give visible text, one paragraph a line, blank lines dropped; None when nothing is left."""
    if not text:
        return None
    lines = (_BLANKS.sub(" ", line).strip() for line in visible(text).split("\n"))
    return "\n".join(line for line in lines if line) or None


def count_words(text: str) -> int:
    """Count words; in scripts without spaces every character counts as one."""
    return sum(map(_COUNTS.__getitem__, text.split()))


class _Counts(dict[str, int]):
    """How many words there are in what stands between blanks; most of it comes again and again."""

    def __missing__(self, piece: str) -> int:
        count = len(_WORD.findall(piece))
        if len(piece) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[piece] = count
        return count


_LONGEST_KEPT, _MOST_KEPT = 40, 50_000
_COUNTS = _Counts()
