"""Looking again at loaded articles: when each is due, and what a look says: there, missing, withdrawn, back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select, update

from models.outcomes import Outcome
from models.states import BackfillState, FeedState, IngestedVia, PageState
from models.tables import articles, backfills, feeds, pages, sources
from pipeline.warehouse.batches import in_chunks, update_by_key
from pipeline.warehouse.claim import ClaimedPage, Scope

PRIORITY = -1
"""Below the pages of live feeds."""

CONFIRM_AFTER = timedelta(hours=1)
"""A page that is missing is looked at again after this before its article counts as withdrawn; sites have bad hours."""

GONE_FOR_GOOD = 410
"""RFC 9110 section 15.5.11: the server says that it is gone, and likely for good."""

_THERE = frozenset({Outcome.LOADED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DUPLICATE})
MISSING = frozenset({Outcome.GONE, Outcome.BAD_REDIRECT, Outcome.NO_TEXT, Outcome.NOT_ARTICLE})
"""How a look ends that finds no article; it asks whether the article has other pages that are still there."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page's turn has ended: `status` is HTTP's, `article_id` the article that was loaded or met.

    `validators` (ETag, Last-Modified) are those of a capture that is not archived.
    """

    outcome: Outcome
    reason: str | None
    at: datetime
    status: int | None = None
    article_id: int | None = None
    retry_after: float | None = None
    validators: tuple[str | None, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look says: values for the page's row, and the reason to keep."""

    reason: str | None
    page: dict[str, Any] = field(default_factory=dict)


def after_look(connection: Connection, page: ClaimedPage, look: Look, hours: Sequence[float]) -> Seen:
    """Write what a look at a page says of its article, and give when it is looked at again.

    Looks are counted from the article's loading, however many of them there were; those of a backfilled one from its
    publication.
    """
    at, outcome = look.at, look.outcome
    if outcome is Outcome.LOADED and page.ingested_via == IngestedVia.FEED:
        return Seen(look.reason, {"next_recheck_at": next_look(at, at, hours)})
    is_own = page.article_id is not None or outcome is not Outcome.DUPLICATE
    article_id = page.article_id if page.article_id is not None else look.article_id
    found = connection.execute(_ARTICLE, {"article": article_id}).first() if is_own and article_id else None
    if found is None:
        return Seen(look.reason)
    counted_from = _counted_from(page, found)
    due_at = next_look(counted_from, at, hours) if counted_from is not None else None
    if outcome is Outcome.LOADED:
        return Seen(look.reason, {"next_recheck_at": due_at})
    values: dict[str, Any] = {"rechecks": page.rechecks + 1, "next_recheck_at": due_at}
    if outcome in _THERE:
        back = _mark_there(connection, found, at)
        said = f"{look.reason}; {back}" if look.reason and back else look.reason or back
        return Seen(said, values | {"missing_since_at": None})
    if outcome in MISSING:
        since = page.missing_since_at or at
        if look.status != GONE_FOR_GOOD and at - since < CONFIRM_AFTER:
            values["next_recheck_at"] = since + CONFIRM_AFTER
        else:
            _withdraw(connection, page, found, look, since)
        _set_article(connection, found.id, {"last_checked_at": at})
        return Seen(look.reason, values | {"missing_since_at": since})
    return Seen(look.reason, values)


def _counted_from(page: ClaimedPage, article: Any) -> datetime | None:
    """Give the instant from which an article's looks are counted; None when it has none.

    A backfilled one has those that it still had if a feed had brought it: old and undated ones have none, and neither
    have those of a site that nobody follows, or that have no address on the web.
    """
    if page.ingested_via == IngestedVia.FEED:
        loaded_at: datetime = article.first_loaded_at
        return loaded_at
    if not article.is_followed or not page.url.startswith(("http://", "https://")):
        return None
    if article.published_at is None and article.published_on is not None:
        return datetime.combine(article.published_on, time(), UTC)
    published_at: datetime | None = article.published_at
    return published_at


