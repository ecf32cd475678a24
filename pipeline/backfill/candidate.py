"""What a queuer finds: candidates for pages, in batches that say how far their file was read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from pipeline.backfill.wish import Wish
from pipeline.pages.capture import Capture
from pipeline.urls import Address


class Candidate(NamedTuple):
    """A page that may be wanted.

    `published` is when its publisher says that it appeared (a statement that extraction may use), `changed` when it was
    last changed, if that is all that is known; both only help to leave out pages of other days unfetched. `place` says
    where its capture is, for kinds that make no request.
    """

    url: str
    published: datetime | date | None = None
    changed: datetime | date | None = None
    title: str | None = None
    place: dict[str, Any] | None = None
    # For what has no address of its own: the one that it is known by.
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some candidates of one file (a path, an address), read up to `position`; at its end perhaps none.

    `failure` says why the file cannot be read: for good at its end, else it is tried again by the next run. `more`
    names files that this one leads to; `note` says what was odd about it.
    """

    file: str
    position: int
    candidates: tuple[Candidate, ...] = ()
    is_end: bool = False
    failure: str | None = None
    note: str | None = None
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileState:
    """How far a file was read before."""

    position: int = 0
    is_done: bool = False


Fetch = Callable[[str], Capture]
"""Fetches a document (sitemap, feed, robots.txt) politely and waits for it."""

Child = Callable[[Callable[[Any], Any], Any], Any]
"""Runs a function of a module in a child process that has a deadline; gives its result or a Failure."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a queuer works on: its wish, the files that earlier runs have met, in their order, and its tools."""

    wish: Wish
    files: Mapping[str, FileState] = field(default_factory=dict)
    fetch: Fetch | None = None
    child: Child | None = None


Queuer = Callable[[Ground], Iterator[Batch]]
"""Finds candidates. It leaves out files that are done and goes on in others at their position; the same file is read
the same way each time. What is wrong with a file is a `failure`, never an exception."""
