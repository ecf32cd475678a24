"""Polls into rows: the entries that they brought, their pages in the queue, and the feeds' next states."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.outcomes import Outcome, PollOutcome
from models.states import IngestedVia, PageState
from models.tables import article_urls, entries, feeds, pages, polls
from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Entry
from pipeline.urls import Address, address_of, clean_url
from pipeline.warehouse.batches import in_chunks, insert_rows, update_by_key
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.feed_state import shows_false_validators, write_states
from pipeline.warehouse.hosts import host_ids
from pipeline.warehouse.identity import CLAIMED
from pipeline.warehouse.ledger import Settled, settle_entries
from pipeline.warehouse.polled import PollCounts, Polled

# What a guid and a link may have together; a shortened guid has at most 280, a cleaned link 2,048.
_MAX_KEY_BYTES = 2_400


def record_polls(connection: Connection, scope: Scope, ended: Sequence[Polled]) -> list[PollCounts | None]:
    """Write polls with their entries and pages, each feed once; None where the feed's lease is no longer ours.

    Of such a poll nothing is written.
    """
    held = _held(connection, scope, [polled.feed.id for polled in ended])
    mine = [polled for polled in ended if polled.feed.id in held]
    found = _record_entries(connection, scope, mine)
    if mine:
        insert_rows(connection, polls, [_poll_row(scope, polled, counts) for polled, counts, _ in found])
    write_states(connection, found)
    counted = {polled.feed.id: counts for polled, counts, _ in found}
    return [counted.get(polled.feed.id) for polled in ended]


def _held(connection: Connection, scope: Scope, ids: Sequence[int]) -> set[int]:
    """Give which of some feeds are in our hands, and keep others from taking them until the end of the transaction."""
    held: set[int] = set()
    for chunk in in_chunks(sorted(ids)):
        query = select(feeds.c.id).where(feeds.c.id.in_(chunk), feeds.c.lease_token == scope.token)
        held |= set(connection.execute(query.order_by(feeds.c.id).with_for_update(key_share=True)).scalars())
    return held


def _poll_row(scope: Scope, polled: Polled, counts: PollCounts) -> dict[str, Any]:
    return {
        "feed_id": polled.feed.id,
        "run_id": scope.run_id,
        "at": polled.at,
        "outcome": counts.outcome,
        "reason": counts.reason,
        "status": polled.status,
        "url": polled.url,
        "bytes": polled.size,
        "entries_seen": counts.seen,
        "entries_new": counts.new,
        "entries_changed": counts.changed,
        "has_gap": counts.has_gap,
        "duration_ms": polled.duration_ms,
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """What a poll says beside what is known: new entries and changed ones with their rows, each with its hash."""

    polled: Polled
    seen: int
    knows_some: bool
    new: list[tuple[Entry, str]]
    changed: list[tuple[Any, Entry, str]]

    def counts(self) -> PollCounts:
        outcome, reason = self.polled.outcome, self.polled.reason
        if outcome not in (PollOutcome.EMPTY, PollOutcome.PARTLY_BROKEN):
            outcome = PollOutcome.NEW_ENTRIES if self.new else PollOutcome.NO_NEW_ENTRIES
        if shows_false_validators(self.polled, len(self.new)):
            reason = "the server repeated its ETag or Last-Modified although entries are new: not sent any more"
        has_gap = bool(self.new) and not self.knows_some and self.polled.feed.body_hash is not None
        return PollCounts(outcome, reason, self.seen, len(self.new), len(self.changed), has_gap)


def _record_entries(
    connection: Connection, scope: Scope, ended: Sequence[Polled]
) -> list[tuple[Polled, PollCounts, Sequence[Entry]]]:
    looked = [_look_up(connection, polled) if polled.parsed is not None else None for polled in ended]
    found = [one for one in looked if one is not None]
    _add_entries(connection, scope, found)
    _change_entries(connection, scope, found)
    return [
        (polled, PollCounts(polled.outcome, polled.reason), ())
        if one is None
        else (polled, one.counts(), [entry for entry, _ in one.new])
        for polled, one in zip(ended, looked, strict=True)
    ]


def _look_up(connection: Connection, polled: Polled) -> _Found:
    assert polled.parsed is not None  # noqa: S101  # only then there is something to look up
    said = _distinct(polled.parsed.entries)
    # A feed that was never polled has no entries yet.
    known = _known_entries(connection, polled.feed.id, said) if polled.feed.last_polled_at else {}
    new, changed = [], []
    for key, entry in said.items():
        digest, row = _hash(entry), known.get(key)
        if row is None:
            new.append((entry, digest))
        elif row.content_hash != digest:
            changed.append((row, entry, digest))
    return _Found(polled, len(said), bool(known), new, changed)


def _distinct(said: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    found: dict[tuple[str, str], Entry] = {}
    for entry in map(_with_short_key, said):
        found.setdefault((entry.guid, entry.url), entry)
    return found


def _with_short_key(entry: Entry) -> Entry:
    """Give the entry with a guid and a link that fit an index of PostgreSQL together (2,704 bytes a row)."""
    guid, url = entry.guid.encode(errors="replace"), entry.url.encode(errors="replace")
    if len(guid) + len(url) <= _MAX_KEY_BYTES:
        return entry
    short = f"{entry.guid[:50]}… sha256:{hashlib.sha256(guid).hexdigest()}"
    return replace(entry, guid=short, url=clean_url(entry.url) or "")


def _known_entries(
    connection: Connection, feed_id: int, said: Mapping[tuple[str, str], Entry]
) -> dict[tuple[str, str], Any]:
    columns = (entries.c.id, entries.c.guid, entries.c.url, entries.c.content_hash, entries.c.page_id)
    known: dict[tuple[str, str], Any] = {}
    for chunk in in_chunks(sorted({guid for guid, _ in said})):
        rows = connection.execute(select(*columns).where(entries.c.feed_id == feed_id, entries.c.guid.in_(chunk)))
        known |= {(row.guid, row.url): row for row in rows if (row.guid, row.url) in said}
    return known


def _hash(entry: Entry) -> str:
    """Hash what a publisher changes when it changes the piece: title, summary and stated update time."""
    updated = entry.updated.local.isoformat() if entry.updated and entry.updated.local else ""
    text = "\x00".join((entry.title or "", entry.summary or "", updated))
    return hashlib.sha256(text.encode()).hexdigest()


def _add_entries(connection: Connection, scope: Scope, found: Sequence[_Found]) -> None:
    links = {entry.url: address_of(entry.url) for one in found for entry, _ in one.new}
    if not links:
        return
    stored = _pages_for(connection, scope, found, links)
    waiting, settled = [], []
    for one in found:
        for entry, digest in one.new:
            link = links[entry.url]
            page = stored.get(link.key) if link else None
            row = _entry_row(scope, one.polled, entry, digest, page)
            if row["outcome"] is None:
                waiting.append(row)
            else:
                settled.append((row, page))
    if waiting:
        insert_rows(connection, entries, waiting)
    _add_settled(connection, scope, settled)


def _add_settled(connection: Connection, scope: Scope, settled: Sequence[tuple[dict[str, Any], Any]]) -> None:
    """Add entries whose outcome is known already, with their lines in the ledger."""
    if not settled:
        return
    statement = insert(entries).returning(entries.c.id, sort_by_parameter_order=True)
    keys = connection.execute(statement, [row for row, _ in settled]).scalars()
    lines = [
        # A stored page was counted when it was loaded; whoever names it later is a duplicate in the ledger.
        Settled(key, Outcome.DUPLICATE, "its page is already loaded")
        if page is not None and page.article_id
        else Settled(key, row["outcome"], row["reason"])
        for key, (row, page) in zip(keys, settled, strict=True)
    ]
    settle_entries(connection, scope.run_id, lines, settled[0][0]["first_seen_at"])


def _entry_row(scope: Scope, polled: Polled, entry: Entry, digest: str, page: Any | None) -> dict[str, Any]:
    if page is None:
        outcome, reason = Outcome.NO_LINK, "the entry has no http(s) link"
    elif page.state == PageState.DONE:
        outcome, reason = Outcome(page.outcome), page.reason
    else:
        outcome, reason = None, None
    return {
        "feed_id": polled.feed.id,
        "guid": entry.guid,
        "url": entry.url,
        "page_id": page.id if page is not None else None,
        "first_seen_at": polled.at,
        "first_run_id": scope.run_id,
        "outcome": outcome,
        "reason": reason,
        **_entry_words(entry, digest),
    }


def _entry_words(entry: Entry, digest: str) -> dict[str, Any]:
    return {
        "title": entry.title,
        "summary": entry.summary,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "enclosures": [
            {"url": one.url, "media_type": one.media_type, "length": one.length} for one in entry.enclosures
        ],
        "language": entry.language,
        "image_url": entry.image_url,
        "date_problem": entry.date_problem,
        "content_hash": digest,
        **_entry_dates(entry.published, entry.updated),
    }


def _entry_dates(published: Moment | None, updated: Moment | None) -> dict[str, Any]:
    return {
        "published_at": published.instant if published else None,
        "published_on": published.on if published else None,
        "published_local": published.local.replace(tzinfo=None) if published and published.local else None,
        "published_utc_offset_minutes": published.utc_offset_minutes if published else None,
        "publisher_modified_at": updated.instant if updated else None,
    }


def _pages_for(
    connection: Connection, scope: Scope, found: Sequence[_Found], links: Mapping[str, Address | None]
) -> dict[str, Any]:
    """Give the page of every new entry's address by `url_key`, queueing those that are new."""
    first: dict[str, tuple[Address, Polled]] = {}
    for one in found:
        for entry, _ in one.new:
            if link := links[entry.url]:
                first.setdefault(link.key, (link, one.polled))
    stored = _known_pages(connection, list(first))
    # Sorted, so that two processes which add the same pages wait for each other in one direction only.
    missing = sorted(key for key in first if key not in stored)
    if missing:
        hosts = host_ids(connection, (first[key][0].host for key in missing))
        already = _articles_at(connection, missing)
        rows = [
            {
                "url_key": key,
                "url": first[key][0].url,
                "host_id": hosts[first[key][0].host],
                "source_id": first[key][1].feed.source_id,
                "state": PageState.DONE if key in already else PageState.QUEUED,
                "outcome": Outcome.DUPLICATE if key in already else None,
                "reason": "the address is known as one of a loaded article" if key in already else None,
                "article_id": already.get(key),
                "ingested_via": IngestedVia.FEED,
                "queued_at": first[key][1].at,
                "next_attempt_at": None if key in already else scope.started_at,
            }
            for key in missing
        ]
        insert_rows(connection, pages, rows, conflict=("url_key",))
        stored |= _known_pages(connection, missing)
    return stored


