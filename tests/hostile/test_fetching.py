"""Hostile servers against the client: each gets its outcome with a reason, within its time and its bytes.

The table of servers is in cases.py. The client runs with small limits, so that everything over them shows.
"""

import asyncio
import tracemalloc
from contextlib import AsyncExitStack
from ipaddress import IPv4Network

import pytest
from cases import CASES, MAX_BYTES, PAGE, Case
from hostile_server import HostileServer, head, say
from hypothesis import given, settings
from hypothesis import strategies as st

from models.outcomes import Outcome
from pipeline.pages.accept import TERMS, Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client
from pipeline.pages.guard import Guard

IN_FLIGHT = 8_000_000
"""What lies in the buffers of the kernel and the server when the client hangs up."""

SHORT, LONG = 0.5, 20.0
"""Deadlines in seconds: for those that must reach theirs, and for all others, on a busy machine as well."""


async def fetch(case: Case, server: HostileServer) -> Capture:
    guard = Guard([IPv4Network("127.0.0.1/32")])
    max_bytes = None if case.accept is Accept.ROBOTS else MAX_BYTES
    deadline = SHORT if case.outcome is Outcome.TIMED_OUT else LONG
    async with Client(user_agent="khotin/1", guard=guard, deadline_seconds=deadline) as client:
        return await client.fetch(server.url, accept=case.accept, max_bytes=max_bytes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_fetch_ends_as_it_should(case: Case) -> None:
    async def run() -> tuple[Capture, int]:
        async with HostileServer(case.script, is_rude=case.is_rude) as server:
            return await fetch(case, server), server.bytes_sent

    capture, bytes_sent = asyncio.run(run())
    assert capture.outcome is case.outcome, capture.reason
    assert case.words.lower() in (capture.reason or "").lower()
    assert len(capture.body) <= TERMS[case.accept].max_bytes
    assert bytes_sent < IN_FLIGHT
    if case.outcome is not None:
        assert capture.body == b""
        assert capture.reason
        assert capture.reason.isprintable()
        assert len(capture.reason) < 300


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.outcome is Outcome.TOO_LARGE], ids=lambda case: case.name
)
def test_nothing_too_large_ever_comes_into_memory(case: Case) -> None:
    async def run() -> int:
        async with HostileServer(case.script) as server:
            tracemalloc.start()
            try:
                await fetch(case, server)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert asyncio.run(run()) < 5_000_000


WORDS = [
    *b"HTTP/1.1 |200 OK|302 Found|Content-Length: |Transfer-Encoding: chunked|Content-Encoding: gzip".split(b"|"),
    *b"Location: |http://|Retry-After: |0|5|:| |<p>".split(b"|"),
    *(b"\r\n", b"\r\n\r\n", b"\xff", b"\0"),
]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=25).map(b"".join), st.booleans())
def test_any_answer_ends_in_an_outcome_or_a_page(answer: bytes, is_started: bool) -> None:
    async def run() -> Capture:
        async with HostileServer(say(b"HTTP/1.1 200 OK\r\n" * is_started + answer)) as server:
            return await fetch(Case("anything", say(), None), server)

    capture = asyncio.run(run())
    assert (capture.outcome is None) == (capture.reason is None)


def test_good_sites_are_served_while_bad_ones_take_their_time() -> None:
    async def run() -> list[Capture]:
        guard = Guard([IPv4Network("127.0.0.1/32")])
        async with AsyncExitStack() as stack:
            bad = [HostileServer(case.script) for case in CASES if case.outcome is Outcome.TIMED_OUT]
            good = HostileServer(say(head(content_length=str(len(PAGE))) + PAGE))
            for server in (good, *bad):
                await stack.enter_async_context(server)
            client = await stack.enter_async_context(Client(user_agent="khotin/1", guard=guard, deadline_seconds=30.0))
            stuck = [asyncio.create_task(client.fetch(server.url, accept=Accept.PAGE)) for server in bad]
            captures = [await client.fetch(good.url, accept=Accept.PAGE) for _ in range(20)]
            assert not any(task.done() for task in stuck)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
        return captures

    assert [capture.body for capture in asyncio.run(run())] == [PAGE] * 20
