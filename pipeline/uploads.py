"""Closed WARC files on their way from the local spool to a store, in a thread of their own."""

import fcntl
import logging
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.engine import reading, writing
from models.states import ArchiveState
from pipeline.pages.archive import ArchiveDamagedError, recover
from pipeline.pages.places import SPOOL, Store
from pipeline.warehouse.archives import archive_named, move_archive

log = logging.getLogger(__name__)


class Uploads:
    """Carries what is closed in the spool to the store: at the start, whenever it is woken, and at the end.

    A file leaves the spool when the store has all of it and its row says so; what cannot be carried now stays for the
    next run. Any number of processes may share a spool.
    """

    def __init__(self, engine: Engine, spool: Path, store: Store) -> None:
        self._engine = engine
        self._spool = spool
        self.store = store
        self._is_called = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self.wake()
        self._thread.join()

    def wake(self) -> None:
        """Say that a file may have been closed."""
        self._is_called.set()

    def _run(self) -> None:
        while True:
            self._is_called.wait()
            self._is_called.clear()
            is_last = self._is_over
            self._carry_all()
            if is_last:
                return

    def _carry_all(self) -> None:
        for path in sorted(self._spool.glob("*.warc.gz")):
            try:
                self._carry(path)
            except (OSError, SQLAlchemyError) as error:
                log.warning("%s stays in %s until the next run: %s", path.name, self._spool, error)

    def _carry(self, path: Path) -> None:
        """Carry one file, unless it is still written or another process does so. Raises OSError, SQLAlchemyError."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return  # another process was first
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            with reading(self._engine) as connection:
                row = archive_named(connection, path.name)
            if row is None or row.state != ArchiveState.CLOSED:
                return
            if row.place == SPOOL:
                self._cut(path, row.size)
                self.store.take(path)
                with writing(self._engine) as connection:
                    move_archive(connection, path.name, self.store.url)
            path.unlink(missing_ok=True)

    def _cut(self, path: Path, size: int) -> None:
        """Cut off what no row knows: a run elsewhere may have closed a dead one's row without seeing its file."""
        try:
            recover(path, size)
        except ArchiveDamagedError as error:
            log.warning("%s; what is left of it is kept", error)
