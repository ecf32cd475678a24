"""`khotin feeds parse`: what khotin reads in a feed, as JSON."""

import json
import queue
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.screen import USAGE, head, stop, write_data
from config.settings import load_settings
from pipeline.courier import Courier
from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Entry, Feed, NoFeed
from pipeline.feeds.parse import parse_feed
from pipeline.pages.capture import Capture
from pipeline.plan import check_contact_for


def parse(
    place: Annotated[str, typer.Argument(metavar="FILE|URL", help="A saved feed or a feed's address.")],
    url: Annotated[str | None, typer.Option("--url", help="The address that a saved feed had.")] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", help='A header it came with, "Name: value"; may be given again.')
    ] = None,
) -> None:
    """Print a feed and its entries as one JSON object, or {"outcome", "reason"} when it is none. No warehouse needed.

    [bold]Examples[/bold]

    khotin feeds parse https://vnexpress.net/rss/tin-moi-nhat.rss

    khotin feeds parse saved.xml --url https://example.com/rss --header "Content-Type: text/xml; charset=utf-8"
    """
    settings = load_settings()
    head(settings, is_data=True)
    headers = dict(_header(line) for line in header or [])
    read = partial(parse_feed, max_entries=settings.max_entries, max_bytes=settings.max_feed_bytes)
    parsed: Feed | NoFeed | Capture
    if place.startswith(("http://", "https://")):
        check_contact_for([place], settings)
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with Courier(settings, inbox) as courier:
            courier.fetch_feed(None, place, etag=None, last_modified=None)
            capture: Capture = inbox.get().capture
        parsed = capture
        if capture.outcome is None:
            told = capture.headers | headers
            parsed = read(capture.body, url=url or capture.url, headers=told, fetched_at=capture.at)
    else:
        parsed = read(_saved(place, settings.max_feed_bytes), url=url, headers=headers)
    write_data(json.dumps(_as_record(parsed), ensure_ascii=False, indent=1))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        stop(f'--header {line!r} is no header: write it as "Name: value".', USAGE)
    return name.strip().lower(), value.strip()


def _saved(place: str, max_bytes: int) -> bytes:
    try:
        with Path(place).open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        stop(f"{place} cannot be read: {error.strerror}.")


def _as_record(parsed: Feed | NoFeed | Capture) -> Mapping[str, Any]:
    if not isinstance(parsed, Feed):
        return {"outcome": parsed.outcome, "reason": parsed.reason}
    return {
        "feed": {
            "title": parsed.title,
            "url": parsed.url,
            "language": parsed.language,
            "format": parsed.format,
            "interval_minutes": parsed.interval_minutes,
            "skip_hours": sorted(parsed.skip_hours),
            "skip_days": sorted(parsed.skip_days),
            "problem": parsed.problem,
            "sitemaps": [sitemap.url for sitemap in parsed.sitemaps],
        },
        "entries": [_entry(entry) for entry in parsed.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.guid or None,
        "url": entry.url or None,
        "title": entry.title,
        "authors": list(entry.authors),
        "published_at": _instant(entry.published),
        "published_on": entry.published.on.isoformat() if entry.published else None,
        "updated_at": _instant(entry.updated),
        "summary": entry.summary,
        "categories": list(entry.categories),
        "enclosures": [
            {"url": one.url, "media_type": one.media_type, "length": one.length} for one in entry.enclosures
        ],
        "language": entry.language,
        "image_url": entry.image_url,
    }


def _instant(moment: Moment | None) -> str | None:
    instant = moment.instant if moment else None
    return instant.isoformat().replace("+00:00", "Z") if instant else None
