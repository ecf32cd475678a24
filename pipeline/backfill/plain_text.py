"""Plain-text captures of articles: the lines of a page from top to bottom become the page that they were read from."""

import re
from dataclasses import dataclass
from html import escape

from pipeline.dates.written import read_written
from pipeline.text import one_line

_BLANK = re.compile(r"\n\s*\n")
_ENDS_SENTENCE = re.compile(r"[.!…。！？][\"'”’»)\]]*$|\./\.$")
# A wire story's first words: "TTXVN - ", "(Reuters) - ", "HANOI (AP) — ".
_DATELINE = re.compile(r"^(?:\(?[A-ZÀ-Ỹ][^\n()]{1,40}\)?(?:\s*\([^()\n]{2,40}\))?)\s+[-–—]\s+\S")
# What a page says around an article, not in it; words of any site's own menus are not known here.
_FURNITURE = frozenset(
    {
        "xem thêm", "chia sẻ", "in bài", "bình luận", "tin liên quan", "tin cùng chuyên mục", "read more", "share",
        "print", "comments", "related", "see also", "more", "leer más", "compartir", "lire la suite", "partager",
        "weiterlesen", "teilen", "mehr zum thema", "続きを読む", "阅读更多", "ещё", "читать далее", "читайте также",
    }
)  # fmt: skip

BODY_WORDS = 40
"""A paragraph of so many words is the article's text, not its head."""

NAME_WORDS = 5
"""A place or a person's name has at most so many words."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """The parts of a plain-text capture; what is not there is None or empty."""

    title: str | None
    section: str | None = None
    place: str | None = None
    date_line: str | None = None
    summary: str | None = None
    paragraphs: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()


def read_plain_text(text: str) -> PlainText:
    """Tell the parts of a capture: section, title, place, date and standfirst stand above the text, people below."""
    blocks = _blocks(text)
    start = next((n for n, block in enumerate(blocks) if _is_body(block, n)), len(blocks))
    head, body = blocks[:start], blocks[start:]
    if not body and len(head) > 1:  # short paragraphs only: the title, then the text
        head, body = head[:1], head[1:]
    body, byline = _without_byline(body)
    title = _title(head)
    before, after = (head[:title], head[title + 1 :]) if title is not None else ([], head)
    lines = [block for block in after if not _ENDS_SENTENCE.search(block)]
    date_line = next((line for line in (*lines, *before) if _is_date(line)), None)
    return PlainText(
        title=head[title] if title is not None else None,
        section=next((line for line in reversed(before) if line != date_line and len(line) <= 80), None),
        place=next((line for line in lines if line != date_line and _is_name(line)), None),
        date_line=date_line,
        summary=next(
            (block for block in after if _ENDS_SENTENCE.search(block) or len(block.split()) > 2 * NAME_WORDS), None
        ),
        paragraphs=tuple(body),
        byline=tuple(byline),
    )


def as_page(text: PlainText) -> bytes:
    """Write the parts as a portal would, for the extractor to read like any page."""
    parts = [
        f'<div class="breadcrumb"><a href="/section/">{escape(text.section)}</a></div>' if text.section else "",
        f"<h1>{escape(text.title)}</h1>" if text.title else "",
        f'<div class="date">{escape(text.date_line)}</div>' if text.date_line else "",
        f'<div class="place">{escape(text.place)}</div>' if text.place else "",
        f'<h2 class="sapo">{escape(text.summary)}</h2>' if text.summary else "",
        '<div class="content">',
        *(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs),
        *(f'<p class="author">{escape(line)}</p>' for line in text.byline),
        "</div>",
    ]
    title = escape(text.title or "")
    head = f'<meta charset="utf-8"><meta property="og:type" content="article"><title>{title}</title>'
    body = "\n".join(part for part in parts if part)
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def _blocks(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    parts = _BLANK.split(text) if _BLANK.search(text.strip()) else text.split("\n")
    blocks = [block for part in parts if (block := one_line(part))]
    while blocks and blocks[-1].casefold().rstrip(" .…:»>") in _FURNITURE:
        blocks.pop()
    return [block for block in blocks if block.casefold() not in _FURNITURE]


def _is_body(block: str, number: int) -> bool:
    return len(block.split()) >= BODY_WORDS or (number > 0 and bool(_DATELINE.match(block)) and len(block.split()) > 12)


def _title(head: list[str]) -> int | None:
    """Choose the headline: the longest line of the head that is neither a sentence nor a date."""
    lines = [n for n, block in enumerate(head) if not _ENDS_SENTENCE.search(block) and not _is_date(block)]
    if lines:
        return max(lines, key=lambda n: (len(head[n]), -n))
    return 0 if head else None


def _without_byline(body: list[str]) -> tuple[list[str], list[str]]:
    """Part the names at the end of the text from its paragraphs."""
    names: list[str] = []
    while len(body) > 1 and len(names) < 3 and (_is_name(body[-1]) or _is_credit(body[-1])):
        names.insert(0, body[-1])
        body = body[:-1]
    return body, names


def _is_standfirst(block: str) -> bool:
    return _ENDS_SENTENCE.search(block) is not None or len(block.split()) > 2 * NAME_WORDS


def _is_name(line: str) -> bool:
    words = line.strip("()").replace(",", " ").split()
    return 0 < len(words) <= NAME_WORDS and not any(map(str.isdigit, line)) and all(w[0].isupper() for w in words)


def _is_credit(line: str) -> bool:
    bare = line.strip("() ")
    return len(bare.split()) <= 2 * NAME_WORDS and bare.casefold().startswith(("theo ", "by ", "source:", "nguồn:"))


def _is_date(line: str) -> bool:
    return (
        len(line) <= 80
        and any(map(str.isdigit, line))
        and (read_written(line, timezone=None, language=None, fetched_at=None, signal="visible") is not None)
    )
