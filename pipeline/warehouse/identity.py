"""Which article a capture is: every address that it is known by, and the ones that it may not claim."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from models.tables import article_texts, article_urls, articles, entries, pages
from pipeline.articles.wording import wording
from pipeline.urls import url_key
from pipeline.warehouse.batches import in_chunks, insert_rows

# Below this share of common five-word runs two texts are not the same piece.
SAME_TEXT = 0.3
_SHINGLE = 5
CLAIMED = ("canonical", "amp")
"""Roles of addresses that a page only says to have; at the others it was met."""

_WORD = re.compile(r"\w+")
_key_of = lru_cache(maxsize=8_192)(url_key)


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a capture and its role: requested, redirect, final, canonical or amp."""

    url: str
    role: str

    @property
    def key(self) -> str:
        """Give its `url_key`."""
        return _key_of(self.url)


@dataclass(frozen=True, slots=True)
class Owner:
    """The article that has an address, and in which role."""

    article_id: int
    role: str


@dataclass(frozen=True, slots=True)
class Match:
    """The article of a capture, if there is one; the addresses that it may keep, and those to take back from others.

    `moved_from` is the address that a feed gave before to what it names here. With `elsewhere` the page of the article
    leads to another piece now, whose address that is; `twin` is its article when both have the same text.
    """

    article: Mapping[str, Any] | None
    kept: list[Address]
    usurped: list[str]
    moved_from: str | None = None
    elsewhere: str | None = None
    twin: int | None = None


