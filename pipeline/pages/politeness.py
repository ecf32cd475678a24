"""Manners towards a host: few connections, a delay that follows its speed, and distance when it is in trouble."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from yarl import URL

from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client, OnHop, Refusal

CONNECTIONS = 2
MIN_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 10.0
MAX_CRAWL_DELAY_SECONDS = 60.0
"""A longer Crawl-delay (86400 is in use) would mean never; those hosts get one request a minute."""

LEAST_DELAY_SECONDS = 0.02
"""Shorter rests are not waited for: without a minimum of its own, a host that answers within milliseconds needs none.
"""

DELAY_FACTOR = 3.0
"""A host is at work for us a quarter of the time at most: it gets three times its last response time to rest."""

SLOW_DOWN_SECONDS = 60.0
"""The first back-off of a host that says 'too many requests' without saying for how long; doubled each time."""

ABSENT_SECONDS = 300.0
"""The first back-off of a host that does not answer: the rest of a run, and no longer."""

MAX_BACK_OFF_SECONDS = 3_600.0
"""Back-off of our own making never grows past an hour; what a Retry-After asks for may."""

# So many ends of this kind in a row tell of the host and not of a page. A time-out counts only without an answer.
_IN_A_ROW = {
    Outcome.UNREACHABLE: 2,
    Outcome.TIMED_OUT: 2,
    Outcome.SERVER_ERROR: 3,
    Outcome.CHALLENGED: 3,
    Outcome.FORBIDDEN: 3,
}
_ABSENT = frozenset({Outcome.UNREACHABLE, Outcome.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class HostState:
    """What is worth keeping of a host between runs; `host` is name:port, `delay` in seconds."""

    host: str
    not_before: datetime | None
    reason: str | None
    strikes: int
    delay: float


@dataclass(slots=True, eq=False)
class _Host:
    name: str
    slots: asyncio.Semaphore
    delay: float
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    crawl_delay: float = 0.0
    last_start: float = float("-inf")
    not_before: float = 0.0
    reason: str | None = None
    strikes: int = 0
    failures: int = 0


@lru_cache(maxsize=4096)
def host_key(url: str) -> str | None:
    """Return the host:port that `url` is fetched from; None when it has none."""
    try:
        parsed = URL(url)
        return f"{parsed.raw_host}:{parsed.port}" if parsed.raw_host and parsed.port else None
    except ValueError:
        return None


class Hosts:
    """The hosts that one process talks to; every fetch goes through `fetch`."""

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        min_delay: float = MIN_DELAY_SECONDS,
        max_delay: float = MAX_DELAY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`connections` are at most open to one host at a time; delays are seconds between two starts."""
        self._connections = connections
        self._min_delay = min_delay
        self._max_delay = max_delay
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    async def fetch(
        self,
        client: Client,
        url: str,
        *,
        accept: Accept,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int | None = None,
        deadline: float | None = None,
        on_hop: OnHop | None = None,
    ) -> Capture:
        """Fetch with `client` when it is the turn of the URL's host, and learn from how it ends.

        A host in back-off gives `deferred` with the reason and `retry_after`. A redirect to another host waits for its
        turn there.
        """
        key = host_key(url)
        turn = _Turn(self, on_hop)
        try:
            refusal = await turn.enter(key) if key else None
            if refusal is not None:
                return self._deferred(url, key or "", refusal)
            capture = await client.fetch(
                url,
                accept=accept,
                etag=etag,
                last_modified=last_modified,
                max_bytes=max_bytes,
                deadline=deadline,
                on_hop=turn.hop,
            )
            if turn.host is not None:
                self._learn(turn.host, capture, self._clock() - turn.started)
            return capture
        finally:
            turn.leave()

    def not_before(self, url: str) -> datetime | None:
        """Return until when the host of `url` is left alone; None when it may be asked now."""
        key = host_key(url)
        host = self._hosts.get(key) if key else None
        return self._wall(host.not_before) if host and host.not_before > self._clock() else None

    def set_crawl_delay(self, url: str, seconds: float | None) -> None:
        """Keep the Crawl-delay that the robots.txt of the host of `url` asks for; None when it asks for none."""
        key = host_key(url)
        if key:
            self.host(key).crawl_delay = min(seconds or 0.0, MAX_CRAWL_DELAY_SECONDS)

    def states(self) -> list[HostState]:
        """Return what to keep of every host seen, for `restore` in a later run."""
        now = self._clock()
        return [
            HostState(
                host.name,
                self._wall(host.not_before) if host.not_before > now else None,
                host.reason,
                host.strikes,
                host.delay,
            )
            for host in self._hosts.values()
        ]

    def restore(self, states: Iterable[HostState]) -> None:
        """Take up what `states` of an earlier run said."""
        for state in states:
            host = self.host(state.host)
            host.delay = min(max(state.delay, self._min_delay), self._max_delay)
            host.strikes, host.reason = state.strikes, state.reason
            if state.not_before is not None:
                host.not_before = self._clock() + (state.not_before - datetime.now(UTC)).total_seconds()

    def host(self, key: str) -> _Host:
        """Return the host of this name:port."""
        if key not in self._hosts:
            self._hosts[key] = _Host(key, asyncio.Semaphore(self._connections), self._min_delay)
        return self._hosts[key]

    async def wait(self, host: _Host) -> None:
        """Wait until the next request to `host` may start."""
        now = self._clock()
        if not host.gate.locked() and now >= host.last_start + max(host.delay, host.crawl_delay):
            host.last_start = now
            return
        async with host.gate:
            # Looked at again after each sleep: the delay grows meanwhile when the last answer turns out slow.
            while (pause := host.last_start + max(host.delay, host.crawl_delay) - self._clock()) > 0:
                if max(host.delay, host.crawl_delay) < LEAST_DELAY_SECONDS:
                    break
                await self._sleep(pause)
            host.last_start = self._clock()

    def backing_off(self, host: _Host) -> Refusal | None:
        """Say why `host` is left alone now; None when it is not."""
        if host.not_before <= self._clock():
            return None
        until = f"{self._wall(host.not_before):%Y-%m-%d %H:%M:%S}Z"
        return Refusal(Outcome.DEFERRED, f"{host.name} is left alone until {until}: {host.reason}")

    def rest(self, host: _Host, seconds: float) -> None:
        """Let the delay follow the time that the last answer of `host` took."""
        host.delay = min(max(DELAY_FACTOR * seconds, self._min_delay), self._max_delay)

    def now(self) -> float:
        """Return the time of the clock in use, in seconds."""
        return self._clock()

    def _learn(self, host: _Host, capture: Capture, seconds: float) -> None:
        outcome = capture.outcome
        self.rest(host, seconds)
        is_page_only = outcome not in _IN_A_ROW or (outcome is Outcome.TIMED_OUT and capture.status is not None)
        asks_for_time = outcome in {Outcome.SERVER_ERROR, Outcome.FORBIDDEN} and bool(capture.retry_after)
        if outcome is Outcome.RATE_LIMITED or asks_for_time:
            self._back_off(host, SLOW_DOWN_SECONDS, capture)
        elif outcome is None or is_page_only:
            host.failures = host.strikes = 0
        else:
            host.failures += 1
            if host.failures >= _IN_A_ROW[outcome]:
                self._back_off(host, ABSENT_SECONDS if outcome in _ABSENT else SLOW_DOWN_SECONDS, capture)

    def _back_off(self, host: _Host, first_seconds: float, capture: Capture) -> None:
        host.strikes += 1
        seconds = min(first_seconds * 2.0 ** min(host.strikes - 1, 10), MAX_BACK_OFF_SECONDS)
        if capture.retry_after is not None:
            # What the server asks for counts; our own, sixty times shorter, only outgrows a Retry-After of nothing.
            seconds = max(capture.retry_after, seconds / 60)
        host.not_before = max(host.not_before, self._clock() + seconds)
        host.reason = capture.reason

    def _deferred(self, url: str, key: str, refusal: Refusal) -> Capture:
        left = max(self.host(key).not_before - self._clock(), 0.0)
        return Capture(
            requested_url=url,
            url=url,
            at=datetime.now(UTC),
            outcome=refusal.outcome,
            reason=refusal.reason,
            retry_after=left or None,
        )

    def _wall(self, moment: float) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=moment - self._clock())


