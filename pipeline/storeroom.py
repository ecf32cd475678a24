"""The storeroom: this run's WARC file, written before any row points to it, and the captures of earlier runs."""

from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import writing
from pipeline.pages.archive import ArchiveDamagedError, ArchivedResponse, ArchiveWriter, Record, read_record, recover
from pipeline.pages.capture import Capture, Exchange, Hop
from pipeline.warehouse import lease
from pipeline.warehouse.archives import OpenArchive, add_archive, close_archive, commit_size, place_of

PLACE = "archive"
"""The folder of WARC files, relative to the data folder."""


class Storeroom:
    """Writes captures of one run and reads those of earlier ones."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """A file is begun at the first capture; `token` is set before that."""
        self._engine = engine
        self._data_dir = settings.data_dir
        self._writer = ArchiveWriter(self._data_dir / PLACE, settings.archive_max_bytes, on_open=self._announce)
        self.token = ""
        self._ids: dict[str, int] = {}
        self._ends: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, exchange: Exchange) -> Record:
        """Write a capture; rows may point to it after `flush`. Raises OSError, LeaseLostError."""
        record = self._writer.write(exchange)
        self._ends[record.archive_name] = record.end
        return record

    def flush(self) -> None:
        """Put all that was written on the disk. Raises OSError."""
        self._writer.flush()

    def key_of(self, record: Record) -> int:
        """Give the key of a record's file in the warehouse."""
        return self._ids[record.archive_name]

    def commit(self, connection: Connection) -> None:
        """Write, in the transaction that points to them, how far the files are good, and which are full."""
        for name, end in sorted(self._ends.items()):
            commit_size(connection, self._ids[name], end)
        for name in sorted(self._full()):
            close_archive(connection, name)

    def forget_committed(self) -> None:
        """Let go of what `commit` has written, once its transaction has ended well."""
        self._ends.clear()
        for name in self._full():
            del self._ids[name]

    def _full(self) -> list[str]:
        return [name for name in self._ids if name != self._writer.name]

    def end(self) -> None:
        """End this run's file for good; the next `commit` says so. Raises OSError."""
        self._writer.close()

    def _announce(self, name: str) -> None:
        with writing(self._engine) as connection:
            lease.require(connection, self.token)
            self._ids[name] = add_archive(connection, name, PLACE, self.token)

    def read(self, connection: Connection, fetch: object) -> Capture:
        """Read the capture of a row of `fetches`. Raises ArchiveDamagedError, OSError."""
        place, name = place_of(connection, fetch.archive_id)  # type: ignore[attr-defined]  # a row's columns
        stored = read_record(self._data_dir / place / name, fetch.archive_offset)  # type: ignore[attr-defined]
        return _as_capture(stored, fetch.at, tuple((fetch.hops or "").split("\n")))  # type: ignore[attr-defined]

    def put_right(self, left: OpenArchive) -> bool:
        """Cut a dead writer's file to its committed records; False when there are none and the file is gone.

        Raises ArchiveDamagedError when committed records are missing, OSError.
        """
        path = self._data_dir / left.place / left.name
        if left.size == 0:
            path.unlink(missing_ok=True)
            return False
        try:
            recover(path, left.size)
        except FileNotFoundError as error:
            raise ArchiveDamagedError(f"{left.name} is missing from {path.parent}") from error
        return True


def _as_capture(stored: ArchivedResponse, at: datetime, hops: tuple[str, ...]) -> Capture:
    return Capture(
        requested_url=stored.url,
        url=stored.url,
        at=at,
        status=stored.status,
        headers=stored.headers,
        body=stored.body,
        hops=tuple(Hop(url, 0) for url in hops if url),
    )
