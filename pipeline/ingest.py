"""The loop of a run: put right what a killed one left, apply the feeds file, then turn after turn until all is done."""

import gc
import logging
import math
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.engine import write
from models.states import RunState
from pipeline.children import PRELOAD_FEEDS
from pipeline.courier import Courier
from pipeline.desk import BATCH, Desk
from pipeline.own_rules import follow_own_rules
from pipeline.pages.archive import ArchiveDamagedError
from pipeline.plan import Plan, Progress, Report
from pipeline.storeroom import Storeroom
from pipeline.warehouse import lease
from pipeline.warehouse.archives import end_archive, left_open
from pipeline.warehouse.claim import Scope
from pipeline.warehouse.lease import LeaseLostError
from pipeline.warehouse.rechecks import queue_due
from pipeline.warehouse.runs import RunCounts, close_run, end_dead_runs, open_run
from pipeline.warehouse.sources import apply_feeds_file
from pipeline.workers import Workers

log = logging.getLogger(__name__)

T = TypeVar("T")
Step = Callable[[str, Callable[[], Any]], Any]
"""Runs one named step; Prefect's flow passes one that makes it a task."""


STEP_PAGES = 10 * BATCH
STEP_SECONDS = 60
"""Most pages and most time of one step "batch": Prefect keeps a task run for each, at 50 ms of its server's CPU."""


class Stop:
    """A person's wish to stop: the batch in hand is finished, nothing new is begun."""

    def __init__(self) -> None:
        self.asked_at = math.inf
        """Seconds of the monotonic clock; infinite while nobody has asked."""

    @property
    def is_wanted(self) -> bool:
        """Tell whether somebody has asked."""
        return self.asked_at < math.inf

    def ask(self) -> None:
        """Ask the run to stop; asked again, it is still the first time that counts."""
        self.asked_at = min(self.asked_at, time.monotonic())


def call(_name: str, step: Callable[[], T]) -> T:
    """Run a step plainly."""
    return step()


def ingest(
    plan: Plan,
    engine: Engine,
    settings: Settings,
    *,
    zone: str | None = None,
    step: Step = call,
    watch: Callable[[Progress], None] = lambda _progress: None,
    stop: Stop | None = None,
) -> Report:
    """Run one ingestion and report; `zone` is the newsroom's, the settings' when None.

    Raises LeaseLostError when it was held up for so long that another took over its work, OSError when the archive
    cannot be written and sqlalchemy's OperationalError when the database cannot be used; what was committed stays, and
    the next run carries on.
    """
    stop = stop or Stop()
    with ExitStack() as stack:
        stack.enter_context(_rare_collections())
        follow_own_rules(engine, settings)
        storeroom = stack.enter_context(Storeroom(engine, settings))
        scope = step("open", lambda: _open(plan, engine, settings, storeroom))
        storeroom.token = scope.token
        storeroom.carry()
        try:
            inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
            courier = stack.enter_context(Courier(settings, inbox))
            preload = None if plan.takes_pages else PRELOAD_FEEDS
            workers = stack.enter_context(Workers(settings.workers, settings.extract_seconds, preload=preload))
            parts = (courier, workers, storeroom)
            newsroom = ZoneInfo(zone or settings.timezone)
            desk = Desk(
                engine,
                settings,
                scope,
                parts,
                inbox,
                newsroom,
                polls_feeds=plan.rechecks is None,
                takes_pages=plan.takes_pages,
            )
            is_complete = work(desk, settings, step, watch, stop, seconds=settings.run_seconds)
            step("give back", desk.give_back)
        except BaseException as error:
            fail(engine, scope, error)
            raise
        counts = step("close", lambda: _close(engine, scope, stop))
        return Report(scope.run_id, counts.polls, counts.entries, is_complete, dict(desk.progress.outcomes))


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for circles of dead objects seldom: a run makes rows by the thousand, and hardly any circle.

    A full collection looks at all that was ever imported, for as long as a hundred polls take that bring nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _open(plan: Plan, engine: Engine, settings: Settings, storeroom: Storeroom) -> Scope:
    def begin(connection: Connection) -> Scope:
        put_right(connection, storeroom)
        if plan.feeds_file is not None:
            apply_feeds_file(connection, plan.feeds_file)
        scope = open_run(
            connection,
            plan.kind,
            plan.parameters,
            settings.lease_seconds,
            source_slugs=plan.source_slugs,
            ignores_schedule=plan.ignores_schedule,
            flow_run_id=plan.flow_run_id,
        )
        if plan.rechecks is not None:
            queue_due(connection, scope, plan.rechecks)
        return scope

    return write(engine, begin)


