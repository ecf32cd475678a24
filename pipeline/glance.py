"""A look at one page or one feed without a warehouse: fetched as politely as in a run, nothing written."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from config.feeds_file import FeedSpec, SourceSpec
from config.hints import Hints
from config.settings import Settings
from models.outcomes import Outcome
from pipeline.articles.article import Article, FeedHint, Page
from pipeline.children import FeedBytes, explain_page, extract_page, parse_bytes
from pipeline.courier import Courier
from pipeline.feeds.feed import Entry, Feed, NoFeed
from pipeline.hand import charset_of
from pipeline.pages.capture import Capture
from pipeline.workers import Failure, Workers


@dataclass(frozen=True, slots=True)
class Look:
    """A page that was looked at: its address, what was fetched (None when nothing was), and what it would load as."""

    url: str
    page: Page | None
    article: Article


@dataclass(frozen=True, slots=True)
class FeedGlance:
    """A poll, and some of its articles as they would load."""

    feed: FeedSpec
    capture: Capture
    parsed: Feed | NoFeed | Failure | None
    articles: tuple[Look, ...]


class Glancer:
    """A courier and children for a few looks."""

    def __init__(self, settings: Settings, courier: Courier, workers: Workers, inbox: queue.SimpleQueue[Any]) -> None:
        """Use `glancing` to make one."""
        self._settings = settings
        self._courier = courier
        self._workers = workers
        self._inbox = inbox

    def look(
        self, url: str, *, source: SourceSpec | None = None, feed: FeedSpec | None = None, hint: FeedHint | None = None
    ) -> Look:
        """Fetch and extract one page, following one meta refresh."""
        look = self._look(url, source, feed, hint)
        if look.article.refresh_url:
            look = replace(self._look(look.article.refresh_url, source, feed, hint), url=url)
        return look

    def extract(self, page: Page, *, explains: bool = False) -> Article:
        """Extract a page in a child, with the deadline of a run; with `explains` the candidates of each field too."""
        results: queue.SimpleQueue[Article | Failure] = queue.SimpleQueue()
        self._workers.submit(explain_page if explains else extract_page, page, results.put)
        return as_article(results.get())

    def feed(self, source: SourceSpec, feed: FeedSpec, articles: int) -> FeedGlance:
        """Poll a feed and extract the first `articles` of its entries."""
        self._courier.fetch_feed(None, feed.url, etag=None, last_modified=None)
        capture: Capture = self._inbox.get().capture
        if capture.outcome is not None:
            return FeedGlance(feed, capture, None, ())
        parsed = self._parse(source, feed, capture)
        entries = [entry for entry in parsed.entries if entry.url][:articles] if isinstance(parsed, Feed) else []
        found = tuple(self.look(e.url, source=source, feed=feed, hint=_hint(e, feed)) for e in entries)
        return FeedGlance(feed, capture, parsed, found)

    def _look(self, url: str, source: SourceSpec | None, feed: FeedSpec | None, hint: FeedHint | None) -> Look:
        capture = self._fetch(url, source)
        if capture.outcome is not None:
            return Look(url, None, Article(capture.outcome, capture.reason))
        charset = charset_of(capture.headers.get("content-type", ""))
        page = page_of(capture.body, capture.url, source, feed)
        page = replace(page, fetched_at=capture.at, charset=charset, hint=hint)
        return Look(url, page, self.extract(page))

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


def glance_feeds(settings: Settings, source: SourceSpec, articles: int) -> Iterator[FeedGlance]:
    """Look at every feed of a source."""
    with glancing(settings) as glancer:
        for feed in source.feeds:
            yield glancer.feed(source, feed, articles)


def glance_page(
    settings: Settings, url: str, source: SourceSpec | None, hints: Hints | None, *, explains: bool = False
) -> Article:
    """Fetch and extract one page, as one of `source`, with `hints`."""
    with glancing(settings) as glancer:
        look = glancer.look(url, source=None if source is None else replace(source, hints=None))
        if look.page is None or (hints is None and not explains):
            return look.article
        return glancer.extract(replace(look.page, hints=hints), explains=explains)


def extract_saved(settings: Settings, page: Page, *, explains: bool = False) -> Article:
    """Extract one saved page, with the deadline and the memory limit of a run."""
    results: queue.SimpleQueue[Article | Failure] = queue.SimpleQueue()
    with Workers(1, settings.extract_seconds) as workers:
        workers.submit(explain_page if explains else extract_page, page, results.put)
        return as_article(results.get())


@contextmanager
def glancing(settings: Settings) -> Iterator[Glancer]:
    """Have a glancer for a while; it looks at one page at a time."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Courier(settings, inbox) as courier, Workers(1, settings.extract_seconds) as workers:
        yield Glancer(settings, courier, workers, inbox)


def page_of(html: bytes, url: str | None, source: SourceSpec | None, feed: FeedSpec | None = None) -> Page:
    """Give a page with what the feeds file says of its source; the feed's own zone and language win."""
    if source is None:
        return Page(html=html, url=url)
    return Page(
        html=html,
        url=url,
        timezone=(feed.timezone if feed else None) or source.timezone,
        language=(feed.language if feed else None) or source.language,
        source_name=source.name,
        hints=source.hints,
    )


def as_article(result: Article | Failure) -> Article:
    """Give what came of an extraction in a child; one that was ended is `extract_failed`."""
    return Article(Outcome.EXTRACT_FAILED, result.reason) if isinstance(result, Failure) else result


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
