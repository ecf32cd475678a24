"""`khotin run`: poll what is due, fetch, extract, load, and say what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import OperationalError

from cli.recorded import recording
from cli.screen import ALL_FAILED, USAGE, err, feeds_file_in_use, head, out, stop
from cli.stopping import stopping
from config.feeds_file import FeedsFile, read_feeds_file, seed_feeds_file
from config.settings import Settings, load_settings
from flows.environment import API_URL, api_url
from models.engine import reading
from models.outcomes import GOOD_POLLS
from pipeline import plan as plans
from pipeline.ingest import Stop, ingest
from pipeline.plan import Plan, Report
from pipeline.warehouse import query
from pipeline.warehouse.lease import LeaseLostError
from pipeline.warehouse.opening import Opened, kept_timezone, open_warehouse, scratch_warehouse
from pipeline.warehouse.place import detail_of
from pipeline.warehouse.sources import slugs_of

NEWEST = 10


def run(
    feeds: Annotated[
        Path | None, typer.Option("--feeds", help="A feeds file to use instead of the one in the settings.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this source (its slug); may be given again.")
    ] = None,
    ignore_schedule: Annotated[
        bool, typer.Option("--ignore-schedule", help="Poll every feed now, whether it is due or not.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Poll, fetch and extract, but write nothing; say what would be loaded.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the bundled sample sites and ingest them into a warehouse apart.")
    ] = False,
) -> None:
    """Poll the feeds that are due, and load their articles into the warehouse.

    [bold]Examples[/bold]

    khotin run --demo                 see it work on sample sites, in half a minute

    khotin run                        poll what is due

    khotin run --source vnexpress --ignore-schedule

    khotin run --dry-run              what would be loaded?

    With PREFECT_API_URL set, the run is recorded as a flow run on that Prefect server (but for --demo and --dry-run).

    Exit code: 0 done (single feeds may have failed), 1 cannot start, 2 usage, 3 every feed failed.
    """
    from cli.main import set_logging  # noqa: PLC0415  # main imports this module

    if demo and (feeds or source):
        stop("--demo brings its own feeds: leave out --feeds and --source.", USAGE)
    if demo:
        set_logging("ERROR")
        _run_demo(is_dry=dry_run)
        return
    settings = load_settings(**({"feeds": feeds} if feeds else {}))
    set_logging(settings.log_level)
    wish = _wish(settings, feeds, is_dry=dry_run)
    is_recorded = api_url() is not None and not dry_run
    if not (is_recorded or dry_run):
        err.print(f"This run is not recorded on a Prefect server: {API_URL} is not set.", markup=False)
    with recording("flows.ingest") if is_recorded else nullcontext():
        _run(
            settings,
            wish,
            tuple(source or ()),
            ignores_schedule=ignore_schedule,
            is_dry=dry_run,
            is_recorded=is_recorded,
            again="khotin run",
        )


def _wish(settings: Settings, feeds: Path | None, *, is_dry: bool) -> FeedsFile:
    """Say which warehouse this is about, and read the feeds file."""
    note = " · dry run: nothing is written to it" if is_dry else ""
    head(settings, zone=kept_timezone(settings), note=note)
    if feeds and not feeds.exists():
        stop(f"There is no feeds file at {feeds}.")
    if not is_dry and seed_feeds_file(settings.feeds):
        err.print(f"Copied the shipped list of feeds to {settings.feeds}; edit it to your needs.", markup=False)
    return read_feeds_file(feeds_file_in_use(settings.feeds))


def _run_demo(*, is_dry: bool) -> None:
    from cli.demo import demo_run  # noqa: PLC0415  # the demo's server is not needed otherwise

    with demo_run() as (settings, wish):
        head(settings, note=" · never recorded on a Prefect server")
        _run(settings, wish, (), ignores_schedule=True, is_dry=is_dry, again="khotin run --demo")


def _run(
    settings: Settings,
    wish: FeedsFile,
    slugs: tuple[str, ...],
    *,
    ignores_schedule: bool,
    is_dry: bool,
    again: str,
    is_recorded: bool = False,
) -> None:
    plans.check_contact(wish, slugs, settings)
    plan = Plan(plans.without_archive(wish) if is_dry else wish, slugs, ignores_schedule)
    with _warehouse(settings, is_dry=is_dry) as opened:
        if opened.timezone != settings.timezone and not is_dry:
            err.print(f"The warehouse counts days in {opened.timezone}; KHOTIN_TIMEZONE is not used.", markup=False)
        _check_slugs(opened, wish, slugs)
        report = _ingest(plan, opened, settings, is_recorded=is_recorded)
        _say(opened, report, is_dry=is_dry, again=again)
    if report.feeds_polled and report.feeds_failed == report.feeds_polled:
        raise typer.Exit(ALL_FAILED)


@contextmanager
def _warehouse(settings: Settings, *, is_dry: bool) -> Iterator[Opened]:
    if not is_dry:
        opened = open_warehouse(settings, creates=True)
        if opened.is_new:
            err.print("The warehouse was made just now.", markup=False)
        yield opened
        return
    real = None if plans.is_missing(settings) else open_warehouse(settings)
    with scratch_warehouse(real, real.timezone if real else settings.timezone) as scratch:
        yield scratch


def _check_slugs(opened: Opened, wish: FeedsFile, slugs: tuple[str, ...]) -> None:
    with reading(opened.engine) as connection:
        known = set(slugs_of(connection, wish.sources))
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        stop(f"No source is called {unknown[0]!r}: the sources are {', '.join(sorted(known))}.", USAGE)


def _record(plan: Plan, settings: Settings, watch: Callable[[plans.Progress], None], wanted: Stop) -> Report:
    """Run as a flow run; the feeds file is named only where it is not that of the settings."""
    from flows.ingest import IngestParameters, run_recorded  # noqa: PLC0415  # as above

    own = load_settings().feeds
    feeds = None if settings.feeds == own else settings.feeds
    given = IngestParameters(sources=list(plan.source_slugs), ignore_schedule=plan.ignores_schedule, feeds=feeds)
    recorded = run_recorded(given, watch, wanted)
    err.print(f"Recorded as {recorded.url}", markup=False)
    return recorded.report


def _ingest(plan: Plan, opened: Opened, settings: Settings, *, is_recorded: bool) -> Report:
    wanted = Stop()
    with stopping(wanted, "`khotin run` carries on."), _bar() as bar:
        task = bar.add_task("polling", total=None)

        def watch(progress: plans.Progress) -> None:
            words = f"{progress.feeds_polled} feeds polled · {progress.entries_new} new entries"
            bar.update(
                task,
                completed=progress.pages_done,
                total=max(progress.pages_done + progress.in_hand, 1),
                description=f"{words} · {progress.pages_done} pages done",
            )

        try:
            if is_recorded:
                return _record(plan, settings, watch, wanted)
            return ingest(plan, opened.engine, settings, zone=opened.timezone, watch=watch, stop=wanted)
        except OperationalError as error:
            stop(f"The database failed: {detail_of(error)}. What was committed stays; `khotin run` carries on.")
        except LeaseLostError as error:
            stop(f"This run ends here: {error}. What was committed stays; `khotin run` carries on.")
        except OSError as error:
            stop(f"The archive cannot be written: {error}. What was committed stays; `khotin run` carries on.")


def _bar() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=err, transient=True)


def _say(opened: Opened, report: Report, *, is_dry: bool, again: str) -> None:
    with reading(opened.engine) as connection:
        quality = query.run_quality(connection, report.run_id)
        newest = query.newest_articles(connection, NEWEST)
        failing = query.failing_feeds(connection, report.run_id, sorted(GOOD_POLLS))
    out.print(_counts(report))
    if quality.new:
        out.print(
            f"New articles: {quality.new} · to the minute {quality.minute} · day only {quality.day} · "
            f"undated {quality.undated} · without author {quality.without_author}"
        )
    if newest and not is_dry:
        out.print(_newest(newest))
    for feed in failing:
        when = f"next try {feed.next_poll_at:%Y-%m-%d %H:%MZ}" if feed.state == "active" else f"now {feed.state}"
        out.print(f"Failed: {feed.url} ({feed.source}): {feed.outcome}: {feed.reason}; {when}", markup=False)
    deferred = report.entries.get("deferred", 0)
    if deferred:
        out.print(f"{deferred} entries are deferred to the next run: type `{again}`.", markup=False)
    out.print(_next(report, is_dry=is_dry, again=again), markup=False)


def _counts(report: Report) -> Table:
    table = Table("polls", "", "entries", "", title=f"Run {report.run_id}", title_justify="left", show_edge=False)
    polls, entries = sorted(report.polls.items()), sorted(report.entries.items())
    for index in range(max(len(polls), len(entries), 1)):
        left = polls[index] if index < len(polls) else ("", "")
        right = entries[index] if index < len(entries) else ("", "")
        table.add_row(str(left[0]), str(left[1]), str(right[0]), str(right[1]))
    return table


def _newest(newest: list[query.Newest]) -> Table:
    table = Table("published (UTC)", "source", "title", title="Newest articles", title_justify="left", show_edge=False)
    for one in newest:
        when = f"{one.published_at:%Y-%m-%d %H:%M}" if one.published_at else str(one.published_on or "undated")
        table.add_row(when, one.source, one.title or "")
    return table


def _next(report: Report, *, is_dry: bool, again: str) -> str:
    if is_dry:
        return "Nothing was written. Type the same without --dry-run to load these articles."
    if again.endswith("--demo"):
        return f"Next: `{again}` again (one page was corrected meanwhile), or `khotin run` for real feeds."
    if not report.feeds_polled and not report.entries:
        return "Nothing was due. `khotin run --ignore-schedule` polls all the same; `khotin status` shows the schedule."
    return "Next: `khotin status`, or `khotin why URL` for any article."
