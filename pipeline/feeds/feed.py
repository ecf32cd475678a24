"""What a feed said, once parsed: frozen values that the poll hands to the warehouse."""

from dataclasses import dataclass
from typing import Any

from models.outcomes import PollOutcome
from pipeline.dates.moment import Moment


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file attached to an entry (RSS 2.0 enclosure, Atom link rel=enclosure, JSON Feed attachment, media:content)."""

    url: str
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. Missing `guid` and `url` are "" (they are part of the unique key); text is plain, NFC."""

    guid: str
    url: str
    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    updated: Moment | None = None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    image_url: str | None = None
    # Why a stated date was not understood or not believed, for `khotin why`.
    date_problem: str | None = None

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Entries come from child processes by the thousand; dataclasses' own way to pickle slots takes thrice as long.
        return _entry, tuple(map(self.__getattribute__, self.__slots__))


def _entry(*values: Any) -> Entry:
    return Entry(*values)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap that a sitemap index points to; it is polled like a feed."""

    url: str
    updated: Moment | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed: its own words about itself and its entries in document order."""

    title: str | None
    url: str | None
    language: str | None
    format: str
    entries: tuple[Entry, ...]
    # Minutes between polls that the publisher asks for (ttl, sy:*), skipHours (UTC hours) and skipDays (0 = Monday).
    interval_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    # Set when the bytes were broken but entries came out all the same (or were capped): what was wrong.
    problem: str | None = None
    is_capped: bool = False
    # Only a sitemap index has these, and it has no entries.
    sitemaps: tuple[Sitemap, ...] = ()


@dataclass(frozen=True, slots=True)
class NoFeed:
    """Bytes that are no feed, or a feed that could not be read, with the outcome and a reason a person can act on."""

    outcome: PollOutcome
    reason: str
