"""Hostile servers against the client: each gets its outcome with a reason, within its time and its bytes.

A row of the table is one server. The client runs with small limits, so that everything over them shows.
"""

import asyncio
import gzip
import tracemalloc
import zlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ipaddress import IPv4Network

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from hostile_server import HostileServer, Script, head, say, say_for_ever, say_many, say_then_reset, say_then_sleep
from hypothesis import given, settings
from hypothesis import strategies as st

from models.outcomes import Outcome
from pipeline.pages.accept import TERMS, Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client
from pipeline.pages.guard import Guard

MAX_BYTES = 200_000
IN_FLIGHT = 8_000_000
"""What lies in the buffers of the kernel and the server when the client hangs up."""

SHORT, LONG = 0.5, 20.0
"""Deadlines in seconds: for those that must reach theirs, and for all others, on a busy machine as well."""

PAGE = b"<html><p>" + b"text " * 1000
ZEROS = bytes(20_000_000)
GZIP_BOMB = gzip.compress(ZEROS, 9)
BROTLI_BOMB = brotli.compress(ZEROS, quality=5)
NESTED_BOMB = gzip.compress(gzip.compress(ZEROS, 9), 9)


@dataclass(frozen=True)
class Case:
    """One hostile server and how the fetch must end; `words` are in the reason."""

    name: str
    script: Script
    outcome: Outcome | None
    words: str = ""
    accept: Accept = Accept.PAGE
    is_rude: bool = False


