"""One extracted article into rows: a new article, a new version of a known one, or nothing new."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from models.outcomes import Outcome
from models.states import Store, VersionCause
from models.tables import (
    article_agencies,
    article_authors,
    article_tags,
    article_texts,
    article_versions,
    articles,
    authors,
    tags,
)
from pipeline.articles.article import Article
from pipeline.text import count_words
from pipeline.urls import uid_of, url_key
from pipeline.warehouse.batches import insert_missing
from pipeline.warehouse.claim import ClaimedPage
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.identity import Address, add_addresses, find_article, take_back

# What `store: excerpt` keeps of a body: about what a search engine shows.
EXCERPT_WORDS = 60


@dataclass(frozen=True, slots=True)
class Loadable:
    """An article with all that the load needs to know about its capture."""

    page: ClaimedPage
    article: Article
    addresses: tuple[Address, ...]
    fetch_id: int | None
    extractor_version: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of it."""

    outcome: Outcome
    article_id: int
    reason: str | None = None
    written: Written | None = None


_ADD_ARTICLE = insert(articles).returning(articles.c.id)
_ADD_TEXT = insert(article_texts)
_ADD_LINKS = {table: insert(table) for table in (article_authors, article_tags, article_agencies)}


def load_article(connection: Connection, loadable: Loadable, zone: ZoneInfo, at: datetime) -> Loaded:
    """Write an article: `loaded` when new, `updated` or `unchanged` when its page was known, else `duplicate`."""
    kept = _kept_body(loadable.article.body, loadable.page.store)
    text, page = kept or loadable.article.title or "", loadable.page
    match = find_article(connection, loadable.addresses, text, page.article_id)
    known, addresses = match.article, match.kept
    if match.usurped:
        take_back(connection, match.usurped, at)
    if known is None:
        added = _add(connection, loadable, kept, addresses, zone, at)
        return Loaded(Outcome.LOADED, added.article_id, written=added)
    add_addresses(connection, known.id, addresses, at)
    if page.article_id != known.id:
        return Loaded(Outcome.DUPLICATE, known.id, f"the same article as {known.url}")
    if known.content_hash == content_hash(loadable.article, kept):
        return Loaded(Outcome.UNCHANGED, known.id)
    changed, replaced = _replace(connection, known, loadable, kept, addresses, zone, at)
    return Loaded(Outcome.UPDATED, known.id, "changed: " + ", ".join(changed), replaced)


def content_hash(article: Article, body: str) -> str:
    """Hash the words of title, summary and body; white space does not count."""
    parts = (" ".join((text or "").split()) for text in (article.title, article.summary, body))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def report_day(article: Article, zone: ZoneInfo, first_seen_at: datetime) -> tuple[date, bool]:
    """Give the day for reports in the newsroom's zone, and whether it is only the day it was first seen on."""
    if article.published is None:
        return first_seen_at.astimezone(zone).date(), True
    instant = article.published.instant
    return (instant.astimezone(zone).date() if instant else article.published.on), False


def _kept_body(body: str | None, store: str) -> str:
    if store == Store.METADATA or not body:
        return ""
    if store == Store.EXCERPT:
        words = body.split()
        return body if len(words) <= EXCERPT_WORDS else " ".join(words[:EXCERPT_WORDS]) + "…"
    return body


def _public_url(page: ClaimedPage, addresses: Sequence[Address]) -> str:
    """Choose the address to show: the canonical one, else the one that answered, else the one asked for."""
    by_role = {address.role: address.url for address in reversed(addresses)}
    return by_role.get("canonical") or by_role.get("final") or page.url


def _values(
    loadable: Loadable, body: str, addresses: Sequence[Address], first_seen_at: datetime, zone: ZoneInfo, at: datetime
) -> dict[str, Any]:
    article = loadable.article
    published, (day, is_estimated) = article.published, report_day(article, zone, first_seen_at)
    return {
        "url": _public_url(loadable.page, addresses),
        "title": article.title,
        "summary": article.summary,
        "place": article.place,
        "section": article.section,
        "section_path": "; ".join(article.section_path) or None,
        "language": article.language,
        "kind": article.kind,
        "published_at": published.instant if published else None,
        "published_on": published.on if published else None,
        "published_local": published.local.replace(tzinfo=None) if published and published.local else None,
        "published_utc_offset_minutes": published.utc_offset_minutes if published else None,
        "published_precision": published.precision if published else None,
        "published_signal": published.signal if published else None,
        "publisher_modified_at": article.modified.instant if article.modified else None,
        "report_date": day,
        "is_report_date_estimated": is_estimated,
        "updated_at": at,
        "word_count": count_words(body),
        "char_count": len(body),
        "image_url": article.image_url,
        "is_paywalled": article.is_paywalled,
        "is_body_partial": article.is_body_partial or len(body) < len(article.body or ""),
        "extractor_version": loadable.extractor_version,
        "fetch_id": loadable.fetch_id,
        "content_hash": content_hash(article, body),
        "provenance": article.provenance,
    }


