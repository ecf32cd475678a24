"""Manners towards a host, on a clock that the tests move."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client, OnHop, Refusal
from pipeline.pages.guard import Guard
from pipeline.pages.politeness import (
    ABSENT_SECONDS,
    MAX_BACK_OFF_SECONDS,
    MAX_CRAWL_DELAY_SECONDS,
    SLOW_DOWN_SECONDS,
    Hosts,
    HostState,
    host_key,
)

T = TypeVar("T")
A = "http://a.example/"
B = "http://b.example/"


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, until)


Ending = tuple[Outcome | None, int | None, float | None]
OK: Ending = (None, 200, None)
DEAD: Ending = (Outcome.UNREACHABLE, None, None)


class ScriptedClient(Client):
    """A client whose fetches take `seconds` and end as `ending` says, by URL."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        super().__init__(user_agent="khotin/1", guard=Guard())
        self.clock = clock
        self.seconds = seconds
        self.endings: dict[str, Ending] = {}
        self.redirects: dict[str, str] = {}
        self.starts: list[tuple[str, float]] = []
        self.at_work: dict[str, int] = {}
        self.most_at_work = 0

    async def fetch(self, url: str, *, on_hop: OnHop | None = None, **_options: Any) -> Capture:
        self.starts.append((url, self.clock()))
        await self.work(url)
        outcome, status, retry_after = self.endings.get(url, OK)
        final = self.redirects.get(url, url)
        if final != url and on_hop is not None:
            refusal = await on_hop(final)
            if refusal is None:
                self.starts.append((final, self.clock()))
                await self.work(final)
            else:
                outcome = refusal.outcome
        return Capture(url, final, datetime.now(UTC), outcome, "why", status, retry_after=retry_after)

    async def work(self, url: str) -> None:
        key = host_key(url) or ""
        self.at_work[key] = self.at_work.get(key, 0) + 1
        self.most_at_work = max(self.most_at_work, self.at_work[key])
        await self.clock.sleep(self.seconds)
        for _ in range(5):
            await asyncio.sleep(0)
        self.at_work[key] -= 1

    def times(self, url: str) -> list[float]:
        return [at for start, at in self.starts if start == url]


def play(scene: Callable[[Hosts, ScriptedClient], Coroutine[Any, Any, T]], seconds: float = 0.0, **options: Any) -> T:
    async def run() -> T:
        clock = Clock()
        hosts = Hosts(clock=clock, sleep=clock.sleep, **options)
        return await scene(hosts, ScriptedClient(clock, seconds))

    return asyncio.run(run())


async def fetch(hosts: Hosts, client: ScriptedClient, url: str) -> Capture:
    return await hosts.fetch(client, url, accept=Accept.PAGE)


