"""Which article a capture is: every address that it is known by, and the ones that it may not claim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from models.tables import article_texts, article_urls, articles
from pipeline.urls import url_key
from pipeline.warehouse.batches import insert_missing

# Below this share of common five-word runs two texts are not the same piece.
SAME_TEXT = 0.3
_SHINGLE = 5
CLAIMED = ("canonical", "amp")
"""Roles of addresses that a page only says to have; at the others it was met."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a capture and its role: requested, redirect, final, canonical or amp."""

    url: str
    role: str

    @property
    def key(self) -> str:
        """Give its `url_key`."""
        return url_key(self.url)


@dataclass(frozen=True, slots=True)
class Match:
    """The article of a capture, if there is one; the addresses that it may keep, and those to take back from others."""

    article: Any | None
    kept: list[Address]
    usurped: list[str]


def find_article(connection: Connection, addresses: Sequence[Address], text: str, page_article: int | None) -> Match:
    """Find the article that these addresses belong to; `page_article` is the one that the page became before.

    Sites with a broken template name the same canonical on every page. So an address that the page only claims and that
    belongs to an article of different text is refused; and one at which the page was met, but which an article of
    different text has only claimed, is taken back.
    """
    owners = _owners(connection, [address.key for address in addresses])
    met = [address for address in addresses if address.role not in CLAIMED]
    usurped = [
        address.key
        for address in met
        if (owner := owners.get(address.key))
        and owner.role in CLAIMED
        and owner.article_id != page_article
        and not is_same_text(text, _text(connection, owner.article_id))
    ]
    own = next((owners[a.key].article_id for a in met if a.key in owners and a.key not in usurped), None)
    kept = list(met)
    for address in addresses:
        owner = owners.get(address.key)
        if address.role not in CLAIMED or address.key in usurped:
            continue
        if owner is None or owner.article_id == own or is_same_text(text, _text(connection, owner.article_id)):
            kept.append(address)
            own = own or (owner.article_id if owner else None)
    return Match(_article(connection, own) if own is not None else None, kept, usurped)


def take_back(connection: Connection, keys: Sequence[str], at: datetime) -> None:
    """Free addresses that articles have wrongly claimed; such an article is shown under the address it was met at."""
    for owner in sorted({row.article_id for row in _owners(connection, keys).values()}):
        wrong = (article_urls.c.article_id == owner) & article_urls.c.url_key.in_(keys)
        connection.execute(delete(article_urls).where(wrong))
        if url_key(_article(connection, owner).url) not in keys:
            continue
        own = select(article_urls.c.role, article_urls.c.url).where(article_urls.c.article_id == owner)
        by_role = {row.role: row.url for row in connection.execute(own.order_by(article_urls.c.url_key))}
        url = by_role.get("final") or by_role.get("requested")
        if url is not None:
            connection.execute(update(articles).where(articles.c.id == owner).values(url=url, updated_at=at))


def add_addresses(connection: Connection, article_id: int, addresses: Sequence[Address], at: datetime) -> None:
    """Write the addresses of an article; one that belongs to another article stays there."""
    rows = {
        a.key: {"url_key": a.key, "article_id": article_id, "url": a.url, "role": a.role, "first_seen_at": at}
        for a in reversed(addresses)
    }
    if rows:
        connection.execute(insert_missing(connection, article_urls, ["url_key"]), [rows[key] for key in sorted(rows)])


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


def _owners(connection: Connection, keys: Sequence[str]) -> dict[str, Any]:
    return {row.url_key: row for row in connection.execute(_OWNERS, {"keys": keys})}


_OWNERS = select(article_urls.c.url_key, article_urls.c.article_id, article_urls.c.role).where(
    article_urls.c.url_key.in_(bindparam("keys", expanding=True))
)


def _article(connection: Connection, article_id: int) -> Any:
    return connection.execute(select(articles).where(articles.c.id == article_id)).one()


def _text(connection: Connection, article_id: int) -> str | None:
    """Give the body, or the title of an article whose source allows no body to be kept."""
    query = select(func.coalesce(func.nullif(article_texts.c.body, ""), articles.c.title))
    query = query.join(articles, articles.c.id == article_texts.c.article_id)
    text: str | None = connection.execute(query.where(articles.c.id == article_id)).scalar()
    return text
