"""Pages out of WARC files, CC-NEWS' or any other, by address, date and source; nothing is asked of any site."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from pipeline.backfill.candidate import Batch, Candidate, FileState, Ground
from pipeline.backfill.stores import expand, is_remote, open_file
from pipeline.backfill.warc_capture import why_no_page
from pipeline.backfill.warc_file import BrokenRecordError, WarcFile
from pipeline.backfill.wish import Wish, WishError

BATCH = 2_000
"""Records of one batch, wanted or not: about 100 MB of CC-NEWS."""

COMMON_CRAWL = "https://data.commoncrawl.org/"
"""What the lines of Common Crawl's path lists are relative to."""

_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_LISTS = ("warc.paths", "warc.paths.gz")
_STAMP = re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(\d\d)\d{6}(?!\d)")
MAX_LIST_BYTES = 50_000_000


def resolve(_connection: Connection, wish: Wish) -> Wish:
    """Find the files of every target; lists of paths become the files that they name. Raises WishError."""
    found: list[str] = []
    for target in wish.targets:
        try:
            found += _files_of(target)
        except (OSError, ImportError, ValueError) as error:
            raise WishError(f"{target} cannot be read: {error}.") from error
    files = tuple(name for name in dict.fromkeys(found) if not _is_older(name, wish))
    if not found:
        raise WishError(f"There is no WARC file at {', '.join(wish.targets)}: they end with {', '.join(_SUFFIXES)}.")
    if not files:
        raise WishError("Every WARC file there was written before --since: its pages were published even earlier.")
    return replace(wish, targets=files)


def _files_of(target: str) -> list[str]:
    if target.lower().endswith(_LISTS):
        return [_path_in(target, line) for line in _lines(target)]
    return expand(target, _SUFFIXES)


def _lines(name: str) -> list[str]:
    with open_file(name) as file:
        data = file.read(MAX_LIST_BYTES)
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return [line for line in text[:MAX_LIST_BYTES].decode("utf-8", errors="replace").split() if line]


def _path_in(listed_in: str, line: str) -> str:
    """Give a line of a path list as a file: beside the list when it is there, else at Common Crawl's."""
    if is_remote(line):
        return line
    if not is_remote(listed_in):
        folder = Path(listed_in).expanduser().absolute().parent
        for path in (folder / line, folder / Path(line).name):
            if path.is_file():
                return str(path)
    return COMMON_CRAWL + line.lstrip("/")


def _is_older(name: str, wish: Wish) -> bool:
    """Tell whether a file says by its name (CC-NEWS-20240131235959-…) that it was begun days before the wish's."""
    stamp = _STAMP.search(name.rsplit("/", 1)[-1])
    if stamp is None or wish.since is None:
        return False
    try:
        begun = datetime(int(stamp[1]), int(stamp[2]), int(stamp[3]), tzinfo=UTC)
    except ValueError:
        return False
    # A crawler fills a file for hours.
    return begun + timedelta(days=2) < wish.since


def find(ground: Ground) -> Iterator[Batch]:
    """Read every file from where it was left."""
    for name in ground.wish.targets:
        state = ground.files.get(name, FileState())
        if not state.is_done:
            yield from _batches(name, state.position)


def _passed_over(broken: int) -> str | None:
    if broken <= 1:
        return "a broken record was passed over" if broken else None
    return f"{broken} broken records were passed over"


def _batches(name: str, position: int) -> Iterator[Batch]:
    try:
        with open_file(name) as file:
            warc = WarcFile(file)
            candidates: list[Candidate] = []
            broken, seen = 0, 0
            for found in warc.records(position):
                position, seen = found.end, seen + 1
                if found.record is None:
                    broken += 1
                elif why_no_page(found.record) is None:
                    place = {"warc": name, "offset": found.offset}
                    # What was captured before the wish's days was published before them.
                    candidates.append(Candidate(found.record.url, changed=found.record.at, place=place))
                if seen % BATCH == 0:
                    yield Batch(name, position, tuple(candidates))
                    candidates = []
            yield Batch(name, position, tuple(candidates), is_end=True, note=_passed_over(broken))
    except (OSError, ImportError, BrokenRecordError) as error:
        yield Batch(name, position, is_end=True, failure=str(error))
