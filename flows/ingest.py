"""The flow `ingest`: one run of the loop, recorded on a Prefect server with one task a batch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import BaseModel, ConfigDict, Field

from config.feeds_file import read_feeds_file, seed_feeds_file
from config.settings import Settings, SettingsError, load_settings
from flows.artifacts import Teller, show_outcomes
from flows.recorded import Company, as_task, company_of_run, record
from models.engine import reading
from pipeline import ingest as loop
from pipeline.plan import Plan, Progress, Report, check_contact
from pipeline.warehouse import query
from pipeline.warehouse.opening import open_warehouse


class IngestParameters(BaseModel):
    """What one run of ingestion is asked to do."""

    model_config = ConfigDict(title="Ingestion", extra="forbid")

    sources: list[str] = Field(
        default_factory=list,
        title="Sources",
        description="Slugs of the sources to poll, such as `vnexpress`; none means all.",
    )
    ignore_schedule: bool = Field(
        default=False, title="Ignore the schedule", description="Poll every feed now, whether it is due or not."
    )
    feeds: Path | None = Field(
        default=None,
        title="Feeds file",
        description="A feeds file to use instead of the one in the settings: a path on the worker's machine.",
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run, and the address of its flow run in Prefect's pages."""

    report: Report
    url: str | None


@flow(
    name="ingest",
    description="Polls the feeds that are due, fetches their new pages, and loads the articles into the warehouse.",
    persist_result=False,
)
def ingest(parameters: Annotated[IngestParameters, Field(title="Ingestion")] = IngestParameters()) -> State[Any]:
    """Run one ingestion.

    Args:
        parameters: What this run is asked to do.
    """
    company = company_of_run()
    settings = load_settings(**({"feeds": parameters.feeds} if parameters.feeds else {}))
    if parameters.feeds is None:
        seed_feeds_file(settings.feeds)
    wish = read_feeds_file(settings.feeds)
    slugs = tuple(parameters.sources)
    check_contact(wish, slugs, settings)
    plan = Plan(wish, slugs, parameters.ignore_schedule, flow_run_id=flow_run.id)
    report = company.report = _ingest(plan, settings, company)
    return _final_state(report)


def _ingest(plan: Plan, settings: Settings, company: Company) -> Report:
    opened = open_warehouse(settings, creates=True)
    try:
        with reading(opened.engine) as connection:
            _check_sources(plan, query.known_slugs(connection))
        with Teller() as teller:

            def watch(progress: Progress) -> None:
                teller.move(progress)
                company.watch(progress)

            report = loop.ingest(
                plan,
                opened.engine,
                settings,
                zone=opened.timezone,
                step=as_task,
                watch=watch,
                stop=company.stop,
            )
        show_outcomes(opened.engine, report)
        return report
    finally:
        opened.engine.dispose()


def _check_sources(plan: Plan, known: list[str]) -> None:
    wished = [source.slug or source.derived_slug for source in plan.feeds_file.sources] if plan.feeds_file else []
    for slug in plan.source_slugs:
        if slug not in {*known, *wished}:
            raise SettingsError(
                f"No source is called {slug!r}: the sources are {', '.join(sorted({*known, *wished}))}."
            )


def _final_state(report: Report) -> State[Any]:
    """Say in one line how the run went; a run whose every feed failed has failed."""
    counts = [f"{count} {outcome}" for outcome, count in sorted(report.entries.items())]
    words = f"run {report.run_id}: {report.feeds_polled} feeds polled, {report.feeds_failed} failed"
    message = "; ".join([words, ", ".join(counts) or "no new entries"])
    if report.feeds_polled and report.feeds_failed == report.feeds_polled:
        return Failed(message=message)
    return Completed(message=message)


def run_recorded(parameters: IngestParameters, watch: Callable[[Progress], None], stop: loop.Stop) -> Recorded:
    """Run the flow in this process, recorded on the server of PREFECT_API_URL.

    Raises what the loop raises, and FeedsFileError, SettingsError and WarehouseError.
    """
    company = record(ingest, parameters, watch, stop)
    return Recorded(company.report, company.url)
