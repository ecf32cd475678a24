"""One fetch from a well-behaved server: what is sent, what comes back, which redirects are followed."""

import asyncio
import gzip
import zlib
from collections.abc import Iterator
from ipaddress import IPv4Network

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from demo.site import LoopbackServer, LoopbackSite, Request, Response
from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture, Hop
from pipeline.pages.client import Client, OnHop, Refusal
from pipeline.pages.guard import Guard

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = "<html><p>Một trang đủ dài để đọc.</p></html>".encode() * 20
AGENT = "khotin/1 (+mailto:editor@example.org)"


@pytest.fixture
def site() -> Iterator[LoopbackSite]:
    with LoopbackServer() as server:
        yield server.site(pages={"/page": Response(200, HTML, PAGE)})


def fetch(
    site: LoopbackSite,
    path: str = "/page",
    *,
    accept: Accept = Accept.PAGE,
    etag: str | None = None,
    last_modified: str | None = None,
    max_bytes: int | None = None,
    on_hop: OnHop | None = None,
) -> Capture:
    async def run() -> Capture:
        async with Client(user_agent=AGENT, guard=Guard([IPv4Network("127.0.0.1/32")])) as client:
            return await client.fetch(
                site.url(path),
                accept=accept,
                etag=etag,
                last_modified=last_modified,
                max_bytes=max_bytes,
                on_hop=on_hop,
            )

    return asyncio.run(run())


