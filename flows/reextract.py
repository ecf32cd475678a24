"""The flow `reextract`: today's extractor over the captures of our own archive, recorded on a Prefect server."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any

from prefect import flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow
from prefect.runtime import flow_run
from prefect.states import Completed, Pending
from prefect.utilities.urls import url_for
from pydantic import BaseModel, ConfigDict, Field

from config.settings import load_settings
from flows.artifacts import Teller
from flows.environment import TAG
from pipeline.ingest import Stop
from pipeline.plan import Progress
from pipeline.reextract.run import ReextractProgress, ReextractReport, run_reextraction
from pipeline.reextract.wish import Reextraction
from pipeline.warehouse.opening import open_warehouse


class ReextractParameters(BaseModel):
    """Which articles are read anew."""

    model_config = ConfigDict(title="Re-extraction", extra="forbid")

    since: str | None = Field(
        default=None, title="Since", description="Published on or after this day (2026-03-01), instant, or 30d ago."
    )
    until: str | None = Field(default=None, title="Until", description="Published before this day or instant.")
    source: str | None = Field(default=None, title="Source", description="The slug of the one source that is meant.")
    older_than: str | None = Field(
        default=None, title="Older than", description="Only what an extractor older than this version has read."
    )
    limit: int | None = Field(default=None, ge=1, title="Most articles", description="At most so many articles.")

    @classmethod
    def of(cls, wish: Reextraction) -> "ReextractParameters":
        """Give the parameters for what was typed."""
        return cls(**wish.parameters)

    def wish(self) -> Reextraction:
        """Give what is asked for."""
        return Reextraction(**self.model_dump())


@dataclass
class _Company:
    """Who waits for a flow run in this process: what they are told, how they stop it, and what they get."""

    watch: Callable[[ReextractProgress], None] = lambda _progress: None
    stop: Stop = field(default_factory=Stop)
    report: ReextractReport | None = None
    url: str | None = None


_company: ContextVar[_Company | None] = ContextVar("company", default=None)


@task(name="batch", task_run_name="batch", cache_policy=NO_CACHE, persist_result=False)
def _batch(work: Callable[[], Any]) -> Any:
    return work()


def _as_task(name: str, work: Callable[[], Any]) -> Any:
    return _batch(work) if name == "batch" else work()


@flow(
    name="reextract",
    description="Reads archived captures anew with today's extractor; old values stay in the history.",
    persist_result=False,
)
def reextract(
    parameters: Annotated[ReextractParameters, Field(title="Re-extraction")] = ReextractParameters(),
) -> State[Any]:
    """Run one re-extraction, or go on with it.

    Args:
        parameters: Which articles are read anew.
    """
    company = _company.get() or _Company()
    company.url = url_for("flow-run", obj_id=flow_run.id)
    settings = load_settings()
    opened = open_warehouse(settings)
    try:
        with Teller("reextract-progress") as teller:

            def watch(progress: ReextractProgress) -> None:
                done = Progress(pages_done=progress.done, in_hand=progress.total - progress.done)
                teller.move(done, f"{progress.done:,} of {progress.total:,} articles read anew: {progress.words}")
                company.watch(progress)

            report = company.report = run_reextraction(
                parameters.wish(),
                opened.engine,
                settings,
                zone=opened.timezone,
                step=_as_task,
                watch=watch,
                stop=company.stop,
                flow_run_id=flow_run.id,
            )
    finally:
        opened.engine.dispose()
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.outcomes.items()))
    return Completed(message=f"re-extraction {report.backfill_id}: {counts}; {report.waiting} articles wait")


def run_recorded(
    wish: ReextractParameters, watch: Callable[[ReextractProgress], None], stop: Stop
) -> tuple[ReextractReport, str | None]:
    """Run the flow in this process, recorded on the server of PREFECT_API_URL; give its report and its address.

    Raises what `run_reextraction` raises.
    """
    company = _Company(watch, stop)
    token = _company.set(company)
    try:
        with get_client(sync_client=True) as client:
            written = {"parameters": wish.model_dump(mode="json")}
            run = client.create_flow_run(reextract, parameters=written, state=Pending(), tags=[TAG])
            state = run_flow(reextract, flow_run=run, return_type="state")
    finally:
        _company.reset(token)
    assert isinstance(state, State)  # noqa: S101  # what a plain flow gives when it is asked for its state
    if company.report is None:
        state.result(raise_on_failure=True)
        raise RuntimeError(f"the flow run ended without a report: {state.message}")
    return company.report, company.url
