"""One poll into rows: the entries that it brought, their pages in the queue, and the feed's next state."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from models.outcomes import Outcome, PollOutcome
from models.states import FeedState, IngestedVia, PageState
from models.tables import article_urls, entries, feeds, pages, polls
from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Entry, Feed
from pipeline.urls import clean_url, host_of, url_key
from pipeline.warehouse.batches import in_chunks, insert_missing
from pipeline.warehouse.claim import ClaimedFeed, Scope
from pipeline.warehouse.hosts import host_ids
from pipeline.warehouse.identity import CLAIMED
from pipeline.warehouse.ledger import Settled, settle_entries

# What a guid and a link may have together; a shortened guid has at most 280, a cleaned link 2,048.
_MAX_KEY_BYTES = 2_400


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next poll conditional; committed only together with the entries that they stand for."""

    etag: str | None
    last_modified: str | None
    body_hash: str


@dataclass(frozen=True, slots=True)
class Polled:
    """A poll that has ended. `parsed` is None when there was nothing to parse (304, a failure, the same body)."""

    feed: ClaimedFeed
    at: datetime
    outcome: PollOutcome
    next_poll_at: datetime
    reason: str | None = None
    status: int | None = None
    url: str | None = None
    size: int = 0
    duration_ms: int | None = None
    parsed: Feed | None = None
    validators: Validators | None = None
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class PollCounts:
    """What a poll found, and its final outcome."""

    outcome: PollOutcome
    reason: str | None
    seen: int
    new: int
    changed: int
    has_gap: bool


def record_poll(connection: Connection, scope: Scope, polled: Polled) -> PollCounts | None:
    """Write a poll with its entries and pages; None when the feed's lease is no longer ours (nothing is written)."""
    held = select(feeds.c.id).where(feeds.c.id == polled.feed.id, feeds.c.lease_token == scope.token)
    if connection.execute(held.with_for_update(key_share=True)).first() is None:
        return None
    counts = _record_entries(connection, scope, polled)
    connection.execute(
        insert(polls).values(
            feed_id=polled.feed.id,
            run_id=scope.run_id,
            at=polled.at,
            outcome=counts.outcome,
            reason=counts.reason,
            status=polled.status,
            url=polled.url,
            bytes=polled.size,
            entries_seen=counts.seen,
            entries_new=counts.new,
            entries_changed=counts.changed,
            has_gap=counts.has_gap,
            duration_ms=polled.duration_ms,
        )
    )
    connection.execute(update(feeds).where(feeds.c.id == polled.feed.id).values(_feed_state(polled, counts)))
    return counts


def _feed_state(polled: Polled, counts: PollCounts) -> dict[str, Any]:
    values: dict[str, Any] = {
        "lease_token": None,
        "last_polled_at": polled.at,
        "last_outcome": counts.outcome,
        "last_reason": counts.reason,
        "next_poll_at": polled.next_poll_at,
        "failures": polled.feed.failures + 1 if polled.is_failure else 0,
    }
    if polled.status == 410:
        values["state"] = FeedState.GONE
    if polled.parsed is not None and polled.parsed.title:
        values["title"] = polled.parsed.title
    if polled.validators is not None:
        values |= asdict(polled.validators)
    return values


def _record_entries(connection: Connection, scope: Scope, polled: Polled) -> PollCounts:
    if polled.parsed is None:
        return PollCounts(polled.outcome, polled.reason, 0, 0, 0, has_gap=False)
    said = _distinct(polled.parsed.entries)
    known = _known_entries(connection, polled.feed.id, said)
    new = [entry for key, entry in said.items() if key not in known]
    changed = [
        (known[key], entry) for key, entry in said.items() if key in known and known[key].content_hash != _hash(entry)
    ]
    _add_entries(connection, scope, polled, new)
    _change_entries(connection, scope, polled, changed)
    outcome = polled.outcome
    if outcome not in (PollOutcome.EMPTY, PollOutcome.PARTLY_BROKEN):
        outcome = PollOutcome.NEW_ENTRIES if new else PollOutcome.NO_NEW_ENTRIES
    has_gap = bool(new) and not known and polled.feed.body_hash is not None
    return PollCounts(outcome, polled.reason, len(said), len(new), len(changed), has_gap)


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


