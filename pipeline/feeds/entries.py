"""Tidies what a parser found: plain text, absolute addresses, names, dates; one bad value never loses its entry."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pipeline.dates.moment import Moment
from pipeline.dates.written import date_problem
from pipeline.feeds.addresses import tidy_address, web_address
from pipeline.feeds.cadence import interval_minutes, skipped_days, skipped_hours
from pipeline.feeds.entry_dates import settled
from pipeline.feeds.feed import Enclosure, Entry, Feed, Sitemap
from pipeline.feeds.html_text import first_image, line_of_html
from pipeline.feeds.languages import language_tag
from pipeline.feeds.people import names_of
from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawFile

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
    problems = (
        _date_problem(text, setting) if text and moment is None else None
        for text, moment in zip(texts, published, strict=True)
    )
    return Feed(
        title=_plain(raw.title, MAX_TITLE),
        url=web_address(setting.url, raw.url) or None,
        language=language,
        format=raw.format,
        entries=tuple(
            _tidy_entry(entry, _language(entry.language, raw.language, language), setting.url, dates)
            for entry, dates in zip(raw.entries, zip(published, updated, problems, strict=True), strict=True)
        ),
        interval_minutes=interval_minutes(raw.ttl, raw.update_period, raw.update_frequency),
        skip_hours=skipped_hours(raw.skip_hours),
        skip_days=skipped_days(raw.skip_days),
        problem=raw.problem,
        is_capped=raw.is_capped,
        sitemaps=_sitemaps(raw, setting),
    )


def _date_problem(text: str, known: Setting) -> str | None:
    """Say why a stated publication date was not taken."""
    return date_problem(text, timezone=known.timezone, language=known.language, fetched_at=known.fetched_at)


def _language(written: str, of_feed: str, feed_language: str | None) -> str | None:
    """Give an entry's language where it is not its feed's."""
    if not written or written == of_feed:
        return None
    language = language_tag(written)
    return language if language != feed_language else None


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
    return settled(texts, timezone=setting.timezone, language=setting.language, fetched_at=setting.fetched_at)


def _tidy_entry(
    raw: RawEntry, language: str | None, feed_url: str, dates: tuple[Moment | None, Moment | None, str | None]
) -> Entry:
    base = raw.base or feed_url
    published, updated, problem = dates
    return Entry(
        guid=tidy_address(raw.guid)[:MAX_GUID],
        url=next((url for link in raw.links if link and (url := web_address(base, link))), ""),
        title=_plain(raw.title, MAX_TITLE),
        summary=_plain(raw.summary, MAX_SUMMARY) or _plain(raw.content, MAX_SUMMARY),
        authors=names_of(raw.authors) if raw.authors else (),
        published=published,
        updated=updated,
        categories=_categories(raw.categories) if raw.categories else (),
        enclosures=_enclosures(raw.files, base) if raw.files else (),
        language=language,
        image_url=_image(raw, base),
        date_problem=problem,
    )


def _plain(markup: Markup | None, limit: int) -> str | None:
    if markup is None:
        return None
    text = line_of_html(markup.text, is_html=markup.is_html)
    return text[:limit].rstrip() if text else None


def _categories(written: list[str]) -> tuple[str, ...]:
    categories: dict[str, str] = {}
    for text in written:
        category = _category(text[: MAX_CATEGORY * 4])
        if category and len(categories) < MAX_CATEGORIES:
            categories.setdefault(category.casefold(), category[:MAX_CATEGORY])
    return tuple(categories.values())


@lru_cache(maxsize=2048)
def _category(written: str) -> str | None:
    # A site has a few dozen sections, which come back in every feed.
    return line_of_html(written, is_html=False)


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
