"""Feeds for the tests: short ways to write one, and to parse it."""

from collections.abc import Mapping
from datetime import datetime

from pipeline.feeds.feed import Entry, Feed, NoFeed
from pipeline.feeds.parse import parse_feed

URL = "https://news.example/rss/home.xml"
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def rss(*items: str, head: str = "<title>Báo Mẫu</title>") -> str:
    """Write RSS 2.0 with these items, each the inside of its element."""
    written = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel>{head}{written}</channel></rss>'


def atom(*entries: str, head: str = "<title>Báo Mẫu</title>") -> str:
    """Write Atom 1.0 with these entries, each the inside of its element."""
    written = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{written}</feed>'


def parsed(
    text: str | bytes,
    *,
    url: str | None = URL,
    headers: Mapping[str, str] | None = None,
    timezone: str | None = None,
    fetched_at: datetime | None = None,
) -> Feed:
    """Parse what must be a feed."""
    body = text.encode() if isinstance(text, str) else text
    feed = parse_feed(body, url=url, headers=headers or {}, timezone=timezone, fetched_at=fetched_at)
    assert isinstance(feed, Feed), feed
    return feed


def refused(text: str | bytes) -> NoFeed:
    """Parse what must be no feed."""
    body = text.encode() if isinstance(text, str) else text
    result = parse_feed(body, url=URL, headers={})
    assert isinstance(result, NoFeed), result
    return result


def entry_of(item: str) -> Entry:
    """Parse an RSS feed of one item."""
    (entry,) = parsed(rss(item)).entries
    return entry
