"""New values of a known article: a version is kept when words changed, else only the row moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select, update

from models.outcomes import Outcome
from models.states import VersionCause
from models.tables import article_texts, article_versions, articles, sources, warehouse
from pipeline.articles.article import Article
from pipeline.articles.changes import Change, Words, changed_words, compare
from pipeline.urls import uid_of, url_key
from pipeline.warehouse.article_rows import (
    LISTS,
    clear_lists,
    hashes,
    kept_body,
    public_url,
    read_lists,
    values_of,
    write_lists,
)
from pipeline.warehouse.batches import update_by_key
from pipeline.warehouse.corrections import Held, corrected, held, note_captured
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.identity import Shelf
from pipeline.warehouse.loadable import Loadable, Loaded

# Columns that tell a reader something else about the piece; when one changes, the row does and no version is kept.
_OTHERS = (
    *("url", "place", "section", "section_path", "language", "kind"),
    *("published_at", "published_on", "published_local", "published_utc_offset_minutes", "published_precision"),
    *("publisher_modified_at", "image_url", "is_paywalled", "is_body_partial"),
)
_PUBLISHED = tuple(name for name in _OTHERS if name.startswith("published_"))
_OF_TEXTS = ("title", "summary", "word_count", "char_count")
# What a version that is kept says beside its words.
_KEPT_FIELDS = (*_OTHERS, "published_signal", "word_count", "char_count")


@dataclass(frozen=True, slots=True)
class Capture:
    """What a capture says of a known article: as it is read (`stated`), and with what a person corrected."""

    stated: Article
    article: Article
    body: str
    values: dict[str, Any]
    lists: dict[str, tuple[str, ...]]


def update_article(
    shelf: Shelf,
    loadable: Loadable,
    known: Mapping[str, Any],
    zone: ZoneInfo,
    at: datetime,
    *,
    is_moved: bool = False,
) -> Loaded:
    """Bring a known article to what its new capture says; `known` is its row and `loadable.addresses` its own.

    Edits are differences between captures under the same extractor: when another one made the known version,
    `loadable.before` is what this one reads in that capture, and what it reads otherwise is no edit.
    """
    connection, article = shelf.connection, loadable.article
    body = kept_body(article.body, loadable.page.store)
    correction = held(connection, [known["id"]]).get(known["id"], {})
    stated = {
        "url": _url(loadable, known, is_moved=is_moved),
        "extractor_version": loadable.extractor_version,
        "fetch_id": loadable.fetch_id,
    }
    new = _capture(article, body, correction, known, zone, stated)
    words = _changed_words(shelf, known, new)
    if not words:
        return _without_words(shelf, known, new, correction, at)
    if words == ("body",) and known["body_hash"] == new.values["body_hash"]:
        # Another part of the same text is kept now (`store` in the feeds file): our doing, not the publisher's.
        return _written(shelf, known, new, correction, VersionCause.RE_EXTRACTION, at)
    if known["extractor_version"] == loadable.extractor_version:
        return _written(shelf, known, new, correction, VersionCause.PUBLISHER, at)
    if loadable.before is None:
        if loadable.may_ask and known["fetch_id"] is not None:
            return Loaded(Outcome.DEFERRED, known["id"], reread=known["fetch_id"])
        return _written(shelf, known, new, correction, VersionCause.UNKNOWN, at)
    return _with_reread(shelf, loadable, known, new, correction, zone, at)


def _url(loadable: Loadable, known: Mapping[str, Any], *, is_moved: bool) -> str:
    """Give the article's address: one of the capture's, unless that is a variant beside the article's own page."""
    page = loadable.page
    is_own_page = known["uid"] == uid_of(page.url_key)
    if is_moved or is_own_page or url_key(known["url"]) in {address.key for address in loadable.addresses}:
        return public_url(page.url, loadable.addresses)
    return str(known["url"])


def _with_reread(
    shelf: Shelf,
    loadable: Loadable,
    known: Mapping[str, Any],
    new: Capture,
    correction: Mapping[str, Held],
    zone: ZoneInfo,
    at: datetime,
) -> Loaded:
    """Part what the extractor reads otherwise now from what the publisher changed."""
    assert loadable.before is not None  # noqa: S101  # that is why we are here
    before_body = kept_body(loadable.before.body, loadable.page.store)
    earlier = corrected(loadable.before, correction)
    read_before = Words(earlier.title, earlier.summary, before_body)
    read_now = Words(new.article.title, new.article.summary, new.body)
    if not changed_words(read_before, read_now):
        loaded = _written(shelf, known, new, correction, VersionCause.RE_EXTRACTION, at)
        return Loaded(
            loaded.outcome, loaded.article_id, f"read otherwise by a new extractor: {loaded.reason}", loaded.written
        )
    stated = {name: known[name] for name in ("url", "fetch_id")} | {"extractor_version": loadable.extractor_version}
    earlier_capture = _capture(loadable.before, before_body, correction, known, zone, stated)
    if _changed_words(shelf, known, earlier_capture):
        _written(shelf, known, earlier_capture, correction, VersionCause.RE_EXTRACTION, at)
        known = shelf.article(known["id"])
    return _written(shelf, known, new, correction, VersionCause.PUBLISHER, at)


