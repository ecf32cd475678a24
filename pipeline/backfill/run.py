"""One backfill: plan what its queuer finds, then work it off in the usual loop; stopped anywhere, it goes on there."""

import queue
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import write
from models.states import BackfillState, RunState
from pipeline.backfill.candidate import Batch, FileState, Queuer
from pipeline.backfill.documents import ground_for
from pipeline.backfill.estimate import Estimate, estimate
from pipeline.backfill.planning import Sieve, sieve_for
from pipeline.backfill.shelf import Shelf
from pipeline.backfill.wish import BackfillKind, Wish
from pipeline.courier import Courier
from pipeline.desk import LIVE, OFFLINE, Desk
from pipeline.ingest import Step, Stop, call, fail, put_right, work
from pipeline.plan import Progress
from pipeline.span import Span
from pipeline.storeroom import Storeroom
from pipeline.warehouse import backfills, clock
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.runs import close_run, open_run
from pipeline.workers import Workers

ADDS_SOURCES = frozenset({BackfillKind.SITEMAP, BackfillKind.URLS, BackfillKind.FILES, BackfillKind.FEED})
"""Kinds whose addresses a person gave: a site that no source has becomes a source."""


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """How far a backfill is: its phase, the pages planned in all, those that this run has to do, and what it did."""

    is_planning: bool
    planned: int
    total: int
    left_out: dict[str, int]
    work: Progress
    # Once the plan is there: how long it will take.
    estimate: Estimate | None = None

    @property
    def words(self) -> str:
        """Give it as a person reads it."""
        if self.is_planning:
            return f"planning: {self.planned:,} pages wanted, {sum(self.left_out.values()):,} left out"
        ordered = sorted(self.work.outcomes.items(), key=lambda item: -item[1])
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in ordered)
        takes = f" (estimated at the start: {self.estimate.words})" if self.estimate else ""
        return f"{self.work.pages_done:,} of {self.total:,} pages done: {outcomes or 'none yet'}{takes}"


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What a backfill has come to: over all its runs (`outcomes`, `waiting`), and in this one (`done_now`)."""

    backfill_id: int
    run_id: int
    is_done: bool
    planned: int
    left_out: dict[str, int]
    other_sites: dict[str, int]
    added_sites: tuple[str, ...]
    files: int
    # By name: why a file was not read (to its end), and what was odd about one that was.
    failed_files: dict[str, str]
    odd_files: dict[str, str]
    outcomes: dict[str, int]
    waiting: int
    done_now: int


@dataclass(slots=True)
class _Backfill:
    """A backfill in our hands."""

    wish: Wish
    queuer: Queuer
    engine: Engine
    settings: Settings
    scope: Scope
    row: Any
    sieve: Sieve
    watch: Callable[[BackfillProgress], None]
    stop: Stop
    work: Progress = field(default_factory=Progress)
    planned: int = 0
    total: int = 0
    estimate: Estimate | None = None
    # A file could not be read for now: the next run tries it again.
    has_unread: bool = False

    def needs_planning(self) -> bool:
        """Tell whether something is to be read: at the beginning, or what an earlier run could not have."""
        return self.row.state == BackfillState.PLANNING or any(not file.is_done for file in self._files().values())

    def plan(self) -> bool:
        """Queue what the queuer finds, batch by batch; tell whether it came to its end."""
        with (
            ground_for(self.wish, self.settings, self._files()) as ground,
            backfills.in_great_number(self.engine),
        ):
            for batch in self.queuer(ground):
                write(self.engine, partial(self._queue, batch))
                self.has_unread |= batch.failure is not None and not batch.is_end
                self.watch(BackfillProgress(True, self.planned, 0, dict(self.sieve.left_out), self.work))
                if self._is_full():
                    return True
                if self.stop.is_wanted:
                    return False
        return True

    def _is_full(self) -> bool:
        return self.wish.limit is not None and self.planned >= self.wish.limit

    def _files(self) -> dict[str, FileState]:
        rows = write(self.engine, lambda connection: backfills.read_files(connection, self.row.id))
        return {row.name: FileState(row.position, row.state != "waiting") for row in rows}

    def _queue(self, batch: Batch, connection: Connection) -> None:
        """Write one batch with how far its file was read; it may be done again, so it counts at its end only."""
        at = clock.now(connection)
        before = self.sieve.left_out.copy()
        wanted = self.sieve.choose(connection, batch.candidates)
        if self.wish.limit is not None:
            wanted = wanted[: self.wish.limit - self.planned]
        new = backfills.queue_pages(connection, self.row.id, wanted, at)
        if new < len(wanted):
            new += backfills.take_over(connection, self.row.id, wanted, at, takes_failed=self.wish.is_offline)
        state = "waiting" if not batch.is_end else "failed" if batch.failure else "done"
        backfills.note_position(
            connection,
            self.row.id,
            batch.file,
            batch.position,
            len(batch.candidates),
            state,
            batch.failure or batch.note,
        )
        backfills.note_files(connection, self.row.id, batch.more)
        backfills.add_counts(connection, self.row.id, new, self.sieve.left_out - before)
        self.planned += new

    def watch_work(self, progress: Progress) -> None:
        """Tell the watcher how the work goes on."""
        self.work = progress
        left_out = dict(self.sieve.left_out)
        self.watch(BackfillProgress(False, self.planned, self.total, left_out, progress, self.estimate))


def run_backfill(
    wish: Wish,
    queuer: Queuer,
    engine: Engine,
    settings: Settings,
    *,
    zone: str,
    source_id: int | None = None,
    step: Step = call,
    watch: Callable[[BackfillProgress], None] = lambda _progress: None,
    stop: Stop | None = None,
    flow_run_id: str | None = None,
) -> BackfillReport:
    """Plan and work off one backfill, or go on with it where it was.

    Raises PlannedElsewhereError when another process is planning the same one; what `pipeline.ingest.ingest` raises.
    """
    stop = stop or Stop()
    with ExitStack() as stack:
        storeroom = stack.enter_context(Storeroom(engine, settings))
        scope, row = step("open", partial(_open, wish, engine, settings, storeroom, flow_run_id))
        storeroom.token = scope.token
        storeroom.carry()
        try:
            sieve = write(engine, lambda c: sieve_for(c, wish, source_id, adds_sources=wish.kind in ADDS_SOURCES))
            backfill = _Backfill(wish, queuer, engine, settings, scope, row, sieve, watch, stop, planned=row.planned)
            is_planned = not backfill.needs_planning() or step("plan", backfill.plan)
            is_complete = is_planned and _work_off(stack, backfill, storeroom, zone, step)
        except BaseException as error:
            fail(engine, scope, error)
            raise
        report: BackfillReport = step(
            "close", partial(_close, backfill, is_planned=is_planned, is_complete=is_complete)
        )
        return report


def _open(
    wish: Wish, engine: Engine, settings: Settings, storeroom: Storeroom, flow_run_id: str | None
) -> tuple[Scope, Any]:
    def begin(connection: Connection) -> tuple[Scope, Any]:
        put_right(connection, storeroom)
        parameters = {"kind": wish.kind, **wish.parameters}
        scope = open_run(connection, "backfill", parameters, settings.lease_seconds, flow_run_id=flow_run_id)
        row = backfills.open_backfill(connection, wish.kind, wish.fingerprint, wish.parameters, scope.token)
        return scope, row

    return write(engine, begin)


def _work_off(stack: ExitStack, backfill: _Backfill, storeroom: Storeroom, zone: str, step: Step) -> bool:
    """Fetch or read, extract and load what is planned; tell whether nothing was left in hand."""
    wish, settings, engine = backfill.wish, backfill.settings, backfill.engine
    scope = write(engine, partial(_begin_work, backfill, zone))
    backfill.watch_work(backfill.work)
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    courier: Courier | Shelf = Shelf(inbox) if wish.is_offline else Courier(settings, inbox)
    stack.enter_context(courier)
    workers = stack.enter_context(Workers(settings.workers, settings.extract_seconds))
    limits = OFFLINE if wish.is_offline else LIVE
    desk = Desk(engine, settings, scope, (courier, workers, storeroom), inbox, ZoneInfo(zone), limits=limits)
    is_complete = work(desk, settings, step, backfill.watch_work, backfill.stop)
    step("give back", desk.give_back)
    return is_complete


def _begin_work(backfill: _Backfill, zone: str, connection: Connection) -> Scope:
    """From now on others may work on the same pages: only planning is one process's business."""
    backfills.release_backfill(connection, backfill.row.id, backfill.scope.token, BackfillState.WORKING)
    wish, scope = backfill.wish, backfill.scope
    backfill.estimate = estimate(connection, backfill.row.id, backfill.settings, is_offline=wish.is_offline)
    backfill.total = backfill.estimate.pages
    return Scope(
        scope.run_id,
        clock.now(connection),
        scope.token,
        backfill_id=backfill.row.id,
        is_offline=wish.is_offline,
        span=Span(wish.since, wish.until, ZoneInfo(zone)) if wish.since or wish.until else None,
        language=wish.language,
    )


