"""The summary behind report_coverage: how closely each feed was watched on each day, counted when a run ends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from models.outcomes import GOOD_POLLS
from models.schema import stand_in_line
from models.states import RunState
from models.tables import daily_coverage, polls, runs
from pipeline.warehouse.query import newsroom_timezone

# Polls in memory at once when a whole warehouse is counted.
_CHUNK = 5_000


@dataclass(slots=True)
class _Day:
    """What polls add to a feed's day; the names are those of the table."""

    polls: int = 0
    failed_polls: int = 0
    entries_new: int = 0
    gaps: int = 0
    blind_seconds: int = 0
    longest_wait_seconds: int = 0


_ADDED = tuple(_Day.__dataclass_fields__)
_values_of = attrgetter(*_ADDED)


def count_coverage(connection: Connection, run_id: int) -> None:
    """Add the polls of a run that ends to the days of their feeds; called once, in the transaction that ends it.

    The first time in a warehouse, all runs that have ended are counted.
    """
    if not _is_counted(connection):
        count_all_coverage(connection)
    else:
        _count(connection, _with_previous().where(polls.c.run_id == run_id))


def count_all_coverage(connection: Connection) -> None:
    """Count every run that has ended, unless that has been done: after an upgrade, which brings an empty summary."""
    stand_in_line(connection, "coverage")
    if not _is_counted(connection):
        ended = select(runs.c.id).where(runs.c.state != RunState.RUNNING)
        _count(connection, _with_previous().where(polls.c.run_id.in_(ended)))


def _is_counted(connection: Connection) -> bool:
    return connection.execute(select(daily_coverage.c.feed_id).limit(1)).first() is not None


def _with_previous() -> Select[Any]:
    """Query polls, feed by feed in their order, each with the instant of the last good one before it."""
    good = polls.alias("good")
    previous = (
        select(good.c.at)
        .where(good.c.feed_id == polls.c.feed_id, good.c.at < polls.c.at, good.c.outcome.in_(sorted(GOOD_POLLS)))
        .order_by(good.c.at.desc())
        .limit(1)
        .scalar_subquery()
        .label("previous")
    )
    columns = (polls.c.feed_id, polls.c.at, polls.c.outcome, polls.c.entries_new, polls.c.has_gap, previous)
    return select(*columns).order_by(polls.c.feed_id, polls.c.at)


def _count(connection: Connection, query: Select[Any]) -> None:
    zone = ZoneInfo(newsroom_timezone(connection) or "UTC")
    found = connection.execute(query, execution_options={"yield_per": _CHUNK})
    pending: list[dict[str, Any]] = []
    for feed_id, of_feed in groupby(found, key=lambda row: row.feed_id):
        days = _days(of_feed, zone)
        pending += [
            {"feed_id": feed_id, "report_date": day, **dict(zip(_ADDED, _values_of(days[day]), strict=True))}
            for day in sorted(days)
        ]
        if len(pending) >= _CHUNK:
            _add(connection, pending)
            pending = []
    _add(connection, pending)


def _days(of_feed: Iterable[Any], zone: ZoneInfo) -> dict[date, _Day]:
    """Sum up polls of one feed by the newsroom's days; days without a poll between two are there, with zeros."""
    days: dict[date, _Day] = {}
    for poll in of_feed:
        at = poll.at.astimezone(zone)
        day = days.setdefault(at.date(), _Day())
        day.polls += 1
        day.entries_new += poll.entries_new
        day.gaps += poll.has_gap
        if poll.outcome not in GOOD_POLLS:
            day.failed_polls += 1
            continue
        if poll.previous is None:
            continue
        day.longest_wait_seconds = max(day.longest_wait_seconds, int((poll.at - poll.previous).total_seconds()))
        if not poll.has_gap and poll.previous.astimezone(zone).date() == at.date():
            continue
        for one, seconds in _split(poll.previous, poll.at, zone):
            blind = seconds if poll.has_gap else 0
            days.setdefault(one, _Day()).blind_seconds += blind
    return days


def _split(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """Give the days between two instants, with how many seconds of each lie there."""
    day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        midnight, next_midnight = (
            datetime.combine(one, time(), zone).astimezone(begin.tzinfo) for one in (day, day + timedelta(days=1))
        )
        yield day, int((min(end, next_midnight) - max(begin, midnight)).total_seconds())
        day += timedelta(days=1)


def _add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Add to the rows that are there; in the order of keys, so that two runs that end at once do not deadlock."""
    if not rows:
        return
    is_postgres = connection.dialect.name == "postgresql"
    statement: Any = (postgresql if is_postgres else sqlite).insert(daily_coverage)
    there, new = daily_coverage.c, statement.excluded
    greater = func.greatest if is_postgres else func.max
    summed: dict[str, Any] = {name: there[name] + new[name] for name in _ADDED}
    summed["longest_wait_seconds"] = greater(there.longest_wait_seconds, new.longest_wait_seconds)
    connection.execute(statement.on_conflict_do_update(index_elements=["feed_id", "report_date"], set_=summed), rows)
