"""Well-formed RSS, RDF and Atom by lxml: many times faster than feedparser, with the same result or with none.

Whatever is unusual (markup inside elements, xml:base, elements that feedparser treats in a way of their own) makes it
give up, and feedparser reads the feed. `benchmarks/feeds_corpus.py` compares the two on a corpus.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from feedparser.api import StrictFeedParser
from lxml import etree

from pipeline.feeds.addresses import resolve
from pipeline.feeds.html_text import repaired
from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawFile, category_of

MAX_TAGS = 200
# Media RSS nests media:content in media:group; deeper is unusual.
_MAX_DEPTH = 6

_MAX_TAG = 200

_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_ATOM = "http://www.w3.org/2005/atom"
_RSS_1 = "http://purl.org/rss/1.0/"
_RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
_PLAIN, _HTML = "text/plain", "text/html"
_TYPES = {"text": _PLAIN, "plain": _PLAIN, _PLAIN: _PLAIN, "html": _HTML, _HTML: _HTML}
_PREFIXES = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
_XML_LANG = "{http://www.w3.org/xml/1998/namespace}lang"
_NO_ATTRIBUTES: dict[str, str] = {}
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")

# Elements whose children change no value that khotin stores, and these children.
_PERSON = {"name", "email", "uri", "url"}
_SKIPPED = {
    "contributor": _PERSON,
    "source": {"category", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated"},
}
# feedparser has handlers for these that change no value khotin stores.
_HARMLESS = {
    *("cc:license", "cloud", "copyright", "dc:publisher", "dc:rights", "dcterms:valid", "expirationdate"),
    *("feedburner:browserfriendly", "generator", "itunes:block", "itunes:explicit", "itunes:subtitle", "rights"),
    *("media:credit", "media:license", "media:player", "media:rating", "media:restriction", "subtitle", "tagline"),
    *("dc:contributor", "webmaster", *_SKIPPED),
}
# An unknown element of such a name would be stored under it by feedparser, and read.
_ENTRY_KEYS = {
    *("authors", "content", "created", "entries", "guidislink", "image", "items", "language", "links"),
    *("media_content", "media_thumbnail", "published", "summary", "tags", "updated"),
}
# What may stand in a feed's own elements without feedparser taking it for the feed's title, link or language.
_FEED_SKIPPED = {
    "author": _PERSON,
    "contributor": _PERSON,
    "image": {"title", "link", "description", "url", "width", "height"},
    "items": {"rdf:seq", "rdf:bag", "rdf:li"},
    "itunes:category": {"itunes:category"},
    "itunes:owner": {"itunes:name", "itunes:email"},
    "skipdays": {"day"},
    "skiphours": {"hour"},
    "textinput": {"title", "link", "description", "name"},
}
_FEED_UNUSUAL = {"dc:title", "media:title", "source", "name", "body", "fullitem", "content", "content:encoded"}


class _Unusual(Exception):  # noqa: N818  # it hands the feed to the reference, which is no failure
    pass


def parse_fast(text: str, *, base: str, language: str | None) -> RawFeed | None:
    """Parse the text of a feed (without XML declaration and DOCTYPE); None when feedparser must do it."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
        version, channel = _version_of(root)
        return _FeedReader(version, base, language or "").read(root, channel)
    except (etree.XMLSyntaxError, _Unusual):
        return None


def _version_of(root: etree._Element) -> tuple[str, etree._Element]:
    """Give feedparser's name of the format, and the element that holds what the feed says about itself."""
    key = _key(root.tag)
    spaces = {(uri or "").lower(): prefix for prefix, uri in root.nsmap.items()}
    if key == "rss" and _RSS_1 not in spaces and _RSS_090 not in spaces:
        channels = [child for child in root if _key(child.tag) == "channel"]
        if len(channels) == 1 == len(root):
            version = root.get("version", "")
            return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss"), channels[0]
    elif key == "feed" and _RSS_1 not in spaces:
        version = root.get("version", "")
        return "atom10" if _ATOM in spaces else _ATOM_VERSIONS.get(version, "atom"), root
    elif key == "rdf:rdf" and _ATOM not in spaces and len({_RSS_1, _RSS_090} & spaces.keys()) == 1:
        channels = [child for child in root if _key(child.tag) == "channel"]
        if len(channels) == 1 and (_RSS_1 in spaces or spaces[_RSS_090] is None):
            return "rss10" if _RSS_1 in spaces else "rss090", channels[0]
    raise _Unusual


