"""`khotin db`: the warehouse's schema, its backups, and its way to another database."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from cli.screen import CANNOT_START, err, head, out, stop
from config.settings import Settings, load_settings
from models.engine import open_engine, reading, write
from models.schema import HEAD, current_revision
from pipeline.verify import Verdict, compare_files, verify
from pipeline.warehouse.analysts import STATEMENT_SECONDS, AdministratorNeededError, grant_analyst, revoke_analyst
from pipeline.warehouse.backup import back_up
from pipeline.warehouse.backup import restore as restore_backup
from pipeline.warehouse.copy import copy_warehouse
from pipeline.warehouse.opening import bring_to_head, check_revision, open_warehouse, opening
from pipeline.warehouse.place import detail_of, is_embedded, is_missing, warehouse_name
from pipeline.warehouse.server import check_server, may_create, sql_for_administrator

app = typer.Typer(help="The warehouse: its schema, backups, and its way to another database.", no_args_is_help=True)

T = TypeVar("T")

MOST_LINES = 20
"""How many lost captures and unknown files are named; the rest is counted."""


@app.command("upgrade")
def upgrade() -> None:
    """Make the warehouse, or bring it to the schema that this khotin needs.

    [bold]Example[/bold]

    khotin db upgrade
    """
    settings = load_settings()
    head(settings)
    url = settings.warehouse_url
    engine = open_engine(url)
    is_connected = False
    try:
        with reading(engine) as connection:
            is_connected = True
            check_server(connection)
            revision = current_revision(connection)
            is_allowed = revision == HEAD or may_create(connection)
        check_revision(revision, url, may_upgrade=True)
        if not is_allowed:
            _ask_administrator(url, "this role may not make tables there", may_connect=True)
        before, kept = bring_to_head(engine)
    except (DatabaseError, OSError) as error:
        if is_embedded(url) or is_connected:
            stop(f"The warehouse cannot be upgraded: {detail_of(error)}.")
        _ask_administrator(url, detail_of(error), may_connect=False)
    finally:
        engine.dispose()
    if kept is not None:
        out.print(f"The warehouse as it was is kept at {kept}.", markup=False)
    out.print(f"Already at schema {HEAD}." if before == HEAD else f"Schema {before or 'none'} → {HEAD}.", markup=False)


def _ask_administrator(url: str, detail: str, *, may_connect: bool) -> NoReturn:
    missing = "The rights are" if may_connect else "If the role or the database is"
    given = "given" if may_connect else "made"
    lines = "\n".join(f"    {line}" for line in sql_for_administrator(url, may_connect=may_connect))
    stop(
        f"The warehouse {warehouse_name(url)} cannot be used: {detail}.\n"
        f"{missing} missing, {'and' if may_connect else 'it is'} {given} by an administrator, in psql:\n{lines}\n"
        "Then type `khotin db upgrade` again."
    )


@app.command("current")
def current() -> None:
    """Say which schema the warehouse has, and which this khotin needs.

    [bold]Example[/bold]

    khotin db current
    """
    settings = load_settings()
    head(settings)
    if is_missing(settings.warehouse_url):
        stop("There is no warehouse yet: `khotin run` or `khotin db upgrade` makes it.")
    with opening(settings.warehouse_url) as engine, reading(engine) as connection:
        revision = current_revision(connection)
    advice = "" if revision == HEAD else "; type `khotin db upgrade`"
    out.print(f"Schema {revision or 'none'}; this khotin needs {HEAD}{advice}.")


@app.command("copy")
def copy(
    to: Annotated[str, typer.Option("--to", help="The other database: sqlite:///FILE or postgresql://…; empty.")],
) -> None:
    """Copy the warehouse into another, empty database; started again after an interruption, it goes on.

    [bold]Examples[/bold]

    khotin db copy --to postgresql://khotin:PASSWORD@localhost/khotin

    khotin db copy --to sqlite:////srv/news/khotin.db
    """
    settings, other = load_settings(), load_settings(database_url=to)
    head(settings)
    if other.warehouse_url == settings.warehouse_url:
        stop("--to is this very warehouse: give another database.")
    open_warehouse(settings).engine.dispose()  # refuses what cannot be copied
    with opening(settings.warehouse_url) as source, opening(other.warehouse_url) as target, _spinner() as bar:
        task = bar.add_task("copying", total=None)
        sums = copy_warehouse(
            source, target, lambda table, rows: bar.update(task, description=f"copying {table}: {rows:,} rows")
        )
    rows = sum(one.rows for one in sums.values())
    out.print(f"Copied {rows:,} rows of {len(sums)} tables; counts and contents are equal on both sides.")
    out.print("The archive stays where it is. To use the copy from now on, set:", markup=False)
    out.print(f"    KHOTIN_DATABASE_URL={warehouse_name(other.database_url)}", markup=False)


@app.command("backup")
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; default: backups/ in the data folder.")
    ] = None,
) -> None:
    """Back the warehouse up into one file, while runs may go on, with the list of the archive's files.

    [bold]Examples[/bold]

    khotin db backup

    khotin db backup /mnt/backups/monday.zip
    """
    settings = load_settings()
    head(settings)
    if is_missing(settings.warehouse_url):
        stop("There is no warehouse yet: `khotin run` makes it.")
    file = file or settings.data_dir / "backups" / f"khotin-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    try:
        manifest = back_up(settings.warehouse_url, file)
    except OSError as error:
        stop(f"The backup cannot be written: {error}.")
    rows = sum(manifest.tables.values())
    out.print(f"Backed {rows:,} rows up into {file} ({file.stat().st_size:,} bytes).", markup=False)
    out.print(
        f"The archive's {len(manifest.archives)} files ({sum(one.size for one in manifest.archives):,} bytes) are "
        f"listed in it, not copied: copy {settings.data_dir / 'archive'} after it.",
        markup=False,
    )


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `khotin db backup` wrote.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the warehouse that is there.")] = False,
) -> None:
    """Put a backup in the place of the warehouse, and say how the archive's files differ from it.

    [bold]Example[/bold]

    khotin db restore /mnt/backups/monday.zip
    """
    settings = load_settings()
    head(settings)
    try:
        manifest, kept = restore_backup(settings.warehouse_url, file, overwrites=overwrite)
    except OSError as error:
        stop(f"The backup cannot be restored: {error}.")
    out.print(f"Restored {sum(manifest.tables.values()):,} rows as of {manifest.created_at}.", markup=False)
    if kept is not None:
        out.print(f"The warehouse that was there is kept at {kept}.", markup=False)
    with opening(settings.warehouse_url) as engine, reading(engine) as connection:
        missing, unknown = compare_files(connection, settings.data_dir)
    _say_some("Archive files that the warehouse knows and that are gone", missing)
    _say_some("Archive files newer than the warehouse (they stay)", unknown)
    out.print("Next: `khotin db verify` reads every capture back.")


@app.command("grant-analyst")
def grant(
    name: Annotated[str, typer.Argument(help="The analyst's role in PostgreSQL; made when it is not there.")],
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Without texts: no bodies, no differences of versions, no search.")
    ] = False,
) -> None:
    """Let an analyst read the report views on PostgreSQL, and nothing else; again with other options, at any time.

    [bold]Examples[/bold]

    khotin db grant-analyst metabase

    khotin db grant-analyst mai --no-text
    """
    settings = load_settings()
    head(settings)
    given = _change_analysts(settings, lambda connection: grant_analyst(connection, name, reads_texts=not no_text))
    out.print(
        f"{name} reads the report views{' without texts' if no_text else ''}, writes in the schema {given.scratch}, "
        f"and is cut off after {STATEMENT_SECONDS} seconds a statement.",
        markup=False,
    )
    if given.password is not None:
        out.print(f"The role is new; its password is shown only now: {given.password}", markup=False)


@app.command("revoke-analyst")
def revoke(name: Annotated[str, typer.Argument(help="The analyst's role in PostgreSQL.")]) -> None:
    """Take an analyst's rights on the report views; the role stays, for it may be known elsewhere.

    [bold]Example[/bold]

    khotin db revoke-analyst mai
    """
    settings = load_settings()
    head(settings)
    left = _change_analysts(settings, lambda connection: revoke_analyst(connection, name))
    out.print(f"{name} reads nothing here any more.", markup=False)
    if left:
        out.print(f"The schema scratch_{name} stays: it holds {left} tables and views of theirs.", markup=False)


def _change_analysts(settings: Settings, work: Callable[[Connection], T]) -> T:
    if is_embedded(settings.warehouse_url):
        stop(
            f"The warehouse is a file: who may read {warehouse_name(settings.warehouse_url)} reads all of it. "
            "Analysts with rights of their own need PostgreSQL: `khotin db copy`."
        )
    opened = open_warehouse(settings)
    try:
        return write(opened.engine, work)
    except AdministratorNeededError as error:
        lines = "\n".join(f"    {line}" for line in error.statements)
        stop(
            f"khotin's role may not do this: {error}.\n"
            f"An administrator types, in psql:\n{lines}\nThen type the same command again."
        )
    except DatabaseError as error:
        stop(f"The database refuses: {detail_of(error)}.")
    finally:
        opened.engine.dispose()


@app.command("verify")
def check() -> None:
    """Read every capture of the archive back and compare files, digests and counts with the warehouse.

    [bold]Example[/bold]

    khotin db verify

    Exit code: 0 everything is there, 1 something is missing or damaged.
    """
    settings = load_settings()
    head(settings)
    verdict = _verify(settings)
    rows = sum(verdict.tables.values())
    out.print(f"{rows:,} rows in {len(verdict.tables)} tables; {verdict.captures:,} captures read back.")
    _say_some("Wrong in the warehouse", verdict.problems)
    _say_some("Archive files that are gone", verdict.missing_files)
    lost = [f"fetch {one.fetch_id} of {one.url}: {one.reason}" for one in verdict.lost]
    _say_some("Captures that are gone (their articles stay; a page that is not extracted yet is fetched again)", lost)
    _say_some("Archive files newer than the warehouse (they do no harm)", verdict.unknown_files)
    if not verdict.is_sound:
        raise typer.Exit(CANNOT_START)
    out.print("Everything is there.")


def _verify(settings: Settings) -> Verdict:
    open_warehouse(settings).engine.dispose()  # refuses what cannot be verified
    with _spinner() as bar, opening(settings.warehouse_url) as engine, reading(engine) as connection:
        task = bar.add_task("verifying", total=None)
        return verify(
            connection,
            settings.data_dir,
            lambda captures: bar.update(task, description=f"{captures:,} captures read back"),
        )


def _say_some(title: str, lines: list[str]) -> None:
    if not lines:
        return
    out.print(f"{title}: {len(lines):,}", markup=False)
    for line in lines[:MOST_LINES]:
        out.print(f"    {line}", markup=False)
    if len(lines) > MOST_LINES:
        out.print(f"    and {len(lines) - MOST_LINES:,} more", markup=False)


def _spinner() -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True)
