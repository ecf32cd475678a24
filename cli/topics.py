"""`khotin topics`: the topics of topics.yaml, how many articles they have, and tagging now instead of with the runs."""

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.screen import err, head, out, stop
from config.settings import load_settings
from config.topics import NAME
from models.engine import reading
from pipeline.own_rules import take_sections, take_topics, work_off
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.topics import TopicState, list_topics

app = typer.Typer()


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """The topics that articles are tagged with (topics.yaml): list them, or take the file over at once.

    [bold]Examples[/bold]

    khotin topics

    khotin topics apply
    """
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    with reading(opened.engine) as connection:
        states = list_topics(connection)
    if not states:
        out.print(f"There are no topics yet: write {settings.data_dir / NAME}, then type `khotin topics apply`.")
        return
    table = Table("topic", "phrases", "articles", "state", show_edge=False)
    for one in states:
        phrases = ", ".join(one.phrases) + (f" (not: {', '.join(one.exclusions)})" if one.exclusions else "")
        table.add_row(one.name, phrases, f"{one.articles:,}", _state(one))
    out.print(table)


@app.command("apply")
def apply() -> None:
    """Take topics.yaml and sections.yaml over, and tag the articles that are in the warehouse.

    It may be stopped at any time; typed again, or with the next runs, it goes on.

    [bold]Example[/bold]

    khotin topics apply
    """
    settings = load_settings()
    opened = open_warehouse(settings)
    head(settings, zone=opened.timezone)
    changes = take_topics(opened.engine, settings)
    sections = take_sections(opened.engine, settings)
    if changes is None and sections is None:
        stop(f"There is neither {settings.data_dir / NAME} nor sections.yaml beside it.")
    if changes is not None:
        for word, names in (("Added", changes.added), ("Changed", changes.changed), ("Retired", changes.retired)):
            if names:
                out.print(f"{word}: {', '.join(names)}.", markup=False)
    if sections:
        out.print(f"Sections: {sections:,} names were put into groups or taken out.")
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True
    ) as bar:
        task = bar.add_task("tagging", total=None)
        done = work_off(opened.engine, None, lambda count: bar.update(task, description=f"{count:,} articles compared"))
    out.print(f"{done:,} articles were compared; everything is up to date.")


def _state(topic: TopicState) -> str:
    if topic.retired_at is not None:
        return f"retired {topic.retired_at:%Y-%m-%d}"
    return f"{topic.behind:,} articles to compare" if topic.behind else "up to date"
