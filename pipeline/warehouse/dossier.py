"""All that the warehouse knows about one article, for a person who looks at it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select

from models.tables import article_texts, article_urls, article_versions, articles, pages, sources, stories, tombstones
from pipeline.urls import clean_url, url_key
from pipeline.warehouse.article_rows import read_lists
from pipeline.warehouse.corrections import history


@dataclass(frozen=True, slots=True)
class Dossier:
    """An article's row and what belongs to it; `versions` are those that were replaced, oldest first."""

    article: Any
    source: str
    body: str
    lists: dict[str, tuple[str, ...]]
    addresses: list[Any]
    versions: list[Any]
    corrections: list[Any]
    pages: list[Any]
    story: Any | None
    story_articles: list[Any]
    duplicate_of: Any | None
    duplicates: list[Any]


def find_article(connection: Connection, name: str) -> int | None:
    """Give the key of the article that a key, a uid or an address means."""
    if name.isascii() and name.isdigit():
        key = min(int(name), 2**63 - 1)
        found = connection.execute(select(articles.c.id).where(or_(articles.c.id == key, articles.c.uid == name)))
        return found.scalars().first()
    by_uid: int | None = connection.execute(select(articles.c.id).where(articles.c.uid == name)).scalar()
    if by_uid is not None:
        return by_uid
    key_of_url = _key(name)
    known = select(article_urls.c.article_id).where(article_urls.c.url_key == key_of_url)
    asked = select(pages.c.article_id).where(pages.c.url_key == key_of_url)
    found_id: int | None = connection.execute(known).scalar() or connection.execute(asked).scalar()
    return found_id


def find_tombstone(connection: Connection, name: str) -> Any | None:
    """Give what is known of a removed article by its uid or address."""
    query = select(tombstones).where(or_(tombstones.c.uid == name, tombstones.c.url_key == _key(name)))
    return connection.execute(query.limit(1)).first()


def _key(name: str) -> str:
    return url_key(clean_url(name) or name)


def open_dossier(connection: Connection, article_id: int) -> Dossier:
    """Read all about an article."""
    article = connection.execute(select(articles).where(articles.c.id == article_id)).one()
    body = select(article_texts.c.body).where(article_texts.c.article_id == article_id)
    urls = select(article_urls).where(article_urls.c.article_id == article_id)
    versions = select(article_versions).where(article_versions.c.article_id == article_id)
    own_pages = select(pages).where(pages.c.article_id == article_id).order_by(pages.c.id)
    copies = select(articles.c.id, articles.c.url).where(articles.c.duplicate_of == article_id).order_by(articles.c.id)
    original = select(articles.c.id, articles.c.url).where(articles.c.id == article.duplicate_of)
    return Dossier(
        article,
        connection.execute(select(sources.c.slug).where(sources.c.id == article.source_id)).scalar_one(),
        connection.execute(body).scalar_one(),
        read_lists(connection, article_id),
        list(connection.execute(urls.order_by(article_urls.c.first_seen_at, article_urls.c.url_key))),
        list(connection.execute(versions.order_by(article_versions.c.version_number))),
        history(connection, article_id),
        list(connection.execute(own_pages)),
        connection.execute(select(stories).where(stories.c.id == article.story_id)).first(),
        _in_story(connection, article),
        connection.execute(original).first(),
        list(connection.execute(copies)),
    )


_MOST_OF_STORY = 10


def _in_story(connection: Connection, article: Any) -> list[Any]:
    if article.story_id is None:
        return []
    when = func.coalesce(articles.c.published_at, articles.c.first_seen_at)
    query = (
        select(articles.c.id, articles.c.title, sources.c.slug, when.label("when"))
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.story_id == article.story_id, articles.c.id != article.id)
        .order_by(when, articles.c.id)
    )
    return list(connection.execute(query.limit(_MOST_OF_STORY)))
