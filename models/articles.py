"""Tables of what was understood: articles, their addresses and versions, people, tags and agencies."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, false, text

from models.base import instant, key, metadata, one_of, reference
from models.states import IngestedVia, Kind, VersionCause
from models.types import Json, Key, LocalDateTime

articles = Table(
    "articles",
    metadata,
    key(),
    Column(
        "uid",
        String(32),
        nullable=False,
        unique=True,
        comment="Stable public id: the same in every copy of the warehouse.",
    ),
    reference("source_id", "sources.id", "The publisher."),
    Column("url", Text, nullable=False, comment="The canonical address, else the one that answered."),
    Column("title", Text, comment="Headline, without the site's name."),
    Column("summary", Text, comment="Standfirst."),
    Column("place", Text, comment="Place of the dateline."),
    Column("section", Text, comment="The innermost section."),
    Column("section_path", Text, comment="Sections from the outermost to the innermost, joined by '; '."),
    Column("language", String(35), comment="BCP 47."),
    Column(
        "kind",
        String(16),
        nullable=False,
        server_default=Kind.ARTICLE,
        comment="article, live, video, gallery, audio or opinion.",
    ),
    instant("published_at", "The instant of publication; NULL when only the day is known, or nothing."),
    Column("published_on", Date, comment="The day of publication in the publisher's zone."),
    Column("published_local", LocalDateTime, comment="Wall time of publication as the publisher wrote it."),
    Column("published_utc_offset_minutes", Integer, comment="The offset as written, minutes east of UTC."),
    Column("published_precision", String(8), comment="second, minute or day."),
    Column("published_signal", String(32), comment="What said when it was published."),
    instant("publisher_modified_at", "When the publisher says it was last changed."),
    Column("report_date", Date, nullable=False, comment="The day in the newsroom's zone, for reports."),
    Column(
        "is_report_date_estimated",
        Boolean,
        nullable=False,
        comment="True when the day is the one it was first seen on.",
    ),
    instant("first_seen_at", "When a feed first named it, or when it was first fetched.", is_nullable=False),
    instant("first_loaded_at", "When it was first loaded.", is_nullable=False),
    instant("updated_at", "When anything of this row last changed: the watermark for syncs.", is_nullable=False),
    Column("ingested_via", String(16), nullable=False, server_default=IngestedVia.FEED, comment="feed or backfill."),
    Column("word_count", Integer, nullable=False, server_default=text("0"), comment="Words of the body."),
    Column("char_count", Integer, nullable=False, server_default=text("0"), comment="Characters of the body."),
    Column("version_number", Integer, nullable=False, server_default=text("1"), comment="1 for the first version."),
    Column(
        "version_cause",
        String(16),
        nullable=False,
        server_default=VersionCause.FIRST,
        comment="Why this version differs from the one before.",
    ),
    reference(
        "duplicate_of",
        "articles.id",
        "The article that this one repeats, when that is sure enough to say.",
        is_nullable=True,
    ),
    Column("image_url", Text, comment="Lead image."),
    Column("is_paywalled", Boolean, nullable=False, server_default=false(), comment="The publisher asks for payment."),
    Column(
        "is_body_partial", Boolean, nullable=False, server_default=false(), comment="The body is a teaser or was cut."
    ),
    Column("extractor_version", String(32), nullable=False, comment="The extractor that made these values."),
    Column("fetch_id", Key, comment="The capture that they were made from (fetches.id)."),
    Column("content_hash", String(64), nullable=False, comment="SHA-256 of the words of title, summary and body."),
    Column(
        "body_hash",
        String(32),
        comment="First half of the SHA-256 of the body's words, however much of it is kept; NULL without a body.",
    ),
    Column("provenance", Json, nullable=False, comment="Field name to the signal that gave its value."),
    # No foreign key: a story refers to nothing, and its articles come and go.
    Column("story_id", Key, index=True, comment="The story that it belongs to (stories.id); NULL when it is alone."),
    instant("version_began_at", "When this version was first seen by us."),
    instant("last_checked_at", "When its page was last looked at."),
    instant(
        "withdrawn_at", "When its page was found gone, redirected to a front page or emptied; NULL while it is there."
    ),
    Column("withdrawn_outcome", String(24), comment="The outcome that told so."),
    Column("withdrawn_reason", Text, comment="The detail of that outcome."),
    one_of("kind", Kind),
    one_of("ingested_via", IngestedVia),
    one_of("version_cause", VersionCause),
    # Holds all that report_daily reads, so that no question about days, papers and sections touches the rows.
    Index(
        "ix_articles_daily",
        *("report_date", "source_id", "section", "kind", "word_count"),
        *("is_report_date_estimated", "is_body_partial", "withdrawn_at"),
    ),
    Index("ix_articles_source_id_published_at", "source_id", "published_at"),
    Index("ix_articles_updated_at", "updated_at"),
    Index("ix_articles_first_loaded_at", "first_loaded_at"),
    # By the hash first: one look-up serves articles of many sources.
    Index("ix_articles_body_hash", "body_hash", "source_id"),
    comment="One row is the current version of an article.",
)

Index(
    "ix_articles_withdrawn_at",
    articles.c.withdrawn_at,
    sqlite_where=text("withdrawn_at IS NOT NULL"),
    postgresql_where=text("withdrawn_at IS NOT NULL"),
)

article_texts = Table(
    "article_texts",
    metadata,
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("body", Text, nullable=False, comment="Paragraphs, one a line."),
    comment="One row is the body of an article, apart so that reports over metadata never read it.",
)

article_urls = Table(
    "article_urls",
    metadata,
    Column("url_key", Text, primary_key=True, comment="The address without scheme, trackers, fragment and variants."),
    reference("article_id", "articles.id", "The article.", index=True),
    Column("url", Text, nullable=False, comment="The address as it was met."),
    Column("role", String(16), nullable=False, comment="requested, redirect, final, canonical or amp."),
    instant("first_seen_at", "When it was first met.", is_nullable=False),
    comment="One row is an address under which an article is known.",
)

article_versions = Table(
    "article_versions",
    metadata,
    key(),
    reference("article_id", "articles.id", "The article."),
    Column("version_number", Integer, nullable=False, comment="1 for the first version."),
    Column("cause", String(16), nullable=False, comment="Why this version differed from the one before it."),
    Column("title", Text, comment="Headline of this version."),
    Column("summary", Text, comment="Standfirst of this version."),
    Column("body", Text, nullable=False, comment="Body of this version."),
    Column("extractor_version", String(32), nullable=False, comment="The extractor that made it."),
    Column("fetch_id", Key, comment="The capture that it was made from (fetches.id)."),
    Column("content_hash", String(64), nullable=False, comment="SHA-256 of its words."),
    Column("changed_fields", Json, nullable=False, comment="Fields that the version after it changed, a list."),
    instant("superseded_at", "When the version after it took its place.", is_nullable=False),
    instant("began_at", "When this version was first seen by us."),
    Column("word_count", Integer, comment="Words of this version's body."),
    Column("char_count", Integer, comment="Characters of this version's body."),
    Column("words_added", Integer, comment="Words that the version after it added to title, summary and body."),
    Column("words_removed", Integer, comment="Words that the version after it removed from them."),
    Column(
        "diff", Text, comment="What the version after it changed, paragraph by paragraph: lines begin with -, + or ~."
    ),
    Column("fields", Json, comment="The other values of this version (authors, tags, section, dates), by column."),
    one_of("cause", VersionCause),
    Index("uq_article_versions_identity", "article_id", "version_number", unique=True),
    Index("ix_article_versions_superseded_at", "superseded_at"),
    comment="One row is a version of an article that a later one replaced.",
)

authors = Table(
    "authors",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True, comment="The name as printed, NFC."),
    comment="One row is a person's name.",
)

article_authors = Table(
    "article_authors",
    metadata,
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Order in the byline, from 1."),
    reference("author_id", "authors.id", "The person.", index=True),
    comment="One row is a person in an article's byline.",
)

tags = Table(
    "tags",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True, comment="The tag as printed, NFC."),
    comment="One row is a tag.",
)

article_tags = Table(
    "article_tags",
    metadata,
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Order on the page, from 1."),
    reference("tag_id", "tags.id", "The tag.", index=True),
    comment="One row is a tag of an article.",
)

article_agencies = Table(
    "article_agencies",
    metadata,
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Order on the page, from 1."),
    Column(
        "agency", Text, nullable=False, index=True, comment="Short name of the agency or of the paper that is credited."
    ),
    comment="One row is an agency, or a paper reprinted, that an article credits.",
)
