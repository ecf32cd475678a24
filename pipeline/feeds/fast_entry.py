"""One entry of a well-formed feed on the fast path, read exactly as feedparser would."""

from collections.abc import Callable
from functools import lru_cache
from xml.etree.ElementTree import Element

from pipeline.feeds import elements as of
from pipeline.feeds.addresses import resolve
from pipeline.feeds.elements import HTML, PLAIN, Unusual, attributes_of, language_in, text_of
from pipeline.feeds.raw import Markup, RawEntry, RawFile, category_of

MAX_TAGS = 200
# Media RSS nests media:content in media:group; deeper is unusual.
_MAX_DEPTH = 6

# Elements whose children change no value that khotin stores, and these children.
_SKIPPED = {
    "contributor": of.PERSON,
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


class EntryReader:
    """Reads one entry in the order of its elements, which decides what feedparser takes for summary and content."""

    depth = 1
    title_language = summary_language = content_language = ""
    media_title: Markup | None = None
    summary_depth = 99
    has_summary = has_content = has_source = False
    is_permalink: bool | None = None
    link = original = itunes_image = created = ""

    def __init__(self, base: str, language: str, *, is_atom: bool) -> None:
        self.entry = RawEntry(base=base)
        self.base = base
        self.language = language
        self.is_atom = is_atom
        self.pages: list[str] = []
        self.tags: list[list[str]] = []
        self.media: list[RawFile] = []

    def read(self, element: Element) -> RawEntry:
        """Give the entry."""
        attributes = of.attributes_of_container(element)
        if attributes:
            self.language = language_in(attributes, self.language)
            self.entry.guid = attributes.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
        for child in element:
            action = _action_of(child.tag) or EntryReader._pass_over
            action(self, child)
        return self._finished()

    def _pass_over(self, element: Element) -> None:
        key = of.key_of(element.tag)
        if not of.has_only(element, _SKIPPED.get(key, set())) or not _is_harmless(key):
            raise Unusual
        self.has_source |= key == "source"

    def _finished(self) -> RawEntry:
        entry = self.entry
        has_title = bool(entry.title and entry.title.text) and not self.has_source
        if self.media_title is not None and not has_title:
            raise Unusual
        permalink = entry.guid if self.is_permalink and "://" in entry.guid else ""
        entry.links = [self.original, self.link, *self.pages, permalink]
        entry.published = entry.published or self.created
        entry.categories = [category_of(term, label) for term, label in self.tags]
        entry.files += self.media
        if self.itunes_image:
            entry.images.append(self.itunes_image)
        entry.language = entry.language or self.title_language or self.summary_language or self.content_language
        return entry

    def _title(self, element: Element) -> None:
        if self.entry.title is not None:
            raise Unusual
        attributes = attributes_of(element)
        self.entry.title = of.markup_of(element, attributes, PLAIN, is_atom=self.is_atom)
        self.title_language = language_in(attributes, self.language)

    def _media_title(self, element: Element) -> None:
        self.media_title = of.markup_of(element, attributes_of(element), PLAIN, is_atom=self.is_atom)

    def _link(self, element: Element) -> None:
        attributes = attributes_of(element)
        address = of.address_in(attributes)
        relation = attributes.get("rel", "alternate").lower()
        if address is None:
            address = resolve(self.base, text_of(element))
            if ";" in address:
                address = of.QUERY_REFERENCE.sub(r"&\1", address.replace("&amp;", "&"))
            self.link = address
        else:
            address = resolve(self.base, address)
            if of.is_page(attributes):
                self.link = address
        if relation == "alternate":
            self.pages.append(address)
        elif relation == "enclosure":
            media_type = attributes.get("type", HTML).lower()
            self.entry.files.append(RawFile(address, media_type, attributes.get("length", "")))

    def _original_link(self, element: Element) -> None:
        self.original = of.setting_of(element)

    def _guid(self, element: Element) -> None:
        if self.is_permalink is not None:
            raise Unusual
        self.is_permalink = attributes_of(element).get("ispermalink", "true") == "true"
        self.entry.guid = text_of(element)

    def _published(self, element: Element) -> None:
        self.entry.published = text_of(element)

    def _updated(self, element: Element) -> None:
        self.entry.updated = text_of(element)

    def _created(self, element: Element) -> None:
        self.created = text_of(element)

    def _author(self, element: Element) -> None:
        if not len(element):
            self.entry.authors.append(text_of(element))
            return
        for child in element:
            key = of.key_of(child.tag)
            if key == "name":
                self.entry.authors.append(text_of(child))
            elif key not in {"email", "uri", "url", "homepage"}:
                raise Unusual

    def _category(self, element: Element) -> None:
        attributes = attributes_of(element)
        self._tag(
            attributes.get("term", ""),
            attributes.get("label", ""),
            is_scheme="domain" in attributes or "scheme" in attributes,
        )
        text = text_of(element)
        if text:
            if self.tags and not self.tags[-1][0]:
                self.tags[-1][0] = text
            else:
                self._tag(text, "", is_scheme=False)

    def _tag(self, term: str, label: str, *, is_scheme: bool) -> None:
        if (term or label or is_scheme) and len(self.tags) < MAX_TAGS:
            self.tags.append([term, label])

    def _keywords(self, element: Element) -> None:
        for word in of.setting_of(element).split(","):
            self._tag(word.strip(), "", is_scheme=False)

    def _enclosure(self, element: Element) -> None:
        attributes = attributes_of(element)
        address = of.address_in(attributes) or ""
        self.entry.files.append(RawFile(address, attributes.get("type", "").lower(), attributes.get("length", "")))

    def _media_content(self, element: Element) -> None:
        attributes = attributes_of(element)
        media_type = attributes.get("type", "").lower() or attributes.get("medium", "")
        self.media.append(RawFile(attributes.get("url", ""), media_type, attributes.get("filesize", "")))
        self._media_group(element)

    def _media_group(self, element: Element) -> None:
        if self.depth > _MAX_DEPTH:
            raise Unusual
        inherited, self.language = self.language, language_in(attributes_of(element), self.language)
        self.depth += 1
        for child in element:
            action = _action_of(child.tag)
            if action is not None and not of.key_of(child.tag).startswith("media:"):
                raise Unusual  # an author or a date of a picture: what feedparser makes of it depends on the entry's
            (action or EntryReader._pass_over)(self, child)
        self.depth -= 1
        self.language = inherited

    def _thumbnail(self, element: Element) -> None:
        attributes = attributes_of(element)
        self.entry.images.append(attributes["url"] if "url" in attributes else text_of(element))

    def _itunes_image(self, element: Element) -> None:
        attributes = attributes_of(element)
        self.itunes_image = attributes.get("href") or attributes.get("url") or self.itunes_image

    def _description(self, element: Element) -> None:
        if self.has_summary and not self.has_content:
            self._content(element)
        else:
            self._take_summary(element, HTML)

    def _summary(self, element: Element) -> None:
        if self.has_summary and not self.has_content:
            self._content(element)
        else:
            self._take_summary(element, PLAIN)

    def _take_summary(self, element: Element, default: str) -> None:
        if self.depth > self.summary_depth:
            raise Unusual
        self.summary_depth = self.depth
        attributes = attributes_of(element)
        self.entry.summary = of.markup_of(element, attributes, default, is_atom=self.is_atom)
        self.summary_language = language_in(attributes, self.language)
        self.has_summary = True

    def _content(self, element: Element) -> None:
        self._take_content(element, PLAIN)

    def _encoded(self, element: Element) -> None:
        self._take_content(element, HTML)

    def _take_content(self, element: Element, default: str) -> None:
        attributes = attributes_of(element)
        content = of.markup_of(element, attributes, default, is_atom=self.is_atom)
        if self.entry.content is None:
            self.entry.content = content
            self.content_language = language_in(attributes, self.language)
        self.has_content = self.has_summary = True

    def _stated_language(self, element: Element) -> None:
        self.entry.language = text_of(element)


_ENTRY_FIELDS: dict[str, Callable[[EntryReader, Element], None]] = {
    "title": EntryReader._title,
    "media:title": EntryReader._media_title,
    "link": EntryReader._link,
    "feedburner:origlink": EntryReader._original_link,
    **dict.fromkeys(("guid", "id"), EntryReader._guid),
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms:issued"), EntryReader._published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), EntryReader._updated),
    **dict.fromkeys(("created", "dcterms:created"), EntryReader._created),
    **dict.fromkeys(("author", "managingeditor", "dc:creator", "dc:author", "itunes:author"), EntryReader._author),
    **dict.fromkeys(("category", "keywords", "dc:subject", "media:category"), EntryReader._category),
    **dict.fromkeys(("media:keywords", "itunes:keywords"), EntryReader._keywords),
    "enclosure": EntryReader._enclosure,
    "media:content": EntryReader._media_content,
    "media:group": EntryReader._media_group,
    "media:thumbnail": EntryReader._thumbnail,
    "itunes:image": EntryReader._itunes_image,
    **dict.fromkeys(("description", "dc:description", "media:description"), EntryReader._description),
    **dict.fromkeys(("summary", "itunes:summary"), EntryReader._summary),
    "content": EntryReader._content,
    "content:encoded": EntryReader._encoded,
    **dict.fromkeys(("language", "dc:language"), EntryReader._stated_language),
}


@lru_cache(maxsize=4096)
def _action_of(tag: str) -> Callable[[EntryReader, Element], None] | None:
    return _ENTRY_FIELDS.get(of.key_of(tag))


@lru_cache(maxsize=4096)
def _is_harmless(key: str) -> bool:
    return key in _HARMLESS or (not of.has_handler(key) and key.replace(":", "_") not in _ENTRY_KEYS)
