"""What people ask the warehouse in a terminal: how a run went, what is new, what is wrong, what is waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from models.outcomes import Outcome
from models.states import FeedState, PageState, RunState
from models.tables import (
    article_authors,
    article_urls,
    articles,
    entries,
    feeds,
    fetches,
    hosts,
    ledger,
    pages,
    polls,
    runs,
    sources,
    warehouse,
)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the articles that a run loaded are known."""

    new: int
    minute: int
    day: int
    undated: int
    without_author: int


@dataclass(frozen=True, slots=True)
class Newest:
    """An article as a line of a list."""

    source: str
    title: str | None
    published_at: datetime | None
    published_on: date | None
    url: str


@dataclass(frozen=True, slots=True)
class FailingFeed:
    """A feed whose last poll brought nothing usable."""

    source: str
    url: str
    outcome: str
    reason: str | None
    next_poll_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class SourceOutcomes:
    """What a run did for one source: its polls, and its entries by outcome."""

    polls: int = 0
    entries: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """The warehouse at a glance."""

    sources: int
    feeds: dict[str, int]
    articles: int
    waiting: int
    last_run: Any | None
    last_poll_at: datetime | None


def newsroom_timezone(connection: Connection) -> str | None:
    """Give the zone in which this warehouse counts report days; None before the first run."""
    zone: str | None = connection.execute(select(warehouse.c.newsroom_timezone)).scalar()
    return zone


def loaded_in(run_id: int) -> Any:
    """Give a query of the keys of the articles that a run loaded."""
    return (
        select(pages.c.article_id)
        .join(entries, entries.c.page_id == pages.c.id)
        .join(ledger, ledger.c.entry_id == entries.c.id)
        .where(ledger.c.run_id == run_id, ledger.c.outcome == Outcome.LOADED)
    )


def run_quality(connection: Connection, run_id: int) -> Quality:
    """Count how well a run's new articles are known."""
    has_author = select(article_authors.c.article_id).where(article_authors.c.article_id == articles.c.id).exists()

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = select(
        func.count(),
        count(articles.c.published_at.is_not(None)),
        count(articles.c.published_at.is_(None) & articles.c.published_on.is_not(None)),
        count(articles.c.published_on.is_(None)),
        count(~has_author),
    ).where(articles.c.id.in_(loaded_in(run_id)))
    return Quality(*map(int, connection.execute(query).one()))


def newest_articles(connection: Connection, limit: int) -> list[Newest]:
    """Give the articles that were published last, undated ones at the end."""
    query = (
        select(sources.c.slug, articles.c.title, articles.c.published_at, articles.c.published_on, articles.c.url)
        .join(sources, sources.c.id == articles.c.source_id)
        .order_by(articles.c.published_at.is_(None), articles.c.published_at.desc(), articles.c.id.desc())
        .limit(limit)
    )
    return [Newest(*row) for row in connection.execute(query)]


def failing_feeds(connection: Connection, run_id: int, good: Sequence[str]) -> list[FailingFeed]:
    """Give the feeds whose poll failed in a run, with the next try."""
    query = (
        select(sources.c.slug, feeds.c.url, polls.c.outcome, polls.c.reason, feeds.c.next_poll_at, feeds.c.state)
        .select_from(polls)
        .join(feeds, feeds.c.id == polls.c.feed_id)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(polls.c.run_id == run_id, polls.c.outcome.not_in(good))
        .order_by(sources.c.slug, feeds.c.url)
    )
    return [FailingFeed(*row) for row in connection.execute(query)]


