"""The report views as revision 0004 makes them; frozen, as every revision's SQL is.

Views of earlier revisions keep their columns in their order and get new ones at the end, so that PostgreSQL replaces
them in place: what was granted, and other people's views on them, stay.
"""

from models.migrations.views_0001 import REPORT_LEDGER, REPORT_TEXTS, joined

_GOOD_POLLS = "('new_entries', 'no_new_entries', 'not_modified', 'empty', 'partly_broken')"


class Words:
    """What the two databases say differently."""

    def __init__(self, dialect: str) -> None:
        self.is_postgres = dialect == "postgresql"
        self.dialect = dialect

    def hour(self, local: str) -> str:
        """Give the hour of a wall time."""
        if self.is_postgres:
            return f"CAST(extract(hour FROM {local}) AS integer)"
        return f"CAST(substr({local}, 12, 2) AS integer)"

    def week(self, day: str) -> str:
        """Give the Monday of a day's week."""
        if self.is_postgres:
            return f"CAST(date_trunc('week', {day}) AS date)"
        return f"date({day}, '-6 days', 'weekday 1')"

    def month(self, day: str) -> str:
        """Give a day's month as YYYY-MM."""
        return f"to_char({day}, 'YYYY-MM')" if self.is_postgres else f"substr({day}, 1, 7)"

    def minutes(self, begin: str, end: str) -> str:
        """Give the minutes between two instants, to one decimal."""
        if self.is_postgres:
            return f"round(extract(epoch FROM {end} - {begin}) / 60, 1)"
        return f"round((julianday({end}) - julianday({begin})) * 1440, 1)"

    def words_of(self, column: str) -> str:
        """Give a list in JSON, joined by "; "."""
        if self.is_postgres:
            return f"(SELECT string_agg(w.value, '; ') FROM jsonb_array_elements_text({column}) w)"  # noqa: S608
        return f"(SELECT group_concat(w.value, '; ') FROM json_each({column}) w)"  # noqa: S608

    def count_in(self, column: str, *path: str) -> str:
        """Give a number inside JSON, 0 when it is not there."""
        if self.is_postgres:
            found = f"CAST({column} #>> '{{{','.join(path)}}}' AS integer)"
        else:
            found = f"json_extract({column}, '$.{'.'.join(path)}')"
        return f"coalesce({found}, 0)"


def report_articles(words: Words) -> str:
    """Give the flat view of articles, without the body."""
    people = "article_authors l JOIN authors w ON w.id = l.author_id"
    authors = joined(words.dialect, "w.name", people, "l.article_id = a.id")
    tags = joined(words.dialect, "w.name", "article_tags l JOIN tags w ON w.id = l.tag_id", "l.article_id = a.id")
    agencies = joined(words.dialect, "l.agency", "article_agencies l", "l.article_id = a.id")
    return f"""
        SELECT a.id AS article_id, a.uid, s.slug AS source, s.name AS source_name, s.country, a.url, a.title, a.summary,
            {authors} AS authors, {agencies} AS agencies, a.place, a.section, a.section_path, {tags} AS tags,
            a.language, a.kind, a.published_at, a.published_on, a.published_local,
            {words.hour("a.published_local")} AS published_hour,
            a.published_precision, a.published_signal, a.report_date, a.is_report_date_estimated,
            a.publisher_modified_at, a.first_seen_at, a.first_loaded_at, a.updated_at, a.ingested_via,
            a.word_count, a.char_count, a.version_number, a.story_id, a.duplicate_of,
            a.image_url, a.is_paywalled, a.is_body_partial, a.extractor_version,
            s.is_own, (SELECT g.name FROM section_groups g WHERE g.section = a.section) AS section_group,
            {words.week("a.report_date")} AS report_week, {words.month("a.report_date")} AS report_month,
            a.published_utc_offset_minutes, a.version_cause, a.version_began_at, a.last_checked_at,
            a.withdrawn_at, a.withdrawn_outcome, a.withdrawn_reason,
            EXISTS (SELECT 1 FROM article_authors l WHERE l.article_id = a.id) AS has_author
        FROM articles a JOIN sources s ON s.id = a.source_id"""  # noqa: S608


