"""Tables of what sources share: sampled shingles, copies between articles, and the stories that they make."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    text,
)

from models.base import instant, key, metadata
from models.types import Key

_WEEK = "Number of the seven days that it counts in, from 1970-01-01 on: what is near in time is near in the table."

article_prints = Table(
    "article_prints",
    metadata,
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column(
        "sought_on", Date, nullable=False, comment="Day by which copies are sought: published, else first seen (UTC)."
    ),
    Column("shingle_count", Integer, nullable=False, comment="Different five-word runs of its body; 0 without a body."),
    Column("samples", LargeBinary, nullable=False, comment="The sampled hashes, little-endian, eight bytes each."),
    Column("story_id", Key, index=True, comment="The story that it belongs to (stories.id); NULL when it is alone."),
    Column(
        "is_crossroad",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Three articles that it shares words with have nothing to do with each other.",
    ),
    Column(
        "is_digest",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Nor have their stories: it joins none of them.",
    ),
    Column(
        "is_stale",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="articles.story_id is yet to be set: another process held the row.",
    ),
    Index("ix_article_prints_stale", "article_id", sqlite_where=text("is_stale"), postgresql_where=text("is_stale")),
    comment="One row is an article whose text was compared with others, and what was decided about it.",
)

article_shingles = Table(
    "article_shingles",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False, comment=_WEEK),
    Column("hash", BigInteger, primary_key=True, autoincrement=False, comment="Hash of a run of five words."),
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("source_id", Key, nullable=False, comment="Its publisher (sources.id)."),
    Column("shingle_count", Integer, nullable=False, comment="Different five-word runs of its body."),
    sqlite_with_rowid=False,
    comment="One row is a sampled five-word run of an article's text.",
)

common_shingles = Table(
    "common_shingles",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False, comment=_WEEK),
    Column("hash", BigInteger, primary_key=True, autoincrement=False, comment="Hash of a run of five words."),
    sqlite_with_rowid=False,
    comment="One row is a run of words that a site prints again and again; it says nothing about copies.",
)

article_copies = Table(
    "article_copies",
    metadata,
    Column(
        "article_id", Key, primary_key=True, autoincrement=False, comment="The later article, the copy (articles.id)."
    ),
    Column("original_id", Key, primary_key=True, autoincrement=False, comment="The earlier article (articles.id)."),
    Column("share", Float, nullable=False, comment="Share of the copy's five-word runs that the original has, 0 to 1."),
    Column("original_share", Float, nullable=False, comment="Share of the original's runs that the copy has, 0 to 1."),
    Column(
        "is_credited",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="The copy credits the original's source, or the agency that both name.",
    ),
    Column(
        "is_same_story",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Whether this copy makes one story of the two; a digest of several stories does not.",
    ),
    instant("found_at", "When it was found.", is_nullable=False),
    Index("ix_article_copies_original_id", "original_id"),
    comment="One row is a pair of articles that share a good part of their words.",
)

stories = Table(
    "stories",
    metadata,
    key(),
    Column(
        "uid",
        String(32),
        nullable=False,
        unique=True,
        comment="Stable public id: the uid of the story's first article.",
    ),
    Column("article_count", Integer, nullable=False, server_default=text("1"), comment="Articles in it."),
    Column("source_count", Integer, nullable=False, server_default=text("1"), comment="Publishers in it."),
    instant("first_at", "When its first article was published, else first seen.", is_nullable=False),
    instant("last_at", "When its last article was published, else first seen.", is_nullable=False),
    instant("updated_at", "When its articles last changed.", is_nullable=False),
    Index("ix_stories_first_at", "first_at"),
    comment="One row is a story: articles of one or more sources that share their words.",
)
