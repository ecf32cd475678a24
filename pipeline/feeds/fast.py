"""Well-formed RSS, RDF and Atom by expat: many times faster than feedparser, with the same result or with none.

Whatever is unusual (markup inside elements, xml:base, elements that feedparser treats in a way of their own) makes it
give up, and feedparser reads the feed. `benchmarks/feeds_corpus.py` compares the two on a corpus.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lxml import etree

from pipeline.feeds import elements as of
from pipeline.feeds.addresses import resolve
from pipeline.feeds.elements import Unusual, key_of, text_of
from pipeline.feeds.fast_entry import EntryReader
from pipeline.feeds.raw import RawFeed

_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_ATOM = "http://www.w3.org/2005/atom"
_RSS_1 = "http://purl.org/rss/1.0/"
_RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"

# What may stand in a feed's own elements without feedparser taking it for the feed's title, link or language.
_FEED_SKIPPED = {
    "author": of.PERSON,
    "contributor": of.PERSON,
    "image": {"title", "link", "description", "url", "width", "height"},
    "items": {"rdf:seq", "rdf:bag", "rdf:li"},
    "itunes:category": {"itunes:category"},
    "itunes:owner": {"itunes:name", "itunes:email"},
    "skipdays": {"day"},
    "skiphours": {"hour"},
    "textinput": {"title", "link", "description", "name"},
}
_FEED_UNUSUAL = {"dc:title", "media:title", "source", "name", "body", "fullitem", "content", "content:encoded"}


# A root's start tag, after white space and comments.
_ROOT_TAG = re.compile(
    r"""(?:\s|<!--(?:[^-]++|-(?!->))*+-->|<\?[^<>]*+>)*+(<[A-Za-z_](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>)"""
)


def parse_fast(text: str, *, base: str, language: str | None) -> RawFeed | None:
    """Parse the text of a feed (without XML declaration and DOCTYPE); None when feedparser must do it."""
    try:
        # expat, as feedparser does. Without a DOCTYPE no entity can expand and nothing outside is named.
        root = ElementTree.fromstring(text)  # noqa: S314
        version, channel = _version_of(root, _namespaces(text))
        return _FeedReader(version, base, language or "").read(root, channel)
    except (ElementTree.ParseError, etree.XMLSyntaxError, Unusual, ValueError):
        return None


def _namespaces(text: str) -> dict[str, str | None]:
    """Give the prefix of each namespace that the root element declares; ElementTree keeps none."""
    tag = _ROOT_TAG.match(text)
    if tag is None:
        raise Unusual
    return _declared_in(tag[1]) if len(tag[1]) < _LONGEST_TAG else _read_declared(tag[1])


def _read_declared(tag: str) -> dict[str, str | None]:
    root = etree.fromstring(f"{tag.rstrip('/>')}/>")
    return {(uri or "").lower(): prefix for prefix, uri in root.nsmap.items()}


# Each feed of a site begins with the same tag.
_LONGEST_TAG = 2_000
_declared_in = lru_cache(maxsize=256)(_read_declared)


def _version_of(root: Element, spaces: dict[str, str | None]) -> tuple[str, Element]:
    """Give feedparser's name of the format, and the element that holds what the feed says about itself."""
    key = key_of(root.tag)
    if key == "rss" and _RSS_1 not in spaces and _RSS_090 not in spaces:
        channels = [child for child in root if key_of(child.tag) == "channel"]
        if len(channels) == 1 == len(root):
            version = root.get("version", "")
            return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss"), channels[0]
    elif key == "feed" and _RSS_1 not in spaces:
        version = root.get("version", "")
        return "atom10" if _ATOM in spaces else _ATOM_VERSIONS.get(version, "atom"), root
    elif key == "rdf:rdf" and _ATOM not in spaces and len({_RSS_1, _RSS_090} & spaces.keys()) == 1:
        channels = [child for child in root if key_of(child.tag) == "channel"]
        if len(channels) == 1 and (_RSS_1 in spaces or spaces[_RSS_090] is None):
            return "rss10" if _RSS_1 in spaces else "rss090", channels[0]
    raise Unusual


class _FeedReader:
    """Reads what a feed says about itself, and its entries."""

    def __init__(self, version: str, base: str, language: str) -> None:
        self.feed = RawFeed(format=version, language=language, is_fast=True)
        self.base = base
        self.language = language
        self.is_atom = version.startswith("atom")

    def read(self, root: Element, channel: Element) -> RawFeed:
        """Give the feed below a root; entries stand in the channel, in RDF beside it."""
        self.language = of.language_in(of.attributes_of(root), self.language)
        if self.language and key_of(root.tag) in {"feed", "rss"}:
            self.feed.language = self.language
        attributes = of.attributes_of_container(channel)
        for child in root:
            if child is channel:
                inherited, self.language = self.language, of.language_in(attributes, self.language)
                for element in channel:
                    self._read_child(element)
                self.language = inherited
            else:
                self._read_child(child)
        return self.feed

    def _read_child(self, element: Element) -> None:
        key = key_of(element.tag)
        if key in {"item", "entry"}:
            self.feed.entries.append(EntryReader(self.base, self.language, is_atom=self.is_atom).read(element))
        elif key in _FEED_FIELDS:
            _FEED_FIELDS[key](self, element)
        elif key in _FEED_UNUSUAL or not of.has_only(element, _FEED_SKIPPED.get(key, set())):
            raise Unusual

    def _title(self, element: Element) -> None:
        if self.feed.title is not None:
            raise Unusual
        self.feed.title = of.markup_of(element, of.attributes_of(element), of.PLAIN, is_atom=self.is_atom)

    def _link(self, element: Element) -> None:
        attributes = of.attributes_of(element)
        address = of.address_in(attributes)
        if address is None:
            self.feed.url = of.QUERY_REFERENCE.sub(r"&\1", resolve(self.base, text_of(element)))
        elif of.is_page(attributes):
            self.feed.url = resolve(self.base, address)

    def _stated_language(self, element: Element) -> None:
        self.feed.language = text_of(element)

    def _ttl(self, element: Element) -> None:
        self.feed.ttl = of.setting_of(element)

    def _period(self, element: Element) -> None:
        self.feed.update_period = of.setting_of(element)

    def _frequency(self, element: Element) -> None:
        self.feed.update_frequency = of.setting_of(element)


_FEED_FIELDS: dict[str, Callable[[_FeedReader, Element], None]] = {
    "title": _FeedReader._title,
    "link": _FeedReader._link,
    "language": _FeedReader._stated_language,
    "dc:language": _FeedReader._stated_language,
    "ttl": _FeedReader._ttl,
    "sy:updateperiod": _FeedReader._period,
    "sy:updatefrequency": _FeedReader._frequency,
}