def _close(backfill: _Backfill, *, is_planned: bool, is_complete: bool) -> BackfillReport:
    return write(backfill.engine, partial(_write_end, backfill, is_planned, is_complete))


def _write_end(backfill: _Backfill, is_planned: bool, is_complete: bool, connection: Connection) -> BackfillReport:
    row, scope, stop = backfill.row, backfill.scope, backfill.stop
    outcomes, waiting = backfills.page_outcomes(connection, row.id)
    is_read = is_planned and not backfill.has_unread
    is_done = is_read and is_complete and not waiting
    state = BackfillState.DONE if is_done else BackfillState.WORKING if is_read else BackfillState.PLANNING
    backfills.release_backfill(connection, row.id, scope.token, state)
    ended = RunState.INTERRUPTED if stop.is_wanted else RunState.DONE
    close_run(connection, scope, ended, reason="the backfill was stopped", pages=backfill.work.outcomes)
    now = backfills.read_backfill(connection, row.id)
    files = backfills.read_files(connection, row.id)
    return BackfillReport(
        backfill_id=row.id,
        run_id=scope.run_id,
        is_done=is_done,
        planned=now.planned,
        left_out=now.counts.get("left_out", {}),
        other_sites=dict(backfill.sieve.other_sites.most_common(5)),
        added_sites=tuple(backfill.sieve.added_sites),
        files=len(files),
        failed_files={file.name: file.reason for file in files if file.reason and file.state != "done"},
        odd_files={file.name: file.reason for file in files if file.reason and file.state == "done"},
        outcomes=outcomes,
        waiting=waiting,
        done_now=backfill.work.pages_done,
    )
