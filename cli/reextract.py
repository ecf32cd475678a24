"""`khotin reextract`: today's extractor over the captures of our own archive; nothing is fetched."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from cli.ending import GOES_ON, in_one_sentence
from cli.going import counted, going, in_words
from cli.recorded import recording
from cli.screen import USAGE, err, head, out, stop, write_data
from cli.stopping import stopping
from config.settings import Settings, load_settings
from flows.environment import api_url
from pipeline.backfill.estimate import spoken, working_seconds
from pipeline.ingest import Stop
from pipeline.reextract.look import ReextractLook, count_only, look_at_differences
from pipeline.reextract.run import ReextractProgress, ReextractReport, run_reextraction
from pipeline.reextract.wish import Reextraction
from pipeline.warehouse.opening import Opened, open_warehouse

ELSEWHERE = "Another process is at this very re-extraction: it is one process's work."


def reextract(
    since: Annotated[
        str | None, typer.Option(help="Published on or after this day, instant, or so long ago (30d).")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Published before this day or instant.")] = None,
    source: Annotated[str | None, typer.Option(help="Only articles of this source (its slug).")] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Only what an extractor older than this version has read.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many articles.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the articles; write nothing.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show, field by field, what would change; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --diff or --dry-run: the same as JSON.")] = False,
) -> None:
    """Read archived captures anew with today's extractor, and replace what it reads otherwise.

    Old values stay in the history with the cause re-extraction, never as a publisher's edit; what a person has
    corrected holds. Stopped anywhere, the same command goes on.

    [bold]Examples[/bold]

    khotin reextract --since 30d --diff
    khotin reextract --source vnexpress --older-than 2
    """
    from cli.main import set_logging  # noqa: PLC0415  # main imports this module

    if as_json and not (diff or dry_run):
        stop("--json goes with --diff or --dry-run.", USAGE)
    settings = load_settings()
    set_logging(settings.log_level)
    wish = Reextraction(since, until, source, older_than, limit)
    opened = open_warehouse(settings)
    is_dry = diff or dry_run
    head(settings, is_data=as_json, zone=opened.timezone, note=" · nothing is written" if is_dry else "")
    try:
        with in_one_sentence(ELSEWHERE):
            if is_dry:
                _look(wish, opened, settings, is_deep=diff, as_json=as_json)
            else:
                _announce(wish, opened, settings)
                _say(_recorded(wish) if api_url() is not None else _run(wish, opened, settings))
    finally:
        opened.engine.dispose()


def _announce(wish: Reextraction, opened: Opened, settings: Settings) -> None:
    found = count_only(wish, opened.engine, ZoneInfo(opened.timezone))
    takes = spoken(working_seconds(found.articles, settings))
    err.print(f"{found.articles:,} articles are read anew: about {takes}. {_captures(found)}".rstrip(), markup=False)


def _captures(found: ReextractLook) -> str:
    return f"{found.no_capture:,} have no capture in the archive and stay as they are." if found.no_capture else ""


def _run(wish: Reextraction, opened: Opened, settings: Settings) -> ReextractReport:
    wanted = Stop()
    with stopping(wanted, GOES_ON), _bar() as watch:
        return run_reextraction(wish, opened.engine, settings, zone=opened.timezone, watch=watch, stop=wanted)


def _recorded(wish: Reextraction) -> ReextractReport:
    """Run as a flow run on the Prefect server."""
    with recording("flows.reextract"):
        from flows.reextract import ReextractParameters, run_recorded  # noqa: PLC0415  # only who records waits for it

        wanted = Stop()
        with stopping(wanted, GOES_ON), _bar() as watch:
            report, url = run_recorded(ReextractParameters.of(wish), watch, wanted)
    err.print(f"Recorded as {url}", markup=False)
    return report


@contextmanager
def _bar() -> Iterator[Callable[[ReextractProgress], None]]:
    with going("reading the archive") as show:
        yield lambda progress: show(progress.done, progress.total, progress.outcomes)


def _look(wish: Reextraction, opened: Opened, settings: Settings, *, is_deep: bool, as_json: bool) -> None:
    zone, wanted = ZoneInfo(opened.timezone), Stop()
    if is_deep:
        with stopping(wanted, "Nothing was written."), going("comparing") as show:
            found = look_at_differences(
                wish, opened.engine, settings, zone, wanted, lambda done, total: show(done, total, {})
            )
    else:
        found = count_only(wish, opened.engine, zone)
    if as_json:
        write_data(json.dumps(found.record, ensure_ascii=False, indent=2))
    elif is_deep:
        _say_differences(found)
    else:
        takes = spoken(working_seconds(found.articles, settings))
        out.print(f"{found.articles:,} articles would be read anew: about {takes}. {_captures(found)}".rstrip())
        out.print("Nothing was written. --diff shows what would change; without --dry-run it is done.", markup=False)


def _say_differences(found: ReextractLook) -> None:
    out.print(
        f"{found.read:,} of {found.articles:,} captures read: {found.changed:,} articles would change, "
        f"{found.unchanged:,} would not."
    )
    if found.no_capture or found.lost_capture:
        out.print(
            f"No capture: {found.no_capture:,} were not archived, {found.lost_capture:,} are lost or damaged; "
            "these articles stay as they are."
        )
    if +found.not_loaded:
        out.print(f"Would not be loaded today, and stay as they are: {in_words(+found.not_loaded, most=9)}.")
    if found.fields:
        table = Table("field", "articles", title="What would change", title_justify="left", show_edge=False)
        for name, count in found.fields.most_common():
            table.add_row(name, f"{count:,}")
        out.print(table)
    for name, _ in found.fields.most_common():
        for one in found.examples[name]:
            before, after = one.before or "(nothing)", one.after or "(nothing)"
            out.print(f"{name} · {one.url}\n  - {before}\n  + {after}", markup=False)
    out.print("Nothing was written. Type the same without --diff to do it.", markup=False)


def _say(report: ReextractReport) -> None:
    out.print(counted(f"Re-extraction {report.backfill_id}", "articles", report.outcomes))
    if report.is_done:
        out.print(
            f"Done: {sum(report.outcomes.values()):,} articles. `khotin article show URL --diff` shows what changed."
        )
    else:
        out.print(f"{report.waiting:,} of {report.planned:,} articles wait. {GOES_ON}", markup=False)
