"""The feeds file made true: sources and feeds as wished, what left the file retired, never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, null, select, update

from config.feeds_file import FeedsFile, FeedSpec, SourceSpec
from config.hints import as_json
from models.states import FeedState
from models.tables import feeds, sources
from pipeline.urls import host_of
from pipeline.warehouse import clock
from pipeline.warehouse.batches import in_chunks
from pipeline.warehouse.hosts import host_ids


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying the file changed, as counts of feeds."""

    added: int = 0
    retired: int = 0
    returned: int = 0


def apply_feeds_file(connection: Connection, wish: FeedsFile) -> Applied:
    """Make sources and feeds as the file wishes, in the caller's transaction."""
    at = clock.now(connection)
    source_keys = _apply_sources(connection, wish.sources, at)
    wanted = {
        feed.url: (key, feed) for source, key in zip(wish.sources, source_keys, strict=True) for feed in source.feeds
    }
    known = {row.url: row for row in connection.execute(_KNOWN)}
    # A feed that has moved is asked where it is now.
    asked = {url: (row.moved_url if (row := known.get(url)) is not None else None) or url for url in wanted}
    host_names = {url: host_of(address) or "" for url, address in asked.items()}
    hosts = host_ids(connection, host_names.values())
    added, changed, returned = [], [], 0
    for url, (source_id, feed) in wanted.items():
        values = _feed_values(feed, source_id, hosts[host_names[url]])
        row = known.get(url)
        if row is None:
            added.append({"url": url, "next_poll_at": at, "state": FeedState.ACTIVE, **values})
            continue
        if row.state == FeedState.RETIRED:
            values["state"] = FeedState.ACTIVE
            returned += 1
        if any(getattr(row, name) != value for name, value in values.items()):
            changed.append({"key": row.id, "state": row.state, **values})
    gone = [row.id for url, row in known.items() if url not in wanted and row.state != FeedState.RETIRED]
    _write_feeds(connection, added, changed, gone)
    _retire_sources(connection, set(source_keys), at)
    return Applied(len(added), len(gone), returned)


# Without what was learnt of them, which is most of their rows.
_KNOWN = select(
    *(feeds.c[name] for name in ("id", "url", "moved_url", "state", "source_id", "host_id")),
    *(feeds.c[name] for name in ("section", "language", "timezone", "interval_seconds")),
)


def _write_feeds(
    connection: Connection, added: list[dict[str, Any]], changed: list[dict[str, Any]], gone: list[int]
) -> None:
    if added:
        connection.execute(insert(feeds), added)
    if changed:
        names = [name for name in changed[0] if name != "key"]
        statement = update(feeds).where(feeds.c.id == bindparam("key")).values({n: bindparam(n) for n in names})
        connection.execute(statement, changed)
    for chunk in in_chunks(gone):
        connection.execute(update(feeds).where(feeds.c.id.in_(chunk)).values(state=FeedState.RETIRED))


def _feed_values(feed: FeedSpec, source_id: int, host_id: int) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "host_id": host_id,
        "section": feed.section,
        "language": feed.language,
        "timezone": feed.timezone,
        "interval_seconds": int(feed.interval.total_seconds()) if feed.interval else None,
    }


def _apply_sources(connection: Connection, wish: Sequence[SourceSpec], at: datetime) -> list[int]:
    """Add or change every source; give their keys in the order of the file."""
    keys = []
    for spec, (row, slug) in zip(wish, _matched(connection, wish), strict=True):
        values = _source_values(spec)
        # A JSON column takes None for the JSON text `null`.
        written = values | {"hints": values["hints"] or null()}
        if row is None:
            statement = insert(sources).values(slug=slug, created_at=at, **written).returning(sources.c.id)
            keys.append(connection.execute(statement).scalar_one())
            continue
        if row.retired_at is not None or any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(sources).where(sources.c.id == row.id).values(retired_at=None, **written))
        keys.append(row.id)
    return keys


def slugs_of(connection: Connection, wish: Sequence[SourceSpec]) -> list[str]:
    """Give the slug that each source of the file has, or will have once the file is applied."""
    return [slug for _, slug in _matched(connection, wish)]


def _matched(connection: Connection, wish: Sequence[SourceSpec]) -> list[tuple[Row[Any] | None, str]]:
    """Find the row of every source, None when it is new, and its slug.

    A slug says it all. A source without one got its slug from its name once: its name tells, else, when it was renamed,
    a feed of it that no other source of the file has a better claim to.
    """
    known = list(connection.execute(select(sources).order_by(sources.c.id)))
    by_slug, by_name = {row.slug: row for row in known}, {row.name: row for row in reversed(known)}
    by_feed = {url: by_slug[slug] for url, slug in connection.execute(_FEED_OWNERS)}
    found = {place: by_slug[spec.slug] for place, spec in enumerate(wish) if spec.slug in by_slug}
    names = [(place, by_name.get(spec.name)) for place, spec in enumerate(wish) if spec.slug is None]
    others = [(place, by_feed.get(feed.url)) for place, _ in names for feed in wish[place].feeds]
    held = {row.id for row in found.values()}
    for place, row in (*names, *others):
        if row is not None and row.id not in held and place not in found:
            found[place] = row
            held.add(row.id)
    taken = {spec.slug for spec in wish if spec.slug} | set(by_slug)
    slugs: list[str] = []
    for place, spec in enumerate(wish):
        slug = found[place].slug if place in found else spec.slug
        slugs.append(slug or _free_slug(spec.derived_slug, taken))
        taken.add(slugs[-1])
    return [(found.get(place), slug) for place, slug in enumerate(slugs)]


_FEED_OWNERS = select(feeds.c.url, sources.c.slug).join(sources, sources.c.id == feeds.c.source_id)


def _free_slug(slug: str, taken: set[str]) -> str:
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(name for name in numbered if name not in taken)


def _source_values(spec: SourceSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "home": spec.home,
        "country": spec.country,
        "language": spec.language,
        "timezone": spec.timezone,
        "store": spec.store,
        "is_archived": spec.archive,
        "robots_override_reason": spec.robots_override_reason,
        "is_rechecked": spec.recheck,
        "hints": as_json(spec.hints),
    }


def _retire_sources(connection: Connection, kept: set[int], at: datetime) -> None:
    active = connection.execute(select(sources.c.id).where(sources.c.retired_at.is_(None))).scalars()
    for chunk in in_chunks([key for key in active if key not in kept]):
        connection.execute(update(sources).where(sources.c.id.in_(chunk)).values(retired_at=at))
