"""The desk: one turn of a run takes what has come in, writes it in one transaction, and hands out the next work."""

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import write
from models.outcomes import Outcome
from models.states import PageState
from pipeline.arrivals import Arrival, ArticleArrival, PageArrival, Scribe, pause_after
from pipeline.articles.article import Article
from pipeline.children import extract_page
from pipeline.courier import HostNews, Messenger
from pipeline.feeds.flat import FlatFeed
from pipeline.hand import PageInHand
from pipeline.hands import Hands
from pipeline.hostbook import news_of, values_of
from pipeline.pages.archive import ArchiveDamagedError
from pipeline.pages.capture import Capture, Hop
from pipeline.pages.rights import read_rights
from pipeline.plan import Progress
from pipeline.polling import Parsed, PollArrival, Poller
from pipeline.storeroom import Storeroom
from pipeline.urls import host_of
from pipeline.warehouse import claim, clock, lease
from pipeline.warehouse.claim import ClaimedFeed, Scope
from pipeline.warehouse.due_feeds import claim_feeds
from pipeline.warehouse.hosts import load_hosts, save_host
from pipeline.workers import Failure, Workers

BATCH = 50
"""Most arrivals in one transaction: few enough to wait for, enough to pay for the commit."""

BATCH_ENTRIES = 1_000
"""Feeds with more entries together wait for the next turn, so that the pages of the others are claimed meanwhile."""

POLL_WEIGHT = 0.25
"""A poll costs a transaction less than a page does; one with many entries counts by these."""

FEEDS_IN_HAND = 256

LONGEST_LINGER = 1.0
PAGES_AHEAD = 8
"""A turn waits up to a second for more arrivals while each child has so many pages before it."""

YIELD_SECONDS = 60
"""How long a live run waits for hosts that a backfill is giving back, when it has nothing else to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run takes in hand at once."""

    batch: int = BATCH
    # How long a turn waits for more arrivals after the first, and an idle one for the first.
    linger_seconds: float = 0.3
    # Slow hosts keep their pages in hand until they time out; there must be room for the others beside them.
    pages: int = 512
    per_host: int = 4
    # Captures that wait for the extractor are held in memory; no more is fetched while there are so many.
    captures: int = 100


LIVE = Limits()
OFFLINE = Limits(batch=500, linger_seconds=1, pages=500, per_host=500, captures=250)
"""Captures that are at hand already need no manners, only memory."""


