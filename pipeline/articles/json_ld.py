"""JSON-LD as news sites write it: every node of every script, read leniently and within bounds."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pipeline.text import one_line

Node = Mapping[str, Any]

# https://schema.org/Article and what publishers use in its place.
ARTICLE_TYPES = frozenset(
    {
        "AdvertiserContentArticle", "AnalysisNewsArticle", "Article", "AskPublicNewsArticle",
        "BackgroundNewsArticle", "BlogPosting", "LiveBlogPosting", "NewsArticle", "OpinionNewsArticle",
        "Report", "ReportageNewsArticle", "ReviewNewsArticle", "ScholarlyArticle", "SatiricalArticle",
        "SocialMediaPosting", "TechArticle",
    }
)  # fmt: skip

_MAX_SCRIPT_CHARS = 500_000
_MAX_NODES = 400
_MAX_SALVAGED_CHARS = 50_000
_MAX_TEXTS = 200
# Properties whose objects are nodes of the page itself rather than mentions of something else.
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage")
_WRAPPER = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)+"
    r"|(?://\s*)?(?:-->|\]\]>|/\*\s*\]\]>\s*\*/)[\s;]*$"
)
# A string is consumed whole, also one that never ends, so that only commas between values are touched.
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*[}\]])', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_PROPERTY = re.compile(
    r'"(@type|headline|description|articleSection|keywords|datePublished|dateModified|dateCreated|inLanguage)"'
    r'\s*:\s*"([^\n]{1,2000}?)"\s{0,20}(?=,\s*"|[}\n])'
)
_START = re.compile(r"[\[{]")
_DECODER = json.JSONDecoder(strict=False)


def parse_script(text: str) -> list[Any]:
    """Give the JSON values of one ld+json script; what cannot be read even leniently is left out.

    Lenient means: comment and CDATA wrappers, raw line breaks in strings, trailing commas, bad escapes, and several
    values after each other. Never raises.
    """
    text = _WRAPPER.sub("", text[:_MAX_SCRIPT_CHARS])
    values = _values(text)
    if values:
        return values
    mended = _TRAILING_COMMA.sub(lambda found: found.group(1) or "", _BAD_ESCAPE.sub(r"\\\\", text))
    values = _values(mended)
    if not values and "&quot;" in text:
        values = _values(html.unescape(text))
    return values or _salvaged(text)


def _salvaged(text: str) -> list[Any]:
    """Give one node of the telling text properties of a script that is no JSON (quotes left bare within a text).

    The first of each name counts: publishers write the article's own before those of its parts.
    """
    node: dict[str, str] = {}
    for found in islice(_PROPERTY.finditer(text[:_MAX_SALVAGED_CHARS]), _MAX_NODES):
        node.setdefault(found.group(1), found.group(2))
    return [node] if "@type" in node and len(node) > 1 else []


def _values(text: str) -> list[Any]:
    """Decode one JSON value after the other until the text ends or breaks."""
    values: list[Any] = []
    position = 0
    while len(values) < _MAX_NODES and (start := _START.search(text, position)):
        try:
            value, position = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values


def flatten(values: list[Any]) -> Iterator[Node]:
    """Give every node of parsed scripts, lists, @graph and main entities opened, in document order, at most 400."""
    waiting = list(reversed(values))
    count = 0
    while waiting and count < _MAX_NODES:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value[:_MAX_NODES]))
        elif isinstance(value, dict):
            count += 1
            yield value
            waiting.extend(value[key] for key in reversed(_NESTED) if isinstance(value.get(key), list | dict))


def types_of(node: Node) -> frozenset[str]:
    """Give the schema.org types of a node, without the vocabulary's address."""
    stated = node.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return frozenset(re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str))


def is_article(node: Node) -> bool:
    """Tell whether a node is an article of some kind."""
    return bool(types_of(node) & ARTICLE_TYPES)


def items(value: Any) -> list[Any]:
    """Give a property's values as a list: JSON-LD writes one value bare and several in a list."""
    if value is None:
        return []
    if isinstance(value, list):
        return value[:_MAX_TEXTS]
    if isinstance(value, dict):
        for key in ("@list", "@set"):
            if isinstance(value.get(key), list):
                return list(value[key][:_MAX_TEXTS])
    return [value]


def texts(value: Any) -> tuple[str, ...]:
    """Give a property's texts: strings, numbers, @value, or the `name` of nodes; entities decoded, one line each."""
    found: list[str] = []
    for item in items(value):
        if isinstance(item, dict):
            item = next((item[key] for key in ("name", "@value", "headline") if item.get(key)), None)  # noqa: PLW2901 - a node stands for its name
            item = item[0] if isinstance(item, list) and item else item  # noqa: PLW2901 - the first of several names
        if isinstance(item, str) and (text := plain(item)):
            found.append(text)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            found.append(str(item))
    return tuple(found)


def text_of(value: Any) -> str | None:
    """Give the first text of a property, None when it has none."""
    return next(iter(texts(value)), None)


_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


def plain(text: str) -> str | None:
    """Give a stated text as a reader would see it: entities decoded (also doubly), tags out, one line."""
    if "&" in text:
        text = html.unescape(text)
        if "&" in text and ";" in text:
            text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return one_line(text)
