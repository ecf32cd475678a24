"""Names of authors out of what feeds put into their author elements; never an e-mail address."""

import re
from functools import lru_cache

from pipeline.feeds.html_text import text_of_html
from pipeline.text import one_line

# Longer is no byline; the bounds keep every pattern below cheap.
MAX_BYLINE = 500
MAX_NAMES = 30

_EMAIL = re.compile(r"(?:mailto:)?[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,255}")
# RFC 822: "mail (Name)" names a person in a comment, "Name <mail>" before the address.
_EMAIL_THEN_NAME = re.compile(rf"^\s*{_EMAIL.pattern}\s*\(([^()]+)\)\s*$")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")
_ALWAYS_APART = re.compile(r"\s*[;|\n]\s*")
_PERHAPS_APART = re.compile(r"\s*,\s*(?:and\s+|und\s+|et\s+|y\s+|và\s+)?|\s+(?:and|und|et|y|và|&)\s+", re.IGNORECASE)
_LEAD = re.compile(r"^(?:by|von|par|por|bởi)[\s:]+(?=\S)", re.IGNORECASE)


def names_of(bylines: list[str]) -> tuple[str, ...]:
    """Give the names in what a feed wrote about its authors, in order, each once."""
    names: dict[str, None] = {}
    for byline in bylines:
        for name in _names_in(byline[:MAX_BYLINE]):
            if len(names) < MAX_NAMES:
                names.setdefault(name)
    return tuple(names)


@lru_cache(maxsize=2048)
def _names_in(byline: str) -> tuple[str, ...]:
    # The same few people write most of a site's pieces, and a byline is short.
    text = text_of_html(byline, is_html=False)
    names: list[str] = []
    for part in _ALWAYS_APART.split(text):
        name = _without_email(part)
        if name is not None:
            names.extend(_split(_LEAD.sub("", name)))
    return tuple(names)


def _without_email(part: str) -> str | None:
    if "@" in part:
        match = _EMAIL_THEN_NAME.match(part)
        part = match[1] if match else _EMPTY_BRACKETS.sub("", _EMAIL.sub("", part))
    name = one_line(part)
    name = name.strip(" ,;:<>\"'-–") if name else None
    # What is left must hold a letter, and neither an address nor half of one.
    return name if name and any(map(str.isalpha, name)) and "@" not in name and "://" not in name else None


def _split(name: str) -> list[str]:
    """Split at commas and "and" only when every part has two words: "Smith, John" is one person."""
    parts = _PERHAPS_APART.split(name)
    return parts if len(parts) > 1 and all(" " in part.strip() for part in parts) else [name]
