"""How long a planned backfill will take, from what is known of its hosts and of this machine."""

import os
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from config.settings import Settings
from models.states import PageState
from models.tables import hosts, pages

PAGES_A_SECOND = 25
"""What one core extracts and loads, measured on news pages (docs/scale.md)."""

USUAL_DELAY = 1.0
"""Seconds between two requests to a host that has taught us nothing yet."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Pages that wait, the hosts that they are at, and about how many seconds they will take."""

    pages: int
    hosts: int
    seconds: float

    @property
    def words(self) -> str:
        """Give it as a person reads it."""
        hosts = "one host" if self.hosts == 1 else f"{self.hosts:,} hosts"
        pages = "one page" if self.pages == 1 else f"{self.pages:,} pages"
        return f"{pages} of {hosts}: about {spoken(self.seconds)}"


def working_seconds(count: int, settings: Settings) -> float:
    """Estimate how long extraction and load of so many pages take on this machine."""
    return count / (PAGES_A_SECOND * max(1, min(settings.workers, len(os.sched_getaffinity(0)))))


def spoken(seconds: float) -> str:
    """Round a time as people say it."""
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return "a second" if seconds < 1.5 else f"{round(seconds)} seconds"


def estimate(connection: Connection, backfill_id: int, settings: Settings, *, is_offline: bool) -> Estimate:
    """Estimate what is left of a backfill: the slowest host says it, or the extraction."""
    query = (
        select(func.count(), hosts.c.delay_seconds)
        .join(hosts, hosts.c.id == pages.c.host_id)
        .where(pages.c.backfill_id == backfill_id, pages.c.state != PageState.DONE)
        .group_by(hosts.c.id, hosts.c.delay_seconds)
    )
    waiting = [(int(count), float(delay)) for count, delay in connection.execute(query)]
    total = sum(count for count, _ in waiting)
    working = working_seconds(total, settings)
    asking = max(
        (count * max(delay or USUAL_DELAY, settings.host_delay_seconds) for count, delay in waiting), default=0.0
    )
    return Estimate(total, len(waiting), working if is_offline else max(working, asking))
