"""Feeds that move: permanent redirects are followed at once, but remembered only when stable for a week."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from models.outcomes import PollOutcome

STABLE_FOR = timedelta(days=7)
# A new address that fails so often in a row is forgotten, and the configured one asked again.
MOST_FAILURES = 3

_PERMANENT = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT)
_NOT_THERE = (PollOutcome.GONE, PollOutcome.NOT_A_FEED, PollOutcome.CLIENT_ERROR, PollOutcome.WRONG_TYPE)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a feed is polled instead of its configured address, and where redirects have led `since_at`."""

    moved_url: str | None = None
    moving_to: str | None = None
    since_at: datetime | None = None


def permanent_target(hops: Sequence[tuple[str, int]], final_url: str) -> str | None:
    """Give where the permanent redirects (301, 308: RFC 9110 section 15.4) at the start of a chain lead.

    `hops` are the addresses that redirected, each with its status. None when the first redirect is not permanent.
    """
    addresses = [url for url, _ in hops] + [final_url]
    count = 0
    while count < len(hops) and hops[count][1] in _PERMANENT:
        count += 1
    return addresses[count] if count else None


def after_good_poll(known: Move, url: str, target: str | None, *, was_redirected: bool, at: datetime) -> Move:
    """Give the state after a poll of `url` that brought a feed (or 304); `target` is where permanent redirects led.

    A temporary redirect changes nothing; an answer without any redirect takes a candidate back.
    """
    if target is None or target == url:
        return known if was_redirected else replace(known, moving_to=None, since_at=None)
    since = known.since_at if target == known.moving_to and known.since_at else at
    if at - since >= STABLE_FOR or _only_turns_secure(url, target):
        return Move(moved_url=target)
    return replace(known, moving_to=target, since_at=since)


def after_failure(known: Move, outcome: PollOutcome, failures: int) -> Move:
    """Give the state after a failed poll, the `failures`-th in a row: a new address that is not good is forgotten."""
    if known.moved_url and (outcome in _NOT_THERE or failures >= MOST_FAILURES):
        return Move()
    return known


def _only_turns_secure(url: str, target: str) -> bool:
    """Tell whether a redirect leads from http to https on the same host."""
    try:
        old, new = urlsplit(url), urlsplit(target)
        ports = old.port in (None, 80) and new.port in (None, 443)
    except ValueError:
        return False
    return old.scheme == "http" and new.scheme == "https" and old.hostname == new.hostname and ports
