"""The flow `reextract`: today's extractor over the captures of our own archive, recorded on a Prefect server."""

from collections.abc import Callable
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config.settings import load_settings
from flows.artifacts import Teller
from flows.recorded import as_task, company_of_run, record
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
    company = company_of_run()
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
                step=as_task,
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
    company = record(reextract, wish, watch, stop)
    return company.report, company.url
