"""Flow runs whose process has died without a word: they are marked as crashed, which frees their slots."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed

from flows.environment import TAG

UNFINISHED = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
MOST = 200
"""Flow runs asked for at once; the server's own limit."""


def unfinished_runs(
    *, older_than: timedelta = timedelta(), but: UUID | None = None, deployment: UUID | None = None
) -> list[FlowRun]:
    """Give khotin's unfinished flow runs that should have started `older_than` ago, all `but` that one.

    With `deployment` only its runs count. Raises httpx's HTTPError.
    """
    before = datetime.now(UTC) - older_than
    unfinished = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG]),
        id=FlowRunFilterId(not_any_=[but] if but else []),
        state=in_states(*UNFINISHED),
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]) if deployment else None,
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": before}),
    )
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(flow_run_filter=unfinished, limit=MOST)


def crash(runs: Sequence[FlowRun], message: str) -> None:
    """Mark flow runs as crashed. Raises httpx's HTTPError."""
    with get_client(sync_client=True) as client:
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)


def in_states(*types: StateType) -> FlowRunFilterState:
    """Give the filter of some states."""
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
