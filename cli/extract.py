"""`khotin extract`: the normalised article of a page, a saved file, or a whole manifest, as JSON."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.feeds_edit import FeedsOption
from cli.hints import HintOption, SourceOption, needs_zone, slugs_in, source_named, sources_in_use, with_typed
from cli.screen import USAGE, head, out, stop, write_data
from config.feeds_file import SourceSpec
from config.hints import Hints
from config.settings import Settings, load_settings
from pipeline.articles.article import Article
from pipeline.articles.record import as_record
from pipeline.glance import extract_saved, glance_page, page_of
from pipeline.manifest import MAX_PAGE_BYTES, extract_manifest
from pipeline.plan import check_contact_for

# How much of a candidate the table shows.
VALUE_CHARS = 160


def extract(
    place: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A saved page, an address, or stdin.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address that a saved page had.")] = None,
    manifest: Annotated[Path | None, typer.Option("--manifest", help="JSON Lines, one page a line.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Child processes for a manifest.")] = None,
    source: SourceOption = None,
    hint: HintOption = None,
    explains: Annotated[
        bool, typer.Option("--explain", help="Show as a table what was offered for each field, and why it lost.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="With --explain: the article with its candidates.")] = False,
    feeds: FeedsOption = None,
) -> None:
    """Print the normalised article of a page as one JSON object, or of many as JSON Lines. No warehouse needed.

    [bold]Examples[/bold]

    khotin extract https://vnexpress.net/an-article-4871234.html

    khotin extract saved.html --url https://example.com/2026/an-article

    khotin extract saved.html --url https://example.com/2026/an-article --explain

    khotin extract --manifest pages.jsonl --workers 2 > articles.jsonl

    A manifest's line is {"id", "url", "path", "fetched_at", "timezone", "language", "feed_entry"}; only path is needed.
    """
    if (place is None) == (manifest is None):
        stop("Give a file, an address or - for stdin, or else --manifest FILE.", USAGE)
    if manifest is not None and (source or hint or explains):
        stop("--source, --hint and --explain are for one page; a manifest has its own zones and languages.", USAGE)
    settings = load_settings()
    head(settings, is_data=True)
    if manifest is not None:
        try:
            for record in extract_manifest(manifest, workers or settings.workers, settings.extract_seconds):
                write_data(json.dumps(record, ensure_ascii=False))
        except OSError as error:
            stop(f"The manifest {manifest} cannot be read: {error.strerror}.")
        return
    assert place is not None  # noqa: S101  # one of the two is given
    spec, hints = _told(settings, source, hint, feeds)
    if place.startswith(("http://", "https://")):
        check_contact_for([place], settings)
        article = glance_page(settings, place, spec, hints, explains=explains)
        url = place
    else:
        page = replace(page_of(_saved(place), url, spec), hints=hints)
        article = extract_saved(settings, page, explains=explains)
    _show(article, url, explains=explains, is_json=is_json)


def _told(
    settings: Settings, slug: str | None, typed: list[str] | None, feeds: Path | None
) -> tuple[SourceSpec | None, Hints | None]:
    """Give the source that was named and its hints, with those that were typed in their place."""
    spec = None
    if slug is not None:
        file = sources_in_use(settings, feeds)
        spec = source_named(file, slug)
        if spec is None:
            stop(f"No source is called {slug!r}: the sources are {slugs_in(file)}.")
    hints = with_typed(spec.hints if spec else None, typed)
    if needs_zone(hints, spec):
        stop("zone_is_wrong needs the right zone: add --hint dates.timezone=ZONE.", USAGE)
    return spec, hints


def _show(article: Article, url: str | None, *, explains: bool, is_json: bool) -> None:
    if explains and not is_json:
        _show_candidates(article)
        return
    record = as_record(article, id=None, url=url)
    if explains:
        record["candidates"] = [
            {"field": one.field, "signal": one.signal, "value": one.value, "is_chosen": one.taken, "why": one.why}
            for one in article.candidates
        ]
    write_data(json.dumps(record, ensure_ascii=False, indent=1))


def _show_candidates(article: Article) -> None:
    """Show what was offered for each field, the chosen value first."""
    out.print(f"{article.outcome}{f': {article.reason}' if article.reason else ''}", style="bold", markup=False)
    table = Table(show_edge=False)
    for name in ("field", "signal", "value", "chosen, or why not"):
        table.add_column(name, overflow="fold")  # addresses stay whole
    field = ""
    for one in article.candidates:
        value = one.value if len(one.value) <= VALUE_CHARS else f"{one.value[:VALUE_CHARS]}…"
        name = "" if one.field == field else one.field
        field = one.field
        table.add_row(name, Text(one.signal), Text(value), Text(one.why), style=None if one.taken else "dim")
    if article.candidates:
        out.print(table)


def _saved(place: str) -> bytes:
    try:
        if place == "-":
            return sys.stdin.buffer.read(MAX_PAGE_BYTES)
        with Path(place).open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except OSError as error:
        stop(f"{place} cannot be read: {error.strerror}.")
