"""The ledger: in each run, exactly one outcome for every entry that was new or due in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, exists, func, insert, literal, or_, select, update

from models.outcomes import Outcome
from models.states import PageState
from models.tables import entries, feeds, hosts, ledger, pages
from pipeline.warehouse.batches import insert_missing, unchecked

STORED = (Outcome.LOADED, Outcome.UPDATED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Settled:
    """An entry's outcome in this run."""

    entry_id: int
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class PageEnd:
    """A page's outcome in this run."""

    page_id: int
    outcome: Outcome
    reason: str | None
    at: datetime


def settle_entries(connection: Connection, run_id: int, settled: Sequence[Settled], at: datetime) -> None:
    """Write outcomes of single entries."""
    rows = [
        {"run_id": run_id, "entry_id": one.entry_id, "outcome": one.outcome, "reason": one.reason, "at": at}
        for one in settled
    ]
    if rows:
        connection.execute(insert_missing(connection, ledger, ["run_id", "entry_id"]), rows)


def settle_pages(connection: Connection, run_id: int, ends: Sequence[PageEnd]) -> None:
    """Write the outcomes of pages for all entries that name them.

    The first of them has the page's outcome; the others of a stored page are its duplicates, so that the ledger's
    `loaded` counts articles. An entry that has its outcome in this run already keeps it.
    """
    if not ends:
        return
    said = [{"page": one.page_id, "outcome": one.outcome, "reason": one.reason} for one in ends]
    connection.execute(_ENTRIES_OF_PAGE, said)
    connection.execute(_LEDGER_OF_PAGE, [_line(run_id, one) for one in ends])


def _line(run_id: int, end: PageEnd) -> dict[str, Any]:
    is_stored = end.outcome in STORED
    return {
        "run": run_id,
        "page": end.page_id,
        "outcome": end.outcome,
        "reason": end.reason,
        "at": end.at,
        "others": Outcome.DUPLICATE if is_stored else end.outcome,
        "note": "another entry names the same page" if is_stored else end.reason,
    }


_ENTRIES_OF_PAGE = (
    update(entries)
    .where(entries.c.page_id == bindparam("page"))
    .values(outcome=bindparam("outcome"), reason=bindparam("reason"))
)


def _ledger_of_page() -> Any:
    twin = entries.alias()
    first = select(func.min(twin.c.id)).where(twin.c.page_id == entries.c.page_id).scalar_subquery()
    is_first = entries.c.id == first
    rows = select(
        bindparam("run", type_=ledger.c.run_id.type),
        entries.c.id,
        case(
            (is_first, bindparam("outcome", type_=ledger.c.outcome.type)),
            else_=bindparam("others", type_=ledger.c.outcome.type),
        ),
        case(
            (is_first, bindparam("reason", type_=ledger.c.reason.type)),
            else_=bindparam("note", type_=ledger.c.reason.type),
        ),
        bindparam("at", type_=ledger.c.at.type),
    ).where(entries.c.page_id == bindparam("page"), ~_is_settled(bindparam("run", type_=ledger.c.run_id.type)))
    return insert(ledger).from_select(["run_id", "entry_id", "outcome", "reason", "at"], rows)


def _is_settled(run: Any) -> ColumnElement[bool]:
    return exists().where(ledger.c.run_id == run, ledger.c.entry_id == entries.c.id)


_LEDGER_OF_PAGE = _ledger_of_page()


def defer_rest(
    connection: Connection,
    run_id: int,
    started_at: datetime,
    reason: str,
    at: datetime,
    *,
    token: str,
    source_slugs_of: Any = None,
) -> int:
    """Give `deferred` to every entry that was new or due in the run and has no outcome in it; give their number.

    `reason` is for those that the run held by `token` could have done. `source_slugs_of` is a query of source keys when
    the run was limited to some sources.
    """
    is_due = (pages.c.state != PageState.DONE) & (pages.c.next_attempt_at <= started_at)
    if source_slugs_of is not None:
        is_due &= feeds.c.source_id.in_(source_slugs_of)
    said_at = literal(at, ledger.c.at.type)
    rest = (
        select(
            literal(run_id), entries.c.id, literal(Outcome.DEFERRED), _why_not(reason, token, started_at, at), said_at
        )
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(pages, pages.c.id == entries.c.page_id)
        .join(hosts, hosts.c.id == pages.c.host_id)
        .where(or_(entries.c.first_run_id == run_id, is_due), ~_is_settled(literal(run_id)))
    )
    statement = insert(ledger).from_select(["run_id", "entry_id", "outcome", "reason", "at"], rest)
    with unchecked(connection):
        return connection.execute(statement).rowcount


def _why_not(reason: str, token: str, started_at: datetime, at: datetime) -> Any:
    """Tell in SQL why a page was not done: its host is left alone, another process works there, or `reason`."""
    left_alone = hosts.c.name + literal(" is left alone: ") + func.coalesce(hosts.c.back_off_reason, "it is in trouble")
    return case(
        (pages.c.lease_token != token, literal("another process has it in hand")),
        (hosts.c.not_before_at > at, left_alone),
        (hosts.c.lease_token != token, literal("another process asks its host")),
        (hosts.c.robots_reason.is_not(None), hosts.c.robots_reason),
        (pages.c.next_attempt_at > started_at, literal("its page is tried again later")),
        else_=literal(reason),
    )


def count_ledger(connection: Connection, run_id: int) -> dict[str, int]:
    """Count the outcomes of a run."""
    query = select(ledger.c.outcome, func.count()).where(ledger.c.run_id == run_id).group_by(ledger.c.outcome)
    return {row[0]: row[1] for row in connection.execute(query)}