def _add_entries(connection: Connection, scope: Scope, polled: Polled, new: Sequence[Entry]) -> None:
    if not new:
        return
    links = {entry.url: clean_url(entry.url) for entry in new}
    found = _pages_for(connection, scope, polled, [url for url in links.values() if url])
    entry_pages = [found.get(url_key(url)) if (url := links[entry.url]) else None for entry in new]
    rows = [_entry_row(scope, polled, entry, page) for entry, page in zip(new, entry_pages, strict=True)]
    statement = insert(entries).returning(entries.c.id, sort_by_parameter_order=True)
    keys = connection.execute(statement, rows).scalars()
    settled = [
        # A stored page was counted when it was loaded; whoever names it later is a duplicate in the ledger.
        Settled(key, Outcome.DUPLICATE, "its page is already loaded")
        if page is not None and page.article_id and row["outcome"]
        else Settled(key, row["outcome"], row["reason"])
        for key, row, page in zip(keys, rows, entry_pages, strict=True)
        if row["outcome"]
    ]
    settle_entries(connection, scope.run_id, settled, polled.at)


def _entry_row(scope: Scope, polled: Polled, entry: Entry, page: Any | None) -> dict[str, Any]:
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
        **_entry_words(entry),
    }


def _entry_words(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "summary": entry.summary,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
        "language": entry.language,
        "image_url": entry.image_url,
        "date_problem": entry.date_problem,
        "content_hash": _hash(entry),
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


def _pages_for(connection: Connection, scope: Scope, polled: Polled, urls: Sequence[str]) -> dict[str, Any]:
    """Give the page of every address by `url_key`, queueing those that are new."""
    by_key: dict[str, str] = {}
    for url in urls:
        by_key.setdefault(url_key(url), url)
    found = _known_pages(connection, list(by_key))
    missing = [key for key in by_key if key not in found]
    if missing:
        hosts = host_ids(connection, (host_of(by_key[key]) or "" for key in missing))
        already = _articles_at(connection, missing)
        rows = [
            {
                "url_key": key,
                "url": by_key[key],
                "host_id": hosts[host_of(by_key[key]) or ""],
                "source_id": polled.feed.source_id,
                "state": PageState.DONE if key in already else PageState.QUEUED,
                "outcome": Outcome.DUPLICATE if key in already else None,
                "reason": "the address is known as one of a loaded article" if key in already else None,
                "article_id": already.get(key),
                "ingested_via": IngestedVia.FEED,
                "queued_at": polled.at,
                "next_attempt_at": None if key in already else scope.started_at,
            }
            # Sorted, so that two processes which add the same pages wait for each other in one direction only.
            for key in sorted(missing)
        ]
        connection.execute(insert_missing(connection, pages, ["url_key"]), rows)
        found |= _known_pages(connection, missing)
    return found


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


def _change_entries(connection: Connection, scope: Scope, polled: Polled, changed: Sequence[tuple[Any, Entry]]) -> None:
    """Write what the feed changed, and queue the pages again: their publisher says that there is something new."""
    if not changed:
        return
    rows = [{"key": row.id, "changed_at": polled.at, **_entry_words(entry)} for row, entry in changed]
    names = [name for name in rows[0] if name != "key"]
    statement = update(entries).where(entries.c.id == bindparam("key")).values({n: bindparam(n) for n in names})
    connection.execute(statement, rows)
    again = sorted({row.page_id for row, _ in changed if row.page_id})
    for chunk in in_chunks(again):
        done = update(pages).where(pages.c.id.in_(chunk), pages.c.state == PageState.DONE)
        connection.execute(done.values(state=PageState.QUEUED, attempts=0, next_attempt_at=scope.started_at))
