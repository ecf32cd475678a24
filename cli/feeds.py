"""`khotin feeds`: what is followed, what is wrong with the feeds file, and what a feed would bring."""

from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from cli.feeds_edit import FeedsOption, add, export_opml, import_opml, remove
from cli.feeds_parse import parse
from cli.feeds_state import pause, reset, resume
from cli.feeds_try import try_place
from cli.screen import CANNOT_START, err, feeds_file_in_use, head, out, stop
from config.feeds_file import FeedsFile, FeedsFileError, read_feeds_file
from config.settings import Settings, load_settings
from models.engine import reading
from models.states import FeedState
from pipeline.plan import is_missing
from pipeline.warehouse import query
from pipeline.warehouse.opening import open_warehouse

app = typer.Typer(help="The feeds that are followed.", no_args_is_help=True)

app.command("add")(add)
app.command("remove")(remove)
app.command("import")(import_opml)
app.command("export")(export_opml)
app.command("pause")(pause)
app.command("resume")(resume)
app.command("reset")(reset)
app.command("parse")(parse)
app.command("try")(try_place)


@app.command("list")
def list_feeds(feeds: FeedsOption = None) -> None:
    """List every feed of the feeds file with its state in the warehouse.

    [bold]Example[/bold]

    khotin feeds list
    """
    settings, wish = _wish(feeds)
    head(settings)
    out.print(f"Feeds file {settings.feeds}", style="dim", markup=False)
    states = _states(settings)
    table = Table("source", "feed", "state", "last poll", "outcome", "next poll", show_edge=False)
    for source in wish.sources:
        for feed in source.feeds:
            row = states.pop(feed.url, None)
            table.add_row(row.slug if row else source.slug or source.derived_slug, feed.url, *_state(row))
    for url, row in states.items():
        table.add_row(row.slug, url, *_state(row))
    out.print(table)


@app.command("check")
def check(feeds: FeedsOption = None) -> None:
    """Check the feeds file, and name every mistake with its line.

    [bold]Example[/bold]

    khotin feeds check --feeds my-feeds.yaml
    """
    try:
        settings, wish = _wish(feeds)
    except FeedsFileError as error:
        for mistake in error.mistakes:
            line = f"line {mistake.line}: " if mistake.line else ""
            out.print(f"{error.path}: {line}{mistake.message}", markup=False)
        count = len(error.mistakes)
        err.print(f"{count} mistake{'s' if count > 1 else ''}.", markup=False)
        raise typer.Exit(CANNOT_START) from None
    head(settings)
    count = sum(len(source.feeds) for source in wish.sources)
    out.print(f"{settings.feeds}: {len(wish.sources)} sources, {count} feeds, no mistakes.", markup=False)


def _wish(feeds: Path | None) -> tuple[Settings, FeedsFile]:
    settings = load_settings(**({"feeds": feeds} if feeds else {}))
    if feeds and not feeds.exists():
        stop(f"There is no feeds file at {feeds}.")
    settings = settings.model_copy(update={"feeds": feeds_file_in_use(settings.feeds)})
    return settings, read_feeds_file(settings.feeds)


def _states(settings: Settings) -> dict[str, Any]:
    if is_missing(settings):
        return {}
    with reading(open_warehouse(settings).engine) as connection:
        return {row.url: row for row in query.list_feeds(connection)}


def _state(row: Any | None) -> tuple[str, str, str, str]:
    if row is None:
        return "not applied yet", "never", "", "at the next run"
    state = f"{row.state} by {row.state_by}{f': {row.state_reason}' if row.state_reason else ''}"
    polled = f"{row.last_polled_at:%m-%d %H:%MZ}" if row.last_polled_at else "never"
    outcome = f"{row.last_outcome or ''}{f': {row.last_reason}' if row.last_reason else ''}"
    due = f"{row.next_poll_at:%m-%d %H:%MZ}" if row.state == FeedState.ACTIVE else ""
    return state if row.state_by and row.state != FeedState.ACTIVE else row.state, polled, outcome, due
