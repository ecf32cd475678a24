"""The text of an article: trafilatura on a tree that we prepared, its lines put right afterwards."""

import logging
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement, document_fromstring
from trafilatura import bare_extraction

from pipeline.articles.document import Document
from pipeline.articles.phrases import fold
from pipeline.articles.prune import article_tree, drop_title
from pipeline.articles.region import find_region
from pipeline.articles.repair import repair
from pipeline.articles.standfirst import find_standfirst, merge_standfirst
from pipeline.text import paragraphs

# trafilatura reports every page that it gives up on; what becomes of a page is our outcome to tell.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """An article's text, one paragraph a line, and the way it was found."""

    text: str | None
    signal: str
    # The share of link text in what the page shows: high on listings.
    link_share: float = 0.0


def read_body(document: Document, title: str | None, authors: tuple[str, ...]) -> Body:
    """Read the article's text from a page."""
    tree = article_tree(document, title)
    head = title_element(tree, title)
    region = find_region(tree, head)
    text = None
    leads: list[str] = []
    if region is not None:
        leads = find_standfirst(document, tree, head, region)
        drop_title(region, title)
        text = repair(_extract(_alone(region), fast=True), title, authors)
    signal = "region"
    if not text:
        drop_title(tree, title)
        text = repair(_extract(tree, fast=True), title, authors)
        signal = "page"
    return Body(merge_standfirst(leads, text), signal)


def title_element(tree: HtmlElement, title: str | None) -> HtmlElement | None:
    """Give the heading that shows the title, else the first h1."""
    key = fold(title or "")
    heads = list(tree.iter("h1", "h2"))
    same = next((head for head in heads if key and fold(head.text_content()) == key), None)
    return same if same is not None else next((head for head in heads if head.tag == "h1"), None)


def _alone(region: HtmlElement) -> HtmlElement:
    """Give a page that holds a copy of one element only, named so that trafilatura takes it for the text."""
    page = document_fromstring("<html><body></body></html>")
    part = deepcopy(region)
    part.tail = None
    part.tag = "div"
    part.attrib.clear()
    part.set("class", "post")
    page.find("body").append(part)
    return page


def _extract(tree: HtmlElement, *, fast: bool) -> str | None:
    """Run trafilatura on a tree of ours, without its metadata, dates and comments."""
    found = bare_extraction(tree, fast=fast, with_metadata=False, include_comments=False)
    return paragraphs(found.text) if found is not None else None
