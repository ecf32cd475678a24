"""What a backfill is asked for, and how the same wish is known again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipeline.span import is_counted_from_now


class BackfillKind(StrEnum):
    """Where history is looked for."""

    SITEMAP = "sitemap"
    FEED = "feed"
    WARC = "warc"
    URLS = "urls"
    FILES = "files"


OFFLINE = frozenset({BackfillKind.WARC, BackfillKind.FILES})
"""Kinds whose captures are at hand: they make no request."""


class WishError(ValueError):
    """What was asked for cannot be done; the message is one sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One backfill: `targets` are addresses, paths or slugs as its kind reads them.

    `since` (inclusive) and `until` (exclusive) are aware instants; `source` is the slug of the one source that is
    meant, None when each page's own site says it; `published` is a stated date for all (files only), ISO 8601.
    """

    kind: BackfillKind
    targets: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    language: str | None = None
    domains: tuple[str, ...] = ()
    published: str | None = None
    limit: int | None = None
    # The bounds as they were typed.
    typed: tuple[str | None, str | None] = (None, None)

    @property
    def parameters(self) -> dict[str, Any]:
        """Give the wish as JSON, as it is kept in the warehouse."""
        return {
            "targets": list(self.targets),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "source": self.source,
            "language": self.language,
            "domains": list(self.domains),
            "published": self.published,
            "limit": self.limit,
        }

    @property
    def fingerprint(self) -> str:
        """Give a hash that is the same for the same wish: typed again, it goes on where it was."""
        bounds = {"since": bound_of(self.typed[0], self.since), "until": bound_of(self.typed[1], self.until)}
        text = json.dumps([self.kind, self.parameters | bounds], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_offline(self) -> bool:
        """Tell whether no request is made."""
        return self.kind in OFFLINE


def bound_of(typed: str | None, bound: datetime | None) -> str | None:
    """Name a bound by which a wish is known again: one that is counted from now (30d) as it was typed."""
    if typed is not None and is_counted_from_now(typed):
        return typed.strip()
    return bound.isoformat() if bound else None
