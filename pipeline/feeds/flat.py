"""A parsed feed on its way to the warehouse: its entries as flat rows of texts and numbers, ready to be stored.

They are made in the child that parsed the feed, where the work is spread over processes, and cross to the parent in a
tenth of the time that objects take.
"""

import hashlib
import marshal
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json.encoder import encode_basestring as _quoted
from typing import Any, NamedTuple

from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Enclosure, Entry, Feed
from pipeline.urls import Address, address_of, clean_url

# What a guid and a link may have together; a shortened guid has at most 280, a cleaned link 2,048.
_MAX_KEY_BYTES = 2_400

STORED = (
    *("guid", "url", "title", "summary", "authors", "categories", "enclosures", "language", "image_url"),
    *("published_at", "published_on", "published_local", "published_utc_offset_minutes", "publisher_modified_at"),
    *("date_problem", "content_hash"),
)
"""The columns of `entries` whose values are in `Row.stored`, in this order."""


class Row(NamedTuple):
    """An entry: what is stored of it, its page's address (None without one), and when it appeared by its own word.

    Lists are JSON; times are ISO 8601, instants in UTC with microseconds and "Z", wall times to the second.
    """

    stored: tuple[Any, ...]
    address: Address | None
    instant: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """Give what the entry is known by in its feed: guid and link."""
        return self.stored[0], self.stored[1]

    @property
    def content_hash(self) -> str:
        """Give the hash of what a publisher changes when it changes the piece: title, summary and update time."""
        return str(self.stored[-1])


@dataclass(frozen=True, slots=True)
class FlatFeed:
    """A feed's words about itself, `said` without its entries, and these as rows, each once, in document order.

    `skipped` entries more are known word for word from the last body and were not read again; `known` is what the next
    poll is to know of this body.
    """

    said: Feed
    rows: tuple[Row, ...]
    skipped: int = 0
    known: str | None = None

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        rows = [
            (row.stored, tuple(row.address) if row.address else None, row.instant and row.instant.timestamp())
            for row in self.rows
        ]
        return _restored, (self.said, marshal.dumps(rows), self.skipped, self.known)


def _restored(said: Feed, rows: bytes, skipped: int, known: str | None) -> FlatFeed:
    return FlatFeed(said, tuple(map(_row, marshal.loads(rows))), skipped, known)  # noqa: S302  # our own child wrote it


def _row(values: tuple[tuple[Any, ...], tuple[str, str, str] | None, float | None]) -> Row:
    stored, address, instant = values
    return Row(
        stored,
        Address._make(address) if address else None,
        None if instant is None else datetime.fromtimestamp(instant, UTC),
    )


def flattened(feed: Feed) -> FlatFeed:
    """Give a feed with its entries as rows; of two with the same guid and link the first counts."""
    rows: dict[tuple[str, str], Row] = {}
    for entry in feed.entries:
        key = _key(entry)
        if key not in rows:
            rows[key] = _flat(entry, *key)
    is_clean = _is_storable([row.stored for row in rows.values()])
    made = tuple(rows.values()) if is_clean else tuple(map(_cleaned, rows.values()))
    return FlatFeed(replace(feed, entries=()), made)


def _key(entry: Entry) -> tuple[str, str]:
    """Give a guid and a link that fit an index of PostgreSQL together (2,704 bytes a row)."""
    if (len(entry.guid) + len(entry.url)) * 4 <= _MAX_KEY_BYTES:
        return entry.guid, entry.url
    guid, url = entry.guid.encode(errors="replace"), entry.url.encode(errors="replace")
    if len(guid) + len(url) <= _MAX_KEY_BYTES:
        return entry.guid, entry.url
    return f"{entry.guid[:50]}… sha256:{hashlib.sha256(guid).hexdigest()}", clean_url(entry.url) or ""


def _flat(entry: Entry, guid: str, url: str) -> Row:
    published, updated = entry.published, entry.updated
    instant = published.instant if published else None
    modified = updated.instant if updated else None
    stored = (
        guid,
        url,
        entry.title,
        entry.summary,
        _texts(entry.authors),
        _texts(entry.categories),
        _enclosures(entry),
        entry.language,
        entry.image_url,
        _utc(instant),
        published.on.isoformat() if published else None,
        _wall(published),
        published.utc_offset_minutes if published else None,
        _utc(modified),
        entry.date_problem,
        _hash(entry),
    )
    return Row(stored, address_of(url) if url else None, instant if published else modified)


def _is_storable(rows: list[tuple[Any, ...]]) -> bool:
    """Tell whether texts hold nothing that databases refuse: NUL (PostgreSQL), halves of surrogate pairs (from JSON).

    All of a feed at once: hardly any has either.
    """
    joined = "".join([one for row in rows for one in row if type(one) is str])
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in joined


def _cleaned(row: Row) -> Row:
    """Take out what databases refuse."""
    texts = (
        one.encode(errors="replace").decode().replace("\x00", "") if isinstance(one, str) else one for one in row[0]
    )
    return row._replace(stored=tuple(texts))


def _hash(entry: Entry) -> str:
    updated = entry.updated.local.isoformat() if entry.updated and entry.updated.local else ""
    text = "\x00".join((entry.title or "", entry.summary or "", updated))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _enclosures(entry: Entry) -> str:
    return f"[{', '.join(map(_enclosure, entry.enclosures))}]"


def _enclosure(one: Enclosure) -> str:
    media_type = "null" if one.media_type is None else _quoted(one.media_type)
    length = "null" if one.length is None else one.length
    return f'{{"url": {_quoted(one.url)}, "media_type": {media_type}, "length": {length}}}'


# How long an ISO 8601 time is up to its offset.
_SECONDS, _MICROSECONDS = len("2026-11-24T12:00:00"), len("2026-11-24T12:00:00.000000")


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant.isoformat(timespec='microseconds')[:_MICROSECONDS]}Z"


def _wall(moment: Moment | None) -> str | None:
    if moment is None or moment.local is None:
        return None
    return moment.local.isoformat(timespec="seconds")[:_SECONDS]
