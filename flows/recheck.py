"""The flow `recheck`: look again at loaded articles for edits and withdrawals, recorded on a Prefect server."""

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
from pipeline.plan import Progress, Report
from pipeline.recheck import run_recheck
from pipeline.warehouse.opening import open_warehouse


class RecheckParameters(BaseModel):
    """Which articles are looked at again."""

    model_config = ConfigDict(title="Looking again", extra="forbid")

    sources: list[str] = Field(
        default_factory=list,
        title="Sources",
        description="Slugs of the sources whose articles are looked at, such as `vnexpress`; none means all.",
    )
    limit: int = Field(
        default=1_000, ge=1, le=100_000, title="Most articles", description="The most overdue come first."
    )


@flow(
    name="recheck",
    description="Looks again at loaded articles that are due for it: edits become versions, what is gone is marked.",
    persist_result=False,
)
def recheck(
    parameters: Annotated[RecheckParameters, Field(title="Looking again")] = RecheckParameters(),
) -> State[Any]:
    """Look again at what is due.

    Args:
        parameters: Which articles are looked at again.
    """
    company = company_of_run()
    settings = load_settings()
    opened = open_warehouse(settings, creates=True)
    try:
        with Teller() as teller:

            def watch(progress: Progress) -> None:
                teller.move(progress)
                company.watch(progress)

            report = company.report = run_recheck(
                tuple(parameters.sources),
                parameters.limit,
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
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.pages.items()))
    return Completed(message=f"run {report.run_id}: {counts or 'nothing was due'}")


def run_recorded(
    parameters: RecheckParameters, watch: Callable[[Progress], None], stop: Stop
) -> tuple[Report, str | None]:
    """Run the flow in this process, recorded on the server of PREFECT_API_URL; give its report and its address.

    Raises what `run_recheck` raises.
    """
    company = record(recheck, parameters, watch, stop)
    return company.report, company.url
