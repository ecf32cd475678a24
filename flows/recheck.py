"""The flow `recheck`: look again at loaded articles for edits and withdrawals, recorded on a Prefect server."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict, Field

from config.settings import SettingsError, load_settings
from flows.artifacts import Teller
from flows.recorded import as_task
from models.engine import reading
from pipeline.ingest import ingest
from pipeline.plan import Plan, check_contact_for
from pipeline.warehouse import query
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
    settings = load_settings()
    opened = open_warehouse(settings, creates=True)
    try:
        with reading(opened.engine) as connection:
            known = query.known_slugs(connection)
            followed = [feed.url for feed in query.list_feeds(connection)]
        for slug in parameters.sources:
            if slug not in known:
                raise SettingsError(f"No source is called {slug!r}: the sources are {', '.join(sorted(known))}.")
        check_contact_for(followed, settings)
        plan = Plan(None, tuple(parameters.sources), flow_run_id=flow_run.id, rechecks=parameters.limit)
        with Teller() as teller:
            report = ingest(plan, opened.engine, settings, zone=opened.timezone, step=as_task, watch=teller.move)
    finally:
        opened.engine.dispose()
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.pages.items()))
    return Completed(message=f"run {report.run_id}: {counts or 'nothing was due'}")
