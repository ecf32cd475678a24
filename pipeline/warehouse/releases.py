"""Releasing what a rule set aside: it is loaded exactly as it would have been, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, update

from models.states import RejectedState
from models.tables import pages
from pipeline.warehouse import lease
from pipeline.warehouse.claim import Scope, read_page
from pipeline.warehouse.fetches import finish_page
from pipeline.warehouse.follow_up import follow_up
from pipeline.warehouse.load import Loaded, load_article
from pipeline.warehouse.rechecks import Look
from pipeline.warehouse.rejected import decide, loadable_of

_LEASE_SECONDS = 60


class PageInHandError(Exception):
    """A run has the page in hand right now."""


def release(
    connection: Connection,
    row: Any,
    who: str,
    why: str,
    zone: ZoneInfo,
    at: datetime,
    recheck_hours: Sequence[float] = (),
) -> Loaded:
    """Load what a row of `rejected` keeps, and note who said so; `zone` is the newsroom's. Raises PageInHandError."""
    token = lease.acquire(connection, _LEASE_SECONDS)
    mine = update(pages).where(pages.c.id == row.page_id, pages.c.lease_token.is_(None)).values(lease_token=token)
    if not connection.execute(mine).rowcount:
        lease.drop(connection, token)
        raise PageInHandError
    scope = Scope(row.run_id, at, token)
    loaded = load_article(connection, loadable_of(row, read_page(connection, row.page_id), scope), zone, at)
    look = Look(loaded.outcome, loaded.reason, at, article_id=loaded.article_id)
    finish_page(connection, scope, read_page(connection, row.page_id), look, recheck_hours)
    follow_up(connection, [loaded.written] if loaded.written is not None else [], at)
    decide(connection, row.id, RejectedState.RELEASED, who, why, at)
    lease.drop(connection, token)
    return loaded
