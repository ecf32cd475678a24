"""Articles that a person removed: their texts are deleted, and their addresses are never loaded again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from models.outcomes import Outcome
from models.states import PageState
from models.tables import (
    article_texts,
    article_topics,
    article_urls,
    article_versions,
    articles,
    corrections,
    entries,
    pages,
    rejected,
    sources,
    tombstones,
)
from pipeline.warehouse import search_index, stories
from pipeline.warehouse.article_rows import clear_lists
from pipeline.warehouse.batches import in_chunks, insert_missing, rows_of


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: its public id, and the addresses that are never loaded again."""

    uid: str
    urls: tuple[str, ...]


_OF_ARTICLE = (article_texts, article_versions, article_topics, article_urls, corrections)


def buried(connection: Connection, keys: Collection[str]) -> set[str]:
    """Give those of some `url_key`s whose article a person removed."""
    return {row[0] for row in rows_of(connection, _BURIED, list(keys))}


_BURIED = "SELECT url_key FROM tombstones WHERE url_key AMONG ?"


def remove(connection: Connection, article_id: int, who: str, why: str, at: datetime) -> Removed:
    """Remove an article with its texts, versions and traces in stories; its archived captures stay in their files."""
    article = connection.execute(
        select(articles.c.uid, articles.c.url, sources.c.slug)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.id == article_id)
    ).one()
    page_ids = list(connection.execute(select(pages.c.id).where(pages.c.article_id == article_id)).scalars())
    known = select(article_urls.c.url_key, article_urls.c.url).where(article_urls.c.article_id == article_id)
    asked = select(pages.c.url_key, pages.c.url).where(pages.c.article_id == article_id)
    addresses = {row.url_key: row.url for query in (known, asked) for row in connection.execute(query)}
    said = {"uid": article.uid, "source": article.slug, "removed_at": at, "removed_by": who, "reason": why}
    stones = [{"url_key": key, **said} for key in sorted(addresses)]
    connection.execute(insert_missing(connection, tombstones, ["url_key"]), stones)
    _forget(connection, article_id)
    _close_pages(connection, page_ids, why)
    connection.execute(delete(articles).where(articles.c.id == article_id))
    return Removed(article.uid, tuple(addresses[key] for key in sorted(addresses)))


def _forget(connection: Connection, article_id: int) -> None:
    """Delete all that belongs to an article."""
    search_index.forget(connection, [article_id])
    stories.forget(connection, [article_id])
    clear_lists(connection, [article_id])
    for table in _OF_ARTICLE:
        connection.execute(delete(table).where(table.c.article_id == article_id))
    connection.execute(update(articles).where(articles.c.duplicate_of == article_id).values(duplicate_of=None))


def _close_pages(connection: Connection, page_ids: Collection[int], why: str) -> None:
    """End the pages of a removed article, and take away what feeds and rejected captures say of it."""
    ended = {"outcome": Outcome.REMOVED, "reason": f"a person has removed it: {why}"}
    closed = {"state": PageState.DONE, "next_attempt_at": None, "next_recheck_at": None, "article_id": None}
    wordless: dict[str, Any] = {"title": None, "summary": None, "authors": [], "categories": [], "image_url": None}
    for chunk in in_chunks(sorted(page_ids)):
        connection.execute(update(pages).where(pages.c.id.in_(chunk)).values(**ended, **closed))
        connection.execute(delete(rejected).where(rejected.c.page_id.in_(chunk)))
        connection.execute(update(entries).where(entries.c.page_id.in_(chunk)).values(**ended, **wordless))
