"""What people ask about a story in a terminal: its articles in order of time, who copies whom, and by how much."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.tables import article_copies, article_prints, article_urls, articles, sources
from pipeline.stories.times import moment_of
from pipeline.urls import url_key


@dataclass(frozen=True, slots=True)
class Part:
    """An article of a story; `share` is what it has of the one that it copies most from, None when it copies none.

    `is_timed` is False when only the day of publication, or nothing, is known, and `at` is when it was first seen.
    """

    article_id: int
    source: str
    title: str | None
    url: str
    at: datetime
    is_timed: bool
    share: float | None = None
    copied_from: str | None = None
    is_credited: bool = False


@dataclass(frozen=True, slots=True)
class StoryOf:
    """An article with the story that it is of: itself alone, or all of them in order of time."""

    article: Part
    parts: tuple[Part, ...]
    is_compared: bool
    is_digest: bool


def story_of(connection: Connection, asked: str) -> StoryOf | None:
    """Find an article by its address or its key, and its story; None when there is no such article."""
    article_id = _article_id(connection, asked.strip())
    found = _parts(connection, articles.c.id == article_id) if article_id is not None else []
    if not found:
        return None
    query = select(article_prints).where(article_prints.c.article_id == article_id)
    known = connection.execute(query).first()
    story_id = known.story_id if known else None
    parts = found if story_id is None else _parts(connection, articles.c.story_id == story_id)
    is_digest = bool(known and known.is_digest)
    return StoryOf(found[0], tuple(_with_shares(connection, parts)), known is not None, is_digest)


def _article_id(connection: Connection, asked: str) -> int | None:
    if asked.isdecimal() and len(asked) < 19:
        return int(asked)
    query = select(article_urls.c.article_id).where(article_urls.c.url_key == url_key(asked))
    found: int | None = connection.execute(query).scalar()
    return found


def _parts(connection: Connection, which: Any) -> list[Part]:
    columns = (articles.c.id, sources.c.slug, articles.c.title, articles.c.url, articles.c.uid)
    times = (articles.c.published_at, articles.c.published_on, articles.c.first_seen_at)
    query = select(*columns, *times).join(sources, sources.c.id == articles.c.source_id).where(which)
    rows = [(moment_of(*row[5:]), row) for row in connection.execute(query)]
    return [
        Part(row.id, row.slug, row.title, row.url, at, row.published_at is not None)
        for at, row in sorted(rows, key=lambda one: (one[0], one[1].uid))
    ]


def _with_shares(connection: Connection, parts: Collection[Part]) -> list[Part]:
    """Add to each article the one that it has most of, of those that came before it."""
    of = {part.article_id: part for part in parts}
    most: dict[int, Any] = {}
    keys = sorted(of)
    copies = select(article_copies).where(article_copies.c.article_id.in_(keys), article_copies.c.original_id.in_(keys))
    for row in connection.execute(copies.order_by(article_copies.c.share.desc(), article_copies.c.original_id)):
        most.setdefault(row.article_id, row)
    return [
        Part(
            part.article_id,
            part.source,
            part.title,
            part.url,
            part.at,
            part.is_timed,
            found.share,
            of[found.original_id].source,
            found.is_credited,
        )
        if (found := most.get(part.article_id))
        else part
        for part in parts
    ]
