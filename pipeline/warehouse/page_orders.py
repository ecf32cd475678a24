"""What a person asks of pages: which ended how, and that some are tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true, update

from models.outcomes import Outcome
from models.states import PageState
from models.tables import article_urls, fetches, hosts, pages, sources
from pipeline.warehouse import clock


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pages are meant: all that every given part holds for. `since` is the last attempt's, or the queueing's."""

    outcome: Outcome | None = None
    slug: str | None = None
    since: datetime | None = None
    url_key: str | None = None


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of pages that were to be tried again."""

    queued: int = 0
    in_hand: int = 0
    """Pages that a run has in hand right now; they were left alone."""
    resting: int = 0
    """Those of the queued whose host is left alone for now."""


def count_pages(connection: Connection, wanted: Wanted) -> int:
    """Count the pages that are meant."""
    return int(connection.execute(select(func.count()).select_from(pages).where(_is_meant(wanted))).scalar_one())


def list_pages(connection: Connection, wanted: Wanted, limit: int) -> list[Any]:
    """Give pages with their source and last attempt, the last tried first."""
    query = (
        select(pages, sources.c.slug, _last_at().label("last_at"))
        .join(sources, sources.c.id == pages.c.source_id)
        .where(_is_meant(wanted))
        .order_by(_last_at().desc(), pages.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def requeue_pages(connection: Connection, wanted: Wanted) -> Requeued:
    """Let pages be tried again by the next run, with all attempts before them; what a run has in hand is left alone.

    A page whose capture waits to be extracted is extracted, not fetched.
    """
    at = clock.now(connection)
    is_meant = _is_meant(wanted)
    resting = select(hosts.c.id).where(hosts.c.not_before_at > at)
    counted = select(
        func.count(case((pages.c.lease_token.is_not(None), 1))),
        func.count(case((and_(pages.c.lease_token.is_(None), pages.c.host_id.in_(resting)), 1))),
    ).where(is_meant)
    in_hand, left_alone = connection.execute(counted).one()
    state = case((pages.c.state == PageState.DONE, PageState.QUEUED), else_=pages.c.state)
    again = update(pages).where(is_meant, pages.c.lease_token.is_(None))
    # A person asks for it now: it is no backfill's page any more.
    queued = connection.execute(again.values(state=state, attempts=0, next_attempt_at=at, backfill_id=None)).rowcount
    return Requeued(queued, in_hand, left_alone)


def page_key_of(connection: Connection, url_key: str) -> str | None:
    """Give the `url_key` of the page that an address means: its own, or the article's that is known by it."""
    own = select(pages.c.url_key).where(pages.c.url_key == url_key)
    of_article = (
        select(pages.c.url_key)
        .join(article_urls, article_urls.c.article_id == pages.c.article_id)
        .where(article_urls.c.url_key == url_key)
        .order_by(pages.c.id)
    )
    found: str | None = connection.execute(own).scalar() or connection.execute(of_article.limit(1)).scalar()
    return found


def _last_at() -> Any:
    """Give the instant of a page's last attempt, or when it was queued, as a part of a query."""
    last = select(func.max(fetches.c.at)).where(fetches.c.page_id == pages.c.id).scalar_subquery()
    return func.coalesce(last, pages.c.queued_at)


def _is_meant(wanted: Wanted) -> ColumnElement[bool]:
    parts: list[Any] = [true()]
    if wanted.outcome is Outcome.DEFERRED:
        # What is deferred waits: its page keeps the word of its last real attempt, or none.
        parts.append(pages.c.state != PageState.DONE)
    elif wanted.outcome is not None:
        parts.append(pages.c.outcome == wanted.outcome)
    if wanted.slug is not None:
        parts.append(pages.c.source_id.in_(select(sources.c.id).where(sources.c.slug == wanted.slug)))
    if wanted.since is not None:
        tried = select(fetches.c.page_id).where(fetches.c.at >= wanted.since)
        parts.append(or_(pages.c.queued_at >= wanted.since, pages.c.id.in_(tried)))
    if wanted.url_key is not None:
        parts.append(pages.c.url_key == wanted.url_key)
    return and_(*parts)
