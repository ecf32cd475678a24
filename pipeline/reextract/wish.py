"""What a re-extraction is asked for, as it is typed and as it is understood."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pipeline.backfill.wish import WishError, bound_of
from pipeline.span import SpanError, parse_span
from pipeline.warehouse.backfills import source_by_slug
from pipeline.warehouse.reextracts import Which, count_articles, version_key
from pipeline.warehouse.spans import all_slugs

KIND = "reextract"


@dataclass(frozen=True, slots=True)
class Reextraction:
    """Which articles are to be read anew; times are in any form of `pipeline.span`."""

    since: str | None = None
    until: str | None = None
    source: str | None = None
    older_than: str | None = None
    limit: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Give it as JSON, as it is kept in the warehouse."""
        names = ("since", "until", "source", "older_than", "limit")
        return {name: getattr(self, name) for name in names}

    def fingerprint(self, which: Which) -> str:
        """Give a hash that is the same for the same wish: typed again, it goes on where it was."""
        span = which.span
        bounds = [bound_of(self.since, span.since), bound_of(self.until, span.until)] if span else [None, None]
        text = json.dumps([KIND, *bounds, self.source, self.older_than, self.limit])
        return hashlib.sha256(text.encode()).hexdigest()


def which_articles(connection: Connection, wish: Reextraction, zone: ZoneInfo) -> Which:
    """Understand it; days are those of the newsroom's `zone`. Raises WishError with one sentence."""
    try:
        span = parse_span(wish.since, wish.until, zone)
    except SpanError as error:
        raise WishError(str(error)) from error
    row = source_by_slug(connection, wish.source) if wish.source else None
    if wish.source and row is None:
        known = ", ".join(all_slugs(connection)) or "none yet"
        raise WishError(f"No source is called {wish.source!r}: the sources are {known}.")
    if wish.older_than is not None:
        try:
            version_key(wish.older_than)
        except ValueError as error:
            raise WishError(f"--older-than is {wish.older_than!r}; it must be a version such as 2.") from error
    which = Which(span if span.since or span.until else None, int(row.id) if row else None, wish.older_than)
    if not count_articles(connection, which)[0]:
        raise WishError("There is nothing to read anew: no article is of these days, this source and these versions.")
    return which
