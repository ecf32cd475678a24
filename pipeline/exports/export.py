"""Articles into a folder of files, one for each day; done again, the days of the span are replaced whole."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pipeline.exports.columns import REMOVED
from pipeline.exports.writers import HALF, SCHEMA_VERSION, Format, Sink, whole_file
from pipeline.span import Span
from pipeline.warehouse.exported import Row, Selection, article_chunks, removed_chunks
from pipeline.warehouse.spans import By

ROW_GROUP = 10_000
"""Most rows that are collected before they are written (fewer when their texts are long)."""

GROUP_CHARACTERS = 20_000_000

_MANIFEST = "_khotin_export.json"
_WORDS = {By.PUBLISHED: "report", By.LOADED: "loaded", By.UPDATED: "updated"}
_OLD_HALF_SECONDS = 86_400


class ExportError(Exception):
    """The folder cannot take this export; the message is one sentence with what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: articles in files of days, files of days that have none any more, and removed articles."""

    articles: int
    days: int
    emptied: int
    removed: int


def export(
    connection: Connection,
    folder: Path,
    kind: Format,
    selection: Selection,
    watch: Callable[[int], None] = lambda _articles: None,
) -> Exported:
    """Write the articles of whole days: a span that begins or ends within a day is widened by `whole_days`.

    A folder is of one kind of export. Memory is bounded. Raises `ExportError`, OSError.
    """
    selection = replace(selection, span=whole_days(selection.span))
    _claim_folder(folder, kind, selection)
    written: set[Path] = set()
    done = 0
    with ExitStack() as stack:
        path: Path | None = None
        sink: Sink | None = None
        for day, rows in _groups(article_chunks(connection, selection)):
            its_path = folder / _partition(day, selection.by) / f"articles.{kind}"
            if sink is None or its_path != path:
                stack.close()
                path, sink = its_path, stack.enter_context(whole_file(its_path, kind, selection.columns))
                written.add(its_path)
            sink.write(rows)
            done += len(rows)
            watch(done)
    emptied = _drop_emptied(folder, kind, selection, written)
    removed = _write_removed(connection, folder, kind)
    return Exported(done, len(written), emptied, removed)


def whole_days(span: Span) -> Span:
    """Widen a span to whole days in the newsroom's zone: a file of a day is replaced whole, so it must be whole."""

    def begin(day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, clock_time(), span.zone).astimezone(UTC)

    return Span(begin(span.since_day), begin(span.until_day), span.zone)


def _groups(chunks: Iterator[tuple[date, list[Row]]]) -> Iterator[tuple[date, list[Row]]]:
    """Join chunks of one day up to the size of a row group."""
    day: date | None = None
    group: list[Row] = []
    characters = 0
    for its_day, chunk in chunks:
        if day is not None and (its_day != day or len(group) >= ROW_GROUP or characters >= GROUP_CHARACTERS):
            yield day, group
            group, characters = [], 0
        day = its_day
        group += chunk
        characters += sum(len(value) for row in chunk for value in row if isinstance(value, str))
    if day is not None:
        yield day, group


def _partition(day: date, by: By) -> Path:
    """Name a day's folder as Hive does, which DuckDB, polars, pandas and Spark read as columns."""
    word = _WORDS[by]
    return Path("articles", f"{word}_month={day:%Y-%m}", f"{word}_day={day:%Y-%m-%d}")


def _claim_folder(folder: Path, kind: Format, selection: Selection) -> None:
    """Mark the folder with the kind of export it is of, and clear what a killed export left."""
    mark: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "format": kind.value,
        "by": selection.by.value,
        "source": selection.source,
        "texts": selection.has_texts,
        "timezone": selection.span.zone.key,
    }
    path = folder / _MANIFEST
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if found != mark:
            raise ExportError(f"{folder} holds another kind of export: its days would be mixed; give another --to.")
    elif folder.exists() and any(folder.iterdir()):
        raise ExportError(f"{folder} holds other files: give an empty or new folder with --to.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(mark, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for half in folder.rglob(f".*{HALF}"):
        if time.time() - half.stat().st_mtime > _OLD_HALF_SECONDS:
            half.unlink(missing_ok=True)


def _drop_emptied(folder: Path, kind: Format, selection: Selection, written: set[Path]) -> int:
    """Drop files of days of the span that have no article any more."""
    span, word = selection.span, _WORDS[selection.by]
    dropped = 0
    for path in sorted(folder.glob(f"articles/{word}_month=*/{word}_day=*/articles.{kind}")):
        day = date.fromisoformat(path.parent.name.partition("=")[2])
        is_asked = (span.since_day is None or day >= span.since_day) and (
            span.until_day is None or day < span.until_day
        )
        if is_asked and path not in written:
            path.unlink()
            dropped += 1
    return dropped


def _write_removed(connection: Connection, folder: Path, kind: Format) -> int:
    """Write all articles that people removed, whatever the span: whoever syncs drops them."""
    done = 0
    with whole_file(folder / f"removed.{kind}", kind, REMOVED) as sink:
        for rows in removed_chunks(connection):
            sink.write(rows)
            done += len(rows)
    return done
