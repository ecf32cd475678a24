"""Files and folders that a backfill reads: on this machine, or behind an fsspec address."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast


def is_remote(name: str) -> bool:
    """Tell whether a name is an fsspec address."""
    return "://" in name


def open_file(name: str) -> AbstractContextManager[BinaryIO]:
    """Open a file for reading, with seeks. Raises OSError, ImportError when a store's library is missing."""
    if not is_remote(name):
        return Path(name).open("rb")
    import fsspec  # noqa: PLC0415  # half a second that only remote files are worth

    with _told_as_os_error():
        return cast("AbstractContextManager[BinaryIO]", fsspec.open(name, "rb").open())


@contextmanager
def _told_as_os_error() -> Iterator[None]:
    """Let a store's own errors (no credentials, no such bucket) be OSErrors: each store's library has others."""
    try:
        yield
    except (OSError, ImportError):
        raise
    except Exception as error:
        raise OSError(f"{error}".strip() or type(error).__name__) from error


def expand(target: str, suffixes: tuple[str, ...]) -> list[str]:
    """Give the files of a target (file, folder, glob) whose names end with one of `suffixes`, sorted.

    A file that is named is given whatever its name; paths are absolute. Raises OSError, ImportError.
    """
    if is_remote(target):
        return _expand_remote(target, suffixes)
    path = Path(target).expanduser().absolute()
    if path.is_file():
        return [str(path)]
    if path.is_dir():
        found = (one for one in path.rglob("*") if one.is_file())
    else:
        anchor = Path(path.anchor)
        found = (one for one in anchor.glob(str(path.relative_to(anchor))) if one.is_file())
    return sorted(str(one) for one in found if one.name.lower().endswith(suffixes))


def _expand_remote(target: str, suffixes: tuple[str, ...]) -> list[str]:
    import fsspec  # noqa: PLC0415  # as above

    with _told_as_os_error():
        files: Any
        files, path = fsspec.core.url_to_fs(target)
        if "*" in target or "?" in target.partition("://")[2]:
            names = files.glob(path)
        elif files.isdir(path):
            names = files.find(path)
        elif files.exists(path):
            return [target]
        else:
            names = []
        return sorted(files.unstrip_protocol(name) for name in names if name.lower().endswith(suffixes))
