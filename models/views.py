"""The report views as analysts know them: names, columns in their order, and what each says.

The SQL is frozen in the revisions; a test holds the warehouse to this page. Columns are only ever appended.
"""

from sqlalchemy import Connection, Table

from models.tables import (
    article_agencies,
    article_authors,
    article_copies,
    article_tags,
    article_topics,
    article_versions,
    articles,
    daily_coverage,
    entries,
    feeds,
    ledger,
    rejected,
    runs,
    sources,
    stories,
    tombstones,
)

_SLUG = "The publisher's short name (sources.slug)."
_PUBLISHER = "The publisher's name."
_KEY = "The article's key in this warehouse."
_DAY = "The article's day in the newsroom's zone."
_WEEK = "The Monday of report_date's week."
_MONTH = "The month of report_date, YYYY-MM."
_GROUP = "The group of the section in sections.yaml; NULL when it is in none."


def _of(table: Table, *names: str) -> dict[str, str]:
    """Give columns that say what the table's columns of the same names say."""
    return {name: table.columns[name].comment or "" for name in names}


DESCRIPTIONS = {
    "report_articles": "One row is an article as it is now, without its body: the table to begin with.",
    "report_texts": "One row is the body of an article.",
    "report_sources": "One row is a publisher, with what it has brought.",
    "report_feeds": "One row is a feed, with its state and its last poll.",
    "report_ledger": "One row is the one outcome that an entry had in a run.",
    "report_article_authors": "One row is a person in an article's byline.",
    "report_article_tags": "One row is a tag of an article.",
    "report_article_agencies": "One row is an agency, or a paper reprinted, that an article credits.",
    "report_article_topics": "One row is a topic of an article.",
    "report_topics": "One row is a topic on a day at a publisher.",
    "report_daily": "One row is what a publisher brought on a day in a section, of one kind; sums are quick.",
    "report_coverage": "One row is a day of a publisher: how closely its feeds were watched, in runs that have ended.",
    "report_latency": "One row is an article whose way can be timed: found in a feed, published to the minute, after "
    "its publisher was first followed.",
    "report_stories": "One row is a story: articles of one or more publishers that share their words.",
    "report_story_articles": "One row is an article of a story.",
    "report_copies": "One row is a pair of articles that share a good part of their words.",
    "report_edits": "One row is a change of words by the publisher; report_versions tells the other causes.",
    "report_versions": "One row is a version of an article, the current one too: the corpus as it was on any day.",
    "report_withdrawn": "One row is an article whose page is gone.",
    "report_rejected": "One row is a capture that broke a quality rule; it is no article unless it was released.",
    "report_removed": "One row is an address whose article a person removed: copies of the warehouse drop it too.",
    "report_runs": "One row is a run; report_ledger tells each outcome.",
}

