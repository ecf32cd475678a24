"""The courier: a background thread that makes all requests of a run, and puts what comes back in the inbox."""

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Protocol, Self

from config.settings import Settings, user_agent
from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client, Refusal
from pipeline.pages.guard import Guard
from pipeline.pages.politeness import Hosts, HostState, host_key
from pipeline.pages.robots import Robots, RobotsState, judge_robots, robots_url
from pipeline.urls import same_site

AGENT = "khotin"
"""Our product token in robots.txt (RFC 9309 section 2.2.1)."""

_ENDS_PAGE = (Outcome.DEFERRED, Outcome.ADDRESS_FORBIDDEN, Outcome.UNREACHABLE, Outcome.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back for an errand: `key` says which one."""

    key: Any
    capture: Capture


@dataclass(frozen=True, slots=True)
class HostNews:
    """What was learnt of a host and is worth keeping."""

    state: HostState
    robots: RobotsState | None


Validators = tuple[str | None, str | None]
"""ETag and Last-Modified of what we have: with them a server may answer 304 (RFC 9110 section 13)."""


class Messenger(Protocol):
    """Whoever brings captures to a run: over the network, or from files that are at hand."""

    def remember(self, hosts: Iterable[HostNews]) -> None:
        """Take up what earlier runs learnt of some hosts."""

    def fetch_feed(self, key: Any, url: str, *, etag: str | None, last_modified: str | None) -> None:
        """Bring a feed."""

    def fetch_page(
        self, key: Any, url: str, *, exempt_site: str | None = None, validators: Validators = (None, None)
    ) -> None:
        """Bring a page."""

    def ask_news(self) -> list[HostNews]:
        """Give what is known now of every host that was asked."""


class Courier:
    """Makes requests in a thread of its own; `inbox` receives `Brought` and, asked for, `HostNews`."""

    def __init__(self, settings: Settings, inbox: SimpleQueue[Any]) -> None:
        """The thread starts with the context."""
        self._settings = settings
        self._inbox = inbox
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._is_ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop: asyncio.Event
        self._client: Client
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands: deque[tuple[Any, str, Coroutine[Any, Any, Capture]]] = deque()
        self._is_called = False
        self._hosts = Hosts(connections=settings.host_connections, min_delay=settings.host_delay_seconds)
        self._robots: dict[str, RobotsState] = {}
        self._rules: dict[str, Robots] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def remember(self, hosts: Iterable[HostNews]) -> None:
        """Take up what earlier runs learnt of some hosts."""
        self._loop.call_soon_threadsafe(self._remember, list(hosts))

    def fetch_feed(self, key: Any, url: str, *, etag: str | None, last_modified: str | None) -> None:
        """Fetch a feed. Its address was given by a person: robots.txt is for what we find by ourselves."""
        self._start(key, url, self._fetch_feed(url, etag, last_modified))

    def fetch_page(
        self, key: Any, url: str, *, exempt_site: str | None = None, validators: Validators = (None, None)
    ) -> None:
        """Fetch a page when its host's robots.txt allows it; that of the site of `exempt_site` is not asked."""
        self._start(key, url, self._fetch_page(url, exempt_site, validators))

    def ask_news(self) -> list[HostNews]:
        """Give what is known now of every host that was asked."""
        return asyncio.run_coroutine_threadsafe(self._news(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # the thread's owner has to hear of it, whatever it is
            self._failure = error
            self._is_ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        guard = Guard(self._settings.allowed_private_networks)
        async with Client(
            user_agent=user_agent(self._settings),
            guard=guard,
            connect_seconds=self._settings.connect_seconds,
            deadline_seconds=self._settings.fetch_seconds,
        ) as self._client:
            self._is_ready.set()
            await self._stop.wait()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, key: Any, url: str, errand: Coroutine[Any, Any, Capture]) -> None:
        self._errands.append((key, url, errand))
        if not self._is_called:
            # The loop is woken once for all errands of a turn.
            self._is_called = True
            self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        self._is_called = False
        while self._errands:
            task = self._loop.create_task(self._bring(*self._errands.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _bring(self, key: Any, url: str, errand: Coroutine[Any, Any, Capture]) -> None:
        try:
            capture = await errand
        except Exception as error:  # a bug of ours: the errand must come back all the same, with its name
            capture = _refused(url, Refusal(Outcome.BAD_RESPONSE, f"{type(error).__name__}: {error}"[:300]))
        self._inbox.put(Brought(key, capture))

    async def _fetch_feed(self, url: str, etag: str | None, last_modified: str | None) -> Capture:
        return await self._hosts.fetch(
            self._client,
            url,
            accept=Accept.FEED,
            max_bytes=self._settings.max_feed_bytes,
            etag=etag,
            last_modified=last_modified,
        )

    async def _fetch_page(self, url: str, exempt_site: str | None, validators: Validators) -> Capture:
        async def ask(target: str) -> Refusal | None:
            is_exempt = exempt_site is not None and same_site(target, exempt_site)
            return None if is_exempt else await self._ask_robots(target)

        refusal = await ask(url)
        if refusal is not None:
            return _refused(url, refusal)
        return await self._hosts.fetch(
            self._client,
            url,
            accept=Accept.PAGE,
            max_bytes=self._settings.max_page_bytes,
            etag=validators[0],
            last_modified=validators[1],
            on_hop=ask,
        )

    async def _ask_robots(self, url: str) -> Refusal | None:
        """Say why `url` may not be fetched by us; None when it may. Fetches robots.txt when ours is old."""
        name = host_key(url)
        if name is None:
            return None
        async with self._robots_locks.setdefault(name, asyncio.Lock()):
            state = self._robots.get(name)
            if state is None or state.expires_at() <= datetime.now(UTC):
                capture = await self._hosts.fetch(self._client, robots_url(url), accept=Accept.ROBOTS)
                if capture.outcome in _ENDS_PAGE and capture.status is None:
                    # Nobody answered, or may not be asked: a request for the page itself would end the same.
                    return Refusal(capture.outcome, capture.reason or "")
                self._robots[name] = judge_robots(capture, state)
                self._rules.pop(name, None)
            if name not in self._rules:
                # Rules are parsed at a host's first page: it takes milliseconds, and a run may know many hosts.
                self._rules[name] = self._robots[name].robots()
                self._hosts.set_crawl_delay(url, self._rules[name].crawl_delay(AGENT))
        rules = self._rules[name]
        if rules.wait_reason is not None:
            return Refusal(Outcome.DEFERRED, rules.wait_reason)
        allowed = rules.allows(url, AGENT)
        return None if allowed else Refusal(Outcome.ROBOTS_DENIED, "robots.txt forbids this address")

    def _remember(self, hosts: list[HostNews]) -> None:
        self._hosts.restore(news.state for news in hosts)
        for news in hosts:
            if news.robots is not None:
                self._robots[news.state.host] = news.robots

    async def _news(self) -> list[HostNews]:
        return [HostNews(state, self._robots.get(state.host)) for state in self._hosts.states()]


def _refused(url: str, refusal: Refusal) -> Capture:
    return Capture(requested_url=url, url=url, at=datetime.now(UTC), outcome=refusal.outcome, reason=refusal.reason)
