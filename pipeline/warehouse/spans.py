"""Which articles a command is about: those of a span of time, by publication, load or change, and of a source."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from models.tables import articles, sources
from pipeline.span import Span, day_of


class By(StrEnum):
    """The time of an article that a span is about."""

    PUBLISHED = "published"
    LOADED = "loaded"
    UPDATED = "updated"


_INSTANTS: dict[By, Any] = {By.LOADED: articles.c.first_loaded_at, By.UPDATED: articles.c.updated_at}


def within(span: Span, by: By = By.PUBLISHED) -> list[ColumnElement[bool]]:
    """Give the conditions that hold for articles of the span.

    By publication whole days are days of `report_date`, so that counts agree with the reports. In a part of a day,
    an article of which only the day is known counts at the beginning of that day.
    """
    if by is By.PUBLISHED:
        ends = ((_published_since, span.since), (_published_until, span.until))
        return [condition(bound, span) for condition, bound in ends if bound is not None]
    column = _INSTANTS[by]
    conditions = [column >= span.since] if span.since else []
    return conditions + ([column < span.until] if span.until else [])


def _published_since(bound: datetime, span: Span) -> ColumnElement[bool]:
    day, is_whole = day_of(bound, span.zone)
    if is_whole:
        return articles.c.report_date >= day
    later = and_(articles.c.report_date == day, articles.c.published_at >= bound)
    return or_(articles.c.report_date > day, later)


def _published_until(bound: datetime, span: Span) -> ColumnElement[bool]:
    day, is_whole = day_of(bound, span.zone)
    if is_whole:
        return articles.c.report_date < day
    return or_(articles.c.report_date < day, _earlier(day, bound))


def _earlier(day: date, bound: datetime) -> ColumnElement[bool]:
    clock = or_(articles.c.published_at.is_(None), articles.c.published_at < bound)
    return and_(articles.c.report_date == day, clock)


def all_slugs(connection: Connection) -> list[str]:
    """Give the slugs of all sources that have ever been followed."""
    return list(connection.execute(select(sources.c.slug).order_by(sources.c.slug)).scalars())
