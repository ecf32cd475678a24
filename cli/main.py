"""The command `khotin`: every subcommand, and one sentence instead of a traceback for a person's mistakes."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.logging import RichHandler
from sqlalchemy.exc import InterfaceError, OperationalError

from cli.lazy import Place, lazy_group
from cli.screen import CANNOT_START, err
from config.feeds_file import FeedsFileError
from config.settings import SettingsError
from pipeline.warehouse.place import WarehouseError, detail_of

COMMANDS = {
    "run": Place("cli.run", "run"),
    "recheck": Place("cli.recheck", "recheck"),
    "reextract": Place("cli.reextract", "reextract"),
    "up": Place("cli.up", "up"),
    "deploy": Place("cli.deploy", "deploy"),
    "extract": Place("cli.extract", "extract"),
    "why": Place("cli.show", "why"),
    "search": Place("cli.search", "search", takes_unknown_options=True),
    "export": Place("cli.export", "export"),
    "story": Place("cli.story", "story"),
    "status": Place("cli.show", "status"),
    "config": Place("cli.show", "config"),
    "feeds": Place("cli.feeds"),
    "pages": Place("cli.pages"),
    "article": Place("cli.article"),
    "rejected": Place("cli.rejected"),
    "topics": Place("cli.topics"),
    "db": Place("cli.db"),
    "backfill": Place("cli.backfill"),
}
"""Every subcommand, as `khotin --help` lists them."""

_LOOKS: dict[str, Any] = {"rich_markup_mode": "rich", "pretty_exceptions_enable": False, "add_completion": False}

app = typer.Typer(
    name="khotin",
    cls=lazy_group(COMMANDS, **_LOOKS),
    help="Scheduled news ingestion that people trust: feeds in, clean articles in a SQL warehouse.",
    epilog="New here? Type: khotin run --demo",
    no_args_is_help=True,
    **_LOOKS,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"khotin {version('khotin')}")
        raise typer.Exit


@app.callback()
def _khotin(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which khotin this is.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


def set_logging(level: str) -> None:
    """Send log lines to stderr, through the console that draws the progress."""
    handler = RichHandler(console=err, show_path=False, markup=False, log_time_format="%H:%M:%S")
    handler.setLevel(level)  # Prefect's loggers have levels of their own, whatever the root's is
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler])


def main() -> None:
    """Run the command line; mistakes of a person end with one sentence and a non-zero code."""
    try:
        app()
    except (SettingsError, FeedsFileError, WarehouseError) as error:
        err.print(str(error), markup=False)
        sys.exit(CANNOT_START)
    except (OperationalError, InterfaceError) as error:
        err.print(f"The warehouse failed: {detail_of(error)}. What was committed stays; try again.", markup=False)
        sys.exit(CANNOT_START)
    except BrokenPipeError:
        # Whoever read our output has enough (`khotin … | head`).
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
