"""The people who wrote an article: what the publisher states, then the byline that readers see."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from pipeline.articles.credit import is_person, read_credit, unique
from pipeline.articles.document import Document, items, text_of, types_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of, site_names

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
_NAME_CLASS = re.compile(r"name\b|__name|-name|_name", re.IGNORECASE)
_BYLINE = re.compile(r"^(?:by|von|par|por|di|door|av|af|oleh|theo|text:|autor:|autorin:)\s", re.IGNORECASE)
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
_HEAD_PARAGRAPHS = 4


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
    best = offers[0]
    return choice("authors", best.names, best.signal, listed)


def byline_elements(document: Document) -> list[HtmlElement]:
    """Give the elements that show nothing but the byline, for the body to leave out."""
    found = [
        element for offer in (_marked(document), _closing(document), _opening(document)) for element in offer.elements
    ]
    return list(dict.fromkeys(found))


def _offers(document: Document) -> Iterator[_Offer]:
    names = site_names(document)

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
    opening = _opening(document)
    yield _Offer(opening.signal, people(opening.names), opening.elements)


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
    for element in inside or outside:
        if names := _names_in(element):
            return _Offer("byline", names, (element,))
    return _Offer("byline", ())


def _names_in(element: HtmlElement) -> tuple[str, ...]:
    """Read the names of one marked element: its links to profiles or name fields if it has some, else its text."""
    if element.tag in {"form", "input", "img", "body", "html", "article", "main"}:
        return ()
    found: list[str] = []
    for part in element.iter("a", "span", "strong", "b", "h2", "h3", "h4", "p", "address", "meta"):
        is_link = part.tag == "a" and (part.get("rel") == "author" or _PROFILE.search(part.get("href") or ""))
        is_name = part.get("itemprop") == "name" or _NAME_CLASS.search(part.get("class") or "")
        if is_link or is_name:
            text = part.get("content") or shown_text(part, _MAX_BYLINE_CHARS)
            if text and len(text) <= _MAX_BYLINE_CHARS:
                found += read_credit(text, True).people
    if found:
        return unique(found)
    text = shown_text(element, _MAX_BYLINE_CHARS * 2)
    if not text or len(text) > _MAX_BYLINE_CHARS:
        return ()
    return read_credit(text, True).people


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


def _opening(document: Document) -> _Offer:
    """Read a line "By Ann Lee" among the first paragraphs, or right under the heading."""
    layout = document.layout
    blocks: list[HtmlElement] = []
    if layout.holder is not None:
        blocks += [child for child in layout.holder if isinstance(child.tag, str)][:_HEAD_PARAGRAPHS]
    if layout.heading is not None:
        blocks += [node for _, node in zip(range(_HEAD_PARAGRAPHS), layout.heading.itersiblings(), strict=False)]
    for block in blocks:
        text = shown_text(block, 160)
        if text and len(text) <= 120 and _BYLINE.match(text) and (names := read_credit(text).people):
            return _Offer("opening-line", names, (block,))
    return _Offer("opening-line", ())
