"""trafilatura, the extractor, on trees that we prepared: its main algorithm alone, or all of its ways."""

import logging

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from pipeline.text import paragraphs

# trafilatura reports every page that it gives up on; what becomes of a page is our outcome to tell.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_OPTIONS = Extractor(fast=True, comments=False)


def extract_region(tree: HtmlElement) -> str | None:
    """Run the main extractor on a tree of our own, which it uses up.

    This is `bare_extraction(fast=True)` without what it does for whole pages of others: three copies of the tree,
    pruning that we have done, a second try and a plain dump of short ones. Same text, two thirds of the time.
    """
    cleaned = convert_tags(tree_cleaning(tree, _OPTIONS), _OPTIONS)
    found, _ = extract_content(cleaned, _OPTIONS)
    return paragraphs(xmltotxt(found, include_formatting=False))


def extract_page(tree: HtmlElement) -> str | None:
    """Run trafilatura on a page's tree, which it uses up: main extractor, second try, plain dump.

    Its comparison with readability and jusText is left out: it costs as much again and no page gained by it.
    """
    found = bare_extraction(tree, fast=True, with_metadata=False, include_comments=False)
    return paragraphs(getattr(found, "text", None))
