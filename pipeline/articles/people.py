"""The people who wrote an article: what the publisher states, then the byline that readers see."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.articles.article import FeedHint
from pipeline.articles.byline import read_bylines
from pipeline.articles.credit import is_person, is_weak, read_credit, read_desk, unique
from pipeline.articles.document import Document, Node, items, text_of, types_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_of_site, is_site_name, key_of

# Highwire Press' tags for papers (https://scholar.google.com/intl/en/scholar/inclusion.html#indexing).
_HIGHWIRE = ("citation_author", "citation_authors")
# Metas that name people; article:author should be an address (https://ogp.me/#type_article), often is a name.
_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
    "dc.creator.personalname", "article:author_name", "og:article:author", "creator", "authors",
    "cxenseparse:author", "article.author", "vr:author", "og:author", "bt:author", "author-name", "lp.article:author",
)  # fmt: skip
_WRITTEN_BY = re.compile(
    r"written by|verfasst von|geschrieben von|écrit par|escrito por|scritto da|author|autor", re.IGNORECASE
)
# Words that make an author an organisation.
_ORGANISATION = frozenset(
    {
        "agency", "agentur", "association", "bund", "bundesverband", "club", "company", "corp", "ev", "foundation",
        "fraktion", "gmbh", "group", "gruppe", "inc", "institut", "institute", "journal", "landesanstalt", "llc", "ltd",
        "magazin", "magazine", "media", "medien", "ministerium", "ministry", "network", "newspaper", "partei", "party",
        "press", "pressedienst", "stiftung", "union", "universität", "university", "verband", "verein", "vereinigung",
        "verlag", "verlagsgesellschaft", "welle", "zeitung",
    }
)  # fmt: skip

# A login: names in small letters with a joint between them.
_ACCOUNT = re.compile(r"[a-zà-ỹ]{2,20}(?:[._-][a-zà-ỹ]{2,20}){1,2}")
_MAX_TEXT = 60_000

_STATED = frozenset({"json-ld", "highwire", "meta"})

_Offer = tuple[str, tuple[str, ...]]


def read_authors(document: Document) -> Choice[tuple[str, ...]]:
    """Choose the authors: JSON-LD persons, then Highwire's tags and metas, then the visible byline, then the feed.

    Organisations, the site and agencies are no people; joined names are split, roles and places dropped. Accounts and
    desks ("ann.lee", "Gear Team") count when nobody else is named; the best offer gives way to one that says more.
    """
    offers: list[_Offer] = []
    for signal, found in _offers(document):
        if names := _people(found, document.site):
            offers.append((signal, names))
            if _is_settled(offers[0]) and signal not in _STATED:
                # What else the page shows is not looked for: nothing it says would be believed more.
                break
    if not offers:
        return choice("authors", (), None, [])
    best = next((offer for offer in offers if not all(map(is_weak, offer[1]))), offers[0])
    best = next((offer for offer in offers if _says_more(offer[1], best) or _is_seen_instead(offer, best)), best)
    names = tuple(_in_full(name, document) for name in best[1])
    return choice("authors", names, best[0], offers)


def _is_settled(offer: _Offer) -> bool:
    """Tell whether no later offer can win: JSON-LD, or Highwire's tags, name people in full."""
    signal, names = offer
    return signal in {"json-ld", "highwire"} and not all(map(is_weak, names)) and (len(names) > 1 or " " in names[0])


def _says_more(names: tuple[str, ...], best: _Offer) -> bool:
    """Tell whether names are those of the best offer and more: others beside them, or a first name's surname."""
    if best[0] != "json-ld" and set(names) > set(best[1]):
        return True
    return len(names) == len(best[1]) == 1 and " " not in best[1][0] and names[0].startswith(f"{best[1][0]} ")


def _is_seen_instead(offer: _Offer, best: _Offer) -> bool:
    """Tell whether a marked byline names others in full where a meta, or a single word, is the best offer.

    The meta is often the site's owner, set once for all pages.
    """
    is_bare = best[0] in {"json-ld", "meta"} and len(best[1]) == 1 and " " not in best[1][0]
    return (
        offer[0] == "byline"
        and (best[0] == "meta" or (is_bare and best[1][0].isascii()))
        and set(offer[1]).isdisjoint(best[1])
        and all(" " in name and not is_weak(name) for name in offer[1])
    )


