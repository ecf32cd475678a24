"""Tables of history that is fetched on demand: each backfill with its place, and the files that it reads."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from models.base import instant, key, lease, metadata, one_of, reference
from models.states import BackfillState
from models.types import Json

backfills = Table(
    "backfills",
    metadata,
    key(),
    Column("kind", String(16), nullable=False, comment="sitemap, feed, warc, urls, files or reextract."),
    Column(
        "fingerprint",
        String(64),
        nullable=False,
        unique=True,
        comment="SHA-256 of kind and parameters: the same command again is the same backfill, and goes on.",
    ),
    Column("parameters", Json, nullable=False, comment="What was asked for."),
    Column("state", String(16), nullable=False, comment="planning, working, done or interrupted."),
    Column("place", Json, nullable=False, comment="How far it has come, as its kind notes it."),
    Column("planned", Integer, nullable=False, server_default=text("0"), comment="Pages or records to be done."),
    Column("counts", Json, nullable=False, comment="Outcomes so far, counted."),
    instant("created_at", "When it was first asked for.", is_nullable=False),
    instant("updated_at", "When it last went on.", is_nullable=False),
    instant("finished_at", "When it was done."),
    lease(),
    one_of("state", BackfillState),
    comment="One row is a backfill or re-extraction, with how far it has come.",
)

backfill_files = Table(
    "backfill_files",
    metadata,
    key(),
    reference("backfill_id", "backfills.id", "The backfill."),
    Column("name", Text, nullable=False, comment="Path or address of the file, sitemap or list."),
    Column(
        "position", BigInteger, nullable=False, server_default=text("0"), comment="Bytes or lines that are committed."
    ),
    Column("state", String(16), nullable=False, comment="waiting, done or failed."),
    Column("records", Integer, nullable=False, server_default=text("0"), comment="Records or addresses read from it."),
    Column("reason", Text, comment="Why it failed, or what was odd about it."),
    Index("uq_backfill_files_identity", "backfill_id", "name", unique=True),
    comment="One row is a file that a backfill reads.",
)
