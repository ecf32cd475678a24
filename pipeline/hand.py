"""What a run has in hand: feeds being polled and pages on their way from the queue to an article."""

import json
import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from config.hints import HintError, Hints, from_json
from models.states import IngestedVia
from pipeline.articles.article import FeedHint, Page
from pipeline.dates.moment import Moment
from pipeline.pages.capture import Capture, Hop
from pipeline.urls import same_site
from pipeline.warehouse.claim import ClaimedPage
from pipeline.warehouse.identity import Address
from pipeline.warehouse.ledger import STORED

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class PageInHand:
    """A page on its way: claimed, then captured, then extracted."""

    page: ClaimedPage
    entry: Any
    capture: Capture | None = None
    fetch_id: int | None = None
    # The row of the page's last archived capture, and of the one whose record has its body; None when there is none.
    last: Any = None
    known: Any = None
    # Redirects and meta refreshes that led to the capture in hand.
    hops: tuple[Hop, ...] = ()
    was_refreshed: bool = False
    # True once the warehouse has the capture and the extractor may have it.
    is_captured: bool = False
    # The capture (a row of `captures_of`, and the one that has its body) to be read anew before this one is loaded.
    reread: tuple[Any, Any] | None = None

    def to_extract(self) -> Page:
        """Give the page for the extractor; the feed's own zone and language win over the source's."""
        assert self.capture is not None  # noqa: S101  # only a captured page is extracted
        entry = self.entry
        return Page(
            html=self.capture.body,
            url=self.capture.url,
            fetched_at=self.capture.at,
            charset=charset_of(self.capture.headers.get("content-type", "")),
            timezone=(entry.feed_timezone if entry else None) or self.page.timezone,
            language=self.stated_language,
            source_name=self.page.source_name,
            hint=_hint(entry) if entry else _stated_hint(self.page.stated),
            hints=self.hints,
        )

    def to_extract_again(self, earlier: Capture) -> Page:
        """Give an earlier capture of the page for the extractor, with all else as it is now."""
        charset = charset_of(earlier.headers.get("content-type", ""))
        return replace(self.to_extract(), html=earlier.body, url=earlier.url, fetched_at=earlier.at, charset=charset)

    @property
    def stated_language(self) -> str | None:
        """Give the language that its feed or source states."""
        return (self.entry.feed_language if self.entry else None) or self.page.language

    @property
    def validators(self) -> tuple[str | None, str | None]:
        """Give the validators of the last capture where it became, or is, the article as we have it.

        What a page shows instead of its article is never taken for it.
        """
        is_stored = self.page.outcome in STORED and self.page.article_id is not None
        return (self.page.etag, self.page.last_modified) if is_stored else (None, None)

    @property
    def hints(self) -> Hints | None:
        """Give the hints of the page's source."""
        return stored_hints(self.page.source_slug, json.dumps(self.page.hints)) if self.page.hints else None

    @property
    def exempt_site(self) -> str | None:
        """An address of the site whose robots.txt is not asked; None when every one is.

        The feeds file lifts the rules of the source's own site, not those of others that its entries lead to.
        """
        if self.page.robots_override_reason is None:
            return None
        return self.page.home or (self.entry.feed_url if self.entry else None)

    @property
    def first_seen_at(self) -> datetime:
        """When we first knew of the page: when it was queued; for a backfill when it was captured, maybe years ago."""
        is_backfill = self.page.ingested_via == IngestedVia.BACKFILL
        return self.capture.at if is_backfill and self.capture is not None else self.page.queued_at

    @property
    def is_last_repeat(self) -> bool:
        """Tell whether the page's last capture has its body in another's record."""
        return self.last is not None and self.last.original_fetch_id is not None

    def is_repeat(self, digest: str) -> bool:
        """Tell whether a body of this digest is in the archive already."""
        return self.known is not None and bool(self.known.digest == digest)

    def addresses(self, canonical_url: str | None, amp_url: str | None) -> tuple[Address, ...]:
        """Give every address that the page was met under, then those it claims on its own site.

        A page of one site says nothing about another's addresses: reprints and copied templates name the original's.
        """
        assert self.capture is not None  # noqa: S101  # only a captured page is loaded
        found = [Address(self.page.url, "requested")]
        found += [Address(hop.url, "redirect") for hop in self.hops if hop.url != self.page.url]
        found.append(Address(self.capture.url, "final"))
        claims = ((canonical_url, "canonical"), (amp_url, "amp"))
        found += [Address(url, role) for url, role in claims if url and same_site(url, self.capture.url)]
        return tuple(found)


def charset_of(content_type: str) -> str | None:
    """Give the charset parameter of a Content-Type header (RFC 9110 section 8.3.2), None when there is none."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()[:40] or None
    return None


@lru_cache(maxsize=1_024)
def stored_hints(source_slug: str, stored: str) -> Hints | None:
    """Give the hints of a source as the warehouse keeps them, in JSON; None, and a warning, when they are not right."""
    try:
        return from_json(json.loads(stored))
    except HintError as error:
        _log.warning("the hints of %s are not used: %s Mend them in the feeds file.", source_slug, error)
        return None


def _hint(entry: Any) -> FeedHint:
    return FeedHint(
        title=entry.title,
        summary=entry.summary,
        authors=tuple(entry.authors),
        published=_published(entry),
        updated=Moment.at(entry.publisher_modified_at, "feed") if entry.publisher_modified_at else None,
        categories=tuple(entry.categories),
        section=entry.feed_section,
        language=entry.language,
        image_url=entry.image_url,
    )


def _stated_hint(stated: Any) -> FeedHint | None:
    """Give what the list or sitemap that named the page says of it."""
    if not stated or not (stated.get("published") or stated.get("title")):
        return None
    published = stated.get("published")
    return FeedHint(title=stated.get("title"), published=_stated_moment(published) if published else None)


def _stated_moment(text: str) -> Moment:
    if len(text) == len("2026-01-31"):
        return Moment.day(date.fromisoformat(text), "stated")
    return Moment.at(datetime.fromisoformat(text), "stated")


def _published(entry: Any) -> Moment | None:
    if entry.published_local is not None and entry.published_utc_offset_minutes is not None:
        zone = timezone(timedelta(minutes=entry.published_utc_offset_minutes))
        return Moment.at(entry.published_local.replace(tzinfo=zone), "feed")
    return Moment.day(entry.published_on, "feed") if entry.published_on else None
