"""Which article a capture is: every address that it is known by, and the ones that it may not claim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models.tables import article_texts, article_urls, articles
from pipeline.urls import url_key
from pipeline.warehouse.batches import insert_missing

# Below this share of common five-word runs two texts are not the same piece.
SAME_TEXT = 0.3
_SHINGLE = 5
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


def find_article(
    connection: Connection, addresses: Sequence[Address], body: str | None
) -> tuple[Any | None, list[Address]]:
    """Find the article that these addresses belong to, and the addresses that it may keep.

    An address that the page only claims (canonical, amp) and that belongs to an article of different text is refused:
    sites with a broken template name the same canonical on every page.
    """
    owners = _owners(connection, [address.key for address in addresses])
    met = [address for address in addresses if address.role not in ("canonical", "amp")]
    claimed = [address for address in addresses if address.role in ("canonical", "amp")]
    own = next((owners[a.key] for a in met if a.key in owners), None)
    kept = list(met)
    for address in claimed:
        owner = owners.get(address.key)
        if owner is None or owner == own or is_same_text(body, _body(connection, owner)):
            kept.append(address)
            own = own or owner
    return (_article(connection, own) if own is not None else None), kept


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


def _owners(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    return {row.url_key: row.article_id for row in connection.execute(_OWNERS, {"keys": keys})}


_OWNERS = select(article_urls.c.url_key, article_urls.c.article_id).where(
    article_urls.c.url_key.in_(bindparam("keys", expanding=True))
)


def _article(connection: Connection, article_id: int) -> Any:
    return connection.execute(select(articles).where(articles.c.id == article_id)).one()


def _body(connection: Connection, article_id: int) -> str | None:
    return connection.execute(select(article_texts.c.body).where(article_texts.c.article_id == article_id)).scalar()
