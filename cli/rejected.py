"""`khotin rejected`: captures that broke a rule, waiting for a person who releases or discards them."""

import json
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from sqlalchemy import Connection

from cli.person import who
from cli.screen import USAGE, head, out, stop
from config.settings import Settings, load_settings
from models.engine import reading, writing
from models.states import RejectedState
from pipeline.articles.record import as_record
from pipeline.articles.stored import article_from_json
from pipeline.rejects import Rule
from pipeline.warehouse import clock, query
from pipeline.warehouse.opening import Opened, open_warehouse
from pipeline.warehouse.rejected import Sought, count_rejected, decide, find_rejected, list_rejected
from pipeline.warehouse.releases import PageInHandError
from pipeline.warehouse.releases import release as load_released

app = typer.Typer(help="Captures that broke a rule and wait for a person.", no_args_is_help=True)

Ids = Annotated[list[int], typer.Argument(metavar="ID…", help="Their numbers in `khotin rejected list`.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with your name.")]


@app.command("list")
def list_(
    rule: Annotated[Rule | None, typer.Option("--rule", help="Only those that broke this rule.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only those of the source with this slug.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was released or discarded.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Most to show.")] = 50,
) -> None:
    """List what was set aside, the newest first.

    [bold]Example[/bold]

    khotin rejected list --rule repeated_body --source vnexpress
    """
    opened, _ = _open()
    sought = Sought(rule, source, None if everything else RejectedState.WAITING)
    with reading(opened.engine) as connection:
        known = query.known_slugs(connection)
        total, rows = count_rejected(connection, sought), list_rejected(connection, sought, limit)
    if source and source not in known:
        stop(f"No source is called {source!r}: the sources are {', '.join(sorted(known)) or 'none yet'}.", USAGE)
    table = Table("id", "set aside", "source", "rule", "title", "page", show_edge=False)
    for row in rows:
        rule_said = row.rule if row.state == RejectedState.WAITING else f"{row.rule} ({row.state})"
        table.add_row(str(row.id), f"{row.rejected_at:%m-%d %H:%MZ}", row.slug, rule_said, row.title or "", row.url)
    if rows:
        out.print(table)
    more = f", the last {len(rows)} are shown" if total > len(rows) else ""
    out.print(f"{total:,} {'waits' if total == 1 else 'wait'}{more}." if not everything else f"{total:,} in all{more}.")


@app.command("show")
def show(number: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]) -> None:
    """Show what was set aside: the rule and what it saw, and the article as it would be loaded, as JSON.

    [bold]Example[/bold]

    khotin rejected show 3
    """
    opened, _ = _open()
    with reading(opened.engine) as connection:
        row = _find(connection, [number])[0]
    out.print(f"{row.url} ({row.slug})", markup=False)
    out.print(f"Set aside {row.rejected_at:%Y-%m-%d %H:%MZ} by the rule {row.rule}: {row.detail}", markup=False)
    if row.decided_at is not None:
        said = f"{row.state.capitalize()} {row.decided_at:%Y-%m-%d %H:%MZ} by {row.decided_by}: {row.decided_reason}"
        out.print(said, markup=False)
    record = as_record(article_from_json(row.content["article"]), id=None, url=row.url)
    out.print(json.dumps(record, ensure_ascii=False, indent=2), markup=False)


@app.command("release")
def release(numbers: Ids, reason: Reason) -> None:
    """Load captures exactly as they would have been; their pages may break the same rule from now on.

    [bold]Example[/bold]

    khotin rejected release 3 4 --reason "the notices of this office are all alike"
    """
    opened, settings = _open()
    zone = ZoneInfo(opened.timezone)
    for number in numbers:
        with writing(opened.engine) as connection:
            row = _waiting(connection, number, reason)
            try:
                at = clock.now(connection)
                done = load_released(connection, row, who(), reason.strip(), zone, at, settings.recheck_hours)
            except PageInHandError:
                stop(f"A run has the page of {number} in hand right now; try again when it has ended.")
        article = f" as article {done.article_id}" if done.article_id is not None else ""
        out.print(f"{number}: {done.outcome}{article}{f' ({done.reason})' if done.reason else ''}.", markup=False)


@app.command("discard")
def discard(numbers: Ids, reason: Reason) -> None:
    """Decide that captures are not to be loaded; the same words are not asked about again.

    [bold]Example[/bold]

    khotin rejected discard 3 --reason "the page of a broken template"
    """
    opened, _ = _open()
    with writing(opened.engine) as connection:
        for number in numbers:
            row = _waiting(connection, number, reason)
            decide(connection, row.id, RejectedState.DISCARDED, who(), reason.strip(), clock.now(connection))
    for number in numbers:
        out.print(f"{number}: discarded.")


def _open() -> tuple[Opened, Settings]:
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    return opened, settings


def _find(connection: Connection, numbers: list[int]) -> list[Any]:
    found = {row.id: row for row in find_rejected(connection, numbers)}
    for number in numbers:
        if number not in found:
            stop(f"Nothing was set aside under the number {number}; `khotin rejected list --all` shows all.")
    return [found[number] for number in numbers]


def _waiting(connection: Connection, number: int, reason: str) -> Any:
    if not reason.strip():
        stop("Say why with --reason.", USAGE)
    row = _find(connection, [number])[0]
    if row.state != RejectedState.WAITING:
        stop(f"{number} was {row.state} already, by {row.decided_by}: {row.decided_reason}")
    return row