@lru_cache(maxsize=4096)
def _key(tag: object) -> str:
    """Name an element as feedparser does: its own prefix for a known namespace, lower case."""
    # Names of any length and number must not fill the cache of a process that lives long; what raises is not kept.
    if not isinstance(tag, str) or len(tag) > _MAX_TAG:
        raise _Unusual
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
def _has_handler(key: str) -> bool:
    name = key.replace(":", "_")
    return hasattr(StrictFeedParser, f"_start_{name}") or hasattr(StrictFeedParser, f"_end_{name}")


def _text(element: etree._Element) -> str:
    """Give the text of an element that holds nothing else."""
    if len(element):
        raise _Unusual
    text = (element.text or "").strip()
    return text if text.isascii() else repaired(text)


def _attributes(element: etree._Element) -> dict[str, str]:
    """Give the attributes with lower-case names, as feedparser sees them."""
    items = element.items()
    if not items:
        return _NO_ATTRIBUTES
    attributes = {str(name).lower(): str(value) for name, value in items}
    if any(name.endswith("base") for name in attributes):
        raise _Unusual
    return attributes


def _language(attributes: dict[str, str], inherited: str) -> str:
    """Give the language in force in an element; an empty xml:lang ends what was inherited."""
    if not attributes:
        return inherited
    stated = attributes.get(_XML_LANG, attributes.get("lang"))
    return inherited if stated is None else stated


def _has_only(element: etree._Element, keys: set[str]) -> bool:
    return not len(element) or all(_key(child.tag) in keys for child in element.iterdescendants())


