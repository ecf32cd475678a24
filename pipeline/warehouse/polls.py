"""Polls into rows: the entries that they brought, their pages in the queue, and the feeds' next states."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, update

from models.outcomes import Outcome, PollOutcome
from models.states import IngestedVia, PageState
from models.tables import entries, pages, polls
from pipeline.feeds.flat import STORED, Row
from pipeline.urls import Address
from pipeline.warehouse.batches import as_text, in_chunks, insert_ready, own_words, rows_of, update_by_key, update_ready
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.feed_state import shows_false_validators, write_states
from pipeline.warehouse.hosts import host_ids
from pipeline.warehouse.identity import CLAIMED
from pipeline.warehouse.ledger import Settled, settle_entries
from pipeline.warehouse.polled import PollCounts, Polled
from pipeline.warehouse.removals import buried


def record_polls(connection: Connection, scope: Scope, ended: Sequence[Polled]) -> list[PollCounts | None]:
    """Write polls with their entries and pages, each feed once; None where the feed's lease is no longer ours.

    Of such a poll nothing is written.
    """
    held = _held(connection, scope, [polled.feed.id for polled in ended])
    mine = [polled for polled in ended if polled.feed.id in held]
    found = _record_entries(connection, scope, mine)
    if mine:
        rows = [_poll_row(scope, polled, counts) for polled, counts, _ in found]
        with own_words(connection, rows, _POLL_WORDS):
            insert_ready(connection, polls, _POLL, rows, is_clean=False)
    write_states(connection, found)
    counted = {polled.feed.id: counts for polled, counts, _ in found}
    return [counted.get(polled.feed.id) for polled in ended]


def _held(connection: Connection, scope: Scope, ids: Sequence[int]) -> set[int]:
    """Give which of some feeds are in our hands, and keep others from taking them until the end of the transaction."""
    is_postgres = connection.dialect.name == "postgresql"
    return {row[0] for row in rows_of(connection, _HELD + _LOCKED * is_postgres, scope.token, sorted(ids))}


_HELD = "SELECT id FROM feeds WHERE lease_token = ? AND id AMONG ? ORDER BY id"
_LOCKED = " FOR NO KEY UPDATE"


_POLL = (
    *("feed_id", "run_id", "at", "outcome", "reason", "status", "url", "bytes"),
    *("entries_seen", "entries_new", "entries_changed", "has_gap", "duration_ms"),
)


_POLL_WORDS = {_POLL.index("outcome"): frozenset(PollOutcome)}


def _poll_row(scope: Scope, polled: Polled, counts: PollCounts) -> tuple[Any, ...]:
    about = polled.feed.id, scope.run_id, as_text(polled.at), counts.outcome, counts.reason
    found = polled.status, polled.url, polled.size, counts.seen, counts.new, counts.changed
    return (*about, *found, counts.has_gap, polled.duration_ms)


_Namer = tuple[int, str]
"""The source whose feed names a page first, and when, as text."""


class _Known(NamedTuple):
    """What is known of an entry."""

    id: int
    guid: str
    url: str
    content_hash: str
    page_id: int | None


class _Page(NamedTuple):
    """What is known of a page."""

    id: int
    url_key: str
    state: str
    outcome: str | None
    reason: str | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a poll says beside what is known: new entries, and changed ones with what was known of them."""

    polled: Polled
    seen: int
    knows_some: bool
    new: list[Row]
    changed: list[tuple[_Known, Row]]

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
) -> list[tuple[Polled, PollCounts, Sequence[Row]]]:
    looked = [_look_up(connection, polled) if polled.parsed is not None else None for polled in ended]
    found = [one for one in looked if one is not None]
    _add_entries(connection, scope, found)
    _change_entries(connection, scope, found)
    return [
        (polled, PollCounts(polled.outcome, polled.reason), ()) if one is None else (polled, one.counts(), one.new)
        for polled, one in zip(ended, looked, strict=True)
    ]


