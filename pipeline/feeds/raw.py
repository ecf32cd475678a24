"""What a parser found in a feed before anything is tidied: the one shape that all formats are brought to."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Markup(NamedTuple):
    """A text as written, and whether its feed declares it to be HTML."""

    text: str
    is_html: bool


class RawFile(NamedTuple):
    """A file attached to an entry, as written."""

    url: str
    media_type: str
    length: str


@dataclass(slots=True)
class RawEntry:
    """One entry as written. Links are resolved already; `links` holds the candidates for its page, best first."""

    guid: str = ""
    links: list[str] = field(default_factory=list)
    base: str = ""
    title: Markup | None = None
    summary: Markup | None = None
    content: Markup | None = None
    authors: list[str] = field(default_factory=list)
    published: str = ""
    updated: str = ""
    categories: list[str] = field(default_factory=list)
    files: list[RawFile] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    language: str = ""


@dataclass(slots=True)
class RawSitemap:
    """A sitemap that a sitemap index points to, as written."""

    url: str
    updated: str = ""


@dataclass(slots=True)
class RawFeed:
    """A feed as written; `problem` says what was broken when entries came out, `is_fast` which way it was read."""

    format: str
    title: Markup | None = None
    url: str = ""
    language: str = ""
    entries: list[RawEntry] = field(default_factory=list)
    sitemaps: list[RawSitemap] = field(default_factory=list)
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    problem: str | None = None
    is_capped: bool = False
    is_fast: bool = False


def category_of(term: str, label: str) -> str:
    """Choose between the two names of an Atom category (RFC 4287, 4.2.2): the term, unless it is an address."""
    return label if label and (not term or "://" in term) else term