COLUMNS: dict[str, dict[str, str]] = {
    "report_articles": {
        "article_id": _KEY,
        **_of(articles, "uid"),
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(sources, "country"),
        **_of(articles, "url", "title", "summary"),
        "authors": "People of the byline in their order, joined by '; '.",
        "agencies": "Agencies and reprinted papers that are credited, joined by '; '.",
        **_of(articles, "place", "section", "section_path"),
        "tags": "Tags in their order, joined by '; '.",
        **_of(articles, "language", "kind", "published_at", "published_on", "published_local"),
        "published_hour": "Hour of published_local, 0 to 23.",
        **_of(articles, "published_precision", "published_signal", "report_date", "is_report_date_estimated"),
        **_of(articles, "publisher_modified_at", "first_seen_at", "first_loaded_at", "updated_at", "ingested_via"),
        **_of(articles, "word_count", "char_count", "version_number", "story_id", "duplicate_of", "image_url"),
        **_of(articles, "is_paywalled", "is_body_partial", "extractor_version"),
        **_of(sources, "is_own"),
        "section_group": _GROUP,
        "report_week": _WEEK,
        "report_month": _MONTH,
        **_of(articles, "published_utc_offset_minutes", "version_cause", "version_began_at", "last_checked_at"),
        **_of(articles, "withdrawn_at", "withdrawn_outcome", "withdrawn_reason"),
        "has_author": "Whether a person is in the byline; quicker to ask than authors.",
    },
    "report_texts": {"article_id": "The article.", "body": "Paragraphs, one a line."},
    "report_sources": {
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(sources, "home", "country", "language", "timezone", "store", "is_archived"),
        "feeds": "Feeds that are followed.",
        "articles": "Articles in the warehouse.",
        "last_published_at": "The latest instant of publication.",
        "last_polled_at": "When a feed of it was last polled.",
        **_of(sources, "created_at", "retired_at", "is_own", "is_rechecked"),
    },
    "report_feeds": {
        "feed_id": "The feed's key.",
        "source": _SLUG,
        **_of(feeds, "url", "title", "section", "state", "interval_seconds", "next_poll_at", "last_polled_at"),
        **_of(feeds, "last_outcome", "last_reason", "failures"),
        "entries": "Entries that it has brought.",
        "last_entry_at": "When it last brought a new entry.",
        "last_read_at": "When it was last polled and could be read: what came later has not been seen yet.",
    },
    "report_ledger": {
        "run_id": "The run.",
        "run_started_at": runs.c.started_at.comment or "",
        "source": _SLUG,
        "feed_id": "The feed.",
        "feed_url": "The feed's address.",
        "entry_id": "The entry.",
        "guid": entries.c.guid.comment or "",
        "entry_url": entries.c.url.comment or "",
        **_of(ledger, "outcome", "reason", "at"),
        "article_id": "The article that its page became; NULL when it became none.",
    },
    "report_article_authors": {
        "article_id": _KEY,
        **_of(article_authors, "position"),
        "author": "The name as printed, NFC.",
        "source": _SLUG,
        "report_date": _DAY,
    },
    "report_article_tags": {
        "article_id": _KEY,
        **_of(article_tags, "position"),
        "tag": "The tag as printed, NFC.",
        "source": _SLUG,
        "report_date": _DAY,
    },
    "report_article_agencies": {
        "article_id": _KEY,
        **_of(article_agencies, "position", "agency"),
        "source": _SLUG,
        "report_date": _DAY,
    },
    "report_article_topics": {
        "article_id": _KEY,
        "topic": "The topic's name in topics.yaml.",
        **_of(article_topics, "mentions"),
        "source": _SLUG,
        "report_date": _DAY,
    },
    "report_topics": {
        **_of(articles, "report_date"),
        "report_week": _WEEK,
        "report_month": _MONTH,
        "topic": "The topic's name in topics.yaml.",
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(sources, "country", "is_own"),
        "articles": "Articles of that day and publisher on the topic.",
        "mentions": "How often its phrases occur in them.",
    },
    "report_daily": {
        **_of(articles, "report_date"),
        "report_week": _WEEK,
        "report_month": _MONTH,
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(sources, "country", "is_own"),
        **_of(articles, "section"),
        "section_group": _GROUP,
        **_of(articles, "kind"),
        "articles": "Articles.",
        "words": "Words of their bodies.",
        "estimated_dates": "Articles whose day is the one they were first seen on.",
        "partial_bodies": "Articles whose body is a teaser or was cut.",
        "withdrawn": "Articles whose page is gone by now.",
    },
    "report_coverage": {
        **_of(daily_coverage, "report_date"),
        "source": _SLUG,
        "source_name": _PUBLISHER,
        "feeds": "Feeds that were followed that day.",
        **_of(daily_coverage, "polls", "failed_polls", "entries_new", "gaps"),
        "blind_feeds": "Feeds with blind minutes.",
        "blind_minutes": "Minutes of the day of which the worst of its feeds tells nothing: between the polls on both "
        "sides of a gap. 0 also after long waits, when the next poll found all that had come.",
        "longest_wait_minutes": "The longest time between two good polls of a feed that ended on this day.",
        "unread_feeds": "Feeds without one good poll on this day; what they missed is known at the next good one.",
    },
    "report_latency": {
        "article_id": _KEY,
        "source": _SLUG,
        **_of(articles, "report_date", "published_at", "first_seen_at", "first_loaded_at", "published_precision"),
        "publish_to_seen_minutes": "Minutes from publication to the poll that saw it; below 0: dated ahead.",
        "seen_to_loaded_minutes": "Minutes from there until it was loaded.",
        "publish_to_loaded_minutes": "Both together.",
    },
    "report_stories": {
        "story_id": "The story's key in this warehouse.",
        **_of(stories, "uid"),
        "title": "Headline of its first article.",
        "first_article_id": "Its first article.",
        "first_source": "The publisher of the first article (sources.slug).",
        **_of(stories, "first_at", "last_at"),
        "span_minutes": "Minutes between the two.",
        **_of(stories, "article_count", "source_count"),
        "has_own": "Whether the newsroom's own paper is in it.",
        "report_date": "The first article's day in the newsroom's zone.",
        **_of(stories, "updated_at"),
    },
    "report_story_articles": {
        "story_id": "The story.",
        "article_id": _KEY,
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(sources, "country", "is_own"),
        **_of(articles, "title", "url", "published_at", "published_precision", "first_seen_at", "report_date"),
        "minutes_after_first": "Minutes after the story's first article, by publication, else by when it was first "
        "seen; 0 for the first.",
        "is_time_stated": "True when the publisher states the time; false when it is only known when we saw it.",
    },
    "report_copies": {
        "article_id": "The later article, the copy.",
        "source": _SLUG,
        **_of(articles, "title", "url", "published_at", "report_date"),
        "original_id": "The earlier article.",
        "original_source": "The publisher of the earlier article (sources.slug).",
        "original_title": "Headline of the earlier article.",
        "original_url": "Address of the earlier article.",
        "original_published_at": "When the earlier article was published.",
        "minutes_later": "Minutes from the one to the other, by publication, else by when they were first seen.",
        **_of(article_copies, "share", "original_share", "is_credited", "is_same_story", "found_at"),
    },
    "report_edits": {
        "article_id": _KEY,
        **_of(articles, "uid"),
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(articles, "url"),
        "at": "When the change was found.",
        "version_number": "The version that the change made.",
        "title_before": "Headline before.",
        "title_after": "Headline after.",
        "summary_before": "Standfirst before.",
        "summary_after": "Standfirst after.",
        "changed_fields": "What changed of title, summary and body, joined by '; '.",
        "words_added": "Words that it added to title, summary and body.",
        "words_removed": "Words that it removed from them.",
        "report_date": _DAY,
        "diff": "What changed, paragraph by paragraph: lines begin with -, + or ~.",
    },
    "report_versions": {
        "article_id": _KEY,
        **_of(articles, "uid"),
        "source": _SLUG,
        **_of(articles, "url"),
        **_of(article_versions, "version_number", "began_at"),
        "ended_at": "When the version after it took its place; NULL for the current one.",
        "cause": "Why it differs from the version before: first, publisher, re-extraction, correction or unknown.",
        **_of(article_versions, "title", "summary", "word_count", "char_count", "extractor_version"),
        "report_date": _DAY,
        **_of(articles, "withdrawn_at"),
        **_of(article_versions, "body"),
    },
    "report_withdrawn": {
        "article_id": _KEY,
        **_of(articles, "uid"),
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **_of(articles, "url", "title", "published_at", "report_date"),
        **_of(articles, "withdrawn_at", "withdrawn_outcome", "withdrawn_reason"),
        "minutes_online": "Minutes from its publication, else from when it was first seen, until it was found gone.",
    },
    "report_rejected": {
        "rejected_id": "The row's key.",
        "source": _SLUG,
        **_of(rejected, "url", "title", "rule", "detail", "rejected_at", "state"),
        **_of(rejected, "decided_at", "decided_by", "decided_reason"),
        "run_id": "The run that set it aside.",
        **_of(rejected, "extractor_version"),
    },
    "report_removed": _of(tombstones, "url_key", "uid", "source", "removed_at", "removed_by", "reason"),
    "report_runs": {
        "run_id": "The run.",
        **_of(runs, "kind", "state", "started_at", "finished_at"),
        "minutes": "How long it took.",
        "loaded": "New articles.",
        "updated": "Articles with other words.",
        "unchanged": "Articles that were looked at again and were the same.",
        "duplicate": "Pages that are an article we had.",
        "rejected": "Captures that were set aside.",
        "deferred": "Entries left to a later run.",
        **_of(runs, "error", "flow_run_id"),
    },
}

