"""Pages from a site's sitemaps: robots.txt says where they are, indexes lead to more, dates leave out other days."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from sqlalchemy import Connection

from models.outcomes import Outcome
from pipeline.backfill.candidate import Batch, Candidate, Ground
from pipeline.backfill.planning import is_of_other_days
from pipeline.backfill.sitemap_file import SitemapBytes, SitemapFile, read_sitemap
from pipeline.backfill.wish import Wish, WishError
from pipeline.feeds.discover import sitemaps_in_robots
from pipeline.pages.capture import Capture
from pipeline.urls import clean_url, site_of
from pipeline.warehouse.backfills import source_by_slug
from pipeline.workers import Failure

BATCH = 5_000
MAX_FILES = 50_000
"""Sitemaps of one backfill: an index may name so many, and rotating ones would never end."""

MAX_FILE_BYTES = 52_428_800

COMMON = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/news-sitemap.xml", "/sitemap-news.xml")
"""Where a site has it whose robots.txt does not say."""

_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_./]|&\w{1,6}=)?(0[1-9]|1[0-2])(?!\d{3})")
_MARGIN = timedelta(days=1)

_HEALS = frozenset(
    {Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.DEFERRED}
)


def resolve(connection: Connection, wish: Wish) -> Wish:
    """Make sites and slugs addresses; the pages of their sites are wanted. Raises WishError."""
    targets = tuple(_address(connection, target) for target in wish.targets)
    sites = tuple(dict.fromkeys(site for target in targets if (site := site_of(target))))
    return replace(wish, targets=targets, domains=sites)


def _address(connection: Connection, target: str) -> str:
    row = source_by_slug(connection, target)
    if row is not None:
        if not row.home:
            raise WishError(f"The source {target} has no home page in your feeds file: give the address of its site.")
        return str(row.home)
    address = clean_url(target if "://" in target else f"https://{target}")
    if address is None or ("://" not in target and "." not in target and not target.startswith("localhost")):
        raise WishError(f"{target!r} is neither a source nor an address: give a slug, a site or a sitemap's address.")
    return address


def find(ground: Ground) -> Iterator[Batch]:
    """Read the sitemaps of every target and those that they lead to, each once."""
    waiting = [name for name, state in ground.files.items() if not state.is_done]
    waiting += [target for target in ground.wish.targets if target not in ground.files]
    met = set(ground.files) | set(waiting)
    while waiting:
        name = waiting.pop(0)
        for batch in _batches(ground, name):
            more = tuple(one for one in dict.fromkeys(batch.more) if one not in met)[: MAX_FILES - len(met)]
            met.update(more)
            waiting += more
            yield replace(batch, more=more)


def _batches(ground: Ground, name: str) -> Iterator[Batch]:
    if name in ground.wish.targets and urlsplit(name).path in ("", "/"):
        yield _sitemaps_of_site(ground, name)
        return
    assert ground.fetch is not None  # noqa: S101  # sitemaps are fetched
    capture = ground.fetch(name)
    if capture.outcome is not None:
        reason = f"{capture.outcome}: {capture.reason}"
        yield Batch(name, 0, failure=reason, is_end=capture.outcome not in _HEALS)
        return
    found = _read(ground, capture)
    if found.failure is not None:
        yield Batch(name, 0, failure=found.failure, is_end=True)
        return
    more = tuple(_wanted_sitemaps(found, capture.url, ground.wish))
    candidates = [Candidate(urljoin(capture.url, page[0]), *page[1:]) for page in found.pages]
    for start in range(0, len(candidates), BATCH):
        yield Batch(name, start, tuple(candidates[start : start + BATCH]))
    yield Batch(name, len(candidates), is_end=True, more=more)


def _sitemaps_of_site(ground: Ground, site: str) -> Batch:
    """Ask robots.txt (sitemaps.org, "Informing search engine crawlers"), else look where most sites have it."""
    assert ground.fetch is not None  # noqa: S101  # sitemaps are fetched
    robots = ground.fetch(urljoin(site, "/robots.txt"))
    if robots.outcome in _HEALS:
        return Batch(site, 0, failure=f"robots.txt: {robots.outcome}: {robots.reason}")
    text = robots.body.decode("utf-8", errors="replace") if robots.outcome is None else ""
    named = sitemaps_in_robots(text, site)
    if named:
        return Batch(site, 0, more=tuple(named), is_end=True)
    tried = (urljoin(site, path) for path in COMMON)
    found = tuple(url for url in tried if _is_sitemap(ground, url))
    failure = None if found else "neither robots.txt names a sitemap, nor is one where most sites have it"
    return Batch(site, 0, more=found, is_end=True, failure=failure)


def _is_sitemap(ground: Ground, url: str) -> bool:
    assert ground.fetch is not None  # noqa: S101  # sitemaps are fetched
    capture = ground.fetch(url)
    return capture.outcome is None and _read(ground, capture).failure is None


def _read(ground: Ground, capture: Capture) -> SitemapFile:
    assert ground.child is not None  # noqa: S101  # what is fetched is read in a child
    result = ground.child(read_sitemap, SitemapBytes(capture.body, capture.url, capture.headers, MAX_FILE_BYTES))
    if isinstance(result, Failure):
        return SitemapFile(failure=result.reason)
    assert isinstance(result, SitemapFile)  # noqa: S101  # what read_sitemap gives
    return result


def _wanted_sitemaps(found: SitemapFile, base: str, wish: Wish) -> Iterator[str]:
    """Give the sitemaps of an index that may have pages of the wish's days, the newest first.

    An index that says the same date for all, or for most the present, only says when it was made: it is not believed.
    """
    dates = [changed for _, changed in found.sitemaps if changed is not None]
    is_telling = len(set(map(_day, dates))) > max(1, len(dates) // 10)
    ordered = sorted(found.sitemaps, key=lambda one: str(one[1] or "9999"), reverse=True)
    for url, changed in ordered:
        address = clean_url(urljoin(base, url))
        if address is None:
            continue
        is_old = is_of_other_days(Candidate(address, changed=changed if is_telling else None), wish)
        if not is_old and not _is_of_other_month(address, wish):
            yield address


def _is_of_other_month(url: str, wish: Wish) -> bool:
    """Tell whether a sitemap's own address says a month (`sitemap-2019-03.xml`) that is not of the wish's days."""
    parts = urlsplit(url)
    named = _MONTH.search(f"{parts.path}?{parts.query}")
    if named is None:
        return False
    first = date(int(named[1]), int(named[2]), 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    is_before = wish.since is not None and after + _MARGIN < wish.since.date()
    return is_before or (wish.until is not None and first - _MARGIN > wish.until.date())


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
