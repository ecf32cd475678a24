"""What comes in at the desk and how each kind is written: polls, captures and extracted articles."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from models.outcomes import GOOD_POLLS, Outcome, PollOutcome
from pipeline.articles.article import Article, version_with
from pipeline.feeds.feed import NoFeed
from pipeline.hand import PageInHand, charset_of
from pipeline.judge import judge_poll
from pipeline.pages.archive import Record
from pipeline.pages.capture import Capture
from pipeline.pages.rights import Rights
from pipeline.plan import Progress
from pipeline.polling import PollArrival
from pipeline.storeroom import Storeroom
from pipeline.warehouse import claim
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.fetches import Fetched, finish_pages, held_pages, record_fetches
from pipeline.warehouse.follow_up import Written, follow_up
from pipeline.warehouse.ledger import STORED, PageEnd, settle_pages
from pipeline.warehouse.load import Loadable, Loaded, load_article, load_articles
from pipeline.warehouse.polls import record_polls
from pipeline.warehouse.rechecks import Look
from pipeline.workers import Failure

log = logging.getLogger(__name__)

# When a host is left alone without saying for how long, the next run asks again.
DEFERRED_FOR = timedelta(minutes=1)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class PageArrival:
    """A fetch has ended; `record` says where a usable capture was archived, `rights` what its publisher reserves."""

    hand: PageInHand
    capture: Capture
    record: Record | None
    rights: Rights


@dataclass(frozen=True, slots=True)
class ArticleArrival:
    """An extraction has ended."""

    hand: PageInHand
    result: Article | Failure
    # What today's extractor reads in the capture that the article was made from, when the load asked for it.
    before: Article | Failure | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """How a page's turn ends; `retry_after` is what its server asked for, in seconds."""

    hand: PageInHand
    loaded: Loaded
    retry_after: float | None = None


