"""Tables of what is fetched: the queue of pages, every attempt, and the WARC files."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, false, text

from models.base import instant, key, lease, metadata, one_of, reference
from models.outcomes import Outcome
from models.states import ArchiveState, IngestedVia, PageState
from models.types import Json, Key

pages = Table(
    "pages",
    metadata,
    key(),
    Column(
        "url_key",
        Text,
        nullable=False,
        unique=True,
        comment="The address without scheme, trackers, fragment and variants: one page, one key.",
    ),
    Column("url", Text, nullable=False, comment="The address to fetch."),
    reference("host_id", "hosts.id", "The host that is asked."),
    reference("source_id", "sources.id", "The publisher whose feed named it first."),
    Column(
        "state",
        String(16),
        nullable=False,
        server_default=PageState.QUEUED,
        comment="queued, fetched (captured, to be extracted) or done.",
    ),
    Column(
        "priority", Integer, nullable=False, server_default=text("0"), comment="Higher first; backfill is below live."
    ),
    Column("ingested_via", String(16), nullable=False, server_default=IngestedVia.FEED, comment="feed or backfill."),
    instant("queued_at", "When it was queued.", is_nullable=False),
    instant("next_attempt_at", "When it is due; NULL when nothing is left to do."),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="Attempts since it was last queued."),
    Column("outcome", String(24), comment="Outcome of the last attempt; NULL while it waits."),
    Column("reason", Text, comment="The detail of the outcome."),
    Column("etag", Text, comment="ETag of the last capture."),
    Column("last_modified", Text, comment="Last-Modified of the last capture."),
    # No foreign key: fetches refer to pages already, and a circle of tables cannot be copied in order.
    Column("fetch_id", Key, comment="The last usable capture (fetches.id)."),
    reference("article_id", "articles.id", "The article that it became.", is_nullable=True, index=True),
    lease(),
    # No foreign key here either: the live queue must not wait for a backfill's row.
    Column("backfill_id", Key, comment="The backfill that queued it (backfills.id); NULL: live, by a feed."),
    Column("stated", Json, comment="What its backfill knows of it: the place of a capture, a stated date; or NULL."),
    Column("rechecks", Integer, nullable=False, server_default=text("0"), comment="How often it was looked at again."),
    instant("next_recheck_at", "When it is to be looked at again; NULL: not any more."),
    instant("missing_since_at", "Since when its article has been found gone or emptied; NULL: it is there."),
    one_of("state", PageState),
    one_of("outcome", Outcome),
    one_of("ingested_via", IngestedVia),
    comment="One row is a page in the queue.",
)
Index(
    "ix_pages_recheck",
    pages.c.next_recheck_at,
    sqlite_where=text("next_recheck_at IS NOT NULL"),
    postgresql_where=text("next_recheck_at IS NOT NULL"),
)
# The live queue is the one without a backfill: it never reads past a million waiting pages of history.
Index(
    "ix_pages_due",
    pages.c.backfill_id,
    pages.c.priority.desc(),
    pages.c.next_attempt_at,
    pages.c.id,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)
Index(
    "ix_pages_backfill_id",
    pages.c.backfill_id,
    pages.c.state,
    pages.c.outcome,
    sqlite_where=text("backfill_id IS NOT NULL"),
    postgresql_where=text("backfill_id IS NOT NULL"),
)

archives = Table(
    "archives",
    metadata,
    key(),
    Column("name", String(255), nullable=False, unique=True, comment="File name of the WARC."),
    Column("place", Text, nullable=False, comment="Folder, relative to the data folder, or the address of a store."),
    Column(
        "size", BigInteger, nullable=False, server_default=text("0"), comment="Bytes up to the last committed record."
    ),
    Column("state", String(16), nullable=False, server_default=ArchiveState.OPEN, comment="open or closed."),
    instant("opened_at", "When the file was begun.", is_nullable=False),
    instant("closed_at", "When the file was closed."),
    lease(),
    one_of("state", ArchiveState),
    comment="One row is a WARC file.",
)

fetches = Table(
    "fetches",
    metadata,
    key(),
    reference("page_id", "pages.id", "The page.", index=True),
    reference("run_id", "runs.id", "The run."),
    instant("at", "When the request was made.", is_nullable=False),
    Column("url", Text, nullable=False, comment="The address that answered, after redirects."),
    Column("outcome", String(24), comment="How the attempt ended; NULL when it brought a usable capture."),
    Column("reason", Text, comment="The detail of the outcome."),
    Column("status", Integer, comment="HTTP status; NULL when no answer came."),
    Column("bytes", Integer, nullable=False, server_default=text("0"), comment="Size of the decoded body."),
    Column("duration_ms", Integer, comment="Milliseconds from request to the last byte."),
    Column("charset", String(40), comment="Charset of the Content-Type header."),
    Column("redirects", Integer, nullable=False, server_default=text("0"), comment="Redirects that were followed."),
    Column("hops", Text, comment="The addresses that redirected, one a line."),
    reference(
        "archive_id",
        "archives.id",
        "The WARC file; NULL when the capture was not archived.",
        is_nullable=True,
        index=True,
    ),
    Column("archive_offset", BigInteger, comment="Where the record begins, in bytes."),
    Column("archive_length", BigInteger, comment="The record's compressed length, in bytes."),
    Column("digest", String(80), comment="Digest of the decoded body, as in the WARC record."),
    # No foreign key: rows refer to earlier ones of the same table, which a restore need not know.
    Column(
        "original_fetch_id",
        Key,
        comment="The earlier fetch whose record has the body (fetches.id); NULL when its own has: no WARC revisit.",
    ),
    Column(
        "is_noarchive",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="The publisher asks for no public copies (noarchive of X-Robots-Tag or meta robots).",
    ),
    Column(
        "is_tdm_reserved",
        Boolean,
        comment="The publisher reserves text and data mining rights (TDMRep); NULL when it says nothing.",
    ),
    Column("tdm_policy_url", Text, comment="Where the publisher says under which terms mining is licensed (TDMRep)."),
    one_of("outcome", Outcome),
    comment="One row is one attempt to fetch a page; rows are only added.",
)
