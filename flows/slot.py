"""The slot of a flow run under its deployment's limit: held by short leases, so that it is free soon after a death.

Prefect's engine renews the slot's lease for 300 s at a time, and its automations can miss a dead run (a server on
SQLite drops events when its database is busy, and all of them when it is killed). The lease outlives both.
"""

import logging
from typing import TYPE_CHECKING

from httpx import HTTPError
from prefect import get_client
from prefect.context import FlowRunContext

from flows.dead_runs import crash_unfinished_runs

if TYPE_CHECKING:
    from uuid import UUID

LEASE_SECONDS = 90

log = logging.getLogger(__name__)


class Slot:
    """The slot of the flow run in whose context it is made; without a limit there is none, and nothing is done."""

    def __init__(self) -> None:
        context = FlowRunContext.get()
        run = context.flow_run if context else None
        details = run.state.state_details if run and run.state else None
        self._lease: UUID | None = details.deployment_concurrency_lease_id if details else None
        self._deployment = run.deployment_id if run else None
        self._id = str(run.id) if run else None
        self._is_cleared = False

    def hold(self) -> None:
        """Renew the slot's lease, and at first end the runs that died with it; call it every few seconds."""
        self._renew()
        if not self._is_cleared:
            self._is_cleared = True
            self._clear()

    def _clear(self) -> None:
        """Mark the deployment's other unfinished runs as crashed: holding its only slot, we know that they are dead."""
        if self._lease is None or self._deployment is None:
            return
        try:
            count = crash_unfinished_runs(
                "It died; the next run carries on.", but=self._id, deployment=self._deployment
            )
        except HTTPError as error:
            log.warning("The Prefect server did not say which runs are unfinished: %s", error)
        else:
            if count:
                log.warning("%d flow runs had died without a word; they are marked as crashed.", count)

    def _renew(self) -> None:
        if self._lease is None:
            return
        try:
            with get_client(sync_client=True) as client:
                client.renew_concurrency_lease(self._lease, LEASE_SECONDS)
        except HTTPError as error:
            # Another run may start beside this one then, which does no harm: they share the work by the warehouse.
            log.warning("The Prefect server does not renew the slot of this run: %s", error)


def _has_one_slot(deployment: "UUID") -> bool:
    with get_client(sync_client=True) as client:
        limit = client.read_deployment(deployment).global_concurrency_limit
    return limit is not None and limit.limit == 1
