"""`khotin why`, `khotin status` and `khotin config`: looking, without changing anything."""

from typing import Annotated

import typer
from rich.table import Table

from cli.screen import head, out
from config.settings import explain_settings, load_settings
from models.engine import reading
from pipeline.health.why import explain
from pipeline.warehouse import query
from pipeline.warehouse.opening import open_warehouse


def why(url: Annotated[str, typer.Argument(help="An article's or a feed's address.")]) -> None:
    """Tell, from feed to article, why an address is in the warehouse or not, and what to type next.

    [bold]Example[/bold]

    khotin why https://vnexpress.net/an-article-4871234.html
    """
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with reading(opened.engine) as connection:
        for sentence in explain(connection, url):
            out.print(sentence, markup=False)


def status() -> None:
    """Show the warehouse at a glance: sources, feeds, articles, what waits, and the last run.

    [bold]Example[/bold]

    khotin status
    """
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with reading(opened.engine) as connection:
        found = query.status(connection)
    feeds = ", ".join(f"{count} {state}" for state, count in sorted(found.feeds.items())) or "none"
    table = Table(show_header=False, show_edge=False, box=None)
    table.add_row("sources", str(found.sources))
    table.add_row("feeds", feeds)
    table.add_row("articles", f"{found.articles:,}")
    table.add_row("pages waiting", f"{found.waiting:,}")
    table.add_row("last poll", f"{found.last_poll_at:%Y-%m-%d %H:%M:%SZ}" if found.last_poll_at else "never")
    run = found.last_run
    if run is not None:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.counts.get("entries", {}).items()))
        table.add_row("last run", f"{run.id}: {run.state}, began {run.started_at:%Y-%m-%d %H:%M:%SZ}")
        table.add_row("its entries", counts or "none")
    out.print(table)


def config() -> None:
    """Show every setting, its value and where it came from.

    [bold]Example[/bold]

    khotin config
    """
    settings = load_settings()
    head(settings)
    table = Table("setting", show_edge=False)
    table.add_column("value", overflow="fold")
    table.add_column("from")
    for row in explain_settings(settings):
        table.add_row(row.env_name, row.value, row.origin)
    out.print(table)
