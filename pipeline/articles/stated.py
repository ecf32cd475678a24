"""What the publisher states as the article's text (JSON-LD articleBody): a witness to check the extracted text by."""

import html
import re
from collections.abc import Sequence

from pipeline.articles.document import Document
from pipeline.articles.phrases import fold, is_sentence
from pipeline.text import paragraphs

# https://schema.org/articleBody, and what stands for it on reviews, postings and live blogs.
_PROPERTIES = ("articleBody", "reviewBody", "text")
_TAG = re.compile(r"<[^<>]{1,500}>")
_BLOCK_END = re.compile(r"</(?:p|div|h[1-6]|li|blockquote)>|<br\s*/?>", re.IGNORECASE)
_MIN_CHARS = 300
# The statement is believed when this share of the text that a reader sees stands in it, …
_AGREED = 0.7
# … and it is not much shorter than that text: some sites state the beginning only.
_COMPLETE = 0.6
_SHINGLE = 4
_SUBHEAD_CHARS = 90


def stated_body(document: Document) -> str | None:
    """Give the longest text that the page states in JSON-LD, one paragraph a line; None when it states none."""
    nodes = [document.article_node] if document.article_node is not None else list(document.json_ld)
    texts = [value for node in nodes for name in _PROPERTIES if isinstance(value := node.get(name), str)]
    best = max(texts, key=len, default="")
    if len(best) < _MIN_CHARS:
        return None
    best = html.unescape(best)
    if "<" in best:
        best = _TAG.sub(" ", _BLOCK_END.sub("\n", best))
    return paragraphs(best)


def keep_stated(lines: Sequence[str], stated: str) -> list[str]:
    """Leave out the lines that a complete statement does not hold; a statement that disagrees changes nothing.

    Subheads between lines that it holds and sentences before the first stay: many sites state their text without them.
    """
    known = _shingles(fold(stated))
    plain = f" {fold(stated)} "
    held = [_is_held(line, plain, known) for line in lines]
    length = sum(len(line) for line in lines)
    agreed = sum(len(line) for line, is_held in zip(lines, held, strict=True) if is_held)
    if not length or agreed < _AGREED * length or len(stated) < _COMPLETE * length:
        return list(lines)
    first = held.index(True)
    last = len(held) - 1 - held[::-1].index(True)
    return [
        line
        for i, line in enumerate(lines)
        if held[i] or (i < first and is_sentence(line)) or (first < i < last and held[i + 1] and _is_subhead(line))
    ]


def _is_subhead(line: str) -> bool:
    return len(line) <= _SUBHEAD_CHARS and not line.startswith("- ") and not is_sentence(line)


def _is_held(line: str, plain: str, known: set[tuple[str, ...]]) -> bool:
    key = fold(line)
    if f" {key} " in plain:
        return True
    own = _shingles(key)
    return bool(own) and len(own & known) >= 0.5 * len(own)


def _shingles(folded: str) -> set[tuple[str, ...]]:
    words = folded.split()
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
