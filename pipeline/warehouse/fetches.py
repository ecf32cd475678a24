"""Fetches into rows: the attempts, the pages' new states, and when a failed page is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models.outcomes import Outcome
from models.states import PageState
from models.tables import fetches, pages
from pipeline.warehouse.batches import in_chunks, insert_rows, next_keys, update_by_key
from pipeline.warehouse.claim import ClaimedPage, Scope
from pipeline.warehouse.ledger import PageEnd, settle_pages
from pipeline.warehouse.rechecks import MISSING, Look, Seen, after_look

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


def record_fetches(connection: Connection, scope: Scope, fetched: Sequence[tuple[ClaimedPage, Fetched]]) -> list[int]:
    """Write attempts; a usable capture that is archived makes its page `fetched`. Give the fetches' keys."""
    keys = next_keys(connection, fetches, len(fetched))
    rows = [_row(key, scope.run_id, page, one) for key, (page, one) in zip(keys, fetched, strict=True)]
    insert_rows(connection, fetches, rows)
    captured = [
        {
            "of_key": page.id,
            "state": PageState.FETCHED,
            "fetch_id": key,
            "etag": one.etag,
            "last_modified": one.last_modified,
        }
        for key, (page, one) in zip(keys, fetched, strict=True)
        if one.outcome is None and one.archive_id is not None
    ]
    if captured:
        connection.execute(update_by_key(pages, ("state", "fetch_id", "etag", "last_modified")), captured)
    return keys


def _row(key: int, run_id: int, page: ClaimedPage, fetched: Fetched) -> dict[str, Any]:
    return {
        "id": key,
        "page_id": page.id,
        "run_id": run_id,
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


def finish_page(
    connection: Connection, scope: Scope, page: ClaimedPage, look: Look, recheck_hours: Sequence[float] = ()
) -> None:
    """End the turn of a page if it is still in our hands: see `finish_pages`."""
    if held_pages(connection, [page.id], scope.token):
        finish_pages(connection, scope, [(page, look)], recheck_hours)


def finish_pages(
    connection: Connection,
    scope: Scope,
    looks: Sequence[tuple[ClaimedPage, Look]],
    recheck_hours: Sequence[float] = (),
) -> None:
    """End the turns of pages that `held_pages` gave: outcomes, next attempts of those that may heal, their entries'.

    What a look says of its article (there, missing, withdrawn, back) is written, and when the next look is due, in
    hours after the article was first loaded.
    """
    together = [one for one in looks if one[1].outcome not in MISSING]
    # Of two pages of an article that go in the same turn, the second must see that the first has gone.
    apart = [[one] for one in looks if one[1].outcome in MISSING]
    for some in (together, *apart):
        _finish_alike(connection, scope, some, recheck_hours)


def _finish_alike(
    connection: Connection, scope: Scope, looks: Sequence[tuple[ClaimedPage, Look]], recheck_hours: Sequence[float]
) -> None:
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    ends: list[PageEnd] = []
    for page, look in looks:
        seen = after_look(connection, page, look, recheck_hours)
        # A capture that is at hand is the same tomorrow.
        values = _values_after(page, look, seen, may_heal=not scope.is_offline)
        of_page = {"of_key": page.id, "of_token": scope.token}
        alike.setdefault(tuple(values), []).append(values | of_page)
        ends.append(PageEnd(page.id, look.outcome, seen.reason, look.at))
    for columns, rows in alike.items():
        connection.execute(update_by_key(pages, columns, is_leased=True), rows)
    settle_pages(connection, scope.run_id, ends)


def _values_after(page: ClaimedPage, look: Look, seen: Seen, *, may_heal: bool) -> dict[str, Any]:
    attempts, outcome = page.attempts + 1, look.outcome
    values: dict[str, Any] = {"outcome": outcome, "reason": seen.reason, "attempts": attempts, "lease_token": None}
    if may_heal and outcome in HEALING and attempts < MOST_ATTEMPTS:
        values |= {"state": PageState.QUEUED, "next_attempt_at": look.at + retry_delay(attempts, look.retry_after)}
    else:
        values |= {"state": PageState.DONE, "next_attempt_at": None, "priority": 0, **seen.page}
    if look.article_id is not None:
        values["article_id"] = look.article_id
    if look.validators is not None:
        values |= {"etag": look.validators[0], "last_modified": look.validators[1]}
    return values


def retry_delay(attempts: int, retry_after: float | None = None) -> timedelta:
    """Give the pause before the next attempt: doubling, at least what the server asked for."""
    own = min(FIRST_RETRY * float(2 ** (attempts - 1)), LONGEST_RETRY)
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_RETRY.total_seconds()))
    return max(own, asked)
