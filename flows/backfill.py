"""The flow `backfill`: history from sitemaps, feeds, archives, lists and files, recorded on a Prefect server."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config.feeds_file import read_feeds_file, seed_feeds_file
from config.settings import load_settings
from flows.artifacts import Teller
from flows.recorded import as_task, company_of_run, record
from pipeline.backfill.asked import Asked
from pipeline.backfill.prepare import prepare
from pipeline.backfill.run import BackfillProgress, BackfillReport, run_backfill
from pipeline.backfill.wish import BackfillKind
from pipeline.ingest import Stop
from pipeline.warehouse.opening import open_warehouse


class BackfillParameters(BaseModel):
    """What history is asked for."""

    model_config = ConfigDict(title="Backfill", extra="forbid")

    kind: BackfillKind = Field(
        title="Where from",
        description="sitemap, feed, warc, urls or files; files and lists are on the worker's machine.",
    )
    targets: list[str] = Field(
        min_length=1,
        title="Targets",
        description="Sites or sitemaps, sources or feeds, WARC files, lists of addresses, or saved pages.",
    )
    since: str | None = Field(
        default=None, title="Since", description="Published on or after this day (2026-03-01), instant, or 30d ago."
    )
    until: str | None = Field(default=None, title="Until", description="Published before this day or instant.")
    source: str | None = Field(default=None, title="Source", description="The slug of the source that is meant.")
    limit: int | None = Field(default=None, ge=1, title="Most pages", description="At most so many pages.")
    language: str | None = Field(default=None, title="Language", description="Only this language (BCP 47).")
    domains: list[str] = Field(
        default_factory=list, title="Domains", description="WARC only: these domains, or * for every one."
    )
    published: str | None = Field(
        default=None, title="Published", description="Files only: when all of them were published (ISO 8601)."
    )

    @classmethod
    def of(cls, asked: Asked) -> "BackfillParameters":
        """Give the parameters for what was typed."""
        return cls(
            kind=asked.kind,
            targets=list(asked.targets),
            since=asked.since,
            until=asked.until,
            source=asked.source,
            limit=asked.limit,
            language=asked.language,
            domains=list(asked.domains),
            published=asked.published,
        )

    def asked(self) -> Asked:
        """Give what is asked for."""
        return Asked(
            self.kind,
            tuple(self.targets),
            self.since,
            self.until,
            self.source,
            self.limit,
            self.language,
            tuple(self.domains),
            self.published,
        )


@flow(
    name="backfill",
    description="Loads history: the same steps as live ingestion, behind it, from sitemaps, feeds, archives and lists.",
    persist_result=False,
)
def backfill(parameters: Annotated[BackfillParameters, Field(title="Backfill")]) -> State[Any]:
    """Run one backfill, or go on with it.

    Args:
        parameters: What history is asked for.
    """
    company = company_of_run()
    settings = load_settings()
    seed_feeds_file(settings.feeds)
    opened = open_warehouse(settings, creates=True)
    try:
        wish = parameters.asked().wish(ZoneInfo(opened.timezone))
        ready = prepare(wish, opened.engine, settings, read_feeds_file(settings.feeds))
        with Teller("backfill-progress") as teller:

            def watch(progress: BackfillProgress) -> None:
                left = progress.total - progress.work.pages_done
                teller.move(replace(progress.work, in_hand=max(0, left)), progress.words)
                company.watch(progress)

            report = company.report = run_backfill(
                ready.wish,
                ready.queuer,
                opened.engine,
                settings,
                zone=opened.timezone,
                source_id=ready.source_id,
                step=as_task,
                watch=watch,
                stop=company.stop,
                flow_run_id=flow_run.id,
            )
    finally:
        opened.engine.dispose()
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.outcomes.items()))
    return Completed(
        message=f"backfill {report.backfill_id}: {outcomes or 'nothing loaded'}; {report.waiting} pages wait"
    )


def run_recorded(
    parameters: BackfillParameters, watch: Callable[[BackfillProgress], None], stop: Stop
) -> tuple[BackfillReport, str | None]:
    """Run the flow in this process, recorded on the server of PREFECT_API_URL; give its report and its address.

    Raises what `run_backfill` and `prepare` raise.
    """
    company = record(backfill, parameters, watch, stop)
    return company.report, company.url