def outcomes_by_source(connection: Connection, run_id: int) -> dict[str, SourceOutcomes]:
    """Count a run's polls and the outcomes of its entries, by the slug of each source that took part."""
    of_sources: dict[str, SourceOutcomes] = {}
    polled = (
        select(sources.c.slug, func.count())
        .select_from(polls)
        .join(feeds, feeds.c.id == polls.c.feed_id)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(polls.c.run_id == run_id)
        .group_by(sources.c.slug)
    )
    for slug, count in connection.execute(polled):
        of_sources[slug] = SourceOutcomes(count)
    settled = (
        select(sources.c.slug, ledger.c.outcome, func.count())
        .select_from(ledger)
        .join(entries, entries.c.id == ledger.c.entry_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(ledger.c.run_id == run_id)
        .group_by(sources.c.slug, ledger.c.outcome)
    )
    for slug, outcome, count in connection.execute(settled):
        of_sources.setdefault(slug, SourceOutcomes()).entries[outcome] = count
    return of_sources


def status(connection: Connection) -> Status:
    """Look at the warehouse as a whole."""
    by_state = connection.execute(select(feeds.c.state, func.count()).group_by(feeds.c.state))
    waiting = select(func.count()).select_from(pages).where(pages.c.state != PageState.DONE)
    active = select(func.count()).select_from(sources).where(sources.c.retired_at.is_(None))
    return Status(
        sources=connection.execute(active).scalar_one(),
        feeds={row[0]: row[1] for row in by_state},
        articles=connection.execute(select(func.count()).select_from(articles)).scalar_one(),
        waiting=connection.execute(waiting).scalar_one(),
        last_run=last_run(connection),
        last_poll_at=connection.execute(select(func.max(feeds.c.last_polled_at))).scalar(),
    )


def last_run(connection: Connection) -> Any | None:
    """Give the run that began last."""
    return connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()


def list_feeds(connection: Connection) -> list[Any]:
    """Give every feed with its source's slug and its state, retired ones last."""
    query = (
        select(feeds, sources.c.slug)
        .join(sources, sources.c.id == feeds.c.source_id)
        .order_by(feeds.c.state == FeedState.RETIRED, sources.c.slug, feeds.c.url)
    )
    return list(connection.execute(query))


def has_finished_run(connection: Connection) -> bool:
    """Tell whether any run came to its end."""
    query = select(runs.c.id).where(runs.c.state == RunState.DONE).limit(1)
    return connection.execute(query).first() is not None


def known_slugs(connection: Connection) -> list[str]:
    """Give the slugs of the sources that are followed."""
    return list(connection.execute(select(sources.c.slug).where(sources.c.retired_at.is_(None))).scalars())


def page_by_key(connection: Connection, key: str) -> Any | None:
    """Find the page of an address by its `url_key`."""
    return connection.execute(_PAGE.where(pages.c.url_key == key)).first()


def page_of_article(connection: Connection, article_id: int) -> Any | None:
    """Find the page that an article was first made from."""
    return connection.execute(_PAGE.where(pages.c.article_id == article_id).order_by(pages.c.id)).first()


_PAGE = (
    select(pages, hosts.c.name.label("host"), sources.c.slug, sources.c.home, sources.c.robots_override_reason)
    .join(hosts, hosts.c.id == pages.c.host_id)
    .join(sources, sources.c.id == pages.c.source_id)
)


def address_by_key(connection: Connection, key: str) -> Any | None:
    """Find an address under which an article is known, by its `url_key`."""
    return connection.execute(select(article_urls).where(article_urls.c.url_key == key)).first()


def entries_of_page(connection: Connection, page_id: int) -> list[Any]:
    """Give the entries that name a page, with their feeds, oldest first."""
    query = (
        select(entries, feeds.c.url.label("feed_url"))
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.page_id == page_id)
        .order_by(entries.c.id)
    )
    return list(connection.execute(query))


def fetches_of_page(connection: Connection, page_id: int) -> list[Any]:
    """Give the attempts to fetch a page, oldest first."""
    return list(connection.execute(select(fetches).where(fetches.c.page_id == page_id).order_by(fetches.c.id)))


def host_by_name(connection: Connection, name: str) -> Any | None:
    """Find a host."""
    return connection.execute(select(hosts).where(hosts.c.name == name)).first()


def article_by_id(connection: Connection, article_id: int) -> Any | None:
    """Find an article."""
    return connection.execute(select(articles).where(articles.c.id == article_id)).first()


def feed_by_url(connection: Connection, url: str) -> Any | None:
    """Find a feed, by its configured address or else by the one where it has moved, with its source's slug."""
    query = (
        select(feeds, sources.c.slug)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where((feeds.c.url == url) | (feeds.c.moved_url == url))
        .order_by((feeds.c.url == url).desc(), feeds.c.id)
    )
    return connection.execute(query).first()


def feeds_of_host(connection: Connection, host: str) -> list[Any]:
    """Give the feeds whose entries have led to a host, or that are served by it."""
    query = (
        select(feeds, sources.c.slug)
        .join(sources, sources.c.id == feeds.c.source_id)
        .join(hosts, hosts.c.id == feeds.c.host_id)
        .where(hosts.c.name == host)
        .order_by(feeds.c.url)
    )
    return list(connection.execute(query))