class _FeedReader:
    """Reads what a feed says about itself, and its entries."""

    def __init__(self, version: str, base: str, language: str) -> None:
        self.feed = RawFeed(format=version, language=language, is_fast=True)
        self.base = base
        self.language = language
        self.is_atom = version.startswith("atom")

    def read(self, root: etree._Element, channel: etree._Element) -> RawFeed:
        """Give the feed below a root; entries stand in the channel, in RDF beside it."""
        self.language = _language(_attributes(root), self.language)
        if self.language and _key(root.tag) in {"feed", "rss"}:
            self.feed.language = self.language
        attributes = _attributes(channel)
        if "href" in attributes or "lastmod" in attributes:
            raise _Unusual
        for child in root:
            if child is channel:
                inherited, self.language = self.language, _language(attributes, self.language)
                for element in channel:
                    self._read_child(element)
                self.language = inherited
            else:
                self._read_child(child)
        return self.feed

    def _read_child(self, element: etree._Element) -> None:
        key = _key(element.tag)
        if key in {"item", "entry"}:
            self.feed.entries.append(_EntryReader(self.base, self.language, is_atom=self.is_atom).read(element))
        elif key in _FEED_FIELDS:
            _FEED_FIELDS[key](self, element)
        elif key in _FEED_UNUSUAL or not _has_only(element, _FEED_SKIPPED.get(key, set())):
            raise _Unusual

    def _title(self, element: etree._Element) -> None:
        if self.feed.title is not None:
            raise _Unusual
        self.feed.title = _markup(element, _attributes(element), _PLAIN, is_atom=self.is_atom)

    def _link(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        address = _href(attributes)
        if address is None:
            self.feed.url = _REFERENCE.sub(r"&\1", resolve(self.base, _text(element)))
        elif _is_page(attributes):
            self.feed.url = resolve(self.base, address)

    def _stated_language(self, element: etree._Element) -> None:
        self.feed.language = _text(element)

    def _ttl(self, element: etree._Element) -> None:
        self.feed.ttl = _setting(element)

    def _period(self, element: etree._Element) -> None:
        self.feed.update_period = _setting(element)

    def _frequency(self, element: etree._Element) -> None:
        self.feed.update_frequency = _setting(element)


_FEED_FIELDS: dict[str, Callable[[_FeedReader, etree._Element], None]] = {
    "title": _FeedReader._title,
    "link": _FeedReader._link,
    "language": _FeedReader._stated_language,
    "dc:language": _FeedReader._stated_language,
    "ttl": _FeedReader._ttl,
    "sy:updateperiod": _FeedReader._period,
    "sy:updatefrequency": _FeedReader._frequency,
}


def _setting(element: etree._Element) -> str:
    """Give the text of an element that feedparser has no handler for; with attributes it takes these for the value."""
    if element.attrib:
        raise _Unusual
    return _text(element)


def _href(attributes: dict[str, str]) -> str | None:
    return attributes.get("url") or attributes.get("uri") or attributes.get("href")


def _is_page(attributes: dict[str, str]) -> bool:
    """Tell whether a link leads to the page of a feed or entry (RFC 4287, 4.2.7: an alternate that is HTML)."""
    media_type = attributes.get("type", _HTML).lower()
    is_html = media_type in {"html", _HTML, "xhtml", "application/xhtml+xml"}
    return attributes.get("rel", "alternate").lower() == "alternate" and is_html


def _markup(element: etree._Element, attributes: dict[str, str], default: str, *, is_atom: bool) -> Markup:
    """Give a text and whether it is HTML; where the format is not Atom that is guessed, as feedparser does."""
    media_type: str | None = default
    if attributes:
        media_type = _TYPES.get(attributes.get("type", default).lower())
        if media_type is None or "mode" in attributes or "src" in attributes:
            raise _Unusual
    text = _text(element)
    is_html = media_type == _HTML
    if not is_html and not is_atom and ("<" in text or "&" in text):
        is_html = bool(StrictFeedParser.looks_like_html(text))
    return Markup(text, is_html)


class _EntryReader:
    """Reads one entry in the order of its elements, which decides what feedparser takes for summary and content."""

    def __init__(self, base: str, language: str, *, is_atom: bool) -> None:
        self.entry = RawEntry(base=base)
        self.base = base
        self.language = language
        self.is_atom = is_atom
        self.depth = 1
        self.title_language = self.summary_language = self.content_language = ""
        self.media_title: Markup | None = None
        self.summary_depth = 99
        self.has_summary = self.has_content = self.has_source = False
        self.is_permalink: bool | None = None
        self.link = self.original = self.thing = ""
        self.pages: list[str] = []
        self.tags: list[list[str]] = []
        self.media: list[RawFile] = []
        self.created = ""

    def read(self, element: etree._Element) -> RawEntry:
        """Give the entry."""
        attributes = _attributes(element)
        if "href" in attributes or "lastmod" in attributes:
            raise _Unusual
        self.language = _language(attributes, self.language)
        about = attributes.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
        if about:
            self.entry.guid = about
        for child in element:
            self.read_child(child)
        return self._finished()

    def read_child(self, element: etree._Element) -> None:
        """Read one element of the entry, or pass it over."""
        key = _key(element.tag)
        action = _ENTRY_FIELDS.get(key)
        if action is not None:
            action(self, element)
        elif not _has_only(element, _SKIPPED.get(key, set())) or not _is_harmless(key):
            raise _Unusual
        self.has_source |= key == "source"

    def _finished(self) -> RawEntry:
        entry = self.entry
        has_title = bool(entry.title and entry.title.text) and not self.has_source
        if self.media_title is not None and not has_title:
            raise _Unusual
        permalink = entry.guid if self.is_permalink and "://" in entry.guid else ""
        entry.links = [self.original, self.link, *self.pages, permalink]
        entry.published = entry.published or self.created
        entry.categories = [category_of(term, label) for term, label in self.tags]
        entry.files += self.media
        if self.thing:
            entry.images.append(self.thing)
        entry.language = entry.language or self.title_language or self.summary_language or self.content_language
        return entry

    def _title(self, element: etree._Element) -> None:
        if self.entry.title is not None:
            raise _Unusual
        attributes = _attributes(element)
        self.entry.title = _markup(element, attributes, _PLAIN, is_atom=self.is_atom)
        self.title_language = _language(attributes, self.language)

    def _media_title(self, element: etree._Element) -> None:
        self.media_title = _markup(element, _attributes(element), _PLAIN, is_atom=self.is_atom)

    def _link(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        address = _href(attributes)
        relation = attributes.get("rel", "alternate").lower()
        if address is None:
            address = resolve(self.base, _text(element))
            if ";" in address:
                address = _REFERENCE.sub(r"&\1", address.replace("&amp;", "&"))
            self.link = address
        else:
            address = resolve(self.base, address)
            if _is_page(attributes):
                self.link = address
        if relation == "alternate":
            self.pages.append(address)
        elif relation == "enclosure":
            media_type = attributes.get("type", _HTML).lower()
            self.entry.files.append(RawFile(address, media_type, attributes.get("length", "")))

    def _original_link(self, element: etree._Element) -> None:
        self.original = _setting(element)

    def _guid(self, element: etree._Element) -> None:
        if self.is_permalink is not None:
            raise _Unusual
        self.is_permalink = _attributes(element).get("ispermalink", "true") == "true"
        self.entry.guid = _text(element)

    def _published(self, element: etree._Element) -> None:
        self.entry.published = _text(element)

    def _updated(self, element: etree._Element) -> None:
        self.entry.updated = _text(element)

    def _created(self, element: etree._Element) -> None:
        self.created = _text(element)

    def _author(self, element: etree._Element) -> None:
        if not len(element):
            self.entry.authors.append(_text(element))
            return
        for child in element:
            key = _key(child.tag)
            if key == "name":
                self.entry.authors.append(_text(child))
            elif key not in {"email", "uri", "url", "homepage"}:
                raise _Unusual

    def _category(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        self._tag(
            attributes.get("term", ""),
            attributes.get("label", ""),
            is_scheme="domain" in attributes or "scheme" in attributes,
        )
        text = _text(element)
        if text:
            if self.tags and not self.tags[-1][0]:
                self.tags[-1][0] = text
            else:
                self._tag(text, "", is_scheme=False)

    def _tag(self, term: str, label: str, *, is_scheme: bool) -> None:
        if (term or label or is_scheme) and len(self.tags) < MAX_TAGS:
            self.tags.append([term, label])

    def _keywords(self, element: etree._Element) -> None:
        for word in _setting(element).split(","):
            self._tag(word.strip(), "", is_scheme=False)

    def _enclosure(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        address = _href(attributes) or ""
        self.entry.files.append(RawFile(address, attributes.get("type", "").lower(), attributes.get("length", "")))

    def _media_content(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        media_type = attributes.get("type", "").lower() or attributes.get("medium", "")
        self.media.append(RawFile(attributes.get("url", ""), media_type, attributes.get("filesize", "")))
        self._media_group(element)

    def _media_group(self, element: etree._Element) -> None:
        if self.depth > _MAX_DEPTH:
            raise _Unusual
        inherited, self.language = self.language, _language(_attributes(element), self.language)
        self.depth += 1
        for child in element:
            self.read_child(child)
        self.depth -= 1
        self.language = inherited

    def _thumbnail(self, element: etree._Element) -> None:
        self.entry.images.append(_attributes(element).get("url") or _text(element))

    def _itunes_image(self, element: etree._Element) -> None:
        attributes = _attributes(element)
        self.thing = attributes.get("href") or attributes.get("url") or self.thing

    def _description(self, element: etree._Element) -> None:
        if self.has_summary and not self.has_content:
            self._content(element)
        else:
            self._take_summary(element, _HTML)

    def _summary(self, element: etree._Element) -> None:
        if self.has_summary and not self.has_content:
            self._content(element)
        else:
            self._take_summary(element, _PLAIN)

    def _take_summary(self, element: etree._Element, default: str) -> None:
        if self.depth > self.summary_depth:
            raise _Unusual
        self.summary_depth = self.depth
        attributes = _attributes(element)
        self.entry.summary = _markup(element, attributes, default, is_atom=self.is_atom)
        self.summary_language = _language(attributes, self.language)
        self.has_summary = True

    def _content(self, element: etree._Element) -> None:
        self._take_content(element, _PLAIN)

    def _encoded(self, element: etree._Element) -> None:
        self._take_content(element, _HTML)

    def _take_content(self, element: etree._Element, default: str) -> None:
        attributes = _attributes(element)
        content = _markup(element, attributes, default, is_atom=self.is_atom)
        if self.entry.content is None:
            self.entry.content = content
            self.content_language = _language(attributes, self.language)
        self.has_content = self.has_summary = True

    def _stated_language(self, element: etree._Element) -> None:
        self.entry.language = _text(element)


_ENTRY_FIELDS: dict[str, Callable[[_EntryReader, etree._Element], None]] = {
    "title": _EntryReader._title,
    "media:title": _EntryReader._media_title,
    "link": _EntryReader._link,
    "feedburner:origlink": _EntryReader._original_link,
    **dict.fromkeys(("guid", "id"), _EntryReader._guid),
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms:issued"), _EntryReader._published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), _EntryReader._updated),
    **dict.fromkeys(("created", "dcterms:created"), _EntryReader._created),
    **dict.fromkeys(("author", "managingeditor", "dc:creator", "dc:author", "itunes:author"), _EntryReader._author),
    **dict.fromkeys(("category", "keywords", "dc:subject", "media:category"), _EntryReader._category),
    **dict.fromkeys(("media:keywords", "itunes:keywords"), _EntryReader._keywords),
    "enclosure": _EntryReader._enclosure,
    "media:content": _EntryReader._media_content,
    "media:group": _EntryReader._media_group,
    "media:thumbnail": _EntryReader._thumbnail,
    "itunes:image": _EntryReader._itunes_image,
    **dict.fromkeys(("description", "dc:description", "media:description"), _EntryReader._description),
    **dict.fromkeys(("summary", "itunes:summary"), _EntryReader._summary),
    "content": _EntryReader._content,
    "content:encoded": _EntryReader._encoded,
    **dict.fromkeys(("language", "dc:language"), _EntryReader._stated_language),
}


@lru_cache(maxsize=4096)
def _is_harmless(key: str) -> bool:
    return key in _HARMLESS or (not _has_handler(key) and key.replace(":", "_") not in _ENTRY_KEYS)
