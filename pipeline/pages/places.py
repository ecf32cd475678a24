"""Places where closed WARC files are kept: a folder, or a store behind an fsspec address such as s3://bucket/khotin."""

import io
from pathlib import Path
from typing import Any

from pipeline.pages.archive import ArchivedResponse, read_record, read_stream

FOLDER = "archive"
"""The place of the files when nothing else is set: a folder, relative to the data folder."""

SPOOL = "spool"
"""The place of files that wait to be carried to a store: a folder, relative to the data folder."""


# Where a folder must be made first; in an object store that would make the bucket, which is a person's to make.
_WITH_FOLDERS = frozenset({"file", "local", "sftp", "ssh", "ftp", "smb", "hdfs", "memory"})


class StoreError(OSError):
    """A store that cannot be used, and why."""


def is_store(place: str) -> bool:
    """Tell whether a place is a store's address; else it is a folder."""
    return "://" in place


class Folder:
    """A folder of WARC files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str, offset: int, length: int) -> ArchivedResponse:
        """Read a record. Raises ArchiveDamagedError, OSError."""
        del length  # the record knows its own end
        return read_record(self._path / name, offset)

    def size(self, name: str) -> int | None:
        """Give a file's size, None when it is not there. Raises OSError."""
        try:
            return (self._path / name).stat().st_size
        except FileNotFoundError:
            return None


class Store:
    """A store behind an fsspec address; its credentials come from where its own library looks for them.

    Every method raises StoreError when the store cannot be used.
    """

    def __init__(self, url: str) -> None:
        """Find the store's library; nothing is asked yet."""
        # Half a second that only an archive in a store is worth.
        import fsspec  # noqa: PLC0415

        self.url = url.rstrip("/")
        try:
            files, self._root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError, OSError) as error:
            raise StoreError(f"{url} cannot be used: {error}") from error
        self._files: Any = files

    def read(self, name: str, offset: int, length: int) -> ArchivedResponse:
        """Read a record of `length` bytes. Raises ArchiveDamagedError too; FileNotFoundError when there is no file."""
        data = self._ask("read", self._files.cat_file, self._path(name), start=offset, end=offset + length)
        return read_stream(io.BytesIO(data), name, offset)

    def size(self, name: str) -> int | None:
        """Give a file's size, None when it is not there."""
        # Another process may have brought it since this one last looked.
        self._files.invalidate_cache()
        try:
            return int(self._ask("look up", self._files.info, self._path(name))["size"])
        except FileNotFoundError:
            return None

    def take(self, path: Path) -> None:
        """Carry a file there, under its own name; what was there under it is replaced."""
        if set(self._protocols()) & _WITH_FOLDERS:
            self._ask("make a folder", self._files.makedirs, self._root, exist_ok=True)
        self._ask("write", self._files.put_file, str(path), self._path(path.name))
        size, wanted = self.size(path.name), path.stat().st_size
        if size != wanted:
            raise StoreError(f"{self.url}/{path.name} has {size} bytes after {wanted} were sent")

    def _protocols(self) -> tuple[str, ...]:
        protocol = self._files.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _ask(self, verb: str, ask: Any, *given: Any, **rest: Any) -> Any:
        try:
            return ask(*given, **rest)
        except FileNotFoundError:
            raise
        except Exception as error:  # each store's library has errors of its own
            raise StoreError(f"could not {verb} in {self.url}: {type(error).__name__}: {error}"[:300]) from error


def place_at(data_dir: Path, place: str) -> Folder | Store:
    """Give the place that a row names: a folder, relative to the data folder or absolute, or a store."""
    return Store(place) if is_store(place) else Folder(data_dir / place)
