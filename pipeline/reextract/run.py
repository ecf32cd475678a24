"""One re-extraction: capture after capture through today's extractor, a batch with its place in one transaction."""

import queue
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import reading, write
from models.outcomes import Outcome
from models.states import BackfillState, RunState
from pipeline.articles.article import Article, version_with
from pipeline.children import extract_page
from pipeline.hand import PageInHand
from pipeline.ingest import STEP_PAGES, STEP_SECONDS, Step, Stop, call, fail, put_right
from pipeline.pages.archive import ArchiveDamagedError
from pipeline.reextract.wish import KIND, Reextraction, which_articles
from pipeline.storeroom import Storeroom
from pipeline.warehouse import backfills, clock, lease, reextracts
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.reextracts import Archived, Reread, Which
from pipeline.warehouse.runs import close_run, open_run
from pipeline.workers import Failure, Workers

BATCH = 200
"""Articles of one transaction."""

NO_CAPTURE = "without a capture"
LOST = "with a lost capture"


@dataclass(frozen=True, slots=True)
class ReextractProgress:
    """How far a re-extraction is: articles of this run that are done, those that it has in all, outcomes so far."""

    done: int
    total: int
    outcomes: dict[str, int]

    @property
    def words(self) -> str:
        """Give the outcomes as a person reads them."""
        ordered = sorted(self.outcomes.items(), key=lambda item: -item[1])
        return ", ".join(f"{count:,} {outcome}" for outcome, count in ordered) or "none yet"


@dataclass(frozen=True, slots=True)
class ReextractReport:
    """What a re-extraction has come to, over all its runs (`outcomes`) and in this one (`done_now`)."""

    backfill_id: int
    run_id: int
    is_done: bool
    planned: int
    outcomes: dict[str, int]
    done_now: int
    waiting: int


