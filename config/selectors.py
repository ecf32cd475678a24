"""CSS selectors as hints write them, read into steps that one pass over a page can follow, however large the page."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from cssselect import parser as css

MAX_CHARS = 300
# A page is walked once for a selector, and each of its elements is tried at each step.
MAX_STEPS = 30

Combinator = Literal[" ", ">", "+", "~"]


class SelectorError(ValueError):
    """A selector that cannot be used; the text says why, to follow "…; "."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on an element.

    `kind` is tag, class, id, attribute, first (position `a`n + `b` among its siblings), last, empty or not.
    `name` is the tag, class, id or attribute; `operator` and `value` are an attribute's; `of_type` counts siblings of
    the same tag only; none of `others` may hold (a `not`).
    """

    kind: str
    name: str = ""
    operator: str = "exists"
    value: str = ""
    a: int = 0
    b: int = 0
    of_type: bool = False
    others: tuple["Test", ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The conditions on one element, and how it stands to the element of the step before (" " for the first)."""

    combinator: Combinator
    tests: tuple[Test, ...]


Selector = tuple[tuple[Step, ...], ...]
"""The ways (between commas) to be selected, each a chain of steps."""


@lru_cache(maxsize=256)
def read_selector(text: str) -> Selector:
    """Read a CSS selector of at most 300 characters and 30 steps (Selectors Level 3, section 5 to 8).

    Known are elements, classes, ids, attributes, the four combinators, `:not(…)`, and positions counted from the
    front. Raises `SelectorError`.
    """
    if len(text) > MAX_CHARS:
        raise SelectorError(f"it is longer than {MAX_CHARS} characters")
    try:
        parsed = css.parse(text)
    except css.SelectorError as error:
        raise SelectorError(f"it is no CSS selector ({error})") from error
    found = tuple(_steps(one) for one in parsed)
    if sum(map(len, found)) > MAX_STEPS:
        raise SelectorError(f"it has more than {MAX_STEPS} steps")
    return found


def _steps(selector: css.Selector) -> tuple[Step, ...]:
    if selector.pseudo_element is not None:
        raise SelectorError("it asks for a pseudo-element, which a saved page has not")
    node: Any = selector.parsed_tree
    steps: list[Step] = []
    while isinstance(node, css.CombinedSelector):
        if node.combinator not in {" ", ">", "+", "~"}:
            raise SelectorError(f"{node.combinator!r} is no combinator of CSS")
        steps.append(Step(node.combinator, _tests(node.subselector)))  # type: ignore[arg-type]  # looked at above
        node = node.selector
    steps.append(Step(" ", _tests(node)))
    return tuple(reversed(steps))


def _tests(node: Any) -> tuple[Test, ...]:
    """Read the conditions on one element; the tag comes first, since it fails soonest."""
    tests: list[Test] = []
    while not isinstance(node, css.Element):
        tests.append(_test(node))
        node = node.selector
    if node.namespace:
        raise SelectorError("it names an XML namespace, which pages have not")
    if node.element:
        tests.append(Test("tag", node.element.lower()))
    return tuple(reversed(tests))


def _test(node: Any) -> Test:
    if isinstance(node, css.Class):
        return Test("class", node.class_name)
    if isinstance(node, css.Hash):
        return Test("id", node.id)
    if isinstance(node, css.Attrib):
        value = "" if node.value is None else node.value.value
        return Test("attribute", node.attrib.lower(), node.operator, value or "")
    if isinstance(node, css.Negation):
        if isinstance(node.subselector, css.CombinedSelector):
            raise SelectorError(":not(…) may hold conditions on one element only")
        return Test("not", others=_tests(node.subselector))
    if isinstance(node, css.Pseudo):
        return _position(node.ident)
    if isinstance(node, css.Function) and node.name in {"nth-child", "nth-of-type"}:
        try:
            a, b = css.parse_series(node.arguments)
        except ValueError as error:
            raise SelectorError(f":{node.name}(…) needs a position such as 2 or 2n+1") from error
        return Test("first", a=a, b=b, of_type=node.name == "nth-of-type")
    name = getattr(node, "name", None) or type(node).__name__.lower()
    raise SelectorError(f":{name} is not known here; use elements, classes, ids, attributes, :not() and :nth-child()")


def _position(name: str) -> Test:
    if name in {"first-child", "first-of-type"}:
        return Test("first", b=1, of_type=name == "first-of-type")
    if name in {"last-child", "empty"}:
        return Test(name.partition("-")[0])
    raise SelectorError(f":{name} is not known here; use elements, classes, ids, attributes, :not() and :nth-child()")
