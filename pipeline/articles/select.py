"""Finds the elements of a page that a selector means: one pass over the tree, whatever the selector and the page."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from config.selectors import Selector, Step, Test, read_selector

# Without these a page is none.
_FRAME = frozenset({"html", "head", "body"})
_DROPPED = "dropped-by-hint"


@dataclass(slots=True)
class _Frame:
    """What has been met among the children of one open element; each bit of a number is a step of the selector."""

    # Steps that the element itself, and it or any of its ancestors, has reached.
    own: int = 0
    above: int = 0
    # Steps that the child before, and any child before, has reached.
    last: int = 0
    earlier: int = 0
    count: int = 0
    types: Counter[str] = field(default_factory=Counter)


def select(tree: HtmlElement, selector: Selector, *, outermost: bool = False) -> Iterator[HtmlElement]:
    """Give the elements of a tree that match, in document order; the tree must not change meanwhile.

    `outermost` leaves out what stands within another that matches. Time grows with elements times steps, however deep
    or wide the page is.
    """
    steps = list(_numbered(selector))
    frames = [_Frame()]
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            frames.pop()
            continue
        parent = frames[-1]
        parent.count += 1
        parent.types[element.tag] += 1
        before = {" ": parent.above, ">": parent.own, "+": parent.last, "~": parent.earlier}
        own, is_wanted = 0, False
        for bit, needed, step, is_last in steps:
            if (not needed or before[step.combinator] & needed) and _hold(step.tests, element, parent):
                own |= bit
                is_wanted |= is_last
        parent.last = own
        parent.earlier |= own
        frames.append(_Frame(own, parent.above | own))
        if is_wanted:
            if outermost:
                walk.skip_subtree()
            yield element


def drop_selected(tree: HtmlElement, selectors: Iterable[str]) -> None:
    """Take out of a page what any of the selectors means, but for its frame; the text after it stays."""
    ways = tuple(way for text in selectors for way in read_selector(text))
    for element in list(select(tree, ways)):
        if element.tag not in _FRAME:
            element.tag = _DROPPED
    # At once: taken out one by one, the texts after them would be joined again and again.
    etree.strip_elements(tree, _DROPPED, with_tail=False)


def _numbered(selector: Selector) -> Iterator[tuple[int, int, Step, bool]]:
    """Give every step with its bit, the bit of the step before it (0 for the first of a way), and whether it ends."""
    bit = 1
    for way in selector:
        for index, step in enumerate(way):
            yield bit, bit >> 1 if index else 0, step, index == len(way) - 1
            bit <<= 1


def _hold(tests: tuple[Test, ...], element: HtmlElement, parent: _Frame) -> bool:
    return all(_holds(test, element, parent) for test in tests)


def _holds(test: Test, element: HtmlElement, parent: _Frame) -> bool:
    match test.kind:
        case "tag":
            return bool(element.tag == test.name)
        case "class":
            return test.name in (element.get("class") or "").split()
        case "id":
            return bool(element.get("id") == test.name)
        case "attribute":
            return _is_so(element.get(test.name), test.operator, test.value)
        case "first":
            return _is_at(parent.types[element.tag] if test.of_type else parent.count, test.a, test.b)
        case "last":
            return element.getnext() is None
        case "empty":
            return len(element) == 0 and not element.text
        case _:
            return not _hold(test.others, element, parent)


def _is_at(position: int, a: int, b: int) -> bool:
    """Tell whether a position is one of `a`n + `b`, n being 0, 1, 2, …"""
    return position == b if a == 0 else (position - b) % a == 0 and (position - b) // a >= 0


def _is_so(value: str | None, operator: str, wanted: str) -> bool:
    """Compare an attribute as CSS does (Selectors Level 3, section 6.3); `!=` is cssselect's own."""
    if operator == "!=":
        return value != wanted
    if value is None:
        return False
    match operator:
        case "exists":
            return True
        case "=":
            return value == wanted
        case "~=":
            return wanted in value.split()
        case "|=":
            return value == wanted or value.startswith(f"{wanted}-")
        case "^=":
            return bool(wanted) and value.startswith(wanted)
        case "$=":
            return bool(wanted) and value.endswith(wanted)
        case _:
            return bool(wanted) and wanted in value