CASES = [
    # Time.
    Case("accepts and never answers", say_then_sleep(b""), Outcome.TIMED_OUT, "waiting for the answer"),
    Case("slow headers", say_for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.02), Outcome.TIMED_OUT, "waiting"),
    Case(
        "a header that never ends", say_for_ever(b"HTTP/1.1 200 OK\r\nX-A: ", b"b", 0.02), Outcome.TIMED_OUT, "waiting"
    ),
    Case("dripping body", say_for_ever(head(), b"a", 0.02), Outcome.TIMED_OUT, "reading the body"),
    Case("dripping chunks", say_for_ever(head(transfer_encoding="chunked"), b"1\r\na\r\n", 0.02), Outcome.TIMED_OUT),
    Case(
        "a gzip file name that never ends",
        say_for_ever(head(content_encoding="gzip") + b"\x1f\x8b\x08\x08\0\0\0\0\0\3", b"a", 0.02),
        Outcome.TIMED_OUT,
        "body",
    ),
    Case("half a body, then silence", say_then_sleep(head(content_length="99999") + PAGE), Outcome.TIMED_OUT, "body"),
    Case("interim answers without end", say_for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.01), Outcome.TIMED_OUT),
    Case("a refusal whose body drips", say_for_ever(head("404 Not Found"), b"a", 0.02), Outcome.TIMED_OUT, "body"),
    # Bytes.
    Case("endless body", say_for_ever(head(), PAGE * 10), Outcome.TOO_LARGE, "limit is 200,000 bytes"),
    Case(
        "endless chunks",
        say_for_ever(head(transfer_encoding="chunked"), b"a\r\n0123456789\r\n" * 999),
        Outcome.TOO_LARGE,
    ),
    Case("50 MB page, announced", say_for_ever(head(content_length="50000000"), PAGE), Outcome.TOO_LARGE, "announced"),
    Case("50 MB page, unannounced", say_many(head(), (PAGE for _ in range(10_000))), Outcome.TOO_LARGE),
    Case("an impossible length", say_for_ever(head(content_length="9" * 18), PAGE), Outcome.TOO_LARGE, "announced"),
    Case("gzip bomb", say(head(content_encoding="gzip") + GZIP_BOMB), Outcome.TOO_LARGE),
    Case("gzip bomb in two layers", say(head(content_encoding="gzip, gzip") + NESTED_BOMB), Outcome.TOO_LARGE),
    Case("deflate bomb", say(head(content_encoding="deflate") + zlib.compress(ZEROS, 9)), Outcome.TOO_LARGE),
    Case("br bomb", say(head(content_encoding="br") + BROTLI_BOMB), Outcome.TOO_LARGE),
    Case("feed bomb", say(head(content_encoding="gzip") + GZIP_BOMB), Outcome.TOO_LARGE, accept=Accept.FEED),
    Case("ten codings", say(head(content_encoding="gzip," * 10) + GZIP_BOMB), Outcome.BAD_RESPONSE, "10 times"),
    Case("robots.txt without end", say_for_ever(head(), b"Disallow: /a\n" * 5000), None, accept=Accept.ROBOTS),
    Case("robots.txt of 100 MB", say_for_ever(head(content_length="100000000"), PAGE), None, accept=Accept.ROBOTS),
    Case("robots.txt bomb", say(head(content_encoding="gzip") + GZIP_BOMB), None, accept=Accept.ROBOTS),
    # Heads.
    Case("header bomb", say_for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 60_000), Outcome.BAD_RESPONSE, "too long"),
    Case("many headers", say_for_ever(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 999), Outcome.BAD_RESPONSE, "too many"),
    Case(
        "cookie bomb",
        say_for_ever(b"HTTP/1.1 200 OK\r\n", b"Set-Cookie: a=b\r\n" * 999),
        Outcome.BAD_RESPONSE,
        "too many",
    ),
    Case("status line without end", say_for_ever(b"HTTP/1.1 200 ", b"a" * 60_000), Outcome.BAD_RESPONSE, "too long"),
    Case("NUL in a header", say(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n" + PAGE), Outcome.BAD_RESPONSE, "header"),
    Case("a header without a name", say(b"HTTP/1.1 200 OK\r\n: a\r\n\r\n" + PAGE), Outcome.BAD_RESPONSE),
    Case("two lengths", say(head(content_length="3")[:-2] + b"Content-Length: 4\r\n\r\nabcd"), Outcome.BAD_RESPONSE),
    Case(
        "length and chunks",
        say(head(content_length="3", transfer_encoding="chunked") + b"0\r\n\r\n"),
        Outcome.BAD_RESPONSE,
    ),
    Case("a length that is a word", say(head(content_length="ten") + PAGE), Outcome.BAD_RESPONSE, "content-length"),
    Case("a negative length", say(head(content_length="-1") + PAGE), Outcome.BAD_RESPONSE, "content-length"),
    Case("HTTP/0.9", say(PAGE), Outcome.BAD_RESPONSE, "not valid HTTP"),
    Case("binary garbage", say(bytes(range(256)) * 50), Outcome.BAD_RESPONSE, "not valid HTTP"),
    Case("another protocol", say(b"220 mail.example ESMTP ready\r\n"), Outcome.BAD_RESPONSE, "not valid HTTP"),
    Case("an answer before the request", say(head(content_length="5") + b"hello"), None, is_rude=True),
    Case("a status in no standard", say(head("999 Go away", content_length="0")), Outcome.BAD_RESPONSE, "999"),
    Case("switching protocols", say(head("101 Switching Protocols")), Outcome.BAD_RESPONSE, "101"),
    # Bodies.
    Case("shorter than its length", say(head(content_length="99999") + PAGE), Outcome.BAD_RESPONSE, "Content-Length"),
    Case("chunk garbage", say(head(transfer_encoding="chunked") + b"zz\r\n" + PAGE), Outcome.BAD_RESPONSE),
    Case("an endless chunk size", say(head(transfer_encoding="chunked") + b"f" * 40 + b"\r\n"), Outcome.BAD_RESPONSE),
    Case("chunks cut off", say(head(transfer_encoding="chunked") + b"fff\r\nabc"), Outcome.BAD_RESPONSE, "chunks"),
    Case(
        "gzip cut off", say(head(content_encoding="gzip") + gzip.compress(PAGE)[:-9]), Outcome.BAD_RESPONSE, "cut off"
    ),
    Case("br cut off", say(head(content_encoding="br") + brotli.compress(PAGE)[:-4]), Outcome.BAD_RESPONSE, "cut off"),
    Case("gzip that is none", say(head(content_encoding="gzip") + PAGE), Outcome.BAD_RESPONSE, "corrupt"),
    Case("br that is none", say(head(content_encoding="br") + b"\xff" * 99), Outcome.BAD_RESPONSE),
    Case("an unknown coding", say(head(content_encoding="compress") + PAGE), Outcome.BAD_RESPONSE, "compress"),
    Case(
        "a wrong gzip checksum",
        say(head(content_encoding="gzip") + gzip.compress(PAGE)[:-8] + b"x" * 8),
        Outcome.BAD_RESPONSE,
    ),
    Case(
        "a PDF",
        say_for_ever(head(content_type="application/pdf"), b"%PDF-1.7" * 99),
        Outcome.WRONG_TYPE,
        "application/pdf",
    ),
    Case("a PDF that says it is a page", say_for_ever(head(), b"%PDF-1.7" * 99), Outcome.WRONG_TYPE, "a PDF"),
    Case("an image", say_for_ever(head(content_type="image/png"), PAGE), Outcome.WRONG_TYPE, "image/png"),
    Case("a film", say_for_ever(head(content_type="video/mp4"), PAGE), Outcome.WRONG_TYPE, "video/mp4"),
    # Connections that break.
    Case("closed before an answer", say(b""), Outcome.UNREACHABLE, "before an answer"),
    Case("reset before an answer", say_then_reset(b""), Outcome.UNREACHABLE, "before an answer"),
    Case(
        "reset within the head", say_then_reset(b"HTTP/1.1 200 OK\r\nContent-"), Outcome.UNREACHABLE, "before an answer"
    ),
    Case("reset after the head", say_then_reset(head(content_length="99")), Outcome.BAD_RESPONSE, "broke off"),
    Case(
        "reset within the body", say_then_reset(head(content_length="99999") + PAGE), Outcome.BAD_RESPONSE, "broke off"
    ),
    Case(
        "reset within a chunk",
        say_then_reset(head(transfer_encoding="chunked") + b"fff\r\na"),
        Outcome.BAD_RESPONSE,
        "broke off",
    ),
    Case("reset of a body without length", say_then_reset(head() + PAGE), Outcome.BAD_RESPONSE, "broke off"),
    # Redirects.
    Case("redirect to file:", say(head("302 Found", location="file:///etc/passwd")), Outcome.BAD_REDIRECT, "not file"),
    Case("redirect to ftp:", say(head("302 Found", location="ftp://ftp.example/")), Outcome.BAD_REDIRECT, "not ftp"),
    Case("redirect to data:", say(head("302 Found", location="data:text/html,a")), Outcome.BAD_REDIRECT, "not data"),
    Case("redirect to javascript:", say(head("302 Found", location="javascript:a()")), Outcome.BAD_REDIRECT),
    Case("redirect with a password", say(head("302 Found", location="http://a:b@c.example/")), Outcome.BAD_REDIRECT),
    Case("redirect to no URL", say(head("302 Found", location="http://[")), Outcome.BAD_REDIRECT, "not a valid URL"),
    Case("redirect of 10 kB", say(head("302 Found", location="/" + "a" * 10_000)), Outcome.BAD_REDIRECT, "longer"),
    Case("redirect without Location", say(head("302 Found")), Outcome.BAD_REDIRECT, "without a Location"),
    Case(
        "redirect to itself", say(head("302 Found", location="/", content_length="0")), Outcome.BAD_REDIRECT, "circle"
    ),
]


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


@settings(max_examples=60)
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
