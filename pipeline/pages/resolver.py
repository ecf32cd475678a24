"""Name resolution for the client: off the event loop, with threads of its own, forbidden addresses left out."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.pages.guard import AddressForbiddenError, Guard

RESOLVER_THREADS = 64
"""asyncio's own pool has cpu + 4 threads: a handful of dead name servers would hold up the names of everyone else."""


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
    """Another resolver, whose answers lose every address that `guard` forbids."""

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the allowed addresses of `host`. Raises AddressForbiddenError when all of them are forbidden."""
        found = await self._inner.resolve(host, port, family)
        reasons = [self._guard.check(answer["host"]) for answer in found]
        allowed = [answer for answer, reason in zip(found, reasons, strict=True) if reason is None]
        if found and not allowed:
            raise AddressForbiddenError(f"{host}: {reasons[0]}")
        return allowed

    async def close(self) -> None:
        """Close the resolver behind."""
        await self._inner.close()
