"""Bytes of any feed in, values out: RSS, RDF, Atom, CDF, JSON Feed and sitemaps, however broken; it never raises."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urljoin

from models.outcomes import PollOutcome
from pipeline.feeds.addresses import MAX_URL, web_address
from pipeline.feeds.cadence import skips_in
from pipeline.feeds.decode import Decoded, decode, gunzip
from pipeline.feeds.entries import Setting, tidy_feed
from pipeline.feeds.entry_dates import is_usual_date
from pipeline.feeds.fast import parse_fast
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.guard import FEED_ROOT, attribute_flood, cut, without_doctype, without_surroundings
from pipeline.feeds.html_text import text_of_html
from pipeline.feeds.jsonfeed import NotJSONFeed, parse_json_feed
from pipeline.feeds.raw import RawFeed
from pipeline.feeds.reference import parse_reference
from pipeline.feeds.sitemap import MAX_SITEMAPS, is_sitemap, parse_sitemap
from pipeline.text import one_line

MAX_BYTES = 10_000_000
MAX_ENTRIES = 2000

_FEED_ROOT = re.compile(r"<(?:[\w.-]{1,64}:)?(?:rss|rdf|feed|channel|urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!--(?:[^-]|-(?!->))*+-->\s*)*<(?:html|head|body)\b", re.IGNORECASE)
_ENTRY = re.compile(r"</(?:[\w.-]{1,64}:)?(?:item|entry)>", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,63})")


def parse_feed(
    body: bytes,
    *,
    url: str | None,
    headers: Mapping[str, str],
    timezone: str | None = None,
    language: str | None = None,
    fetched_at: datetime | None = None,
    max_entries: int = MAX_ENTRIES,
    max_bytes: int = MAX_BYTES,
) -> Feed | NoFeed:
    """Parse the body of a poll's answer (after Content-Encoding).

    `url` is where it came from, after redirects; `timezone` (IANA) and `language` are the publisher's, `fetched_at`
    bounds dates in the future. More than `max_entries` entries or `max_bytes` bytes give a feed with `is_capped`.
    """
    setting = Setting(url or "", timezone, language, fetched_at)
    return parse_telling(body, setting, headers, max_entries=max_entries, max_bytes=max_bytes).result


class Told(NamedTuple):
    """A parsed feed, and whether each of its entries was read by itself: no other one decided how."""

    result: Feed | NoFeed
    is_each_by_itself: bool


def parse_telling(
    body: bytes, setting: Setting, headers: Mapping[str, str], *, max_entries: int, max_bytes: int
) -> Told:
    """Parse as `parse_feed` does, and tell how."""
    known = {name.lower(): value for name, value in headers.items()}
    base = _base(setting.url, known)
    try:
        raw = read_raw(body, known, base=base, language=setting.language, max_entries=max_entries, max_bytes=max_bytes)
        if isinstance(raw, NoFeed):
            return Told(raw, False)
        feed = tidy_feed(raw, replace(setting, url=base))
        is_usual = raw.is_fast and all(
            is_usual_date(one.published) and is_usual_date(one.updated) for one in raw.entries
        )
        return Told(feed, is_usual and feed.problem is None and not feed.is_capped)
    except Exception as error:  # whatever it is, it must not end the run: it becomes this poll's outcome
        reason = f"the parser failed: {type(error).__name__}: {error}"[:300]
        return Told(NoFeed(PollOutcome.PARSE_FAILED, reason), False)


def read_raw(
    body: bytes,
    headers: Mapping[str, str],
    *,
    base: str,
    language: str | None = None,
    max_entries: int = MAX_ENTRIES,
    max_bytes: int = MAX_BYTES,
    is_fast_allowed: bool = True,
    max_sitemaps: int = MAX_SITEMAPS,
) -> RawFeed | NoFeed:
    """Give a feed as written, by the fast path where it can and may be taken; `headers` have lower-case names."""
    if body.startswith(b"\x1f\x8b"):
        body = gunzip(body, max_bytes + 1)
    is_torn = len(body) > max_bytes
    if not body.strip():
        return NoFeed(PollOutcome.NOT_A_FEED, "an empty answer")
    decoded = decode(body[:max_bytes], headers, language)
    text = decoded.text.lstrip()
    if text.startswith(("{", "[")):
        raw = _parse_json(text, max_entries)
    else:
        known = _Known(base, headers.get("content-language"), max_entries, is_torn, is_fast_allowed, max_sitemaps)
        raw = _parse_xml(text, known)
    if isinstance(raw, RawFeed):
        raw.is_capped = raw.is_capped or is_torn
        raw.problem = _problem(raw, decoded, max_bytes, is_torn=is_torn)
    return raw


def _parse_json(text: str, max_entries: int) -> RawFeed | NoFeed:
    try:
        return parse_json_feed(text, max_entries)
    except NotJSONFeed as error:
        return NoFeed(PollOutcome.NOT_A_FEED, str(error))


class _Known(NamedTuple):
    base: str
    language: str | None
    max_entries: int
    is_torn: bool
    is_fast_allowed: bool
    max_sitemaps: int


def _parse_xml(text: str, known: _Known) -> RawFeed | NoFeed:
    prolog = without_doctype(text)
    if FEED_ROOT.search(prolog.text) is None or (_HTML.match(prolog.text) and not _ENTRY.search(prolog.text)):
        return _no_feed(text)
    if attribute_flood(text):
        return NoFeed(PollOutcome.PARSE_FAILED, "a tag with hundreds of attributes: not read, to keep the parser safe")
    inner, problem = without_surroundings(prolog.text)
    if is_sitemap(inner):
        return parse_sitemap(inner, known.max_entries, known.max_sitemaps)
    inner, is_capped = cut(inner, known.max_entries, is_torn=known.is_torn)
    is_plain = known.is_fast_allowed and not prolog.entities and not prolog.is_netscape
    raw = parse_fast(inner, base=known.base, language=known.language) if is_plain else None
    raw = raw or parse_reference(inner, base=known.base, language=known.language, prolog=prolog)
    if raw is None:
        return _no_feed(text)
    raw.skip_hours, raw.skip_days = skips_in(inner)
    raw.is_capped = raw.is_capped or is_capped
    raw.problem = problem or raw.problem
    return raw


def _no_feed(text: str) -> NoFeed:
    title = _TITLE.search(text[:200_000])
    if re.search(r"<(?:!doctype\s+html|html|body)\b", text[:20_000], re.IGNORECASE):
        named = one_line(text_of_html(title[1])) if title else None
        kind = f"an HTML page titled “{named[:100]}”" if named else "an HTML page without a title"
    elif text.startswith("<") and (element := _ELEMENT.search(text[:20_000])):
        kind = f"XML with the root element <{element[1]}>"
    else:
        kind = f"text that begins “{one_line(text[:60])}”"
    return NoFeed(PollOutcome.NOT_A_FEED, f"{kind}, not a feed")


def _problem(raw: RawFeed, decoded: Decoded, max_bytes: int, *, is_torn: bool) -> str | None:
    problems = [raw.problem, decoded.problem]
    if is_torn:
        problems.append(f"longer than {max_bytes} bytes, read up to there")
    elif raw.is_capped and "sitemap" not in raw.format:
        # Of a sitemap the newest are read, which is all that was wanted.
        problems.append(f"only {len(raw.entries) or len(raw.sitemaps)} entries were read")
    return "; ".join(problem for problem in problems if problem) or None


def _base(url: str | None, headers: Mapping[str, str]) -> str:
    """Give what relative links are joined to: Content-Location (RFC 2557, as feedparser does), else the address."""
    location = headers.get("content-location", "")
    try:
        joined = urljoin(url or "", location)
    except ValueError:
        joined = ""
    return web_address(None, joined) or (url or "")[:MAX_URL]
