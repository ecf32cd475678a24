"""The words of a text as readers compare them: white space and typography do not count."""

import hashlib

# Quotes, dashes and dots that editors, systems and extractors exchange without changing a word.
_PLAIN = {
    "\u2018\u2019\u201a\u201b\u2032\u00b4`": "'",
    "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb": '"',
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212": "-",
    "\u2026": "...",
}
_TYPOGRAPHY = [(odd, plain) for odds, plain in _PLAIN.items() for odd in odds]


def wording(text: str | None) -> str:
    """Give a text with plain quotes, dashes and dots, and single blanks."""
    if not text:
        return ""
    if not text.isascii():
        for odd, plain in _TYPOGRAPHY:
            text = text.replace(odd, plain)
    elif "`" in text:
        text = text.replace("`", "'")
    return " ".join(text.split())


def hash_of_words(*worded: str) -> str:
    """Give the SHA-256 (64 hex digits) of texts as `wording` gives them, their borders kept."""
    return hashlib.sha256("\x00".join(worded).encode("utf-8", "surrogatepass")).hexdigest()


def hash_of_body(worded: str) -> str | None:
    """Give what `articles.body_hash` keeps: the first 128 bits of the hash of a worded body, None without a body."""
    return hash_of_words(worded)[:32] if worded else None
