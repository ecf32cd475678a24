"""What the answers of servers mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outcomes import Outcome
from pipeline.pages.accept import Accept, refuse_bytes, refuse_type
from pipeline.pages.answers import (
    MAX_RETRY_AFTER_SECONDS,
    challenge_in_body,
    challenge_in_headers,
    judge_status,
    pause_seconds,
    retry_after_seconds,
    too_many_in,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 304])
def test_success_and_not_modified_are_usable(status: int) -> None:
    assert judge_status(status) == (None, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (101, Outcome.BAD_RESPONSE),
        (206, Outcome.BAD_RESPONSE),
        (300, Outcome.BAD_RESPONSE),
        (400, Outcome.CLIENT_ERROR),
        (401, Outcome.FORBIDDEN),
        (402, Outcome.FORBIDDEN),
        (403, Outcome.FORBIDDEN),
        (404, Outcome.GONE),
        (406, Outcome.CLIENT_ERROR),
        (408, Outcome.TIMED_OUT),
        (410, Outcome.GONE),
        (418, Outcome.CLIENT_ERROR),
        (429, Outcome.RATE_LIMITED),
        (451, Outcome.FORBIDDEN),
        (499, Outcome.CLIENT_ERROR),
        (500, Outcome.SERVER_ERROR),
        (503, Outcome.SERVER_ERROR),
        (599, Outcome.SERVER_ERROR),
        (999, Outcome.BAD_RESPONSE),
    ],
)
def test_every_other_status_has_its_outcome_and_a_reason_that_names_it(status: int, outcome: Outcome) -> None:
    found, reason = judge_status(status)
    assert found is outcome
    assert reason is not None
    assert str(status) in reason


@pytest.mark.parametrize(
    ("status", "headers", "vendor"),
    [
        (403, {"cf-mitigated": "challenge"}, "Cloudflare"),
        (200, {"cf-mitigated": "challenge"}, "Cloudflare"),
        (202, {"x-amzn-waf-action": "challenge"}, "AWS WAF"),
        (405, {"x-amzn-waf-action": "captcha"}, "AWS WAF"),
        (429, {"x-vercel-mitigated": "challenge"}, "Vercel"),
        (403, {"x-datadome": "protected"}, "DataDome"),
        (200, {"x-datadome": "protected"}, None),
        (403, {"server": "cloudflare"}, None),
        (403, {}, None),
    ],
)
def test_challenges_are_known_by_the_headers_that_their_vendors_document(
    status: int, headers: dict[str, str], vendor: str | None
) -> None:
    assert challenge_in_headers(status, headers) == vendor


def test_challenges_are_known_by_the_scripts_of_their_pages() -> None:
    page = b"<html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js></script>"
    assert challenge_in_body(503, page) == "Cloudflare"
    assert challenge_in_body(503, b"<h1>Down for maintenance</h1>") is None


def test_an_ordinary_page_that_mentions_a_challenge_is_none() -> None:
    assert challenge_in_body(200, b"how window._cf_chl_opt works") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Tue, 24 Nov 2026 08:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 08:01:00 -0000", 60.0),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 0.0),
        ("99999999999", MAX_RETRY_AFTER_SECONDS),
        ("Fri, 24 Nov 2090 07:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_any_retry_after_is_read_or_left(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_SECONDS


@pytest.mark.parametrize(
    ("accept", "content_type", "is_wanted"),
    [
        (Accept.PAGE, "text/html; charset=utf-8", True),
        (Accept.PAGE, "TEXT/HTML", True),
        (Accept.PAGE, "application/xhtml+xml", True),
        (Accept.PAGE, "text/plain", True),
        (Accept.PAGE, "", True),
        (Accept.PAGE, "nonsense", True),
        (Accept.PAGE, "application/octet-stream", True),
        (Accept.PAGE, "application/pdf", False),
        (Accept.PAGE, "image/jpeg", False),
        (Accept.PAGE, "video/mp4", False),
        (Accept.PAGE, "audio/mpeg", False),
        (Accept.PAGE, "application/zip", False),
        (Accept.PAGE, "application/json", False),
        (Accept.PAGE, "application/rss+xml", False),
        (Accept.FEED, "application/rss+xml", True),
        (Accept.FEED, "application/feed+json", True),
        (Accept.FEED, "text/html", True),
        (Accept.FEED, "application/x-gzip", True),
        (Accept.FEED, "image/png", False),
        (Accept.FEED, "application/pdf", False),
        (Accept.ROBOTS, "application/octet-stream", True),
        (Accept.ROBOTS, "image/png", True),
    ],
)
def test_media_types_are_wanted_or_not(accept: Accept, content_type: str, is_wanted: bool) -> None:
    assert (refuse_type(accept, content_type) is None) == is_wanted


@pytest.mark.parametrize(
    ("start", "is_wanted"),
    [
        (b"<!doctype html><", True),
        (b"\xef\xbb\xbf<html>", True),
        (b"", True),
        (b"%PDF-1.7", False),
        (b"\x89PNG\r\n\x1a\n....", False),
        (b"PK\x03\x04", False),
        (b"....ftypisom", False),
        (b"\x1f\x8b\x08", False),
    ],
)
def test_a_page_is_not_what_its_first_bytes_say_is_a_file(start: bytes, is_wanted: bool) -> None:
    assert (refuse_bytes(Accept.PAGE, start) is None) == is_wanted


def test_a_feed_may_be_a_gzip_file() -> None:
    assert refuse_bytes(Accept.FEED, b"\x1f\x8b\x08") is None


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"retry-after": "120"}, b""),
        ({"x-ratelimit-remaining": "0"}, b""),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "100"}, b""),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, b""),
        ({"ratelimit": '"default";r=0;t=50'}, b""),
        ({}, b"<h1>Too Many Requests</h1>"),
        ({}, b'{"error": "Rate limit exceeded"}'),
    ],
)
def test_a_refusal_that_speaks_of_a_quota_means_too_many_requests(headers: dict[str, str], body: bytes) -> None:
    assert too_many_in(headers, body) is not None


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"<h1>Forbidden</h1>"),
        ({"x-ratelimit-remaining": "17"}, b""),
        ({"ratelimit": '"default";r=50;t=30'}, b""),
        ({"ratelimit-policy": '"default";q=0'}, b""),
        ({}, b"<p>The town limits the rate of growth.</p>"),
        ({}, b"<p>Too many requests</p>" + b"x" * 30_000),
    ],
)
def test_any_other_refusal_is_one(headers: dict[str, str], body: bytes) -> None:
    assert too_many_in(headers, body) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}, 7.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}, 90.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 45)}, 45.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30.0),
        ({"ratelimit": '"default";r=0;t=50'}, 50.0),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, 50.0),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "90"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_the_pause_is_as_long_as_the_server_says(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_seconds(headers, NOW) == seconds


@given(st.dictionaries(st.sampled_from(["ratelimit", "x-ratelimit-reset", "ratelimit-remaining"]), st.text()))
def test_any_quota_gives_a_bounded_pause_or_none(headers: dict[str, str]) -> None:
    too_many_in(headers, b"")
    assert 0 <= (pause_seconds(headers, NOW) or 0) <= MAX_RETRY_AFTER_SECONDS
