"""From what a person asked for to a backfill that can begin: mistakes are found here, each told in one sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Engine

from config.feeds_file import FeedsFile
from config.settings import Settings
from models.engine import write
from pipeline.backfill import feeds as feed_pages
from pipeline.backfill import files, sitemaps, urls, warcs
from pipeline.backfill.candidate import Ground, Queuer
from pipeline.backfill.wish import BackfillKind, Wish, WishError
from pipeline.plan import check_contact_for
from pipeline.urls import address_of, clean_url
from pipeline.warehouse import query
from pipeline.warehouse.backfills import source_by_slug
from pipeline.warehouse.sources import apply_feeds_file

Resolver = Callable[[Connection, Wish], Wish]

QUEUERS: dict[BackfillKind, Queuer] = {
    BackfillKind.SITEMAP: sitemaps.find,
    BackfillKind.FEED: feed_pages.find,
    BackfillKind.WARC: warcs.find,
    BackfillKind.URLS: urls.find,
    BackfillKind.FILES: files.find,
}

RESOLVERS: dict[BackfillKind, Resolver] = {
    BackfillKind.SITEMAP: sitemaps.resolve,
    BackfillKind.FEED: feed_pages.resolve,
    BackfillKind.WARC: warcs.resolve,
    BackfillKind.URLS: urls.resolve,
    BackfillKind.FILES: files.resolve,
}
"""Each makes the targets whole (a slug becomes addresses, a glob becomes paths); raises WishError."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A backfill that can begin."""

    wish: Wish
    queuer: Queuer
    source_id: int | None


def prepare(wish: Wish, engine: Engine, settings: Settings, feeds_file: FeedsFile) -> Ready:
    """Apply the feeds file and make the wish whole.

    Raises WishError and SettingsError, each with one sentence for the person who asked.
    """
    return write(engine, partial(_prepare, wish, settings, feeds_file))


def _prepare(wish: Wish, settings: Settings, feeds_file: FeedsFile, connection: Connection) -> Ready:
    apply_feeds_file(connection, feeds_file)
    whole = RESOLVERS[wish.kind](connection, wish)
    source_id = _source(connection, whole.source) if whole.source else None
    if not whole.is_offline:
        check_contact_for(_addresses(whole), settings)
    return Ready(whole, QUEUERS[wish.kind], source_id)


def _addresses(wish: Wish) -> list[str]:
    """Give an address of every host that will be asked; of a list those of the first pages."""
    if wish.kind is BackfillKind.URLS:
        first = next(urls.find(Ground(wish)), None)
        addresses = (address_of(candidate.url) for candidate in first.candidates) if first else ()
        return list({address.host: address.url for address in addresses if address}.values())
    return [target for target in wish.targets if clean_url(target)]


def _source(connection: Connection, slug: str) -> int:
    row = source_by_slug(connection, slug)
    if row is None:
        known = ", ".join(sorted(query.known_slugs(connection))) or "none yet"
        raise WishError(f"No source is called {slug!r}: the sources are {known}.")
    return int(row.id)
