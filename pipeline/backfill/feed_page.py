"""One page of a feed as a backfill needs it: what its entries link to, and where the older entries are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from urllib.parse import urljoin

from pipeline.feeds.decode import decode
from pipeline.feeds.feed import NoFeed
from pipeline.feeds.parse import parse_feed

MAX_ENTRIES = 10_000

_LINK = re.compile(r"<(?:[\w.-]{1,64}:)?link\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,64})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NEXT_URL = re.compile(r'"next_url"\s*:\s*"((?:[^"\\]|\\.){1,2000})"')
_WORDPRESS = re.compile(r"<generator>[^<]{0,40}wordpress\.", re.IGNORECASE)
_ENTRY = re.compile(r"<(?:[\w.-]{1,64}:)?(?:item|entry)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,64}:)?(?:item|entry)\s*>", re.IGNORECASE)
_OLDER = ("prev-archive", "next")


@dataclass(frozen=True, slots=True)
class FeedPageBytes:
    """A page of a feed as it came."""

    body: bytes
    url: str
    headers: Mapping[str, str]
    fetched_at: datetime
    timezone: str | None
    max_bytes: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What it says: `entries` are (address, published, title); `older` is the declared address of older entries."""

    entries: tuple[tuple[str, datetime | date | None, str | None], ...] = ()
    older: str | None = None
    is_wordpress: bool = False
    failure: str | None = None


def read_feed_page(given: FeedPageBytes) -> FeedPage:
    """Read a page of any feed.

    Older entries are where a link says `prev-archive` (RFC 5005 section 4) or `next` (section 3), or JSON Feed's
    `next_url`.
    """
    parsed = parse_feed(
        given.body,
        url=given.url,
        headers=given.headers,
        timezone=given.timezone,
        fetched_at=given.fetched_at,
        max_entries=MAX_ENTRIES,
        max_bytes=given.max_bytes,
    )
    if isinstance(parsed, NoFeed):
        return FeedPage(failure=parsed.reason)
    entries = tuple(
        (entry.url, (entry.published.instant or entry.published.on) if entry.published else None, entry.title)
        for entry in parsed.entries
        if entry.url
    )
    text = decode(given.body[: given.max_bytes], {k.lower(): v for k, v in given.headers.items()}).text
    older = _older(text)
    return FeedPage(entries, urljoin(given.url, older) if older else None, _WORDPRESS.search(text) is not None)


def _older(text: str) -> str | None:
    """Give the link to older entries that the feed itself declares, before its entries or after them."""
    first = _ENTRY.search(text)
    head = text[: first.start()] if first else text
    tail = text[-20_000:] if first else ""
    tail = tail[max((end.end() for end in _ENTRY_END.finditer(tail)), default=len(tail)) :]
    said: dict[str, str] = {}
    for link in _LINK.finditer(f"{head[:200_000]}\n{tail}"):
        values = {name.lower(): one or other for name, one, other in _ATTRIBUTE.findall(link[1])}
        for rel in values.get("rel", "").lower().split():
            if rel in _OLDER and values.get("href"):
                said.setdefault(rel, unescape(values["href"]).strip())
    in_json = _NEXT_URL.search(text) if text.lstrip().startswith("{") else None
    if in_json:
        said.setdefault("next", in_json[1].replace("\\/", "/"))
    return next((said[rel] for rel in _OLDER if rel in said), None)
