"""Hints as people type them: `--hint KEY=VALUE` and `--source SLUG`, and as they are written in the feeds file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.screen import USAGE, feeds_file_in_use, stop
from config.feeds_file import FeedsFile, SourceSpec, read_feeds_file
from config.hints import KEYS, HintError, Hints, as_json, merged, read_hint
from config.settings import Settings

SourceOption = Annotated[
    str | None, typer.Option("--source", help="Use zone, language and hints of this source of the feeds file.")
]
HintOption = Annotated[
    list[str] | None,
    typer.Option("--hint", metavar="KEY=VALUE", help=f"A hint to try; may be given again. {escape(', '.join(KEYS))}."),
]


def with_typed(hints: Hints | None, typed: list[str] | None) -> Hints | None:
    """Give the hints of a source with those that were typed in their place; a mistake ends the command."""
    values = []
    for text in typed or []:
        key, equals, value = text.partition("=")
        if not equals:
            stop(f'--hint {text!r} is no hint: write it as KEY=VALUE, such as "selectors.body=div.story".', USAGE)
        try:
            values.append((key.strip(), read_hint(key.strip(), value)))
        except HintError as error:
            stop(f"--hint {text!r}: {error}", USAGE)
    try:
        return merged(hints, values) if values else hints
    except HintError as error:
        stop(f"--hint: {error}", USAGE)


def needs_zone(hints: Hints | None, source: SourceSpec | None) -> bool:
    """Tell whether hints say that a zone is wrong and nobody says which is right."""
    dates = hints.dates if hints else None
    return dates is not None and dates.zone_is_wrong and not (dates.timezone or (source and source.timezone))


def sources_in_use(settings: Settings, feeds: Path | None) -> FeedsFile:
    """Read the feeds file that the next run would take."""
    if feeds is not None and not feeds.exists():
        stop(f"There is no feeds file at {feeds}.")
    return read_feeds_file(feeds_file_in_use(feeds or settings.feeds))


def source_named(file: FeedsFile, slug: str) -> SourceSpec | None:
    """Give the source of that slug."""
    return next((one for one in file.sources if slug in (one.slug, one.derived_slug)), None)


def slugs_in(file: FeedsFile) -> str:
    """Name the sources of a feeds file."""
    return ", ".join(one.slug or one.derived_slug for one in file.sources)


def as_yaml(hints: Hints) -> str:
    """Give hints as lines for the feeds file, below a source's other keys."""
    lines = ["    hints:"]
    for part, names in (as_json(hints) or {}).items():
        lines.append(f"      {part}:")
        for name, value in names.items():
            lines.append(f"        {name}: {_scalar(value) if not isinstance(value, list) else _list(value)}")
    return "\n".join(lines)


def _list(values: list[str]) -> str:
    return f"[{', '.join(map(_scalar, values))}]"


def _scalar(value: str | bool) -> str:
    """Quote a text as YAML does in single quotes, where nothing but the quote itself is special."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "'" + value.replace("'", "''") + "'"
