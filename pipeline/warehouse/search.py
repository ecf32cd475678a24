"""Articles found by their words, exact ones first or the newest first, with the part of the text that shows why."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, column, func, literal, select, table, text

from models.tables import article_texts, articles, sources
from pipeline.search_query import Query, fts5_match
from pipeline.search_snippet import Snippet, snippet_of
from pipeline.span import Span
from pipeline.warehouse.search_index import document_of
from pipeline.warehouse.spans import within

MOST_RANKED = 5_000
"""Of a word that very many articles have, so many of those loaded last are put in order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, in which span and source (its slug; None: in all), and how many are shown in which order."""

    query: Query
    span: Span
    source: str | None = None
    limit: int = 20
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `is_exact`: it has the words with the marks that were typed."""

    article_id: int
    source: str
    title: str | None
    url: str
    published_at: datetime | None
    published_on: date | None
    report_date: date
    is_exact: bool
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """How many articles there are in all, and the first of them."""

    total: int
    hits: list[Hit]


def search(connection: Connection, wanted: Wanted) -> Found:
    """Find the articles that have all words of a query."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    bounds = _bounds(connection, wanted.span)
    if bounds is None:
        return Found(0, [])
    asked = _Asked(connection.dialect.name, wanted, *bounds)
    total = int(connection.execute(asked.count()).scalar_one())
    if wanted.is_newest:
        ids = list(connection.execute(asked.keys().order_by(*_NEWEST).limit(wanted.limit)).scalars())
        exact = set(connection.execute(asked.exact_of(ids)).scalars())
        exactness = {key: key in exact for key in ids}
    else:
        if total > MOST_RANKED:
            last = asked.keys().order_by(asked.key.desc()).limit(MOST_RANKED).subquery()
            asked = replace(asked, lowest=connection.execute(select(func.min(last.c.id))).scalar_one())
        ranked = asked.ranked().order_by(text("is_exact DESC"), text("distance"), *_NEWEST).limit(wanted.limit)
        exactness = {row.id: bool(row.is_exact) for row in connection.execute(ranked)}
    rows = {row.id: row for row in connection.execute(_SHOWN.where(articles.c.id.in_(list(exactness))))}
    return Found(total, [_hit(rows[key], wanted.query, is_exact=is_exact) for key, is_exact in exactness.items()])


def _bounds(connection: Connection, span: Span) -> tuple[int | None, int | None] | None:
    """Give the least and the greatest key of a span, between which FTS5 is read faster; None when it is empty."""
    if connection.dialect.name != "sqlite" or (span.since is None and span.until is None):
        return None, None
    query = select(func.min(articles.c.id), func.max(articles.c.id)).where(*within(span))
    lowest, highest = connection.execute(query).one()
    return None if lowest is None else (lowest, highest)


_NEWEST = (articles.c.report_date.desc(), articles.c.published_at.desc().nulls_last(), articles.c.id.desc())


@dataclass(frozen=True)
class _Asked:
    """The statements that ask the index of one kind of database, between two keys."""

    dialect: str
    wanted: Wanted
    lowest: int | None
    highest: int | None

    @property
    def key(self) -> ColumnElement[int]:
        """The column with the article's key of what matches."""
        return _FTS5.c.rowid if self.dialect == "sqlite" else self.matched.c.article_id

    @cached_property
    def matched(self) -> CTE:
        """What PostgreSQL finds by its index of words, before it thinks of anything else.

        It does not know that reading a tsvector means fetching it from beside the table, and would rather read those
        of all articles of a span than use the index.
        """
        found = select(_TSVECTORS.c.article_id, _TSVECTORS.c.words)
        found = found.where(_TSVECTORS.c.words.op("@@")(self.tsquery(is_exact=False)))
        return found.cte("matched").prefix_with("MATERIALIZED")

    def matches(self, *, is_exact: bool = False) -> list[ColumnElement[bool]]:
        """Give the conditions on the index."""
        conditions: list[ColumnElement[bool]] = []
        if self.dialect == "sqlite":
            conditions.append(_FTS5.c.report_search.op("MATCH")(fts5_match(self.wanted.query, is_exact=is_exact)))
        elif is_exact:
            conditions.append(self.matched.c.words.op("@@")(self.tsquery(is_exact=True)))
        conditions += [self.key >= self.lowest] if self.lowest is not None else []
        return conditions + ([self.key <= self.highest] if self.highest is not None else [])

    def tsquery(self, *, is_exact: bool) -> Any:
        return func.search_query(self.wanted.query.typed, literal(is_exact))

    def count(self) -> Select[Any]:
        """Query how many articles match."""
        if self.wanted.source is None and self.wanted.span.since is None and self.wanted.span.until is None:
            index = _FTS5 if self.dialect == "sqlite" else self.matched
            return select(func.count()).select_from(index).where(*self.matches())
        return select(func.count()).select_from(self.keys().subquery())

    def keys(self, *more: Any) -> Select[Any]:
        """Query the keys of the articles that match, with more columns."""
        query = (
            select(articles.c.id, *more)
            .join(_FTS5 if self.dialect == "sqlite" else self.matched, self.key == articles.c.id)
            .where(*self.matches(), *within(self.wanted.span))
        )
        if self.wanted.source is None:
            return query
        own = select(sources.c.id).where(sources.c.slug == self.wanted.source).scalar_subquery()
        return query.where(articles.c.source_id == own)

    def exact_of(self, ids: list[int]) -> Select[Any]:
        """Query which of these match with the marks that were typed."""
        return select(self.key).where(*self.matches(is_exact=True), self.key.in_(ids))

    def ranked(self) -> Select[Any]:
        """Query the articles that match, with whether they do so exactly and how far they are from the best."""
        if self.dialect == "sqlite":
            exact = select(_FTS5.c.rowid).where(*self.matches(is_exact=True)).correlate(None)
            return self.keys(articles.c.id.in_(exact).label("is_exact"), _FTS5.c.rank.label("distance"))
        words = self.matched.c.words
        rank = func.ts_rank(text("'{0.1, 0.2, 0.4, 1.0}'"), words, self.tsquery(is_exact=False), 1)
        is_exact = words.op("@@")(self.tsquery(is_exact=True))
        return self.keys(is_exact.label("is_exact"), (-rank).label("distance"))


_FTS5 = table("report_search", column("rowid"), column("rank"), column("report_search"))
_TSVECTORS = table("article_search", column("article_id"), column("words"))
_SHOWN = (
    select(
        articles.c.id,
        sources.c.slug,
        articles.c.title,
        articles.c.summary,
        articles.c.url,
        articles.c.published_at,
        articles.c.published_on,
        articles.c.report_date,
        article_texts.c.body,
    )
    .join(sources, sources.c.id == articles.c.source_id)
    .join(article_texts, article_texts.c.article_id == articles.c.id)
)


def _hit(row: Any, query: Query, *, is_exact: bool) -> Hit:
    body = document_of(row.title, row.summary, row.body).body
    return Hit(
        article_id=row.id,
        source=row.slug,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        published_on=row.published_on,
        report_date=row.report_date,
        is_exact=is_exact,
        snippet=snippet_of(body, query),
    )
