"""`khotin feeds try`: what a source, a feed or a page would bring, and what hints change in it; nothing is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.feeds_edit import FeedsOption
from cli.hints import HintOption, SourceOption, as_yaml, needs_zone, slugs_in, source_named, sources_in_use, with_typed
from cli.screen import USAGE, head, out, stop
from config.feeds_file import FeedsFile, SourceSpec, is_address
from config.hints import Hints
from config.settings import load_settings
from pipeline.articles.article import Article
from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.glance import FeedGlance, page_of
from pipeline.manifest import MAX_PAGE_BYTES
from pipeline.plan import check_contact_for
from pipeline.trial import FeedTrial, Trial, source_of_address, try_address, try_saved, try_source
from pipeline.workers import Failure

ARTICLES = 3
EXCERPT = 200
# Lines of a body that hints took out or brought in, which are shown.
LINES = 6
LINE_CHARS = 100
# Fields that are shown also when a page has none.
MAIN = frozenset({"outcome", "title", "published", "authors", "body"})


def try_place(
    place: Annotated[
        str, typer.Argument(metavar="SLUG|URL|FILE", help="A source, the address of a feed or a page, a saved page.")
    ],
    source: SourceOption = None,
    hint: HintOption = None,
    url: Annotated[str | None, typer.Option("--url", help="The address that a saved page had.")] = None,
    feeds: FeedsOption = None,
) -> None:
    """Show how pages would load, by the rules and with hints; nothing is written.

    A source is polled once and three articles of each feed are read; so is a feed. A page is read alone. With hints,
    of the source in the feeds file or typed here, a table shows what each field is without and with them.

    [bold]Examples[/bold]

    khotin feeds try vnexpress

    khotin feeds try https://example.com/2026/story --hint "selectors.body=div.story" --hint "selectors.drop=.promo"

    khotin feeds try saved.html --url https://example.com/2026/story --source example
    """
    settings = load_settings()
    file = sources_in_use(settings, feeds)
    head(settings)
    spec = _source(file, place, url, source)
    hints = with_typed(spec.hints if spec else None, hint)
    if needs_zone(hints, spec):
        stop("zone_is_wrong needs the right zone: add --hint dates.timezone=ZONE.", USAGE)
    if spec is not None:
        out.print(f"Source {spec.slug or spec.derived_slug}, {_said(hints)}", style="dim", markup=False)
    trials: Iterable[Trial | FeedTrial]
    if is_address(place):
        check_contact_for([place], settings)
        trials = [try_address(settings, place, spec, hints, ARTICLES)]
    elif spec is not None and place in (spec.slug, spec.derived_slug):
        check_contact_for([feed.url for feed in spec.feeds], settings)
        trials = try_source(settings, spec, hints, ARTICLES)
    else:
        trials = [try_saved(settings, page_of(_saved(place), url, spec), hints)]
    _show_all(trials, hints, is_typed=bool(hint))


def _source(file: FeedsFile, place: str, url: str | None, slug: str | None) -> SourceSpec | None:
    """Give the source whose zone, language and hints count; None when no source of the feeds file has to do with it."""
    if slug is not None:
        found = source_named(file, slug)
        if found is None:
            stop(f"No source is called {slug!r}: the sources are {slugs_in(file)}.")
        return found
    if is_address(place):
        return source_of_address(file.sources, place)
    found = source_named(file, place)
    if found is None and not Path(place).exists():
        stop(
            f"No source is called {place!r}, and no file: the sources are {slugs_in(file)}. "
            "An address begins with http:// or https://."
        )
    return found or (source_of_address(file.sources, url) if url else None)


def _saved(place: str) -> bytes:
    try:
        with Path(place).open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except OSError as error:
        stop(f"{place} cannot be read: {error.strerror}.")


def _said(hints: Hints | None) -> str:
    return "no hints" if hints is None else "with hints"


def _show_all(trials: Iterable[Trial | FeedTrial], hints: Hints | None, *, is_typed: bool) -> None:
    pages: list[Trial] = []
    for trial in trials:
        if isinstance(trial, FeedTrial):
            _show_poll(trial.glance)
        shown = trial.pages if isinstance(trial, FeedTrial) else (trial,)
        for page in shown:
            _show_page(page)
        pages += shown
    compared = [(page.usual, page.hinted) for page in pages if page.hinted is not None]
    changed = sum(bool(_changed(*pair)) for pair in compared)
    if compared:
        out.print(f"\nPages that the hints change: {changed} of {len(compared)}. Nothing was written.", markup=False)
    if is_typed and hints is not None and changed:
        out.print("To keep them, write below the source's name in the feeds file:", markup=False)
        out.print(as_yaml(hints), markup=False)


def _show_poll(glance: FeedGlance) -> None:
    out.print(f"\n{glance.feed.url}", style="bold", markup=False)
    parsed = glance.parsed
    if parsed is None:
        out.print(f"  {glance.capture.outcome}: {glance.capture.reason}", markup=False)
    elif isinstance(parsed, NoFeed):
        out.print(f"  {parsed.outcome}: {parsed.reason}", markup=False)
    elif isinstance(parsed, Failure):
        out.print(f"  The parser {parsed.reason}.", markup=False)
    elif isinstance(parsed, Feed):
        problem = f" ({parsed.problem})" if parsed.problem else ""
        out.print(f"  {parsed.format}, {len(parsed.entries)} entries{problem}: {parsed.title or ''}", markup=False)


def _show_page(trial: Trial) -> None:
    """Show one page: its fields, or, with hints, each field without and with them."""
    out.print(f"\n{trial.url or 'The saved page'}", style="bold", markup=False)
    if trial.hinted is None:
        _show_fields(trial.usual)
    else:
        _show_changes(trial.usual, trial.hinted)


def _show_fields(article: Article) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _fields(article).items():
        if value or name in MAIN:
            table.add_row(f"  {name}", Text(value or "none"))
    out.print(table)


def _show_changes(usual: Article, hinted: Article) -> None:
    """Show what hints change, field by field, then in the body line by line, then the hints that are of no use here."""
    before, after = _fields(usual), _fields(hinted)
    changed = _changed(usual, hinted)
    table = Table("field", "by the rules", "with the hints", show_edge=False)
    for name, value in before.items():
        if name in changed:
            table.add_row(name, Text(value or "none"), Text(after[name] or "none"))
        elif value or name in MAIN:
            by = hinted.provenance.get(name)
            same = "the same" if by == usual.provenance.get(name) else f"the same, by {by}"
            table.add_row(name, Text(value or "none"), same, style="dim")
    out.print(table)
    for line in _body_changes(usual.body, hinted.body):
        out.print(f"  {line}", markup=False)
    for candidate in hinted.candidates:
        if candidate.signal == "hint" and not candidate.taken:
            out.print(f"  The hint for {candidate.field} is of no use here: {candidate.why}.", markup=False)


def _fields(article: Article) -> dict[str, str]:
    """Give what a person checks of an article, each with the signal that gave it."""
    values = {
        "outcome": f"{article.outcome}{f': {article.reason}' if article.reason else ''}",
        "title": article.title or "",
        "published": _moment(article.published),
        "modified": _moment(article.modified),
        "authors": "; ".join(article.authors),
        "agencies": "; ".join(article.agencies),
        "place": article.place or "",
        "section_path": " / ".join(article.section_path),
        "tags": "; ".join(article.tags),
        "language": article.language or "",
        "summary": article.summary or "",
        "body": f"{article.word_count:,} words" if article.body else "",
    }
    told = article.provenance
    shown = {name: f"{value} ← {told[name]}" if value and name in told else value for name, value in values.items()}
    if article.body:
        shown["body"] += f": {' '.join(article.body[:EXCERPT].split())}"
    return shown


def _moment(moment: Moment | None) -> str:
    if moment is None:
        return ""
    return moment.local.isoformat(sep=" ") if moment.local else f"{moment.on} (the day only)"


def _changed(usual: Article, hinted: Article) -> set[str]:
    """Name the fields that hints change in value; another signal for the same value is no change."""
    names = ("title", "authors", "agencies", "place", "section_path", "tags", "language", "summary", "body")
    changed = {name for name in names if getattr(usual, name) != getattr(hinted, name)}
    changed |= {"outcome"} if (usual.outcome, usual.reason) != (hinted.outcome, hinted.reason) else set()
    return changed | {n for n in ("published", "modified") if _moment(getattr(usual, n)) != _moment(getattr(hinted, n))}


def _body_changes(usual: str | None, hinted: str | None) -> list[str]:
    """Give the lines that the hints take out of a body and bring into it."""
    before, after = (usual or "").split("\n"), (hinted or "").split("\n")
    known, kept = set(before), set(after)
    lines = [f"- {line[:LINE_CHARS]}" for line in before if line and line not in kept]
    lines += [f"+ {line[:LINE_CHARS]}" for line in after if line and line not in known]
    more = len(lines) - LINES
    return [*lines[:LINES], *([f"… and {more} more lines"] if more > 0 else [])]