def put_right(connection: Connection, storeroom: Storeroom) -> int:
    """Free what dead processes held: their archives are cut to the last committed record, their runs ended.

    Gives the number of runs that were ended. Raises OSError.
    """
    ended = 0
    dead = lease.dead_leases(connection)
    # A run that failed has given up its lease; what its file has beyond its rows is cut off as well.
    _close_left(connection, storeroom, None)
    for token in dead:
        _close_left(connection, storeroom, token)
        ended += end_dead_runs(connection, token)
        lease.drop(connection, token)
    return ended


def _close_left(connection: Connection, storeroom: Storeroom, token: str | None) -> None:
    for left in left_open(connection, token):
        try:
            is_kept = storeroom.put_right(left)
        except ArchiveDamagedError as error:
            log.warning("%s; the pages in its lost part are fetched again when they are needed", error)
            is_kept = True
        end_archive(connection, left, is_kept=is_kept)


def work(
    desk: Desk,
    settings: Settings,
    step: Step,
    watch: Callable[[Progress], None],
    stop: Stop,
    *,
    seconds: float = math.inf,
) -> bool:
    """Work batch after batch until nothing is left, `seconds` are over or a stop is wanted; tell whether all was done.

    Then what is in hand has the time of one page, from the end of `seconds` or the stop; the rest is given back.
    """
    claims_until = time.monotonic() + seconds
    grace = settings.fetch_seconds + settings.extract_seconds

    def may_claim() -> bool:
        return time.monotonic() < claims_until and not stop.is_wanted

    def is_over() -> bool:
        late = time.monotonic() > min(claims_until, stop.asked_at) + grace
        return late or not (may_claim() or desk.has_work_in_hand)

    while desk.has_work:
        if is_over():
            return False
        step("batch", partial(_batch, desk, may_claim, is_over, watch))
    return True


def _batch(
    desk: Desk, may_claim: Callable[[], bool], is_over: Callable[[], bool], watch: Callable[[Progress], None]
) -> None:
    """Turn until a batch of pages is done, or for so long as a watcher likes to wait for a sign of life."""
    until = time.monotonic() + STEP_SECONDS
    target = desk.progress.pages_done + STEP_PAGES
    while desk.has_work and desk.progress.pages_done < target and time.monotonic() < until and not is_over():
        desk.turn(is_claiming=may_claim())
        watch(desk.progress)


def _close(engine: Engine, scope: Scope, stop: Stop) -> RunCounts:
    state = RunState.INTERRUPTED if stop.is_wanted else RunState.DONE
    reason = "a person stopped the run" if stop.is_wanted else "the run's time was over"
    return write(engine, lambda connection: close_run(connection, scope, state, reason=reason))


def fail(engine: Engine, scope: Scope, error: BaseException) -> None:
    """End a run that cannot go on; when even that fails, the next run finds the dead lease."""
    detail, reason = f"{type(error).__name__}: {error}"[:500], "the run failed; the next one carries on"
    state = RunState.FAILED
    if isinstance(error, KeyboardInterrupt | LeaseLostError):
        state, reason = RunState.INTERRUPTED, "the run was interrupted; the next one carries on"
    write(engine, lambda connection: close_run(connection, scope, state, reason=reason, error=detail))
