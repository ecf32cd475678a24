"""Articles found by their words, exact ones first or the newest first, with the part of the text that shows why."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, column, func, literal, select, table, text

from models.tables import article_texts, articles, sources
from pipeline.search_query import Query, fts5_match
from pipeline.search_snippet import Snippet, snippet_of
from pipeline.span import Span
from pipeline.warehouse.search_index import document_of
from pipeline.warehouse.spans import within

MOST_RANKED = 5_000
"""Of a word that very many articles have, so many of the newest are put in order; the function of PostgreSQL too."""


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
    candidates = _candidates(connection, wanted)
    total = int(connection.execute(select(func.count()).select_from(candidates.subquery())).scalar_one())
    newest = (articles.c.report_date.desc(), articles.c.published_at.desc().nulls_last(), articles.c.id.desc())
    if wanted.is_newest:
        ranked = candidates.order_by(*newest)
    elif total <= MOST_RANKED:
        ranked = candidates.order_by(text("is_exact DESC"), text("distance"), *newest)
    else:
        few = candidates.order_by(*newest).limit(MOST_RANKED).subquery()
        ranked = select(few).order_by(few.c.is_exact.desc(), few.c.distance, few.c.report_date.desc(), few.c.id.desc())
    exactness = {row.id: bool(row.is_exact) for row in connection.execute(ranked.limit(wanted.limit))}
    rows = {row.id: row for row in connection.execute(_SHOWN.where(articles.c.id.in_(list(exactness))))}
    return Found(total, [_hit(rows[key], wanted.query, is_exact=is_exact) for key, is_exact in exactness.items()])


def _candidates(connection: Connection, wanted: Wanted) -> Select[Any]:
    """Query the articles that match, with whether they do so exactly and how far they are from the best."""
    ask = _ask_sqlite if connection.dialect.name == "sqlite" else _ask_postgres
    query = ask(wanted.query).where(*within(wanted.span))
    if wanted.source is not None:
        query = query.where(
            articles.c.source_id == select(sources.c.id).where(sources.c.slug == wanted.source).scalar_subquery()
        )
    return query


def _ask_sqlite(query: Query) -> Select[Any]:
    index = table("report_search", column("rowid"), column("rank"), column("report_search"))
    exact = select(index.c.rowid).where(index.c.report_search.op("MATCH")(fts5_match(query, is_exact=True)))
    return (
        select(
            articles.c.id,
            articles.c.report_date,
            articles.c.published_at,
            articles.c.id.in_(exact).label("is_exact"),
            index.c.rank.label("distance"),
        )
        .join_from(index, articles, articles.c.id == index.c.rowid)
        .where(index.c.report_search.op("MATCH")(fts5_match(query, is_exact=False)))
    )


def _ask_postgres(query: Query) -> Select[Any]:
    index = table("article_search", column("article_id"), column("words"))
    folded, exact = func.search_query(query.typed, literal(False)), func.search_query(query.typed, literal(True))
    rank = func.ts_rank(text("'{0.1, 0.2, 0.4, 1.0}'"), index.c.words, folded, 1)
    return (
        select(
            articles.c.id,
            articles.c.report_date,
            articles.c.published_at,
            index.c.words.op("@@")(exact).label("is_exact"),
            (-rank).label("distance"),
        )
        .join_from(index, articles, articles.c.id == index.c.article_id)
        .where(index.c.words.op("@@")(folded))
    )


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
