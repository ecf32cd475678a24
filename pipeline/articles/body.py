"""The text of an article: trafilatura on a tree that we prepared, its lines put right afterwards."""

import logging
from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from pipeline.articles.document import Document
from pipeline.articles.prune import article_tree
from pipeline.articles.repair import repair
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


def read_body(document: Document, title: str | None, summary: str | None, authors: tuple[str, ...]) -> Body:
    """Read the article's text from a page."""
    tree = article_tree(document, title)
    text = _extract(tree, fast=True)
    text = repair(text, title, authors)
    return Body(text, "trafilatura")


def _extract(tree: HtmlElement, *, fast: bool) -> str | None:
    """Run trafilatura on a tree of ours, without its metadata, dates and comments."""
    found = bare_extraction(tree, fast=fast, with_metadata=False, include_comments=False)
    return paragraphs(found.text) if found is not None else None
