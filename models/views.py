"""The report views as analysts know them: names, columns in their order, and what each says.

The SQL is frozen in the revisions; a test holds the warehouse to this page. Columns are only ever appended.
"""

from models.tables import articles, entries, feeds, ledger, runs, sources

_ARTICLE = {column.name: column.comment or "" for column in articles.columns}
_SOURCE = {column.name: column.comment or "" for column in sources.columns}
_FEED = {column.name: column.comment or "" for column in feeds.columns}

_SLUG = "The publisher's short name (sources.slug)."
_PUBLISHER = "The publisher's name."

DESCRIPTIONS = {
    "report_articles": "One row is an article as it is now, without its body: the table to begin with.",
    "report_texts": "One row is the body of an article.",
    "report_sources": "One row is a publisher, with what it has brought.",
    "report_feeds": "One row is a feed, with its state and its last poll.",
    "report_ledger": "One row is the one outcome that an entry had in a run.",
}

COLUMNS: dict[str, dict[str, str]] = {
    "report_articles": {
        "article_id": "The article's key in this warehouse.",
        "uid": _ARTICLE["uid"],
        "source": _SLUG,
        "source_name": _PUBLISHER,
        "country": _SOURCE["country"],
        "url": _ARTICLE["url"],
        "title": _ARTICLE["title"],
        "summary": _ARTICLE["summary"],
        "authors": "People of the byline in their order, joined by '; '.",
        "agencies": "Agencies and reprinted papers that are credited, joined by '; '.",
        "place": _ARTICLE["place"],
        "section": _ARTICLE["section"],
        "section_path": _ARTICLE["section_path"],
        "tags": "Tags in their order, joined by '; '.",
        "language": _ARTICLE["language"],
        "kind": _ARTICLE["kind"],
        "published_at": _ARTICLE["published_at"],
        "published_on": _ARTICLE["published_on"],
        "published_local": _ARTICLE["published_local"],
        "published_hour": "Hour of published_local, 0 to 23.",
        "published_precision": _ARTICLE["published_precision"],
        "published_signal": _ARTICLE["published_signal"],
        "report_date": _ARTICLE["report_date"],
        "is_report_date_estimated": _ARTICLE["is_report_date_estimated"],
        "publisher_modified_at": _ARTICLE["publisher_modified_at"],
        "first_seen_at": _ARTICLE["first_seen_at"],
        "first_loaded_at": _ARTICLE["first_loaded_at"],
        "updated_at": _ARTICLE["updated_at"],
        "ingested_via": _ARTICLE["ingested_via"],
        "word_count": _ARTICLE["word_count"],
        "char_count": _ARTICLE["char_count"],
        "version_number": _ARTICLE["version_number"],
        "story_id": "The story that it belongs to; NULL until stories are told apart.",
        "duplicate_of": _ARTICLE["duplicate_of"],
        "image_url": _ARTICLE["image_url"],
        "is_paywalled": _ARTICLE["is_paywalled"],
        "is_body_partial": _ARTICLE["is_body_partial"],
        "extractor_version": _ARTICLE["extractor_version"],
    },
    "report_texts": {"article_id": "The article.", "body": "Paragraphs, one a line."},
    "report_sources": {
        "source": _SLUG,
        "source_name": _PUBLISHER,
        **{name: _SOURCE[name] for name in ("home", "country", "language", "timezone", "store", "is_archived")},
        "feeds": "Feeds that are followed.",
        "articles": "Articles in the warehouse.",
        "last_published_at": "The latest instant of publication.",
        "last_polled_at": "When a feed of it was last polled.",
        **{name: _SOURCE[name] for name in ("created_at", "retired_at")},
    },
    "report_feeds": {
        "feed_id": "The feed's key.",
        "source": _SLUG,
        **{
            name: _FEED[name]
            for name in (
                "url",
                "title",
                "section",
                "state",
                "interval_seconds",
                "next_poll_at",
                "last_polled_at",
                "last_outcome",
                "last_reason",
                "failures",
            )
        },
        "entries": "Entries that it has brought.",
        "last_entry_at": "When it last brought a new entry.",
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
        "outcome": ledger.c.outcome.comment or "",
        "reason": ledger.c.reason.comment or "",
        "at": ledger.c.at.comment or "",
        "article_id": "The article that its page became; NULL when it became none.",
    },
}
