"""Server-side request forgery: with one network allowed, a listener outside of it sees no connection."""

import asyncio
import socket
import sys
from collections.abc import Callable
from ipaddress import IPv4Network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hostile_server import HostileServer, head, say

from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client
from pipeline.pages.guard import Guard

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")

INSIDE, OUTSIDE = "127.0.1.1", "127.0.2.1"
PAGE = head(content_length="5") + b"hello"

WAYS_OUT: dict[str, Callable[[int], str]] = {
    "literal": lambda port: f"http://{OUTSIDE}:{port}/",
    "with a trailing dot": lambda port: f"http://{OUTSIDE}.:{port}/",
    "hex": lambda port: f"http://0x7f000201:{port}/",
    "hex by parts": lambda port: f"http://0x7f.0x0.0x2.0x1:{port}/",
    "octal": lambda port: f"http://017700001001:{port}/",
    "octal by parts": lambda port: f"http://0177.0.02.01:{port}/",
    "decimal": lambda port: f"http://2130706945:{port}/",
    "short": lambda port: f"http://127.513:{port}/",
    "full-width digits": lambda port: f"http://１２７.0.2.1:{port}/",
    "mapped IPv6": lambda port: f"http://[::ffff:{OUTSIDE}]:{port}/",
    "mapped IPv6 in hex": lambda port: f"http://[::ffff:7f00:201]:{port}/",
    "compatible IPv6": lambda port: f"http://[::{OUTSIDE}]:{port}/",
    "behind an allowed user name": lambda port: f"http://{INSIDE}@{OUTSIDE}:{port}/",
    "behind an allowed name and password": lambda port: f"http://{INSIDE}:80@{OUTSIDE}:{port}/",
    "behind a backslash": lambda port: f"http://{OUTSIDE}:{port}\\@{INSIDE}/",
    "behind a fragment": lambda port: f"http://{OUTSIDE}:{port}#@{INSIDE}/",
    "with blanks and tabs": lambda port: f" ht\ttp://{OUTSIDE}:{port}/",
    "with backslashes": lambda port: f"http:\\\\{OUTSIDE}:{port}\\",
    "name": lambda port: f"http://outside.example:{port}/",
    "name with a public address too": lambda port: f"http://both.example:{port}/",
}


class Names(AbstractResolver):
    """Resolves the names of these tests; `turns.example` is inside at first and outside from then on."""

    def __init__(self) -> None:
        self.turns = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = {"outside.example": [OUTSIDE], "both.example": [OUTSIDE, "::1"], "inside.example": [INSIDE]}
        if host == "turns.example":
            self.turns += 1
            addresses[host] = [INSIDE if self.turns == 1 else OUTSIDE]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses[host]
        ]

    async def close(self) -> None:
        pass


def client() -> Client:
    guard = Guard([IPv4Network("127.0.1.0/24")])
    return Client(user_agent="khotin/1", guard=guard, deadline_seconds=5.0, resolver=Names())


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_an_entry_link_leads_nowhere_else(way: Callable[[int], str]) -> None:
    async def run() -> tuple[Capture, int]:
        async with HostileServer(say(PAGE), host=OUTSIDE) as outside, client() as fetcher:
            return await fetcher.fetch(way(outside.port), accept=Accept.PAGE), outside.connections

    capture, connections = asyncio.run(run())
    assert connections == 0
    assert capture.outcome is Outcome.ADDRESS_FORBIDDEN
    assert capture.reason


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_a_redirect_leads_nowhere_else(way: Callable[[int], str]) -> None:
    async def run() -> tuple[Capture, int]:
        async with HostileServer(say(PAGE), host=OUTSIDE) as outside:
            location = f"HTTP/1.1 302 Found\r\nLocation: {way(outside.port)}\r\nContent-Length: 0\r\n\r\n"
            async with HostileServer(say(location.encode()), host=INSIDE) as inside, client() as fetcher:
                return await fetcher.fetch(inside.url, accept=Accept.PAGE), outside.connections

    capture, connections = asyncio.run(run())
    assert connections == 0
    assert capture.outcome in {Outcome.ADDRESS_FORBIDDEN, Outcome.BAD_REDIRECT}


def test_the_way_inside_is_open() -> None:
    async def run() -> list[Capture]:
        async with HostileServer(say(PAGE), host=INSIDE) as inside, client() as fetcher:
            hosts = [INSIDE, "0x7f.0.257", "127.257", f"[::ffff:{INSIDE}]", "inside.example"]
            return [await fetcher.fetch(f"http://{host}:{inside.port}/", accept=Accept.PAGE) for host in hosts]

    assert [(capture.outcome, capture.body) for capture in asyncio.run(run())] == [(None, b"hello")] * 5


def test_a_name_that_turns_from_inside_to_outside_is_followed_only_inside() -> None:
    async def run() -> tuple[list[Outcome | None], int]:
        async with HostileServer(say(PAGE), host=INSIDE) as inside, client() as fetcher:
            first = await fetcher.fetch(f"http://turns.example:{inside.port}/", accept=Accept.PAGE)
            async with HostileServer(say(PAGE), host=OUTSIDE) as outside:
                second = await fetcher.fetch(f"http://turns.example:{outside.port}/", accept=Accept.PAGE)
                return [first.outcome, second.outcome], outside.connections

    assert asyncio.run(run()) == ([None, Outcome.ADDRESS_FORBIDDEN], 0)


def test_a_forbidden_address_is_refused_where_the_socket_is_made_even_when_names_are_not_vetted() -> None:
    """The resolver's filter is a courtesy; this is the lock."""

    async def run() -> tuple[Capture, int]:
        async with HostileServer(say(PAGE), host=OUTSIDE) as outside, client() as fetcher:
            assert fetcher._session is not None
            connector = fetcher._session.connector
            connector._resolver = Names()  # type: ignore[union-attr]  # past the filter, into aiohttp
            capture = await fetcher.fetch(f"http://outside.example:{outside.port}/", accept=Accept.PAGE)
            return capture, outside.connections

    capture, connections = asyncio.run(run())
    assert (capture.outcome, connections) == (Outcome.ADDRESS_FORBIDDEN, 0)


def test_the_system_s_own_names_for_this_machine_are_seen_through() -> None:
    async def run() -> Capture:
        async with Client(user_agent="khotin/1", guard=Guard()) as fetcher:
            return await fetcher.fetch("http://localhost:1/", accept=Accept.PAGE)

    capture = asyncio.run(run())
    assert capture.outcome is Outcome.ADDRESS_FORBIDDEN
    assert capture.reason is not None
    assert capture.reason.startswith("localhost: ")
