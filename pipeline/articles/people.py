"""The people who wrote an article: what the publisher states, then the byline that readers see."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from pipeline.articles.credit import is_person, is_weak, read_credit, unique
from pipeline.articles.document import Document, items, text_of, types_of
from pipeline.articles.layout import Layout
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

# Metas that name people; article:author should be an address (https://ogp.me/#type_article), often is a name.
_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
    "dc.creator.personalname", "article:author_name", "og:article:author", "citation_author", "creator", "authors",
    "cxenseparse:author", "article.author", "vr:author", "og:author", "bt:author", "author-name", "lp.article:author",
)  # fmt: skip
_WRITTEN_BY = re.compile(
    r"written by|verfasst von|geschrieben von|écrit par|escrito por|scritto da|author|autor", re.IGNORECASE
)
_MAX_BYLINE_CHARS = 220
_MAX_MARKS = 60
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|autori|tac-gia|journalist(?:en)?|redakteur|people|profile?s?|person|team|staff|by|periodistas?|redaktion)/",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)", re.IGNORECASE)
# Not "first-name" or "user-name".
_NAME_CLASS = re.compile(
    r"(?:^|[\s_-]|author)(?<!first)(?<!last)(?<!user)(?<!given)(?<!family)[_-]?name(?:$|\s)", re.IGNORECASE
)
_NAME_TAGS = ("a", "span", "strong", "b", "h2", "h3", "h4", "h5", "p", "div", "address", "meta")
_NO_BYLINES = frozenset({"article", "body", "form", "html", "img", "input", "main"})
_BYLINE = re.compile(
    r"^(?:(?:(?:story|posted|written|reported|ein|eine|blog|text|artikel|kommentar|(?:gast)?beitrag|interview|publié|escrito|"
    r"publicado|scritto|geschrieben|verfasst)\s+){0,3}(?:by|von|par|por|di|door|av|af|oleh)\s|theo\s|(?:text|words|autor(?:in|en)?|"
    r"auteure?s?|autora?|autore|authors?|tác giả|bài|writer|penulis|tekst|автор|текст)\s*:|autoren\s)",
    re.IGNORECASE,
)
# A short line of a date and a name: "11.12.2019 - Ann Lee", "Ann Lee | 11.12.2019".
_DATED = re.compile(
    r"^\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4},?\s*[-–|·,/]?\s*(?=\D{5,60}$)|(?<=[^\W\d])\s*[-–|·,]\s*\d{1,2}[./]\d{1,2}[./]\d{2,4}$"
)
_LINE_TAGS = ("p", "div", "span", "li", "h2", "h3", "h4", "h5", "h6", "strong", "em", "small", "address", "td", "cite")
_MAX_LINES = 1_500
_MAX_LINKS = 400
_TAIL_PARAGRAPHS = 3
# Words that make an author an organisation.
_ORGANISATION = frozenset(
    {
        "agency", "agentur", "association", "bund", "bundesverband", "club", "foundation", "fraktion", "gmbh", "gruppe",
        "inc", "institut", "institute", "landesanstalt", "llc", "ltd", "magazin", "magazine", "media", "medien",
        "ministerium", "ministry", "partei", "party", "press", "pressedienst", "stiftung", "union", "universität",
        "university", "verband", "verein", "verlag", "welle", "zeitung", "ev", "corp", "company", "network", "group",
        "vereinigung", "verlagsgesellschaft", "newspaper", "journal", "blog", "công ty", "toà soạn",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Offer:
    signal: str
    names: tuple[str, ...]
    elements: tuple[HtmlElement, ...] = ()


def read_authors(document: Document) -> Choice[tuple[str, ...]]:
    """Choose the authors: JSON-LD persons, then metas, then the visible byline, then the feed.

    Organisations, the site and agencies are no people; joined names are split, roles and places dropped. A stated
    name that the byline spells out together with others gives way to the byline.
    """
    offers = [offer for offer in _offers(document) if offer.names]
    listed = [(offer.signal, offer.names) for offer in offers]
    if not offers:
        return choice("authors", (), None, listed)
    best = next((offer for offer in offers if not all(map(is_weak, offer.names))), offers[0])
    if best.signal == "meta":
        # A meta has room for one; the byline that goes on from there is the fuller statement.
        best = next((offer for offer in offers if set(offer.names) > set(best.names)), best)
    return choice("authors", best.names, best.signal, listed)


def byline_elements(document: Document) -> list[HtmlElement]:
    """Give the elements that show nothing but the byline, for the body to leave out."""
    found = [
        element for offer in (_marked(document), _closing(document), _spoken(document)) for element in offer.elements
    ]
    return list(dict.fromkeys(found))


def _offers(document: Document) -> Iterator[_Offer]:
    names = document.site

    def people(found: Iterable[str]) -> tuple[str, ...]:
        return unique(name for name in found if not is_site_name(name, names))

    yield _Offer("json-ld", people(_from_json_ld(document)))
    yield _Offer("meta", people(_from_meta(document, names)))
    for offer in (_marked(document), _closing(document)):
        yield _Offer(offer.signal, people(offer.names), offer.elements)
    hint = document.page.hint
    yield _Offer(
        "feed", people(name for text in (hint.authors if hint else ()) for name in read_credit(text, True).people)
    )
    spoken = _spoken(document)
    yield _Offer(spoken.signal, people(spoken.names), spoken.elements)


def _from_json_ld(document: Document) -> Iterator[str]:
    """Give the persons that the article's node names; a reference by @id is followed."""
    node = document.article_node
    if node is None:
        return
    for stated in (*items(node.get("author")), *items(node.get("creator"))):
        person: Any = document.node(stated) if isinstance(stated, dict) else stated
        if isinstance(person, dict) and "Organization" in " ".join(types_of(person)):
            continue
        text = text_of(person)
        if text and "://" not in text:
            yield from read_credit(text, True).people


