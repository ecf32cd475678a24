"""Saved pages and plain-text captures in folders: each is known by the address that it states, else by its content."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from pipeline.backfill.candidate import Batch, Candidate, FileState, Ground
from pipeline.backfill.saved import HTML_SUFFIXES, TEXT_SUFFIXES, SavedError, look_at
from pipeline.backfill.stores import expand
from pipeline.backfill.wish import Wish, WishError
from pipeline.urls import Address, address_of

BATCH = 500
NO_HOST = "files"
"""Stands for the host, and names the source, of texts that state no address."""


def resolve(_connection: Connection, wish: Wish) -> Wish:
    """Make paths absolute, so that the same folder is the same backfill from everywhere. Raises WishError."""
    targets = []
    for target in wish.targets:
        path = Path(target).expanduser().absolute()
        if not expand(str(path), (*HTML_SUFFIXES, *TEXT_SUFFIXES)):
            raise WishError(f"There is no saved page (.html) and no text (.txt) at {target}.")
        targets.append(str(path))
    return replace(wish, targets=tuple(targets))


def find(ground: Ground) -> Iterator[Batch]:
    """Look at every file of every folder, in the order of their names."""
    for target in ground.wish.targets:
        state = ground.files.get(target, FileState())
        if not state.is_done:
            yield from _batches(target, state.position, ground.wish)


def _batches(target: str, position: int, wish: Wish) -> Iterator[Batch]:
    paths = expand(target, (*HTML_SUFFIXES, *TEXT_SUFFIXES))
    unread = 0
    for start in range(position, len(paths), BATCH):
        chunk = paths[start : start + BATCH]
        candidates = []
        for path in chunk:
            try:
                candidates.append(_candidate(Path(path), wish))
            except (SavedError, OSError):
                unread += 1
        yield Batch(target, start + len(chunk), tuple(candidates))
    note = (f"{unread} files" if unread > 1 else "a file") + " could not be read" if unread else None
    yield Batch(target, len(paths), is_end=True, note=note)


def _candidate(path: Path, wish: Wish) -> Candidate:
    saved = look_at(path)
    known_by = address_of(saved.url) if saved.url else None
    name = f"urn:sha256:{saved.digest}"
    address = known_by or Address(name, name, NO_HOST)
    published = _moment(wish.published) if wish.published else None
    return Candidate(address.url, published, place={"file": str(path), "url": address.url}, address=address)


def _moment(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
