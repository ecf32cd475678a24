"""Indexes of sitemaps as feeds: which of their sitemaps are polled with them, and what comes of all together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.feeds.feed import Entry, Feed, NoFeed, Sitemap
from pipeline.urls import same_site

# News come in the newest sitemaps; archives of years stand beside them.
MOST_SITEMAPS = 5

_EPOCH = datetime.fromtimestamp(0, UTC)


def followed(index: Feed, url: str) -> list[str]:
    """Give the addresses of the sitemaps that are polled with an index found at `url`, at most five, newest first.

    They must be of the index's own site (sitemaps.org, "Sitemap file location"). Where none has a date, those with
    "news" in their address count as new, then those that stand first.
    """
    unique = {sitemap.url: sitemap for sitemap in index.sitemaps if sitemap.url != url}
    own = [sitemap for sitemap in unique.values() if same_site(sitemap.url, url)]
    return [sitemap.url for sitemap in sorted(own, key=_newness, reverse=True)[:MOST_SITEMAPS]]


def merged(index: Feed, parts: Mapping[str, Feed | NoFeed], max_entries: int) -> Feed | NoFeed:
    """Give one feed with the entries of the sitemaps of an index, the newest `max_entries` of them.

    A sitemap that could not be had leaves the feed with a problem; when none could, the first reason is the end.
    """
    good = [part for part in parts.values() if isinstance(part, Feed) and not part.sitemaps]
    bad = {url: part for url, part in parts.items() if isinstance(part, NoFeed)}
    if bad and not good:
        url, first = next(iter(bad.items()))
        return NoFeed(first.outcome, f"the sitemap {url}: {first.reason}"[:300])
    entries = [entry for part in good for entry in part.entries]
    newest = sorted(entries, key=_date_of, reverse=True)[:max_entries] if len(entries) > max_entries else entries
    problems = [index.problem, *(part.problem for part in good)]
    problems += [f"the sitemap {url}: {part.reason}"[:300] for url, part in bad.items()]
    if len(good) + len(bad) < len(parts):
        problems.append("an index inside an index was not followed")
    return replace(
        index,
        entries=tuple(newest),
        problem="; ".join(problem for problem in problems if problem) or None,
        is_capped=index.is_capped or len(newest) < len(entries) or any(part.is_capped for part in good),
    )


def tells_changes(index: Feed) -> bool:
    """Tell whether an index changes whenever one of its sitemaps does: only when each has a date.

    Otherwise an unchanged index, by 304 or by its body, would hide new entries.
    """
    return all(sitemap.updated is not None for sitemap in index.sitemaps)


def _newness(sitemap: Sitemap) -> tuple[datetime, bool]:
    updated = sitemap.updated
    if updated is None:
        return _EPOCH, "news" in sitemap.url.lower()
    on = datetime(updated.on.year, updated.on.month, updated.on.day, tzinfo=UTC)
    return updated.instant or on, True


def _date_of(entry: Entry) -> datetime:
    stated = entry.published or entry.updated
    if stated is None:
        return _EPOCH
    return stated.instant or datetime(stated.on.year, stated.on.month, stated.on.day, tzinfo=UTC)
