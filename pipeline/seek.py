"""Finds the feeds of a site from its address: what its page and robots.txt name, else the addresses that most use."""

import queue
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from config.settings import Settings
from pipeline.children import FeedBytes, parse_bytes
from pipeline.courier import Courier
from pipeline.feeds.discover import (
    common_addresses,
    feeds_in_page,
    is_of_comments,
    site_name,
    sitemaps_in_robots,
)
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.moves import permanent_target
from pipeline.pages.capture import Capture
from pipeline.workers import Failure, Workers

# Addresses that are asked for one site, its page and robots.txt apart.
MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was found: its address, what it brought, and where its address stood."""

    url: str
    feed: Feed
    how: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What came of a search; `reason` says why nothing was found."""

    url: str
    name: str | None
    found: tuple[Found, ...]
    reason: str | None = None


def seek_feeds(settings: Settings, url: str) -> Sought:
    """Find the feeds and news sitemaps of a site; an address that is a feed itself is the only one."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Courier(settings, inbox) as courier, Workers(1, settings.extract_seconds) as workers:
        return _Seeker(settings, courier, workers, inbox).seek(url)


@dataclass(slots=True)
class _Seeker:
    settings: Settings
    courier: Courier
    workers: Workers
    inbox: queue.SimpleQueue[Any]
    tries: int = 0

    def seek(self, url: str) -> Sought:
        capture = self._fetch(url)
        if capture.outcome is not None:
            return Sought(url, None, (), f"{capture.outcome}: {capture.reason}")
        parsed = self._parse(capture)
        if isinstance(parsed, Feed):
            address = _settled(url, capture)
            inside = tuple(self._in_sitemaps([address], "given")) if parsed.sitemaps else ()
            return Sought(url, None, inside or (Found(address, parsed, "given"),))
        html = capture.body.decode("utf-8", errors="replace")
        named = self._all(feeds_in_page(html, capture.url), "named by the page")
        robots = self._fetch(urljoin(capture.url, "/robots.txt"))
        text = robots.body.decode("utf-8", errors="replace") if robots.outcome is None else ""
        news = list(self._in_sitemaps(sitemaps_in_robots(text, capture.url), "named by robots.txt"))
        guessed = [] if named else self._all(common_addresses(capture.url), "where many sites have it", most=2)
        found = _different([*named, *guessed, *news])
        reason = None if found else "neither its page nor robots.txt names a feed, and none is where most sites have it"
        return Sought(url, site_name(html), tuple(found), reason)

    def _all(self, urls: Iterable[str], how: str, most: int = 10) -> list[Found]:
        found: list[Found] = []
        for url in urls:
            one = self._try(url, how)
            if one is not None and one.feed.entries and not is_of_comments(one.url, one.feed.title):
                found.append(one)
            if len(found) == most:
                break
        return found

    def _in_sitemaps(self, urls: Iterable[str], how: str) -> Iterator[Found]:
        """Give news sitemaps, and those that an index names; a plain sitemap has pages of any age and kind."""
        for url in list(urls)[:5]:
            one = self._try(url, how)
            if one is None:
                continue
            if one.feed.format == "news_sitemap":
                yield one
            children = [sitemap.url for sitemap in one.feed.sitemaps if "news" in sitemap.url.lower()][:3]
            tried = [self._try(child, f"{how}, in an index") for child in children]
            yield from (child for child in tried if child is not None and child.feed.format == "news_sitemap")

    def _try(self, url: str, how: str) -> Found | None:
        if self.tries >= MOST_TRIES:
            return None
        self.tries += 1
        capture = self._fetch(url)
        parsed = self._parse(capture) if capture.outcome is None else None
        return Found(_settled(url, capture), parsed, how) if isinstance(parsed, Feed) else None

    def _fetch(self, url: str) -> Capture:
        self.courier.fetch_feed(None, url, etag=None, last_modified=None)
        capture: Capture = self.inbox.get().capture
        return capture

    def _parse(self, capture: Capture) -> Feed | NoFeed | Failure:
        given = FeedBytes(
            body=capture.body,
            url=capture.url,
            headers=capture.headers,
            timezone=None,
            language=None,
            fetched_at=capture.at,
            max_entries=self.settings.max_entries,
            max_bytes=self.settings.max_feed_bytes,
        )
        results: queue.SimpleQueue[Feed | NoFeed | Failure] = queue.SimpleQueue()
        self.workers.submit(parse_bytes, given, results.put)
        return results.get()


def _settled(url: str, capture: Capture) -> str:
    """Give the address to follow: where permanent redirects lead, else as it was asked for."""
    return permanent_target([(hop.url, hop.status) for hop in capture.hops], capture.url) or url


def _different(found: Sequence[Found]) -> list[Found]:
    """Leave out feeds whose entries another one has too, such as an Atom copy of an RSS feed."""
    kept: list[Found] = []
    for one in found:
        links = {entry.url for entry in one.feed.entries}
        copies = (other for other in kept if 2 * len(links & {e.url for e in other.feed.entries}) > len(links))
        if next(copies, None) is None and one.url not in {other.url for other in kept}:
            kept.append(one)
    return kept