def _from_meta(document: Document, names: frozenset[str]) -> Iterator[str]:
    """Give the people that the first telling meta names."""
    for name in _METAS:
        texts = [text for text in document.meta.get(name, ()) if not is_site_name(text, names)]
        found = [person for text in texts for person in _stated(name, text)]
        if found:
            yield from found
            return
    for label, data in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        if _WRITTEN_BY.search(document.first_meta(label) or ""):
            yield from read_credit(document.first_meta(data) or "", True).people


def _stated(name: str, text: str) -> tuple[str, ...]:
    if "://" in text or text.startswith(("@", "/")):
        return ()
    if any(word in _ORGANISATION for word in key_of(text).split()):
        return ()
    # Dublin Core and citation metas put the family name first: "Lee, Ann".
    turned = re.fullmatch(r"([^,]+), ([^,]+)", text) if name.startswith(("dc", "citation")) else None
    if turned and is_person(f"{turned.group(2)} {turned.group(1)}"):
        return (f"{turned.group(2)} {turned.group(1)}",)
    return read_credit(text, True).people


def _marked(document: Document) -> _Offer:
    """Read the first byline that the markup names (class, rel, itemprop), those where the article is first."""
    layout = document.layout
    marks = [element for element in document.outline.get("author", ())[:_MAX_MARKS] if not layout.is_other(element)]
    inside = [element for element in marks if layout.is_inside(element)]
    outside = [element for element in marks if not layout.is_aside(element)]
    for element in (*inside, *outside, *_profile_links(layout)):
        if names := _names_in(element):
            return _Offer("byline", names, (element,))
    return _Offer("byline", ())


def _profile_links(layout: Layout) -> Iterator[HtmlElement]:
    """Give the links to an author's page where the article stands, whatever their markup is called."""
    if layout.whole is not None:
        for _, link in zip(range(_MAX_LINKS), layout.whole.iter("a"), strict=False):
            if _PROFILE.search(link.get("href") or "") and not layout.is_other(link):
                yield link


