"""`khotin backfill …`: months and years of news from sitemaps, feeds, archives, lists and files."""

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli.ending import GOES_ON, in_one_sentence
from cli.going import counted, going, in_words
from cli.recorded import recording
from cli.screen import err, feeds_file_in_use, head, out, stop
from cli.stopping import stopping
from config.feeds_file import read_feeds_file, seed_feeds_file
from config.settings import Settings, load_settings
from flows.environment import api_url
from pipeline.backfill.asked import Asked
from pipeline.backfill.look import Look, look
from pipeline.backfill.prepare import Ready, prepare
from pipeline.backfill.run import BackfillProgress, BackfillReport, run_backfill
from pipeline.backfill.wish import BackfillKind
from pipeline.ingest import Stop
from pipeline.warehouse.opening import Opened, open_warehouse

ELSEWHERE = "Another process is planning this very backfill: wait until it fetches, then this one may help."

app = typer.Typer(
    help="Load history: months and years of news. Every command can be stopped, and goes on when it is typed again.",
    no_args_is_help=True,
)

Since = Annotated[str | None, typer.Option(help="Published on or after this day, instant, or so long ago (30d).")]
Until = Annotated[str | None, typer.Option(help="Published before this day or instant.")]
Source = Annotated[str | None, typer.Option(help="The source (its slug) that the pages belong to.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many pages.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only look what there is; write nothing.")]


@app.command("sitemap")
def sitemap(
    sites: Annotated[list[str], typer.Argument(metavar="SITE|URL", help="A site, or the address of a sitemap.")],
    since: Since = None,
    until: Until = None,
    source: Source = None,
    limit: Limit = None,
    dry_run: Dry = False,
) -> None:
    """Load what a site's sitemaps name: robots.txt says where they are."""
    _backfill(Asked(BackfillKind.SITEMAP, tuple(sites), since, until, source, limit), is_dry=dry_run)


@app.command("feed")
def feed(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE|URL", help="A source's slug, or a feed's address.")],
    since: Since = None,
    until: Until = None,
    source: Source = None,
    limit: Limit = None,
    dry_run: Dry = False,
) -> None:
    """Load the older pages of feeds: archives (RFC 5005), paging, and WordPress's ?paged=N."""
    _backfill(Asked(BackfillKind.FEED, tuple(sources), since, until, source, limit), is_dry=dry_run)


@app.command("warc")
def warc(
    files: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|GLOB|URL", help="WARC files, or CC-NEWS lists.")],
    since: Since = None,
    until: Until = None,
    source: Source = None,
    domain: Annotated[
        list[str] | None, typer.Option(help="Only this domain, also when no source has it; '*' takes all.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Only articles in this language (BCP 47).")] = None,
    limit: Limit = None,
    dry_run: Dry = False,
) -> None:
    """Load articles out of WARC files, without any request: those of your sources, or of --domain."""
    domains = tuple(domain or ())
    asked = Asked(BackfillKind.WARC, tuple(files), since, until, source, limit, language, domains)
    _backfill(asked, is_dry=dry_run)


@app.command("urls")
def urls(
    lists: Annotated[list[str], typer.Argument(metavar="FILE|-", help="Lists of addresses; - reads them from stdin.")],
    since: Since = None,
    until: Until = None,
    source: Source = None,
    limit: Limit = None,
    dry_run: Dry = False,
) -> None:
    """Load the pages of a list: one address a line, CSV, or JSON Lines with url and published."""
    _backfill(Asked(BackfillKind.URLS, tuple(lists), since, until, source, limit), is_dry=dry_run)


@app.command("files")
def files(
    paths: Annotated[list[str], typer.Argument(metavar="FOLDER|FILE", help="Saved pages (HTML) or plain texts.")],
    since: Since = None,
    until: Until = None,
    source: Source = None,
    published: Annotated[
        str | None, typer.Option(help="When all of them were published (ISO 8601), where they do not say it.")
    ] = None,
    limit: Limit = None,
    dry_run: Dry = False,
) -> None:
    """Load saved pages and plain-text captures; the date is stated by them or by you, never guessed."""
    _backfill(Asked(BackfillKind.FILES, tuple(paths), since, until, source, limit, published=published), is_dry=dry_run)


def _backfill(asked: Asked, *, is_dry: bool) -> None:
    from cli.main import set_logging  # noqa: PLC0415  # main imports this module

    settings = load_settings()
    set_logging(settings.log_level)
    if asked.kind is BackfillKind.URLS:
        asked = _with_stdin(asked, settings)
    if seed_feeds_file(settings.feeds):
        err.print(f"Copied the shipped list of feeds to {settings.feeds}; edit it to your needs.", markup=False)
    opened = open_warehouse(settings, creates=True)
    head(settings, zone=opened.timezone, note=" · dry run: no page is fetched or loaded" if is_dry else "")
    try:
        with in_one_sentence(ELSEWHERE):
            if is_dry:
                _look(_ready(asked, opened, settings), opened, settings)
            else:
                _say(
                    _recorded(asked)
                    if api_url() is not None
                    else _run(_ready(asked, opened, settings), opened, settings)
                )
    finally:
        opened.engine.dispose()


