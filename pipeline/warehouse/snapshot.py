"""A SQLite file copied while others write to it (the online backup API, sqlite.org/backup.html)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from secrets import token_hex

from pipeline.warehouse.place import WarehouseError, detail_of

_BUSY_SECONDS = 30


def take_snapshot(source: Path, target: Path) -> None:
    """Copy a warehouse as it is at one instant into a new file. Raises `WarehouseError`, OSError."""
    try:
        with closing(_open_existing(source)) as live, closing(sqlite3.connect(target)) as copy:
            # One step: between steps another connection could write, and the copy would begin anew each time.
            live.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise WarehouseError(f"{source} cannot be copied to {target}: {detail_of(error)}.") from error


def keep_snapshot(source: Path, target: Path, revision: str | None) -> bool:
    """Keep a warehouse of this revision as `target`; False when another process has upgraded it meanwhile."""
    half = target.with_name(f"{target.name}.{token_hex(4)}.half")
    try:
        take_snapshot(source, half)
        with closing(sqlite3.connect(half)) as copy:
            is_same: bool = copy.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
        if is_same:
            half.replace(target)
        return is_same
    finally:
        half.unlink(missing_ok=True)


def _open_existing(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
