"""One sitemap file as a backfill needs it: addresses with their dates, and the sitemaps that an index names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.feeds.feed import NoFeed
from pipeline.feeds.parse import read_raw
from pipeline.text import one_line

MAX_ADDRESSES = 50_000
"""Of a sitemap, and of sitemaps in an index (sitemaps.org protocol)."""

_W3C_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*https?://\S+\s*(?:\n\s*https?://\S+\s*)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SitemapBytes:
    """A file as it came."""

    body: bytes
    url: str
    headers: Mapping[str, str]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """What it says: `pages` are (address, published, changed, title), `sitemaps` are (address, changed)."""

    pages: tuple[tuple[str, datetime | date | None, datetime | date | None, str | None], ...] = ()
    sitemaps: tuple[tuple[str, datetime | date | None], ...] = ()
    failure: str | None = None


def read_sitemap(given: SitemapBytes) -> SitemapFile:
    """Read a sitemap, an index, or a plain list of addresses (all of them may be gzip files)."""
    if _PLAIN_LIST.match(given.body[:5_000]):
        lines = given.body[: given.max_bytes].decode("utf-8-sig", errors="replace").split()
        return SitemapFile(tuple((line, None, None, None) for line in lines[:MAX_ADDRESSES]))
    raw = read_raw(
        given.body,
        {name.lower(): value for name, value in given.headers.items()},
        base=given.url,
        max_entries=MAX_ADDRESSES,
        max_bytes=given.max_bytes,
        max_sitemaps=MAX_ADDRESSES,
    )
    if isinstance(raw, NoFeed):
        return SitemapFile(failure=raw.reason.replace("not a feed", "not a sitemap"))
    if "sitemap" not in raw.format:
        return SitemapFile(failure=f"a feed ({raw.format}), not a sitemap: use `khotin backfill feed`")
    pages = tuple(
        (
            entry.links[0].strip(),
            read_w3c(entry.published),
            read_w3c(entry.updated),
            (one_line(entry.title.text) or "")[:500] or None if entry.title else None,
        )
        for entry in raw.entries
        if entry.links and entry.links[0].strip()
    )
    sitemaps = tuple((one.url.strip(), read_w3c(one.updated)) for one in raw.sitemaps if one.url.strip())
    return SitemapFile(pages, sitemaps)


def read_w3c(text: str) -> datetime | date | None:
    """Read a W3C date (W3C NOTE-datetime); an instant without a zone says only its day, anything else nothing."""
    text = text.strip()
    day = _W3C_DAY.match(text)
    if day is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if len(text) > len("2026-01-31") else None
        return moment if moment is not None and moment.tzinfo else date.fromisoformat(day[0])
    except ValueError:
        pass
    try:
        return date.fromisoformat(day[0])
    except ValueError:
        return None
