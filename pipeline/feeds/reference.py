"""Any RSS, RDF, Atom or CDF feed by feedparser's parsers, strict first, lenient behind it: the reference."""

import io
import re
import xml.sax
from typing import Any, Protocol, cast
from xml.sax.handler import feature_external_ges, feature_external_pes, feature_namespaces
from xml.sax.xmlreader import InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser

from pipeline.feeds.addresses import MAX_URL, resolve
from pipeline.feeds.guard import Prolog
from pipeline.feeds.people import MAX_BYLINE
from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawFile, category_of

MAX_TAGS = 200
# feedparser takes some 40 µs an element, and looks through all namespaces for those that it does not know.
MAX_ELEMENTS = 50_000
MAX_NAMESPACES = 100
# Elements nested deeper are passed over; nothing that khotin stores lies so deep.
MAX_DEPTH = 100
# The lenient parser takes some seconds for a megabyte of "<".
MAX_LENIENT = 3_000_000

_BASES = frozenset({"xml:base", "base"})
_CDF_ROOT = re.compile(r"\s*(?:<[?!][^<>]*>\s*)*<channel\b", re.IGNORECASE)


class _TooMuch(Exception):  # noqa: N818  # it ends the parsing of a feed early, what was read so far counts
    pass


class _Parser(Protocol):
    feeddata: dict[str, Any]
    entries: list[dict[str, Any]]
    version: str
    limit: str | None


class _Bounded:
    """feedparser's element handlers, without its costly habits.

    HTML is neither sanitised nor are its links resolved (khotin stores text); an author is kept as written instead
    of searched for an address (quadratic in its length); a guid stays as written; tags are bounded (their
    comparison is quadratic in their number).
    """

    resolve_relative_uris = False
    sanitize_html = False
    elements = 0
    limit: str | None = None
    baseuri: str
    namespaces_in_use: dict[str, str]
    guidislink: bool
    can_be_relative_uri = frozenset(StrictFeedParser.can_be_relative_uri) - {"id"}

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise _TooMuch(f"more than {MAX_ELEMENTS} elements, read up to there")
        # A base is joined to those around it at each element: without a limit their lengths add up.
        kept = [(name, value) for name, value in attrs if name.lower() not in _BASES or len(value) < self._room()]
        super().unknown_starttag(tag, kept)  # type: ignore[misc]  # feedparser's, see the classes below

    def _room(self) -> int:
        return MAX_URL - len(self.baseuri)

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) >= MAX_NAMESPACES:
            raise _TooMuch(f"more than {MAX_NAMESPACES} namespaces, read up to there")
        super().track_namespace(prefix, uri)  # type: ignore[misc]  # feedparser's, see the classes below

    def resolve_uri(self, uri: str) -> str:
        return resolve(self.baseuri, uri)

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        details = dict.get(context, "authors")
        if key == "author" and details and not details[-1]:
            details[-1]["name"] = str(dict.get(context, key) or "")[:MAX_BYLINE]

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().setdefault("tags", [])) < MAX_TAGS:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]  # feedparser's, see the classes below

    def _end_guid(self) -> None:
        self.pop("id")
        self._save("guidislink", self.guidislink)

    _end_id = _end_guid

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    """The strict parser; expat's many small pieces of text are handed on as one."""

    def __init__(self, base: str, language: str | None) -> None:
        super().__init__(base, language, "utf-8")
        self.pieces: list[str] = []
        self.skipped = 0

    def characters(self, content: str) -> None:
        if not self.skipped:
            self.pieces.append(content)

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802  # a name of SAX
        if self.depth >= MAX_DEPTH:
            self.skipped += 1
            return
        self._hand_on_text()
        super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802  # a name of SAX
        if self.skipped:
            self.skipped -= 1
            return
        self._hand_on_text()
        super().endElementNS(name, qname)

    def _hand_on_text(self) -> None:
        if self.pieces:
            self.handle_data("".join(self.pieces))
            self.pieces.clear()


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    pass


def parse_reference(text: str, *, base: str, language: str | None, prolog: Prolog) -> RawFeed | None:
    """Parse the text of a feed (without XML declaration and DOCTYPE); None when it is of no known format.

    A feed that is not well-formed is read leniently and says so in `problem`; what a crash of the lenient parser
    leaves is kept.
    """
    parser, problem = _parse_strictly(text, base, language, prolog.entities)
    if problem is not None:
        parser = _parse_leniently(text, base, language, prolog.entities)
    version = "rss091n" if prolog.is_netscape else parser.version
    if not version and _CDF_ROOT.match(text):
        version = "cdf"
    if not version and not parser.entries:
        return None
    feed = _feed_of(parser.feeddata, version or "unknown")
    feed.entries = [_entry_of(entry, base) for entry in parser.entries]
    feed.problem = "; ".join(text for text in (problem, parser.limit) if text) or None
    feed.is_capped = parser.limit is not None
    return feed