@dataclass(slots=True)
class Shelf:
    """What the warehouse knows about some captures: read at once, and kept up to date while they are loaded."""

    connection: Connection
    owners: dict[str, Owner] = field(default_factory=dict)
    articles: dict[int, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[int, str] = field(default_factory=dict)
    # Articles that feeds named by the same unrepeated guid before, by page.
    named_before: dict[int, int] = field(default_factory=dict)

    def read(self, keys: Collection[str], article_ids: Collection[int]) -> None:
        """Read who owns some addresses, and those articles and others; their rows are locked until the end."""
        for chunk in in_chunks(sorted(keys)):
            rows = self.connection.execute(_OWNERS, {"keys": chunk})
            self.owners |= {row.url_key: Owner(row.article_id, row.role) for row in rows}
        wanted = {owner.article_id for owner in self.owners.values()} | set(article_ids)
        self.read_articles(wanted - self.articles.keys())

    def read_articles(self, ids: Collection[int]) -> None:
        """Read articles, in the order of their keys so that two processes never wait for each other in a circle."""
        for chunk in in_chunks(sorted(ids)):
            for row in self.connection.execute(_ARTICLES, {"keys": chunk}):
                self.articles[row.id] = dict(row._mapping)

    def article(self, article_id: int) -> dict[str, Any]:
        """Give an article's row."""
        if article_id not in self.articles:
            self.read_articles([article_id])
        return self.articles[article_id]

    def body(self, article_id: int) -> str:
        """Give an article's body."""
        if article_id not in self.bodies:
            query = select(article_texts.c.body).where(article_texts.c.article_id == article_id)
            self.bodies[article_id] = self.connection.execute(query).scalar_one()
        return self.bodies[article_id]

    def text(self, article_id: int) -> str:
        """Give the body, or the title of an article whose source allows no body to be kept."""
        return self.body(article_id) or self.article(article_id)["title"] or ""

    def is_text_of(self, text: str, article_id: int) -> bool:
        """Tell whether a text is the same piece as an article."""
        return is_same_text(text, self.text(article_id))


def find_article(shelf: Shelf, addresses: Sequence[Address], title: str | None, body: str, page: Any) -> Match:
    """Find the article that a capture of `page` (id, article_id) belongs to, by the addresses that it has.

    Sites with a broken template name the same canonical on every page. So an address that the page only claims and that
    belongs to an article of different text is refused; and one at which the page was met, but which an article of
    different text has only claimed, is taken back.
    """
    text = body or title or ""
    owners = {address.key: owner for address in addresses if (owner := shelf.owners.get(address.key))}
    met = [address for address in addresses if address.role not in CLAIMED]
    usurped = [
        address.key
        for address in met
        if (owner := owners.get(address.key))
        and owner.role in CLAIMED
        and owner.article_id != page.article_id
        and not shelf.is_text_of(text, owner.article_id)
    ]
    own = next((owners[a.key].article_id for a in met if a.key in owners and a.key not in usurped), None)
    if own is not None and own == page.article_id and (gone := _gone_elsewhere(shelf, own, met, title, text, owners)):
        return gone
    kept = list(met)
    for address in addresses:
        owner = owners.get(address.key)
        if address.role not in CLAIMED or address.key in usurped:
            continue
        if owner is None or owner.article_id == own or shelf.is_text_of(text, owner.article_id):
            kept.append(address)
            own = own or (owner.article_id if owner else None)
    if own is None and (before := shelf.named_before.get(page.id)) and shelf.is_text_of(text, before):
        article = shelf.article(before)
        return Match(article, kept, usurped, moved_from=article["url"])
    return Match(shelf.article(own) if own is not None else None, kept, usurped)


def _gone_elsewhere(
    shelf: Shelf, own: int, met: Sequence[Address], title: str | None, text: str, owners: Mapping[str, Owner]
) -> Match | None:
    """Tell when an article's page leads to another piece: its text is not the article's, or its place another's."""
    final = met[-1]
    if final.key == met[0].key:
        return None
    owner = owners.get(final.key)
    is_anothers = owner is not None and owner.article_id != own and owner.role not in CLAIMED
    is_own_text = shelf.is_text_of(text, own) or wording(title) == wording(shelf.article(own)["title"])
    if is_own_text and not is_anothers:
        return None
    twin = owner.article_id if owner is not None and is_anothers and shelf.is_text_of(text, own) else None
    return Match(shelf.article(own), [], [], elsewhere=final.url, twin=twin)


def take_back(shelf: Shelf, keys: Sequence[str], at: datetime) -> None:
    """Free addresses that articles have wrongly claimed; such an article is shown under the address it was met at."""
    connection = shelf.connection
    for owner in sorted({shelf.owners[key].article_id for key in keys}):
        wrong = (article_urls.c.article_id == owner) & article_urls.c.url_key.in_(keys)
        connection.execute(delete(article_urls).where(wrong))
        row = shelf.article(owner)
        if url_key(row["url"]) not in keys:
            continue
        own = select(article_urls.c.role, article_urls.c.url).where(article_urls.c.article_id == owner)
        by_role = {row.role: row.url for row in connection.execute(own.order_by(article_urls.c.url_key))}
        url = by_role.get("final") or by_role.get("requested")
        if url is not None:
            connection.execute(update(articles).where(articles.c.id == owner).values(url=url, updated_at=at))
            row |= {"url": url, "updated_at": at}
    for key in keys:
        shelf.owners.pop(key, None)


def address_rows(shelf: Shelf, article_id: int, addresses: Sequence[Address], at: datetime) -> list[dict[str, Any]]:
    """Give the rows of an article's addresses that nobody has yet, and let it have them on the shelf."""
    rows = []
    for address in addresses:
        if address.key in shelf.owners:
            continue
        shelf.owners[address.key] = Owner(article_id, address.role)
        row = {"url_key": address.key, "article_id": article_id, "url": address.url, "role": address.role}
        rows.append(row | {"first_seen_at": at})
    return rows


def write_addresses(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of addresses; one that another process gave to its article meanwhile stays there."""
    insert_rows(connection, article_urls, sorted(rows, key=lambda row: str(row["url_key"])), conflict=("url_key",))


def named_before(connection: Connection, guids: Mapping[int, tuple[int, str]]) -> dict[int, int]:
    """Give, by page, the article of the only other page that the same feed named by the same guid, earlier.

    `guids` are feed and guid of each page. A guid that has come with more than two addresses, or with two in one poll,
    is no name at all.
    """
    by_feed: dict[int, dict[str, int]] = {}
    for page_id, (feed_id, guid) in guids.items():
        if guid:
            by_feed.setdefault(feed_id, {})[guid] = page_id
    found: dict[int, int] = {}
    for feed_id, of_guids in sorted(by_feed.items()):
        for chunk in in_chunks(sorted(of_guids)):
            for row in connection.execute(_NAMED_TWICE, {"feed": feed_id, "guids": chunk}):
                page_id = of_guids[row.guid]
                if row.later_page == page_id and row.first_at < row.last_at and row.article_id is not None:
                    found[page_id] = row.article_id
    return found


def _named_twice() -> Any:
    twice = (
        select(
            entries.c.guid,
            func.min(entries.c.id).label("first"),
            func.max(entries.c.id).label("last"),
        )
        .where(entries.c.feed_id == bindparam("feed"), entries.c.guid.in_(bindparam("guids", expanding=True)))
        .group_by(entries.c.guid)
        .having(func.count() == 2)
        .subquery()
    )
    first, last = entries.alias(), entries.alias()
    return (
        select(
            twice.c.guid,
            last.c.page_id.label("later_page"),
            first.c.first_seen_at.label("first_at"),
            last.c.first_seen_at.label("last_at"),
            pages.c.article_id,
        )
        .join(first, first.c.id == twice.c.first)
        .join(last, last.c.id == twice.c.last)
        .join(pages, pages.c.id == first.c.page_id)
    )


_NAMED_TWICE = _named_twice()


def is_same_text(one: str | None, other: str | None) -> bool:
    """Tell whether two bodies share enough five-word runs, as a share of the shorter one, to be the same piece."""
    left, right = _shingles(one or ""), _shingles(other or "")
    if not left or not right:
        return left == right
    return len(left & right) / min(len(left), len(right)) >= SAME_TEXT


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    if 0 < len(words) < _SHINGLE:
        return {tuple(words)}
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}


_OWNERS = select(article_urls.c.url_key, article_urls.c.article_id, article_urls.c.role).where(
    article_urls.c.url_key.in_(bindparam("keys", expanding=True))
)
_ARTICLES = (
    select(articles)
    .where(articles.c.id.in_(bindparam("keys", expanding=True)))
    .order_by(articles.c.id)
    .with_for_update(key_share=True)
)
