"""A server that does everything wrong, on raw sockets, and counts what its client did."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

Script = Callable[["Wire"], Awaitable[None]]
"""What a server does with one connection after the request has come (or before, see `HostileServer.is_rude`)."""


class Wire:
    """One connection, written to byte by byte."""

    def __init__(self, server: "HostileServer", writer: asyncio.StreamWriter) -> None:
        self.server = server
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send `data`, which must have left before the next piece."""
        self._writer.write(data)
        await self._writer.drain()
        self.server.bytes_sent += len(data)

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        wire = self._writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class HostileServer:
    """Serves one script on a loopback address for as long as its `async with` block lasts."""

    def __init__(
        self, script: Script, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, is_rude: bool = False
    ) -> None:
        """With `is_rude` the script begins at once, without the request having been read."""
        self._script = script
        self._host = host
        self._tls = tls
        self._is_rude = is_rude
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.requests: list[bytes] = []
        self.bytes_sent = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Give the address of the server's front page."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not self._is_rude:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            await self._script(Wire(self, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has had enough, as it should
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()


def head(status: str = "200 OK", **headers: str) -> bytes:
    """Write a response head; `content_type` and so on become headers, text/html unless told otherwise."""
    fields = {"content_type": "text/html"} | headers
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def say(*pieces: bytes) -> Script:
    """Send pieces one after the other, then close."""

    async def script(wire: Wire) -> None:
        for piece in pieces:
            await wire.send(piece)

    return script


def say_then_reset(data: bytes) -> Script:
    """Send `data`, give it time to arrive, then reset."""

    async def script(wire: Wire) -> None:
        await wire.send(data)
        await asyncio.sleep(0.05)
        wire.reset()

    return script


def say_then_sleep(data: bytes) -> Script:
    """Send `data`, then nothing, and never close."""

    async def script(wire: Wire) -> None:
        await wire.send(data)
        await asyncio.sleep(3600)

    return script


def say_for_ever(start: bytes, again: bytes, pause: float = 0.0) -> Script:
    """Send `start`, then `again` and again with a pause in seconds between."""

    async def script(wire: Wire) -> None:
        await wire.send(start)
        while True:
            await wire.send(again)
            await asyncio.sleep(pause)

    return script


def say_many(start: bytes, pieces: Iterable[bytes]) -> Script:
    """Send `start` and then pieces that are made as they go out."""

    async def script(wire: Wire) -> None:
        await wire.send(start)
        for piece in pieces:
            await wire.send(piece)

    return script
