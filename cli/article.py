"""`khotin article`: all about one article, and what a person decides about it: correct, remove."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from cli.article_page import show_diffs, show_facts, show_versions
from cli.person import who
from cli.screen import USAGE, head, out, stop
from config.settings import load_settings
from models.engine import reading, writing
from pipeline.warehouse import clock, curation
from pipeline.warehouse.corrections import DUPLICATE_OF
from pipeline.warehouse.curation import CORRECTABLE, CorrectionError, parse_value
from pipeline.warehouse.dossier import find_article, find_tombstone, open_dossier
from pipeline.warehouse.opening import Opened, open_warehouse
from pipeline.warehouse.removals import remove as remove_article

app = typer.Typer(help="One article: what is known of it, its versions, corrections, removal.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="URL|UID|ID", help="An address of the article, its uid or article_id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with your name.")]


@app.command("show")
def show(
    name: Name,
    versions: Annotated[bool, typer.Option("--versions", help="Only the table of its versions.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="What each version changed, word by word.")] = False,
) -> None:
    """Show an article: its values and what said them, addresses, story, corrections, versions.

    [bold]Examples[/bold]

    khotin article show https://vnexpress.net/an-article-4871234.html
    khotin article show 41 --diff
    """
    opened = _open()
    with reading(opened.engine) as connection:
        dossier = open_dossier(connection, _find(connection, name))
    if not (versions or diff):
        show_facts(dossier)
    if versions or not diff:
        show_versions(dossier)
    if diff:
        show_diffs(dossier)


@app.command("correct")
def correct(
    name: Name,
    field: Annotated[str, typer.Argument(metavar="FIELD", help=f"One of {', '.join(CORRECTABLE)}.")],
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help="The right value; lists are parted by ';', '' is none.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; it is kept with your name.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the correction back.")] = False,
) -> None:
    """Correct a value; it holds against every later capture of the page, until it is revoked.

    [bold]Examples[/bold]

    khotin article correct 41 authors "Lan Anh; Minh Đức" --reason "byline in the picture"
    khotin article correct 41 published_at 2026-03-01T08:15 --reason "the page shows the day it was moved"
    khotin article correct 41 published_at --revoke
    """
    if field not in CORRECTABLE:
        stop(f"{field!r} cannot be corrected; what can is {', '.join(CORRECTABLE)}.", USAGE)
    if revoke == (value is not None):
        stop("Give the right VALUE, or --revoke, one of the two.", USAGE)
    if not revoke and not (reason or "").strip():
        stop("Say why with --reason.", USAGE)
    opened = _open()
    zone = ZoneInfo(opened.timezone)
    try:
        with writing(opened.engine) as connection:
            article_id = _find(connection, name)
            at = clock.now(connection)
            if revoke:
                curation.revoke(connection, article_id, field, zone, at)
            else:
                wanted = _value(connection, field, str(value), zone)
                curation.correct(connection, article_id, field, wanted, who(), str(reason).strip(), zone, at)
    except CorrectionError as error:
        stop(str(error), USAGE)
    done = "says again what the publisher says" if revoke else "is corrected, and stays so whatever the page says"
    out.print(f"{field} of article {article_id} {done}.", markup=False)


@app.command("remove")
def remove(name: Name, reason: Reason) -> None:
    """Remove an article for good: its texts and versions are deleted, and its addresses are never loaded again.

    Its captures stay in the archive files, which cannot be cut.

    [bold]Example[/bold]

    khotin article remove https://example.com/a-private-person.html --reason "court order of 3 March"
    """
    if not reason.strip():
        stop("Say why with --reason.", USAGE)
    opened = _open()
    with writing(opened.engine) as connection:
        removed = remove_article(connection, _find(connection, name), who(), reason.strip(), clock.now(connection))
    count = len(removed.urls)
    out.print(
        f"Removed {removed.uid}; {count} address{'es' if count != 1 else ''} of it "
        f"{'are' if count != 1 else 'is'} never loaded again:",
        markup=False,
    )
    for url in removed.urls:
        out.print(f"  {url}", markup=False)


def _open() -> Opened:
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    return opened


def _find(connection: Connection, name: str) -> int:
    found = find_article(connection, name)
    if found is not None:
        return found
    stone = find_tombstone(connection, name)
    if stone is not None:
        stop(f"It was removed by {stone.removed_by} on {stone.removed_at:%Y-%m-%d %H:%MZ}: {stone.reason}")
    return stop(f"No article is known by {name!r}; `khotin why URL` says what became of an address.")


def _value(connection: Connection, field: str, text: str, zone: ZoneInfo) -> object:
    if field == DUPLICATE_OF and text.strip():
        return _find(connection, text.strip())
    return None if field == DUPLICATE_OF else parse_value(field, text, zone)
