"""The text of an article: trafilatura on a tree that we prepared, its lines put right afterwards."""

from copy import deepcopy
from dataclasses import dataclass
from itertools import islice

from lxml.etree import strip_tags
from lxml.html import Element, HtmlElement

from pipeline.articles.document import Document
from pipeline.articles.engine import extract_page, extract_region
from pipeline.articles.hints import SIGNAL, hinted_body
from pipeline.articles.phrases import fold, is_sentence
from pipeline.articles.prune import article_tree, cut, drop_pointers, drop_title, link_share
from pipeline.articles.region import INLINE, find_region
from pipeline.articles.repair import repair
from pipeline.articles.standfirst import find_standfirst, merge_standfirst
from pipeline.articles.stated import keep_stated, stated_body

# A text of this length needs no second way; one of less than _LITTLE is tried again with all of trafilatura's ways.
_ENOUGH, _LITTLE = 600, 300
# Elements that are looked at in a page and in its region. Real regions stay under 5,000; time grows with them.
_MAX_PAGE, _MAX_REGION = 30_000, 8_000
# How much longer the text of a second way must be.
_BETTER = 1.5
_SENTENCE, _SHORT_SENTENCE = 60, 40
_STOPS = tuple('.!?…"”»“)')
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_MANY_LINKS = 0.4
# Mark-up within a line: its text stays, and trafilatura has fewer elements to test.
_INLINE = ("span", "strong", "b", "em", "i", "u", "font", "small", "mark", "big", "tt")


@dataclass(frozen=True, slots=True)
class Body:
    """An article's text, one paragraph a line, and the way it was found."""

    text: str | None
    signal: str
    # The share of link text in what the page shows: high on listings.
    link_share: float = 0.0
    # Whether a part of the page was not looked at, because it has too many elements.
    is_cut: bool = False


def read_body(document: Document, title: str | None, authors: tuple[str, ...], summary: str | None) -> Body:
    """Read the article's text from a page, without `title` and the lines of `authors`, opened by its standfirst.

    The region is chosen first; what it lacks is looked for elsewhere only where little came of it.
    """
    if (pointed := hinted_body(document, title, authors)) is not None:
        return Body(pointed, SIGNAL)
    tree = article_tree(document, title)
    is_cut = cut(tree, _MAX_PAGE)
    head = title_element(tree, title)
    region = find_region(tree, head)
    stated = stated_body(document)
    text, leads, signal = None, [], "region"
    if region is not None:
        leads = find_standfirst(document, tree, head, region, summary)
        drop_title(region, title)
        is_cut |= cut(region, _MAX_REGION)
        drop_pointers(region)
        text = _mend(extract_region(_alone(region)), title, authors, stated)
    if len(text or "") < _ENOUGH:
        text, signal = _rescue(document, tree, text, stated, title, authors)
    return Body(merge_standfirst(leads, text), signal, is_cut=is_cut)


def _mend(text: str | None, title: str | None, authors: tuple[str, ...], stated: str | None) -> str | None:
    """Put extracted lines right, also by what the page states."""
    text = repair(text, title, authors)
    return "\n".join(keep_stated(text.split("\n"), stated)) if text and stated else text


def _rescue(
    document: Document,
    tree: HtmlElement,
    text: str | None,
    stated: str | None,
    title: str | None,
    authors: tuple[str, ...],
) -> tuple[str | None, str]:
    """Give the best of other ways for a page of which little text came: stated, whole page, other algorithms."""
    best, signal = text or "", "region"
    if stated and len(stated) > _BETTER * len(best):
        return repair(stated, title, authors), "json-ld"
    if not best:
        cut(tree, _MAX_REGION)
        drop_title(tree, title)
        drop_pointers(tree)
        best, signal = repair(extract_region(tree), title, authors) or "", "page"
    if len(best) < _LITTLE and next(islice(document.tree.iter(), _MAX_REGION, None), None) is None:
        page = deepcopy(document.tree)
        drop_title(page, title)
        other = repair(extract_page(page), title, authors) or ""
        if len(other) > _BETTER * len(best) and _holds(other, best) and _has_prose(other):
            best, signal = other, "page"
    return best or None, signal


def _holds(text: str, part: str) -> bool:
    """Tell whether a text holds most lines of another one."""
    lines, known = [fold(line) for line in part.split("\n")], fold(text)
    return sum(line in known for line in lines) >= 0.5 * len(lines)


def _has_prose(text: str) -> bool:
    """Tell whether a text has a sentence of some length: a page without an article still has labels and a footer."""
    return any(len(line) >= _SENTENCE and is_sentence(line) for line in text.split("\n"))


def title_element(tree: HtmlElement, title: str | None) -> HtmlElement | None:
    """Give the heading that shows the title, else the first h1."""
    key = fold(title or "")
    heads = list(tree.iter("h1", "h2"))
    same = next((head for head in heads if key and fold(head.text_content()) == key), None)
    return same if same is not None else next((head for head in heads if head.tag == "h1"), None)


def _alone(region: HtmlElement) -> HtmlElement:
    """Give a page that holds a copy of one element only, named so that trafilatura takes it for the text."""
    page = Element("html")
    part = deepcopy(region)
    part.tail = None
    part.tag = "div"
    part.attrib.clear()
    part.set("class", "post")
    strip_tags(part, *_INLINE)
    _mark_paragraphs(part)
    page.append(Element("body"))
    page[0].append(part)
    return page


def _mark_paragraphs(part: HtmlElement) -> None:
    """Make paragraphs of what is one in other clothes: whole sentences set as headings, and bare divs.

    trafilatura drops headings at the end of a text, and the divs of a text that also has paragraphs.
    """
    for element in list(part.iter(*_HEADINGS)):
        text = " ".join(element.text_content().split())
        if len(text) >= _SENTENCE and text.endswith(_STOPS):
            element.tag = "p"
    for element in list(part.iter("div")):
        if element is part or element.get("class") or element.get("id") or not _is_leaf(element):
            continue
        text = " ".join(element.text_content().split())
        if len(text) >= _SHORT_SENTENCE and is_sentence(text) and link_share(element, text) < _MANY_LINKS:
            element.tag = "p"


def _is_leaf(element: HtmlElement) -> bool:
    """Tell an element of running text from a box."""
    return all(inner.tag in INLINE or inner.tag == "img" for inner in element.iterdescendants())