class TestDelay:
    def test_requests_to_one_host_start_a_delay_apart(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            await asyncio.gather(*(fetch(hosts, client, A) for _ in range(4)))
            return client.times(A)

        assert play(scene, connections=1, min_delay=1.0) == [1000.0, 1001.0, 1002.0, 1003.0]

    def test_hosts_do_not_wait_for_each_other(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            urls = [f"http://{number}.example/" for number in range(20)]
            await asyncio.gather(*(fetch(hosts, client, url) for url in urls))
            return [at for _, at in client.starts]

        assert play(scene, min_delay=1.0) == [1000.0] * 20

    @pytest.mark.parametrize(("seconds", "delay"), [(0.1, 1.0), (2.0, 6.0), (30.0, 10.0)])
    def test_the_delay_is_three_times_the_last_response_within_bounds(self, seconds: float, delay: float) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> float:
            await fetch(hosts, client, A)
            return hosts.states()[0].delay

        assert play(scene, seconds) == pytest.approx(delay)

    def test_a_slow_answer_holds_back_the_very_next_request(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            await fetch(hosts, client, A)
            await fetch(hosts, client, A)
            return client.times(A)

        assert play(scene, 2.0) == pytest.approx([1000.0, 1006.0])

    def test_a_longer_crawl_delay_wins(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            hosts.set_crawl_delay(A, 20.0)
            await fetch(hosts, client, A)
            await fetch(hosts, client, A)
            return client.times(A)

        assert play(scene) == [1000.0, 1020.0]

    def test_a_crawl_delay_of_a_day_is_cut_to_a_minute(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            hosts.set_crawl_delay(A, 86_400.0)
            await fetch(hosts, client, A)
            await fetch(hosts, client, A)
            return client.times(A)

        assert play(scene) == [1000.0, 1000.0 + MAX_CRAWL_DELAY_SECONDS]


class TestConnections:
    @pytest.mark.parametrize("connections", [1, 2])
    def test_one_host_never_has_more_fetches_under_way_than_allowed(self, connections: int) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> int:
            await asyncio.gather(*(fetch(hosts, client, A) for _ in range(10)))
            return client.most_at_work

        assert play(scene, connections=connections, min_delay=0.0, max_delay=0.0) == connections

    def test_a_port_is_a_host_of_its_own(self) -> None:
        assert host_key("http://a.example/x") == host_key("http://a.example:80/y") == "a.example:80"
        assert host_key("https://a.example/") == "a.example:443"

    def test_crosswise_redirects_do_not_wait_for_each_other_for_ever(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[Outcome | None]:
            client.redirects = {A: B, B: A}
            captures = await asyncio.gather(*(fetch(hosts, client, url) for url in (A, B) * 5))
            return [capture.outcome for capture in captures]

        assert play(scene, connections=1) == [None] * 10

    def test_a_caller_may_fetch_from_the_same_host_while_it_is_asked_about_a_redirect(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[Outcome | None]:
            async def ask(_url: str) -> Refusal | None:
                await fetch(hosts, client, A + "robots.txt")
                return None

            client.redirects = {A: A + "moved"}
            fetches = [hosts.fetch(client, A, accept=Accept.PAGE, on_hop=ask) for _ in range(5)]
            return [capture.outcome for capture in await asyncio.gather(*fetches)]

        assert play(scene, connections=1) == [None] * 5

    def test_a_redirect_on_the_same_host_does_not_wait_again(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            client.redirects = {A: A + "moved"}
            await fetch(hosts, client, A)
            return [at for _, at in client.starts]

        assert play(scene, min_delay=5.0) == [1000.0, 1000.0]

    def test_every_place_is_given_back(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> bool:
            client.redirects = {A: B}
            client.endings = {A: DEAD}
            await asyncio.gather(*(fetch(hosts, client, url) for url in (A, B) * 5))
            return any(hosts.host(key).slots.locked() for key in ("a.example:80", "b.example:80"))

        assert play(scene, connections=1) is False

    def test_the_caller_is_asked_about_a_redirect_first(self) -> None:
        async def refuse(url: str) -> Refusal | None:
            return Refusal(Outcome.ROBOTS_DENIED, "no")

        async def scene(hosts: Hosts, client: ScriptedClient) -> Capture:
            client.redirects = {A: B}
            return await hosts.fetch(client, A, accept=Accept.PAGE, on_hop=refuse)

        assert play(scene).outcome is Outcome.ROBOTS_DENIED


class TestBackOff:
    @pytest.mark.parametrize(
        ("ending", "seconds"),
        [
            ((Outcome.RATE_LIMITED, 429, None), SLOW_DOWN_SECONDS),
            ((Outcome.RATE_LIMITED, 429, 17.0), 17.0),
            ((Outcome.SERVER_ERROR, 503, 120.0), 120.0),
            ((Outcome.FORBIDDEN, 403, 30.0), 30.0),
        ],
    )
    def test_a_host_that_asks_for_time_gets_it(self, ending: Ending, seconds: float) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> Capture:
            client.endings = {A: ending}
            await fetch(hosts, client, A)
            return await fetch(hosts, client, A + "other")

        capture = play(scene)
        assert capture.outcome is Outcome.DEFERRED
        assert capture.retry_after == pytest.approx(seconds)
        assert capture.reason is not None
        assert capture.reason.startswith("a.example:80 is left alone until ")
        assert capture.reason.endswith(": why")

    def test_a_host_is_asked_again_when_its_time_is_over(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> Outcome | None:
            client.endings = {A: (Outcome.RATE_LIMITED, 429, 17.0)}
            await fetch(hosts, client, A)
            client.clock.seconds += 18
            return (await fetch(hosts, client, B)).outcome

        assert play(scene) is None

    def test_back_off_doubles_up_to_an_hour(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[float]:
            client.endings = {A: (Outcome.RATE_LIMITED, 429, None)}
            pauses = []
            for _ in range(9):
                await fetch(hosts, client, A)
                pauses.append((await fetch(hosts, client, A)).retry_after or 0.0)
                client.clock.seconds += pauses[-1]
            return pauses

        pauses = play(scene)
        assert pauses[:3] == pytest.approx([60.0, 120.0, 240.0])
        assert pauses[-1] == pytest.approx(MAX_BACK_OFF_SECONDS)

    def test_a_good_answer_ends_the_doubling(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> int:
            client.endings = {A: (Outcome.RATE_LIMITED, 429, None)}
            await fetch(hosts, client, A)
            client.clock.seconds += 100
            await fetch(hosts, client, A + "fine")
            return hosts.states()[0].strikes

        assert play(scene) == 0

    @pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.TIMED_OUT])
    def test_a_host_that_is_not_there_twice_in_a_row_fails_fast(self, outcome: Outcome) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> tuple[list[Outcome | None], int, float | None]:
            client.endings = {A: (outcome, None, None)}
            captures = [await fetch(hosts, client, A) for _ in range(5)]
            return [capture.outcome for capture in captures], len(client.starts), captures[-1].retry_after

        outcomes, requests, retry_after = play(scene)
        assert outcomes == [outcome, outcome, Outcome.DEFERRED, Outcome.DEFERRED, Outcome.DEFERRED]
        assert requests == 2
        assert retry_after == pytest.approx(ABSENT_SECONDS)

    def test_those_already_in_line_are_deferred_at_once(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> tuple[int, float]:
            client.endings = {A: DEAD}
            captures = await asyncio.gather(*(fetch(hosts, client, A) for _ in range(100)))
            outcomes = [capture.outcome for capture in captures]
            return outcomes.count(Outcome.DEFERRED), client.clock() - client.times(A)[-1]

        assert play(scene, connections=1, min_delay=10.0) == (98, 0.0)

    def test_failures_that_are_not_in_a_row_do_not_count(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[Outcome | None]:
            client.endings = {A: DEAD}
            urls = [A, A + "fine"] * 3
            return [(await fetch(hosts, client, url)).outcome for url in urls]

        assert play(scene) == [Outcome.UNREACHABLE, None] * 3

    @pytest.mark.parametrize(
        "ending",
        [
            (Outcome.TIMED_OUT, 200, None),
            (Outcome.GONE, 404, None),
            (Outcome.BAD_RESPONSE, 200, None),
            (Outcome.TOO_LARGE, 200, None),
            (Outcome.WRONG_TYPE, 200, None),
            (Outcome.ADDRESS_FORBIDDEN, None, None),
        ],
    )
    def test_what_is_wrong_with_a_page_is_not_held_against_its_host(self, ending: Ending) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[Outcome | None]:
            client.endings = {A: ending}
            return [(await fetch(hosts, client, A)).outcome for _ in range(6)]

        assert play(scene) == [ending[0]] * 6

    @pytest.mark.parametrize("outcome", [Outcome.SERVER_ERROR, Outcome.CHALLENGED, Outcome.FORBIDDEN])
    def test_refusals_three_times_in_a_row_mean_the_whole_host(self, outcome: Outcome) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> list[Outcome | None]:
            client.endings = {A: (outcome, 403, None)}
            return [(await fetch(hosts, client, A)).outcome for _ in range(4)]

        assert play(scene) == [outcome, outcome, outcome, Outcome.DEFERRED]

    def test_a_redirect_into_a_host_in_back_off_is_deferred(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> Outcome | None:
            client.endings = {B: (Outcome.RATE_LIMITED, 429, 50.0)}
            await fetch(hosts, client, B)
            client.redirects = {A: B}
            return (await fetch(hosts, client, A)).outcome

        assert play(scene) is Outcome.DEFERRED


class TestBetweenRuns:
    def test_a_back_off_outlives_the_run(self) -> None:
        async def first(hosts: Hosts, client: ScriptedClient) -> list[HostState]:
            client.endings = {A: (Outcome.RATE_LIMITED, 429, 3_000.0)}
            await fetch(hosts, client, A)
            return hosts.states()

        states = play(first)
        assert [(state.host, state.strikes, state.reason) for state in states] == [("a.example:80", 1, "why")]

        async def second(hosts: Hosts, client: ScriptedClient) -> tuple[Outcome | None, datetime | None]:
            hosts.restore(states)
            return (await fetch(hosts, client, A)).outcome, hosts.not_before(A)

        outcome, not_before = play(second)
        assert outcome is Outcome.DEFERRED
        assert not_before is not None
        assert abs(not_before - (states[0].not_before or not_before)) < timedelta(seconds=60)

    def test_a_back_off_that_is_over_is_forgotten(self) -> None:
        async def scene(hosts: Hosts, client: ScriptedClient) -> tuple[Outcome | None, datetime | None]:
            hosts.restore([HostState("a.example:80", datetime(2026, 1, 1, tzinfo=UTC), "old", 3, 5.0)])
            return (await fetch(hosts, client, A)).outcome, hosts.not_before(A)

        assert play(scene) == (None, None)


def test_an_address_without_a_host_is_left_to_the_client_to_refuse() -> None:
    async def scene(hosts: Hosts, client: ScriptedClient) -> int:
        await fetch(hosts, client, "not an address")
        return len(hosts.states())

    assert play(scene) == 0
