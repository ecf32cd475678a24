"""What flows that are run for a person have in common: batches as tasks, who waits, and the run on the server."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from prefect import Flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from prefect.runtime import flow_run
from prefect.states import Pending
from prefect.utilities.urls import url_for
from pydantic import BaseModel

from flows.environment import TAG
from pipeline.ingest import Stop


@dataclass
class Company:
    """Who waits for a flow run in this process: what they are told, how they stop it, and what they get."""

    watch: Callable[[Any], None] = lambda _progress: None
    stop: Stop = field(default_factory=Stop)
    report: Any = None
    url: str | None = None


_company: ContextVar[Company | None] = ContextVar("company", default=None)


def company_of_run() -> Company:
    """Give who waits for the flow run that is at work, told where it is; on a worker nobody does."""
    company = _company.get() or Company()
    company.url = url_for("flow-run", obj_id=flow_run.id)
    return company


@task(name="batch", task_run_name="batch", cache_policy=NO_CACHE, persist_result=False)
def _batch(work: Callable[[], Any]) -> Any:
    return work()


def as_task(name: str, work: Callable[[], Any]) -> Any:
    """Run a batch, or the planning of a backfill, as a task; the short steps would only cost the server."""
    return _batch(work) if name in ("batch", "plan") else work()


def record(flow: Flow[Any, Any], parameters: BaseModel, watch: Callable[[Any], None], stop: Stop) -> Company:
    """Run a flow in this process, recorded on the server of PREFECT_API_URL; its report is in the company.

    Raises what the flow raises.
    """
    company = Company(watch, stop)
    token = _company.set(company)
    try:
        with get_client(sync_client=True) as client:
            # A flow that is called imports FastAPI to write its parameters down: 0.2 s of CPU.
            written = {"parameters": parameters.model_dump(mode="json")}
            run = client.create_flow_run(flow, parameters=written, state=Pending(), tags=[TAG])
            state = run_flow(flow, flow_run=run, return_type="state")
    finally:
        _company.reset(token)
    assert isinstance(state, State)  # noqa: S101  # what a plain flow gives when it is asked for its state
    if company.report is None:
        state.result(raise_on_failure=True)
        raise RuntimeError(f"the flow run ended without a report: {state.message}")
    return company
