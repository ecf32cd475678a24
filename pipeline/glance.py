"""A look at one page or one feed without a warehouse: fetched as politely as in a run, nothing written."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.feeds_file import FeedSpec, SourceSpec
from config.settings import Settings
from models.outcomes import Outcome
from pipeline.articles.article import Article, FeedHint, Page
from pipeline.children import FeedBytes, extract_page, parse_bytes
from pipeline.courier import Courier
from pipeline.feeds.feed import Entry, Feed, NoFeed
from pipeline.hand import charset_of
from pipeline.pages.capture import Capture
from pipeline.workers import Failure, Workers


@dataclass(frozen=True, slots=True)
class FeedGlance:
    """A poll, and some of its articles as they would load, each with its entry's address."""

    feed: FeedSpec
    capture: Capture
    parsed: Feed | NoFeed | Failure | None
    articles: tuple[tuple[str, Article], ...]


class Glancer:
    """A courier and children for a few looks."""

    def __init__(self, settings: Settings, courier: Courier, workers: Workers, inbox: queue.SimpleQueue[Any]) -> None:
        """Use `glancing` to make one."""
        self._settings = settings
        self._courier = courier
        self._workers = workers
        self._inbox = inbox

    def article(self, url: str, *, source: SourceSpec | None = None, hint: FeedHint | None = None) -> Article:
        """Fetch and extract one page, following one meta refresh."""
        article = self._extract(self._fetch(url, source), source, hint)
        if article.refresh_url:
            article = self._extract(self._fetch(article.refresh_url, source), source, hint)
        return article

    def feed(self, source: SourceSpec, feed: FeedSpec, articles: int) -> FeedGlance:
        """Poll a feed and extract the first `articles` of its entries."""
        self._courier.fetch_feed(None, feed.url, etag=None, last_modified=None)
        capture: Capture = self._inbox.get().capture
        if capture.outcome is not None:
            return FeedGlance(feed, capture, None, ())
        parsed = self._parse(source, feed, capture)
        entries = [entry for entry in parsed.entries if entry.url][:articles] if isinstance(parsed, Feed) else []
        found = tuple((e.url, self.article(e.url, source=source, hint=_hint(e, feed))) for e in entries)
        return FeedGlance(feed, capture, parsed, found)

    def _fetch(self, url: str, source: SourceSpec | None) -> Capture:
        is_exempt = source is not None and source.robots_override_reason is not None
        site = source.home or source.feeds[0].url if source and is_exempt else None
        self._courier.fetch_page(None, url, exempt_site=site)
        capture: Capture = self._inbox.get().capture
        return capture

    def _parse(self, source: SourceSpec, feed: FeedSpec, capture: Capture) -> Feed | NoFeed | Failure:
        given = FeedBytes(
            body=capture.body,
            url=capture.url,
            headers=capture.headers,
            timezone=feed.timezone or source.timezone,
            language=feed.language or source.language,
            fetched_at=capture.at,
            max_entries=self._settings.max_entries,
            max_bytes=self._settings.max_feed_bytes,
        )
        results: queue.SimpleQueue[Feed | NoFeed | Failure] = queue.SimpleQueue()
        self._workers.submit(parse_bytes, given, results.put)
        return results.get()

    def _extract(self, capture: Capture, source: SourceSpec | None, hint: FeedHint | None) -> Article:
        if capture.outcome is not None:
            return Article(capture.outcome, capture.reason)
        page = Page(
            html=capture.body,
            url=capture.url,
            fetched_at=capture.at,
            charset=charset_of(capture.headers.get("content-type", "")),
            timezone=source.timezone if source else None,
            language=source.language if source else None,
            source_name=source.name if source else None,
            hint=hint,
        )
        return self._in_child(page)

    def _in_child(self, page: Page) -> Article:
        results: queue.SimpleQueue[Article | Failure] = queue.SimpleQueue()
        self._workers.submit(extract_page, page, results.put)
        result = results.get()
        return Article(Outcome.EXTRACT_FAILED, result.reason) if isinstance(result, Failure) else result


def glance_feeds(settings: Settings, source: SourceSpec, articles: int) -> Iterator[FeedGlance]:
    """Look at every feed of a source."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Courier(settings, inbox) as courier, Workers(settings.workers, settings.extract_seconds) as workers:
        glancer = Glancer(settings, courier, workers, inbox)
        for feed in source.feeds:
            yield glancer.feed(source, feed, articles)


def glance_page(settings: Settings, url: str) -> Article:
    """Fetch and extract one page."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Courier(settings, inbox) as courier, Workers(1, settings.extract_seconds) as workers:
        return Glancer(settings, courier, workers, inbox).article(url)


def _hint(entry: Entry, feed: FeedSpec) -> FeedHint:
    return FeedHint(
        title=entry.title,
        summary=entry.summary,
        authors=entry.authors,
        published=entry.published,
        updated=entry.updated,
        categories=entry.categories,
        section=feed.section,
        language=entry.language,
        image_url=entry.image_url,
    )
