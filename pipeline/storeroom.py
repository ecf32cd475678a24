"""The storeroom: this run's WARC file, written before any row points to it, and the captures of earlier runs."""

from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import writing
from pipeline.pages.archive import (
    ArchiveDamagedError,
    ArchivedResponse,
    ArchiveWriter,
    Original,
    Record,
    payload_digest,
    recover,
)
from pipeline.pages.capture import Capture, Exchange, Hop
from pipeline.pages.places import FOLDER, SPOOL, Store, is_store, place_at
from pipeline.uploads import Uploads
from pipeline.warehouse import lease
from pipeline.warehouse.archives import OpenArchive, add_archive, close_archive, commit_size


class Storeroom:
    """Writes captures of one run and reads those of earlier ones."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """A file is begun at the first capture; `token` is set before that. Raises StoreError."""
        self._engine = engine
        self._data_dir = settings.data_dir
        url = settings.archive_url
        store = Store(url) if url and is_store(url) else None
        self._place = SPOOL if store else url or FOLDER
        folder = self._data_dir / self._place
        self._uploads = Uploads(engine, folder, store) if store else None
        self._writer = ArchiveWriter(folder, settings.archive_max_bytes, on_open=self._announce)
        self.token = ""
        self._ids: dict[str, int] = {}
        self._ends: dict[str, int] = {}

    def __enter__(self) -> Self:
        if self._uploads:
            self._uploads.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writer.close()
        finally:
            if self._uploads:
                self._uploads.__exit__(kind, error, trace)

    def write(self, exchange: Exchange, known: Any | None = None) -> Record:
        """Write a capture; rows may point to it after `flush`. Raises OSError, LeaseLostError.

        `known` is the row of an earlier fetch of the page whose record has a body: when that is the same, only a
        revisit record that refers to it is written.
        """
        digest = payload_digest(exchange.body)
        original = Original(known.url, known.at) if known is not None and known.digest == digest else None
        record = self._writer.write(exchange, digest=digest, original=original)
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
        full = self._full()
        for name in full:
            del self._ids[name]
        if full:
            self.carry()

    def carry(self) -> None:
        """Let closed files be carried to the store, if there is one; it happens in the background."""
        if self._uploads:
            self._uploads.wake()

    def _full(self) -> list[str]:
        return [name for name in self._ids if name != self._writer.name]

    def end(self) -> None:
        """End this run's file for good; the next `commit` says so. Raises OSError."""
        self._writer.close()

    def _announce(self, name: str) -> None:
        with writing(self._engine) as connection:
            lease.require(connection, self.token)
            self._ids[name] = add_archive(connection, name, self._place, self.token)

    def read(self, fetch: Any, original: Any | None = None) -> Capture:
        """Read the capture of a row of `captures_of`; `original` is the row that has a revisit's body.

        Raises ArchiveDamagedError, OSError. A store is asked over the network: never within a transaction.
        """
        stored = self._read(fetch)
        if stored.original is not None:
            if original is None or original.digest != stored.digest:
                raise ArchiveDamagedError(f"the capture that fetch {fetch.id} repeats is gone")
            stored = replace(stored, body=self._read(original).body)
        return _as_capture(stored, fetch.at, tuple((fetch.hops or "").split("\n")))

    def _read(self, fetch: Any) -> ArchivedResponse:
        where = (fetch.archive_name, fetch.archive_offset, fetch.archive_length)
        try:
            return place_at(self._data_dir, fetch.place).read(*where)
        except FileNotFoundError:
            if self._uploads is None or fetch.place != SPOOL:
                raise
            return self._uploads.store.read(*where)  # it has just been carried there

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
