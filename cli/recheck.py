"""`khotin recheck`: look again at loaded articles, for edits and withdrawals."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.exc import OperationalError

from cli.screen import USAGE, err, head, out, stop
from cli.stopping import stopping
from config.settings import load_settings
from models.engine import reading
from pipeline.ingest import Stop, ingest
from pipeline.plan import Plan, check_contact_for
from pipeline.warehouse import query
from pipeline.warehouse.lease import LeaseLostError
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.place import detail_of

GOES_ON = "What was committed stays; `khotin recheck` goes on."
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
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    slugs = tuple(source or ())
    with reading(opened.engine) as connection:
        known = query.known_slugs(connection)
        followed = [feed.url for feed in query.list_feeds(connection)]
    for slug in slugs:
        if slug not in known:
            stop(f"No source is called {slug!r}: the sources are {', '.join(sorted(known)) or 'none yet'}.", USAGE)
    check_contact_for(followed, settings)
    wanted = Stop()
    with stopping(wanted, GOES_ON), err.status("looking again"):
        try:
            plan = Plan(None, slugs, rechecks=limit)
            report = ingest(plan, opened.engine, settings, zone=opened.timezone, stop=wanted)
        except OperationalError as error:
            stop(f"The database failed: {detail_of(error)}. {GOES_ON}")
        except LeaseLostError as error:
            stop(f"This run ends here: {error}. {GOES_ON}")
        except OSError as error:
            stop(f"The archive cannot be written: {error}. {GOES_ON}")
    if not report.pages:
        out.print("Nothing was due to be looked at again.")
        return
    table = Table("outcome", "pages", title=f"Run {report.run_id}", title_justify="left", show_edge=False)
    for outcome, count in sorted(report.pages.items(), key=lambda item: -item[1]):
        table.add_row(outcome, f"{count:,}")
    out.print(table)
    out.print("`khotin article show URL --diff` shows what was edited; report_withdrawn has what is gone.")
