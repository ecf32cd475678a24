"""A hundred thousand feeds: how long the query for what is due takes, and how much memory applying their file.

    uv run python -m benchmarks.many_feeds [--feeds 100000] [--url postgresql+psycopg://…]

The feeds are made up, on half as many hosts, and were all polled before; one in forty is due. Without --url a SQLite
file of their own holds them; a database that is given has to be empty. The goals are 100 ms for the query and 1 GB for
the process, both in the worst case.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, update

from config.feeds_file import FeedsFile, FeedSpec, SourceSpec
from config.settings import load_settings
from models.engine import open_engine, write, writing
from models.schema import upgrade
from models.tables import feeds
from pipeline.warehouse import clock
from pipeline.warehouse.due_feeds import claim_feeds, due_keys
from pipeline.warehouse.runs import open_run
from pipeline.warehouse.sources import apply_feeds_file

GOAL_SECONDS, GOAL_BYTES = 0.1, 10**9
SOURCES, IN_HAND, ROUNDS = 2_000, 256, 10


def wish_of(count: int) -> FeedsFile:
    """Give a feeds file of so many feeds, two on each host."""
    each = count // SOURCES
    urls = (f"https://news-{number // 2}.example/feed-{number}.xml" for number in range(count))
    return FeedsFile(
        tuple(
            SourceSpec(name=f"Paper {number}", feeds=tuple(FeedSpec(next(urls)) for _ in range(each)))
            for number in range(SOURCES)
        )
    )


def poll_all(engine: Engine) -> None:
    """Write to every feed what its polls have left, due within the next hours or the last minutes."""
    rhythm = {"since": 1, "at": 1, "hours": [1.25] * 24, "days": [3.5] * 7, "recent": 0.1, "last": 1, "haste": 1.0}
    rhythm |= {"fresh": None, "interval": None, "skip_hours": [], "skip_days": []}
    learnt: dict[str, Any] = {
        "rhythm": json.dumps(rhythm),
        "known_entries": "x" * 600,
        "etag": '"one"',
        "body_hash": "a" * 64,
    }
    dice = random.Random(1)  # noqa: S311  # no secrets
    with writing(engine) as connection:
        at = clock.now(connection)
        learnt |= {"last_polled_at": at - timedelta(hours=1), "last_outcome": "not_modified"}
        last = connection.execute(func.max(feeds.c.id)).scalar_one()
        for first in range(0, last + 1, 50):
            due = at + timedelta(seconds=dice.uniform(-300, 3 * 3600))
            some = update(feeds).where(feeds.c.id.between(first, first + 49))
            connection.execute(some.values(**learnt, next_poll_at=due))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


@contextmanager
def timed(times: list[float]) -> Iterator[None]:
    """Note the wall seconds of a block."""
    start = time.perf_counter()
    yield
    times.append(time.perf_counter() - start)


def measure(engine: Engine, count: int) -> bool:
    """Make the feeds, look for what is due again and again, and tell; True when both goals are reached."""
    wish = wish_of(count)
    applied: list[float] = []
    for _ in range(2):
        with timed(applied):
            write(engine, lambda connection: apply_feeds_file(connection, wish))
    poll_all(engine)
    with timed(applied):
        write(engine, lambda connection: apply_feeds_file(connection, wish))
    scope = write(engine, lambda connection: open_run(connection, "ingest", {}, 60))
    queries: list[float] = []
    claims: list[float] = []
    for _ in range(ROUNDS):
        with writing(engine) as connection, timed(queries):
            found = due_keys(connection, scope, clock.now(connection), IN_HAND)
        with timed(claims):
            write(engine, lambda connection: claim_feeds(connection, scope, clock.now(connection), IN_HAND))
    print(f"the file applied: {applied[0]:.1f} s at first, {applied[-1]:.1f} s when nothing has changed")
    print(f"what is due ({len(found)} of it): {_spread(queries)}; taken in hand: {_spread(claims)}")
    scale = 1 if sys.platform == "darwin" else 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    print(f"memory: {used / 1e6:.0f} MB at most")
    return max(queries) < GOAL_SECONDS and used < GOAL_BYTES


def _spread(times: list[float]) -> str:
    inner = sorted(times)
    return f"{inner[len(inner) // 2] * 1000:.1f} ms, at most {inner[-1] * 1000:.1f} ms"


def main() -> int:
    """Measure; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=100_000)
    parser.add_argument("--url", help="an empty PostgreSQL database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), database_url=given.url or f"sqlite:///{folder}/khotin.db")
        engine = open_engine(settings.warehouse_url)
        upgrade(engine)
        is_good = measure(engine, given.feeds)
        engine.dispose()
    return 0 if is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