REPORT_SOURCES = """
    SELECT s.slug AS source, s.name AS source_name, s.home, s.country, s.language, s.timezone, s.store, s.is_archived,
        (SELECT count(*) FROM feeds f WHERE f.source_id = s.id AND f.state <> 'retired') AS feeds,
        (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles,
        (SELECT max(a.published_at) FROM articles a WHERE a.source_id = s.id) AS last_published_at,
        (SELECT max(f.last_polled_at) FROM feeds f WHERE f.source_id = s.id) AS last_polled_at,
        s.created_at, s.retired_at, s.is_own, s.is_rechecked
    FROM sources s"""

REPORT_FEEDS = f"""
    SELECT f.id AS feed_id, s.slug AS source, f.url, f.title, f.section, f.state, f.interval_seconds, f.next_poll_at,
        f.last_polled_at, f.last_outcome, f.last_reason, f.failures,
        (SELECT count(*) FROM entries e WHERE e.feed_id = f.id) AS entries,
        (SELECT max(e.first_seen_at) FROM entries e WHERE e.feed_id = f.id) AS last_entry_at,
        (SELECT p.at FROM polls p WHERE p.feed_id = f.id AND p.outcome IN {_GOOD_POLLS} ORDER BY p.at DESC LIMIT 1)
            AS last_read_at
    FROM feeds f JOIN sources s ON s.id = f.source_id"""  # noqa: S608


def _of_articles(table: str, names: str, columns: str) -> str:
    """Give a view of what articles have many of: each row beside the article's source and day.

    The source is no join: whoever does not ask for it does not pay for it.
    """
    return f"""
        SELECT l.article_id, {columns}, (SELECT s.slug FROM sources s WHERE s.id = a.source_id) AS source, a.report_date
        FROM {table} l {names} JOIN articles a ON a.id = l.article_id"""  # noqa: S608


REPORT_ARTICLE_TOPICS = """
    SELECT l.article_id, t.name AS topic, l.mentions, s.slug AS source, a.report_date
    FROM article_topics l JOIN topics t ON t.id = l.topic_id AND t.retired_at IS NULL
        JOIN articles a ON a.id = l.article_id JOIN sources s ON s.id = a.source_id"""


def report_topics(words: Words) -> str:
    """Give topics per day and publisher."""
    return f"""
        SELECT a.report_date, {words.week("a.report_date")} AS report_week,
            {words.month("a.report_date")} AS report_month, t.name AS topic, s.slug AS source, s.name AS source_name,
            s.country, s.is_own, count(*) AS articles, sum(l.mentions) AS mentions
        FROM article_topics l JOIN topics t ON t.id = l.topic_id AND t.retired_at IS NULL
            JOIN articles a ON a.id = l.article_id JOIN sources s ON s.id = a.source_id
        GROUP BY a.report_date, t.name, s.slug, s.name, s.country, s.is_own"""  # noqa: S608


def report_daily(words: Words) -> str:
    """Give what was published per day, publisher, section and kind; the index ix_articles_daily holds all it reads."""
    return f"""
        SELECT d.report_date, {words.week("d.report_date")} AS report_week,
            {words.month("d.report_date")} AS report_month, s.slug AS source, s.name AS source_name, s.country,
            s.is_own, d.section, g.name AS section_group, d.kind, d.articles, d.words, d.estimated_dates,
            d.partial_bodies, d.withdrawn
        FROM (
            SELECT a.report_date, a.source_id, a.section, a.kind, count(*) AS articles, sum(a.word_count) AS words,
                count(CASE WHEN a.is_report_date_estimated THEN 1 END) AS estimated_dates,
                count(CASE WHEN a.is_body_partial THEN 1 END) AS partial_bodies, count(a.withdrawn_at) AS withdrawn
            FROM articles a GROUP BY a.report_date, a.source_id, a.section, a.kind
        ) d JOIN sources s ON s.id = d.source_id LEFT JOIN section_groups g ON g.section = d.section"""  # noqa: S608


REPORT_COVERAGE = """
    SELECT c.report_date, s.slug AS source, s.name AS source_name, count(*) AS feeds, sum(c.polls) AS polls,
        sum(c.failed_polls) AS failed_polls, sum(c.entries_new) AS entries_new, sum(c.gaps) AS gaps,
        count(CASE WHEN c.blind_seconds > 0 THEN 1 END) AS blind_feeds,
        max(c.blind_seconds) / 60 AS blind_minutes, max(c.longest_wait_seconds) / 60 AS longest_wait_minutes,
        count(CASE WHEN c.polls = c.failed_polls THEN 1 END) AS unread_feeds
    FROM daily_coverage c JOIN feeds f ON f.id = c.feed_id JOIN sources s ON s.id = f.source_id
    GROUP BY c.report_date, s.slug, s.name"""


