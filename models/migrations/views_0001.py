"""The report views as revision 0001 makes them; frozen, as every revision's SQL is."""


def joined(dialect: str, column: str, source: str, where: str) -> str:
    """Give a subquery that joins `column` by "; " in the order of `position`."""
    if dialect == "postgresql":
        return f"(SELECT string_agg({column}, '; ' ORDER BY position) FROM {source} WHERE {where})"  # noqa: S608
    in_order = f"SELECT {column} AS name FROM {source} WHERE {where} ORDER BY position"  # noqa: S608
    return f"(SELECT group_concat(name, '; ') FROM ({in_order}))"  # noqa: S608


def report_articles(dialect: str) -> str:
    """Give the flat view of articles, without the body."""
    authors = joined(dialect, "w.name", "article_authors l JOIN authors w ON w.id = l.author_id", "l.article_id = a.id")
    tags = joined(dialect, "w.name", "article_tags l JOIN tags w ON w.id = l.tag_id", "l.article_id = a.id")
    agencies = joined(dialect, "l.agency", "article_agencies l", "l.article_id = a.id")
    hour = (
        "CAST(extract(hour FROM a.published_local) AS integer)"
        if dialect == "postgresql"
        else "CAST(substr(a.published_local, 12, 2) AS integer)"
    )
    return f"""
        SELECT a.id AS article_id, a.uid, s.slug AS source, s.name AS source_name, s.country, a.url, a.title, a.summary,
            {authors} AS authors, {agencies} AS agencies, a.place, a.section, a.section_path, {tags} AS tags,
            a.language, a.kind, a.published_at, a.published_on, a.published_local, {hour} AS published_hour,
            a.published_precision, a.published_signal, a.report_date, a.is_report_date_estimated,
            a.publisher_modified_at, a.first_seen_at, a.first_loaded_at, a.updated_at, a.ingested_via,
            a.word_count, a.char_count, a.version_number, CAST(NULL AS bigint) AS story_id, a.duplicate_of,
            a.image_url, a.is_paywalled, a.is_body_partial, a.extractor_version
        FROM articles a JOIN sources s ON s.id = a.source_id"""  # noqa: S608


REPORT_TEXTS = "SELECT article_id, body FROM article_texts"

REPORT_SOURCES = """
    SELECT s.slug AS source, s.name AS source_name, s.home, s.country, s.language, s.timezone, s.store, s.is_archived,
        (SELECT count(*) FROM feeds f WHERE f.source_id = s.id AND f.state <> 'retired') AS feeds,
        (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles,
        (SELECT max(a.published_at) FROM articles a WHERE a.source_id = s.id) AS last_published_at,
        (SELECT max(f.last_polled_at) FROM feeds f WHERE f.source_id = s.id) AS last_polled_at,
        s.created_at, s.retired_at
    FROM sources s"""

REPORT_FEEDS = """
    SELECT f.id AS feed_id, s.slug AS source, f.url, f.title, f.section, f.state, f.interval_seconds, f.next_poll_at,
        f.last_polled_at, f.last_outcome, f.last_reason, f.failures,
        (SELECT count(*) FROM entries e WHERE e.feed_id = f.id) AS entries,
        (SELECT max(e.first_seen_at) FROM entries e WHERE e.feed_id = f.id) AS last_entry_at
    FROM feeds f JOIN sources s ON s.id = f.source_id"""

REPORT_LEDGER = """
    SELECT l.run_id, r.started_at AS run_started_at, s.slug AS source, e.feed_id, f.url AS feed_url, l.entry_id,
        e.guid, e.url AS entry_url, l.outcome, l.reason, l.at, p.article_id
    FROM ledger l JOIN runs r ON r.id = l.run_id JOIN entries e ON e.id = l.entry_id
        JOIN feeds f ON f.id = e.feed_id JOIN sources s ON s.id = f.source_id LEFT JOIN pages p ON p.id = e.page_id"""


def statements(dialect: str) -> list[str]:
    """Give the statements that create the views of this revision."""
    views = {
        "report_articles": report_articles(dialect),
        "report_texts": REPORT_TEXTS,
        "report_sources": REPORT_SOURCES,
        "report_feeds": REPORT_FEEDS,
        "report_ledger": REPORT_LEDGER,
    }
    return [f"CREATE VIEW {name} AS {query}" for name, query in views.items()]
