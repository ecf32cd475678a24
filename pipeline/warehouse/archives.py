"""WARC files as rows: where committed records end, and which files a dead process left open."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from models.states import ArchiveState
from models.tables import archives
from pipeline.warehouse import clock


@dataclass(frozen=True, slots=True)
class OpenArchive:
    """A file that its writer left open; bytes after `size` belong to no committed record."""

    id: int
    name: str
    place: str
    size: int


def add_archive(connection: Connection, name: str, place: str, token: str) -> int:
    """Add the row of a file before the file itself, so that no file is ever without one; give its key."""
    row = {"name": name, "place": place, "state": ArchiveState.OPEN, "opened_at": clock.now(connection)}
    added = insert(archives).values(lease_token=token, **row).returning(archives.c.id)
    return int(connection.execute(added).scalar_one())


def commit_size(connection: Connection, key: int, size: int) -> None:
    """Write where the last record of this transaction ends."""
    connection.execute(update(archives).where(archives.c.id == key).values(size=size))


def left_open(connection: Connection, token: str | None) -> list[OpenArchive]:
    """Give the files that the holder of `token` left open; None for those that nobody holds."""
    columns = (archives.c.id, archives.c.name, archives.c.place, archives.c.size)
    query = select(*columns).where(archives.c.state == ArchiveState.OPEN, archives.c.lease_token == token)
    return [OpenArchive(*row) for row in connection.execute(query)]


def close_archive(connection: Connection, name: str) -> None:
    """Say that a file is never written again."""
    closed = {"state": ArchiveState.CLOSED, "closed_at": clock.now(connection)}
    connection.execute(update(archives).where(archives.c.name == name).values(**closed))


def end_archive(connection: Connection, left: OpenArchive, *, is_kept: bool) -> None:
    """Close the file that a dead writer left, or forget it when it holds no committed record."""
    if is_kept:
        close_archive(connection, left.name)
    else:
        connection.execute(delete(archives).where(archives.c.id == left.id))


def archive_named(connection: Connection, name: str) -> Any | None:
    """Find the row of a file."""
    return connection.execute(select(archives).where(archives.c.name == name)).first()


def move_archive(connection: Connection, name: str, place: str) -> None:
    """Say that a closed file is at another place now."""
    connection.execute(update(archives).where(archives.c.name == name).values(place=place))
