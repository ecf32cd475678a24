"""The element that holds a page's running text, found by where its paragraphs stand and by its name."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from lxml.html import HtmlElement

# Shorter blocks are teasers, labels and captions as often as text. A wide character says as much as three letters.
_BLOCK_CHARS = 80
# What is looked for on pages without such blocks: a picture with a sentence.
_SHORT_BLOCK_CHARS = 30
_MAX_LINKED = 0.4
INLINE = frozenset(
    [
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font",
        "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
        "u", "var", "wbr",
    ]
)  # fmt: skip
_BLOCKS = ("p", "div", "td", "section", "article", "blockquote", "li", "pre", "main", "center", "dd", "body")
# A block is text of its parent; only these may be the region themselves.
_LEAVES = frozenset(["p", "li", "blockquote", "pre", "ul", "ol", "td", "tr", "tbody", "dl", "dd"])
_WHOLE_PAGE = frozenset(["body", "html", "main"])
# What stands before the title is chrome more often than text.
_BEFORE_TITLE = 0.2
# The region is the last element, from the top down, of which no child holds this share.
_MOST = 0.75
_LITTLE = 250
# Longer names are made to hurt.
_NAME_CHARS = 300
# A named element of this much text is an article, whatever else is on the page.
_AN_ARTICLE = 1_000
_NAMES = (
    re.compile(
        r"(?:article|artikel|articulo|noticia|post|entry|story|news|detail|single|art|cms|nota|page|text)[-_]{0,2}"
        r"(?:body|bodytext|content|contents|text|texto|copy|maincontent|detail|cuerpo|inner_wrapper)(?![a-z])|"
        r"(?:body|content)[-_]{0,2}(?:text|copy|detail|nota|article|news)(?![a-z])|fck_detail|richtext(?![a-z])|"
        r"cuerpo(?![a-z])|singular-body|knc-content|detail__content|maincontent(?![a-z])",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|\s)(?:content|main|story|fulltext|text|post|entry|article|main-content)(?:\s|$)", re.IGNORECASE),
)


def find_region(tree: HtmlElement, title: HtmlElement | None) -> HtmlElement | None:
    """Give the element that holds the running text; None when the page has none.

    `title` is the element that shows the title. Two witnesses: density (from the top down into the child that holds
    most of the text) and names (articleBody, "article-content", <article>, …). Where they differ, the one inside the
    other wins when it holds most of the other's text, and the larger one when the text is cut into pieces.
    """
    held = held_text(tree, title, _BLOCK_CHARS) or held_text(tree, title, _SHORT_BLOCK_CHARS)
    if not held:
        return None
    dense, named = _densest(tree, held), _named(tree, held)
    if named is None or named is dense:
        return dense
    if named in set(dense.iterancestors()):
        return dense if held[dense] >= 0.7 * held[named] else named
    if dense in set(named.iterancestors()):
        if held[named] >= 0.7 * held[dense] or not _is_cut(named, dense, held):
            return named
        return dense
    return named if held[named] >= min(0.3 * held[dense], _AN_ARTICLE) else dense


def text_blocks(tree: HtmlElement, least: int) -> Iterator[tuple[HtmlElement, int]]:
    """Give the blocks of running text with their length: paragraphs, and other blocks that hold text of their own."""
    for element in tree.iter(*_BLOCKS):
        length = _weight(element.text_content() if element.tag == "p" else _own_text(element))
        if length < least:
            continue
        linked = sum(_weight(link.text_content()) for link in element.iter("a"))
        if linked < _MAX_LINKED * length:
            yield element, length


def _own_text(element: HtmlElement) -> str:
    """Give the text that stands in an element itself or in its inline children."""
    parts = [element.text or ""]
    for child in element:
        if child.tag in INLINE:
            parts.append(child.text_content())
        parts.append(child.tail or "")
    return "".join(parts)


def _weight(text: str) -> int:
    """Count characters without runs of blanks; wide characters count threefold."""
    text = " ".join(text.split())
    return len(text) if text.isascii() else len(text) + 2 * sum(1 for char in text if char >= "\u2e80")


def held_text(tree: HtmlElement, title: HtmlElement | None, least: int) -> dict[HtmlElement, float]:
    """Give how much running text every element holds."""
    held: dict[HtmlElement, float] = defaultdict(float)
    before: set[HtmlElement] = set()
    if title is not None:
        for element in tree.iter():
            if element is title:
                break
            before.add(element)
    for block, length in text_blocks(tree, least):
        weight = length * _BEFORE_TITLE if block in before else length
        held[block] += weight
        for parent in block.iterancestors():
            held[parent] += weight
    return held


def _densest(tree: HtmlElement, held: dict[HtmlElement, float]) -> HtmlElement:
    region = tree
    while True:
        child = max(region, key=lambda element: held.get(element, 0.0), default=None)
        if child is None or child.tag in _LEAVES or held.get(child, 0.0) < _MOST * held[region]:
            return region
        if any(block.tag == "p" and held.get(block, 0.0) >= _BLOCK_CHARS for block in region):
            return region
        if _goes_on(region, child, held):
            return region
        region = child


def _goes_on(region: HtmlElement, child: HtmlElement, held: dict[HtmlElement, float]) -> bool:
    """Tell whether text goes on in a sibling that is the same kind of block: content systems set one per section."""
    kind = child.tag, child.get("class")
    return kind[1] is not None and any(
        block is not child and held.get(block, 0.0) > 0 and (block.tag, block.get("class")) == kind for block in region
    )


def _named(tree: HtmlElement, held: dict[HtmlElement, float]) -> HtmlElement | None:
    """Give the best-named element that holds some text: by itemprop, telling names, <article>, plain names."""
    best: dict[int, HtmlElement] = {}
    for element in tree.iter("article", "div", "main", "section"):
        amount = held.get(element, 0.0)
        if amount < _LITTLE:
            continue
        rank = _rank(element)
        if rank is None:
            continue
        known = best.get(rank)
        if (
            known is None
            or amount > 1.2 * held[known]
            or (amount > 0.6 * held[known] and known in element.iterancestors())
        ):
            best[rank] = element
    return best[min(best)] if best else None


def _rank(element: HtmlElement) -> int | None:
    if element.get("itemprop") == "articleBody":
        return 0
    name = _name_rank(f"{element.get('class') or ''} {element.get('id') or ''}"[:_NAME_CHARS])
    if name == 0:
        return 1
    if element.tag == "article" or element.get("role") == "article":
        return 2
    if name == 1:
        return 3
    return 4 if element.tag == "main" or element.get("role") == "main" else None


@lru_cache(maxsize=20_000)
def _name_rank(name: str) -> int | None:
    return next((rank for rank, pattern in enumerate(_NAMES) if pattern.search(name)), None)


def _is_cut(named: HtmlElement, dense: HtmlElement, held: dict[HtmlElement, float]) -> bool:
    """Tell whether a text is in several pieces of which `named` is one, or spread in a closer element than the page."""
    if named.tag == "article":
        return False
    name = _first_name(named)
    around = set(named.iterancestors())
    if name and any(
        element is not named and element not in around and held.get(element, 0.0) > 0 and _first_name(element) == name
        for element in dense.iter(named.tag)
    ):
        return True
    return dense.tag not in _WHOLE_PAGE and held[named] < 0.4 * held[dense]


def _first_name(element: HtmlElement) -> str | None:
    return next(iter((element.get("class") or "").split()), None)
