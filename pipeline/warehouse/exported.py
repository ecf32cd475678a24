"""Rows for exports, streamed in the order of their days: never more in hand than a chunk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Select, Text, column, func, select, table

from models.tables import article_texts, articles, sources, tombstones
from models.types import LocalDateTime, UtcDateTime
from pipeline.exports.columns import ARTICLES, BODY, Kind
from pipeline.span import Span
from pipeline.warehouse.spans import By, within

CHUNK = 1_000
"""Rows in hand at once."""

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: Text,
    Kind.INTEGER: Integer,
    Kind.TRUTH: Boolean,
    Kind.INSTANT: UtcDateTime,
    Kind.WALL: LocalDateTime,
    Kind.DAY: Date,
}
_ORDERS: dict[By, Column[Any]] = {
    By.PUBLISHED: articles.c.report_date,
    By.LOADED: articles.c.first_loaded_at,
    By.UPDATED: articles.c.updated_at,
}
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles are exported: those of a span by publication, load or change, of one source or all."""

    span: Span
    by: By = By.PUBLISHED
    source: str | None = None
    has_texts: bool = False

    @property
    def columns(self) -> Mapping[str, Kind]:
        """The columns of each row, in their order."""
        return ARTICLES | BODY if self.has_texts else ARTICLES


def article_chunks(connection: Connection, selection: Selection) -> Iterator[tuple[date, list[Row]]]:
    """Give the articles in chunks, each of one day, the days in their order; a day may have many chunks.

    The day is that of the time that the span is about, in the newsroom's zone.
    """
    rows = connection.execute(_query(selection), execution_options={"yield_per": CHUNK})
    for part in rows.partitions():
        chunk: list[Row] = []
        day: date | None = None
        for row in part:
            its_day = _day(row[0], selection.span.zone)
            if chunk and day is not None and its_day != day:
                yield day, chunk
                chunk = []
            day = its_day
            chunk.append(tuple(row[1:]))
        if chunk and day is not None:
            yield day, chunk


def removed_chunks(connection: Connection) -> Iterator[list[Row]]:
    """Give the articles that people removed, oldest first: uid, source and when."""
    removed_at = func.min(tombstones.c.removed_at, type_=UtcDateTime()).label("removed_at")
    query = select(tombstones.c.uid, func.min(tombstones.c.source), removed_at).group_by(tombstones.c.uid)
    rows = connection.execute(query.order_by(removed_at, tombstones.c.uid), execution_options={"yield_per": CHUNK})
    for part in rows.partitions():
        yield [tuple(row) for row in part]


def _query(selection: Selection) -> Select[Any]:
    view = table("report_articles", *(column(name, _TYPES[kind]) for name, kind in ARTICLES.items()))
    order = _ORDERS[selection.by]
    query = (
        select(order.label("of"), *(view.c[name] for name in ARTICLES))
        .join_from(articles, view, view.c.article_id == articles.c.id)
        .where(*within(selection.span, selection.by))
        .order_by(order, articles.c.id)
    )
    if selection.has_texts:
        query = query.add_columns(article_texts.c.body)
        query = query.join(article_texts, article_texts.c.article_id == articles.c.id)
    if selection.source is not None:
        own = select(sources.c.id).where(sources.c.slug == selection.source).scalar_subquery()
        query = query.where(articles.c.source_id == own)
    return query


def _day(of: date | datetime, zone: ZoneInfo) -> date:
    """Give the day of an instant in a zone; a day is one already."""
    return of.astimezone(zone).date() if isinstance(of, datetime) else of
