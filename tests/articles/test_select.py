"""Selectors on trees: the same elements as by XPath, in one pass whatever the page."""

from cssselect import HTMLTranslator
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.html import Element, HtmlElement, document_fromstring

from config.selectors import read_selector
from pipeline.articles.select import drop_selected, select

SELECTORS = [
    *("p", "*", ".a", "#x", "div.a.b", "[k]", "[k='foo bar']", "[k~=foo]", "[k|=foo]", "[k^=fo]", "[k$=bar]", "[k*=o]"),
    *(
        "div p",
        "div > p",
        "p + span",
        "p ~ p",
        "div div > span ~ p",
        "div > div p + span",
        "#x > *",
        "p, span.a, div p",
    ),
    *("p:first-child", "p:last-child", "span:first-of-type", "p:nth-child(2n+1)", "p:nth-child(-n+2)"),
    *("span:nth-of-type(2)", "p:not(.a)", "div:not([k]) > p", "p:not(:first-child)", "p:nth-child(3)", "div *"),
]


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> HtmlElement:
    made = Element(draw(st.sampled_from(["div", "p", "span"])))
    for name, values in (("class", ["a", "b", "a b"]), ("id", ["x"]), ("k", ["foo", "foo bar", "foo-1", ""])):
        if draw(st.integers(0, 3)) == 0:
            made.set(name, draw(st.sampled_from(values)))
    for child in draw(st.lists(elements(depth + 1), max_size=3)) if depth < 3 else []:
        made.append(child)
    return made


@settings(max_examples=50)
@given(elements(), st.sampled_from(SELECTORS))
def test_a_selector_means_what_it_means_in_css(part: HtmlElement, selector: str) -> None:
    tree = document_fromstring("<html><body></body></html>")
    tree[0].append(part)
    by_xpath = etree.XPath(HTMLTranslator().css_to_xpath(selector))(tree)

    assert list(select(tree, read_selector(selector))) == by_xpath


def test_what_is_dropped_leaves_the_text_after_it() -> None:
    tree = document_fromstring("<body><p>one <b class=x>two</b> three<i>four</i></p></body>")

    drop_selected(tree, [".x", "i"])

    assert tree.text_content() == "one  three"


def test_the_frame_of_a_page_is_never_dropped() -> None:
    tree = document_fromstring("<html><head><title>t</title></head><body><p>one</p></body></html>")

    drop_selected(tree, ["*"])

    assert [element.tag for element in tree.iter()] == ["html", "head", "body"]


def test_wide_and_deep_pages_are_walked_once() -> None:
    wide = document_fromstring(f"<html><body>{'<p>x</p>' * 20_000}</body></html>")
    deep = document_fromstring(f"<html><body>{('<div>' * 100 + '</div>' * 100) * 100}</body></html>")

    assert sum(1 for _ in select(wide, read_selector("p ~ p ~ p ~ p"))) == 19_997
    assert sum(1 for _ in select(deep, read_selector("div div div div"))) == 9_700
    drop_selected(wide, ["p + p", "p"])
    assert len(wide.body) == 0


@settings(max_examples=60)
@given(elements(), st.sampled_from(SELECTORS))
def test_the_outermost_are_those_that_no_other_match_holds(part: HtmlElement, selector: str) -> None:
    tree = document_fromstring("<html><body></body></html>")
    tree[0].append(part)
    found = list(select(tree, read_selector(selector)))

    outermost = [one for one in found if set(found).isdisjoint(one.iterancestors())]
    assert list(select(tree, read_selector(selector), outermost=True)) == outermost
