"""The columns of an export, in their order: those of `report_articles`, by kind. They are only ever appended."""

from enum import StrEnum


class Kind(StrEnum):
    """What kind of values a column has: each format writes it in its own way."""

    TEXT = "text"
    INTEGER = "integer"
    TRUTH = "truth"
    INSTANT = "instant"
    WALL = "wall"
    DAY = "day"


# The partition's folders say month and day.
ARTICLES: dict[str, Kind] = {
    "article_id": Kind.INTEGER,
    "uid": Kind.TEXT,
    "source": Kind.TEXT,
    "source_name": Kind.TEXT,
    "country": Kind.TEXT,
    "url": Kind.TEXT,
    "title": Kind.TEXT,
    "summary": Kind.TEXT,
    "authors": Kind.TEXT,
    "agencies": Kind.TEXT,
    "place": Kind.TEXT,
    "section": Kind.TEXT,
    "section_path": Kind.TEXT,
    "tags": Kind.TEXT,
    "language": Kind.TEXT,
    "kind": Kind.TEXT,
    "published_at": Kind.INSTANT,
    "published_on": Kind.DAY,
    "published_local": Kind.WALL,
    "published_hour": Kind.INTEGER,
    "published_precision": Kind.TEXT,
    "published_signal": Kind.TEXT,
    "report_date": Kind.DAY,
    "is_report_date_estimated": Kind.TRUTH,
    "publisher_modified_at": Kind.INSTANT,
    "first_seen_at": Kind.INSTANT,
    "first_loaded_at": Kind.INSTANT,
    "updated_at": Kind.INSTANT,
    "ingested_via": Kind.TEXT,
    "word_count": Kind.INTEGER,
    "char_count": Kind.INTEGER,
    "version_number": Kind.INTEGER,
    "story_id": Kind.INTEGER,
    "duplicate_of": Kind.INTEGER,
    "image_url": Kind.TEXT,
    "is_paywalled": Kind.TRUTH,
    "is_body_partial": Kind.TRUTH,
    "extractor_version": Kind.TEXT,
    "is_own": Kind.TRUTH,
    "section_group": Kind.TEXT,
    "published_utc_offset_minutes": Kind.INTEGER,
    "version_cause": Kind.TEXT,
    "version_began_at": Kind.INSTANT,
    "last_checked_at": Kind.INSTANT,
    "withdrawn_at": Kind.INSTANT,
    "withdrawn_outcome": Kind.TEXT,
    "withdrawn_reason": Kind.TEXT,
    "has_author": Kind.TRUTH,
}
BODY = {"body": Kind.TEXT}
REMOVED = {"uid": Kind.TEXT, "source": Kind.TEXT, "removed_at": Kind.INSTANT}
