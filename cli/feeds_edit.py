"""`khotin feeds add`, `remove`, `import` and `export`: the feeds file changed for a person, its comments kept."""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import typer
from rich.table import Table

from cli.screen import feeds_file_in_use, head, out, stop, write_data
from config.feeds_edit import save, without_feeds
from config.feeds_file import FeedsFile, read_feeds_file
from config.settings import Settings, load_settings
from pipeline.feeds.opml import MAX_BYTES, OpmlError, Outline, read_opml, write_opml
from pipeline.plan import check_contact_for
from pipeline.seek import Found, seek_feeds
from pipeline.wishes import Fitted, Wish, fit, wishes_of

FeedsOption = Annotated[Path | None, typer.Option("--feeds", help="A feeds file other than the one in the settings.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

TITLES = 3


def add(
    url: Annotated[str, typer.Argument(help="A site's or a feed's address.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    feeds: FeedsOption = None,
) -> None:
    """Find the feeds and news sitemaps of a site, show what they bring, and add them to the feeds file.

    [bold]Examples[/bold]

    khotin feeds add https://vnexpress.net --dry-run

    khotin feeds add https://example.com/blog --yes
    """
    settings, path, file = _opened(feeds)
    address = url if "://" in url else f"https://{url}"
    check_contact_for([address], settings)
    sought = seek_feeds(settings, address)
    if not sought.found:
        stop(f"No feed was found at {address}: {sought.reason}.")
    _show(sought.found)
    home = urljoin(sought.found[0].url, "/")
    wishes = [
        Wish(found.url, sought.name or found.feed.title, home, found.feed.language or sought.found[0].feed.language)
        for found in sought.found
    ]
    _change(path, fit(_text(path), file, wishes), is_dry=dry_run, is_sure=yes)


def remove(
    name: Annotated[str, typer.Argument(metavar="SLUG|URL", help="A source's slug, or a feed's address.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    feeds: FeedsOption = None,
) -> None:
    """Take a source or a feed out of the feeds file; the next run retires it, and all that it brought stays.

    [bold]Example[/bold]

    khotin feeds remove https://example.com/rss
    """
    _, path, file = _opened(feeds)
    leaving = [
        feed.url
        for source in file.sources
        for feed in source.feeds
        if name in (feed.url, source.slug or source.derived_slug)
    ]
    if not leaving:
        stop(f"{path} has no feed or source {name!r}: `khotin feeds list` shows what it has.")
    text = _text(path)
    _confirm_and_save(path, text, without_feeds(text, set(leaving)), is_dry=dry_run, is_sure=yes)


def import_opml(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="An OPML file, or - for stdin.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    feeds: FeedsOption = None,
) -> None:
    """Add the feeds of an OPML file, as feed readers export it, to the feeds file; folders may be nested.

    [bold]Example[/bold]

    khotin feeds import subscriptions.opml --dry-run
    """
    _, path, known = _opened(feeds)
    try:
        outlines = read_opml(_body(file))
    except OpmlError as error:
        stop(f"{file}: {error}")
    if not outlines:
        stop(f"{file} names no feed.")
    _change(path, fit(_text(path), known, wishes_of(outlines)), is_dry=dry_run, is_sure=yes or file == "-")


def export_opml(
    file: Annotated[Path | None, typer.Argument(help="Where to write; stdout when left out.")] = None,
    feeds: FeedsOption = None,
) -> None:
    """Write the feeds file as OPML, one folder a source, for feed readers.

    [bold]Example[/bold]

    khotin feeds export feeds.opml
    """
    _, path, known = _opened(feeds, is_data=True)
    folders = [
        (
            source.name,
            source.home,
            [
                Outline(feed.url, feed.section or source.name, source.home, feed.section, feed.language)
                for feed in source.feeds
            ],
        )
        for source in known.sources
    ]
    written = write_opml(f"Feeds of {path.name}", folders)
    if file is None:
        write_data(written.rstrip("\n"))
        return
    try:
        file.write_text(written, encoding="utf-8")
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}.")


def _opened(feeds: Path | None, *, is_data: bool = False) -> tuple[Settings, Path, FeedsFile]:
    """Give the settings, where the feeds file is or will be, and what it or else the shipped list says."""
    settings = load_settings(**({"feeds": feeds} if feeds else {}))
    if feeds and not feeds.exists():
        stop(f"There is no feeds file at {feeds}.")
    head(settings, is_data=is_data)
    return settings, settings.feeds, read_feeds_file(feeds_file_in_use(settings.feeds))


def _text(path: Path) -> str:
    return feeds_file_in_use(path).read_text(encoding="utf-8-sig")


def _body(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")


def _show(found: Sequence[Found]) -> None:
    for one in found:
        newest = max((e.published.on for e in one.feed.entries if e.published), default=None)
        out.print(f"\n{one.url}", style="bold", markup=False)
        count = f"{len(one.feed.entries)} entries" + (f", the newest of {newest}" if newest else ", without dates")
        out.print(f"  {one.feed.format}, {one.how}: {one.feed.title or 'untitled'}, {count}", markup=False)
        table = Table(show_header=False, box=None, pad_edge=False)
        for entry in one.feed.entries[:TITLES]:
            table.add_row("   ", str(entry.published.on) if entry.published else "", entry.title or entry.url)
        out.print(table)
    out.print()


def _change(path: Path, fitted: Fitted, *, is_dry: bool, is_sure: bool) -> None:
    for url in fitted.known:
        out.print(f"{url} is followed already.", markup=False)
    for url in fitted.refused:
        out.print(f"{url} is left out: it is no address that the feeds file takes.", markup=False)
    if fitted.added:
        _confirm_and_save(path, _text(path), fitted.text, is_dry=is_dry, is_sure=is_sure)


def _confirm_and_save(path: Path, old: str, new: str, *, is_dry: bool, is_sure: bool) -> None:
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), str(path), str(path), lineterm="", n=1):
        out.print(line, style={"+": "green", "-": "red"}.get(line[0], "dim"), markup=False)
    if is_dry:
        out.print("Nothing was changed (--dry-run).")
        return
    if not is_sure and not typer.confirm(f"Change {path}?"):
        out.print("Nothing was changed.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, new)
    out.print(f"{path} is changed; the next `khotin run` applies it.", markup=False)
