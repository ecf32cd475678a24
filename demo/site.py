"""Sites on loopback addresses, for the demo and for tests: many hosts, one event loop in one thread."""

import asyncio
import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar, cast

_T = TypeVar("_T")
_HEAD_LIMIT = 64 * 1024
# No body and no Content-Length (RFC 9110, 8.6 and 15.4.5).
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a site received it. `headers` has lower-case names; `at` is `time.monotonic()` seconds."""

    method: str
    target: str
    headers: dict[str, str]
    at: float

    @property
    def path(self) -> str:
        """Give the target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Content-Length is added unless `headers` has its own; several pieces go out chunked.

    `delay` are seconds before the first byte, `pause` seconds between the pieces of an iterable body. With `is_raw` the
    body is everything that goes over the wire (head included), after which the connection is closed.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    delay: float = 0.0
    pause: float = 0.0
    is_raw: bool = False


Answer = Response | Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Document:
    """A file with a strong ETag and Last-Modified: answers conditional requests and packs (RFC 9110, 8.8 and 13)."""

    content_type: str
    body: bytes
    modified: datetime

    def __call__(self, request: Request) -> Response:
        """Answer a request with the file, packed when the client accepts gzip, or with 304 when it has this one."""
        packed = _accepts_gzip(request.headers.get("accept-encoding", ""))
        # The packed bytes are another representation, so a strong validator must differ (RFC 9110, 8.8.3.3).
        etag = f'"{hashlib.sha256(self.body).hexdigest()[:20]}{"-gz" if packed else ""}"'
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(self.modified.astimezone(UTC), usegmt=True),
            "Vary": "Accept-Encoding",
        }
        if self._is_known(request, etag):
            return Response(304, headers)
        headers["Content-Type"] = self.content_type
        if not packed:
            return Response(200, headers, self.body)
        return Response(200, headers | {"Content-Encoding": "gzip"}, gzip.compress(self.body, mtime=0))

    def _is_known(self, request: Request, etag: str) -> bool:
        """Tell whether the client's copy is current; If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2)."""
        if (known := request.headers.get("if-none-match")) is not None:
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            return etag in tags or "*" in tags
        if (since := request.headers.get("if-modified-since")) is None:
            return False
        try:
            instant = parsedate_to_datetime(since)
        except ValueError:
            return False  # An invalid date is ignored (RFC 9110, 13.1.3).
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return self.modified.replace(microsecond=0) <= instant


class LoopbackSite:
    """One host and port: what it serves by target (or path), and the requests that it has received, in order.

    `pages` may be changed while the site is being served; a path without an entry is answered with 404.
    """

    def __init__(self, host: str, port: int, pages: dict[str, Answer]) -> None:
        self.host = host
        self.port = port
        self.pages = pages
        self.requests: list[Request] = []

    @property
    def base(self) -> str:
        """Give the site's address, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """Give the address of a path."""
        return self.base + path

    def requested(self, path: str) -> list[Request]:
        """Give the requests for a path, whatever their query."""
        return [request for request in self.requests if request.path == path]

    def answer(self, request: Request) -> Response:
        """Give the answer to a request: the page of its whole target, else of its path, else 404."""
        page = self.pages.get(request.target) or self.pages.get(request.path)
        if page is None:
            return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"Not found\n")
        return page if isinstance(page, Response) else page(request)


class LoopbackServer:
    """Serves any number of sites from one background thread for as long as its `with` block lasts.

    Any 127.x.y.z may be a host on Linux; macOS has only 127.0.0.1, where sites differ by port.
    """

    def __init__(self) -> None:
        self.sites: list[LoopbackSite] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[object]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def site(self, host: str = "127.0.0.1", port: int = 0, pages: dict[str, Answer] | None = None) -> LoopbackSite:
        """Start to serve a site; port 0 takes a free one. Raises OSError when the address cannot be had."""
        site = LoopbackSite(host, port, {} if pages is None else pages)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._converse(site, reader, writer)

        server = self._do(asyncio.start_server(connected, host, port, limit=_HEAD_LIMIT, backlog=256))
        self._servers.append(server)
        site.port = server.sockets[0].getsockname()[1]
        self.sites.append(site)
        return site

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _do(self, work: Coroutine[None, None, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections)

    async def _converse(self, site: LoopbackSite, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[object]", asyncio.current_task())
        self._connections.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                site.requests.append(request)
                if not await _send(writer, request, site.answer(request)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # The client went away or spoke no HTTP: there is nobody to answer.
        except asyncio.CancelledError:
            writer.transport.abort()  # The server is closing; not raised, since asyncio would log it as an error.
        finally:
            self._connections.discard(task)
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read one request and its body, which nobody asks for; None when the client has closed. Bad lines: ValueError."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _version = first.split(" ")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"not a header: {line!r}")
        headers[name.strip().lower()] = value.strip()
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, time.monotonic())


async def _send(writer: asyncio.StreamWriter, request: Request, response: Response) -> bool:
    """Write a response; True when the connection may carry another request."""
    await asyncio.sleep(response.delay)
    headers = {name.lower(): value for name, value in response.headers.items()}
    is_chunked = False
    framing: dict[str, str] = {}
    if response.status not in _BODILESS and "content-length" not in headers and not response.is_raw:
        if isinstance(response.body, bytes):
            framing = {"Content-Length": str(len(response.body))}
        else:
            is_chunked, framing = True, {"Transfer-Encoding": "chunked"}
    if not response.is_raw:
        writer.write(_head(response.status, {**response.headers, **framing}))
    if request.method != "HEAD" and response.status not in _BODILESS:
        await _send_body(writer, response, is_chunked=is_chunked)
    await writer.drain()
    # A length that the test wrote itself may be a lie, which only the end of the connection tells.
    is_closing = "close" in (request.headers.get("connection", "").lower(), headers.get("connection", "").lower())
    return not (response.is_raw or is_closing or "content-length" in headers)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    """Write a status line and headers (RFC 9112, 3 to 5)."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    lines = [f"HTTP/1.1 {status} {phrase}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _send_body(writer: asyncio.StreamWriter, response: Response, *, is_chunked: bool) -> None:
    """Write the body piece by piece, chunked (RFC 9112, 7.1) when its length was not given."""
    pieces = [response.body] if isinstance(response.body, bytes) else response.body
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(response.pause)
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
        await writer.drain()
    if is_chunked:
        writer.write(b"0\r\n\r\n")


def _accepts_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip (RFC 9110, 12.5.3)."""
    for item in accepted.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False
