"""The road."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations import views_0001
from models.types import LocalDateTime, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_agencies",
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False, comment="The article (articles.id)."
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="Order on the page, from 1."),
        sa.Column("agency", sa.Text(), nullable=False, comment="Short name of the agency or of the paper that is credited."),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_article_agencies")),
        comment="One row is an agency, or a paper reprinted, that an article credits.",
    )
    op.create_index(op.f("ix_article_agencies_agency"), "article_agencies", ["agency"], unique=False)
    op.create_table(
        "article_texts",
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False, comment="The article (articles.id)."
        ),
        sa.Column("body", sa.Text(), nullable=False, comment="Paragraphs, one a line."),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_texts")),
        comment="One row is the body of an article, apart so that reports over metadata never read it.",
    )
    op.create_table(
        "authors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("name", sa.Text(), nullable=False, comment="The name as printed, NFC."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("name", name=op.f("uq_authors_name")),
        comment="One row is a person's name.",
    )
    op.create_table(
        "leases",
        sa.Column("token", sa.String(length=32), nullable=False, comment="Random; rows in hand carry it."),
        sa.Column("hostname", sa.Text(), nullable=False, comment="The machine that holds it."),
        sa.Column("boot_id", sa.String(length=64), nullable=False, comment="That machine's boot: after a restart no old holder is alive."),
        sa.Column("pid", sa.Integer(), nullable=False, comment="The process."),
        sa.Column("pid_started", sa.BigInteger(), nullable=False, comment="The process's start time in the system's ticks: a pid may be given again."),
        sa.Column("acquired_at", UtcDateTime(), nullable=False, comment="When it was taken."),
        sa.Column("expires_at", UtcDateTime(), nullable=False, comment="When others may take its rows, unless it is renewed."),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_leases")),
        comment="One row is a process at work; all rows that carry its token are in its hands.",
    )
    op.create_table(
        "ledger",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The run (runs.id)."),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The entry (entries.id)."),
        sa.Column("outcome", sa.String(length=24), nullable=False, comment="The entry's one outcome in this run."),
        sa.Column("reason", sa.Text(), nullable=True, comment="The detail of the outcome."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When it was decided."),
        sa.CheckConstraint(
            "outcome IN ('loaded', 'updated', 'unchanged', 'duplicate', 'rejected', 'not_article', 'filtered', 'removed', 'no_link', 'robots_denied', 'paywalled', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'no_text', 'extract_failed', 'deferred')",
            name=op.f("ck_ledger_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("run_id", "entry_id", name=op.f("pk_ledger")),
        comment="One row is the one outcome of an entry that was new or due in a run.",
    )
    op.create_index(op.f("ix_ledger_entry_id"), "ledger", ["entry_id"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("slug", sa.String(length=64), nullable=False, comment="Short name for commands and reports; kept once given."),
        sa.Column("name", sa.Text(), nullable=False, comment="The publisher's name as readers know it."),
        sa.Column("home", sa.Text(), nullable=True, comment="The publisher's home page."),
        sa.Column("country", sa.String(length=2), nullable=True, comment="ISO 3166-1 alpha-2; NULL when unknown."),
        sa.Column("language", sa.String(length=35), nullable=True, comment="BCP 47; NULL when unknown."),
        sa.Column("timezone", sa.String(length=64), nullable=True, comment="The publisher's IANA time zone; NULL when unknown, never guessed."),
        sa.Column("store", sa.String(length=16), server_default="full", nullable=False, comment="What may be kept: full, excerpt or metadata."),
        sa.Column("is_archived", sa.Boolean(), server_default=sa.true(), nullable=False, comment="Whether captures go into the WARC archive."),
        sa.Column(
            "robots_override_reason",
            sa.Text(),
            nullable=True,
            comment="Why robots.txt is not obeyed for this source, as the feeds file says; NULL: it is obeyed.",
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False, comment="When the source was first applied."),
        sa.Column("retired_at", UtcDateTime(), nullable=True, comment="When the source left the feeds file; NULL while it is in it."),
        sa.CheckConstraint("store IN ('full', 'excerpt', 'metadata')", name=op.f("ck_sources_store_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
        comment="One row is a publisher.",
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("name", sa.Text(), nullable=False, comment="The tag as printed, NFC."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
        comment="One row is a tag.",
    )
    op.create_table(
        "warehouse",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="Always 1."),
        sa.Column("uid", sa.String(length=32), nullable=False, comment="This warehouse's own id."),
        sa.Column("newsroom_timezone", sa.String(length=64), nullable=False, comment="The IANA zone in which report days are counted."),
        sa.Column("created_at", UtcDateTime(), nullable=False, comment="When it was created."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        comment="The one row about the warehouse itself.",
    )
    op.create_table(
        "archives",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("name", sa.String(length=255), nullable=False, comment="File name of the WARC."),
        sa.Column("place", sa.Text(), nullable=False, comment="Folder, relative to the data folder, or the address of a store."),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Bytes up to the last committed record."),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False, comment="open or closed."),
        sa.Column("opened_at", UtcDateTime(), nullable=False, comment="When the file was begun."),
        sa.Column("closed_at", UtcDateTime(), nullable=True, comment="When the file was closed."),
        sa.Column("lease_token", sa.String(length=32), nullable=True, comment="The lease of the process that has this row in hand; NULL when free."),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_archives_state_known")),
        sa.ForeignKeyConstraint(["lease_token"], ["leases.token"], name=op.f("fk_archives_lease_token_leases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archives")),
        sa.UniqueConstraint("name", name=op.f("uq_archives_name")),
        comment="One row is a WARC file.",
    )
    op.create_index(op.f("ix_archives_lease_token"), "archives", ["lease_token"], unique=False)
    op.create_table(
        "article_authors",
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False, comment="The article (articles.id)."
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="Order in the byline, from 1."),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The person."),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_article_authors_author_id_authors")),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_article_authors")),
        comment="One row is a person in an article's byline.",
    )
    op.create_index(op.f("ix_article_authors_author_id"), "article_authors", ["author_id"], unique=False)
    op.create_table(
        "article_tags",
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False, comment="The article (articles.id)."
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="Order on the page, from 1."),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The tag."),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_article_tags_tag_id_tags")),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_article_tags")),
        comment="One row is a tag of an article.",
    )
    op.create_index(op.f("ix_article_tags_tag_id"), "article_tags", ["tag_id"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("uid", sa.String(length=32), nullable=False, comment="Stable public id: the same in every copy of the warehouse."),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The publisher."),
        sa.Column("url", sa.Text(), nullable=False, comment="The canonical address, else the one that answered."),
        sa.Column("title", sa.Text(), nullable=True, comment="Headline, without the site's name."),
        sa.Column("summary", sa.Text(), nullable=True, comment="Standfirst."),
        sa.Column("place", sa.Text(), nullable=True, comment="Place of the dateline."),
        sa.Column("section", sa.Text(), nullable=True, comment="The innermost section."),
        sa.Column("section_path", sa.Text(), nullable=True, comment="Sections from the outermost to the innermost, joined by '; '."),
        sa.Column("language", sa.String(length=35), nullable=True, comment="BCP 47."),
        sa.Column("kind", sa.String(length=16), server_default="article", nullable=False, comment="article, live, video, gallery, audio or opinion."),
        sa.Column("published_at", UtcDateTime(), nullable=True, comment="The instant of publication; NULL when only the day is known, or nothing."),
        sa.Column("published_on", sa.Date(), nullable=True, comment="The day of publication in the publisher's zone."),
        sa.Column("published_local", LocalDateTime(), nullable=True, comment="Wall time of publication as the publisher wrote it."),
        sa.Column("published_utc_offset_minutes", sa.Integer(), nullable=True, comment="The offset as written, minutes east of UTC."),
        sa.Column("published_precision", sa.String(length=8), nullable=True, comment="second, minute or day."),
        sa.Column("published_signal", sa.String(length=32), nullable=True, comment="What said when it was published."),
        sa.Column("publisher_modified_at", UtcDateTime(), nullable=True, comment="When the publisher says it was last changed."),
        sa.Column("report_date", sa.Date(), nullable=False, comment="The day in the newsroom's zone, for reports."),
        sa.Column("is_report_date_estimated", sa.Boolean(), nullable=False, comment="True when the day is the one it was first seen on."),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False, comment="When a feed first named it, or when it was first fetched."),
        sa.Column("first_loaded_at", UtcDateTime(), nullable=False, comment="When it was first loaded."),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="When anything of this row last changed: the watermark for syncs."),
        sa.Column("ingested_via", sa.String(length=16), server_default="feed", nullable=False, comment="feed or backfill."),
        sa.Column("word_count", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Words of the body."),
        sa.Column("char_count", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Characters of the body."),
        sa.Column("version_number", sa.Integer(), server_default=sa.text("1"), nullable=False, comment="1 for the first version."),
        sa.Column("version_cause", sa.String(length=16), server_default="first", nullable=False, comment="Why this version differs from the one before."),
        sa.Column(
            "duplicate_of",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The article that this one repeats, when that is sure enough to say.",
        ),
        sa.Column("image_url", sa.Text(), nullable=True, comment="Lead image."),
        sa.Column("is_paywalled", sa.Boolean(), server_default=sa.false(), nullable=False, comment="The publisher asks for payment."),
        sa.Column("is_body_partial", sa.Boolean(), server_default=sa.false(), nullable=False, comment="The body is a teaser or was cut."),
        sa.Column("extractor_version", sa.String(length=32), nullable=False, comment="The extractor that made these values."),
        sa.Column(
            "fetch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The capture that they were made from (fetches.id)."
        ),
        sa.Column("content_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the words of title, summary and body."),
        sa.Column(
            "provenance",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            comment="Field name to the signal that gave its value.",
        ),
        sa.CheckConstraint("ingested_via IN ('feed', 'backfill')", name=op.f("ck_articles_ingested_via_known")),
        sa.CheckConstraint("kind IN ('article', 'live', 'video', 'gallery', 'audio', 'opinion')", name=op.f("ck_articles_kind_known")),
        sa.CheckConstraint("version_cause IN ('first', 'publisher', 're-extraction', 'correction', 'unknown')", name=op.f("ck_articles_version_cause_known")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["articles.id"], name=op.f("fk_articles_duplicate_of_articles")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_articles_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("uid", name=op.f("uq_articles_uid")),
        comment="One row is the current version of an article.",
    )
    op.create_index("ix_articles_report_date", "articles", ["report_date", "source_id"], unique=False)
    op.create_index("ix_articles_source_id_published_at", "articles", ["source_id", "published_at"], unique=False)
    op.create_index("ix_articles_updated_at", "articles", ["updated_at"], unique=False)
    op.create_table(
        "hosts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("name", sa.String(length=259), nullable=False, comment="host:port, lower case."),
        sa.Column("robots_fetched_at", UtcDateTime(), nullable=True, comment="When robots.txt was last asked for."),
        sa.Column("robots_status", sa.Integer(), nullable=True, comment="HTTP status of robots.txt; NULL when no answer came."),
        sa.Column("robots_body", sa.Text(), nullable=True, comment="The rules as served, at most 500 kB; NULL when there are none to obey."),
        sa.Column("robots_reason", sa.Text(), nullable=True, comment="Why nothing may be fetched for now: robots.txt could not be had."),
        sa.Column("robots_failing_since", UtcDateTime(), nullable=True, comment="Since when robots.txt has been unreachable."),
        sa.Column("not_before_at", UtcDateTime(), nullable=True, comment="No request before this instant: the host asked for a pause or does not answer."),
        sa.Column("back_off_reason", sa.Text(), nullable=True, comment="Why it is left alone until then."),
        sa.Column("strikes", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Pauses in a row; each is longer."),
        sa.Column("delay_seconds", sa.Float(), server_default=sa.text("0"), nullable=False, comment="Seconds between two requests, as its speed taught us."),
        sa.Column("lease_token", sa.String(length=32), nullable=True, comment="The lease of the process that has this row in hand; NULL when free."),
        sa.ForeignKeyConstraint(["lease_token"], ["leases.token"], name=op.f("fk_hosts_lease_token_leases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("name", name=op.f("uq_hosts_name")),
        comment="One row is a host:port, with its robots.txt and its back-off.",
    )
    op.create_index(op.f("ix_hosts_lease_token"), "hosts", ["lease_token"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="ingest, later backfill and reextract."),
        sa.Column("state", sa.String(length=16), nullable=False, comment="running, done, failed or interrupted."),
        sa.Column("lease_token", sa.String(length=32), nullable=True, comment="The process that runs it; NULL when it has ended."),
        sa.Column("started_at", UtcDateTime(), nullable=False, comment="When it began."),
        sa.Column("finished_at", UtcDateTime(), nullable=True, comment="When it ended."),
        sa.Column(
            "parameters", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False, comment="What it was asked to do."
        ),
        sa.Column(
            "counts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            comment="Outcomes of entries and polls, counted.",
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="Why it failed."),
        sa.Column("flow_run_id", sa.String(length=36), nullable=True, comment="Prefect's id of the flow run; NULL outside Prefect."),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'interrupted')", name=op.f("ck_runs_state_known")),
        sa.ForeignKeyConstraint(["lease_token"], ["leases.token"], name=op.f("fk_runs_lease_token_leases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        comment="One row is a run.",
    )
    op.create_index(op.f("ix_runs_lease_token"), "runs", ["lease_token"], unique=False)
    op.create_table(
        "article_urls",
        sa.Column("url_key", sa.Text(), nullable=False, comment="The address without scheme, trackers, fragment and variants."),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The article."),
        sa.Column("url", sa.Text(), nullable=False, comment="The address as it was met."),
        sa.Column("role", sa.String(length=16), nullable=False, comment="requested, redirect, final, canonical or amp."),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False, comment="When it was first met."),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_urls_article_id_articles")),
        sa.PrimaryKeyConstraint("url_key", name=op.f("pk_article_urls")),
        comment="One row is an address under which an article is known.",
    )
    op.create_index(op.f("ix_article_urls_article_id"), "article_urls", ["article_id"], unique=False)
    op.create_table(
        "article_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The article."),
        sa.Column("version_number", sa.Integer(), nullable=False, comment="1 for the first version."),
        sa.Column("cause", sa.String(length=16), nullable=False, comment="Why this version differed from the one before it."),
        sa.Column("title", sa.Text(), nullable=True, comment="Headline of this version."),
        sa.Column("summary", sa.Text(), nullable=True, comment="Standfirst of this version."),
        sa.Column("body", sa.Text(), nullable=False, comment="Body of this version."),
        sa.Column("extractor_version", sa.String(length=32), nullable=False, comment="The extractor that made it."),
        sa.Column("fetch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The capture that it was made from (fetches.id)."),
        sa.Column("content_hash", sa.String(length=64), nullable=False, comment="SHA-256 of its words."),
        sa.Column(
            "changed_fields",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            comment="Fields that the version after it changed, a list.",
        ),
        sa.Column("superseded_at", UtcDateTime(), nullable=False, comment="When the version after it took its place."),
        sa.CheckConstraint("cause IN ('first', 'publisher', 're-extraction', 'correction', 'unknown')", name=op.f("ck_article_versions_cause_known")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        comment="One row is a version of an article that a later one replaced.",
    )
    op.create_index("uq_article_versions_identity", "article_versions", ["article_id", "version_number"], unique=True)
    op.create_table(
        "feeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The publisher."),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The host that is asked."),
        sa.Column("url", sa.Text(), nullable=False, comment="The address as configured."),
        sa.Column("title", sa.Text(), nullable=True, comment="What the feed calls itself."),
        sa.Column("section", sa.Text(), nullable=True, comment="Section given in the feeds file, for entries that state none."),
        sa.Column("language", sa.String(length=35), nullable=True, comment="BCP 47, when it differs from the source's."),
        sa.Column("timezone", sa.String(length=64), nullable=True, comment="IANA zone, when it differs from the source's."),
        sa.Column("interval_seconds", sa.Integer(), nullable=True, comment="Interval given in the feeds file; NULL: the feed's own rhythm."),
        sa.Column(
            "state", sa.String(length=16), server_default="active", nullable=False, comment="active, paused, retired (left the feeds file) or gone (HTTP 410)."
        ),
        sa.Column("state_by", sa.Text(), nullable=True, comment="Who paused, resumed or reset it last; khotin itself when the server said 410."),
        sa.Column("state_at", UtcDateTime(), nullable=True, comment="When they did."),
        sa.Column("state_reason", sa.Text(), nullable=True, comment="Why, in their words."),
        sa.Column("etag", sa.Text(), nullable=True, comment="ETag exactly as received; sent back as If-None-Match."),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Last-Modified exactly as received; sent back as If-Modified-Since."),
        sa.Column("body_hash", sa.String(length=64), nullable=True, comment="SHA-256 of the last body whose entries are stored."),
        sa.Column(
            "not_modified_streak", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Polls in a row that ended with 304; after twenty the body is asked for once without validators."
        ),
        sa.Column(
            "has_false_validators", sa.Boolean(), server_default=sa.false(), nullable=False, comment="The server repeated ETag or Last-Modified although entries were new: they are not sent any more."
        ),
        sa.Column("moved_url", sa.Text(), nullable=True, comment="Where the feed has moved for good: polled instead of `url`; NULL otherwise."),
        sa.Column("moving_to", sa.Text(), nullable=True, comment="Where a permanent redirect leads that is not old enough to be remembered."),
        sa.Column("moving_since_at", UtcDateTime(), nullable=True, comment="Since when it has led there."),
        sa.Column("rhythm", sa.Text(), nullable=True, comment="What was learnt of when entries come and what the publisher asks for, as JSON."),
        sa.Column("next_poll_at", UtcDateTime(), nullable=False, comment="When the feed is due."),
        sa.Column("next_poll_reason", sa.Text(), nullable=True, comment="Why it is due then."),
        sa.Column("last_polled_at", UtcDateTime(), nullable=True, comment="When it was last polled."),
        sa.Column("last_outcome", sa.String(length=24), nullable=True, comment="Outcome of the last poll."),
        sa.Column("last_reason", sa.Text(), nullable=True, comment="Its reason."),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Failed polls in a row."),
        sa.Column("lease_token", sa.String(length=32), nullable=True, comment="The lease of the process that has this row in hand; NULL when free."),
        sa.CheckConstraint(
            "last_outcome IN ('new_entries', 'no_new_entries', 'not_modified', 'empty', 'not_a_feed', 'partly_broken', 'robots_denied', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'parse_failed')",
            name=op.f("ck_feeds_last_outcome_known"),
        ),
        sa.CheckConstraint("state IN ('active', 'paused', 'retired', 'gone')", name=op.f("ck_feeds_state_known")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_feeds_host_id_hosts")),
        sa.ForeignKeyConstraint(["lease_token"], ["leases.token"], name=op.f("fk_feeds_lease_token_leases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_feeds_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
        comment="One row is a feed: its wish from the feeds file, its schedule and its validators.",
    )
    op.create_index(
        "ix_feeds_due", "feeds", ["next_poll_at"], unique=False, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'")
    )
    op.create_index(op.f("ix_feeds_host_id"), "feeds", ["host_id"], unique=False)
    op.create_index(op.f("ix_feeds_lease_token"), "feeds", ["lease_token"], unique=False)
    op.create_index(op.f("ix_feeds_source_id"), "feeds", ["source_id"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("url_key", sa.Text(), nullable=False, comment="The address without scheme, trackers, fragment and variants: one page, one key."),
        sa.Column("url", sa.Text(), nullable=False, comment="The address to fetch."),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The host that is asked."),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The publisher whose feed named it first."),
        sa.Column("state", sa.String(length=16), server_default="queued", nullable=False, comment="queued, fetched (captured, to be extracted) or done."),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Higher first; backfill is below live."),
        sa.Column("ingested_via", sa.String(length=16), server_default="feed", nullable=False, comment="feed or backfill."),
        sa.Column("queued_at", UtcDateTime(), nullable=False, comment="When it was queued."),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True, comment="When it is due; NULL when nothing is left to do."),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Attempts since it was last queued."),
        sa.Column("outcome", sa.String(length=24), nullable=True, comment="Outcome of the last attempt; NULL while it waits."),
        sa.Column("reason", sa.Text(), nullable=True, comment="The detail of the outcome."),
        sa.Column("etag", sa.Text(), nullable=True, comment="ETag of the last capture."),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Last-Modified of the last capture."),
        sa.Column("fetch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The last usable capture (fetches.id)."),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The article that it became."),
        sa.Column("lease_token", sa.String(length=32), nullable=True, comment="The lease of the process that has this row in hand; NULL when free."),
        sa.CheckConstraint("ingested_via IN ('feed', 'backfill')", name=op.f("ck_pages_ingested_via_known")),
        sa.CheckConstraint(
            "outcome IN ('loaded', 'updated', 'unchanged', 'duplicate', 'rejected', 'not_article', 'filtered', 'removed', 'no_link', 'robots_denied', 'paywalled', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'no_text', 'extract_failed', 'deferred')",
            name=op.f("ck_pages_outcome_known"),
        ),
        sa.CheckConstraint("state IN ('queued', 'fetched', 'done')", name=op.f("ck_pages_state_known")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_pages_article_id_articles")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_pages_host_id_hosts")),
        sa.ForeignKeyConstraint(["lease_token"], ["leases.token"], name=op.f("fk_pages_lease_token_leases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_pages_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("url_key", name=op.f("uq_pages_url_key")),
        comment="One row is a page in the queue.",
    )
    op.create_index(op.f("ix_pages_article_id"), "pages", ["article_id"], unique=False)
    op.create_index(
        "ix_pages_due",
        "pages",
        [sa.literal_column("priority DESC"), "next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index(op.f("ix_pages_lease_token"), "pages", ["lease_token"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The feed that said it."),
        sa.Column("guid", sa.Text(), nullable=False, comment="The publisher's id for the entry; '' when missing."),
        sa.Column("url", sa.Text(), nullable=False, comment="The entry's link, resolved; '' when missing."),
        sa.Column(
            "page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The page behind the link; NULL when there is no link."
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="Title in the feed, as plain text."),
        sa.Column("summary", sa.Text(), nullable=True, comment="Summary in the feed, as plain text."),
        sa.Column(
            "authors", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False, comment="Names in the feed, a list."
        ),
        sa.Column(
            "categories",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            comment="Categories in the feed, a list.",
        ),
        sa.Column(
            "enclosures",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            comment="Attached files: a list of url, media_type, length.",
        ),
        sa.Column("language", sa.String(length=35), nullable=True, comment="BCP 47, when the feed says it."),
        sa.Column("image_url", sa.Text(), nullable=True, comment="The entry's picture."),
        sa.Column("published_at", UtcDateTime(), nullable=True, comment="The instant that the feed states; NULL when unknown or only the day is known."),
        sa.Column("published_on", sa.Date(), nullable=True, comment="The day that the feed states, in the publisher's zone."),
        sa.Column("published_local", LocalDateTime(), nullable=True, comment="Wall time as stated."),
        sa.Column("published_utc_offset_minutes", sa.Integer(), nullable=True, comment="Offset as stated, minutes east of UTC."),
        sa.Column("publisher_modified_at", UtcDateTime(), nullable=True, comment="The update time that the feed states."),
        sa.Column("date_problem", sa.Text(), nullable=True, comment="Why a stated date was not understood or not believed."),
        sa.Column("content_hash", sa.String(length=64), nullable=False, comment="SHA-256 of title, summary and update time, to notice a change."),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False, comment="When a poll first saw the entry."),
        sa.Column("first_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The run that first saw it."),
        sa.Column("changed_at", UtcDateTime(), nullable=True, comment="When the feed last changed the entry."),
        sa.Column("outcome", sa.String(length=24), nullable=True, comment="Outcome of its page, or no_link; NULL while it waits."),
        sa.Column("reason", sa.Text(), nullable=True, comment="The detail of the outcome."),
        sa.CheckConstraint(
            "outcome IN ('loaded', 'updated', 'unchanged', 'duplicate', 'rejected', 'not_article', 'filtered', 'removed', 'no_link', 'robots_denied', 'paywalled', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'no_text', 'extract_failed', 'deferred')",
            name=op.f("ck_entries_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id_feeds")),
        sa.ForeignKeyConstraint(["first_run_id"], ["runs.id"], name=op.f("fk_entries_first_run_id_runs")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_entries_page_id_pages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("feed_id", "guid", "url", name="uq_entries_identity"),
        comment="One row is what a feed said about one piece.",
    )
    op.create_index(op.f("ix_entries_page_id"), "entries", ["page_id"], unique=False)
    op.create_table(
        "fetches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The page."),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The run."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When the request was made."),
        sa.Column("url", sa.Text(), nullable=False, comment="The address that answered, after redirects."),
        sa.Column("outcome", sa.String(length=24), nullable=True, comment="How the attempt ended; NULL when it brought a usable capture."),
        sa.Column("reason", sa.Text(), nullable=True, comment="The detail of the outcome."),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status; NULL when no answer came."),
        sa.Column("bytes", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Size of the decoded body."),
        sa.Column("duration_ms", sa.Integer(), nullable=True, comment="Milliseconds from request to the last byte."),
        sa.Column("charset", sa.String(length=40), nullable=True, comment="Charset of the Content-Type header."),
        sa.Column("redirects", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Redirects that were followed."),
        sa.Column("hops", sa.Text(), nullable=True, comment="The addresses that redirected, one a line."),
        sa.Column(
            "archive_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="The WARC file; NULL when the capture was not archived."
        ),
        sa.Column("archive_offset", sa.BigInteger(), nullable=True, comment="Where the record begins, in bytes."),
        sa.Column("archive_length", sa.BigInteger(), nullable=True, comment="The record's compressed length, in bytes."),
        sa.Column("digest", sa.String(length=80), nullable=True, comment="Digest of the decoded body, as in the WARC record."),
        sa.Column(
            "original_fetch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The earlier fetch whose record has the body (fetches.id); NULL when its own has: no WARC revisit.",
        ),
        sa.Column(
            "is_noarchive",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="The publisher asks for no public copies (noarchive of X-Robots-Tag or meta robots).",
        ),
        sa.Column(
            "is_tdm_reserved",
            sa.Boolean(),
            nullable=True,
            comment="The publisher reserves text and data mining rights (TDMRep); NULL when it says nothing.",
        ),
        sa.Column("tdm_policy_url", sa.Text(), nullable=True, comment="Where the publisher says under which terms mining is licensed (TDMRep)."),
        sa.CheckConstraint(
            "outcome IN ('loaded', 'updated', 'unchanged', 'duplicate', 'rejected', 'not_article', 'filtered', 'removed', 'no_link', 'robots_denied', 'paywalled', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'no_text', 'extract_failed', 'deferred')",
            name=op.f("ck_fetches_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["archive_id"], ["archives.id"], name=op.f("fk_fetches_archive_id_archives")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_fetches_page_id_pages")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_fetches_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetches")),
        comment="One row is one attempt to fetch a page; rows are only added.",
    )
    op.create_index(op.f("ix_fetches_archive_id"), "fetches", ["archive_id"], unique=False)
    op.create_index(op.f("ix_fetches_page_id"), "fetches", ["page_id"], unique=False)
    op.create_table(
        "polls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The row's own key."),
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The feed."),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The run."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When the request was made."),
        sa.Column("outcome", sa.String(length=24), nullable=False, comment="How the poll ended."),
        sa.Column("reason", sa.Text(), nullable=True, comment="The detail of the outcome."),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status; NULL when no answer came."),
        sa.Column("url", sa.Text(), nullable=True, comment="The address that answered, after redirects."),
        sa.Column("bytes", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Size of the decoded body."),
        sa.Column("entries_seen", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Entries in the feed."),
        sa.Column("entries_new", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Entries never seen before."),
        sa.Column("entries_changed", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Known entries whose words or update time changed."),
        sa.Column(
            "has_gap", sa.Boolean(), server_default=sa.false(), nullable=False, comment="No entry was known from the poll before: some may have been missed."
        ),
        sa.Column("duration_ms", sa.Integer(), nullable=True, comment="Milliseconds from request to the last byte."),
        sa.CheckConstraint(
            "outcome IN ('new_entries', 'no_new_entries', 'not_modified', 'empty', 'not_a_feed', 'partly_broken', 'robots_denied', 'consent_wall', 'challenged', 'forbidden', 'address_forbidden', 'gone', 'rate_limited', 'server_error', 'client_error', 'unreachable', 'timed_out', 'bad_response', 'bad_redirect', 'wrong_type', 'too_large', 'parse_failed')",
            name=op.f("ck_polls_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_polls_feed_id_feeds")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_polls_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        comment="One row is one poll of a feed.",
    )
    op.create_index("ix_polls_feed_id_at", "polls", ["feed_id", "at"], unique=False)
    op.create_index(op.f("ix_polls_run_id"), "polls", ["run_id"], unique=False)
    for statement in views_0001.statements(op.get_bind().dialect.name):
        op.execute(statement)
