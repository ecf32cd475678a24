"""Runs as rows: opened with a lease, closed with their counts; what a dead process left is put right first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from models.states import RunState
from models.tables import polls, runs, sources
from pipeline.warehouse import clock, lease
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.ledger import count_ledger, defer_rest
from pipeline.warehouse.reports import count_coverage


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Outcomes of a run: of its polls and of its entries."""

    polls: dict[str, int]
    entries: dict[str, int]


def open_run(
    connection: Connection,
    kind: str,
    parameters: dict[str, Any],
    lease_seconds: int,
    *,
    source_slugs: tuple[str, ...] = (),
    ignores_schedule: bool = False,
    flow_run_id: str | None = None,
) -> Scope:
    """Begin a run under a new lease."""
    token = lease.acquire(connection, lease_seconds)
    at = clock.now(connection)
    values = {"kind": kind, "state": RunState.RUNNING, "lease_token": token, "started_at": at, "counts": {}}
    statement = insert(runs).values(parameters=parameters, flow_run_id=flow_run_id, **values).returning(runs.c.id)
    run_id = int(connection.execute(statement).scalar_one())
    return Scope(run_id, at, token, source_slugs, ignores_schedule)


def close_run(
    connection: Connection,
    scope: Scope,
    state: RunState,
    *,
    reason: str,
    error: str | None = None,
    pages: Mapping[str, int] | None = None,
) -> RunCounts:
    """End a run: what has no outcome is deferred for `reason`, outcomes are counted, the lease is dropped.

    `pages` are outcomes of pages that no entry names, as a backfill has them.
    """
    at = clock.now(connection)
    wanted = _sources_of(scope.source_slugs)
    defer_rest(connection, scope.run_id, scope.started_at, reason, at, token=scope.token, source_slugs_of=wanted)
    counts = count_run(connection, scope.run_id)
    _end(connection, scope.run_id, state, counts, at, error, pages)
    lease.drop(connection, scope.token)
    return counts


def count_run(connection: Connection, run_id: int) -> RunCounts:
    """Count the outcomes of a run so far."""
    query = select(polls.c.outcome, func.count()).where(polls.c.run_id == run_id).group_by(polls.c.outcome)
    return RunCounts({row[0]: row[1] for row in connection.execute(query)}, count_ledger(connection, run_id))


def end_dead_runs(connection: Connection, token: str) -> int:
    """End the runs of a dead holder as interrupted, their unfinished entries deferred; give their number."""
    at = clock.now(connection)
    columns = (runs.c.id, runs.c.started_at, runs.c.parameters)
    rows = connection.execute(select(*columns).where(runs.c.lease_token == token)).all()
    for row in rows:
        wanted, reason = _sources_of(row.parameters.get("sources")), "the run was killed; the next one carries on"
        defer_rest(connection, row.id, row.started_at, reason, at, token=token, source_slugs_of=wanted)
        _end(connection, row.id, RunState.INTERRUPTED, count_run(connection, row.id), at, "its process died")
    return len(rows)


def _sources_of(slugs: Sequence[str] | None) -> Any | None:
    return select(sources.c.id).where(sources.c.slug.in_(slugs)) if slugs else None


def _end(
    connection: Connection,
    run_id: int,
    state: RunState,
    counts: RunCounts,
    at: datetime,
    error: str | None,
    pages: Mapping[str, int] | None = None,
) -> None:
    values = {"state": state, "finished_at": at, "lease_token": None, "error": error}
    counted = {"polls": counts.polls, "entries": counts.entries} | ({"pages": dict(pages)} if pages else {})
    connection.execute(update(runs).where(runs.c.id == run_id).values(counts=counted, **values))
    count_coverage(connection, run_id)
