"""The warehouse and its archive held against each other: every capture read back, every file accounted for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from models.states import ArchiveState, RunState
from models.tables import archives, fetches, ledger, metadata, runs
from pipeline.pages.archive import ArchiveDamagedError
from pipeline.pages.places import FOLDER, SPOOL, Folder, Store, place_at

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class LostCapture:
    """A fetch whose capture cannot be read back, and why. Its page is fetched again when it is needed."""

    fetch_id: int
    url: str
    reason: str


@dataclass(slots=True)
class Verdict:
    """What was found. `problems` are of the database itself; `unknown_files` came after it (or it is older)."""

    tables: dict[str, int] = field(default_factory=dict)
    captures: int = 0
    lost: list[LostCapture] = field(default_factory=list)
    missing_files: list[str] = field(default_factory=list)
    unknown_files: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether everything is as the rows say; files that no row knows do no harm."""
        return not (self.lost or self.missing_files or self.problems)


def verify(connection: Connection, data_dir: Path, watch: Callable[[int], None] = lambda _captures: None) -> Verdict:
    """Read every archived capture back with its digest, and compare files and counts; `watch` hears of captures."""
    verdict = Verdict()
    for table in metadata.sorted_tables:
        verdict.tables[table.name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
    verdict.problems += [*_integrity(connection), *_wrong_counts(connection)]
    verdict.missing_files, verdict.unknown_files = compare_files(connection, data_dir)
    places: dict[str, Folder | Store] = {}
    for row in _captures(connection):
        reason = _why_lost(row, _place(places, data_dir, row.place))
        if reason is not None:
            verdict.lost.append(LostCapture(row.id, row.url, reason))
        verdict.captures += 1
        watch(verdict.captures)
    return verdict


def compare_files(connection: Connection, data_dir: Path) -> tuple[list[str], list[str]]:
    """Give the files that rows know and that are not there, whole; and those, or their ends, that no row knows.

    Raises StoreError when a store cannot be asked.
    """
    missing, unknown = [], []
    there = {path.name for place in (FOLDER, SPOOL) for path in (data_dir / place).glob("*.warc.gz")}
    places: dict[str, Folder | Store] = {}
    for row in connection.execute(select(archives).order_by(archives.c.name)):
        place = _place(places, data_dir, row.place)
        there.discard(row.name)
        found = place.size(row.name)
        if found is None and row.size:
            missing.append(f"{row.name} is not there")
        elif found is not None and found < row.size:
            missing.append(f"{row.name} has {found:,} bytes of {row.size:,}")
        elif found is not None and found > row.size and row.state == ArchiveState.CLOSED:
            unknown.append(f"{row.name}: {found - row.size:,} bytes after its last known record")
    return missing, unknown + [f"{name}: no row knows this file" for name in sorted(there)]


def _place(known: dict[str, Folder | Store], data_dir: Path, place: str) -> Folder | Store:
    if place not in known:
        known[place] = place_at(data_dir, place)
    return known[place]


def _captures(connection: Connection) -> Iterator[Any]:
    columns = (fetches, archives.c.place, archives.c.name, archives.c.size)
    query = select(*columns).join(archives, archives.c.id == fetches.c.archive_id)
    query = query.order_by(fetches.c.archive_id, fetches.c.archive_offset)
    return iter(connection.execute(query, execution_options={"yield_per": _CHUNK}))


def _why_lost(row: Any, place: Folder | Store) -> str | None:
    if row.archive_offset + row.archive_length > row.size:
        return f"{row.name} was committed up to {row.size:,}, before this record at {row.archive_offset:,}"
    try:
        stored = place.read(row.name, row.archive_offset, row.archive_length)
    except FileNotFoundError:
        return f"{row.name} is not there"
    except (ArchiveDamagedError, OSError) as error:
        return str(error)
    if stored.digest != row.digest:
        return f"{row.name} holds another capture at {row.archive_offset:,}"
    return None


def _integrity(connection: Connection) -> list[str]:
    """Let SQLite look over its own file; PostgreSQL checks what it reads by itself."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)")) if row[0] != "ok"]
    orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    return found + [f"{row[0]} row {row[1]} refers to a row of {row[2]} that is not there" for row in orphans[:20]]


def _wrong_counts(connection: Connection) -> list[str]:
    """Compare what each ended run counted with its ledger."""
    query = select(ledger.c.run_id, ledger.c.outcome, func.count()).group_by(ledger.c.run_id, ledger.c.outcome)
    counted: dict[int, dict[str, int]] = {}
    for run_id, outcome, count in connection.execute(query):
        counted.setdefault(run_id, {})[outcome] = count
    ended = select(runs.c.id, runs.c.counts).where(runs.c.state != RunState.RUNNING).order_by(runs.c.id)
    return [
        f"run {row.id} counted other outcomes than its ledger holds"
        for row in connection.execute(ended)
        if row.counts.get("entries", {}) != counted.get(row.id, {})
    ]
