"""What a person decides about one article: its values corrected, and corrections revoked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, update

from config.codes import is_language
from models.outcomes import Outcome
from models.states import Kind
from models.tables import articles
from pipeline.articles.article import Article
from pipeline.articles.stored import moment_to_json
from pipeline.dates.moment import Moment
from pipeline.text import one_line
from pipeline.warehouse import corrections
from pipeline.warehouse.article_rows import published_values, read_lists, report_day
from pipeline.warehouse.corrections import DUPLICATE_OF, FIELDS, SIGNAL, value_of, with_value
from pipeline.warehouse.identity import Shelf
from pipeline.warehouse.versions import change_values

CORRECTABLE = (*FIELDS, DUPLICATE_OF)
LISTS = ("authors", "tags", "agencies")


class CorrectionError(Exception):
    """A correction that cannot be made; the message is one sentence for the person."""


def correct(
    connection: Connection, article_id: int, field: str, value: Any, who: str, why: str, zone: ZoneInfo, at: datetime
) -> None:
    """Set a field to what a person says, against every later capture. `value` is as `parse_value` gives it.

    Raises CorrectionError.
    """
    shelf = Shelf(connection)
    row = shelf.article(article_id)
    if field == DUPLICATE_OF:
        if value == article_id:
            raise CorrectionError("An article is not a duplicate of itself.")
        corrections.add(connection, article_id, field, value, row[DUPLICATE_OF], who, why, at)
        _set_duplicate(connection, article_id, value, at)
        return
    article = article_of(row, read_lists(connection, article_id))
    corrections.add(connection, article_id, field, value, value_of(article, field), who, why, at)
    _write(shelf, article_id, with_value(article, field, value, SIGNAL), field, zone, at)


def revoke(connection: Connection, article_id: int, field: str, zone: ZoneInfo, at: datetime) -> Any:
    """Take a correction back; the field says again what the publisher says. Gives that; raises CorrectionError."""
    correction = corrections.held(connection, [article_id]).get(article_id, {}).get(field)
    if correction is None:
        raise CorrectionError(f"No correction of {field} holds.")
    corrections.revoke(connection, correction.id, at)
    if field == DUPLICATE_OF:
        _set_duplicate(connection, article_id, correction.previous, at)
        return correction.previous
    shelf = Shelf(connection)
    article = article_of(shelf.article(article_id), read_lists(connection, article_id))
    signal = None
    if field == "published_at" and correction.previous:
        signal = correction.previous["signal"]
    _write(shelf, article_id, with_value(article, field, correction.previous, signal), field, zone, at)
    return correction.previous


def _write(shelf: Shelf, article_id: int, article: Article, field: str, zone: ZoneInfo, at: datetime) -> None:
    values: dict[str, Any] = {"provenance": article.provenance}
    if field == "published_at":
        day, is_estimated = report_day(article, zone, shelf.article(article_id)["first_seen_at"])
        values |= published_values(article) | {"report_date": day, "is_report_date_estimated": is_estimated}
    elif field == "section":
        values |= {"section": article.section, "section_path": "; ".join(article.section_path) or None}
    elif field not in LISTS:
        values[field] = getattr(article, field)
    change_values(shelf, article_id, article, shelf.body(article_id), values, at)


def _set_duplicate(connection: Connection, article_id: int, value: int | None, at: datetime) -> None:
    connection.execute(update(articles).where(articles.c.id == article_id).values(duplicate_of=value, updated_at=at))


def article_of(row: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> Article:
    """Give the article that a row says."""
    return Article(
        Outcome.LOADED,
        title=row["title"],
        summary=row["summary"],
        place=row["place"],
        section=row["section"],
        section_path=tuple(row["section_path"].split("; ")) if row["section_path"] else (),
        language=row["language"],
        kind=row["kind"],
        published=_published(row),
        provenance=dict(row["provenance"]),
        authors=lists["authors"],
        tags=lists["tags"],
        agencies=lists["agencies"],
    )


def _published(row: Mapping[str, Any]) -> Moment | None:
    signal = row["published_signal"] or ""
    if row["published_local"] is not None and row["published_utc_offset_minutes"] is not None:
        zone = timezone(timedelta(minutes=row["published_utc_offset_minutes"]))
        return Moment.at(row["published_local"].replace(tzinfo=zone), signal)
    return Moment.day(row["published_on"], signal) if row["published_on"] is not None else None


def parse_value(field: str, text: str, zone: ZoneInfo) -> Any:
    """Read what a person typed for a field, as corrections keep it; '' means nothing. Raises CorrectionError.

    Lists are parted by ';'. A time without offset is in `zone`; a day alone is a day.
    """
    words = one_line(text)
    if field in LISTS:
        return list(dict.fromkeys(name for part in text.split(";") if (name := one_line(part))))
    if words is None:
        if field == "kind":
            raise CorrectionError(f"kind must be one of {', '.join(Kind)}.")
        return None
    if field == "published_at":
        return moment_to_json(_moment(words, zone))
    if field == "kind" and words not in set(Kind):
        raise CorrectionError(f"kind must be one of {', '.join(Kind)}.")
    if field == "language" and not is_language(words):
        raise CorrectionError(f"{words!r} is no BCP 47 language tag such as vi or zh-Hant.")
    return words


def _moment(words: str, zone: ZoneInfo) -> Moment:
    try:
        return Moment.day(date.fromisoformat(words), SIGNAL)
    except ValueError:
        pass
    try:
        local = datetime.fromisoformat(words)
        local = local if local.tzinfo else local.replace(tzinfo=zone)
        local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CorrectionError(
            f"{words!r} is no time such as 2026-11-24T09:15+07:00 and no day such as 2026-11-24."
        ) from None
    return Moment.at(local, SIGNAL)
