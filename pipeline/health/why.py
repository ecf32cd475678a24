"""Why an article is here, or is not: the way from feed to article, in sentences, with what to type next."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.outcomes import Outcome
from models.states import FeedState, PageState
from pipeline.urls import clean_url, host_of, same_site, url_key
from pipeline.warehouse import query
from pipeline.warehouse.fetches import MOST_ATTEMPTS

_HEALED_BY_A_RUN = "It is due: type `khotin run`."


def explain(connection: Connection, url: str) -> list[str]:
    """Tell the way of an address: polled or not, entry, each fetch, robots.txt, outcome, and what to type next."""
    address = clean_url(url)
    if address is None:
        return [f"{url!r} is no http(s) address: give the article's or the feed's address as the browser shows it."]
    feed = query.feed_by_url(connection, address) or query.feed_by_url(connection, url)
    if feed is not None:
        return list(_feed(feed))
    page = query.page_by_key(connection, url_key(address))
    return list(_other_address(connection, address) if page is None else _page(connection, page))


def _feed(feed: Any) -> Iterator[str]:
    yield f"This is a feed of {feed.slug}; it is {feed.state}."
    if feed.state_by:
        reason = f": {feed.state_reason}" if feed.state_reason else ""
        yield f"Its state was set by {feed.state_by} {_when(feed.state_at)}{reason}."
    if feed.last_polled_at is None:
        yield "It has never been polled. " + _HEALED_BY_A_RUN
        return
    reason = f": {feed.last_reason}" if feed.last_reason else ""
    yield f"It was last polled {_when(feed.last_polled_at)} and ended as {feed.last_outcome}{reason}."
    if feed.failures:
        yield f"It has failed {feed.failures} time{'s' if feed.failures > 1 else ''} in a row."
    if feed.moved_url:
        yield f"It has moved for good: it is polled at {feed.moved_url}."
    if feed.moving_to:
        since = _when(feed.moving_since_at)
        yield f"It redirects for good to {feed.moving_to}, first seen {since}; that counts after a week."
    if feed.has_false_validators:
        yield "Its server repeats its ETag although entries are new, so the whole body is asked for each time."
    if feed.state == FeedState.ACTIVE:
        why = f", because {feed.next_poll_reason}" if feed.next_poll_reason else ""
        yield f"It is due {_when(feed.next_poll_at)}{why}. {_poll_now(feed.slug)}"
    elif feed.state == FeedState.PAUSED:
        yield f"It is not polled until someone types `khotin feeds resume {feed.url}`."
    elif feed.state == FeedState.GONE:
        yield "Its server said that it is gone for good (410): put its new address into the feeds file."


def _other_address(connection: Connection, address: str) -> Iterator[str]:
    """Tell of an address that no feed named but an article is known by: a redirect, a canonical or an AMP page."""
    known = query.address_by_key(connection, url_key(address))
    page = query.page_of_article(connection, known.article_id) if known is not None else None
    if known is None or page is None:
        yield from _unknown(connection, address)
        return
    yield f"No feed has named {address}, but it is an address of article {known.article_id} ({known.role}): {page.url}."
    yield from _page(connection, page)


def _unknown(connection: Connection, address: str) -> Iterator[str]:
    yield f"No feed has named {address}, and no article is known under this address."
    host = host_of(address) or ""
    feeds = query.feeds_of_host(connection, host)
    if not feeds:
        yield f"No feed on {host} is followed: add one to the feeds file (`khotin feeds list` says where it is)."
        return
    for feed in feeds:
        if feed.last_polled_at is None:
            yield f"The feed {feed.url} of {feed.slug} has never been polled."
        else:
            yield f"The feed {feed.url} of {feed.slug} was polled {_when(feed.last_polled_at)} ({feed.last_outcome})."
    yield _poll_now(feeds[0].slug)


def _page(connection: Connection, page: Any) -> Iterator[str]:
    entries = query.entries_of_page(connection, page.id)
    for entry in entries:
        yield f"The feed {entry.feed_url} named it {_when(entry.first_seen_at)} as “{entry.title or 'untitled'}”."
        if entry.changed_at is not None:
            yield f"That feed changed its words {_when(entry.changed_at)}, so the page was queued again."
        if entry.date_problem:
            yield f"The date in the feed was set aside: {entry.date_problem}."
    yield from _robots(query.host_by_name(connection, page.host), page, entries)
    for fetch in query.fetches_of_page(connection, page.id):
        yield _fetch(fetch)
    yield from _end(connection, page)


def _robots(host: Any, page: Any, entries: list[Any]) -> Iterator[str]:
    site = page.home or next((entry.feed_url for entry in entries), None)
    if page.robots_override_reason is not None and site is not None and same_site(page.url, site):
        yield f"robots.txt of {page.host} is not asked: the feeds file says why ({page.robots_override_reason})."
    elif host is None or host.robots_fetched_at is None:
        yield f"robots.txt of {page.host} has not been asked for yet."
    elif host.robots_reason:
        yield f"robots.txt of {page.host} could not be had {_when(host.robots_fetched_at)}: {host.robots_reason}."
    elif page.outcome == Outcome.ROBOTS_DENIED:
        yield f"robots.txt of {page.host} (read {_when(host.robots_fetched_at)}) forbids it."
    else:
        yield f"robots.txt of {page.host} (read {_when(host.robots_fetched_at)}) allows it."
    if host is not None and host.not_before_at is not None:
        yield f"{page.host} is left alone until {host.not_before_at:%Y-%m-%d %H:%M:%S}Z: {host.back_off_reason}."


def _fetch(fetch: Any) -> str:
    hops = f" after {fetch.redirects} redirect{'s' if fetch.redirects > 1 else ''}" if fetch.redirects else ""
    if fetch.outcome is not None:
        return f"The attempt {_when(fetch.at)}{hops} ended as {fetch.outcome}: {fetch.reason}."
    kept = "archived" if fetch.archive_id else "not archived"
    return f"It was fetched {_when(fetch.at)}{hops}: status {fetch.status}, {fetch.bytes:,} bytes, {kept}."


def _end(connection: Connection, page: Any) -> Iterator[str]:
    if page.article_id is not None:
        article = query.article_by_id(connection, page.article_id)
        if article is not None:
            yield (
                f"It is article {article.id}, version {article.version_number}, loaded "
                f"{_when(article.first_loaded_at)}: “{article.title}”."
            )
            if article.withdrawn_at is not None:
                yield f"Its publisher took it off, as we saw {_when(article.withdrawn_at)}: {article.withdrawn_reason}."
    reason = f": {page.reason}" if page.reason else ""
    if page.outcome is not None:
        yield f"Its last outcome is {page.outcome}{reason}."
    yield from _next_step(page)


def _next_step(page: Any) -> Iterator[str]:
    """Say what becomes of a page now, and what to type."""
    if page.lease_token is not None:
        yield "A run has it in hand right now: type `khotin status`."
    elif page.backfill_id is not None and page.state != PageState.DONE:
        yield f"It waits in backfill {page.backfill_id}: type the command of that backfill again."
    elif page.state == PageState.FETCHED:
        yield "Its capture waits to be extracted. " + _HEALED_BY_A_RUN
    elif page.state == PageState.QUEUED and page.attempts:
        yield f"Attempt {page.attempts + 1} of {MOST_ATTEMPTS} is due {_when(page.next_attempt_at)} (`khotin run`)."
        yield f"Type `khotin pages retry {page.url}` to have it tried by the next run."
    elif page.state == PageState.QUEUED:
        yield "It waits to be fetched. " + _HEALED_BY_A_RUN
    elif page.outcome == Outcome.REJECTED:
        yield "A rule set it aside: `khotin rejected list` shows it, and a person may release or discard it."
    elif page.article_id is not None:
        if page.next_recheck_at is not None:
            yield f"It is looked at again {_when(page.next_recheck_at)} (`khotin recheck`)."
        yield f"Nothing is left to do; report_articles has it as article_id {page.article_id}."
    else:
        yield (
            f"It is not tried again by itself: `khotin pages retry {page.url}` does so at the next run, "
            f"`khotin extract {page.url}` shows what it gives today."
        )


def _poll_now(slug: str) -> str:
    return f"Type `khotin run --source {slug} --ignore-schedule` to poll it now."


def _when(at: datetime) -> str:
    return f"at {at:%Y-%m-%d %H:%M:%S}Z"