def _in_full(name: str, document: Document) -> str:
    """Give the name that the page's text spells for an account ("ann.lee" → "Ann B. Lee"), else the account."""
    parts = re.split(r"[._-]", name) if _ACCOUNT.fullmatch(name) else []
    holder = document.layout.whole
    if holder is None or not parts:
        return name
    spelt = re.compile(r"\b" + r"[ -](?:[^\W\d_]\. )?".join(map(re.escape, parts)) + r"\b", re.IGNORECASE)
    found = (match.group(0) for match in spelt.finditer(shown_text(holder, _MAX_TEXT) or ""))
    return next((text for text in found if is_person(text)), name)


def _offers(document: Document) -> Iterator[tuple[str, Iterable[str]]]:
    yield "json-ld", _from_json_ld(document)
    # Before the other metas: a reference list may carry those of its own.
    yield "highwire", _from_metas(document, _HIGHWIRE)
    yield "meta", _from_meta(document)
    # The feed comes before what only the wording of a line suggests.
    feed = list(_from_feed(document.page.hint))
    for byline in read_bylines(document):
        if byline.signal == "byline-text":
            yield from feed
            feed = []
        yield byline.signal, byline.names
    yield from feed


def _from_feed(hint: FeedHint | None) -> Iterator[tuple[str, Iterable[str]]]:
    if hint is not None and hint.authors:
        yield "feed", [name for text in hint.authors for name in read_credit(text, True).people]


def _people(found: Iterable[str], site: frozenset[str]) -> tuple[str, ...]:
    # A desk may hold the site's name: "Redaktion Der Bote".
    return unique(
        name for name in found if not is_site_name(name, site) and (is_weak(name) or not is_of_site(name, site))
    )


def _from_json_ld(document: Document) -> Iterator[str]:
    """Give the persons that the article's node names; a reference by @id is followed."""
    node = document.article_node
    if node is None:
        return
    for stated in (*items(node.get("author")), *items(node.get("creator"))):
        person: Any = document.node(stated) if isinstance(stated, dict) else stated
        if isinstance(person, dict) and _is_organisation(person):
            continue
        text = text_of(person)
        if text and "://" not in text:
            people = read_credit(text, True).people
            desk = None if people else read_desk(text)
            yield from people or ((desk,) if desk else ())


def _is_organisation(node: Node) -> bool:
    """Tell whether a node is an organisation of any kind; one that is a Person too is a blog's owner."""
    types = types_of(node)
    return "Person" not in types and "Organization" in " ".join(types)


def _from_meta(document: Document) -> Iterator[str]:
    """Give the people that the first telling meta names."""
    if people := _from_metas(document, _METAS):
        yield from people
        return
    for label, data in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        if _WRITTEN_BY.search(document.first_meta(label) or ""):
            yield from read_credit(document.first_meta(data) or "", True).people


def _from_metas(document: Document, names: Iterable[str]) -> list[str]:
    """Give the people of the first of these metas that names some."""
    for name in names:
        texts = [text for text in document.meta.get(name, ()) if not is_site_name(text, document.site)]
        if found := [person for text in texts for person in _stated(name, text)]:
            return found
    return []


def _stated(name: str, text: str) -> tuple[str, ...]:
    """Read the content of a meta, which may be an address, an account or an organisation."""
    if "://" in text or text.startswith(("@", "/")) or not _ORGANISATION.isdisjoint(key_of(text).split()):
        return ()
    # Dublin Core and Highwire put the family name first: "Lee, Ann".
    turned = re.fullmatch(r"([^,]+), ([^,]+)", text) if name.startswith(("dc", "citation")) else None
    if turned and is_person(f"{turned.group(2)} {turned.group(1)}"):
        return (f"{turned.group(2)} {turned.group(1)}",)
    return read_credit(text, True).people
