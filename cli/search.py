"""`khotin search`: articles by their words, marks or not."""

import json
import re
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from cli.screen import USAGE, head, out, stop, write_data
from config.settings import load_settings
from models.engine import reading
from pipeline.search_query import Query, QueryError, parse_query
from pipeline.search_snippet import snippet_of
from pipeline.span import SpanError, parse_span
from pipeline.warehouse.opening import Opened, open_warehouse
from pipeline.warehouse.search import Found, Hit, Wanted
from pipeline.warehouse.search import search as find
from pipeline.warehouse.spans import all_slugs

MAX_TITLE = 300

SinceOption = Annotated[
    str | None, typer.Option("--since", help="Published since then: 2026-03-01, 2026-03, 7d, or an instant.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Published before then; the day itself is not included.")
]


def search(
    words: Annotated[
        list[str], typer.Argument(help='Words that must occur, "a phrase", -word to leave out, begin* for a beginning.')
    ],
    since: SinceOption = None,
    until: UntilOption = None,
    source: Annotated[str | None, typer.Option("--source", help="Only the source with this slug.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="Most articles to show.")] = 20,
    newest: Annotated[
        bool, typer.Option("--newest/--best", help="The newest first, or those that fit best (the default).")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Find articles by the words of title and text; marks may be left out, and words with the right ones come first.

    [bold]Examples[/bold]

    khotin search can tho                        both words, in any order: Cần Thơ, can tho

    khotin search '"can tho" -"xang dau"'        the phrase, and not that other one

    khotin search 'đường sắt' --since 30d --source vnexpress --newest

    What the shell's quotes hold together is a phrase, too: khotin search "can tho" -xang
    """
    settings = load_settings()
    try:
        asked = parse_query(_typed(words))
    except QueryError as error:
        stop(str(error), USAGE)
    opened = open_warehouse(settings)
    head(settings, is_data=is_json, zone=opened.timezone)
    try:
        span = parse_span(since, until, ZoneInfo(opened.timezone))
    except SpanError as error:
        stop(str(error), USAGE)
    check_source(opened, source)
    with reading(opened.engine) as connection:
        found = find(connection, Wanted(asked, span, source, limit, newest))
    if is_json:
        for hit in found.hits:
            write_data(json.dumps(_as_json(hit), ensure_ascii=False))
        return
    _show(found, asked)


def _typed(given: list[str]) -> str:
    """Give what was typed as one query; what the shell's quotes held together is a phrase."""
    for one in given:
        if one.startswith("--"):
            stop(f"There is no option {one}; `khotin search --help` lists them.", USAGE)
    return " ".join(f'"{one}"' if " " in one and _IS_PLAIN.fullmatch(one) else one for one in given)


# Without quotes, words to leave out and beginnings, which are for the query itself.
_IS_PLAIN = re.compile(r'(?!-)(?:(?! -)[^"“”„«»*])*')


def check_source(opened: Opened, slug: str | None) -> None:
    """End the command when no source has ever had this slug."""
    if slug is None:
        return
    with reading(opened.engine) as connection:
        known = all_slugs(connection)
    if slug not in known:
        stop(f"No source is called {slug!r}: the sources are {', '.join(known) or 'none yet'}.", USAGE)


def _show(found: Found, asked: Query) -> None:
    table = Table("published", "source", show_edge=False)
    table.add_column("article", overflow="fold")
    for hit in found.hits:
        table.add_row(_when(hit), hit.source, _article(hit, asked))
    if found.hits:
        out.print(table)
    count = f"{found.total:,} article{'' if found.total == 1 else 's'}"
    more = f", {len(found.hits)} are shown" if found.total > len(found.hits) else ""
    out.print(f"{count}{more}.", markup=False)
    if not found.total and any(len(term.words) > 1 for term in asked.wanted):
        out.print("A phrase is looked for as it is; without quotes its words may be apart.")


def _when(hit: Hit) -> str:
    if hit.published_at is not None:
        return f"{hit.published_at:%Y-%m-%d %H:%MZ}"
    return str(hit.published_on or f"seen {hit.report_date}")


def _article(hit: Hit, asked: Query) -> Text:
    title = snippet_of(hit.title or "(no title)", asked, MAX_TITLE)
    cell = Text("")
    for part, style in ((title, "bold"), (hit.snippet, "")):
        line = Text(part.text, style=style)
        for start, end in part.hits:
            line.stylize("bold yellow", start, end)
        cell.append_text(line).append("\n")
    return cell.append(hit.url, style="dim")


def _as_json(hit: Hit) -> dict[str, object]:
    return {
        "article_id": hit.article_id,
        "source": hit.source,
        "title": hit.title,
        "url": hit.url,
        "published_at": f"{hit.published_at:%Y-%m-%dT%H:%M:%SZ}" if hit.published_at else None,
        "published_on": hit.published_on.isoformat() if hit.published_on else None,
        "report_date": hit.report_date.isoformat(),
        "is_exact": hit.is_exact,
        "snippet": hit.snippet.marked(),
    }
