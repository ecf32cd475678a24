"""Hostile servers that run in a thread of their own, for runs of khotin that meet many of them at once."""

import asyncio
import ssl
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from hostile_server import HostileServer, Script, Wire, head

T = TypeVar("T")

_NO_ROBOTS = head("404 Not Found", content_length="0")


def after_robots(script: Script) -> Script:
    """Say at first that there is no robots.txt, so that the page itself is asked for."""

    async def answer(wire: Wire) -> None:
        if wire.server.requests[-1].startswith(b"GET /robots.txt "):
            await wire.send(_NO_ROBOTS)
        else:
            await script(wire)

    return answer


class Menagerie:
    """Any number of hostile servers for as long as its `with` block lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="menagerie", daemon=True)
        self._servers: list[HostileServer] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            self._do(server.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(
        self, script: Script, *, host: str = "127.0.0.1", is_rude: bool = False, tls: ssl.SSLContext | None = None
    ) -> HostileServer:
        """Start a server."""
        server = HostileServer(script, host=host, is_rude=is_rude, tls=tls)
        self._do(server.__aenter__())
        self._servers.append(server)
        return server

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
