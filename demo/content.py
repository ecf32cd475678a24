"""What the sample publishers have written: read from `sites/*.yaml`, in the edition that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One article of a sample publisher.

    `text` has one paragraph an item, in a small Markdown: `## ` a subheading, `> ` a quotation, `15:30 | ` an update of
    a live blog, `[words](/path)` a link. `published` is a day when the page gives no clock, None when it gives nothing.
    """

    path: str
    section: str
    title: str
    lead: str
    text: tuple[str, ...]
    caption: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    published: datetime | date | None = None
    modified: datetime | None = None
    tags: tuple[str, ...] = ()
    kind: str = "article"
    is_paywalled: bool = False
    # In the feed, but its page has gone.
    is_missing: bool = False
    correction: "Correction | None" = None

    @property
    def name(self) -> str:
        """Give the last part of the path without its ending: the article's name among its publisher's."""
        return self.path.rstrip("/").rpartition("/")[2].partition(".")[0]


@dataclass(frozen=True, slots=True)
class Correction:
    """What the second edition changes in an article: its lead, words of its text, and a note at its end."""

    modified: datetime
    lead: str
    words: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """A sample publisher: who it is, how its pages and its feed are marked up, and what it has written."""

    slug: str
    name: str
    tagline: str
    footer: str
    country: str
    language: str
    timezone: str
    port: int
    # A template of `templates/` and a format of `feeds.py`.
    markup: str
    feed_format: str
    feed_path: str
    # The name of a section and the path of its page.
    sections: Mapping[str, str]
    # Newest first.
    articles: tuple[SampleArticle, ...]
    disallow: tuple[str, ...] = ()

    @property
    def newest(self) -> datetime:
        """Give the latest instant at which an article was published or changed."""
        stated = [moment for article in self.articles for moment in (article.published, article.modified)]
        return max(moment for moment in stated if isinstance(moment, datetime))

    def edition(self, number: int) -> "Publisher":
        """Give the publisher as it stands in an edition: 1 as first published, 2 with its corrections."""
        if number == 1:
            return self
        return replace(self, articles=tuple(corrected(article) for article in self.articles))


def corrected(article: SampleArticle) -> SampleArticle:
    """Give an article with its correction applied; one without correction stays as it is."""
    if article.correction is None:
        return article
    correction = article.correction
    text = "\n".join(article.text)
    for old, new in correction.words:
        if old not in text:
            raise ValueError(f"{article.path} is to be corrected, but does not say: {old}")
        text = text.replace(old, new)
    return replace(
        article,
        lead=correction.lead,
        text=(*text.split("\n"), correction.note),
        modified=correction.modified,
        correction=None,
    )


@cache
def publishers() -> tuple[Publisher, ...]:
    """Read every sample publisher, in the order of their ports."""
    folder = files("demo") / "sites"
    read = [_publisher(item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".yaml")]
    return tuple(sorted(read, key=lambda publisher: publisher.port))


def _publisher(source: str) -> Publisher:
    fields: dict[str, Any] = YAML(typ="safe").load(source)
    articles = sorted(map(_article, fields.pop("articles")), key=_newness, reverse=True)
    return Publisher(articles=tuple(articles), disallow=tuple(fields.pop("disallow", ())), **fields)


def _newness(article: SampleArticle) -> datetime:
    """Order articles as feeds do, newest first; a bare day counts from its start, undated ones come last."""
    if isinstance(article.published, datetime):
        return article.published
    return datetime.combine(article.published or date.min, time(), UTC)


def _article(fields: dict[str, Any]) -> SampleArticle:
    for name in ("authors", "tags"):
        fields[name] = tuple(fields.get(name, ()))
    for name in ("published", "modified"):
        if stated := fields.get(name):
            fields[name] = date.fromisoformat(stated) if len(stated) == len("2026-11-09") else _instant(stated)
    if changes := fields.get("correction"):
        words = tuple((old, new) for old, new in changes.pop("words").items())
        fields["correction"] = Correction(modified=_instant(changes.pop("modified")), words=words, **changes)
    text = tuple(line for line in fields.pop("text", "").splitlines() if line)
    return SampleArticle(text=text, **fields)


def _instant(stated: str) -> datetime:
    instant = datetime.fromisoformat(stated)
    if instant.tzinfo is None:
        raise ValueError(f"{stated} needs an offset")
    return instant
