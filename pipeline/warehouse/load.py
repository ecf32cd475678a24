"""Extracted articles into rows: new articles, new values of known ones, duplicates, and what a rule sets aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update

from models.outcomes import Outcome
from models.states import VersionCause
from models.tables import article_texts, articles, pages
from pipeline.articles.article import Article
from pipeline.articles.wording import wording
from pipeline.rejects import Objection, object_to, object_to_date, object_to_twin
from pipeline.text import count_words
from pipeline.urls import uid_of
from pipeline.warehouse.article_rows import hashes, kept_body, public_url, values_of, write_lists
from pipeline.warehouse.batches import CHUNK, in_chunks, insert_rows, next_keys
from pipeline.warehouse.identity import (
    Address,
    Match,
    Shelf,
    address_rows,
    find_article,
    named_before,
    take_back,
    write_addresses,
)
from pipeline.warehouse.loadable import Loadable, Loaded
from pipeline.warehouse.rejected import released_rules, set_aside
from pipeline.warehouse.removals import buried
from pipeline.warehouse.versions import update_article, written_of

__all__ = ["Loadable", "Loaded", "load_article", "load_articles"]

# A page that keeps this share of its article's words at most, all of them others, has lost its text.
_LOST_SHARE = 0.2
_LOST_WORDS = 50
_NO_KEY = (0, "")


@dataclass(frozen=True, slots=True)
class _Twin:
    """An article with the same body in the same source."""

    id: int
    url: str
    title: str | None
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class _Item:
    """One article with what may be kept of its body, and its hashes."""

    loadable: Loadable
    body: str
    hashed: dict[str, str | None]

    @property
    def twin_key(self) -> tuple[int, str] | None:
        """Give what articles with the same body have in common; None when there is no body."""
        found = self.hashed["body_hash"]
        return (self.loadable.page.source_id, found) if found else None


@dataclass(slots=True)
class _Batch:
    """Articles on their way in: what is known of them, and the rows of new ones until they are written together."""

    shelf: Shelf
    zone: ZoneInfo
    at: datetime
    keys: list[int] = field(default_factory=list)
    twins: dict[tuple[int, str], list[_Twin]] = field(default_factory=dict)
    buried: set[str] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    waiting_keys: set[str] = field(default_factory=set)
    new: dict[int, Article] = field(default_factory=dict)

    def give(self, article_id: int, addresses: Sequence[Address]) -> None:
        """Let an article have addresses that are free."""
        rows = address_rows(self.shelf, article_id, addresses, self.at)
        self.addresses += rows
        self.waiting_keys |= {row["url_key"] for row in rows}

    def flush(self) -> None:
        """Write all that is new."""
        connection = self.shelf.connection
        insert_rows(connection, articles, self.rows)
        insert_rows(connection, article_texts, self.texts)
        write_addresses(connection, self.addresses)
        write_lists(connection, self.new)
        for waiting in (self.rows, self.texts, self.addresses, self.waiting_keys, self.new):
            waiting.clear()


def load_article(connection: Connection, loadable: Loadable, zone: ZoneInfo, at: datetime) -> Loaded:
    """Load one article: see `load_articles`."""
    return load_articles(connection, [loadable], zone, at)[0]


def load_articles(connection: Connection, loadables: Sequence[Loadable], zone: ZoneInfo, at: datetime) -> list[Loaded]:
    """Write articles of different pages, in the caller's transaction; the earlier ones are known to the later ones.

    `loaded` when new (with `duplicate_of` when it repeats another of its source word by word), `updated` or `unchanged`
    when its page was known, `duplicate` when it is the same article as another page's, `rejected` when a rule sets it
    aside, `removed` when a person has removed it, `bad_redirect` and `no_text` when the page of a known article shows
    something else. `zone` is the newsroom's.
    """
    items = [_item(loadable) for loadable in loadables]
    batch = _prepare(connection, items, zone, at)
    loaded = [_load(batch, item) for item in items]
    batch.flush()
    return loaded


def _item(loadable: Loadable) -> _Item:
    body = kept_body(loadable.article.body, loadable.page.store)
    return _Item(loadable, body, hashes(loadable.article, body))


def _prepare(connection: Connection, items: Sequence[_Item], zone: ZoneInfo, at: datetime) -> _Batch:
    """Read what the warehouse knows about some captures, in a few questions for all of them."""
    batch = _Batch(Shelf(connection), zone, at)
    loadables = [item.loadable for item in items]
    keys = {address.key for loadable in loadables for address in loadable.addresses}
    batch.shelf.read(keys, {one.page.article_id for one in loadables if one.page.article_id is not None})
    batch.buried = buried(connection, keys)
    strangers = [one for one in loadables if one.page.article_id is None]
    guids = {one.page.id: one.guid for one in strangers if one.guid is not None}
    batch.shelf.named_before = named_before(connection, guids)
    if strangers:
        batch.keys = next_keys(connection, articles, len(strangers))[::-1]
    _find_twins(batch, {key[1] for item in items if (key := item.twin_key)})
    return batch


def _find_twins(batch: _Batch, body_hashes: set[str]) -> None:
    for chunk in in_chunks(sorted(body_hashes)):
        for row in batch.shelf.connection.execute(_TWINS, {"hashes": chunk}):
            twin = _Twin(row.id, row.url, row.title, row.duplicate_of)
            batch.twins.setdefault((row.source_id, row.body_hash), []).append(twin)


_TWINS = (
    select(
        articles.c.id,
        articles.c.url,
        articles.c.title,
        articles.c.duplicate_of,
        articles.c.source_id,
        articles.c.body_hash,
    )
    .where(articles.c.body_hash.in_(bindparam("hashes", expanding=True)))
    .order_by(articles.c.id)
    .limit(10 * CHUNK)
)


def _load(batch: _Batch, item: _Item) -> Loaded:
    loadable = item.loadable
    page, article = loadable.page, loadable.article
    keys = {address.key for address in loadable.addresses}
    if keys & batch.buried:
        return Loaded(Outcome.REMOVED, reason="a person has removed it")
    if keys & batch.waiting_keys:
        batch.flush()
    match = find_article(batch.shelf, loadable.addresses, article.title, item.body, page)
    known = match.article
    if match.elsewhere is not None:
        return _led_elsewhere(batch, match)
    if known is not None and page.article_id != known["id"] and match.moved_from is None:
        return _same_as(batch, known, match)
    if known is not None and _has_lost_its_text(batch.shelf, known, item):
        return Loaded(Outcome.NO_TEXT, known["id"], "its text is gone from the page")
    objection, twin = _judged(batch, item, known)
    if objection is not None:
        return set_aside(batch.shelf.connection, loadable, objection, str(item.hashed["content_hash"]), batch.at)
    if known is None:
        return _add(batch, item, match, twin)
    return _update(batch, item, known, match)


def _led_elsewhere(batch: _Batch, match: Match) -> Loaded:
    """End the look at an article whose page leads to another piece, or to another article of the same text."""
    assert match.article is not None  # noqa: S101  # only the page of an article can lead away from it
    own = match.article
    if match.twin is None:
        return Loaded(Outcome.BAD_REDIRECT, own["id"], f"redirected to another piece: {match.elsewhere}")
    twin = batch.shelf.article(match.twin)
    if own["duplicate_of"] is None and twin["duplicate_of"] != own["id"]:
        values = {"duplicate_of": match.twin, "updated_at": batch.at}
        batch.shelf.connection.execute(update(articles).where(articles.c.id == own["id"]).values(**values))
    return Loaded(Outcome.DUPLICATE, own["id"], f"its page leads to the same text at {twin['url']}")


def _same_as(batch: _Batch, known: Mapping[str, Any], match: Match) -> Loaded:
    if match.usurped:
        take_back(batch.shelf, match.usurped, batch.at)
    batch.give(known["id"], match.kept)
    return Loaded(Outcome.DUPLICATE, known["id"], f"the same article as {known['url']}")


def _has_lost_its_text(shelf: Shelf, known: Mapping[str, Any], item: _Item) -> bool:
    """Tell whether a page shows a few words of something else now (such as "not found", with status 200)."""
    if known["word_count"] < _LOST_WORDS or count_words(item.body) > _LOST_SHARE * known["word_count"]:
        return False
    if wording(item.loadable.article.title) == wording(known["title"]):
        return False
    return not shelf.is_text_of(item.body, known["id"])


def _judged(batch: _Batch, item: _Item, known: Mapping[str, Any] | None) -> tuple[Objection | None, _Twin | None]:
    """Give what speaks against loading an article, or the one of its source that it repeats word by word."""
    loadable, article = item.loadable, item.loadable.article
    fetched_at = loadable.fetched_at or batch.at
    if known is not None and (known["body_hash"], known["title"]) == (item.hashed["body_hash"], article.title):
        # Its words were judged when they came.
        return _held(batch, loadable, object_to_date(article, fetched_at)), None
    others = [one for one in batch.twins.get(item.twin_key or _NO_KEY, ()) if known is None or one.id != known["id"]]
    title = wording(article.title).casefold() if others else ""
    twin = next((one for one in others if wording(one.title).casefold() == title), None)
    objection = object_to(article, fetched_at, loadable.language)
    is_new_body = known is None or known["body_hash"] != item.hashed["body_hash"]
    if objection is None and others and twin is None and is_new_body:
        objection = object_to_twin(article, others[0].url, others[0].title)
    return _held(batch, loadable, objection), twin


def _held(batch: _Batch, loadable: Loadable, objection: Objection | None) -> Objection | None:
    """Give an objection unless a person has let the page break that rule."""
    if objection is None or loadable.is_released:
        return None
    return None if objection.rule in released_rules(batch.shelf.connection, loadable.page.id) else objection


def _add(batch: _Batch, item: _Item, match: Match, twin: _Twin | None) -> Loaded:
    loadable, shelf = item.loadable, batch.shelf
    page, article = loadable.page, loadable.article
    if match.usurped:
        take_back(shelf, match.usurped, batch.at)
    article_id = batch.keys.pop() if batch.keys else next_keys(shelf.connection, articles, 1)[0]
    row = {
        "id": article_id,
        "uid": uid_of(page.url_key),
        "source_id": page.source_id,
        "url": public_url(page.url, match.kept),
        **values_of(article, item.body, batch.zone, loadable.first_seen_at),
        **item.hashed,
        "first_seen_at": loadable.first_seen_at,
        "first_loaded_at": batch.at,
        "updated_at": batch.at,
        "version_began_at": batch.at,
        "last_checked_at": loadable.fetched_at or batch.at,
        "ingested_via": page.ingested_via,
        "duplicate_of": (twin.duplicate_of or twin.id) if twin is not None else None,
        "extractor_version": loadable.extractor_version,
        "fetch_id": loadable.fetch_id,
    }
    batch.rows.append(row)
    batch.texts.append({"article_id": article_id, "body": item.body})
    batch.new[article_id] = article
    batch.give(article_id, match.kept)
    shelf.articles[article_id] = {"version_number": 1, "version_cause": VersionCause.FIRST, **row}
    shelf.bodies[article_id] = item.body
    if item.twin_key:
        new = _Twin(article_id, str(row["url"]), article.title, row["duplicate_of"])
        batch.twins.setdefault(item.twin_key, []).append(new)
    reason = f"it repeats {twin.url} word by word" if twin is not None else None
    return Loaded(Outcome.LOADED, article_id, reason, written_of(row, article, item.body))


def _update(batch: _Batch, item: _Item, known: Mapping[str, Any], match: Match) -> Loaded:
    loadable = replace(item.loadable, addresses=tuple(match.kept))
    is_moved = match.moved_from is not None
    loaded = update_article(batch.shelf, loadable, known, batch.zone, batch.at, is_moved=is_moved)
    if loaded.reread is not None:
        return loaded
    if match.usurped:
        take_back(batch.shelf, match.usurped, batch.at)
    batch.give(known["id"], match.kept)
    if is_moved:
        # Where it was is not looked at again: its new page is the article's now.
        old = (pages.c.article_id == known["id"]) & (pages.c.id != loadable.page.id)
        batch.shelf.connection.execute(update(pages).where(old).values(next_recheck_at=None))
        return replace(loaded, reason=f"moved from {match.moved_from}; {loaded.reason or 'the same words'}")
    return loaded
