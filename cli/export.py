"""`khotin export`: articles as Parquet, CSV or JSON Lines, a file a day."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.screen import USAGE, err, head, out, stop
from cli.search import check_source
from config.settings import load_settings
from models.engine import reading
from pipeline.exports.export import Exported, ExportError, whole_days
from pipeline.exports.export import export as write_export
from pipeline.exports.writers import Format
from pipeline.span import Span, SpanError, parse_span
from pipeline.warehouse.exported import Selection
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.spans import By


def export(
    kind: Annotated[Format, typer.Option("--format", help="The kind of files.")] = Format.PARQUET,
    since: Annotated[
        str | None, typer.Option("--since", help="From then on: 2026-03-01, 2026-03, 7d, or an instant.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Up to then; the day itself is not included.")] = None,
    by: Annotated[By, typer.Option("--by", help="Which time --since, --until and the folders are about.")] = (
        By.PUBLISHED
    ),
    source: Annotated[str | None, typer.Option("--source", help="Only the source with this slug.")] = None,
    texts: Annotated[bool, typer.Option("--texts", help="With the bodies of the articles.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to write to; default: exports/ in the data folder.")
    ] = None,
) -> None:
    """Write articles into a folder with a file for each day; done again, the days of the span are replaced whole.

    [bold]Examples[/bold]

    khotin export --since 2026-03 --until 2026-04

    khotin export --format csv --since 7d --source vnexpress --to /mnt/share/vnexpress

    khotin export --by updated --since 2d --texts          what changed, for a copy elsewhere
    """
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    try:
        span = parse_span(since, until, ZoneInfo(opened.timezone))
    except SpanError as error:
        stop(str(error), USAGE)
    check_source(opened, source)
    selection = Selection(span, by, source, texts)
    folder = (to or settings.data_dir / "exports" / _default_name(kind, selection)).expanduser()
    try:
        with reading(opened.engine) as connection, _bar() as bar:
            task = bar.add_task("exporting", total=None)
            done = write_export(
                connection, folder, kind, selection, lambda rows: bar.update(task, description=f"{rows:,} articles")
            )
    except ExportError as error:
        stop(str(error))
    except OSError as error:
        stop(f"The export cannot be written to {folder}: {error.strerror or error}.")
    _say(done, folder, span)


def _default_name(kind: Format, selection: Selection) -> str:
    """Name the folder for the kind of export, so that two kinds never share one."""
    parts = [kind.value, selection.by.value, *([selection.source] if selection.source else [])]
    return "-".join([*parts, *(["texts"] if selection.has_texts else [])])


def _say(done: Exported, folder: Path, span: Span) -> None:
    if not span.is_of_days:
        whole = whole_days(span)
        begin = f" from {whole.since_day} on" if whole.since_day else ""
        end = f" up to {whole.until_day}, which is not included" if whole.until_day else ""
        out.print(f"Days are written whole:{begin}{end}.", markup=False)
    emptied = f"; dropped: {_some(done.emptied, 'file')} of days that have none any more" if done.emptied else ""
    out.print(f"{_some(done.articles, 'article')}, {_some(done.days, 'day')}, a file each{emptied}.")
    out.print(f"The file `removed` names {_some(done.removed, 'removed article')}.")
    out.print(str(folder), markup=False)


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _bar() -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True)
