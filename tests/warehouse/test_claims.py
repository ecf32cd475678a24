"""Claims on both databases: many claimers at once take no row twice, and each host is in one pair of hands."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fresh import bring_up
from sqlalchemy import Connection, Engine, insert, select, text, update

from models.engine import open_engine, write, writing
from models.states import RunState
from models.tables import feeds, hosts, leases, pages, runs, sources
from pipeline.warehouse import clock, lease
from pipeline.warehouse.claim import Scope, claim_pages, release_pages
from pipeline.warehouse.due_feeds import claim_feeds
from pipeline.warehouse.fetches import finish_page
from pipeline.warehouse.ledger import Outcome
from pipeline.warehouse.rechecks import Look
from pipeline.warehouse.runs import close_run, end_dead_runs, open_run

HOSTS = 12
PAGES = 5


@pytest.fixture
def queue(engine: Engine) -> Engine:
    """A warehouse with feeds and waiting pages on some hosts."""
    past = datetime.now(UTC) - timedelta(hours=1)
    with writing(engine) as connection:
        source = connection.execute(
            insert(sources).values(slug="ward", name="Ward", created_at=past).returning(sources.c.id)
        ).scalar_one()
        for number in range(HOSTS):
            host = connection.execute(insert(hosts).values(name=f"ward-{number}:80").returning(hosts.c.id)).scalar_one()
            values = {"source_id": source, "host_id": host}
            connection.execute(insert(feeds).values(url=f"http://ward-{number}/rss", next_poll_at=past, **values))
            for part in range(PAGES):
                key = f"ward-{number}/{part}"
                row = {"url_key": key, "url": f"http://{key}", "queued_at": past, "next_attempt_at": past}
                connection.execute(insert(pages).values(**row, **values))
    return engine


def begin(engine: Engine) -> Scope:
    return write(engine, lambda connection: open_run(connection, "ingest", {}, 60))


def everything(engine: Engine, scope: Scope, barrier: threading.Barrier | None = None) -> tuple[list[int], list[int]]:
    """Claim turn after turn until nothing is left; give the feeds and pages that were had."""
    had: tuple[list[int], list[int]] = ([], [])

    def turn(connection: Connection) -> tuple[list[int], list[int]]:
        at = clock.now(connection)
        got = claim_feeds(connection, scope, at, 3), claim_pages(connection, scope, at, 4, per_host=2)
        if barrier is not None and not had[0]:
            barrier.wait(20)  # both transactions are open now
        return [feed.id for feed in got[0]], [page.id for page in got[1]]

    while True:
        got = write(engine, turn)
        had[0].extend(got[0])
        had[1].extend(got[1])
        if not any(got):
            return had


def test_claimers_at_once_take_every_row_once_and_a_host_has_one_holder(queue: Engine) -> None:
    scopes = [begin(queue) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        had = list(threads.map(lambda scope: everything(queue, scope), scopes))
    polled = Counter(key for one in had for key in one[0])
    fetched = Counter(key for one in had for key in one[1])
    with queue.connect() as connection:
        owner = dict(map(tuple, connection.execute(select(hosts.c.id, hosts.c.lease_token))))
        held = connection.execute(select(pages.c.host_id, pages.c.lease_token)).all()
        held += connection.execute(select(feeds.c.host_id, feeds.c.lease_token)).all()
    assert all(owner[host] == token for host, token in held)
    assert set(polled.values()) | set(fetched.values()) == {1}
    assert (len(polled), len(fetched)) == (HOSTS, HOSTS * PAGES)


def test_on_postgresql_a_second_claimer_does_not_wait_for_the_first_and_takes_other_hosts(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    queue.__wrapped__(engine)  # type: ignore[attr-defined]  # the fixture's own function
    scopes = [begin(engine) for _ in range(2)]
    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        had = list(threads.map(lambda scope: everything(engine, scope, barrier), scopes))
    engine.dispose()
    assert all(feeds_had and pages_had for feeds_had, pages_had in had)
    assert len({key for one in had for key in one[1]}) == HOSTS * PAGES


def test_a_page_that_another_run_finished_since_it_was_chosen_is_not_taken_again(queue: Engine) -> None:
    first, second = begin(queue), begin(queue)

    def finish_all(connection: Connection) -> None:
        at = clock.now(connection)
        for page in claim_pages(connection, first, at, 100, per_host=PAGES):
            finish_page(connection, first, page, Look(Outcome.NOT_ARTICLE, None, at))
        close_run(connection, first, RunState.DONE, reason="done")

    write(queue, finish_all)
    with writing(queue) as connection:
        assert claim_pages(connection, second, clock.now(connection), 100, per_host=PAGES) == []


def test_claims_go_to_the_end_of_a_host_that_is_ours_and_leave_full_hosts_alone(queue: Engine) -> None:
    scope = begin(queue)
    with writing(queue) as connection:
        at = clock.now(connection)
        got = claim_pages(connection, scope, at, 100, per_host=2, full_hosts=["ward-0:80"])
        load = Counter(page.host for page in got)
        assert load == {f"ward-{number}:80": 2 for number in range(1, HOSTS)}
        release_pages(connection, [page.id for page in got], scope.token)
        again = claim_pages(connection, scope, at, 100, per_host=PAGES)
    assert len(again) == HOSTS * PAGES


def test_the_lease_of_a_dead_holder_is_put_right_by_one_process(queue: Engine) -> None:
    scope = begin(queue)
    with writing(queue) as connection:
        assert claim_pages(connection, scope, clock.now(connection), 100, per_host=PAGES)
        connection.execute(update(leases).values(pid_started=1))

    def put_right(_number: int) -> list[str]:
        def work(connection: Connection) -> list[str]:
            dead = lease.dead_leases(connection)
            for token in dead:
                end_dead_runs(connection, token)
                lease.drop(connection, token)
            return dead

        return write(queue, work)

    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(put_right, range(3)))
    assert sorted(found) == [[], [], [scope.token]]
    with queue.connect() as connection:
        assert connection.execute(select(pages.c.id).where(pages.c.lease_token.is_not(None))).all() == []
        assert connection.execute(select(runs.c.state)).scalars().all() == [RunState.INTERRUPTED]


def test_a_lease_lives_by_the_clock_of_the_database(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    with writing(engine) as connection:
        token = lease.acquire(connection, 60)
        row = connection.execute(select(leases)).one()
        theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        assert abs(theirs - row.acquired_at) < timedelta(seconds=30)
        connection.execute(update(leases).values(hostname="elsewhere", expires_at=theirs + timedelta(hours=1)))
        assert lease.dead_leases(connection) == []
        connection.execute(update(leases).values(expires_at=theirs - timedelta(seconds=1)))
        assert lease.dead_leases(connection) == [token]
        lease.renew(connection, token, 60)
        assert lease.dead_leases(connection) == []
    engine.dispose()
