"""`khotin extract`: the normalised article of a page, a saved file, or a whole manifest, as JSON."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.screen import USAGE, head, stop, write_data
from config.settings import load_settings
from pipeline.articles.article import Article, Page
from pipeline.articles.record import as_record
from pipeline.children import extract_page
from pipeline.glance import glance_page
from pipeline.manifest import MAX_PAGE_BYTES, extract_manifest
from pipeline.plan import check_contact_for


def extract(
    place: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A saved page, an address, or stdin.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address that a saved page had.")] = None,
    manifest: Annotated[Path | None, typer.Option("--manifest", help="JSON Lines, one page a line.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Child processes for a manifest.")] = None,
) -> None:
    """Print the normalised article of a page as one JSON object, or of many as JSON Lines. No warehouse needed.

    [bold]Examples[/bold]

    khotin extract https://vnexpress.net/an-article-4871234.html

    khotin extract saved.html --url https://example.com/2026/an-article

    khotin extract --manifest pages.jsonl --workers 2 > articles.jsonl

    A manifest's line is {"id", "url", "path", "fetched_at", "timezone", "language", "feed_entry"}; only path is needed.
    """
    if (place is None) == (manifest is None):
        stop("Give a file, an address or - for stdin, or else --manifest FILE.", USAGE)
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
    if place.startswith(("http://", "https://")):
        check_contact_for([place], settings)
        record = as_record(glance_page(settings, place), id=None, url=place)
    else:
        record = as_record(_saved(place, url), id=None, url=url)
    write_data(json.dumps(record, ensure_ascii=False, indent=1))


def _saved(place: str, url: str | None) -> Article:
    try:
        html = sys.stdin.buffer.read(MAX_PAGE_BYTES) if place == "-" else Path(place).read_bytes()[:MAX_PAGE_BYTES]
    except OSError as error:
        stop(f"{place} cannot be read: {error.strerror}.")
    return extract_page(Page(html=html, url=url))
