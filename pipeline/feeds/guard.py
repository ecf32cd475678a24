"""What a parser must not see of a feed's text: declarations that expand, floods of attributes, too many entries."""

import re
from typing import NamedTuple

MAX_ATTRIBUTES = 256
# All references to entities of the feed's own may not add more than this many characters.
MAX_EXPANSION = 1_000_000

_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_FIRST_ELEMENT = re.compile(r"<[A-Za-z_]")
# Entities that stand for one character reference or for text without further references are safe (as in feedparser).
_SAFE_ENTITY = re.compile(
    r"""<!ENTITY\s+(\w{1,64})\s+(?:"(&\#\w{1,8};|[^&%<"]{0,256})"|'(&\#\w{1,8};|[^&%<']{0,256})')\s*>"""
)
_OPENING = re.compile(r"<(?:[\w.-]{1,64}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ROOT = re.compile(r"<((?:[\w.-]{1,64}:)?(?:rss|rdf|feed|channel))(?=[\s/>])", re.IGNORECASE)
# A start tag of which much follows before the next "<": only such can hold a flood of attributes.
_LONG_TAG = re.compile(r"<([A-Za-z_][^\s<>/]{0,200}+)(?=\s)[^<]{4096}")
_ATTRIBUTE = re.compile(r"""\s*+[^\s=<>"'/]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]++)""")


_FIRST_NAME = re.compile(r"(?:\s|<!--(?:[^-]++|-(?!->))*+-->|<\?[^<>]*+>)*+<([A-Za-z_][\w.:-]{0,64})")
FEED_ROOT = re.compile(r"<(?:[\w.-]{1,64}:)?(rss|rdf|feed|channel|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)


class Prolog(NamedTuple):
    """What stood before the first element, replaced by what is safe."""

    text: str
    entities: dict[str, str]
    is_netscape: bool


def without_doctype(text: str) -> Prolog:
    """Drop a document type declaration; keep its entities that stand for plain characters and cannot grow."""
    root = _FIRST_ELEMENT.search(text)
    start = _DOCTYPE.search(text, 0, root.start()) if root else None
    first = _first_element_after(text, start.end()) if start else None
    if start is None or first is None:
        return Prolog(text, {}, is_netscape=False)
    declaration = text[start.start() : first]
    entities = {name: double or single for name, double, single in _SAFE_ENTITY.findall(declaration)[:100]}
    rest = text[first:]
    growth = sum(rest.count(f"&{name};") * len(value) for name, value in entities.items())
    return Prolog(
        text[: start.start()] + rest,
        entities if growth <= MAX_EXPANSION else {},
        is_netscape="netscape" in declaration[:1000].lower(),
    )


def _first_element_after(text: str, position: int) -> int | None:
    match = _FIRST_ELEMENT.search(text, position)
    return match.start() if match else None


def without_surroundings(text: str) -> tuple[str, str | None]:
    """Drop what stands before and after the root element of a feed, such as the warnings of a web server.

    Gives the text and what was wrong; the text is unchanged when it has no root element of a feed.
    """
    root = FEED_ROOT.search(text)
    if root is None:
        return text, None
    problem = None
    first = _FIRST_NAME.match(text)
    if first is None or first.start(1) != root.start() + 1:
        text, problem = text[root.start() :], "text before the feed"
    end = text.rfind("</" + root[0][1:] + ">")
    if end >= 0 and "<" in text[end + len(root[0]) + 2 :].replace("<!--", ""):
        text, problem = text[: end + len(root[0]) + 2], problem or "text after the feed"
    return text, problem


def attribute_flood(text: str) -> bool:
    """Tell whether a tag has more attributes than any feed needs; 200,000 of them keep a parser busy for minutes."""
    return any(_is_flooded(text, match.end(1)) for match in _LONG_TAG.finditer(text))


def _is_flooded(text: str, position: int) -> bool:
    for _ in range(MAX_ATTRIBUTES + 1):
        attribute = _ATTRIBUTE.match(text, position)
        if attribute is None:
            return False
        position = attribute.end()
    return True


def cut(text: str, max_entries: int, *, is_torn: bool) -> tuple[str, bool]:
    """Give the text with at most `max_entries` entries, well-formed again, and whether something was cut off.

    `is_torn` says that the bytes ended early, so that the last entry may be half there.
    """
    position = _start_of_entry(text, max_entries)
    if position is None and is_torn:
        position = _start_of_last_entry(text)
    if position is None:
        return text, is_torn
    return text[:position] + _closing_tags(text), True


def _start_of_entry(text: str, number: int) -> int | None:
    if text.count("<") <= number:
        return None
    for count, match in enumerate(_OPENING.finditer(text)):
        if count == number:
            return match.start()
    return None


def _start_of_last_entry(text: str) -> int | None:
    position = max(text.rfind("<item"), text.rfind("<entry"))
    return position if position > 0 else None


def _closing_tags(text: str) -> str:
    root = _ROOT.search(text)
    if root is None:
        return ""
    return f"</channel></{root[1]}>" if root[1].lower().endswith("rss") else f"</{root[1]}>"
