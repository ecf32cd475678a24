"""Addresses from a list: one a line, CSV, or JSON Lines with `url` and, when it is known, `published`."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection

from pipeline.backfill.candidate import Batch, Candidate, FileState, Ground
from pipeline.backfill.wish import Wish, WishError

BATCH = 20_000
MAX_LINE = 20_000
"""Characters of a line: an address has 2,048 at most."""

_URL = ("url", "link", "loc", "address")
_PUBLISHED = ("published", "published_at", "published_on", "date")


def resolve(_connection: Connection, wish: Wish) -> Wish:
    """Make paths absolute, so that the same list is the same backfill from every folder. Raises WishError."""
    paths = []
    for target in wish.targets:
        path = Path(target).expanduser().absolute()
        if not path.is_file():
            raise WishError(f"There is no list of addresses at {target}.")
        paths.append(str(path))
    return replace(wish, targets=tuple(paths))


def find(ground: Ground) -> Iterator[Batch]:
    """Read every list of the wish, from the line where it was left."""
    for name in ground.wish.targets:
        state = ground.files.get(name, FileState())
        if state.is_done:
            continue
        try:
            with Path(name).open(encoding="utf-8-sig", errors="replace", newline="") as file:
                yield from _batches(name, file, state.position)
        except OSError as error:
            yield Batch(name, state.position, failure=error.strerror or str(error), is_end=True)


def _batches(name: str, file: TextIO, position: int) -> Iterator[Batch]:
    lines = _lines(file)
    first = next(lines, "")
    read, has_head = _reader_for(first)
    if not has_head:
        lines = _again(first, lines)
    for _ in islice(lines, position):
        pass
    while chunk := list(islice(lines, BATCH)):
        position += len(chunk)
        candidates = tuple(found for line in chunk if line.strip() and (found := read(line)))
        yield Batch(name, position, candidates)
    yield Batch(name, position, is_end=True)


def _lines(file: TextIO) -> Iterator[str]:
    """Give lines; the rest of one that is too long is passed over."""
    while line := file.readline(MAX_LINE):
        cut = line
        while not line.endswith("\n") and (line := file.readline(MAX_LINE)):
            cut = ""
        yield cut


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _reader_for(first: str) -> tuple[Callable[[str], Candidate | None], bool]:
    """Choose how lines are read by the first one; tell whether that is a head, which names columns."""
    if first.lstrip().startswith("{"):
        return _from_json, False
    cells = [cell.strip().lower() for cell in next(csv.reader([first]), [])]
    of_url = next((cells.index(name) for name in _URL if name in cells), None)
    if of_url is not None:
        return _from_csv(of_url, next((cells.index(name) for name in _PUBLISHED if name in cells), None)), True
    return _from_line, False


def _from_json(line: str) -> Candidate | None:
    try:
        given: Any = json.loads(line)
    except (ValueError, RecursionError):
        return Candidate(line.strip()[:200])
    if not isinstance(given, dict) or not isinstance(given.get("url"), str):
        return Candidate(line.strip()[:200])
    return Candidate(given["url"].strip(), _moment(next((given[n] for n in _PUBLISHED if n in given), None)))


def _from_line(line: str) -> Candidate | None:
    """Read an address alone, or one before its date and more; a comma without a date after it is the address's own."""
    whole = line.strip()
    if "," not in whole and '"' not in whole:
        return Candidate(whole) if whole and not whole.startswith("#") else None
    found = _FIRST_OF_CSV(line)
    if found is None or found.published or '"' in whole or " " in whole or whole == f"{found.url},":
        return found
    return Candidate(whole)


def _from_csv(of_url: int, of_published: int | None) -> Callable[[str], Candidate | None]:
    def read(line: str) -> Candidate | None:
        try:
            cells = next(csv.reader([line.replace("\x00", "")], strict=False), [])
        except csv.Error:
            cells = []
        if len(cells) <= of_url:
            return Candidate(line.strip()[:200])
        url = cells[of_url].strip()
        if not url or url.startswith("#"):
            return None
        has_date = of_published is not None and len(cells) > of_published
        return Candidate(url, _moment(cells[of_published]) if has_date and of_published is not None else None)

    return read


_FIRST_OF_CSV = _from_csv(0, 1)


def _moment(text: Any) -> datetime | date | None:
    """Read ISO 8601; an instant without a zone says only its day. Anything else says nothing."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    try:
        if len(text) <= len("2026-01-31"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.date()
