"""Hints on trial: pages of a site, or the newest of a feed, read by the rules alone and with hints, nothing written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from config.feeds_file import FeedSpec, SourceSpec
from config.hints import Hints
from config.settings import Settings
from models.outcomes import Outcome
from pipeline.articles.article import Article, Page
from pipeline.feeds.feed import Feed
from pipeline.glance import FeedGlance, Glancer, Look, glancing
from pipeline.urls import same_site

# The root elements of feeds and sitemaps, near the beginning of a document that calls itself HTML.
_FEED_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_ROOT_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One page on trial: read by the rules alone, and with hints (None when there are none, or no page was had)."""

    url: str
    usual: Article
    hinted: Article | None


@dataclass(frozen=True, slots=True)
class FeedTrial:
    """A poll, and its newest pages on trial."""

    glance: FeedGlance
    pages: tuple[Trial, ...]


def try_saved(settings: Settings, page: Page, hints: Hints | None) -> Trial:
    """Put a saved page on trial."""
    with glancing(settings) as glancer:
        return _tried(glancer, Look(page.url or "", page, glancer.extract(replace(page, hints=None))), hints)


def try_source(settings: Settings, source: SourceSpec, hints: Hints | None, articles: int) -> Iterator[FeedTrial]:
    """Put `articles` pages of every feed of a source on trial."""
    with glancing(settings) as glancer:
        for feed in source.feeds:
            yield _feed_tried(glancer, source, feed, hints, articles)


def try_address(
    settings: Settings, url: str, source: SourceSpec | None, hints: Hints | None, articles: int
) -> Trial | FeedTrial:
    """Put a page on trial, or, when the address turns out to be a feed's, `articles` pages of it.

    The address of a feed that the source has is polled as one; another is asked for as a page, under robots.txt.
    """
    feed = next((feed for feed in source.feeds if feed.url == url), None) if source else None
    stranger = SourceSpec(name=url, feeds=(FeedSpec(url),))
    with glancing(settings) as glancer:
        if source is not None and feed is not None:
            return _feed_tried(glancer, source, feed, hints, articles)
        look = glancer.look(url, source=_bare(source))
        if _may_be_feed(look):
            tried = _feed_tried(glancer, source or stranger, FeedSpec(url), hints, articles)
            if isinstance(tried.glance.parsed, Feed):
                return tried
        return _tried(glancer, look, hints)


def source_of_address(sources: tuple[SourceSpec, ...], url: str) -> SourceSpec | None:
    """Give the source that has a feed of this address, else the first whose home or feed is on the same site."""
    by_feed = (source for source in sources for feed in source.feeds if feed.url == url)
    by_site = (
        source
        for source in sources
        if any(same_site(address, url) for address in (source.home, *(feed.url for feed in source.feeds)) if address)
    )
    return next(by_feed, None) or next(by_site, None)


def _may_be_feed(look: Look) -> bool:
    if look.page is None:
        return look.article.outcome is Outcome.WRONG_TYPE
    return _FEED_ROOT.search(look.page.html[:_ROOT_BYTES]) is not None


def _bare(source: SourceSpec | None) -> SourceSpec | None:
    return None if source is None else replace(source, hints=None)


def _feed_tried(glancer: Glancer, source: SourceSpec, feed: FeedSpec, hints: Hints | None, articles: int) -> FeedTrial:
    glance = glancer.feed(replace(source, hints=None), feed, articles)
    return FeedTrial(glance, tuple(_tried(glancer, look, hints) for look in glance.articles))


def _tried(glancer: Glancer, look: Look, hints: Hints | None) -> Trial:
    hinted = None
    if hints is not None and look.page is not None:
        hinted = glancer.extract(replace(look.page, hints=hints), explains=True)
    return Trial(look.url, look.article, hinted)
