"""robots.txt as RFC 9309 says."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.site import LoopbackServer, Response
from models.outcomes import Outcome
from pipeline.pages.accept import Accept
from pipeline.pages.capture import Capture
from pipeline.pages.client import Client
from pipeline.pages.guard import Guard
from pipeline.pages.robots import (
    KEPT_FOR,
    TRIED_AGAIN_AFTER,
    UNREACHABLE_MEANS_FREE_AFTER,
    RobotsState,
    judge_robots,
    parse_robots,
    robots_url,
)

NOW = datetime.now(UTC)
RULES = b"User-agent: *\nDisallow: /private/\nAllow: /private/open\nCrawl-delay: 2.5\n"


def ended(outcome: Outcome | None, status: int | None, body: bytes = b"") -> Capture:
    return Capture("http://a.example/robots.txt", "http://a.example/robots.txt", NOW, outcome, "why", status, {}, body)


class TestRules:
    def test_the_longest_rule_decides(self) -> None:
        robots = parse_robots(RULES)
        assert not robots.allows("http://a.example/private/x", "khotin")
        assert robots.allows("http://a.example/private/open", "khotin")
        assert robots.allows("http://a.example/news", "khotin")

    def test_the_group_for_our_name_goes_before_the_one_for_all(self) -> None:
        robots = parse_robots(b"User-agent: *\nDisallow: /\n\nUser-agent: Khotin\nDisallow: /only-this\n")
        assert robots.allows("http://a.example/news", "khotin")
        assert not robots.allows("http://a.example/only-this", "khotin")

    def test_rules_for_others_are_not_ours(self) -> None:
        robots = parse_robots(b"User-agent: Googlebot\nUser-agent: GPTBot\nDisallow: /\nCrawl-delay: 9\n")
        assert robots.allows("http://a.example/news", "khotin")
        assert robots.crawl_delay("khotin") is None

    def test_a_group_may_name_us_among_others(self) -> None:
        robots = parse_robots(b"User-agent: GPTBot\nUser-agent: khotin\nUser-agent: CCBot\nDisallow: /\n")
        assert not robots.allows("http://a.example/news", "khotin")

    def test_wildcards_and_ends_are_understood(self) -> None:
        robots = parse_robots(b"User-agent: *\nDisallow: /*?print=\nDisallow: /*.pdf$\n")
        assert not robots.allows("http://a.example/a?print=1", "khotin")
        assert not robots.allows("http://a.example/a.pdf", "khotin")
        assert robots.allows("http://a.example/a.pdf.html", "khotin")

    def test_paths_are_compared_whether_percent_encoded_or_not(self) -> None:
        robots = parse_robots("User-agent: *\nDisallow: /tin-tức/\n".encode())
        assert not robots.allows("http://a.example/tin-t%E1%BB%A9c/1", "khotin")

    def test_a_byte_order_mark_does_not_hide_the_first_line(self) -> None:
        assert not parse_robots(b"\xef\xbb\xbf" + RULES).allows("http://a.example/private/x", "khotin")

    def test_an_empty_file_allows_all(self) -> None:
        assert parse_robots(b"").allows("http://a.example/", "khotin")

    def test_an_html_page_instead_of_rules_allows_all(self) -> None:
        assert parse_robots(b"<!doctype html><title>Not found</title>").allows("http://a.example/", "khotin")

    def test_crawl_delay_is_in_seconds(self) -> None:
        assert parse_robots(RULES).crawl_delay("khotin") == 2.5

    @pytest.mark.parametrize("value", ["inf", "nan", "-1", "soon", ""])
    def test_a_crawl_delay_that_is_no_number_is_none(self, value: str) -> None:
        assert parse_robots(f"User-agent: *\nCrawl-delay: {value}\n".encode()).crawl_delay("khotin") is None

    @given(st.binary(max_size=500))
    def test_any_bytes_are_rules_of_a_kind(self, body: bytes) -> None:
        robots = parse_robots(b"User-agent: *\n" + body)
        assert robots.allows("http://a.example/x", "khotin") in (True, False)
        assert (robots.crawl_delay("khotin") or 0) >= 0

    def test_what_is_beyond_the_limit_is_not_read(self) -> None:
        robots = parse_robots(b"User-agent: *\n" + b"# filler\n" * 60_000 + b"Disallow: /\n")
        assert robots.allows("http://a.example/", "khotin")

    def test_agents_of_others_by_the_thousand_do_not_multiply_the_rules(self) -> None:
        agents = b"".join(b"User-agent: bot%d\n" % number for number in range(12_000))
        rules = b"".join(b"Disallow: /%d\n" % number for number in range(12_000))
        assert parse_robots(agents + b"User-agent: *\n" + rules).allows("http://a.example/x", "khotin")


class TestWhatAnAnswerMeans:
    def test_success_is_obeyed(self) -> None:
        robots = judge_robots(ended(None, 200, RULES)).robots()
        assert not robots.allows("http://a.example/private/x", "khotin")

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [(Outcome.GONE, 404), (Outcome.FORBIDDEN, 403), (Outcome.CHALLENGED, 403), (Outcome.CLIENT_ERROR, 400)],
    )
    def test_a_client_error_means_that_there_are_no_rules(self, outcome: Outcome, status: int) -> None:
        state = judge_robots(ended(outcome, status))
        assert state.robots().allows("http://a.example/", "khotin")
        assert state.expires_at() - state.fetched_at == KEPT_FOR

    def test_redirects_without_end_mean_that_there_are_no_rules(self) -> None:
        assert judge_robots(ended(Outcome.BAD_REDIRECT, 302)).robots().allows("http://a.example/", "khotin")

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [
            (Outcome.SERVER_ERROR, 503),
            (Outcome.RATE_LIMITED, 429),
            (Outcome.UNREACHABLE, None),
            (Outcome.TIMED_OUT, None),
            (Outcome.BAD_RESPONSE, 200),
        ],
    )
    def test_no_answer_means_to_wait_and_to_ask_again_soon(self, outcome: Outcome, status: int | None) -> None:
        state = judge_robots(ended(outcome, status))
        robots = state.robots()
        assert not robots.allows("http://a.example/", "khotin")
        assert robots.wait_reason == "robots.txt: why"
        assert state.expires_at() - state.fetched_at == TRIED_AGAIN_AFTER

    def test_what_was_known_holds_while_there_is_no_answer(self) -> None:
        known = RobotsState(NOW - timedelta(days=2), 200, RULES)
        state = judge_robots(ended(Outcome.SERVER_ERROR, 500), known)
        assert state.body == RULES
        assert state.robots().allows("http://a.example/news", "khotin")
        assert state.failing_since is not None

    def test_after_a_month_without_an_answer_there_are_no_rules(self) -> None:
        waiting = RobotsState(NOW, 503, None, "robots.txt: why", NOW - UNREACHABLE_MEANS_FREE_AFTER)
        assert judge_robots(ended(Outcome.SERVER_ERROR, 503), waiting).robots().allows("http://a.example/", "khotin")

    def test_an_answer_ends_the_waiting(self) -> None:
        waiting = RobotsState(NOW, 503, None, "robots.txt: why", NOW)
        state = judge_robots(ended(None, 200, RULES), waiting)
        assert (state.reason, state.failing_since, state.body) == (None, None, RULES)


@pytest.mark.parametrize(
    ("url", "robots"),
    [
        ("https://a.example/x/y?z", "https://a.example/robots.txt"),
        ("http://a.example:8080/", "http://a.example:8080/robots.txt"),
    ],
)
def test_robots_txt_lies_at_the_root_of_scheme_host_and_port(url: str, robots: str) -> None:
    assert robots_url(url) == robots


def test_five_redirects_to_robots_txt_are_followed_and_no_more() -> None:
    async def run(url: str) -> RobotsState:
        async with Client(user_agent="khotin/1", guard=Guard([IPv4Network("127.0.0.1/32")])) as client:
            return judge_robots(await client.fetch(robots_url(url), accept=Accept.ROBOTS))

    with LoopbackServer() as server:
        site = server.site(pages={"/robots.txt": Response(302, {"Location": "/1"})})
        site.pages |= {f"/{number}": Response(302, {"Location": f"/{number + 1}"}) for number in range(1, 6)}
        site.pages["/5"] = Response(200, {"Content-Type": "text/plain"}, RULES)
        assert asyncio.run(run(site.url("/x"))).body == RULES
        site.pages["/5"] = Response(302, {"Location": "/6"})
        state = asyncio.run(run(site.url("/x")))
        assert (state.status, state.body, state.reason) == (302, None, None)
