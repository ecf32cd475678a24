"""`khotin db`: the warehouse's schema."""

import typer
from sqlalchemy.exc import DatabaseError

from cli.screen import head, out, stop
from config.settings import load_settings
from models.engine import open_engine, reading
from models.schema import HEAD, UnknownRevisionError, current_revision
from models.schema import upgrade as upgrade_schema
from pipeline.plan import is_missing

app = typer.Typer(help="The warehouse's schema.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Make the warehouse, or bring it to the schema that this khotin needs.

    [bold]Example[/bold]

    khotin db upgrade
    """
    settings = load_settings()
    head(settings)
    try:
        before, after = upgrade_schema(open_engine(settings.warehouse_url))
    except (DatabaseError, OSError, UnknownRevisionError) as error:
        stop(f"The warehouse cannot be upgraded: {getattr(error, 'orig', error)}.")
    out.print(f"Already at schema {after}." if before == after else f"Schema {before or 'none'} → {after}.")


@app.command("current")
def current() -> None:
    """Say which schema the warehouse has, and which this khotin needs.

    [bold]Example[/bold]

    khotin db current
    """
    settings = load_settings()
    head(settings)
    if is_missing(settings):
        stop("There is no warehouse yet: `khotin run` or `khotin db upgrade` makes it.")
    try:
        with reading(open_engine(settings.warehouse_url)) as connection:
            revision = current_revision(connection)
    except DatabaseError as error:
        stop(f"The warehouse cannot be read: {error.orig}.")
    advice = "" if revision == HEAD else "; type `khotin db upgrade`"
    out.print(f"Schema {revision or 'none'}; this khotin needs {HEAD}{advice}.")
