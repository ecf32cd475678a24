"""The HTTP client: one guarded GET with its redirects, bounded in bytes and time, that ends in a Capture."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from models.outcomes import Outcome
from pipeline.pages.accept import MAGIC_BYTES, TERMS, Accept, Terms, refuse_bytes, refuse_type
from pipeline.pages.answers import (
    REDIRECTS,
    challenge_in_body,
    challenge_in_headers,
    judge_status,
    pause_seconds,
    too_many_in,
)
from pipeline.pages.capture import Capture, Exchange, Hop
from pipeline.pages.decoding import ACCEPT_ENCODING, Chain, DecodingError
from pipeline.pages.faults import NETWORK_ERRORS, Stage, explain
from pipeline.pages.guard import Guard, UrlRefusedError, is_literal
from pipeline.pages.resolver import GuardedResolver, SystemResolver

CONNECT_SECONDS = 10.0
"""For TCP and TLS together; a server that is there answers within one or two."""

DEADLINE_SECONDS = 30.0
"""For the whole fetch with its redirects: the only bound that a server dripping one byte a second cannot outlast."""

ERROR_BODY_BYTES = 65_536
ERROR_BODY_SECONDS = 5.0
"""Of a refusal only so much is read: enough to know a challenge page and to keep the connection."""

# Headers that publishers' servers really send: content security policies and cookies of 10–20 kB are common.
_MAX_LINE_BYTES = 16_384
_MAX_HEADER_BYTES = 32_768
_MAX_HEADERS = 256

CONNECTIONS = 1_000
"""Requests under way at a time, over all hosts, as far as this process may have files open: one that hangs keeps its
place for half a minute, and takes none from the others."""

_FILES = 4_096

_KEEPALIVE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a fetch, or its next redirect, is not made."""

    outcome: Outcome
    reason: str


OnHop = Callable[[str], Awaitable[Refusal | None]]
"""Called with the target of each redirect before it is requested (robots.txt, politeness); a Refusal ends the fetch."""


