"""The flow `maintain`: once a night, put right what dead processes left and let the databases tidy up."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from prefect import flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterEndTime, FlowRunFilterTags
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config.settings import load_settings
from flows.dead_runs import MOST, crash, in_states, unfinished_runs
from flows.environment import KEEP_DAYS, TAG
from pipeline.maintain import maintain_warehouse
from pipeline.warehouse.opening import open_warehouse


class MaintainParameters(BaseModel):
    """How long things are kept."""

    model_config = ConfigDict(title="Maintenance", extra="forbid")

    keep_flow_runs_days: int = Field(
        default=KEEP_DAYS,
        ge=1,
        le=3650,
        title="Days to keep flow runs",
        description="Finished flow runs of khotin older than this leave the Prefect server; the warehouse keeps its "
        "own record of every run for good.",
    )
    stuck_after_hours: float = Field(
        default=24,
        ge=1,
        le=240,
        title="Hours until a flow run is stuck",
        description="A flow run that has been pending, running or cancelling for longer than this is marked as "
        "crashed.",
    )


@task(cache_policy=NO_CACHE, persist_result=False)
def tend_warehouse() -> str:
    """End what dead processes left, and let the database refresh its statistics."""
    settings = load_settings()
    opened = open_warehouse(settings)
    try:
        ended = maintain_warehouse(opened.engine, settings)
    finally:
        opened.engine.dispose()
    return f"{ended} dead runs ended, statistics refreshed"


@task(cache_policy=NO_CACHE, persist_result=False)
def crash_stuck_runs(hours: float) -> str:
    """Mark flow runs as crashed that have no end: whatever was to report it has died with them."""
    message = f"No end was reported within {hours:g} hours."
    stuck = unfinished_runs(older_than=timedelta(hours=hours), but=UUID(flow_run.id))
    crash(stuck, message)
    return f"{len(stuck)} stuck flow runs marked as crashed"


@task(cache_policy=NO_CACHE, persist_result=False)
def delete_old_runs(days: int) -> str:
    """Delete finished flow runs, for servers that are not set to vacuum by themselves."""
    before = datetime.now(UTC) - timedelta(days=days)
    ended = FlowRunFilterEndTime.model_validate({"before_": before})
    done = in_states(StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED)
    old = FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG]), state=done, end_time=ended)
    count = 0
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(flow_run_filter=old, limit=MOST):
            for run in runs:
                _delete(client, run.id)
            count += len(runs)
    return f"{count} old flow runs deleted"


def _delete(client: SyncPrefectClient, flow_run_id: UUID) -> None:
    client.request("DELETE", "/flow_runs/{id}", path_params={"id": flow_run_id})


@flow(
    name="maintain",
    description="Ends what dead processes left, refreshes the databases' statistics, and clears old flow runs away. "
    "It deletes nothing from the warehouse.",
    persist_result=False,
)
def maintain(
    parameters: Annotated[MaintainParameters, Field(title="Maintenance")] = MaintainParameters(),
) -> State[Any]:
    """Do a night's chores.

    Args:
        parameters: How long things are kept.
    """
    said = [
        tend_warehouse(),
        crash_stuck_runs(parameters.stuck_after_hours),
        delete_old_runs(parameters.keep_flow_runs_days),
    ]
    return Completed(message="; ".join(said))