def _add(
    connection: Connection, loadable: Loadable, body: str, addresses: Sequence[Address], zone: ZoneInfo, at: datetime
) -> Written:
    values = _values(loadable, body, addresses, loadable.first_seen_at, zone, at)
    values |= {
        "uid": uid_of(url_key(loadable.page.url)),
        "source_id": loadable.page.source_id,
        "first_seen_at": loadable.first_seen_at,
        "first_loaded_at": at,
        "ingested_via": loadable.page.ingested_via,
    }
    article_id = int(connection.execute(_ADD_ARTICLE, values).scalar_one())
    connection.execute(_ADD_TEXT, {"article_id": article_id, "body": body})
    add_addresses(connection, article_id, addresses, at)
    _link(connection, article_id, loadable.article)
    return _written(article_id, loadable.article, values, body)


def _replace(
    connection: Connection,
    known: Any,
    loadable: Loadable,
    body: str,
    addresses: Sequence[Address],
    zone: ZoneInfo,
    at: datetime,
) -> tuple[list[str], Written]:
    """Keep the current version in the history, and write the new one in its place; give the fields that changed."""
    old_body = connection.execute(
        select(article_texts.c.body).where(article_texts.c.article_id == known.id)
    ).scalar_one()
    values = _values(loadable, body, addresses, known.first_seen_at, zone, at)
    before, after = {"body": old_body, **known._mapping}, {"body": body, **values}
    changed = [name for name in ("title", "summary", "body") if before[name] != after[name]]
    connection.execute(
        insert(article_versions).values(
            article_id=known.id,
            version_number=known.version_number,
            cause=known.version_cause,
            title=known.title,
            summary=known.summary,
            body=old_body,
            extractor_version=known.extractor_version,
            fetch_id=known.fetch_id,
            content_hash=known.content_hash,
            changed_fields=changed,
            superseded_at=at,
        )
    )
    # The same extractor read other words: the publisher changed them. Another extractor: nobody knows who did.
    same_extractor = known.extractor_version == loadable.extractor_version
    cause = VersionCause.PUBLISHER if same_extractor else VersionCause.UNKNOWN
    values |= {"version_number": known.version_number + 1, "version_cause": cause}
    connection.execute(update(articles).where(articles.c.id == known.id).values(**values))
    connection.execute(update(article_texts).where(article_texts.c.article_id == known.id).values(body=body))
    for table in (article_authors, article_tags, article_agencies):
        connection.execute(delete(table).where(table.c.article_id == known.id))
    _link(connection, known.id, loadable.article)
    return changed, _written(known.id, loadable.article, dict(known._mapping) | values, body)


def _written(article_id: int, article: Article, values: Mapping[str, Any], body: str) -> Written:
    named = {name: values[name] for name in ("uid", "source_id", "title", "summary", "first_seen_at")}
    dated = {name: values[name] for name in ("published_at", "published_on")}
    return Written(article_id=article_id, body=body, agencies=tuple(article.agencies), **named, **dated)


def _link(connection: Connection, article_id: int, article: Article) -> None:
    """Write people, tags and agencies in their order."""
    _link_names(connection, article_id, article.authors, (authors, article_authors, "author_id"))
    _link_names(connection, article_id, article.tags, (tags, article_tags, "tag_id"))
    agencies = [
        {"article_id": article_id, "position": position, "agency": agency}
        for position, agency in enumerate(dict.fromkeys(article.agencies), 1)
    ]
    if agencies:
        connection.execute(_ADD_LINKS[article_agencies], agencies)


def _link_names(connection: Connection, article_id: int, names: Sequence[str], into: tuple[Any, Any, str]) -> None:
    table, links, column = into
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return
    known = _keys_of(connection, table, wanted)
    missing = [{"name": name} for name in sorted(wanted) if name not in known]
    if missing:
        connection.execute(insert_missing(connection, table, ["name"]), missing)
        known = _keys_of(connection, table, wanted)
    rows = [
        {"article_id": article_id, "position": position, column: known[name]} for position, name in enumerate(wanted, 1)
    ]
    connection.execute(_ADD_LINKS[links], rows)


def _keys_of(connection: Connection, table: Any, names: Sequence[str]) -> dict[str, int]:
    return {row.name: row.id for row in connection.execute(_by_name(table), {"names": names})}


@cache
def _by_name(table: Any) -> Any:
    return select(table.c.name, table.c.id).where(table.c.name.in_(bindparam("names", expanding=True)))
