"""`khotin recheck`: look again at loaded articles, for edits and withdrawals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.ending import GOES_ON, in_one_sentence
from cli.going import counted, going
from cli.recorded import recording
from cli.screen import err, head, out
from cli.stopping import stopping
from config.settings import Settings, load_settings
from flows.environment import api_url
from pipeline.ingest import Stop
from pipeline.plan import Progress, Report
from pipeline.recheck import run_recheck
from pipeline.warehouse.opening import Opened, open_warehouse

LIMIT = 1_000


def recheck(
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this source (its slug); may be given again.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Most articles to look at.")] = LIMIT,
) -> None:
    """Look again at articles that are due for it: KHOTIN_RECHECK_HOURS after they were loaded.

    What the publisher edited becomes a new version, what is gone is marked as withdrawn after a second look; the texts
    stay. Live pages come first, and servers that know that nothing has changed are asked for no more than that.

    [bold]Examples[/bold]

    khotin recheck
    khotin recheck --source vnexpress --limit 200
    """
    from cli.main import set_logging  # noqa: PLC0415  # main imports this module

    settings = load_settings()
    set_logging(settings.log_level)
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    slugs = tuple(source or ())
    try:
        with in_one_sentence():
            _say(_recorded(slugs, limit) if api_url() is not None else _run(slugs, limit, opened, settings))
    finally:
        opened.engine.dispose()


def _run(slugs: tuple[str, ...], limit: int, opened: Opened, settings: Settings) -> Report:
    wanted = Stop()
    with stopping(wanted, GOES_ON), _bar() as watch:
        return run_recheck(slugs, limit, opened.engine, settings, zone=opened.timezone, watch=watch, stop=wanted)


def _recorded(slugs: tuple[str, ...], limit: int) -> Report:
    """Run as a flow run on the Prefect server."""
    with recording("flows.recheck"):
        from flows.recheck import RecheckParameters, run_recorded  # noqa: PLC0415  # only who records waits for it

        wanted = Stop()
        with stopping(wanted, GOES_ON), _bar() as watch:
            report, url = run_recorded(RecheckParameters(sources=list(slugs), limit=limit), watch, wanted)
    err.print(f"Recorded as {url}", markup=False)
    return report


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    with going("looking again") as show:
        yield lambda progress: show(progress.pages_done, progress.pages_done + progress.in_hand, progress.outcomes)


def _say(report: Report) -> None:
    if not report.pages:
        out.print("Nothing was due to be looked at again.")
        return
    out.print(counted(f"Run {report.run_id}", "pages", report.pages))
    out.print("`khotin article show URL --diff` shows what was edited; report_withdrawn has what is gone.")
