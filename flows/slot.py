"""The slot of a flow run under its deployment's limit: held by short leases, so that it is free soon after a death.

Prefect's engine renews the slot's lease for 300 s at a time, and its automations can miss a dead run (a server on
SQLite drops events when its database is busy, and all of them when it is killed). The lease outlives both. The engine
also ends a run whose lease it cannot renew; here the run is what matters: another may start beside it then, which does
no harm, since they share the work by the warehouse.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from uuid import UUID

from httpx import HTTPError
from prefect import flow_engine, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from flows.dead_runs import crash, unfinished_runs

LEASE_SECONDS = 90
RENEW_SECONDS = 20
"""The first renewal comes so late too: when a run starts to work, its server gives it PENDING_LEASE_SECONDS."""

log = logging.getLogger(__name__)


def hold_slots_briefly() -> None:
    """Let the engine of this process hold the slots of flow runs by our leases.

    Prefect 3.8 has no setting for the 300 s, which its engine passes to this one function.
    """
    vars(flow_engine)["maintain_concurrency_lease"] = hold


@contextmanager
def hold(lease: UUID, _seconds: float = 0, **_wishes: bool) -> Iterator[None]:
    """Renew a lease while the block works, and first end the runs that died with the slot."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    is_over = threading.Event()
    # The context says which server is asked, and shares its connections.
    keep = copy_context().run
    thread = threading.Thread(target=keep, args=(_keep, lease, run, is_over), name="slot", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(2)


def _keep(lease: UUID, run: FlowRun | None, is_over: threading.Event) -> None:
    is_cleared = _clear(run)
    while not is_over.wait(RENEW_SECONDS):
        _renew(lease)
        is_cleared = is_cleared or _clear(run)


def _renew(lease: UUID) -> None:
    try:
        with get_client(sync_client=True) as client:
            client.renew_concurrency_lease(lease, LEASE_SECONDS)
    except HTTPError as error:
        log.warning("The Prefect server does not renew the slot of this run: %s", error)


def _clear(run: FlowRun | None) -> bool:
    """Mark the deployment's other unfinished runs as crashed: holding its only slot, we know that they are dead.

    Tells whether this is done.
    """
    if run is None or run.deployment_id is None:
        return True
    try:
        others = unfinished_runs(but=run.id, deployment=run.deployment_id)
        if not others or not _has_one_slot(run.deployment_id):
            return True
        crash(others, "It died; the next run carries on.")
    except HTTPError as error:
        log.warning("The Prefect server did not say which runs are unfinished: %s", error)
        return False
    log.warning("%d flow runs had died without a word; they are marked as crashed.", len(others))
    return True


def _has_one_slot(deployment: UUID) -> bool:
    with get_client(sync_client=True) as client:
        limit = client.read_deployment(deployment).global_concurrency_limit
    return limit is not None and limit.limit == 1
