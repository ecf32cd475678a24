"""A page parsed once for every reader of its fields: tree, meta, JSON-LD and the node that describes the article."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipeline.articles.article import Page
from pipeline.articles.decode import decode, without_floods
from pipeline.articles.json_ld import Node, flatten, is_article, items, parse_script, plain, text_of, texts, types_of
from pipeline.articles.layout import Layout, read_layout
from pipeline.articles.outline import Outline, read_outline
from pipeline.articles.select import drop_selected
from pipeline.articles.site import site_names
from pipeline.text import one_line

__all__ = ["MAX_BYTES", "Document", "Node", "items", "plain", "read_document", "text_of", "texts", "types_of"]

MAX_BYTES = 3_000_000
# libxml2 gives up at 256 levels and drops all that follows; real pages stay under 100.
_MAX_DEPTH = 200
_MAX_SCRIPTS = 60
_MAX_META = 2_000
# Longer headings are compared by their beginning.
_MAX_HEADING = 1_000
_BLOCK_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_PLAIN = etree.ElementDefaultClassLookup(element=HtmlElement)
_HAS_TAG = re.compile(r"<[a-zA-Z!/]")


@dataclass(frozen=True)
class Document:
    """A page parsed once and read by many: no reader changes `tree` (the body works on a copy of its own)."""

    # The root <html>, without comments and processing instructions.
    tree: HtmlElement
    # Every element of `tree`, held so that lxml does not make them anew for every reader that comes by.
    elements: tuple[HtmlElement, ...]
    # The decoded HTML that `tree` was made of.
    source: str
    page: Page
    # Lower-case name, property or itemprop, or "http-equiv:…", of a meta -> its contents in document order.
    meta: Mapping[str, tuple[str, ...]]
    # Every node of every ld+json script, @graph and main entities opened, in document order.
    json_ld: tuple[Node, ...]
    # The node that describes this page's article; None when no node does, or none agrees with the page.
    article_node: Node | None
    # Role ("author", "lead", "breadcrumb", "noise", …) -> the elements that the markup names so.
    outline: Outline
    # Where the article is: its heading, the holder of its text, what spans both, and what is beside it.
    layout: Layout

    @cached_property
    def site(self) -> frozenset[str]:
        """The folded names of the page's site, for `is_site_name`."""
        return site_names(self)

    def first_meta(self, *names: str) -> str | None:
        """Give the first content of the first meta in `names` that the page has."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)

    def node(self, reference: Any) -> Node | None:
        """Give the node that a JSON-LD value is or points to by @id; None for plain texts."""
        if not isinstance(reference, dict):
            return None
        if set(reference) <= {"@id", "@type"} and reference.get("@id"):
            named = (node for node in self.json_ld if node.get("@id") == reference["@id"] and len(node) > 2)
            return next(named, cast("Node", reference))
        return cast("Node", reference)


def read_document(page: Page) -> Document | None:
    """Parse a page; None when there is no HTML in it at all. Never raises for bad input.

    At most 3 MB are read; elements nested deeper than 200 levels are lifted to that level, so no text is lost.
    """
    source = without_floods(decode(page.html[:MAX_BYTES], page.charset))
    if not _HAS_TAG.search(source):
        return None
    tree = _parse(source)
    if tree is None:
        return None
    if page.hints is not None and page.hints.selectors.drop:
        drop_selected(tree, page.hints.selectors.drop)
        source = etree.tostring(tree, encoding="unicode", method="html")
    if page.url is not None and not _is_address(page.url):
        page = replace(page, url=None)
    elements = tuple(tree.iter())
    meta = _read_meta(tree)
    nodes = tuple(flatten([value for script in _scripts(tree) for value in parse_script(script)]))
    article = _find_article(nodes, page, tree, meta)
    outline = read_outline(tree)
    stated = [*meta.get("og:title", ()), *_title(tree), *(texts(article.get("headline")) if article else ())]
    layout = read_layout(tree, outline, stated)
    return Document(tree, elements, source, page, meta, nodes, article, outline, layout)


def _parser(**options: Any) -> HTMLParser:
    """Give a parser whose elements are all plain HtmlElements: lxml.html's own choice by tag takes a call for each."""
    parser = HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True, **options)
    parser.set_element_class_lookup(_PLAIN)
    return parser


