"""What a server's answer means: the outcome of a status, Retry-After, and the challenges that are no pages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from models.outcomes import Outcome

MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0
"""A server may not silence itself for longer than this by one header."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_BY_STATUS = {
    401: Outcome.FORBIDDEN,
    402: Outcome.FORBIDDEN,
    403: Outcome.FORBIDDEN,
    404: Outcome.GONE,
    407: Outcome.FORBIDDEN,
    408: Outcome.TIMED_OUT,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    451: Outcome.FORBIDDEN,
}

# Headers by which the vendors say that the answer is a challenge and not the page, whatever its status:
# Cloudflare (docs: "Detect a Challenge Page response"), AWS WAF (docs: "Challenge and CAPTCHA behavior"), Vercel.
_CHALLENGE_HEADERS = {
    "cf-mitigated": ("challenge", "Cloudflare"),
    "x-amzn-waf-action": ("challenge|captcha", "AWS WAF"),
    "x-vercel-mitigated": ("challenge", "Vercel"),
}
# Headers that these vendors set on every answer of a site they protect: they tell a challenge only on a refusal.
_REFUSAL_HEADERS = {"x-datadome": "DataDome", "x-dd-b": "DataDome", "x-sucuri-block": "Sucuri"}
# Scripts that only a challenge page loads, for servers that set no header of the above.
_CHALLENGE_MARKERS = (
    (b"/cdn-cgi/challenge-platform/", "Cloudflare"),
    (b"window._cf_chl_opt", "Cloudflare"),
    (b"/_Incapsula_Resource?", "Imperva"),
    (b"captcha-delivery.com/", "DataDome"),
    (b"/.well-known/ddos-guard/", "DDoS-Guard"),
    (b"window._pxAppId", "PerimeterX"),
)
_REFUSALS = frozenset({401, 403, 405, 429, 503})

# "Nothing is left of your quota", as servers say it: the three headers that GitHub, Twitter and others made customary,
# those of the earlier drafts of draft-ietf-httpapi-ratelimit-headers, and its structured field from draft 08 on.
_REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_NONE_LEFT = re.compile(r"(?:^|[;,])\s*(?:r|remaining)\s*=\s*0+(?![.\d])", re.IGNORECASE)
_LEFT_UNTIL = re.compile(r"(?:^|[;,])\s*(?:t|reset)\s*=\s*(\d{1,12})(?![.\d])", re.IGNORECASE)
_TOO_MANY = re.compile(
    rb"too\s+many\s+requests|rate[\s-]?limit(?:ed\b|\s+(?:reached|exceeded))|exceeded\s+(?:the|your)\s+"
    rb"(?:rate|request)\s+limit|request\s+limit\s+(?:reached|exceeded)",
    re.IGNORECASE,
)
# A message, not a page about something else that has the words in its text.
_LONGEST_MESSAGE = 20_000


def judge_status(status: int) -> tuple[Outcome | None, str | None]:
    """Return the outcome and reason of a final status; (None, None) when the answer is usable (2xx, 304).

    206 is not usable: no range was asked for. Redirect statuses count as broken here: they are followed before.
    """
    if status == HTTPStatus.PARTIAL_CONTENT:
        return Outcome.BAD_RESPONSE, "the server sent a part (206) that was not asked for"
    if 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED:
        return None, None
    reason = f"the server answered {_in_words(status)}"
    if status in _BY_STATUS:
        return _BY_STATUS[status], reason
    if 400 <= status < 500:
        return Outcome.CLIENT_ERROR, reason
    if 500 <= status < 600:
        return Outcome.SERVER_ERROR, reason
    return Outcome.BAD_RESPONSE, reason


def _in_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status}, a status that is in no standard"


def challenge_in_headers(status: int, headers: Mapping[str, str]) -> str | None:
    """Return the vendor whose challenge this answer is by its headers, else None. `headers` has lower-case names."""
    for name, (values, vendor) in _CHALLENGE_HEADERS.items():
        if name in headers and re.fullmatch(values, headers[name].strip().lower()):
            return vendor
    if status in _REFUSALS:
        return next((vendor for name, vendor in _REFUSAL_HEADERS.items() if name in headers), None)
    return None


def challenge_in_body(status: int, body: bytes) -> str | None:
    """Return the vendor whose challenge page `body` is, else None; only a refusal's body can be one."""
    if status not in _REFUSALS:
        return None
    return next((vendor for marker, vendor in _CHALLENGE_MARKERS if marker in body), None)


def too_many_in(headers: Mapping[str, str], body: bytes) -> str | None:
    """Say what in a refusal (403) means "too many requests" (429, RFC 6585 section 4), None when nothing does.

    A Retry-After, a quota of which nothing is left (RateLimit header fields), or a short body that says so. `headers`
    has lower-case names.
    """
    if headers.get("retry-after", "").strip():
        return "it has a Retry-After"
    for name in _REMAINING:
        if re.fullmatch(r"0+(?:[;,].*)?", headers.get(name, "").strip()):
            return f"{name}: 0"
    if _NONE_LEFT.search(headers.get("ratelimit", "")):
        return "nothing is left of the RateLimit"
    return "its body says so" if len(body) <= _LONGEST_MESSAGE and _TOO_MANY.search(body) else None


def pause_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that an answer asks to wait: Retry-After, else until an empty quota is filled again.

    The customary X-RateLimit-Reset is in seconds or, when it is that large, a Unix time.
    """
    asked = retry_after_seconds(headers.get("retry-after", ""), now)
    if asked is not None:
        return asked
    if any(headers.get(name, "").strip() == "0" for name in _REMAINING):
        found = next((value for name in _RESET if (value := headers.get(name, "").strip())), "")
    elif _NONE_LEFT.search(limit := headers.get("ratelimit", "")):
        match = _LEFT_UNTIL.search(limit)
        found = match[1] if match else ""
    else:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", found):
        return None
    seconds = float(found)
    if seconds > _FIRST_UNIX_TIME:
        seconds -= now.timestamp()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


# 2001: no quota is filled in so many seconds.
_FIRST_UNIX_TIME = 1e9


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 §10.2.3: delta or HTTP-date), bounded.

    None when the header is missing or unreadable; a date that has passed is 0.
    """
    value = value.strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(float(value), MAX_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": UTC by RFC 5322 §3.3
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)
