"""Hostile servers, one a row, and how a fetch from each must end: for tests of the client and of whole runs."""

import gzip
import zlib
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]  # it ships no types
from hostile_server import Script, head, say, say_for_ever, say_many, say_then_reset, say_then_sleep

from models.outcomes import Outcome
from pipeline.pages.accept import Accept

MAX_BYTES = 200_000
PAGE = b"<html><p>" + b"text " * 1000
ZEROS = bytes(20_000_000)
GZIP_BOMB = gzip.compress(ZEROS, 9)
BROTLI_BOMB = brotli.compress(ZEROS, quality=5)
NESTED_BOMB = gzip.compress(GZIP_BOMB, 9)


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
    Case("deflate bomb", say(head(content_encoding="deflate") + zlib.compress(ZEROS, 1)), Outcome.TOO_LARGE),
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