def replace_by_reextraction(
    connection: Connection,
    article_id: int,
    article: Article,
    extractor_version: str,
    at: datetime,
    zone: ZoneInfo | None = None,
) -> Loaded:
    """Replace an article's values by what another extractor reads in the same capture.

    The old ones stay in its history with the cause re-extraction; what a person corrected holds. `updated` when a
    value changed, `unchanged` when none did; an article that this extractor would not load stays as it is, with its
    outcome. `zone` is the newsroom's; the warehouse knows it.
    """
    if article.outcome is not Outcome.LOADED:
        return Loaded(article.outcome, article_id, article.reason)
    shelf = Shelf(connection)
    known = shelf.article(article_id)
    store = connection.execute(select(sources.c.store).where(sources.c.id == known["source_id"])).scalar_one()
    body = kept_body(article.body, store)
    correction = held(connection, [article_id]).get(article_id, {})
    stated = {name: known[name] for name in ("url", "fetch_id")} | {"extractor_version": extractor_version}
    new = _capture(article, body, correction, known, zone or _zone(connection), stated)
    if _changed_words(shelf, known, new):
        return _written(shelf, known, new, correction, VersionCause.RE_EXTRACTION, at)
    if known["extractor_version"] != extractor_version:
        # It has read the same: its name is kept, so that nothing is read again for nothing.
        _set(shelf, article_id, {"extractor_version": extractor_version})
    return _without_words(shelf, known, new, correction, at)


def differences(
    connection: Connection, article_id: int, article: Article, zone: ZoneInfo
) -> dict[str, tuple[Any, Any]]:
    """Tell what `replace_by_reextraction` would change, by field: the value now, and the one that was read."""
    shelf = Shelf(connection)
    known = shelf.article(article_id)
    store = connection.execute(select(sources.c.store).where(sources.c.id == known["source_id"])).scalar_one()
    correction = held(connection, [article_id]).get(article_id, {})
    stated = {name: known[name] for name in ("url", "fetch_id", "extractor_version")}
    new = _capture(article, kept_body(article.body, store), correction, known, zone, stated)
    old = dict(known) | {"body": shelf.body(article_id)} | read_lists(connection, article_id)
    read = new.values | {"body": new.body} | new.lists
    changed = [*_changed_words(shelf, known, new)]
    changed += [name for name in (*_OTHERS, *LISTS) if old[name] != read[name]]
    return {name: (old[name], read[name]) for name in _merged(changed)}


def change_values(
    shelf: Shelf, article_id: int, article: Article, body: str, values: dict[str, Any], at: datetime
) -> None:
    """Write values that a person decided; when words changed, the version before is kept with the cause correction."""
    known = shelf.article(article_id)
    lists = {name: tuple(dict.fromkeys(getattr(article, name))) for name in LISTS}
    new = Capture(article, article, body, dict(known) | values, lists)
    if _changed_words(shelf, known, new):
        _written(shelf, known, new, {}, VersionCause.CORRECTION, at)
    else:
        _set(shelf, article_id, values | {"updated_at": at})
        _write_lists(shelf.connection, article_id, read_lists(shelf.connection, article_id), new)


def _capture(
    article: Article,
    body: str,
    correction: Mapping[str, Held],
    known: Mapping[str, Any],
    zone: ZoneInfo,
    stated: Mapping[str, Any],
) -> Capture:
    effective = corrected(article, correction)
    values = values_of(effective, body, zone, known["first_seen_at"]) | hashes(article, body) | dict(stated)
    if effective.published is None and known["published_on"] is not None:
        # When it came out does not become unknown because a page has ceased to say so.
        names = (*_PUBLISHED, "published_signal", "report_date", "is_report_date_estimated")
        values |= {name: known[name] for name in names}
    lists = {name: tuple(dict.fromkeys(getattr(effective, name))) for name in LISTS}
    return Capture(article, effective, body, values, lists)


def _changed_words(shelf: Shelf, known: Mapping[str, Any], new: Capture) -> tuple[str, ...]:
    is_same = known["content_hash"] == new.values["content_hash"]
    if is_same and (known["title"], known["summary"]) == (new.article.title, new.article.summary):
        return ()
    old = Words(known["title"], known["summary"], shelf.body(known["id"]))
    return changed_words(old, Words(new.article.title, new.article.summary, new.body))


