"""Tidies what a parser found: plain text, absolute addresses, names, dates; one bad value never loses its entry."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from pipeline.dates.moment import Moment
from pipeline.dates.written import date_problem, settle_feed_dates
from pipeline.feeds.addresses import tidy_address, web_address
from pipeline.feeds.cadence import interval_minutes, skipped_days, skipped_hours
from pipeline.feeds.feed import Enclosure, Entry, Feed, Sitemap
from pipeline.feeds.html_text import first_image, text_of_html
from pipeline.feeds.languages import language_tag
from pipeline.feeds.people import names_of
from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawFile
from pipeline.text import one_line

MAX_TITLE = 1000
MAX_SUMMARY = 10_000
MAX_GUID = 2000
MAX_CATEGORY = 200
MAX_CATEGORIES = 100
MAX_ENCLOSURES = 50

_PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the caller knows about a feed: its address, the publisher's zone (IANA) and language, the fetch time."""

    url: str
    timezone: str | None
    language: str | None
    fetched_at: datetime | None


def tidy_feed(raw: RawFeed, setting: Setting) -> Feed:
    """Turn a feed as written into values; `setting` helps to read dates and relative links."""
    language = language_tag(raw.language)
    setting = replace(setting, language=setting.language or language)
    texts = [_published_text(entry, raw.format) for entry in raw.entries]
    published = _settled(texts, setting)
    updated = _settled([entry.updated for entry in raw.entries], setting)
    return Feed(
        title=_plain(raw.title, MAX_TITLE),
        url=web_address(setting.url, raw.url) or None,
        language=language,
        format=raw.format,
        entries=tuple(
            _tidy_entry(entry, language, _Dates(text, first, last, setting))
            for entry, text, first, last in zip(raw.entries, texts, published, updated, strict=True)
        ),
        interval_minutes=interval_minutes(raw.ttl, raw.update_period, raw.update_frequency),
        skip_hours=skipped_hours(raw.skip_hours),
        skip_days=skipped_days(raw.skip_days),
        problem=raw.problem,
        is_capped=raw.is_capped,
        sitemaps=_sitemaps(raw, setting),
    )


class _Dates(NamedTuple):
    """What an entry said about its publication, and what was understood of it."""

    text: str
    published: Moment | None
    updated: Moment | None
    setting: Setting

    def problem(self) -> str | None:
        """Say why a stated publication date was not taken."""
        if self.published is not None or not self.text:
            return None
        known = self.setting
        return date_problem(self.text, timezone=known.timezone, language=known.language, fetched_at=known.fetched_at)


def _published_text(entry: RawEntry, feed_format: str) -> str:
    """Give the text of the publication date.

    RSS has no date of change: dc:date alone is when an item was published (RSS 1.0's Dublin Core module). Atom's
    `updated` is a change, and says nothing about the publication.
    """
    if entry.published or not feed_format.startswith("rss"):
        return entry.published
    return entry.updated


def _settled(texts: list[str], setting: Setting) -> list[Moment | None]:
    if not any(texts):
        return [None] * len(texts)
    return settle_feed_dates(texts, timezone=setting.timezone, language=setting.language, fetched_at=setting.fetched_at)


def _tidy_entry(raw: RawEntry, feed_language: str | None, dates: _Dates) -> Entry:
    base = raw.base or dates.setting.url
    language = language_tag(raw.language)
    return Entry(
        guid=tidy_address(raw.guid)[:MAX_GUID],
        url=next((url for link in raw.links if (url := web_address(base, link))), ""),
        title=_plain(raw.title, MAX_TITLE),
        summary=_plain(raw.summary, MAX_SUMMARY) or _plain(raw.content, MAX_SUMMARY),
        authors=names_of(raw.authors),
        published=dates.published,
        updated=dates.updated,
        categories=_categories(raw.categories),
        enclosures=_enclosures(raw.files, base),
        language=language if language != feed_language else None,
        image_url=_image(raw, base),
        date_problem=dates.problem(),
    )


def _plain(markup: Markup | None, limit: int) -> str | None:
    if markup is None:
        return None
    text = one_line(text_of_html(markup.text, is_html=markup.is_html))
    return text[:limit].rstrip() if text else None


def _categories(written: list[str]) -> tuple[str, ...]:
    categories: dict[str, str] = {}
    for text in written:
        category = one_line(text_of_html(text[: MAX_CATEGORY * 4], is_html=False))
        if category and len(categories) < MAX_CATEGORIES:
            categories.setdefault(category.casefold(), category[:MAX_CATEGORY])
    return tuple(categories.values())


def _enclosures(files: list[RawFile], base: str) -> tuple[Enclosure, ...]:
    enclosures: dict[str, Enclosure] = {}
    for file in files:
        url = web_address(base, file.url)
        if url and url not in enclosures and len(enclosures) < MAX_ENCLOSURES:
            media_type = file.media_type.strip().lower()
            enclosures[url] = Enclosure(url, media_type if "/" in media_type else None, _length(file.length))
    return tuple(enclosures.values())


def _length(written: str) -> int | None:
    """Read a length in bytes; 0 stands for "unknown" in many feeds."""
    digits = written.strip()
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _image(raw: RawEntry, base: str) -> str | None:
    """Give the picture of an entry: the stated ones first, then those in its HTML."""
    stated = [file.url for file in raw.files if _is_picture(file)]
    for written in (*stated, *raw.images):
        if url := web_address(base, written):
            return url
    for markup in (raw.summary, raw.content):
        found = first_image(markup.text) if markup else None
        if found and (url := web_address(base, found)):
            return url
    return None


def _is_picture(file: RawFile) -> bool:
    if file.media_type:
        return file.media_type.strip().lower().startswith("image")
    return file.url.partition("?")[0].lower().endswith(_PICTURE_SUFFIXES)


def _sitemaps(raw: RawFeed, setting: Setting) -> tuple[Sitemap, ...]:
    updated = _settled([sitemap.updated for sitemap in raw.sitemaps], setting)
    pairs = (
        (web_address(setting.url, sitemap.url), moment) for sitemap, moment in zip(raw.sitemaps, updated, strict=True)
    )
    return tuple(Sitemap(url, moment) for url, moment in pairs if url)