def _with_stdin(asked: Asked, settings: Settings) -> Asked:
    """Keep a list that comes through stdin, so that it can be gone on with."""
    if "-" not in asked.targets:
        return asked
    text = sys.stdin.buffer.read()
    kept = settings.data_dir / "backfills" / f"{hashlib.sha256(text).hexdigest()[:16]}.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(text)
    targets = tuple(str(kept) if target == "-" else target for target in asked.targets)
    err.print(f"The list is kept at {kept}: with it in place of - this backfill goes on.", markup=False)
    return Asked(asked.kind, targets, asked.since, asked.until, asked.source, asked.limit)


def _ready(asked: Asked, opened: Opened, settings: Settings) -> Ready:
    wish = asked.wish(ZoneInfo(opened.timezone))
    return prepare(wish, opened.engine, settings, read_feeds_file(feeds_file_in_use(settings.feeds)))


def _run(ready: Ready, opened: Opened, settings: Settings) -> BackfillReport:
    wanted = Stop()
    with stopping(wanted, GOES_ON), bar() as watch:
        return run_backfill(
            ready.wish,
            ready.queuer,
            opened.engine,
            settings,
            zone=opened.timezone,
            source_id=ready.source_id,
            watch=watch,
            stop=wanted,
        )


def _recorded(asked: Asked) -> BackfillReport:
    """Run as a flow run on the Prefect server."""
    with recording("flows.backfill"):
        from flows.backfill import BackfillParameters, run_recorded  # noqa: PLC0415  # only who records waits for it

        wanted = Stop()
        with stopping(wanted, GOES_ON), bar() as watch:
            report, url = run_recorded(BackfillParameters.of(asked), watch, wanted)
    err.print(f"Recorded as {url}", markup=False)
    return report


@contextmanager
def bar() -> Iterator[Callable[[BackfillProgress], None]]:
    """Show how far a backfill is; give what moves it. Before its pages come, it says how long they will take."""
    with going("planning") as show:
        told: list[str] = []

        def watch(progress: BackfillProgress) -> None:
            if progress.is_planning:
                show.note(
                    f"planning · {progress.planned:,} pages wanted · {sum(progress.left_out.values()):,} left out"
                )
                return
            if progress.estimate is not None and progress.total and not told:
                told.append(progress.estimate.words)
                err.print(f"{told[0]}. Ctrl-C stops it; the same command goes on.", markup=False)
            show(progress.work.pages_done, progress.total, progress.work.outcomes)

        yield watch


def _look(ready: Ready, opened: Opened, settings: Settings) -> None:
    wanted = Stop()
    with stopping(wanted, "Nothing was written."), err.status("looking"):
        found = look(ready, opened.engine, settings, wanted)
    verb = "read" if ready.wish.is_offline else "fetched"
    hosts = "one host" if len(found.hosts) == 1 else f"{len(found.hosts):,} hosts"
    pages = "One page" if found.wanted == 1 else f"{found.wanted:,} pages"
    out.print(f"{pages} would be {verb}, of {hosts}.", markup=False)
    _say_what_is_left_out(found)
    for url in found.sample:
        out.print(f"  {url}", markup=False)
    if found.wanted > len(found.sample):
        out.print(f"  … and {found.wanted - len(found.sample):,} more", markup=False)
    out.print("Nothing was fetched or loaded. Type the same without --dry-run to do it.", markup=False)


def _say(report: BackfillReport) -> None:
    if report.outcomes:
        out.print(counted(f"Backfill {report.backfill_id}", "pages", report.outcomes))
    _say_what_is_left_out(report)
    if report.files and report.files == len(report.failed_files) and not report.outcomes:
        stop(f"Nothing could be read. {GOES_ON}")
    if report.is_done:
        out.print(f"Done: {report.planned:,} pages planned, none waits. `khotin status` shows the warehouse.")
    else:
        out.print(f"{report.waiting:,} of {report.planned:,} pages wait. {GOES_ON}", markup=False)


def _say_what_is_left_out(found: BackfillReport | Look) -> None:
    reasons = {reason: count for reason, count in found.left_out.items() if count}
    if reasons:
        out.print(f"Left out: {in_words(reasons, most=9)}.", markup=False)
    if found.other_sites:
        sites = ", ".join(f"{site} ({count:,})" for site, count in list(found.other_sites.items())[:5])
        out.print(f"Sites that no source has: {sites}. Name them with --domain, or add a feed of theirs.", markup=False)
    if found.added_sites:
        out.print(_added(found.added_sites), markup=False)
    for name, reason in list(found.failed_files.items())[:10]:
        out.print(f"Not read: {name}: {reason}", markup=False)
    for name, reason in list(found.odd_files.items())[:10]:
        out.print(f"{name}: {reason}", markup=False)


def _added(sites: Sequence[str]) -> str:
    named = ", ".join(sites[:5]) + (f" and {len(sites) - 5:,} more" if len(sites) > 5 else "")
    whose = "is in no feeds file: it is a source" if len(sites) == 1 else "are in no feeds file: each is a source"
    return f"{named} {whose} of its own, without language and time zone."