def report_latency(words: Words) -> str:
    """Give how long articles took from the publisher to us; only those of which it can be told."""
    return f"""
        SELECT a.id AS article_id, s.slug AS source, a.report_date, a.published_at, a.first_seen_at, a.first_loaded_at,
            a.published_precision, {words.minutes("a.published_at", "a.first_seen_at")} AS publish_to_seen_minutes,
            {words.minutes("a.first_seen_at", "a.first_loaded_at")} AS seen_to_loaded_minutes,
            {words.minutes("a.published_at", "a.first_loaded_at")} AS publish_to_loaded_minutes
        FROM articles a JOIN sources s ON s.id = a.source_id
        WHERE a.ingested_via = 'feed' AND a.published_precision IN ('second', 'minute')
            AND a.published_at >= s.created_at"""  # noqa: S608


def report_stories(words: Words) -> str:
    """Give the stories, each named after its first article."""
    return f"""
        SELECT t.id AS story_id, t.uid, f.title, f.id AS first_article_id, s.slug AS first_source, t.first_at,
            t.last_at, {words.minutes("t.first_at", "t.last_at")} AS span_minutes, t.article_count, t.source_count,
            EXISTS (SELECT 1 FROM articles o JOIN sources os ON os.id = o.source_id
                WHERE o.story_id = t.id AND os.is_own) AS has_own, f.report_date, t.updated_at
        FROM stories t LEFT JOIN articles f ON f.uid = t.uid LEFT JOIN sources s ON s.id = f.source_id"""  # noqa: S608


def report_story_articles(words: Words) -> str:
    """Give the articles of stories, with how long each came after the first."""
    came = "coalesce(a.published_at, a.first_seen_at)"
    return f"""
        SELECT a.story_id, a.id AS article_id, s.slug AS source, s.name AS source_name, s.country, s.is_own, a.title,
            a.url, a.published_at, a.published_precision, a.first_seen_at, a.report_date,
            {words.minutes("t.first_at", came)} AS minutes_after_first, a.published_at IS NOT NULL AS is_time_stated
        FROM articles a JOIN stories t ON t.id = a.story_id JOIN sources s ON s.id = a.source_id"""  # noqa: S608


def report_copies(words: Words) -> str:
    """Give pairs of articles that share words: the copy, the original, and how much."""
    came = words.minutes(
        "coalesce(o.published_at, o.first_seen_at)",
        "coalesce(a.published_at, a.first_seen_at)",
    )
    return f"""
        SELECT c.article_id, s.slug AS source, a.title, a.url, a.published_at, a.report_date, c.original_id,
            os.slug AS original_source, o.title AS original_title, o.url AS original_url,
            o.published_at AS original_published_at, {came} AS minutes_later, c.share, c.original_share, c.is_credited,
            c.is_same_story, c.found_at
        FROM article_copies c JOIN articles a ON a.id = c.article_id JOIN sources s ON s.id = a.source_id
            JOIN articles o ON o.id = c.original_id JOIN sources os ON os.id = o.source_id"""  # noqa: S608


def report_edits(words: Words) -> str:
    """Give what publishers changed: the version before, and the one after it (the current one is in articles)."""
    return f"""
        SELECT v.article_id, a.uid, s.slug AS source, s.name AS source_name, a.url, v.superseded_at AS at,
            v.version_number + 1 AS version_number, v.title AS title_before,
            CASE WHEN n.id IS NULL THEN a.title ELSE n.title END AS title_after, v.summary AS summary_before,
            CASE WHEN n.id IS NULL THEN a.summary ELSE n.summary END AS summary_after,
            {words.words_of("v.changed_fields")} AS changed_fields, v.words_added, v.words_removed, a.report_date,
            v.diff
        FROM article_versions v JOIN articles a ON a.id = v.article_id JOIN sources s ON s.id = a.source_id
            LEFT JOIN article_versions n ON n.article_id = v.article_id AND n.version_number = v.version_number + 1
        WHERE CASE WHEN n.id IS NULL THEN a.version_cause ELSE n.cause END = 'publisher'"""  # noqa: S608