Arrival = PollArrival | PageArrival | ArticleArrival
A = TypeVar("A", PageArrival, ArticleArrival)


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes arrivals of one run into an open transaction, each in a savepoint of its own."""

    scope: Scope
    zone: ZoneInfo
    storeroom: Storeroom
    progress: Progress
    recheck_hours: Sequence[float] = ()
    written: list[Written] = field(default_factory=list)

    def write_all(self, connection: Connection, arrivals: Sequence[Arrival], at: datetime) -> None:
        """Write arrivals; one that cannot be stored ends with a reason and never stops the others."""
        self._write_polls(connection, [one for one in arrivals if isinstance(one, PollArrival)], at)
        pages = sorted({arrival.hand.page.id for arrival in arrivals if not isinstance(arrival, PollArrival)})
        held = held_pages(connection, pages, self.scope.token)
        self.written.clear()
        captured: list[PageArrival] = []
        extracted: list[ArticleArrival] = []
        for arrival in arrivals:
            if isinstance(arrival, PollArrival):
                continue
            if arrival.hand.page.id not in held:
                log.warning("lost the lease of %s; another process has it now", arrival.hand.page.url)
            elif isinstance(arrival, ArticleArrival):
                extracted.append(arrival)
            else:
                captured.append(arrival)
        self._write_together(connection, captured, self._pages, at)
        self._write_together(connection, extracted, self._articles, at)
        follow_up(connection, self.written, at)

    def _write_polls(self, connection: Connection, arrivals: Sequence[PollArrival], at: datetime) -> None:
        """Write polls all together, which costs a fraction of one by one; apart only when that fails."""
        ended = [one for one in arrivals if one.capture.outcome is not Outcome.DEFERRED]
        for arrival in arrivals:
            if arrival.capture.outcome is Outcome.DEFERRED:
                self._put_off(connection, arrival, at)
        if len(ended) > 1:
            try:
                with connection.begin_nested():
                    self._polls(connection, ended)
            except OperationalError:
                raise
            except Exception:
                log.debug("polls could not be stored together: one by one now", exc_info=True)
            else:
                return
        for arrival in ended:
            self._write_safely(connection, arrival, at)

    def _write_together(
        self,
        connection: Connection,
        arrivals: Sequence[A],
        end: Callable[[Connection, Sequence[A], datetime], list[_End]],
        at: datetime,
    ) -> None:
        """Write captures or articles all together, as polls are written."""
        if len(arrivals) > 1:
            try:
                with connection.begin_nested():
                    ends = end(connection, arrivals, at)
            except OperationalError:
                raise
            except Exception:
                log.debug("pages could not be stored together: one by one now", exc_info=True)
            else:
                self._note(ends)
                return
        for arrival in arrivals:
            self._write_safely(connection, arrival, at)

    def _write_safely(self, connection: Connection, arrival: Arrival, at: datetime) -> None:
        try:
            with connection.begin_nested():
                self._write(connection, arrival, at)
        except OperationalError:
            # The database itself is in trouble (locked, full, gone): no other row would fare better.
            raise
        except Exception as error:
            log.exception("could not store %s", _address(arrival))
            with connection.begin_nested():
                self._give_up(connection, arrival, f"it could not be stored: {type(error).__name__}: {error}"[:300], at)

    def _write(self, connection: Connection, arrival: Arrival, at: datetime) -> None:
        if isinstance(arrival, PollArrival):
            self._polls(connection, [arrival])
        elif isinstance(arrival, PageArrival):
            self._note(self._pages(connection, [arrival], at))
        else:
            self._note(self._articles(connection, [arrival], at))

    def _put_off(self, connection: Connection, arrival: PollArrival, at: datetime) -> None:
        delay = pause_after(arrival.capture)
        claim.release_feeds(connection, [arrival.feed.id], self.scope.token, delay=delay, at=at)
        log.warning("%s is not polled now: %s", arrival.feed.url, arrival.capture.reason)

    def _polls(self, connection: Connection, arrivals: Sequence[PollArrival]) -> None:
        ended = [judge_poll(one.feed, one.capture, one.parsed, one.digest) for one in arrivals]
        for polled, counts in zip(ended, record_polls(connection, self.scope, ended), strict=True):
            if counts is None:
                log.warning("lost the lease of %s; another process has it now", polled.feed.url)
                continue
            self.progress.feeds_polled += 1
            self.progress.entries_new += counts.new
            if counts.outcome not in GOOD_POLLS:
                self.progress.feeds_failed += 1
                log.warning("%s: %s: %s", polled.feed.url, counts.outcome, counts.reason)

    def _pages(self, connection: Connection, arrivals: Sequence[PageArrival], at: datetime) -> list[_End]:
        """Write fetches; a usable capture goes on to the extractor, every other one ends its page."""
        ends: list[_End] = []
        made: list[PageArrival] = []
        for arrival in arrivals:
            if arrival.capture.outcome is Outcome.DEFERRED:
                ends.append(self._put_page_off(connection, arrival, at))
            else:
                made.append(arrival)
        fetched = [(one.hand.page, self._fetched(one)) for one in made]
        keys = record_fetches(connection, self.scope, fetched)
        failed: list[_End] = []
        for arrival, (_, one), key in zip(made, fetched, keys, strict=True):
            arrival.hand.fetch_id = key
            arrival.hand.is_captured = one.outcome is None
            if one.outcome is not None:
                retry_after = arrival.capture.retry_after
                failed.append(_End(arrival.hand, Loaded(one.outcome, reason=one.reason), retry_after))
        self._finish(connection, failed, at)
        return ends + failed

    def _put_page_off(self, connection: Connection, arrival: PageArrival, at: datetime) -> _End:
        hand, capture = arrival.hand, arrival.capture
        claim.postpone_pages(connection, [hand.page.id], self.scope.token, at + pause_after(capture))
        put_off = PageEnd(hand.page.id, Outcome.DEFERRED, capture.reason, at)
        settle_pages(connection, self.scope.run_id, [put_off])
        return _End(hand, Loaded(Outcome.DEFERRED, reason=capture.reason))

    def _fetched(self, arrival: PageArrival) -> Fetched:
        hand, capture, record = arrival.hand, arrival.capture, arrival.record
        outcome, reason = _end_of_fetch(hand, capture)
        return Fetched(
            at=capture.at,
            url=capture.url,
            outcome=outcome,
            reason=reason,
            status=capture.status,
            size=len(capture.body),
            duration_ms=round(capture.seconds * 1000),
            charset=charset_of(capture.headers.get("content-type", "")),
            hops=tuple(hop.url for hop in hand.hops),
            archive_id=self.storeroom.key_of(record) if record else None,
            archive_offset=record.offset if record else None,
            archive_length=record.length if record else None,
            digest=record.digest if record else None,
            original_fetch_id=hand.known.id if record and hand.is_repeat(record.digest) else None,
            is_noarchive=arrival.rights.is_noarchive,
            is_tdm_reserved=arrival.rights.is_tdm_reserved,
            tdm_policy_url=arrival.rights.tdm_policy_url,
            etag=capture.headers.get("etag"),
            last_modified=capture.headers.get("last-modified"),
        )

    def _articles(self, connection: Connection, arrivals: Sequence[ArticleArrival], at: datetime) -> list[_End]:
        """End the pages of articles; one whose earlier capture is to be read first stays in hand, with `reread`."""
        ends: list[_End] = []
        wanted: list[tuple[PageInHand, Loadable]] = []
        for arrival in arrivals:
            hand, article = arrival.hand, arrival.result
            hand.reread = None
            refusal = self._refusal(article)
            if refusal is not None:
                ends.append(_End(hand, Loaded(refusal[0], reason=refusal[1])))
            elif isinstance(article, Article):
                wanted.append((hand, self._loadable(arrival, article)))
        loaded = load_articles(connection, [loadable for _, loadable in wanted], self.zone, at) if wanted else []
        rereads = {one.reread for one in loaded if one.reread is not None}
        captures = claim.captures_of(connection, rereads) if rereads else {}
        for (hand, loadable), one in zip(wanted, loaded, strict=True):
            capture = captures.get(one.reread or 0)
            if capture is not None:
                hand.reread = (capture, captures.get(capture.original_fetch_id or 0))
            elif one.reread is not None:
                # It was not archived, or its file has gone: nobody can tell who changed the words.
                ends.append(_End(hand, load_article(connection, replace(loadable, may_ask=False), self.zone, at)))
            else:
                ends.append(_End(hand, one))
        self._finish(connection, ends, at)
        return ends

    def _refusal(self, article: Article | Failure) -> tuple[Outcome, str | None] | None:
        """Say why what was extracted is not loaded; None when it is."""
        if isinstance(article, Failure):
            return Outcome.EXTRACT_FAILED, article.reason
        if article.outcome is not Outcome.LOADED:
            return article.outcome, article.reason
        unwanted = why_unwanted(self.scope, article)
        return (Outcome.FILTERED, unwanted) if unwanted is not None else None

    def _loadable(self, arrival: ArticleArrival, article: Article) -> Loadable:
        hand, before = arrival.hand, arrival.before
        is_read = isinstance(before, Article) and before.outcome is Outcome.LOADED
        return Loadable(
            page=hand.page,
            article=article,
            addresses=hand.addresses(article.canonical_url, article.amp_url),
            fetch_id=hand.fetch_id,
            extractor_version=version_with(hand.hints),
            first_seen_at=hand.first_seen_at,
            run_id=self.scope.run_id,
            fetched_at=hand.capture.at if hand.capture is not None else None,
            language=hand.stated_language,
            guid=(hand.entry.feed_id, hand.entry.guid) if hand.entry is not None else None,
            before=before if isinstance(before, Article) and is_read else None,
            may_ask=before is None,
        )

    def _finish(self, connection: Connection, ends: Sequence[_End], at: datetime) -> None:
        """Write the ends of pages' turns."""
        looks = [(end.hand.page, _look(end, at)) for end in ends]
        finish_pages(connection, self.scope, looks, self.recheck_hours)

    def _note(self, ends: Sequence[_End]) -> None:
        """Count pages that have ended, and what follows from their articles; once it is sure that they are written."""
        for end in ends:
            self.count(end.loaded.outcome)
            if end.loaded.written is not None:
                self.written.append(end.loaded.written)

    def _give_up(self, connection: Connection, arrival: Arrival, reason: str, at: datetime) -> None:
        if isinstance(arrival, PollArrival):
            failed = NoFeed(PollOutcome.PARSE_FAILED, reason)
            record_polls(connection, self.scope, [judge_poll(arrival.feed, arrival.capture, failed)])
        else:
            arrival.hand.is_captured = False
            arrival.hand.reread = None
            end = _End(arrival.hand, Loaded(Outcome.EXTRACT_FAILED, reason=reason))
            self._finish(connection, [end], at)
            self._note([end])

    def count(self, outcome: Outcome) -> None:
        """Count a page that has ended."""
        self.progress.pages_done += 1
        self.progress.outcomes[outcome] = self.progress.outcomes.get(outcome, 0) + 1