class _EndedError(Exception):
    """The fetch has ended without a usable response."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(outcome, reason)


class _Answer(aiohttp.ClientResponse):
    """A response that remembers its connection, which a short one gives back before anyone could look at it."""

    peer: str | None = None
    _line_closed: asyncio.Future[None] | None = None

    async def start(self, connection: Any) -> Self:
        if connection.transport is not None:
            name = connection.transport.get_extra_info("peername")
            self.peer = str(name[0]) if name else None
        self._line_closed = connection.protocol.closed
        if self._line_closed is not None:
            self._line_closed.add_done_callback(_notice)
        await super().start(connection)
        return self

    def is_torn(self) -> bool:
        """Say whether the connection broke (RST) where aiohttp takes the end of a body without a length."""
        return self._line_closed is not None and _notice(self._line_closed)


def _notice(closed: asyncio.Future[None]) -> bool:
    """Say whether a connection ended with an error; asyncio would log one that nobody has looked at."""
    return closed.done() and not closed.cancelled() and closed.exception() is not None


@dataclass(slots=True)
class _Trip:
    """One fetch under way."""

    requested_url: str
    url: URL
    terms: Terms
    accept: Accept
    max_bytes: int
    request_headers: dict[str, str]
    on_hop: OnHop | None
    request_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    stage: Stage = Stage.ANSWER
    hops: list[Hop] = field(default_factory=list)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    ip: str | None = None
    exchange: Exchange | None = None
    body: bytes = b""

    def note(self, answer: _Answer) -> None:
        """Remember the head of an answer."""
        self.status = answer.status
        self.headers = _header_dict(answer.raw_headers)
        self.ip = answer.peer
        self.stage = Stage.BODY

    def keep(self, answer: _Answer, body: bytes) -> None:
        """Remember a body that came whole, with its exchange unless the archive will never want it."""
        self.body = body
        if self.accept is Accept.FEED:
            return
        self.exchange = Exchange(
            url=str(self.url),
            at=self.request_at,
            request_head=_request_head(answer),
            response_head=_response_head(answer),
            body=body,
            ip=self.ip,
        )

    def end(self, seconds: float, refusal: Refusal | None = None) -> Capture:
        """Return the Capture of the fetch as far as it came."""
        return Capture(
            requested_url=self.requested_url,
            url=str(self.url),
            at=self.request_at,
            outcome=refusal.outcome if refusal else None,
            reason=refusal.reason if refusal else None,
            status=self.status,
            headers=self.headers,
            body=b"" if refusal else self.body,
            hops=tuple(self.hops),
            exchange=self.exchange,
            retry_after=pause_seconds(self.headers, datetime.now(UTC)),
            seconds=seconds,
            ip=self.ip,
        )


class Client:
    """An asynchronous context manager that fetches; one for a process, used by many tasks at a time.

    It keeps no cookies, follows no proxy settings, verifies TLS, and connects only where `guard` allows.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        guard: Guard,
        connect_seconds: float = CONNECT_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        connections: int = CONNECTIONS,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`resolver` and `tls` replace the system's name resolution and trusted authorities."""
        self._user_agent = user_agent
        self._guard = guard
        self._connect_seconds = connect_seconds
        self._deadline_seconds = deadline_seconds
        self._places = asyncio.Semaphore(min(connections, _files() // 2))
        self._resolver = resolver
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._names: GuardedResolver

    async def __aenter__(self) -> Self:
        self._names = GuardedResolver(self._guard, self._resolver or SystemResolver(), self._connect_seconds)
        connector = aiohttp.TCPConnector(
            resolver=self._names,
            socket_factory=self._guard.open_socket,
            ssl=self._tls or True,
            limit=0,  # `_places` does it: in aiohttp's own line a request's deadline would run
            keepalive_timeout=_KEEPALIVE_SECONDS,
            use_dns_cache=False,  # `_names` keeps them
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=_Answer,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds),
            max_line_size=_MAX_LINE_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPT_ENCODING},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
            await self._names.close()  # aiohttp leaves a resolver open that it was given

    async def fetch(
        self,
        url: str,
        *,
        accept: Accept,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int | None = None,
        deadline: float | None = None,
        on_hop: OnHop | None = None,
    ) -> Capture:
        """Fetch `url` and return how that ended; raises nothing for what a server, a network or the URL does.

        `etag` and `last_modified` are sent back as they were received and make a 304 possible (RFC 9110 §13).
        `max_bytes` bounds the body on the wire and decoded; `deadline` is in seconds, waiting in `on_hop` not counted.
        """
        terms = TERMS[accept]
        loop = asyncio.get_running_loop()
        started = loop.time()
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        trip = _Trip(
            requested_url=url,
            url=URL(),
            terms=terms,
            accept=accept,
            max_bytes=terms.max_bytes if max_bytes is None else max_bytes,
            request_headers={"Accept": terms.header} | {name: value for name, value in conditions.items() if value},
            on_hop=on_hop,
        )
        seconds = self._deadline_seconds if deadline is None else deadline
        refusal: Refusal | None = None
        try:
            trip.url = self._guard.admit(url)
            async with asyncio.timeout(seconds) as timer:
                await self._travel(trip, timer)
        except UrlRefusedError as error:
            refusal = Refusal(error.outcome, error.reason)
        except _EndedError as ended:
            refusal = ended.refusal
        except NETWORK_ERRORS as error:
            refusal = Refusal(*explain(error, trip.stage))
        return trip.end(loop.time() - started, refusal)

    async def _travel(self, trip: _Trip, timer: asyncio.Timeout) -> None:
        """Request `trip.url` and follow redirects until an answer is read. Raises _EndedError and NETWORK_ERRORS."""
        seen = {trip.url}
        while True:
            await self._look_up(trip.url)
            if self._places.locked():
                async with _standing_still(timer):
                    await self._places.acquire()
            else:
                await self._places.acquire()
            try:
                if await self._request(trip):
                    return
            finally:
                self._places.release()
            target = self._next_hop(trip, seen)
            async with _standing_still(timer):
                refusal = await trip.on_hop(str(target)) if trip.on_hop else None
            if refusal is not None:
                raise _EndedError(refusal.outcome, f"redirected to {target}: {refusal.reason}")
            trip.hops.append(Hop(str(trip.url), trip.status or 0))
            trip.url = target
            seen.add(target)

    async def _look_up(self, url: URL) -> None:
        """Have a name resolved before a place is taken: names that nobody answers for would fill them all."""
        host = url.raw_host
        if host and not is_literal(host):
            with suppress(OSError):  # the request itself will hear of it, and say it better
                await self._names.resolve(host, url.port or 0)

    async def _request(self, trip: _Trip) -> bool:
        """Request `trip.url`; True when the answer was final and has been read, False when it redirects."""
        if self._session is None:
            raise RuntimeError("the client is used outside of its context")
        trip.stage = Stage.ANSWER
        trip.request_at = datetime.now(UTC)
        async with self._session.get(trip.url, headers=trip.request_headers, allow_redirects=False) as response:
            assert isinstance(response, _Answer)  # noqa: S101  # it is the session's response_class
            trip.note(response)
            if response.status in REDIRECTS:
                return False
            await _receive(trip, response)
            return True

    def _next_hop(self, trip: _Trip, seen: set[URL]) -> URL:
        """Return where the redirect just received leads. Raises _EndedError when it must not be followed."""
        location = trip.headers.get("location", "")
        if not location:
            raise _EndedError(Outcome.BAD_REDIRECT, f"a redirect ({trip.status}) without a Location")
        try:
            target = self._guard.admit(location, base=trip.url)
        except UrlRefusedError as error:
            outcome = Outcome.ADDRESS_FORBIDDEN if error.is_address else Outcome.BAD_REDIRECT
            raise _EndedError(outcome, f"redirected: {error.reason}") from error
        if target in seen:
            raise _EndedError(Outcome.BAD_REDIRECT, "redirected in a circle")
        if len(trip.hops) >= trip.terms.max_redirects:
            raise _EndedError(Outcome.BAD_REDIRECT, f"more than {trip.terms.max_redirects} redirects")
        return target


def _files() -> int:
    """Give how many files this process may have open; asks for more where the usual 1,024 is all (Unix)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _FILES if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft  # a system may refuse what its own limit allows
    return wanted


@asynccontextmanager
async def _standing_still(timer: asyncio.Timeout) -> AsyncIterator[None]:
    """Stop the clock of `timer` for as long as the block lasts: waiting for a turn is no fault of the server's."""
    loop = asyncio.get_running_loop()
    when = timer.when()
    left = None if when is None else when - loop.time()
    timer.reschedule(None)
    yield
    timer.reschedule(None if left is None else loop.time() + left)


async def _receive(trip: _Trip, answer: _Answer) -> None:
    """Judge a final answer and read its body into `trip`. Raises _EndedError and NETWORK_ERRORS."""
    status = answer.status
    vendor = challenge_in_headers(status, trip.headers)
    outcome, reason = judge_status(status)
    if vendor is None and outcome is None:
        await _receive_usable(trip, answer)
        return
    body = await _read_refusal(answer, trip.headers)
    if body is not None:
        trip.keep(answer, body)
        vendor = vendor or challenge_in_body(status, body)
    if vendor is not None:
        raise _EndedError(Outcome.CHALLENGED, f"{vendor} asks for proof of a person ({status})")
    assert outcome is not None  # noqa: S101  # an answer without a challenge came here for its status
    if status == HTTPStatus.FORBIDDEN and (sign := too_many_in(trip.headers, body or b"")):
        raise _EndedError(Outcome.RATE_LIMITED, f"{reason}, which means too many requests here: {sign}")
    raise _EndedError(outcome, reason or "")


async def _receive_usable(trip: _Trip, answer: _Answer) -> None:
    if answer.status == 304:
        if not trip.request_headers.keys() & {"If-None-Match", "If-Modified-Since"}:
            raise _EndedError(Outcome.BAD_RESPONSE, "the server answered 304 to a request without validators")
        trip.keep(answer, b"")
        return
    refused = refuse_type(trip.accept, trip.headers.get("content-type", ""))
    if refused and answer.status not in {204, 205}:
        raise _EndedError(Outcome.WRONG_TYPE, refused)
    announced = trip.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > trip.max_bytes and not trip.terms.is_cut_at_limit:
        raise _EndedError(Outcome.TOO_LARGE, f"the server announced {announced[:20]} bytes; {_limit(trip.max_bytes)}")
    try:
        body = await _read(trip, answer)
    except DecodingError as error:
        raise _EndedError(Outcome.BAD_RESPONSE, str(error)) from error
    trip.keep(answer, body)


async def _read(trip: _Trip, answer: _Answer) -> bytes:
    """Read and decode a body within its limit. Raises _EndedError, DecodingError and NETWORK_ERRORS."""
    chain = Chain(trip.headers.get("content-encoding", ""))
    body = bytearray()
    is_known = False
    on_wire = 0
    async for data in answer.content.iter_any():
        on_wire += len(data)
        for piece in chain.feed(data):
            body += piece
            if not is_known and len(body) >= MAGIC_BYTES:
                is_known = True
                _refuse_magic(trip.accept, body)
            if max(len(body), on_wire) > trip.max_bytes:
                if trip.terms.is_cut_at_limit:
                    return bytes(body[: trip.max_bytes])
                raise _EndedError(Outcome.TOO_LARGE, f"the body is larger; {_limit(trip.max_bytes)}")
        if on_wire > trip.max_bytes and not trip.terms.is_cut_at_limit:
            raise _EndedError(Outcome.TOO_LARGE, f"the body is larger; {_limit(trip.max_bytes)}")
    if not {"content-length", "transfer-encoding"} & trip.headers.keys() and answer.is_torn():
        raise _EndedError(Outcome.BAD_RESPONSE, "the body broke off: the connection was reset")
    chain.finish()
    if not is_known:
        _refuse_magic(trip.accept, body)
    return bytes(body)


def _refuse_magic(accept: Accept, body: bytearray) -> None:
    refused = refuse_bytes(accept, bytes(body[:MAGIC_BYTES]))
    if refused:
        raise _EndedError(Outcome.WRONG_TYPE, refused)


async def _read_refusal(answer: _Answer, headers: dict[str, str]) -> bytes | None:
    """Read the body of an answer that is refused anyway; None when it is long, slow or broken."""
    body = bytearray()
    try:
        async with asyncio.timeout(ERROR_BODY_SECONDS):
            chain = Chain(headers.get("content-encoding", ""))
            async for data in answer.content.iter_any():
                for piece in chain.feed(data):
                    body += piece
                    if len(body) > ERROR_BODY_BYTES:
                        return None
            chain.finish()
    except (DecodingError, *NETWORK_ERRORS):
        return None  # the status has been said, which is what counts
    return bytes(body)


def _limit(max_bytes: int) -> str:
    return f"the limit is {max_bytes:,} bytes"


def _header_dict(raw: tuple[tuple[bytes, bytes], ...]) -> dict[str, str]:
    """Return response headers by lower-case name, repeated ones joined (RFC 9110 §5.3); Set-Cookie is left out."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = _header_text(raw_name).lower(), _header_text(raw_value)
        if name == "set-cookie":
            continue
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _header_text(raw: bytes) -> str:
    """Decode as UTF-8, which servers send in Location, else as Latin-1; control characters dropped."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text if text.isprintable() else "".join(sign for sign in text if sign.isprintable() or sign == "\t")


def _request_head(answer: _Answer) -> bytes:
    info = answer.request_info
    lines = [f"GET {info.url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in info.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _response_head(answer: _Answer) -> bytes:
    version = answer.version or aiohttp.HttpVersion11
    status_line = f"HTTP/{version.major}.{version.minor} {answer.status} {answer.reason or ''}".rstrip()
    lines = [
        status_line.encode("utf-8", "surrogateescape"),
        *(name + b": " + value for name, value in answer.raw_headers),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"
