"""One fetch into rows: the attempt, the page's new state, and when a failed page is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from models.outcomes import Outcome
from models.states import PageState
from models.tables import fetches, pages
from pipeline.warehouse.batches import in_chunks, update_by_key
from pipeline.warehouse.claim import ClaimedPage, Scope
from pipeline.warehouse.ledger import settle_page
from pipeline.warehouse.rechecks import Look, after_look

# What may heal by itself is tried again after 5 minutes, then twice as long each time, for about four days in all.
HEALING = frozenset(
    {
        Outcome.UNREACHABLE,
        Outcome.TIMED_OUT,
        Outcome.SERVER_ERROR,
        Outcome.RATE_LIMITED,
        Outcome.BAD_RESPONSE,
        Outcome.CHALLENGED,
    }
)
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=1)
MOST_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetch that has ended, as the warehouse keeps it. `outcome` is None for a usable capture."""

    at: datetime
    url: str
    outcome: Outcome | None
    reason: str | None
    status: int | None
    size: int
    duration_ms: int
    charset: str | None = None
    hops: tuple[str, ...] = ()
    archive_id: int | None = None
    archive_offset: int | None = None
    archive_length: int | None = None
    digest: str | None = None
    original_fetch_id: int | None = None
    is_noarchive: bool = False
    is_tdm_reserved: bool | None = None
    tdm_policy_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: float | None = None


def held_pages(connection: Connection, page_ids: Sequence[int], token: str) -> set[int]:
    """Give those of the pages that are still in our hands, and lock their rows."""
    held: set[int] = set()
    for chunk in in_chunks(page_ids):
        held |= set(connection.execute(_HELD, {"keys": chunk, "token": token}).scalars())
    return held


_HELD = (
    select(pages.c.id)
    .where(pages.c.id.in_(bindparam("keys", expanding=True)), pages.c.lease_token == bindparam("token"))
    .order_by(pages.c.id)
    .with_for_update(key_share=True)
)
_ADD_FETCH = insert(fetches).returning(fetches.c.id)


def record_fetch(connection: Connection, scope: Scope, page: ClaimedPage, fetched: Fetched) -> int:
    """Write an attempt; a usable capture that is archived makes the page `fetched`. Give the fetch's key."""
    values = {
        "page_id": page.id,
        "run_id": scope.run_id,
        "at": fetched.at,
        "url": fetched.url,
        "outcome": fetched.outcome,
        "reason": fetched.reason,
        "status": fetched.status,
        "bytes": fetched.size,
        "duration_ms": fetched.duration_ms,
        "charset": fetched.charset,
        "redirects": len(fetched.hops),
        "hops": "\n".join(fetched.hops) or None,
        "archive_id": fetched.archive_id,
        "archive_offset": fetched.archive_offset,
        "archive_length": fetched.archive_length,
        "digest": fetched.digest,
        "original_fetch_id": fetched.original_fetch_id,
        "is_noarchive": fetched.is_noarchive,
        "is_tdm_reserved": fetched.is_tdm_reserved,
        "tdm_policy_url": fetched.tdm_policy_url,
    }
    fetch_id = int(connection.execute(_ADD_FETCH, values).scalar_one())
    if fetched.outcome is None and fetched.archive_id is not None:
        state: dict[str, Any] = {"state": PageState.FETCHED, "fetch_id": fetch_id}
        state |= {"etag": fetched.etag, "last_modified": fetched.last_modified}
        connection.execute(update_by_key(pages, tuple(state)), state | {"of_key": page.id})
    return fetch_id


def finish_page(
    connection: Connection, scope: Scope, page: ClaimedPage, look: Look, recheck_hours: Sequence[float] = ()
) -> None:
    """End a page's turn in this run: its outcome, its next attempt if it may heal, and its entries' outcomes.

    What the look says of its article (there, missing, withdrawn, back) is written, and when the next look is due, in
    hours after the article was first loaded.
    """
    attempts, outcome, at = page.attempts + 1, look.outcome, look.at
    seen = after_look(connection, page, look, recheck_hours)
    values: dict[str, Any] = {"outcome": outcome, "reason": seen.reason, "attempts": attempts, "lease_token": None}
    if outcome in HEALING and attempts < MOST_ATTEMPTS:
        values |= {"state": PageState.QUEUED, "next_attempt_at": at + retry_delay(attempts, look.retry_after)}
    else:
        values |= {"state": PageState.DONE, "next_attempt_at": None, "priority": 0, **seen.page}
    if look.article_id is not None:
        values["article_id"] = look.article_id
    if look.validators is not None:
        values |= {"etag": look.validators[0], "last_modified": look.validators[1]}
    statement = update_by_key(pages, tuple(values), is_leased=True)
    if connection.execute(statement, values | {"of_key": page.id, "of_token": scope.token}).rowcount:
        settle_page(connection, scope.run_id, page.id, outcome, seen.reason, at)


def retry_delay(attempts: int, retry_after: float | None = None) -> timedelta:
    """Give the pause before the next attempt: doubling, at least what the server asked for."""
    own = min(FIRST_RETRY * float(2 ** (attempts - 1)), LONGEST_RETRY)
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_RETRY.total_seconds()))
    return max(own, asked)
