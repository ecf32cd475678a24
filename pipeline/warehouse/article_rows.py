"""The rows of articles: what a capture says as columns, and their people, tags and agencies, many articles at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, select

from models.states import Store
from models.tables import article_agencies, article_authors, article_tags, authors, tags
from pipeline.articles.article import Article
from pipeline.articles.wording import hash_of_body, hash_of_words, wording
from pipeline.text import count_words
from pipeline.warehouse.batches import in_chunks, insert_rows
from pipeline.warehouse.identity import Address

# What `store: excerpt` keeps of a body: about what a search engine shows.
EXCERPT_WORDS = 60

LISTS = ("authors", "tags", "agencies")
"""Fields that are rows of their own."""

_LINKS: tuple[tuple[str, Any, Any, str], ...] = (
    ("authors", article_authors, authors, "author_id"),
    ("tags", article_tags, tags, "tag_id"),
)


def kept_body(body: str | None, store: str) -> str:
    """Give what may be kept of a body."""
    if store == Store.METADATA or not body:
        return ""
    if store == Store.EXCERPT:
        words = body.split()
        return body if len(words) <= EXCERPT_WORDS else " ".join(words[:EXCERPT_WORDS]) + "…"
    return body


def content_hash(article: Article, body: str) -> str:
    """Hash the words of title, summary and body; white space and typography do not count."""
    return hash_of_words(wording(article.title), wording(article.summary), wording(body))


def report_day(article: Article, zone: ZoneInfo, first_seen_at: datetime) -> tuple[date, bool]:
    """Give the day for reports in the newsroom's zone, and whether it is only the day it was first seen on."""
    if article.published is None:
        return first_seen_at.astimezone(zone).date(), True
    instant = article.published.instant
    return (instant.astimezone(zone).date() if instant else article.published.on), False


def public_url(url: str, addresses: Sequence[Address]) -> str:
    """Choose the address to show: the canonical one, else the one that answered, else `url`, which was asked for."""
    by_role = {address.role: address.url for address in reversed(addresses)}
    return by_role.get("canonical") or by_role.get("final") or url


def hashes(article: Article, body: str) -> dict[str, str | None]:
    """Give the columns that tell captures with other words: `body` is what is kept of the article's."""
    worded = wording(body)
    whole = worded if body == article.body else wording(article.body)
    hashed = hash_of_words(wording(article.title), wording(article.summary), worded)
    return {"content_hash": hashed, "body_hash": hash_of_body(whole)}


def values_of(article: Article, body: str, zone: ZoneInfo, first_seen_at: datetime) -> dict[str, Any]:
    """Give the columns that an article itself decides; `body` is what is kept of its body."""
    day, is_estimated = report_day(article, zone, first_seen_at)
    return {
        "title": article.title,
        "summary": article.summary,
        "place": article.place,
        "section": article.section,
        "section_path": "; ".join(article.section_path) or None,
        "language": article.language,
        "kind": article.kind,
        **published_values(article),
        "publisher_modified_at": article.modified.instant if article.modified else None,
        "report_date": day,
        "is_report_date_estimated": is_estimated,
        "word_count": count_words(body),
        "char_count": len(body),
        "image_url": article.image_url,
        "is_paywalled": article.is_paywalled,
        "is_body_partial": article.is_body_partial or len(body) < len(article.body or ""),
        "provenance": article.provenance,
    }


def published_values(article: Article) -> dict[str, Any]:
    """Give the columns that say when it was published."""
    published = article.published
    return {
        "published_at": published.instant if published else None,
        "published_on": published.on if published else None,
        "published_local": published.local.replace(tzinfo=None, microsecond=0)
        if published and published.local
        else None,
        "published_utc_offset_minutes": published.utc_offset_minutes if published else None,
        "published_precision": published.precision if published else None,
        "published_signal": published.signal if published else None,
    }


def write_lists(connection: Connection, of_articles: Mapping[int, Article]) -> None:
    """Write people, tags and agencies of new articles in their order."""
    for field, links, table, column in _LINKS:
        named = {key: list(dict.fromkeys(getattr(article, field))) for key, article in of_articles.items()}
        keys = _keys(connection, table, {name for names in named.values() for name in names})
        rows = [
            {"article_id": article_id, "position": position, column: keys[name]}
            for article_id, names in named.items()
            for position, name in enumerate(names, 1)
        ]
        insert_rows(connection, links, rows)
    agencies = [
        {"article_id": article_id, "position": position, "agency": agency}
        for article_id, article in of_articles.items()
        for position, agency in enumerate(dict.fromkeys(article.agencies), 1)
    ]
    insert_rows(connection, article_agencies, agencies)


def clear_lists(connection: Connection, article_ids: Collection[int]) -> None:
    """Take people, tags and agencies away from articles."""
    for table in (article_authors, article_tags, article_agencies):
        for chunk in in_chunks(sorted(article_ids)):
            connection.execute(delete(table).where(table.c.article_id.in_(chunk)))


def read_lists(connection: Connection, article_id: int) -> dict[str, tuple[str, ...]]:
    """Give people, tags and agencies of an article in their order."""
    return {
        field: tuple(connection.execute(query, {"of_key": article_id}).scalars()) for field, query in _LISTS.items()
    }


def _list_queries() -> dict[str, Any]:
    """Build the queries of `read_lists` once: that costs several times what running them does."""
    queries: dict[str, Any] = {}
    for field, links, table, column in _LINKS:
        query = select(table.c.name).join(links, links.c[column] == table.c.id)
        queries[field] = query.where(links.c.article_id == bindparam("of_key")).order_by(links.c.position)
    agencies = select(article_agencies.c.agency).where(article_agencies.c.article_id == bindparam("of_key"))
    return queries | {"agencies": agencies.order_by(article_agencies.c.position)}


_LISTS = _list_queries()


def _keys(connection: Connection, table: Any, names: Collection[str]) -> dict[str, int]:
    """Give the keys of names, which are written where they are new."""
    wanted = sorted(names)
    known = _known_keys(connection, table, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        # Sorted, so that two processes which add the same names wait for each other in one direction only.
        insert_rows(connection, table, [{"name": name} for name in missing], conflict=("name",))
        known |= _known_keys(connection, table, missing)
    return known


def _known_keys(connection: Connection, table: Any, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in in_chunks(names):
        found |= {row.name: row.id for row in connection.execute(_by_name(table), {"names": chunk})}
    return found


@cache
def _by_name(table: Any) -> Any:
    return select(table.c.name, table.c.id).where(table.c.name.in_(bindparam("names", expanding=True)))