def why_unwanted(scope: Scope, article: Article) -> str | None:
    """Say why a backfill does not want an article that it has fetched: another day, another language; else None.

    An article of unknown day is wanted: nothing says that it is not of these days.
    """
    if scope.language is not None and article.language is not None:
        primary = article.language.split("-")[0].lower()
        if primary != scope.language.split("-")[0].lower():
            return f"it is in {article.language}, not in {scope.language}"
    if article.published is None or scope.span is None:
        return None
    instant, day = article.published.instant, article.published.on
    since, until = scope.span.since_day, scope.span.until_day
    is_inside = instant in scope.span if instant else (since is None or day >= since) and (until is None or day < until)
    return None if is_inside else f"published on {day}, outside --since and --until"


def _look(end: _End, at: datetime) -> Look:
    capture, loaded, validators = end.hand.capture, end.loaded, None
    is_new = capture is not None and loaded.outcome in STORED and capture.status != NOT_MODIFIED
    if capture is not None and is_new and not end.hand.page.is_archived:
        # Where there is an archive, its record's validators are kept with it.
        validators = (capture.headers.get("etag"), capture.headers.get("last-modified"))
    status = capture.status if capture is not None else None
    return Look(loaded.outcome, loaded.reason, at, status, loaded.article_id, end.retry_after, validators)


def _end_of_fetch(hand: PageInHand, capture: Capture) -> tuple[Outcome | None, str | None]:
    """Tell how a fetch ends the page; None when its capture goes to the extractor."""
    if capture.outcome is not None:
        return capture.outcome, capture.reason
    if capture.status == NOT_MODIFIED:
        return Outcome.UNCHANGED, "the server says that it has not changed"
    if hand.hops and _is_home(capture.url) and not _is_home(hand.page.url):
        return Outcome.BAD_REDIRECT, "redirected to the home page"
    return None, None


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def pause_after(capture: Capture) -> timedelta:
    """Give how long the host of a deferred capture is left alone."""
    return timedelta(seconds=capture.retry_after) if capture.retry_after else DEFERRED_FOR


def _address(arrival: Arrival) -> str:
    return arrival.feed.url if isinstance(arrival, PollArrival) else arrival.hand.page.url
