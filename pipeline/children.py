"""What runs in child processes: parsing and extraction of bytes that may be hostile. Plain values in and out.

The parent imports this module to name the functions, so the libraries that they need are imported inside them; the
fork server imports `PRELOAD` once for all children.
"""

import gc
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.articles.article import Article, Page
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.flat import FlatFeed

PRELOAD = ("pipeline.children", "pipeline.workers", "pipeline.articles.extract", "pipeline.feeds.news", "pipeline.warm")
PRELOAD_FEEDS = ("pipeline.children", "pipeline.workers", "pipeline.feeds.news")
"""What a run needs that only polls: its children are small, and start in a third of the time."""

# A child that wants more than this is stopped by the system, and its page ends as extract_failed.
MEMORY_BYTES = 3 * 1024**3


@dataclass(frozen=True, slots=True)
class FeedBytes:
    """The body of a poll with what its parser should know.

    With `keeps_entries` they are wanted as objects; `known` says which of them the last body had.
    """

    body: bytes
    url: str
    headers: Mapping[str, str]
    timezone: str | None
    language: str | None
    fetched_at: datetime
    max_entries: int
    max_bytes: int
    keeps_entries: bool = False
    known: str | None = None


def prepare_child() -> None:
    """Limit this process's memory (Linux; elsewhere the limit is not kept by the system), and let the run end it.

    A SIGTERM to the whole process group, as systemd sends it, is for the run: it finishes what is in hand, with us.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What was imported lives as long as the child: the collector need not look at it again and again.
    gc.freeze()
    # A feed or a page makes tens of thousands of objects, and hardly any of them in a circle.
    gc.set_threshold(100_000, 20, 100)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def parse_bytes(given: FeedBytes) -> Feed | NoFeed:
    """Parse a feed."""
    from pipeline.feeds.parse import parse_feed  # noqa: PLC0415

    return parse_feed(
        given.body,
        url=given.url,
        headers=given.headers,
        timezone=given.timezone,
        language=given.language,
        fetched_at=given.fetched_at,
        max_entries=given.max_entries,
        max_bytes=given.max_bytes,
    )


def parse_all(given: Sequence[FeedBytes]) -> list[FlatFeed | Feed | NoFeed]:
    """Parse several feeds, ready to be stored but for an index of sitemaps and what keeps its entries."""
    return [_parse_flat(one) for one in given]


def _parse_flat(given: FeedBytes) -> FlatFeed | Feed | NoFeed:
    from pipeline.feeds.entries import Setting  # noqa: PLC0415
    from pipeline.feeds.news import parse_news  # noqa: PLC0415

    if given.keeps_entries:
        return parse_bytes(given)
    setting = Setting(given.url, given.timezone, given.language, given.fetched_at)
    limits = {"max_entries": given.max_entries, "max_bytes": given.max_bytes}
    return parse_news(given.body, setting, given.headers, given.known, **limits)


def extract_page(page: Page) -> Article:
    """Extract an article."""
    from pipeline.articles.extract import extract  # noqa: PLC0415

    return extract(page)


def explain_page(page: Page) -> Article:
    """Extract an article with the candidates of every field."""
    from pipeline.articles.extract import extract  # noqa: PLC0415

    return extract(page, explain=True)
