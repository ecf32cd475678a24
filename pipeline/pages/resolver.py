"""Name resolution for the client: off the event loop, with threads of its own, forbidden addresses left out."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.pages.guard import AddressForbiddenError, Guard

RESOLVER_THREADS = 512
"""A lookup at a dead name server holds its thread for half a minute, and nothing can end it. asyncio's own pool has
cpu + 4 threads: a handful of dead servers would hold up the names of everyone else."""

KEPT_SECONDS = 300.0
FAILURE_KEPT_SECONDS = 30.0
"""For so long an answer, or that there is none, is not asked for again."""

MOST_KEPT = 20_000


class SystemResolver(AbstractResolver):
    """The operating system's resolver (getaddrinfo) on a thread pool of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`. Raises OSError (socket.gaierror) when it has none."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
            )
        except UnicodeError as error:  # a label that the IDNA codec refuses
            raise socket.gaierror(socket.EAI_NONAME, "the name is not valid") from error
        return [
            ResolveResult(hostname=host, host=str(where[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        """Let the threads go; a lookup that still runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Another resolver, asked once for a while; its answers lose every address that `guard` forbids."""

    def __init__(self, guard: Guard, inner: AbstractResolver, seconds: float) -> None:
        """A name whose lookup takes longer than `seconds` has no address."""
        self._guard = guard
        self._inner = inner
        self._seconds = seconds
        self._kept: dict[tuple[str, int, int], tuple[float, asyncio.Future[list[ResolveResult]]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the allowed addresses of `host`. Raises AddressForbiddenError when all of them are forbidden."""
        loop = asyncio.get_running_loop()
        key = (host, port, int(family))
        until, answer = self._kept.get(key, (0.0, None))
        if answer is None or (answer.done() and until <= loop.time()):
            if len(self._kept) >= MOST_KEPT:
                self._kept = {key: held for key, held in self._kept.items() if not held[1].done()}
            answer = loop.create_task(self._look_up(host, port, family))
            answer.add_done_callback(lambda done: self._keep(key, done))
            self._kept[key] = (0.0, answer)
        # Whoever waits may give up; the lookup goes on for the others.
        return await asyncio.shield(answer)

    def _keep(self, key: tuple[str, int, int], answer: asyncio.Future[list[ResolveResult]]) -> None:
        has_failed = answer.cancelled() or answer.exception() is not None
        seconds = FAILURE_KEPT_SECONDS if has_failed else KEPT_SECONDS
        self._kept[key] = (asyncio.get_running_loop().time() + seconds, answer)

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._inner.resolve(host, port, family)
        except TimeoutError as error:
            raise socket.gaierror(socket.EAI_AGAIN, "the name server does not answer") from error
        reasons = [self._guard.check(answer["host"]) for answer in found]
        allowed = [answer for answer, reason in zip(found, reasons, strict=True) if reason is None]
        if found and not allowed:
            raise AddressForbiddenError(f"{host}: {reasons[0]}")
        return allowed

    async def close(self) -> None:
        """End the lookups under way and close the resolver behind."""
        for _, answer in self._kept.values():
            answer.cancel()
        await asyncio.gather(*(answer for _, answer in self._kept.values()), return_exceptions=True)
        await self._inner.close()
