"""What follows from articles that a transaction wrote: search, topics and stories, once for all of them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from pipeline.warehouse.search_index import Searched, document_of, keep_searchable, searched
from pipeline.warehouse.stories import compare
from pipeline.warehouse.topics import tag

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """An article that was added or got other words, as it is now in the warehouse."""

    article_id: int
    uid: str
    source_id: int
    title: str | None
    summary: str | None
    body: str
    agencies: tuple[str, ...]
    published_at: datetime | None
    published_on: date | None
    first_seen_at: datetime

    @cached_property
    def searched(self) -> Searched:
        """Give the words by which it is found, which search and topics have in common."""
        return searched(document_of(self.title, self.summary, self.body))


Step = Callable[[Connection, Sequence[Written], datetime], None]

STEPS: tuple[Step, ...] = (keep_searchable, tag, compare)
"""Each does its part for many articles at once; what one misses, the nightly `maintain` catches up.

Stories come last: one process at a time compares, and the others wait until its transaction ends.
"""


def follow_up(connection: Connection, written: Sequence[Written], at: datetime) -> None:
    """Do all that follows; an article that a step cannot stomach is left out of it, and the others are not."""
    if not written:
        return
    for step in STEPS:
        if not _tried(connection, step, written, at) and len(written) > 1:
            for one in written:
                _tried(connection, step, [one], at)


def _tried(connection: Connection, step: Step, written: Sequence[Written], at: datetime) -> bool:
    try:
        with connection.begin_nested():
            step(connection, written, at)
    except OperationalError:
        # The database itself is in trouble: nothing of this turn may stay.
        raise
    except Exception:
        names = ", ".join(str(one.article_id) for one in written)
        log.exception("%s could not be done for %s", getattr(step, "__name__", step), names)
        return False
    return True
