"""Articles put straight into a warehouse, for tests of what is done with them there."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fresh import bring_up
from postgres_server import new_database
from sqlalchemy import Connection, Engine, delete, insert, select, update

from models.engine import open_engine, writing
from models.tables import article_texts, articles, metadata, sources, warehouse
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.search_index import empty

NOON = datetime(2026, 3, 1, 5, tzinfo=UTC)
"""Noon in Hà Nội; the first article stocked is of this moment, and each later one an hour younger."""


@dataclass
class Stock:
    """Puts articles of the source `wharf` (and others by slug) into a warehouse, oldest first."""

    engine: Engine
    number: int = 0

    def __post_init__(self) -> None:
        with writing(self.engine) as connection:
            zone = {"id": 1, "uid": "w", "newsroom_timezone": "Asia/Ho_Chi_Minh", "created_at": NOON}
            connection.execute(insert(warehouse).values(**zone))

    def add(self, title: str | None, body: str = "", *, slug: str = "wharf", **values: Any) -> int:
        """Put an article there and give its key; `values` are columns of articles."""
        with writing(self.engine) as connection:
            return self.add_all(connection, [(title, body)], slug=slug, **values)[0].article_id

    def add_all(
        self, connection: Connection, texts: Sequence[tuple[str | None, str]], *, slug: str = "wharf", **values: Any
    ) -> list[Written]:
        """Put articles there, and give what a load would hand on."""
        return [self._add(connection, title, body, slug, values) for title, body in texts]

    def _add(self, connection: Connection, title: str | None, body: str, slug: str, values: dict[str, Any]) -> Written:
        at = NOON + timedelta(hours=self.number)
        self.number += 1
        row: dict[str, Any] = {
            "uid": f"{self.number:032x}",
            "source_id": _source(connection, slug),
            "url": f"https://{slug}.example/{self.number}",
            "title": title,
            "published_at": at,
            "published_on": at.date(),
            "report_date": (at + timedelta(hours=7)).date(),
            "is_report_date_estimated": False,
            "first_seen_at": at,
            "first_loaded_at": at,
            "updated_at": at,
            "extractor_version": "1",
            "content_hash": _hash(title, body),
            "provenance": {},
        } | values
        key = int(connection.execute(insert(articles).values(**row).returning(articles.c.id)).scalar_one())
        connection.execute(insert(article_texts).values(article_id=key, body=body))
        return _written(key, row, body)

    def rewrite(self, article_id: int, title: str, body: str) -> Written:
        """Give an article other words."""
        with writing(self.engine) as connection:
            known = dict(connection.execute(select(articles).where(articles.c.id == article_id)).one()._mapping)
            values = {"title": title, "content_hash": _hash(title, body)}
            connection.execute(update(articles).where(articles.c.id == article_id).values(**values))
            connection.execute(update(article_texts).where(article_texts.c.article_id == article_id).values(body=body))
        return _written(article_id, known | values, body)

    def remove(self, article_id: int) -> None:
        """Take an article away, as if nobody were told."""
        with writing(self.engine) as connection:
            connection.execute(delete(article_texts).where(article_texts.c.article_id == article_id))
            connection.execute(delete(articles).where(articles.c.id == article_id))


def shelves(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """Make a warehouse for a module's tests, on the database that the fixture's parameter names.

    Each test finds it empty by `emptied`: to make one takes longer than most tests.
    """
    if request.param == "sqlite":
        yield from made(f"sqlite:///{folder / 'khotin.db'}")
        return
    with new_database(request.getfixturevalue("postgres_server_url")) as url:
        yield from made(url)


def made(url: str) -> Iterator[Engine]:
    """Make a warehouse, and close it in the end."""
    engine = open_engine(url)
    bring_up(engine)
    yield engine
    engine.dispose()


def emptied(engine: Engine) -> Stock:
    """Take all rows out of a warehouse."""
    with writing(engine) as connection:
        empty(connection)
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return Stock(engine)


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def _hash(title: str | None, body: str) -> str:
    return hashlib.sha256(f"{title}\x00{body}".encode()).hexdigest()


def _written(key: int, row: dict[str, Any], body: str) -> Written:
    names = ("uid", "source_id", "title", "published_at", "published_on", "first_seen_at")
    return Written(article_id=key, body=body, agencies=(), summary=row.get("summary"), **{n: row[n] for n in names})


def _source(connection: Connection, slug: str) -> int:
    known = connection.execute(select(sources.c.id).where(sources.c.slug == slug)).scalar()
    if known is not None:
        return int(known)
    values = {"slug": slug, "name": slug.capitalize(), "created_at": NOON}
    return int(connection.execute(insert(sources).values(**values).returning(sources.c.id)).scalar_one())
