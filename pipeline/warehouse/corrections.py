"""What a person corrects: values that hold against every later capture and re-extraction, until they are revoked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, null, select, update

from models.tables import corrections
from pipeline.articles.article import Article
from pipeline.articles.stored import moment_from_json, moment_to_json
from pipeline.warehouse.batches import in_chunks

SIGNAL = "correction"
"""What `provenance` and `published_signal` say of a corrected value."""

FIELDS = ("title", "summary", "place", "section", "language", "kind", "published_at", "authors", "tags", "agencies")
"""What may be corrected of an article itself; `duplicate_of` may be as well."""

DUPLICATE_OF = "duplicate_of"


@dataclass(frozen=True, slots=True)
class Held:
    """A correction that holds."""

    id: int
    field: str
    value: Any
    previous: Any


def held(connection: Connection, article_ids: Collection[int]) -> dict[int, dict[str, Held]]:
    """Give the corrections that hold, by article and field."""
    found: dict[int, dict[str, Held]] = {}
    for chunk in in_chunks(sorted(article_ids)):
        for article_id, *row in connection.execute(_HELD, {"keys": chunk}):
            one = Held(*row)
            found.setdefault(article_id, {})[one.field] = one
    return found


_HELD = (
    select(corrections.c.article_id, corrections.c.id, corrections.c.field, corrections.c.value, corrections.c.previous)
    .where(corrections.c.article_id.in_(bindparam("keys", expanding=True)), corrections.c.revoked_at.is_(None))
    .order_by(corrections.c.id)
)


def corrected(article: Article, correction: Mapping[str, Held]) -> Article:
    """Give an article with what a person corrected; its provenance says so."""
    for one in correction.values():
        if one.field != DUPLICATE_OF:
            article = with_value(article, one.field, one.value, SIGNAL)
    return article


def with_value(article: Article, field: str, value: Any, signal: str | None) -> Article:
    """Give an article with another value of a field, as `value_of` gives it, and what says so."""
    provenance = dict(article.provenance)
    name = "published" if field == "published_at" else field
    if signal is None:
        provenance.pop(name, None)
    else:
        provenance[name] = signal
    changed: dict[str, Any] = {"provenance": provenance}
    if field == "published_at":
        changed["published"] = moment_from_json(value)
    elif field in ("authors", "tags", "agencies"):
        changed[field] = tuple(value or ())
    elif field == "section":
        changed |= {"section": value, "section_path": (value,) if value else ()}
    else:
        changed[field] = value
    return replace(article, **changed)


def value_of(article: Article, field: str) -> Any:
    """Give the value of a field as corrections keep it, in JSON."""
    if field == "published_at":
        return moment_to_json(article.published)
    value = getattr(article, field)
    return list(value) if isinstance(value, tuple) else value


def note_captured(connection: Connection, correction: Mapping[str, Held], stated: Article) -> None:
    """Keep what the publisher says now where a correction holds: it comes back when the correction is revoked."""
    for one in correction.values():
        if one.field == DUPLICATE_OF:
            continue
        value = value_of(stated, one.field)
        if value != one.previous:
            _set(connection, one.id, {"previous": null() if value is None else value})


def add(
    connection: Connection, article_id: int, field: str, value: Any, previous: Any, who: str, why: str, at: datetime
) -> None:
    """Write a correction; one of the same field that held until now is superseded, and its `previous` is kept."""
    before = held(connection, [article_id]).get(article_id, {}).get(field)
    if before is not None:
        _set(connection, before.id, {"revoked_at": at})
        previous = before.previous
    said = {"corrected_at": at, "corrected_by": who, "reason": why}
    values = {"value": null() if value is None else value, "previous": null() if previous is None else previous}
    connection.execute(insert(corrections).values(article_id=article_id, field=field, **values, **said))


def revoke(connection: Connection, correction_id: int, at: datetime) -> None:
    """Let a correction hold no more."""
    _set(connection, correction_id, {"revoked_at": at})


def _set(connection: Connection, correction_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(corrections).where(corrections.c.id == correction_id).values(**values))


def history(connection: Connection, article_id: int) -> list[Any]:
    """Give every correction of an article, revoked ones too, oldest first."""
    query = select(corrections).where(corrections.c.article_id == article_id).order_by(corrections.c.id)
    return list(connection.execute(query))
