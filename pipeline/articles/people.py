"""The people who wrote an article: what the publisher states, then the byline that readers see."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.articles.article import FeedHint
from pipeline.articles.byline import read_bylines
from pipeline.articles.credit import is_person, is_weak, read_credit, read_desk, unique
from pipeline.articles.document import Document, items, text_of, types_of
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

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

_Offer = tuple[str, tuple[str, ...]]


def read_authors(document: Document) -> Choice[tuple[str, ...]]:
    """Choose the authors: JSON-LD persons, then metas, then the visible byline, then the feed.

    Organisations, the site and agencies are no people; joined names are split, roles and places dropped. Accounts and
    desks ("ann.lee", "Gear Team") count when nobody else is named; the best offer gives way to one that says more.
    """
    offers: list[_Offer] = []
    for signal, found in _offers(document):
        if names := _people(found, document.site):
            offers.append((signal, names))
            if _is_settled(offers[0]) and signal not in {"json-ld", "meta"}:
                # What else the page shows is not looked for: nothing it says would be believed more.
                break
    if not offers:
        return choice("authors", (), None, [])
    best = next((offer for offer in offers if not all(map(is_weak, offer[1]))), offers[0])
    best = next((offer for offer in offers if _says_more(offer[1], best)), best)
    return choice("authors", best[1], best[0], offers)


def _is_settled(offer: _Offer) -> bool:
    """Tell whether no later offer can win: JSON-LD names people in full."""
    signal, names = offer
    return signal == "json-ld" and not all(map(is_weak, names)) and (len(names) > 1 or " " in names[0])


def _says_more(names: tuple[str, ...], best: _Offer) -> bool:
    """Tell whether names are those of the best offer and more: others beside them, or a first name's surname."""
    if best[0] != "json-ld" and set(names) > set(best[1]):
        return True
    return len(names) == len(best[1]) == 1 and " " not in best[1][0] and names[0].startswith(f"{best[1][0]} ")


def _offers(document: Document) -> Iterator[tuple[str, Iterable[str]]]:
    yield "json-ld", _from_json_ld(document)
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
    return unique(name for name in found if not is_site_name(name, site))


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
            people = read_credit(text, True).people
            desk = None if people else read_desk(text)
            yield from people or ((desk,) if desk else ())


def _from_meta(document: Document) -> Iterator[str]:
    """Give the people that the first telling meta names."""
    for name in _METAS:
        texts = [text for text in document.meta.get(name, ()) if not is_site_name(text, document.site)]
        found = [person for text in texts for person in _stated(name, text)]
        if found:
            yield from found
            return
    for label, data in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        if _WRITTEN_BY.search(document.first_meta(label) or ""):
            yield from read_credit(document.first_meta(data) or "", True).people


def _stated(name: str, text: str) -> tuple[str, ...]:
    """Read the content of a meta, which may be an address, an account or an organisation."""
    if "://" in text or text.startswith(("@", "/")) or not _ORGANISATION.isdisjoint(key_of(text).split()):
        return ()
    # Dublin Core puts the family name first: "Lee, Ann".
    turned = re.fullmatch(r"([^,]+), ([^,]+)", text) if name.startswith("dc") else None
    if turned and is_person(f"{turned.group(2)} {turned.group(1)}"):
        return (f"{turned.group(2)} {turned.group(1)}",)
    return read_credit(text, True).people
