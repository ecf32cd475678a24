"""Tables of what is watched: sources, feeds, hosts, polls and entries."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from models.base import instant, key, lease, metadata, one_of, reference
from models.outcomes import Outcome, PollOutcome
from models.states import FeedState, Store
from models.types import Json, Key, LocalDateTime

sources = Table(
    "sources",
    metadata,
    key(),
    Column(
        "slug", String(64), nullable=False, unique=True, comment="Short name for commands and reports; kept once given."
    ),
    Column("name", Text, nullable=False, comment="The publisher's name as readers know it."),
    Column("home", Text, comment="The publisher's home page."),
    Column("country", String(2), comment="ISO 3166-1 alpha-2; NULL when unknown."),
    Column("language", String(35), comment="BCP 47; NULL when unknown."),
    Column("timezone", String(64), comment="The publisher's IANA time zone; NULL when unknown, never guessed."),
    Column(
        "store",
        String(16),
        nullable=False,
        server_default=Store.FULL,
        comment="What may be kept: full, excerpt or metadata.",
    ),
    Column(
        "is_archived",
        Boolean,
        nullable=False,
        server_default=true(),
        comment="Whether captures go into the WARC archive.",
    ),
    Column(
        "robots_override_reason",
        Text,
        comment="Why robots.txt is not obeyed for this source, as the feeds file says; NULL: it is obeyed.",
    ),
    instant("created_at", "When the source was first applied.", is_nullable=False),
    instant("retired_at", "When the source left the feeds file; NULL while it is in it."),
    one_of("store", Store),
    comment="One row is a publisher.",
)

hosts = Table(
    "hosts",
    metadata,
    key(),
    Column("name", String(255), nullable=False, unique=True, comment="host:port, lower case."),
    instant("robots_fetched_at", "When robots.txt was last asked for."),
    Column("robots_status", Integer, comment="HTTP status of robots.txt; NULL when no answer came."),
    Column("robots_body", Text, comment="The rules as served, at most 500 kB; NULL when there are none to obey."),
    Column("robots_reason", Text, comment="Why nothing may be fetched for now: robots.txt could not be had."),
    instant("robots_failing_since", "Since when robots.txt has been unreachable."),
    instant("not_before_at", "No request before this instant: the host asked for a pause or does not answer."),
    Column("back_off_reason", Text, comment="Why it is left alone until then."),
    Column("strikes", Integer, nullable=False, server_default=text("0"), comment="Pauses in a row; each is longer."),
    Column(
        "delay_seconds",
        Float,
        nullable=False,
        server_default=text("0"),
        comment="Seconds between two requests, as its speed taught us.",
    ),
    lease(),
    comment="One row is a host:port, with its robots.txt and its back-off.",
)

feeds = Table(
    "feeds",
    metadata,
    key(),
    reference("source_id", "sources.id", "The publisher.", index=True),
    reference("host_id", "hosts.id", "The host that is asked.", index=True),
    Column("url", Text, nullable=False, unique=True, comment="The address as configured."),
    Column("title", Text, comment="What the feed calls itself."),
    Column("section", Text, comment="Section given in the feeds file, for entries that state none."),
    Column("language", String(35), comment="BCP 47, when it differs from the source's."),
    Column("timezone", String(64), comment="IANA zone, when it differs from the source's."),
    Column("interval_seconds", Integer, comment="Interval given in the feeds file; NULL: the feed's own rhythm."),
    Column(
        "state",
        String(16),
        nullable=False,
        server_default=FeedState.ACTIVE,
        comment="active, paused, retired (left the feeds file) or gone (HTTP 410).",
    ),
    Column("etag", Text, comment="ETag exactly as received; sent back as If-None-Match."),
    Column("last_modified", Text, comment="Last-Modified exactly as received; sent back as If-Modified-Since."),
    Column("body_hash", String(64), comment="SHA-256 of the last body whose entries are stored."),
    instant("next_poll_at", "When the feed is due.", is_nullable=False),
    instant("last_polled_at", "When it was last polled."),
    Column("last_outcome", String(24), comment="Outcome of the last poll."),
    Column("last_reason", Text, comment="Its reason."),
    Column("failures", Integer, nullable=False, server_default=text("0"), comment="Failed polls in a row."),
    lease(),
    one_of("state", FeedState),
    one_of("last_outcome", PollOutcome),
    comment="One row is a feed: its wish from the feeds file, its schedule and its validators.",
)
Index(
    "ix_feeds_due",
    feeds.c.next_poll_at,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)

polls = Table(
    "polls",
    metadata,
    key(),
    reference("feed_id", "feeds.id", "The feed."),
    reference("run_id", "runs.id", "The run.", index=True),
    instant("at", "When the request was made.", is_nullable=False),
    Column("outcome", String(24), nullable=False, comment="How the poll ended."),
    Column("reason", Text, comment="The detail of the outcome."),
    Column("status", Integer, comment="HTTP status; NULL when no answer came."),
    Column("url", Text, comment="The address that answered, after redirects."),
    Column("bytes", Integer, nullable=False, server_default=text("0"), comment="Size of the decoded body."),
    Column("entries_seen", Integer, nullable=False, server_default=text("0"), comment="Entries in the feed."),
    Column("entries_new", Integer, nullable=False, server_default=text("0"), comment="Entries never seen before."),
    Column(
        "entries_changed",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="Known entries whose words or update time changed.",
    ),
    Column(
        "has_gap",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="No entry was known from the poll before: some may have been missed.",
    ),
    Column("duration_ms", Integer, comment="Milliseconds from request to the last byte."),
    one_of("outcome", PollOutcome),
    Index("ix_polls_feed_id_at", "feed_id", "at"),
    comment="One row is one poll of a feed.",
)

entries = Table(
    "entries",
    metadata,
    key(),
    reference("feed_id", "feeds.id", "The feed that said it."),
    Column("guid", Text, nullable=False, comment="The publisher's id for the entry; '' when missing."),
    Column("url", Text, nullable=False, comment="The entry's link, resolved; '' when missing."),
    reference(
        "page_id", "pages.id", "The page behind the link; NULL when there is no link.", is_nullable=True, index=True
    ),
    Column("title", Text, comment="Title in the feed, as plain text."),
    Column("summary", Text, comment="Summary in the feed, as plain text."),
    Column("authors", Json, nullable=False, comment="Names in the feed, a list."),
    Column("categories", Json, nullable=False, comment="Categories in the feed, a list."),
    Column("enclosures", Json, nullable=False, comment="Attached files: a list of url, media_type, length."),
    Column("language", String(35), comment="BCP 47, when the feed says it."),
    Column("image_url", Text, comment="The entry's picture."),
    instant("published_at", "The instant that the feed states; NULL when unknown or only the day is known."),
    Column("published_on", Date, comment="The day that the feed states, in the publisher's zone."),
    Column("published_local", LocalDateTime, comment="Wall time as stated."),
    Column("published_utc_offset_minutes", Integer, comment="Offset as stated, minutes east of UTC."),
    instant("publisher_modified_at", "The update time that the feed states."),
    Column("date_problem", Text, comment="Why a stated date was not understood or not believed."),
    Column(
        "content_hash",
        String(64),
        nullable=False,
        comment="SHA-256 of title, summary and update time, to notice a change.",
    ),
    instant("first_seen_at", "When a poll first saw the entry.", is_nullable=False),
    reference("first_run_id", "runs.id", "The run that first saw it."),
    instant("changed_at", "When the feed last changed the entry."),
    Column("outcome", String(24), comment="Outcome of its page, or no_link; NULL while it waits."),
    Column("reason", Text, comment="The detail of the outcome."),
    UniqueConstraint("feed_id", "guid", "url", name="uq_entries_identity"),
    one_of("outcome", Outcome),
    comment="One row is what a feed said about one piece.",
)

ledger = Table(
    "ledger",
    metadata,
    Column("run_id", Key, nullable=False, primary_key=True, comment="The run (runs.id)."),
    Column("entry_id", Key, nullable=False, primary_key=True, index=True, comment="The entry (entries.id)."),
    Column("outcome", String(24), nullable=False, comment="The entry's one outcome in this run."),
    Column("reason", Text, comment="The detail of the outcome."),
    instant("at", "When it was decided.", is_nullable=False),
    one_of("outcome", Outcome),
    comment="One row is the one outcome of an entry that was new or due in a run.",
)