class _Turn:
    """The place of one fetch at the host that it talks to; it moves along with redirects."""

    def __init__(self, hosts: Hosts, on_hop: OnHop | None) -> None:
        self._hosts = hosts
        self._on_hop = on_hop
        self.host: _Host | None = None
        self.started = 0.0

    async def enter(self, key: str, *, is_under_way: bool = False) -> Refusal | None:
        """Take a place at the host `key`, and wait until a request may start unless one `is_under_way` there.

        Returns a Refusal when the host is in back-off.
        """
        host = self._hosts.host(key)
        refusal = self._hosts.backing_off(host)
        if refusal is not None:
            return refusal
        await host.slots.acquire()
        self.host = host
        # Those in line when their host falls silent must not each wait a delay to be sent away.
        if not is_under_way and self._hosts.backing_off(host) is None:
            await self._hosts.wait(host)
        self.started = self._hosts.now()
        refusal = self._hosts.backing_off(host)
        if refusal is not None:
            self.leave()
        return refusal

    async def hop(self, target: str) -> Refusal | None:
        """Follow a redirect to `target`: on the same host at once, elsewhere with a turn of its own.

        The place is given back before anything is waited for: fetches that redirect crosswise, or whose caller fetches
        robots.txt meanwhile, would else wait for each other for ever.
        """
        left = self.host
        if left is not None:
            self._hosts.rest(left, self._hosts.now() - self.started)
            self.leave()
        refusal = await self._on_hop(target) if self._on_hop else None
        key = host_key(target)
        if refusal is not None or key is None:
            return refusal
        return await self.enter(key, is_under_way=left is not None and key == left.name)

    def leave(self) -> None:
        """Give the place back."""
        if self.host is not None:
            self.host.slots.release()
            self.host = None
