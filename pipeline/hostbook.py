"""What is kept of hosts between runs, as rows and as the courier knows it."""

from typing import Any

from pipeline.courier import HostNews
from pipeline.pages.politeness import HostState
from pipeline.pages.robots import RobotsState
from pipeline.warehouse.hosts import HostRow


def news_of(row: HostRow) -> HostNews:
    """Give what a row remembers of a host."""
    state = HostState(row.name, row.not_before_at, row.back_off_reason, row.strikes, row.delay_seconds)
    if row.robots_fetched_at is None:
        return HostNews(state, None)
    body = None if row.robots_body is None else row.robots_body.encode()
    robots = RobotsState(row.robots_fetched_at, row.robots_status, body, row.robots_reason, row.robots_failing_since)
    return HostNews(state, robots)


def values_of(news: HostNews) -> dict[str, Any]:
    """Give the columns that keep what was learnt of a host."""
    values: dict[str, Any] = {
        "not_before_at": news.state.not_before,
        "back_off_reason": news.state.reason if news.state.not_before else None,
        "strikes": news.state.strikes,
        "delay_seconds": news.state.delay,
    }
    if news.robots is not None:
        body = news.robots.body
        values |= {
            "robots_fetched_at": news.robots.fetched_at,
            "robots_status": news.robots.status,
            # PostgreSQL keeps no NUL in text; a line of robots.txt that has one means nothing anyway.
            "robots_body": None if body is None else body.decode("utf-8", errors="replace").replace("\x00", ""),
            "robots_reason": news.robots.reason,
            "robots_failing_since": news.robots.failing_since,
        }
    return values