@dataclass(slots=True)
class Batch:
    """Articles whose captures are at the extractor."""

    articles: list[Archived]
    results: "queue.SimpleQueue[tuple[Archived, str, Any]]" = field(default_factory=queue.SimpleQueue)
    waiting: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def last_id(self) -> int:
        """Give the key of its last article."""
        return self.articles[-1].id

    def wait(self) -> list[Reread]:
        """Wait for the extractor; what it could not read is counted, the rest is given in the order of keys."""
        rereads = []
        for _ in range(self.waiting):
            archived, version, result = self.results.get()
            if isinstance(result, Failure):
                self.outcomes[Outcome.EXTRACT_FAILED] += 1
            elif archived.fetch_id is not None:
                rereads.append(Reread(archived.id, archived.fetch_id, result, version))
        return sorted(rereads, key=lambda one: one.article_id)


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes articles out of the archive and sends their captures to the extractor."""

    engine: Engine
    which: Which
    storeroom: Storeroom
    workers: Workers

    def begin(self, after: int, limit: int) -> Batch | None:
        """Begin with the next articles; None when there are none."""
        with reading(self.engine) as connection:
            found = reextracts.next_articles(connection, self.which, after, limit) if limit > 0 else []
        if not found:
            return None
        batch = Batch(found)
        for archived in found:
            self._send(batch, archived)
        return batch

    def _send(self, batch: Batch, archived: Archived) -> None:
        if archived.capture is None or archived.page is None:
            batch.outcomes[NO_CAPTURE] += 1
            return
        try:
            capture = self.storeroom.read(archived.capture, archived.original)
        except (ArchiveDamagedError, OSError):
            batch.outcomes[LOST] += 1
            return
        hand = PageInHand(archived.page, archived.entry, capture, archived.fetch_id, hops=capture.hops)
        version = version_with(hand.hints)

        def take(result: Article | Failure) -> None:
            batch.results.put((archived, version, result))

        batch.waiting += 1
        self.workers.submit(extract_page, hand.to_extract(), take)


@dataclass(slots=True)
class _Run:
    """A re-extraction in our hands."""

    engine: Engine
    settings: Settings
    scope: Scope
    row: Any
    zone: ZoneInfo
    reader: Reader
    limit: int | None
    watch: Callable[[ReextractProgress], None]
    stop: Stop
    after: int = 0
    done: int = 0
    done_now: int = 0
    total: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    ahead: Batch | None = None
    is_over: bool = False

    def begin(self) -> None:
        """Take up the place where an earlier run was."""
        place = self.row.place
        self.after, self.done = int(place.get("after", 0)), int(place.get("done", 0))
        self.outcomes = dict(self.row.counts.get("outcomes", {})) if place else {}
        self.total = write(self.engine, self._count)
        self.ahead = self._next(self.after, self.done)

    def _count(self, connection: Connection) -> int:
        left = reextracts.count_articles(connection, self.reader.which, self.after)[0]
        left = left if self.limit is None else min(left, self.limit - self.done)
        reextracts.set_planned(connection, self.row.id, self.done + left)
        return left

    def _next(self, after: int, done: int) -> Batch | None:
        return self.reader.begin(after, BATCH if self.limit is None else min(BATCH, self.limit - done))

    def work(self) -> None:
        """Read and write batches for a while, the next one being read while one is written."""
        until, target = time.monotonic() + STEP_SECONDS, self.done_now + STEP_PAGES
        while not self.is_over and self.done_now < target and time.monotonic() < until:
            batch, self.ahead = self.ahead, None
            if batch is None or self.stop.is_wanted:
                self.is_over = True
                return
            done = self.done + len(batch.articles)
            self.ahead = self._next(batch.last_id, done)
            rereads = batch.wait()
            self.outcomes = write(self.engine, partial(self._write, batch, rereads, done))
            self.after, self.done = batch.last_id, done
            self.done_now += len(batch.articles)
            self.watch(ReextractProgress(self.done_now, self.total, self.outcomes))

    def _write(self, batch: Batch, rereads: list[Reread], done: int, connection: Connection) -> dict[str, int]:
        """Write one batch with the place where it ends; it may be done again, so it changes nothing of ours."""
        lease.renew(connection, self.scope.token, self.settings.lease_seconds)
        written = reextracts.write_batch(connection, rereads, self.zone, clock.now(connection))
        counts = batch.outcomes + Counter(written.values())
        place = {"after": batch.last_id, "done": done}
        return reextracts.note_place(connection, self.row.id, place, counts)


def run_reextraction(
    wish: Reextraction,
    engine: Engine,
    settings: Settings,
    *,
    zone: str,
    step: Step = call,
    watch: Callable[[ReextractProgress], None] = lambda _progress: None,
    stop: Stop | None = None,
    flow_run_id: str | None = None,
) -> ReextractReport:
    """Read the captures of a wish with today's extractor and replace what they say, or go on where it was.

    Raises WishError with one sentence, PlannedElsewhereError when another process does the same one, LeaseLostError
    when it was held up for so long that another took over, OSError and sqlalchemy's OperationalError; what was
    committed stays.
    """
    newsroom = ZoneInfo(zone)
    with reading(engine) as connection:
        which = which_articles(connection, wish, newsroom)
    with ExitStack() as stack:
        storeroom = stack.enter_context(Storeroom(engine, settings))
        scope, row = step("open", partial(_open, wish, which, engine, settings, storeroom, flow_run_id))
        storeroom.token = scope.token
        try:
            workers = stack.enter_context(Workers(settings.workers, settings.extract_seconds))
            reader = Reader(engine, which, storeroom, workers)
            run = _Run(engine, settings, scope, row, newsroom, reader, wish.limit, watch, stop or Stop())
            step("begin", run.begin)
            while not run.is_over:
                step("batch", run.work)
        except BaseException as error:
            fail(engine, scope, error)
            raise
        report: ReextractReport = step("close", partial(write, engine, partial(_close, run)))
        return report


def _open(
    wish: Reextraction,
    which: Which,
    engine: Engine,
    settings: Settings,
    storeroom: Storeroom,
    flow_run_id: str | None,
) -> tuple[Scope, Any]:
    def begin(connection: Connection) -> tuple[Scope, Any]:
        put_right(connection, storeroom)
        scope = open_run(connection, KIND, wish.parameters, settings.lease_seconds, flow_run_id=flow_run_id)
        row = backfills.open_backfill(connection, KIND, wish.fingerprint(which), wish.parameters, scope.token)
        return scope, row

    return write(engine, begin)


def _close(run: _Run, connection: Connection) -> ReextractReport:
    row = backfills.read_backfill(connection, run.row.id)
    waiting = run.total - run.done_now
    # Asked to stop after the last batch, it is done all the same.
    is_done = run.ahead is None and not (run.stop.is_wanted and waiting > 0)
    state = BackfillState.DONE if is_done else BackfillState.INTERRUPTED
    backfills.release_backfill(connection, run.row.id, run.scope.token, state)
    ended = RunState.DONE if is_done else RunState.INTERRUPTED
    close_run(connection, run.scope, ended, reason="the re-extraction was stopped", pages=run.outcomes)
    return ReextractReport(
        backfill_id=run.row.id,
        run_id=run.scope.run_id,
        is_done=is_done,
        planned=row.planned,
        outcomes=run.outcomes,
        done_now=run.done_now,
        waiting=0 if is_done else waiting,
    )