REPORT_VERSIONS = """
    SELECT v.article_id, a.uid, s.slug AS source, a.url, v.version_number, v.began_at, v.superseded_at AS ended_at,
        v.cause, v.title, v.summary, v.word_count, v.char_count, v.extractor_version, a.report_date, a.withdrawn_at,
        v.body
    FROM article_versions v JOIN articles a ON a.id = v.article_id JOIN sources s ON s.id = a.source_id
    UNION ALL
    SELECT a.id, a.uid, s.slug, a.url, a.version_number, a.version_began_at, NULL,
        a.version_cause, a.title, a.summary, a.word_count, a.char_count, a.extractor_version, a.report_date,
        a.withdrawn_at, (SELECT t.body FROM article_texts t WHERE t.article_id = a.id)
    FROM articles a JOIN sources s ON s.id = a.source_id"""


def report_withdrawn(words: Words) -> str:
    """Give the articles whose pages are gone."""
    online = words.minutes("coalesce(a.published_at, a.first_seen_at)", "a.withdrawn_at")
    return f"""
        SELECT a.id AS article_id, a.uid, s.slug AS source, s.name AS source_name, a.url, a.title, a.published_at,
            a.report_date, a.withdrawn_at, a.withdrawn_outcome, a.withdrawn_reason, {online} AS minutes_online
        FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.withdrawn_at IS NOT NULL"""  # noqa: S608


REPORT_REJECTED = """
    SELECT r.id AS rejected_id, s.slug AS source, r.url, r.title, r.rule, r.detail, r.rejected_at, r.state,
        r.decided_at, r.decided_by, r.decided_reason, r.run_id, r.extractor_version
    FROM rejected r JOIN sources s ON s.id = r.source_id"""

REPORT_REMOVED = "SELECT url_key, uid, source, removed_at, removed_by, reason FROM tombstones"


def report_runs(words: Words) -> str:
    """Give the runs with their commonest outcomes in columns; report_ledger has every one."""
    entries = ", ".join(
        f"{words.count_in('r.counts', 'entries', name)} AS {name}"
        for name in ("loaded", "updated", "unchanged", "duplicate", "rejected", "deferred")
    )
    return f"""
        SELECT r.id AS run_id, r.kind, r.state, r.started_at, r.finished_at,
            {words.minutes("r.started_at", "r.finished_at")} AS minutes, {entries}, r.error, r.flow_run_id
        FROM runs r"""  # noqa: S608


REPORT_SEARCH = "SELECT article_id, words FROM article_search"


def views(dialect: str) -> dict[str, str]:
    """Give every view of this revision: its name and its query."""
    words = Words(dialect)
    made = {
        "report_articles": report_articles(words),
        "report_texts": REPORT_TEXTS,
        "report_sources": REPORT_SOURCES,
        "report_feeds": REPORT_FEEDS,
        "report_ledger": REPORT_LEDGER,
        "report_article_authors": _of_articles(
            "article_authors", "JOIN authors w ON w.id = l.author_id", "l.position, w.name AS author"
        ),
        "report_article_tags": _of_articles(
            "article_tags", "JOIN tags w ON w.id = l.tag_id", "l.position, w.name AS tag"
        ),
        "report_article_agencies": _of_articles("article_agencies", "", "l.position, l.agency"),
        "report_article_topics": REPORT_ARTICLE_TOPICS,
        "report_topics": report_topics(words),
        "report_daily": report_daily(words),
        "report_coverage": REPORT_COVERAGE,
        "report_latency": report_latency(words),
        "report_stories": report_stories(words),
        "report_story_articles": report_story_articles(words),
        "report_copies": report_copies(words),
        "report_edits": report_edits(words),
        "report_versions": REPORT_VERSIONS,
        "report_withdrawn": report_withdrawn(words),
        "report_rejected": REPORT_REJECTED,
        "report_removed": REPORT_REMOVED,
        "report_runs": report_runs(words),
    }
    # In SQLite it is the index itself (revision 0003).
    return made | ({"report_search": REPORT_SEARCH} if words.is_postgres else {})


def statements(dialect: str) -> list[str]:
    """Give the statements that bring the views of the revisions before to this one."""
    made: list[str] = []
    for name, query in views(dialect).items():
        if dialect == "postgresql":
            made.append(f"CREATE OR REPLACE VIEW {name} AS {query}")
        else:
            made += [f"DROP VIEW IF EXISTS {name}", f"CREATE VIEW {name} AS {query}"]
    return made
