"""The page that goes into extraction and the normalised article that comes out: frozen, picklable values."""

from dataclasses import dataclass, field
from datetime import datetime

from config.hints import Hints, fingerprint
from models.outcomes import Outcome
from pipeline.dates.moment import Moment
from pipeline.text import count_words

# Part of every stored version: a new one means that captures of old ones may be extracted anew.
EXTRACTOR_VERSION = "2"


def version_with(hints: Hints | None) -> str:
    """Give the extractor's version for pages of a source with these hints: other hints are another extractor."""
    mark = fingerprint(hints)
    return f"{EXTRACTOR_VERSION}+{mark}" if mark else EXTRACTOR_VERSION


@dataclass(frozen=True, slots=True)
class FeedHint:
    """What the feed said about the page: a witness, weaker than the page's own metadata, stronger than a guess."""

    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    updated: Moment | None = None
    categories: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A captured page. Unknown things are None: `timezone` (IANA) and `language` (BCP 47) are the publisher's."""

    html: bytes
    url: str | None = None
    fetched_at: datetime | None = None
    # From the Content-Type header only; BOM, meta and sniffing come after it.
    charset: str | None = None
    timezone: str | None = None
    language: str | None = None
    source_name: str | None = None
    hint: FeedHint | None = None
    # What a person knows of the source's pages and no rule finds.
    hints: Hints | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that a signal offered for a field, and whether it was taken (`khotin extract --explain`)."""

    field: str
    signal: str
    value: str
    taken: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A normalised article. `outcome` is `loaded` when it should be stored; else why not, with every field found."""

    outcome: Outcome
    reason: str | None = None
    canonical_url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    place: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    section: str | None = None
    section_path: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str | None = None
    # Paragraphs joined by "\n"; NFC; no soft hyphens or zero-width characters.
    body: str | None = None
    language: str | None = None
    kind: str = "article"
    image_url: str | None = None
    amp_url: str | None = None
    is_paywalled: bool = False
    is_body_partial: bool = False
    # A meta refresh that leads to the real article, for the fetcher to follow.
    refresh_url: str | None = None
    # field name -> signal that gave its value ("json-ld", "og", "h1", "feed", "visible", "url", …).
    provenance: dict[str, str] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()

    @property
    def word_count(self) -> int:
        """Count the words of the body; scripts without spaces count characters as words."""
        return count_words(self.body or "")

    @property
    def char_count(self) -> int:
        """Count the characters of the body."""
        return len(self.body or "")