def _names_in(element: HtmlElement) -> tuple[str, ...]:
    """Read the names of one marked element: its links to profiles or name fields if it has some, else its text."""
    if element.tag in _NO_BYLINES:
        return ()
    if element.tag == "a":
        label = shown_text(element, _MAX_BYLINE_CHARS) or ""
        return read_credit(label, True).people if len(label) <= _MAX_BYLINE_CHARS else ()
    found: list[str] = []
    taken: set[HtmlElement] = set()
    for part in element.iter(*_NAME_TAGS):
        if not _is_name_field(part) or any(node in taken for node in part.iterancestors()):
            continue
        name = part.get("content") or shown_text(part, _MAX_BYLINE_CHARS) or ""
        if len(name) <= _MAX_BYLINE_CHARS and (people := read_credit(name, True).people):
            taken.add(part)
            found += people
    if found:
        return unique(found)
    text = shown_text(element, _MAX_BYLINE_CHARS * 2)
    return read_credit(text, True).people if text and len(text) <= _MAX_BYLINE_CHARS else ()


def _is_name_field(part: HtmlElement) -> bool:
    """Tell whether an element holds one name: a link to a profile, itemprop=name, or a class that ends in "name"."""
    if part.tag == "a":
        return part.get("rel") == "author" or _PROFILE.search(part.get("href") or "") is not None
    return part.get("itemprop") == "name" or _NAME_CLASS.search(part.get("class") or "") is not None


def _closing(document: Document) -> _Offer:
    """Read the byline at the text's end: right-aligned, or a line of its own in bold or italics."""
    holder = document.layout.holder
    if holder is None:
        return _Offer("closing-line", ())
    whole = holder if document.layout.whole is None else document.layout.whole
    blocks = [child for child in whole.iter("p", "div", "td") if child is not holder]
    right = [block for block in blocks if block.get("align") == "right" or _RIGHT.search(block.get("style") or "")]
    for block in reversed(right[-6:]):
        text = shown_text(block, 200)
        if text and len(text) <= 90 and (names := read_credit(text, True).people):
            return _Offer("closing-line", names, (block,))
    paragraphs = [child for child in holder if child.tag in {"p", "div"}]
    shown = [(block, text) for block in paragraphs[-12:] if (text := shown_text(block, 200))]
    for block, text in reversed(shown[-_TAIL_PARAGRAPHS:]):
        if len(text) > 90:
            break
        if _is_set_off(block, text) and (names := read_credit(text).people):
            return _Offer("closing-line", names, (block,))
    return _Offer("closing-line", ())


def _is_set_off(block: HtmlElement, text: str) -> bool:
    """Tell whether all of a block's text stands in bold or italics, or begins as a byline."""
    if _BYLINE.match(text):
        return True
    children = [child for child in block if isinstance(child.tag, str) and child.tag != "br"]
    if len(children) != 1 or children[0].tag not in {"strong", "b", "em", "i"}:
        return False
    return key_of(shown_text(children[0], 200) or "") == key_of(text)


def _spoken(document: Document) -> _Offer:
    """Read the first line "By Ann Lee", or a line of a date and a name, where the article stands."""
    layout = document.layout
    if layout.whole is None:
        return _Offer("byline-text", ())
    for _, block in zip(range(_MAX_LINES), layout.whole.iter(*_LINE_TAGS), strict=False):
        # Only what the line itself says, not the whole box that holds it.
        start = (block.text or "").strip() or (block[0].text or "" if len(block) else "").strip()
        if not start or not (_BYLINE.match(f"{start} ") or start[0].isdigit()):
            continue
        text = shown_text(block, 200)
        if not text or len(text) > 120:
            continue
        line = _DATED.sub("", text)
        if (line != text or _BYLINE.match(text)) and not layout.is_other(block):
            names = read_credit(line).people
            if names:
                return _Offer("byline-text", names, (block,))
    return _Offer("byline-text", ())
