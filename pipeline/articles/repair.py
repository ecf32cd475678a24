"""Putting extracted lines right: no title, byline, pointers or end lines; nothing said twice."""

import re

from pipeline.articles.phrases import (
    fold,
    is_byline,
    is_caption,
    is_contact,
    is_end_line,
    is_pointer,
    is_pointer_heading,
    is_sentence,
)

_OPENING_LINES = 6
_LABEL_CHARS = 60
_BIOGRAPHY_LINES = 3
_PROSE_CHARS = 100
_DATE_LIKE = re.compile(r"\d{1,2}\s*[./:hH-]\s*\d{2}|\b(?:19|20)\d{2}\b")


def repair(text: str | None, title: str | None, authors: tuple[str, ...]) -> str | None:
    """Give the text without lines that are not part of the article; None when nothing is left."""
    if not text:
        return None
    names = {fold(author) for author in authors}
    own = {fold(title or ""), *names} - {""}
    lines = [line for line in text.split("\n") if not (is_end_line(line) or is_caption(line)) and fold(line) not in own]
    lines = _without_opening_labels(lines)
    lines = _without_tail(lines)
    lines = _without_closing_labels(_without_biography(lines, names))
    return "\n".join(lines) or None


def _without_opening_labels(lines: list[str]) -> list[str]:
    """Drop dates, bylines and section names above the first paragraph."""
    first = next((i for i, line in enumerate(lines) if len(line) > _PROSE_CHARS or is_sentence(line)), 0)
    opening = lines[:first] if first <= _OPENING_LINES else []
    kept = [
        line for line in opening if not (len(line) <= _LABEL_CHARS and (is_byline(line) or _DATE_LIKE.search(line)))
    ]
    return kept + lines[len(opening) :]


def _without_tail(lines: list[str]) -> list[str]:
    """Cut what follows the heading of a closing box ("Related", "Weitere Themen") and holds headlines only."""
    for i in range(max(1, len(lines) // 2), len(lines)):
        line = lines[i]
        if not (is_pointer_heading(line) or (is_pointer(line) and len(line) <= _LABEL_CHARS and not is_sentence(line))):
            continue
        rest = lines[i + 1 :]
        prose = sum(1 for other in rest if len(other) > _PROSE_CHARS and is_sentence(other))
        if prose <= 0.25 * len(rest):
            return lines[:i]
    return lines


def _without_biography(lines: list[str], names: set[str]) -> list[str]:
    """Cut what the last lines say about the author: they begin with the name."""
    for i in range(max(1, len(lines) - _BIOGRAPHY_LINES), len(lines)):
        key = f"{fold(lines[i])} "
        if any(len(name.split()) > 1 and key.startswith(f"{name} ") for name in names):
            return lines[:i]
    return lines


def _without_closing_labels(lines: list[str]) -> list[str]:
    """Drop bylines, pointers, contacts and dates after the last sentence; a signature may be part of the text."""
    end = len(lines)
    while end > 1 and _is_closing_label(lines[end - 1]):
        end -= 1
    return lines[:end] if any(is_sentence(line) for line in lines[:end]) else lines


def _is_closing_label(line: str) -> bool:
    if len(line) > _LABEL_CHARS:
        return False
    is_dated = is_byline(line) and _DATE_LIKE.search(line) is not None
    return is_contact(line) or is_dated or (not is_sentence(line) and (is_pointer(line) or is_byline(line)))