POSTGRES_DESCRIPTIONS = {"report_search": "One row has the words of an article; search_query('…', false) asks them."}
POSTGRES_COLUMNS = {
    "report_search": {
        "article_id": _KEY,
        "words": "Its words as written and without marks, as a tsvector: words @@ search_query('\"can tho\"', false).",
    }
}
"""What only PostgreSQL needs; in SQLite `report_search` is the index itself, an FTS5 table."""

TEXTS = {
    "report_texts": ("article_id", "body"),
    "report_search": ("article_id", "words"),
    "report_versions": ("body",),
    "report_edits": ("diff",),
}
"""The columns from which texts of articles can be read."""


def explain_views(connection: Connection) -> None:
    """Give the views and their columns in PostgreSQL the words of this page, as COMMENT; SQLite keeps none."""
    if connection.dialect.name != "postgresql":
        return
    descriptions = DESCRIPTIONS | POSTGRES_DESCRIPTIONS
    for name, columns in (COLUMNS | POSTGRES_COLUMNS).items():
        connection.exec_driver_sql(f"COMMENT ON VIEW {name} IS {_quoted(descriptions[name])}")
        for column, meaning in columns.items():
            connection.exec_driver_sql(f"COMMENT ON COLUMN {name}.{column} IS {_quoted(meaning)}")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
