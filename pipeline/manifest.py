"""Many saved pages at once: JSON Lines in, normalised articles out, in order, whatever is wrong with single lines."""

import gzip
import json
import queue
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from config.codes import is_timezone
from models.outcomes import Outcome
from pipeline.articles.article import Article, FeedHint, Page
from pipeline.articles.record import as_record
from pipeline.children import extract_page
from pipeline.dates.moment import Moment
from pipeline.dates.written import read_written
from pipeline.text import one_line
from pipeline.workers import Failure, Workers

MAX_LINE_BYTES = 1_000_000
MAX_PAGE_BYTES = 50_000_000
# Enough to keep every child busy, little enough to hold in memory.
IN_HAND_PER_WORKER = 8


class _LineError(ValueError):
    """What is wrong with one line of the manifest."""


def extract_manifest(path: Path, workers: int, seconds: float) -> Iterator[dict[str, Any]]:
    """Extract every page of a manifest in its order, in `workers` child processes with `seconds` for each page.

    A line that cannot be used gives a record with `outcome` and `reason` as well. Raises OSError when the manifest
    itself cannot be read.
    """
    results: dict[int, queue.SimpleQueue[Any]] = {}
    heads: dict[int, tuple[Any, str | None]] = {}
    with path.open("rb") as file, Workers(workers, seconds) as pool:
        next_out = 0
        for number, line in enumerate(_lines(file)):
            results[number] = queue.SimpleQueue()
            heads[number] = _submit(pool, path.parent, line, results[number])
            while number - next_out >= workers * IN_HAND_PER_WORKER:
                yield _record(results.pop(next_out).get(), *heads.pop(next_out))
                next_out += 1
        for number in sorted(results):
            yield _record(results[number].get(), *heads[number])


def _lines(file: Any) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES + 1):
        is_long = len(line) > MAX_LINE_BYTES
        while is_long and not line.endswith(b"\n") and (rest := file.readline(MAX_LINE_BYTES)):
            line = line[:1] + rest[-1:]
        if is_long:
            yield b""
        elif line.strip():
            yield line


def _submit(pool: Workers, folder: Path, line: bytes, inbox: queue.SimpleQueue[Any]) -> tuple[Any, str | None]:
    given: dict[str, Any] = {}
    try:
        given = _object(line)
        page = _page(folder, given)
    except _LineError as error:
        inbox.put(Article(Outcome.BAD_RESPONSE, str(error)))
    else:
        pool.submit(extract_page, page, inbox.put)
    return given.get("id"), given.get("url") if isinstance(given.get("url"), str) else None


def _record(result: Article | Failure, key: Any, url: str | None) -> dict[str, Any]:
    if isinstance(result, Failure):
        result = Article(Outcome.EXTRACT_FAILED, result.reason)
    return as_record(result, id=key, url=url)


def _object(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _LineError(f"the line is not JSON: {error}" if line else "the line is too long") from error
    if not isinstance(given, dict):
        raise _LineError("the line is not a JSON object")
    return given


def _page(folder: Path, given: dict[str, Any]) -> Page:
    if not isinstance(given.get("path"), str):
        raise _LineError('the line has no "path"')
    zone = _text(given, "timezone")
    if zone is not None and not is_timezone(zone):
        raise _LineError(f"{zone!r} is no IANA time zone")
    language, fetched_at = _text(given, "language"), _fetched_at(given.get("fetched_at"))
    return Page(
        html=_read(folder / given["path"]),
        url=_text(given, "url"),
        fetched_at=fetched_at,
        timezone=zone,
        language=language,
        hint=_hint(given.get("feed_entry"), zone, language, fetched_at),
    )


def _read(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except (OSError, EOFError, ValueError, zlib.error) as error:  # ValueError: a NUL in the path
        raise _LineError(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise _LineError(f"{name!r} must be text or null")
    return value or None


def _fetched_at(value: Any) -> datetime | None:
    """Read ISO 8601; without a zone it is UTC; a bare day is its last second, so that no time of it is to come."""
    if value is None:
        return None
    try:
        if len(value) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(value), time(23, 59, 59), UTC)
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _LineError(f"fetched_at {value!r} is not ISO 8601") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _hint(entry: Any, zone: str | None, language: str | None, fetched_at: datetime | None) -> FeedHint | None:
    """Read what the feed said: the names are those of `khotin feeds parse`; dates may be as the feed wrote them."""
    if not isinstance(entry, dict):
        return None

    def moment(*names: str) -> Moment | None:
        text = next((entry[name] for name in names if isinstance(entry.get(name), str)), None)
        return (
            read_written(text, timezone=zone, language=language, fetched_at=fetched_at, signal="feed") if text else None
        )

    def text(name: str) -> str | None:
        return one_line(entry[name]) if isinstance(entry.get(name), str) else None

    def names(name: str) -> tuple[str, ...]:
        value = entry.get(name)
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return tuple(found for item in values if isinstance(item, str) and (found := one_line(item)))

    return FeedHint(
        title=text("title"),
        summary=text("summary"),
        authors=names("authors"),
        published=moment("published_at", "published"),
        updated=moment("updated_at", "updated"),
        categories=names("categories"),
        section=text("section"),
        language=text("language"),
        image_url=text("image_url"),
    )
