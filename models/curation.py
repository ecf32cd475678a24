"""Tables of judgement: what a rule set aside, what a person changed or removed, topics and groups of sections."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from models.base import instant, key, metadata, one_of, reference
from models.states import RejectedState
from models.types import Json, Key

rejected = Table(
    "rejected",
    metadata,
    key(),
    reference("page_id", "pages.id", "The page."),
    reference("source_id", "sources.id", "The publisher."),
    reference("run_id", "runs.id", "The run that set it aside."),
    Column("fetch_id", Key, comment="The capture (fetches.id)."),
    Column("url", Text, nullable=False, comment="The page's address."),
    Column("title", Text, comment="Headline of the capture."),
    Column("rule", String(32), nullable=False, comment="The rule that it broke."),
    Column("detail", Text, nullable=False, comment="What the rule saw."),
    Column("content", Json, nullable=False, comment="The article as extracted, to be loaded when it is released."),
    Column("content_hash", String(64), nullable=False, comment="SHA-256 of the words of title, summary and body."),
    Column("extractor_version", String(32), nullable=False, comment="The extractor that made the content."),
    instant("rejected_at", "When it was set aside.", is_nullable=False),
    Column(
        "state",
        String(16),
        nullable=False,
        server_default=RejectedState.WAITING,
        comment="waiting, released (loaded all the same) or discarded.",
    ),
    instant("decided_at", "When a person decided."),
    Column("decided_by", Text, comment="Who decided."),
    Column("decided_reason", Text, comment="Why, in their words."),
    one_of("state", RejectedState),
    Index("uq_rejected_identity", "page_id", "content_hash", unique=True),
    Index("ix_rejected_state", "state", "rejected_at"),
    comment="One row is a capture that broke a quality rule and waits for a person.",
)

corrections = Table(
    "corrections",
    metadata,
    key(),
    reference("article_id", "articles.id", "The article.", index=True),
    Column("field", String(32), nullable=False, comment="The column of articles that was corrected, or authors, tags."),
    Column("value", Json, comment="What it was set to; it holds against every later capture."),
    Column("previous", Json, comment="What it was before."),
    instant("corrected_at", "When.", is_nullable=False),
    Column("corrected_by", Text, nullable=False, comment="Who."),
    Column("reason", Text, nullable=False, comment="Why, in their words."),
    instant("revoked_at", "When it was taken back; NULL while it holds."),
    comment="One row is a value that a person corrected.",
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("url_key", Text, primary_key=True, comment="An address of the removed article; it is never loaded again."),
    Column("uid", String(32), nullable=False, index=True, comment="The removed article's stable public id."),
    Column("source", String(64), nullable=False, comment="The publisher's short name (sources.slug)."),
    instant("removed_at", "When.", is_nullable=False),
    Column("removed_by", Text, nullable=False, comment="Who."),
    Column("reason", Text, nullable=False, comment="Why, in their words."),
    Index("ix_tombstones_removed_at", "removed_at"),
    comment="One row is an address whose article a person removed.",
)

topics = Table(
    "topics",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True, comment="The topic's name."),
    Column("phrases", Json, nullable=False, comment="Phrases of which one must occur, a list."),
    Column("exclusions", Json, nullable=False, comment="Phrases of which none may occur, a list."),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the rule, to notice a change."),
    Column(
        "tagged_up_to_id",
        Key,
        nullable=False,
        server_default=text("0"),
        comment="Articles up to this key have been compared with the rule as it is now (articles.id).",
    ),
    instant("changed_at", "When the rule last changed.", is_nullable=False),
    instant("retired_at", "When it left topics.yaml; NULL while it is in it."),
    comment="One row is a topic of topics.yaml.",
)

article_topics = Table(
    "article_topics",
    metadata,
    Column("topic_id", Key, primary_key=True, autoincrement=False, comment="The topic (topics.id)."),
    Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id)."),
    Column("mentions", Integer, nullable=False, server_default=text("1"), comment="How often its phrases occur."),
    Index("ix_article_topics_article_id", "article_id"),
    comment="One row is a topic of an article.",
)

section_groups = Table(
    "section_groups",
    metadata,
    Column("section", Text, primary_key=True, comment="A section's name, case-folded, as articles have it."),
    Column("name", Text, nullable=False, comment="The group's name in sections.yaml."),
    comment="One row puts a section's name into a group, so that sections compare across papers.",
)