_ARTICLE = select(
    articles.c.id,
    articles.c.first_loaded_at,
    articles.c.withdrawn_at,
    articles.c.published_at,
    articles.c.published_on,
    select(feeds.c.id)
    .where(feeds.c.source_id == articles.c.source_id, feeds.c.state == FeedState.ACTIVE)
    .exists()
    .label("is_followed"),
).where(articles.c.id == bindparam("article"))


def _set_article(connection: Connection, article_id: int, values: dict[str, Any]) -> None:
    connection.execute(update_by_key(articles, tuple(values)), values | {"of_key": article_id})


def next_look(loaded_at: datetime, at: datetime, hours: Sequence[float]) -> datetime | None:
    """Give the first instant after `at` of those that lie `hours` after the loading; None after the last."""
    return next((due for hour in sorted(hours) if (due := loaded_at + timedelta(hours=hour)) > at), None)


def _mark_there(connection: Connection, article: Any, at: datetime) -> str | None:
    """Note that an article is there; tell when it had been withdrawn."""
    values: dict[str, Any] = {"last_checked_at": at}
    if article.withdrawn_at is not None:
        values |= {"withdrawn_at": None, "withdrawn_outcome": None, "withdrawn_reason": None, "updated_at": at}
    _set_article(connection, article.id, values)
    if article.withdrawn_at is None:
        return None
    return f"it is back: it had been found gone at {article.withdrawn_at:%Y-%m-%d %H:%M}Z"


def _withdraw(connection: Connection, page: ClaimedPage, article: Any, look: Look, since: datetime) -> None:
    """Note that an article was withdrawn, unless another page of it is still there: that one is looked at next."""
    if article.withdrawn_at is not None:
        return
    others = select(pages.c.id).where(
        pages.c.article_id == article.id,
        pages.c.id != page.id,
        pages.c.fetch_id.is_not(None),
        pages.c.missing_since_at.is_(None),
    )
    other_ids = list(connection.execute(others).scalars())
    if other_ids:
        connection.execute(update(pages).where(pages.c.id.in_(other_ids)).values(next_recheck_at=look.at))
        return
    said = {"withdrawn_at": since, "withdrawn_outcome": look.outcome, "withdrawn_reason": look.reason}
    _set_article(connection, article.id, said | {"updated_at": look.at})


def queue_due(connection: Connection, scope: Scope, limit: int) -> int:
    """Queue up to `limit` pages that are to be looked at again by now, the most overdue first; give their number."""
    due = _due(scope, select(pages.c.id)).order_by(pages.c.next_recheck_at, pages.c.id).limit(limit)
    ids = list(connection.execute(due.with_for_update(of=pages, skip_locked=True, key_share=True)).scalars())
    again: dict[str, Any] = {"state": PageState.QUEUED, "attempts": 0, "priority": PRIORITY}
    # From now on it is a page like those of feeds.
    again |= {"next_attempt_at": scope.started_at, "backfill_id": None}
    for chunk in in_chunks(sorted(ids)):
        connection.execute(update(pages).where(pages.c.id.in_(chunk)).values(next_recheck_at=None, **again))
    return len(ids)


def _due(scope: Scope, query: Select[Any]) -> Select[Any]:
    done = select(backfills.c.id).where(backfills.c.state == BackfillState.DONE)
    query = query.join(sources, sources.c.id == pages.c.source_id).where(
        pages.c.next_recheck_at <= scope.started_at,
        pages.c.state == PageState.DONE,
        pages.c.lease_token.is_(None),
        # A backfill at work counts its pages.
        or_(pages.c.backfill_id.is_(None), pages.c.backfill_id.in_(done)),
        sources.c.is_rechecked,
        sources.c.retired_at.is_(None),
    )
    return query.where(sources.c.slug.in_(scope.source_slugs)) if scope.source_slugs else query
