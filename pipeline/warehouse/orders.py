"""What a person orders for feeds: pause, resume, reset; kept with who said so and why."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, or_, select, update

from models.states import FeedState
from models.tables import feeds, sources
from pipeline.warehouse import clock
from pipeline.warehouse.batches import in_chunks

# A reset feed is as new: its next poll asks for the whole body and learns its rhythm afresh. Whoever polls it right
# now loses it, so that nothing old is written afterwards.
_AS_NEW: dict[str, Any] = {
    "etag": None,
    "last_modified": None,
    "body_hash": None,
    "known_entries": None,
    "not_modified_streak": 0,
    "has_false_validators": False,
    "moved_url": None,
    "moving_to": None,
    "moving_since_at": None,
    "rhythm": None,
    "failures": 0,
    "lease_token": None,
    "next_poll_reason": "it was reset",
}


def find_feeds(connection: Connection, name: str) -> list[Any]:
    """Give the feeds that a source's slug or a feed's address means, retired ones left out."""
    query = (
        select(feeds.c.id, feeds.c.url, feeds.c.state, sources.c.slug)
        .join(sources, sources.c.id == feeds.c.source_id)
        .where(or_(sources.c.slug == name, feeds.c.url == name, feeds.c.moved_url == name))
        .where(feeds.c.state != FeedState.RETIRED)
        .order_by(feeds.c.url)
    )
    return list(connection.execute(query))


def pause(connection: Connection, ids: Sequence[int], who: str, why: str | None) -> None:
    """Poll feeds no more until they are resumed; pages of theirs that wait are fetched all the same."""
    _order(connection, ids, FeedState.PAUSED, who, why, {})


def resume(connection: Connection, ids: Sequence[int], who: str, why: str | None) -> None:
    """Poll feeds again, from now on; one that was gone (410) too."""
    at = clock.now(connection)
    _order(connection, ids, FeedState.ACTIVE, who, why, {"next_poll_at": at, "next_poll_reason": "it was resumed"})


def reset(connection: Connection, ids: Sequence[int], who: str, why: str | None) -> None:
    """Forget what was learnt of feeds (validators, rhythm, move, failures) and poll them now; entries stay."""
    _order(connection, ids, FeedState.ACTIVE, who, why, _AS_NEW | {"next_poll_at": clock.now(connection)})


def _order(
    connection: Connection, ids: Sequence[int], state: FeedState, who: str, why: str | None, values: dict[str, Any]
) -> None:
    said = {"state": state, "state_by": who, "state_at": clock.now(connection), "state_reason": why}
    for chunk in in_chunks(ids):
        connection.execute(update(feeds).where(feeds.c.id.in_(chunk)).values(**said, **values))