def _parse(source: str) -> HtmlElement | None:
    """Parse decoded HTML, made shallower when libxml2 finds it too deep."""
    parser = _parser()
    try:
        tree = document_fromstring(source.encode(errors="replace"), parser=parser)
        if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            parser = _parser(huge_tree=True)
            tree = document_fromstring(_flatten_tags(source).encode(errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return cast("HtmlElement", tree)


def _flatten_tags(source: str) -> str:
    """Leave out start and end tags of elements nested deeper than the limit; their text stays."""
    depth = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal depth
        is_end, name = bool(found.group(1)), found.group(2).lower()
        if name in _VOID or found.group(0).endswith("/>"):
            return found.group(0)
        if is_end:
            depth -= depth > 0
            return found.group(0) if depth < _MAX_DEPTH else " "
        depth += 1
        return found.group(0) if depth <= _MAX_DEPTH else " "

    return _BLOCK_TAG.sub(keep, source)


def _read_meta(tree: HtmlElement) -> Mapping[str, tuple[str, ...]]:
    """Collect the page's meta elements in one pass."""
    found: dict[str, list[str]] = {}
    for count, element in enumerate(tree.iter("meta")):
        if count >= _MAX_META:
            break
        content = element.get("content")
        if not content or not (text := plain(content)):
            continue
        names = {element.get(key) for key in ("name", "property", "itemprop")}
        # What stands in noscript is for readers without scripts: mostly a refresh to a page that asks for them.
        if (equivalent := element.get("http-equiv")) and next(element.iterancestors("noscript"), None) is None:
            names.add(f"http-equiv:{equivalent}")
        for name in names:
            if name and (key := name.strip().lower()):
                found.setdefault(key, []).append(text)
    return MappingProxyType({key: tuple(values) for key, values in found.items()})


def _scripts(tree: HtmlElement) -> Iterable[str]:
    """Give the texts of the ld+json scripts."""
    found = (
        element.text
        for element in tree.iter("script")
        if element.text and "ld+json" in (element.get("type") or "").lower()
    )
    return list(islice(found, _MAX_SCRIPTS))


def _find_article(
    nodes: tuple[Node, ...], page: Page, tree: HtmlElement, meta: Mapping[str, tuple[str, ...]]
) -> Node | None:
    """Give the article node that agrees best with the page by address or headline.

    Several nodes: related articles are listed in the same type, so the best agreement wins, then the fullest. A single
    node is taken unless both its address and its headline say that it is another article.
    """
    articles = [node for node in nodes if is_article(node)]
    if not articles:
        return None
    addresses = {_path(url) for url in (page.url, *meta.get("og:url", ()), *_canonicals(tree)) if url} - {"", "/"}
    headings = [_fold(text[:_MAX_HEADING]) for text in _headings(tree, meta)]
    best = max(articles, key=lambda node: (_agreement(node, addresses, headings), min(len(node), 8)))
    return best if len(articles) == 1 or _agreement(best, addresses, headings) >= 0 else None


def _agreement(node: Node, addresses: set[str], headings: list[str]) -> int:
    """Count what a node and its page agree on; below 0 when they contradict each other."""
    score = 0
    stated = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    urls = {_path(value.get("@id") or value.get("url") if isinstance(value, dict) else value) for value in stated}
    urls -= {"", "/"}
    if urls and addresses:
        score += 2 if urls & addresses else -1
    headline = _fold((text_of(node.get("headline")) or text_of(node.get("name")) or "")[:_MAX_HEADING])
    if headline and headings:
        score += (
            2 if any(headline in heading or (len(heading) > 15 and heading in headline) for heading in headings) else -1
        )
    return score + bool(node.get("articleBody")) + bool(node.get("datePublished"))


def _canonicals(tree: HtmlElement) -> list[str]:
    return [
        element.get("href", "") for element in tree.iter("link") if "canonical" in (element.get("rel") or "").lower()
    ]


def _title(tree: HtmlElement) -> list[str]:
    """Give the text of the first title element, on one line."""
    element = next(tree.iter("title"), None)
    return [text] if element is not None and (text := one_line(element.text)) else []


def _headings(tree: HtmlElement, meta: Mapping[str, tuple[str, ...]]) -> list[str]:
    shown = (one_line(str(element.text_content())[:_MAX_HEADING]) for element in islice(tree.iter("h1"), 5))
    return [text for text in (*shown, *_title(tree), *meta.get("og:title", ())[:3]) if text]


def _is_address(url: str) -> bool:
    """Tell whether an address can be taken apart ("http://[::1" cannot)."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _path(url: Any) -> str:
    """Give the path of an address, without its trailing slash, for comparing addresses of one site."""
    if not isinstance(url, str):
        return ""
    try:
        return urlsplit(url.strip()).path.rstrip("/").casefold()
    except ValueError:
        return ""


_WORD = re.compile(r"\W+")


def _fold(text: str) -> str:
    return _WORD.sub(" ", text).strip().casefold()