def _without_words(
    shelf: Shelf, known: Mapping[str, Any], new: Capture, correction: Mapping[str, Held], at: datetime
) -> Loaded:
    """Write what changed beside the words, if anything did."""
    connection, article_id = shelf.connection, known["id"]
    note_captured(connection, correction, new.stated)
    lists = read_lists(connection, article_id)
    changed = [name for name in _OTHERS if known[name] != new.values[name]]
    changed += [name for name in LISTS if lists[name] != new.lists[name]]
    if not changed:
        # Typography, how words are hashed, or a word that a person has corrected: readers see no difference.
        _set(shelf, article_id, {name: new.values[name] for name in ("content_hash", "body_hash")})
        return Loaded(Outcome.UNCHANGED, article_id)
    # The texts stay as they are spelt; how long they are is told of them.
    kept = {name: value for name, value in new.values.items() if name not in _OF_TEXTS}
    _set(shelf, article_id, kept | {"updated_at": at})
    _write_lists(connection, article_id, lists, new)
    written = _as_written(shelf, article_id, replace(new, body=shelf.body(article_id)))
    return Loaded(Outcome.UPDATED, article_id, "changed: " + ", ".join(_merged(changed)), written)


def _merged(changed: Sequence[str]) -> list[str]:
    """Name the columns of the time of publication once."""
    return list(dict.fromkeys("published_at" if name in _PUBLISHED else name for name in changed))


def _written(
    shelf: Shelf,
    known: Mapping[str, Any],
    new: Capture,
    correction: Mapping[str, Held],
    cause: VersionCause,
    at: datetime,
) -> Loaded:
    """Keep the current version in the history, and write the new one in its place."""
    connection, article_id = shelf.connection, known["id"]
    if correction:
        note_captured(connection, correction, new.stated)
    old_body = shelf.body(article_id)
    change = compare(
        Words(known["title"], known["summary"], old_body), Words(new.article.title, new.article.summary, new.body)
    )
    lists = read_lists(connection, article_id)
    connection.execute(_ADD_VERSION, _version(known, lists, old_body, change, at))
    values = {"version_number": known["version_number"] + 1, "version_cause": cause, "version_began_at": at}
    _set(shelf, article_id, new.values | values | {"updated_at": at})
    _set_body(shelf, article_id, new.body)
    _write_lists(connection, article_id, lists, new)
    reason = "changed: " + ", ".join(change.fields)
    return Loaded(Outcome.UPDATED, article_id, reason, _as_written(shelf, article_id, new))


_ADD_VERSION = insert(article_versions)


def _version(
    known: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]], body: str, change: Change, at: datetime
) -> dict[str, Any]:
    said: dict[str, Any] = {name: _plain(known[name]) for name in _KEPT_FIELDS}
    said |= {name: list(names) for name, names in lists.items()}
    return {
        "article_id": known["id"],
        "version_number": known["version_number"],
        "cause": known["version_cause"],
        "title": known["title"],
        "summary": known["summary"],
        "body": body,
        "extractor_version": known["extractor_version"],
        "fetch_id": known["fetch_id"],
        "content_hash": known["content_hash"],
        "changed_fields": list(change.fields),
        "superseded_at": at,
        "began_at": known["version_began_at"] or known["first_loaded_at"],
        "word_count": known["word_count"],
        "char_count": known["char_count"],
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "diff": change.diff,
        "fields": said,
    }


def _plain(value: Any) -> Any:
    """Give a column's value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def _set(shelf: Shelf, article_id: int, values: Mapping[str, Any]) -> None:
    row = shelf.article(article_id)
    changed = {name: value for name, value in values.items() if row.get(name) != value}
    if changed:
        shelf.connection.execute(update_by_key(articles, tuple(changed)), {"of_key": article_id, **changed})
        row |= changed


def _set_body(shelf: Shelf, article_id: int, body: str) -> None:
    shelf.connection.execute(_SET_BODY, {"of_key": article_id, "body": body})
    shelf.bodies[article_id] = body


_SET_BODY = (
    update(article_texts).where(article_texts.c.article_id == bindparam("of_key")).values(body=bindparam("body"))
)


def _write_lists(connection: Connection, article_id: int, old: Mapping[str, tuple[str, ...]], new: Capture) -> None:
    if old != new.lists:
        clear_lists(connection, [article_id])
        write_lists(connection, {article_id: new.article})


def _as_written(shelf: Shelf, article_id: int, new: Capture) -> Written:
    return written_of(shelf.article(article_id), new.article, new.body)


def written_of(row: Mapping[str, Any], article: Article, body: str) -> Written:
    """Tell what follows from articles (topics, search, stories) of this one."""
    return Written(
        article_id=row["id"],
        uid=row["uid"],
        source_id=row["source_id"],
        title=row["title"],
        summary=row["summary"],
        body=body,
        agencies=tuple(article.agencies),
        published_at=row["published_at"],
        published_on=row["published_on"],
        first_seen_at=row["first_seen_at"],
    )


def _zone(connection: Connection) -> ZoneInfo:
    return ZoneInfo(connection.execute(select(warehouse.c.newsroom_timezone)).scalar_one())
