"""The elements of a feed as feedparser sees them, for the fast path; what it cannot vouch for is `Unusual`."""

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from feedparser.api import StrictFeedParser

from pipeline.feeds.html_text import repaired
from pipeline.feeds.raw import Markup

PLAIN, HTML = "text/plain", "text/html"
# feedparser takes "&copy;" in a query for a parameter.
QUERY_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
# What stands in an element about a person.
PERSON = {"name", "email", "uri", "url"}

_MAX_TAG = 200
_TYPES = {"text": PLAIN, "plain": PLAIN, PLAIN: PLAIN, "html": HTML, HTML: HTML}
_PREFIXES = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
_XML_LANG = "{http://www.w3.org/xml/1998/namespace}lang"
_NO_ATTRIBUTES: dict[str, str] = {}


class Unusual(Exception):  # noqa: N818  # it hands the feed to the reference, which is no failure
    """Something that the fast path does not treat exactly as feedparser does."""


@lru_cache(maxsize=4096)
def key_of(tag: object) -> str:
    """Name an element as feedparser does: its own prefix for a known namespace, lower case."""
    # Names of any length and number must not fill the cache of a process that lives long; what raises is not kept.
    if not isinstance(tag, str) or len(tag) > _MAX_TAG:
        raise Unusual
    uri, _, name = tag.rpartition("}")
    uri = uri[1:].lower()
    if "backend.userland.com/rss" in uri:
        return name.lower()
    prefix = _PREFIXES.get(uri) if uri else ""
    if prefix is None:
        # feedparser names it by the prefix of the document; no known name can come of it.
        return f"?:{name.lower()}"
    return f"{prefix}:{name.lower()}" if prefix else name.lower()


@lru_cache(maxsize=4096)
def has_handler(key: str) -> bool:
    """Tell whether feedparser treats an element in a way of its own."""
    name = key.replace(":", "_")
    return hasattr(StrictFeedParser, f"_start_{name}") or hasattr(StrictFeedParser, f"_end_{name}")


def text_of(element: Element) -> str:
    """Give the text of an element that holds nothing else."""
    if len(element):
        raise Unusual
    text = element.text
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else repaired(text)


def attributes_of(element: Element) -> dict[str, str]:
    """Give the attributes with lower-case names, as feedparser sees them."""
    attributes = element.attrib
    if not attributes:
        return _NO_ATTRIBUTES
    for name in attributes:
        if not name.islower():
            attributes = {name.lower(): value for name, value in attributes.items()}
            break
    for name in attributes:
        if name.endswith("base"):
            raise Unusual
    return attributes


def attributes_of_container(element: Element) -> dict[str, str]:
    """Give the attributes of a channel or an entry; feedparser takes some for its link or its date."""
    attributes = attributes_of(element)
    if attributes and ("href" in attributes or "lastmod" in attributes):
        raise Unusual
    return attributes


def language_in(attributes: dict[str, str], inherited: str) -> str:
    """Give the language in force in an element; an empty xml:lang ends what was inherited."""
    if not attributes:
        return inherited
    stated = attributes.get(_XML_LANG, attributes.get("lang"))
    return inherited if stated is None else stated


def setting_of(element: Element) -> str:
    """Give the text of an element that feedparser has no handler for; with attributes it takes these for the value."""
    if element.attrib:
        raise Unusual
    return text_of(element)


def address_in(attributes: dict[str, str]) -> str | None:
    """Give the address in the attributes of a link, None when it stands in its text."""
    return attributes.get("url") or attributes.get("uri") or attributes.get("href")


def is_page(attributes: dict[str, str]) -> bool:
    """Tell whether a link leads to the page of a feed or entry (RFC 4287, 4.2.7: an alternate that is HTML)."""
    media_type = attributes.get("type", HTML).lower()
    is_html = media_type in {"html", HTML, "xhtml", "application/xhtml+xml"}
    return attributes.get("rel", "alternate").lower() == "alternate" and is_html


def markup_of(element: Element, attributes: dict[str, str], default: str, *, is_atom: bool) -> Markup:
    """Give a text and whether it is HTML; where the format is not Atom that is guessed, as feedparser does."""
    media_type: str | None = default
    if attributes:
        media_type = _TYPES.get(attributes.get("type", default).lower())
        if media_type is None or "mode" in attributes or "src" in attributes:
            raise Unusual
    text = text_of(element)
    is_html = media_type == HTML
    if not is_html and not is_atom and ("<" in text or "&" in text):
        is_html = bool(StrictFeedParser.looks_like_html(text))
    return Markup(text, is_html)


def has_only(element: Element, keys: set[str]) -> bool:
    """Tell whether an element holds no others but those named."""
    return not len(element) or all(key_of(child.tag) in keys for child in element.iter() if child is not element)
