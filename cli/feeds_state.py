"""`khotin feeds pause`, `resume` and `reset`: what a person orders for feeds, with who and why."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli.person import who
from cli.screen import head, out, stop
from config.settings import load_settings
from models.engine import writing
from pipeline.warehouse import orders
from pipeline.warehouse.opening import open_warehouse

Name = Annotated[str, typer.Argument(metavar="SLUG|URL", help="A source's slug (all its feeds) or a feed's address.")]
Why = Annotated[str | None, typer.Option("--why", help="Why, for whoever asks later.")]


def pause(name: Name, why: Why = None) -> None:
    """Poll a feed, or all feeds of a source, no more until it is resumed.

    [bold]Example[/bold]

    khotin feeds pause https://example.com/rss --why "their editor asked for a break until Monday"
    """
    _order(name, why, orders.pause, "paused")


def resume(name: Name, why: Why = None) -> None:
    """Poll a paused feed again, from the next run on; also one that was gone (410).

    [bold]Example[/bold]

    khotin feeds resume vnexpress
    """
    _order(name, why, orders.resume, "resumed, due now")


def reset(name: Name, why: Why = None) -> None:
    """Forget what was learnt of a feed (validators, rhythm, its move, failures) and poll it at the next run.

    Its entries and articles stay.

    [bold]Example[/bold]

    khotin feeds reset https://example.com/rss --why "new server"
    """
    _order(name, why, orders.reset, "reset, due now")


Order = Callable[[Connection, Sequence[int], str, str | None], None]


def _order(name: str, why: str | None, order: Order, done: str) -> None:
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with writing(opened.engine) as connection:
        found = orders.find_feeds(connection, name)
        order(connection, [feed.id for feed in found], who(), why)
    if not found:
        stop(f"No feed or source is called {name!r}: `khotin feeds list` shows all that were applied by a run.")
    for feed in found:
        out.print(f"{feed.url} ({feed.slug}): {done}.", markup=False)
