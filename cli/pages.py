"""`khotin pages`: which pages ended how, and trying some again."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer
from rich.table import Table

from cli.screen import USAGE, head, out, stop
from config.settings import load_settings
from models.engine import reading, writing
from models.outcomes import Outcome
from pipeline.urls import clean_url, url_key
from pipeline.warehouse import query
from pipeline.warehouse.opening import Opened, open_warehouse
from pipeline.warehouse.page_orders import Requeued, Wanted, count_pages, list_pages, page_key_of, requeue_pages

app = typer.Typer(help="The pages that feeds have named.", no_args_is_help=True)

_AGO = re.compile(r"([0-9]{1,5})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

OutcomeOption = Annotated[
    Outcome | None, typer.Option("--outcome", help="Only pages that ended so.", show_choices=False, metavar="OUTCOME")
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only pages of the source with this slug.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Only pages tried or queued since then: 30m, 12h, 7d, or a day (UTC).")
]


@app.command("list")
def list_(
    outcome: OutcomeOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Most pages to show.")] = 50,
) -> None:
    """List pages with their outcome and its reason, the last tried first.

    [bold]Examples[/bold]

    khotin pages list --outcome timed_out --since 24h
    khotin pages list --source vnexpress --limit 200
    """
    opened, wanted = _open(outcome, source, since)
    with reading(opened.engine) as connection:
        total, rows = count_pages(connection, wanted), list_pages(connection, wanted, limit)
    table = Table("last tried", "source", "outcome", "next try", "page", show_edge=False)
    for row in rows:
        reason = f": {row.reason}" if row.reason else ""
        waits = f"{row.next_attempt_at:%m-%d %H:%MZ}" if row.next_attempt_at else ""
        ended = f"{row.outcome}{reason}" if row.outcome else "waiting"
        table.add_row(f"{row.last_at:%m-%d %H:%MZ}", row.slug, ended, waits, row.url)
    if rows:
        out.print(table)
    more = f", the last {len(rows)} are shown" if total > len(rows) else ""
    out.print(f"{_pages(total)}{more}.", markup=False)


@app.command("retry")
def retry(
    url: Annotated[str | None, typer.Argument(help="A page's address; or give --outcome.")] = None,
    outcome: OutcomeOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
) -> None:
    """Let the next run try pages again: one by its address, or all that ended in one way.

    [bold]Examples[/bold]

    khotin pages retry https://vnexpress.net/an-article-4871234.html
    khotin pages retry --outcome robots_denied --source vnexpress
    """
    if (url is None) == (outcome is None):
        stop("Give a page's address or an --outcome, one of the two.", USAGE)
    if url is not None and (source or since):
        stop("--source and --since go with --outcome, not with an address.", USAGE)
    opened, wanted = _open(outcome, source, since)
    with writing(opened.engine) as connection:
        if url is not None:
            wanted = Wanted(url_key=page_key_of(connection, url_key(clean_url(url) or url)))
            if wanted.url_key is None:
                stop(f"No feed has named {url}; `khotin why {url}` says more.")
        done = requeue_pages(connection, wanted)
    out.print(_said(done), markup=False)


def _open(outcome: Outcome | None, source: str | None, since: str | None) -> tuple[Opened, Wanted]:
    wanted = Wanted(outcome, source, _instant(since) if since else None)
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with reading(opened.engine) as connection:
        known = query.known_slugs(connection)
    if source and source not in known:
        stop(f"No source is called {source!r}: the sources are {', '.join(sorted(known)) or 'none yet'}.", USAGE)
    return opened, wanted


def _instant(since: str) -> datetime:
    found = _AGO.fullmatch(since.strip())
    if found:
        return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return datetime.combine(date.fromisoformat(since.strip()), time(), UTC)
    except ValueError:
        stop(f"--since {since!r} must be like 30m, 12h, 7d or 2026-11-24.", USAGE)


def _said(done: Requeued) -> str:
    """Tell in one sentence what was done."""
    parts = [f"{_pages(done.queued)} {'is' if done.queued == 1 else 'are'} tried again by the next `khotin run`"]
    if done.resting:
        parts.append(
            f"{done.resting} of them when {'its host is' if done.resting == 1 else 'their hosts are'} asked again"
        )
    if done.in_hand:
        parts.append(
            f"{_pages(done.in_hand)} in the hands of a run {'was' if done.in_hand == 1 else 'were'} left alone"
        )
    return "; ".join(parts) + "."


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"
