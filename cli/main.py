"""The command `khotin`: every subcommand, and one sentence instead of a traceback for a person's mistakes."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.logging import RichHandler
from sqlalchemy.exc import InterfaceError, OperationalError

from cli import (
    article,
    backfill,
    db,
    deploy,
    export,
    extract,
    feeds,
    pages,
    recheck,
    reextract,
    rejected,
    run,
    search,
    show,
    story,
    topics,
    up,
)
from cli.screen import CANNOT_START, err
from config.feeds_file import FeedsFileError
from config.settings import SettingsError
from pipeline.warehouse.place import WarehouseError, detail_of

app = typer.Typer(
    name="khotin",
    help="Scheduled news ingestion that people trust: feeds in, clean articles in a SQL warehouse.",
    epilog="New here? Type: khotin run --demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("run")(run.run)
app.command("recheck")(recheck.recheck)
app.command("reextract")(reextract.reextract)
app.command("up")(up.up)
app.command("deploy")(deploy.deploy)
app.command("extract")(extract.extract)
app.command("why")(show.why)
app.command("search", context_settings={"ignore_unknown_options": True})(search.search)
app.command("export")(export.export)
app.command("story")(story.story)
app.command("status")(show.status)
app.command("config")(show.config)
app.add_typer(feeds.app, name="feeds")
app.add_typer(pages.app, name="pages")
app.add_typer(article.app, name="article")
app.add_typer(rejected.app, name="rejected")
app.add_typer(topics.app, name="topics")
app.add_typer(db.app, name="db")
app.add_typer(backfill.app, name="backfill")


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
