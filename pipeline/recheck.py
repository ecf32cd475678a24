"""One recheck: loaded articles that are due for it are looked at again, in the usual loop."""

from collections.abc import Callable

from sqlalchemy import Engine

from config.settings import Settings
from models.engine import reading
from pipeline.backfill.wish import WishError
from pipeline.ingest import Step, Stop, call, ingest
from pipeline.plan import Plan, Progress, Report, check_contact_for
from pipeline.warehouse import query


def run_recheck(
    slugs: tuple[str, ...],
    limit: int,
    engine: Engine,
    settings: Settings,
    *,
    zone: str,
    step: Step = call,
    watch: Callable[[Progress], None] = lambda _progress: None,
    stop: Stop | None = None,
    flow_run_id: str | None = None,
) -> Report:
    """Look again at up to `limit` articles of some sources (of all when there are no `slugs`).

    Raises WishError and SettingsError, each with one sentence, and what `pipeline.ingest.ingest` raises.
    """
    with reading(engine) as connection:
        known = query.known_slugs(connection)
        followed = [feed.url for feed in query.list_feeds(connection)]
    for slug in slugs:
        if slug not in known:
            raise WishError(f"No source is called {slug!r}: the sources are {', '.join(sorted(known)) or 'none yet'}.")
    check_contact_for(followed, settings)
    plan = Plan(None, slugs, flow_run_id=flow_run_id, rechecks=limit)
    return ingest(plan, engine, settings, zone=zone, step=step, watch=watch, stop=stop)