def _parse_strictly(text: str, base: str, language: str | None, entities: dict[str, str]) -> tuple[_Parser, str | None]:
    handler = _Strict(base, language)
    # Declarations were taken out before (guard.py) and external entities are off: nothing can expand or be fetched.
    reader = xml.sax.make_parser()  # noqa: S317
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setFeature(feature_external_pes, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(handler)
    source = InputSource()
    source.setByteStream(io.BytesIO((_declarations(entities) + text).encode("utf-8")))
    try:
        reader.parse(source)
    except xml.sax.SAXParseException as error:
        return handler, f"broken XML at line {error.getLineNumber()}: {error.getMessage()}; read leniently"
    except _TooMuch as limit:
        handler.limit = str(limit)
    except Exception as error:  # feedparser's handlers trip over what they do not expect; the lenient parser is next
        return handler, f"broken XML: {error}; read leniently"
    return handler, None


def _parse_leniently(text: str, base: str, language: str | None, entities: dict[str, str]) -> _Parser:
    parser = _Loose(base, language, "utf-8", entities)
    if len(text) > MAX_LENIENT:
        parser.limit = f"broken and long, only {MAX_LENIENT} characters were read"
    try:
        parser.feed(text[:MAX_LENIENT])
    except _TooMuch as limit:
        parser.limit = str(limit)
    except Exception as error:  # where it stumbles it stops, and the entries before that are kept
        parser.limit = f"read up to where the lenient parser failed: {error}"
    return cast("_Parser", parser)


def _declarations(entities: dict[str, str]) -> str:
    if not entities:
        return ""
    # A value holds one kind of quotes at most, that which did not enclose it (guard.py).
    quoted = ((name, f"'{value}'" if '"' in value else f'"{value}"') for name, value in entities.items())
    return "<!DOCTYPE feed [" + "".join(f"<!ENTITY {name} {value}>" for name, value in quoted) + "]>"


def _feed_of(data: dict[str, Any], version: str) -> RawFeed:
    return RawFeed(
        format=version,
        title=_markup(data, "title"),
        url=_text(data, "link"),
        language=_text(data, "language"),
        ttl=_text(data, "ttl"),
        update_period=_text(data, "sy_updateperiod"),
        update_frequency=_text(data, "sy_updatefrequency"),
    )


def _entry_of(data: dict[str, Any], base: str) -> RawEntry:
    contents = [content for content in dict.get(data, "content") or [] if isinstance(content, dict)]
    own_base = _text(_mapping(data, "summary_detail") or _mapping(data, "title_detail"), "base") or base
    image = _mapping(data, "image")
    return RawEntry(
        guid=_text(data, "id"),
        links=_links_of(data),
        base=own_base,
        title=_markup(data, "title"),
        # Without a detail it is a copy of the content, made by feedparser.
        summary=_markup(data, "summary") if not contents or _mapping(data, "summary_detail") else None,
        content=_markup_of(contents[0], "value") if contents else None,
        authors=_authors_of(data),
        published=_text(data, "published") or _text(data, "created"),
        updated=_text(data, "updated"),
        categories=[category_of(_text(tag, "term"), _text(tag, "label")) for tag in _mappings(data, "tags")],
        files=_files_of(data),
        images=[
            *(_text(thumbnail, "url") for thumbnail in _mappings(data, "media_thumbnail")),
            *([_text(image, "href")] if image else []),
        ],
        language=_text(data, "language") or _language_of(data, contents),
    )


def _links_of(data: dict[str, Any]) -> list[str]:
    alternates = [_text(link, "href") for link in _mappings(data, "links") if link.get("rel") == "alternate"]
    # A guid that is no absolute address is no permalink, although it says so by default.
    guid = _text(data, "id") if dict.get(data, "guidislink") else ""
    permalink = guid if "://" in guid else ""
    return [_text(data, "feedburner_origlink"), _text(data, "link"), *alternates, permalink]


def _authors_of(data: dict[str, Any]) -> list[str]:
    authors = [_text(author, "name") for author in _mappings(data, "authors")]
    return authors if any(authors) else [_text(data, "author")]


def _files_of(data: dict[str, Any]) -> list[RawFile]:
    enclosures = [
        RawFile(_text(link, "href"), _text(link, "type"), _text(link, "length"))
        for link in _mappings(data, "links")
        if link.get("rel") == "enclosure"
    ]
    media = [
        RawFile(_text(content, "url"), _text(content, "type") or _text(content, "medium"), _text(content, "filesize"))
        for content in _mappings(data, "media_content")
    ]
    return enclosures + media


def _language_of(data: dict[str, Any], contents: list[dict[str, Any]]) -> str:
    details = [_mapping(data, "title_detail"), _mapping(data, "summary_detail"), *contents]
    return next((tag for detail in details if (tag := _text(detail, "language"))), "")


def _markup(data: dict[str, Any], key: str) -> Markup | None:
    detail = _mapping(data, f"{key}_detail")
    text = _text(data, key)
    return Markup(text, _is_html(_text(detail, "type"))) if text else None


def _markup_of(detail: dict[str, Any], key: str) -> Markup | None:
    text = _text(detail, key)
    return Markup(text, _is_html(_text(detail, "type"))) if text else None


def _is_html(media_type: str) -> bool:
    return media_type in {"text/html", "application/xhtml+xml", ""}


def _text(data: dict[str, Any], key: str) -> str:
    # dict.get: feedparser's own look-up maps some keys to others and warns about it.
    value = dict.get(data, key)
    return value if isinstance(value, str) else ""


def _mapping(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = dict.get(data, key)
    return value if isinstance(value, dict) else {}


def _mappings(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = dict.get(data, key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