def _look_up(connection: Connection, polled: Polled) -> _Found:
    assert polled.parsed is not None  # noqa: S101  # only then there is something to look up
    said, skipped = polled.parsed.rows, polled.parsed.skipped
    # A feed that was never polled has no entries yet.
    known = _known_entries(connection, polled.feed.id, said) if polled.feed.last_polled_at and said else {}
    if not known:
        return _Found(polled, len(said) + skipped, skipped > 0, list(said), [])
    new, changed = [], []
    for row in said:
        old = known.get(row.key)
        if old is None:
            new.append(row)
        elif old.content_hash != row.content_hash:
            changed.append((old, row))
    return _Found(polled, len(said) + skipped, skipped > 0 or len(new) < len(said), new, changed)


def _known_entries(connection: Connection, feed_id: int, said: Sequence[Row]) -> dict[tuple[str, str], _Known]:
    """Give what is known of entries with the guids that a feed has now, by guid and link."""
    found = rows_of(connection, _KNOWN, feed_id, list({row.stored[0] for row in said}))
    return {(row[1], row[2]): _Known._make(row) for row in found}


_KNOWN = "SELECT id, guid, url, content_hash, page_id FROM entries WHERE feed_id = ? AND guid AMONG ?"


def _add_entries(connection: Connection, scope: Scope, found: Sequence[_Found]) -> None:
    if not any(one.new for one in found):
        return
    stored = _pages_for(connection, scope, found)
    values: list[tuple[Any, ...]] = []
    settled: list[tuple[Polled, list[tuple[Row, _Page | None]]]] = []
    for one in found:
        of_feed = one.polled.feed.id, as_text(one.polled.at), scope.run_id
        ends: list[tuple[Row, _Page | None]] = []
        for row in one.new:
            page = stored[row.address[1]] if row.address else None
            if page is not None and page.state != PageState.DONE:
                values.append((*row.stored, *of_feed, page.id, None, None))
            else:
                ends.append((row, page))
                values.append((*row.stored, *of_feed, page.id if page else None, *_end(page)))
        if ends:
            settled.append((one.polled, ends))
    with own_words(connection, values, _ENTRY_WORDS):
        insert_ready(connection, entries, _ENTRY, values)
    for polled, ends in settled:
        _settle(connection, scope, polled, ends)


_ENTRY = (*STORED, "feed_id", "first_seen_at", "first_run_id", "page_id", "outcome", "reason")
_ENTRY_WORDS = {_ENTRY.index("outcome"): frozenset(Outcome)}


def _end(page: _Page | None) -> tuple[str | None, str | None]:
    """Give outcome and reason of an entry whose page, if it has one, is done."""
    return (page.outcome, page.reason) if page else (Outcome.NO_LINK, "the entry has no http(s) link")


def _settle(connection: Connection, scope: Scope, polled: Polled, ends: Sequence[tuple[Row, _Page | None]]) -> None:
    """Write the lines in the ledger of new entries whose outcome is known already."""
    known = _known_entries(connection, polled.feed.id, [row for row, _ in ends])
    lines = []
    for row, page in ends:
        outcome, reason = _end(page)
        if page is not None and page.article_id:
            # A stored page was counted when it was loaded; whoever names it later is a duplicate in the ledger.
            outcome, reason = Outcome.DUPLICATE, "its page is already loaded"
        lines.append(Settled(known[row.key].id, str(outcome), reason))
    settle_entries(connection, scope.run_id, lines, polled.at)


