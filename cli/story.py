"""`khotin story`: the articles that are one story with an article, and who has whose words."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from cli.screen import head, out, stop
from config.settings import load_settings
from models.engine import reading
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.story_view import Part, StoryOf, story_of


def story(article: Annotated[str, typer.Argument(help="An article's address, or its article_id.")]) -> None:
    """Show a story: the articles of all sources that share their words with an article, in order of time.

    [bold]Examples[/bold]

    khotin story https://vnexpress.net/an-article-4871234.html

    khotin story 1234
    """
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with reading(opened.engine) as connection:
        found = story_of(connection, article)
    if found is None:
        stop(f"There is no article {article} in the warehouse; `khotin why` tells what became of an address.")
    if len(found.parts) < 2:
        out.print(_why_alone(found), markup=False)
        return
    papers = len({part.source for part in found.parts})
    out.print(f"{len(found.parts)} articles of {papers} {'source' if papers == 1 else 'sources'}", markup=False)
    out.print(_table(found, ZoneInfo(opened.timezone)))


def _why_alone(found: StoryOf) -> str:
    title = found.article.title or found.article.url
    if not found.is_compared:
        return f"“{title}” has not been compared with others yet; the nightly `maintain` does it."
    if found.is_digest:
        return f"“{title}” is a digest of several stories and belongs to none of them."
    return f"“{title}” shares its words with no other article that came out within a week of it."


def _table(found: StoryOf, zone: ZoneInfo) -> Table:
    table = Table("time", "source", show_edge=False)
    for name in ("title", "share", "of", "credited"):
        table.add_column(name, overflow="fold" if name == "title" else "ellipsis")
    for part in found.parts:
        style = "bold" if part.article_id == found.article.article_id else ""
        table.add_row(*map(Text, _cells(part, zone)), style=style)
    return table


def _cells(part: Part, zone: ZoneInfo) -> list[str]:
    time = f"{part.at.astimezone(zone):%Y-%m-%d %H:%M}" + ("" if part.is_timed else " or before")
    cells = [time, part.source, part.title or part.url]
    if part.share is None:
        return [*cells, "", "", ""]
    return [*cells, f"{part.share:.0%}", part.copied_from or "", "yes" if part.is_credited else "no"]