def _known_pages(connection: Connection, keys: Sequence[str]) -> dict[str, Any]:
    columns = (pages.c.id, pages.c.url_key, pages.c.state, pages.c.outcome, pages.c.reason, pages.c.article_id)
    found: dict[str, Any] = {}
    for chunk in in_chunks(keys):
        found |= {row.url_key: row for row in connection.execute(select(*columns).where(pages.c.url_key.in_(chunk)))}
    return found


def _articles_at(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Give the articles that were met at these addresses; one that only claims an address may be wrong about it."""
    found: dict[str, int] = {}
    for chunk in in_chunks(keys):
        query = select(article_urls.c.url_key, article_urls.c.article_id).where(
            article_urls.c.url_key.in_(chunk), article_urls.c.role.not_in(CLAIMED)
        )
        found |= {row.url_key: row.article_id for row in connection.execute(query)}
    return found


def _change_entries(connection: Connection, scope: Scope, found: Sequence[_Found]) -> None:
    """Write what feeds changed, and queue the pages again: their publisher says that there is something new."""
    rows = [
        {"of_key": row.id, "changed_at": one.polled.at, **_entry_words(entry, digest)}
        for one in found
        for row, entry, digest in one.changed
    ]
    if not rows:
        return
    connection.execute(update_by_key(entries, tuple(name for name in rows[0] if name != "of_key")), rows)
    again = sorted({row.page_id for one in found for row, _, _ in one.changed if row.page_id})
    for chunk in in_chunks(again):
        done = update(pages).where(pages.c.id.in_(chunk), pages.c.state == PageState.DONE)
        connection.execute(done.values(state=PageState.QUEUED, attempts=0, next_attempt_at=scope.started_at))