def _pages_for(connection: Connection, scope: Scope, found: Sequence[_Found]) -> dict[str, _Page]:
    """Give the page of every new entry's address by `url_key`, queueing those that are new."""
    first: dict[str, tuple[Address, _Namer]] = {}
    for one in found:
        namer = one.polled.feed.source_id, as_text(one.polled.at)
        for row in one.new:
            if row.address and row.address.key not in first:
                first[row.address.key] = (row.address, namer)
    # Sorted, so that two processes which add the same pages wait for each other in one direction only.
    keys = sorted(first)
    stored = _known_pages(connection, keys)
    missing = [key for key in keys if key not in stored] if stored else keys
    if missing:
        _queue(connection, scope, [first[key] for key in missing])
        stored |= _known_pages(connection, missing)
    return stored


def _queue(connection: Connection, scope: Scope, new: Sequence[tuple[Address, _Namer]]) -> None:
    hosts = host_ids(connection, (address.host for address, _ in new))
    keys = [address.key for address, _ in new]
    already, gone = _articles_at(connection, keys), buried(connection, keys)
    due = as_text(scope.started_at)
    rows: list[tuple[Any, ...]] = []
    for (url, key, host), namer in new:
        of_page = key, url, hosts[host], *namer
        if key in gone:
            rows.append((*of_page, None, IngestedVia.FEED, *_REMOVED))
        elif key in already:
            rows.append((*of_page, None, IngestedVia.FEED, *_KNOWN_AS_ARTICLE, already[key]))
        else:
            rows.append((*of_page, due, IngestedVia.FEED, *_QUEUED))
    with own_words(connection, rows, _PAGE_WORDS):
        insert_ready(connection, pages, _PAGE, rows, conflict=("url_key",))


_PAGE = (
    *("url_key", "url", "host_id", "source_id", "queued_at", "next_attempt_at", "ingested_via"),
    *("state", "outcome", "reason", "article_id"),
)
_PAGE_WORDS = {
    _PAGE.index("state"): frozenset(PageState),
    _PAGE.index("outcome"): frozenset(Outcome),
    _PAGE.index("ingested_via"): frozenset(IngestedVia),
}
_QUEUED = (PageState.QUEUED, None, None, None)
_REMOVED = (PageState.DONE, Outcome.REMOVED, "a person has removed it", None)
_KNOWN_AS_ARTICLE = (PageState.DONE, Outcome.DUPLICATE, "the address is known as one of a loaded article")


def _known_pages(connection: Connection, keys: list[str]) -> dict[str, _Page]:
    return {row[1]: _Page._make(row) for row in rows_of(connection, _PAGES, keys)}


_PAGES = "SELECT id, url_key, state, outcome, reason, article_id FROM pages WHERE url_key AMONG ?"


def _articles_at(connection: Connection, keys: list[str]) -> dict[str, int]:
    """Give the articles that were met at these addresses; one that only claims an address may be wrong about it."""
    return dict(rows_of(connection, _ARTICLES, keys, list(CLAIMED)))


_ARTICLES = "SELECT url_key, article_id FROM article_urls WHERE url_key AMONG ? AND NOT (role AMONG ?)"


def _change_entries(connection: Connection, scope: Scope, found: Sequence[_Found]) -> None:
    """Write what feeds changed, and queue the pages again: their publisher says that there is something new."""
    changed = [(one.polled, old, row) for one in found for old, row in one.changed]
    if not changed:
        return
    rows = [(*row.stored[2:], as_text(polled.at), old.id) for polled, old, row in changed]
    update_ready(connection, update_by_key(entries, _CHANGES), (*_CHANGES, "of_key"), rows)
    again = sorted({old.page_id for _, old, _ in changed if old.page_id})
    for chunk in in_chunks(again):
        done = update(pages).where(pages.c.id.in_(chunk), pages.c.state == PageState.DONE)
        done = done.where(pages.c.outcome != Outcome.REMOVED)
        # What a backfill brought is a live feed's now.
        again_live = {"state": PageState.QUEUED, "attempts": 0, "backfill_id": None}
        connection.execute(done.values(next_attempt_at=scope.started_at, **again_live))


# An entry is known by its guid and its link: these never change.
_CHANGES = (*STORED[2:], "changed_at")