class Desk:
    """The state of a run between its turns; used by one thread."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        scope: Scope,
        parts: tuple[Messenger, Workers, Storeroom],
        inbox: queue.SimpleQueue[Any],
        zone: ZoneInfo,
        *,
        polls_feeds: bool = True,
        takes_pages: bool = True,
        limits: Limits = LIVE,
    ) -> None:
        """`parts` are started already and put what they bring into `inbox`."""
        self._engine = engine
        self._settings = settings
        self._scope = scope
        self._courier, self._workers, self._storeroom = parts
        self._inbox = inbox
        self._poller = Poller(settings, self._courier, self._workers, inbox)
        self.progress = Progress()
        self._zone = zone
        self._polls_feeds = polls_feeds and scope.backfill_id is None
        self._takes_pages = takes_pages
        self._limits = limits
        self._feeds: Hands[ClaimedFeed] = Hands()
        self._pages: Hands[PageInHand] = Hands()
        self._captured: set[int] = set()
        self._known_hosts: set[str] = set()
        self._set_aside: set[int] = set()
        # Hosts that are left alone, until when (seconds of the monotonic clock).
        self._resting: dict[str, float] = {}
        self._is_exhausted = False
        self._is_kept_waiting = False
        self._waits_until = time.monotonic() + YIELD_SECONDS

    @property
    def has_work(self) -> bool:
        """Tell whether anything is in hand or may still be claimed."""
        return bool(self._feeds or self._pages) or not self._is_exhausted

    @property
    def has_work_in_hand(self) -> bool:
        """Tell whether anything claimed is not finished yet."""
        return bool(self._feeds or self._pages)

    def turn(self, *, is_claiming: bool = True) -> None:
        """Take arrivals, write them, claim the next work: one transaction; then hand the work out."""
        arrivals = self._collect()
        progress, feeds, pages = write(self._engine, partial(self._write, arrivals, is_claiming))
        self._storeroom.forget_committed()
        self.progress.add(progress)
        self._after(arrivals)
        self._hand_out(feeds, pages)
        if is_claiming:
            # Arrivals make room for more of their host in the next turn only.
            has_any = arrivals or feeds or pages or self.has_work_in_hand
            self._is_exhausted = not (has_any or self._is_kept_waiting)
            if has_any:
                self._waits_until = time.monotonic() + YIELD_SECONDS
            elif self._is_kept_waiting:
                time.sleep(self._limits.linger_seconds)
        self.progress.in_hand = len(self._feeds) + len(self._pages)

    def _write(
        self, arrivals: list[Arrival], is_claiming: bool, connection: Connection
    ) -> tuple[Progress, list[ClaimedFeed], list[PageInHand]]:
        """Do the database's part of a turn; it may be done again, so it changes nothing of ours."""
        at = clock.now(connection)
        scribe = Scribe(self._scope, self._zone, self._storeroom, Progress(), self._settings.recheck_hours)
        scribe.write_all(connection, arrivals, at)
        self._storeroom.commit(connection)
        lease.renew(connection, self._scope.token, self._settings.lease_seconds)
        return (scribe.progress, *(self._claim(connection, at) if is_claiming else ([], [])))

    def give_back(self) -> None:
        """Give back what is unfinished and keep what was learnt of hosts; the run's last writing."""
        self._storeroom.end()
        write(self._engine, partial(self._write_last, self._courier.ask_news()))
        self._storeroom.forget_committed()
        self._feeds.clear()
        self._pages.clear()

    def _write_last(self, news: list[HostNews], connection: Connection) -> None:
        at = clock.now(connection)
        claim.release_feeds(connection, list(self._feeds), self._scope.token, at=at)
        claim.release_pages(connection, list(self._pages), self._scope.token)
        for one in sorted(news, key=lambda one: one.state.host):
            save_host(connection, one.state.host, values_of(one))
        self._storeroom.commit(connection)

    def _collect(self) -> list[Arrival]:
        """Take up to a batch of arrivals; captures are archived and flushed before any row can point to them."""
        arrivals: list[Arrival] = []
        began = time.monotonic()
        until = began + self._limits.linger_seconds
        weight, entries = 0.0, 0
        while weight < self._limits.batch and entries < BATCH_ENTRIES:
            message = self._next_message(until)
            if message is None:
                if until >= began + LONGEST_LINGER or not self._is_extractor_busy(arrivals):
                    break
                until += self._limits.linger_seconds
                continue
            arrival = self._receive(message)
            if arrival is not None:
                arrivals.append(arrival)
                weight += POLL_WEIGHT if isinstance(arrival, PollArrival) else 1
                entries += _entries_in(arrival)
        self._poller.flush()
        self._storeroom.flush()
        return arrivals

    def _is_extractor_busy(self, arrivals: Sequence[Arrival]) -> bool:
        """Tell whether every child has pages waiting: then nobody waits for this turn, and a fuller one costs less."""
        done = sum(isinstance(arrival, ArticleArrival) for arrival in arrivals)
        return len(self._captured) - done >= PAGES_AHEAD * self._settings.workers

    def _next_message(self, until: float) -> Any | None:
        """Give what came in, or comes until `until` when something is in hand; None when nothing does."""
        try:
            return self._inbox.get_nowait()
        except queue.Empty:
            self._poller.flush()
        wait = until - time.monotonic()
        if not self.has_work_in_hand or wait <= 0:
            return None
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None

    def _receive(self, message: Any) -> Arrival | None:
        """Give the arrival in a message; None when it first goes to a child process."""
        if isinstance(message, Parsed):
            return self._poller.parsed(message)
        if isinstance(message, ArticleArrival):
            return None if self._follow_refresh(message) else message
        if isinstance(message.key, PageInHand):
            return self._receive_page(message.key, message.capture)
        return self._poller.fetched(message.key, message.capture)

    def _receive_page(self, hand: PageInHand, capture: Capture) -> PageArrival:
        hand.hops += capture.hops
        hand.capture = capture
        is_kept = hand.page.is_archived and capture.outcome is None and capture.status != 304
        record = self._storeroom.write(capture.exchange, hand.known) if is_kept and capture.exchange else None
        return PageArrival(hand, capture, record, read_rights(capture.headers, capture.body))

    def _follow_refresh(self, message: ArticleArrival) -> bool:
        """Follow a meta refresh to the article, once (WHATWG HTML, pragma http-equiv=refresh)."""
        hand, article = message.hand, message.result
        if not isinstance(article, Article) or not article.refresh_url or hand.was_refreshed:
            return False
        assert hand.capture is not None  # noqa: S101  # only a captured page is extracted
        hand.was_refreshed = True
        hand.hops += (Hop(hand.capture.url, 0),)
        self._captured.discard(hand.page.id)
        self._courier.fetch_page(hand, article.refresh_url, exempt_site=hand.exempt_site)
        return True

    def _extracted(self, hand: PageInHand, result: Any) -> None:
        self._inbox.put(ArticleArrival(hand, result))

    def _after(self, arrivals: list[Arrival]) -> None:
        """After the commit: what has ended leaves our hands, what was captured goes to the extractor."""
        for arrival in arrivals:
            if isinstance(arrival, PollArrival):
                self._feeds.pop(arrival.feed.id, None)
                if arrival.capture.outcome is Outcome.DEFERRED:
                    self._set_aside.add(arrival.feed.id)
            elif isinstance(arrival, PageArrival) and arrival.hand.is_captured:
                self._extract(arrival.hand)
            elif isinstance(arrival, ArticleArrival) and arrival.hand.reread is not None:
                self._extract_earlier(arrival)
            else:
                if isinstance(arrival, PageArrival):
                    self._let_rest(arrival.hand, arrival.capture)
                self._pages.pop(arrival.hand.page.id, None)
                self._captured.discard(arrival.hand.page.id)

    def _let_rest(self, hand: PageInHand, capture: Capture) -> None:
        """Claim no more pages of a host that is left alone for now: one by one they would only be sent away."""
        is_of_host = capture.status is None and host_of(capture.requested_url) == hand.page.host
        if capture.outcome is Outcome.DEFERRED and is_of_host:
            self._resting[hand.page.host] = time.monotonic() + pause_after(capture).total_seconds()

    def _extract(self, hand: PageInHand) -> None:
        self._captured.add(hand.page.id)
        self._workers.submit(extract_page, hand.to_extract(), partial(self._extracted, hand))

    def _extract_earlier(self, arrival: ArticleArrival) -> None:
        """Read the capture that an article was made from anew, to tell an edit from a change of our extractor."""
        hand = arrival.hand
        assert hand.reread is not None  # noqa: S101  # that is why we are here
        (last, known), hand.reread = hand.reread, None

        def answer(result: Article | Failure) -> None:
            self._inbox.put(ArticleArrival(hand, arrival.result, before=result))

        try:
            earlier = self._storeroom.read(last, known)
        except (ArchiveDamagedError, OSError) as error:
            answer(Failure(f"the earlier capture cannot be read: {error}"[:300]))
        else:
            self._workers.submit(extract_page, hand.to_extract_again(earlier), answer)

    def _claim(self, connection: Connection, at: datetime) -> tuple[list[ClaimedFeed], list[PageInHand]]:
        feeds: list[ClaimedFeed] = []
        if self._polls_feeds:
            room = 0 if self._poller.is_full else self._feeds.room(FEEDS_IN_HAND)
            feeds = claim_feeds(connection, self._scope, at, room, set_aside=self._set_aside)
        pages: list[PageInHand] = []
        room = self._pages.room(self._limits.pages)
        if self._takes_pages and room > 0 and len(self._captured) < self._limits.captures:
            pages = self._claim_pages(connection, at, min(room, self._limits.batch))
        is_idle = not (feeds or pages or self.has_work_in_hand) and time.monotonic() < self._waits_until
        is_live = self._scope.backfill_id is None
        self._is_kept_waiting = is_idle and is_live and claim.is_kept_waiting(connection, self._scope, at)
        self._meet_hosts(connection, {item.host for item in feeds} | {hand.page.host for hand in pages})
        return feeds, pages

    def _claim_pages(self, connection: Connection, at: datetime, limit: int) -> list[PageInHand]:
        load: dict[str, int] = {}
        for hand in self._pages.values():
            load[hand.page.host] = load.get(hand.page.host, 0) + 1
        full = {host for host, count in load.items() if count >= self._limits.per_host}
        full |= {host for host, until in self._resting.items() if until > time.monotonic()}
        if self._scope.backfill_id is not None and not self._scope.is_offline:
            wanted = claim.hosts_to_yield(connection, self._scope.token, at)
            claim.release_hosts(connection, wanted - load.keys(), self._scope.token)
            full |= wanted
        per_host = self._limits.per_host
        claimed = claim.claim_pages(connection, self._scope, at, limit, per_host=per_host, full_hosts=full)
        entries = claim.hints_for(connection, [page.id for page in claimed])
        hands = [PageInHand(page, entries.get(page.id)) for page in claimed]
        captures = claim.captures_of(connection, [hand.page.fetch_id for hand in hands if hand.page.fetch_id])
        for hand in hands:
            hand.last = captures.get(hand.page.fetch_id or 0)
            hand.known = captures.get(hand.last.original_fetch_id) if hand.is_last_repeat else hand.last
        return hands

    def _take_up(self, hand: PageInHand) -> None:
        """Read the capture that a killed run left, so that it is extracted without another fetch."""
        if hand.last is None or hand.page.state != PageState.FETCHED:
            return
        try:
            hand.capture = self._storeroom.read(hand.last, hand.known)
        except (ArchiveDamagedError, OSError):
            return  # the file is gone or damaged: the page is fetched again
        hand.hops, hand.fetch_id = hand.capture.hops, hand.last.id

    def _meet_hosts(self, connection: Connection, names: set[str]) -> None:
        new = names - self._known_hosts
        if new:
            self._known_hosts |= new
            self._courier.remember(news_of(row) for row in load_hosts(connection, sorted(new)))

    def _hand_out(self, feeds: list[ClaimedFeed], pages: list[PageInHand]) -> None:
        for feed in feeds:
            self._feeds[feed.id] = feed
            self._poller.poll(feed)
        for hand in pages:
            self._pages[hand.page.id] = hand
            self._take_up(hand)
            if hand.capture is not None:
                self._extract(hand)
            else:
                site, validators = hand.exempt_site, hand.validators
                self._courier.fetch_page(hand, hand.page.url, exempt_site=site, validators=validators)


def _entries_in(arrival: Arrival) -> int:
    return len(arrival.parsed.rows) if isinstance(arrival, PollArrival) and isinstance(arrival.parsed, FlatFeed) else 0