class TestWhatComesBack:
    def test_a_page_is_a_capture_without_outcome(self, site: LoopbackSite) -> None:
        capture = fetch(site)
        assert (capture.outcome, capture.reason, capture.status) == (None, None, 200)
        assert capture.body == PAGE
        assert capture.headers["content-type"] == "text/html; charset=utf-8"
        assert (capture.requested_url, capture.url) == (site.url("/page"), site.url("/page"))
        assert capture.ip == "127.0.0.1"
        assert capture.at.tzinfo is not None

    def test_the_exchange_holds_both_heads_and_the_body(self, site: LoopbackSite) -> None:
        exchange = fetch(site, "/page?q=1").exchange
        assert exchange is not None
        assert exchange.request_head.startswith(b"GET /page?q=1 HTTP/1.1\r\nHost: 127.0.0.1:")
        assert exchange.request_head.endswith(b"\r\n\r\n")
        assert exchange.response_head.startswith(b"HTTP/1.1 200 OK\r\nDate: ")
        assert b"\r\nContent-Type: text/html; charset=utf-8\r\n" in exchange.response_head
        assert exchange.body == PAGE

    def test_repeated_headers_are_joined_and_cookies_are_left_out(self, site: LoopbackSite) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nVary: a\r\nVary: b\r\nSet-Cookie: id=1\r\n\r\n"
        site.pages["/page"] = Response(body=head + PAGE, is_raw=True)
        headers = fetch(site).headers
        assert headers["vary"] == "a, b"
        assert "set-cookie" not in headers

    @pytest.mark.parametrize(
        ("coding", "packed"),
        [("gzip", gzip.compress(PAGE)), ("deflate", zlib.compress(PAGE)), ("br", brotli.compress(PAGE))],
        ids=["gzip", "deflate", "br"],
    )
    def test_a_packed_body_is_unpacked(self, site: LoopbackSite, coding: str, packed: bytes) -> None:
        site.pages["/page"] = Response(200, HTML | {"Content-Encoding": coding}, packed)
        assert fetch(site).body == PAGE

    def test_a_chunked_body_is_joined(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(200, HTML, [PAGE[:100], PAGE[100:]])
        assert fetch(site).body == PAGE

    def test_a_body_that_ends_with_the_connection_is_whole(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(body=b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE, is_raw=True)
        assert fetch(site).body == PAGE

    def test_an_empty_body_is_left_to_the_parser_to_judge(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(200, HTML, b"")
        capture = fetch(site)
        assert (capture.outcome, capture.body) == (None, b"")

    def test_a_gzip_file_is_left_to_the_feed_parser(self, site: LoopbackSite) -> None:
        packed = gzip.compress(b"<urlset/>")
        site.pages["/sitemap.xml.gz"] = Response(200, {"Content-Type": "application/x-gzip"}, packed)
        assert fetch(site, "/sitemap.xml.gz", accept=Accept.FEED).body == packed

    def test_a_refusal_has_no_body_but_keeps_status_and_headers(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(410, HTML | {"X-Why": "moved out"}, b"gone")
        capture = fetch(site)
        assert (capture.outcome, capture.status, capture.body) == (Outcome.GONE, 410, b"")
        assert capture.reason == "the server answered 410 Gone"
        assert capture.headers["x-why"] == "moved out"
        assert capture.exchange is not None
        assert capture.exchange.body == b"gone"

    def test_retry_after_comes_in_seconds(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(429, {"Retry-After": "120"}, b"")
        capture = fetch(site)
        assert (capture.outcome, capture.retry_after) == (Outcome.RATE_LIMITED, 120.0)

    def test_a_refusal_with_an_empty_quota_means_too_many_requests(self, site: LoopbackSite) -> None:
        quota = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "90"}
        site.pages["/page"] = Response(403, HTML | quota, b"<p>Forbidden")
        capture = fetch(site)
        assert (capture.outcome, capture.retry_after) == (Outcome.RATE_LIMITED, 90.0)
        assert capture.reason == (
            "the server answered 403 Forbidden, which means too many requests here: x-ratelimit-remaining: 0"
        )

    def test_a_challenge_is_no_page(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(403, HTML | {"cf-mitigated": "challenge"}, b"<p>Prove that you are a person")
        capture = fetch(site)
        assert capture.outcome is Outcome.CHALLENGED
        assert capture.reason == "Cloudflare asks for proof of a person (403)"

    def test_a_challenge_without_headers_is_known_by_its_page(self, site: LoopbackSite) -> None:
        body = gzip.compress(b"<script>window._cf_chl_opt={}</script>")
        site.pages["/page"] = Response(503, HTML | {"Content-Encoding": "gzip"}, body)
        assert fetch(site).outcome is Outcome.CHALLENGED


class TestWhatIsSent:
    def test_the_caller_says_who_is_asking(self, site: LoopbackSite) -> None:
        fetch(site)
        assert site.requests[0].headers["user-agent"] == AGENT

    def test_only_codings_that_can_be_undone_are_asked_for(self, site: LoopbackSite) -> None:
        fetch(site)
        assert site.requests[0].headers["accept-encoding"].startswith("gzip, deflate, br")

    def test_cookies_are_never_sent_back(self, site: LoopbackSite) -> None:
        site.pages["/start"] = Response(302, {"Set-Cookie": "id=1; Path=/", "Location": "/page"})
        fetch(site, "/start")
        assert "cookie" not in site.requested("/page")[0].headers

    def test_validators_are_sent_as_they_were_received(self, site: LoopbackSite) -> None:
        fetch(site, etag='W/"x y"', last_modified="Tue, 24 Nov 2026 08:00:00 +0000")
        assert site.requests[0].headers["if-none-match"] == 'W/"x y"'
        assert site.requests[0].headers["if-modified-since"] == "Tue, 24 Nov 2026 08:00:00 +0000"

    def test_not_modified_is_an_answer_without_outcome(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(304, {"ETag": '"1"'})
        capture = fetch(site, etag='"1"')
        assert (capture.outcome, capture.status, capture.body) == (None, 304, b"")

    def test_not_modified_without_validators_is_a_bad_response(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(304)
        assert fetch(site).outcome is Outcome.BAD_RESPONSE


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_followed_and_remembered(self, site: LoopbackSite, status: int) -> None:
        site.pages["/old"] = Response(status, {"Location": "/page"}, b"moved")
        capture = fetch(site, "/old")
        assert (capture.outcome, capture.url, capture.body) == (None, site.url("/page"), PAGE)
        assert capture.hops == (Hop(site.url("/old"), status),)
        assert capture.exchange is not None
        assert capture.exchange.url == site.url("/page")

    def test_a_location_in_bare_utf8_is_understood(self, site: LoopbackSite) -> None:
        head = "HTTP/1.1 302 Found\r\nLocation: /tin-tức#1\r\nContent-Length: 0\r\n\r\n"
        site.pages["/old"] = Response(body=head.encode(), is_raw=True)
        site.pages["/tin-t%E1%BB%A9c"] = Response(200, HTML, PAGE)
        assert fetch(site, "/old").url == site.url("/tin-t%E1%BB%A9c")

    def test_eight_redirects_are_followed_and_no_more(self, site: LoopbackSite) -> None:
        def hop(request: Request) -> Response:
            number = int(request.path[2:])
            return Response(302, {"Location": f"/r{number - 1}" if number > 1 else "/page"})

        site.pages |= {f"/r{number}": hop for number in range(1, 10)}
        assert fetch(site, "/r8").outcome is None
        capture = fetch(site, "/r9")
        assert (capture.outcome, capture.reason) == (Outcome.BAD_REDIRECT, "more than 8 redirects")
        assert len(capture.hops) == 8

    def test_a_circle_is_a_bad_redirect(self, site: LoopbackSite) -> None:
        site.pages["/a"] = Response(302, {"Location": "/b"})
        site.pages["/b"] = Response(302, {"Location": "/a"})
        capture = fetch(site, "/a")
        assert (capture.outcome, capture.reason) == (Outcome.BAD_REDIRECT, "redirected in a circle")

    def test_a_redirect_to_nowhere_is_a_bad_redirect(self, site: LoopbackSite) -> None:
        site.pages["/a"] = Response(301)
        assert fetch(site, "/a").outcome is Outcome.BAD_REDIRECT

    def test_the_caller_is_asked_before_each_redirect_is_followed(self, site: LoopbackSite) -> None:
        asked: list[str] = []

        async def refuse(url: str) -> Refusal | None:
            asked.append(url)
            return Refusal(Outcome.ROBOTS_DENIED, "robots.txt forbids it")

        site.pages["/a"] = Response(302, {"Location": "/page"})
        capture = fetch(site, "/a", on_hop=refuse)
        assert asked == [site.url("/page")]
        assert capture.outcome is Outcome.ROBOTS_DENIED
        assert site.requested("/page") == []


class TestWhatIsRefused:
    @pytest.mark.parametrize("kind", ["image/jpeg", "application/pdf", "video/mp4", "audio/mpeg", "application/zip"])
    def test_a_body_of_the_wrong_type_is_not_read(self, site: LoopbackSite, kind: str) -> None:
        site.pages["/page"] = Response(200, {"Content-Type": kind}, bytes(100))
        capture = fetch(site)
        assert capture.outcome is Outcome.WRONG_TYPE
        assert capture.reason == f"the server answered with {kind}, not a page"
        assert capture.exchange is None

    def test_a_file_that_calls_itself_a_page_is_the_wrong_type(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(200, HTML, b"%PDF-1.7\n" + bytes(1000))
        assert fetch(site).outcome is Outcome.WRONG_TYPE

    def test_a_body_announced_too_large_is_not_read(self, site: LoopbackSite) -> None:
        capture = fetch(site, max_bytes=100)
        assert capture.outcome is Outcome.TOO_LARGE
        assert capture.reason is not None
        assert "the limit is 100 bytes" in capture.reason

    def test_a_body_of_exactly_the_limit_is_read(self, site: LoopbackSite) -> None:
        assert fetch(site, max_bytes=len(PAGE)).body == PAGE

    def test_a_body_one_byte_too_large_is_refused(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(200, HTML, [PAGE])
        assert fetch(site, max_bytes=len(PAGE) - 1).outcome is Outcome.TOO_LARGE

    def test_a_part_that_was_not_asked_for_is_a_bad_response(self, site: LoopbackSite) -> None:
        site.pages["/page"] = Response(206, HTML, PAGE)
        assert fetch(site).outcome is Outcome.BAD_RESPONSE


def test_one_client_serves_many_fetches_at_a_time(site: LoopbackSite) -> None:
    async def run() -> list[Capture]:
        async with Client(user_agent=AGENT, guard=Guard([IPv4Network("127.0.0.1/32")])) as client:
            return await asyncio.gather(*(client.fetch(site.url("/page"), accept=Accept.PAGE) for _ in range(50)))

    assert [capture.body for capture in asyncio.run(run())] == [PAGE] * 50


def test_waiting_for_a_place_does_not_count_against_the_deadline(site: LoopbackSite) -> None:
    site.pages["/slow"] = Response(200, HTML, [b"first", b"never"], pause=60)

    async def run() -> list[Capture]:
        guard = Guard([IPv4Network("127.0.0.1/32")])
        async with Client(user_agent=AGENT, guard=guard, connections=1, deadline_seconds=0.5) as client:
            paths = ["/slow", "/slow", "/page"]
            return await asyncio.gather(*(client.fetch(site.url(path), accept=Accept.PAGE) for path in paths))

    assert [capture.outcome for capture in asyncio.run(run())] == [Outcome.TIMED_OUT, Outcome.TIMED_OUT, None]


def test_a_client_outside_of_its_context_is_a_mistake_of_the_caller(site: LoopbackSite) -> None:
    client = Client(user_agent=AGENT, guard=Guard([IPv4Network("127.0.0.1/32")]))
    with pytest.raises(RuntimeError, match="outside of its context"):
        asyncio.run(client.fetch(site.url("/page"), accept=Accept.PAGE))
