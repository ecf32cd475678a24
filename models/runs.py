"""Tables of who worked and when: runs, leases, and the warehouse's own record."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from models.base import instant, key, metadata, one_of
from models.states import RunState
from models.types import Json

leases = Table(
    "leases",
    metadata,
    Column("token", String(32), primary_key=True, comment="Random; rows in hand carry it."),
    Column("hostname", Text, nullable=False, comment="The machine that holds it."),
    Column(
        "boot_id", String(64), nullable=False, comment="That machine's boot: after a restart no old holder is alive."
    ),
    Column("pid", Integer, nullable=False, comment="The process."),
    Column(
        "pid_started",
        BigInteger,
        nullable=False,
        comment="The process's start time in the system's ticks: a pid may be given again.",
    ),
    instant("acquired_at", "When it was taken.", is_nullable=False),
    instant("expires_at", "When others may take its rows, unless it is renewed.", is_nullable=False),
    comment="One row is a process at work; all rows that carry its token are in its hands.",
)

runs = Table(
    "runs",
    metadata,
    key(),
    Column("kind", String(16), nullable=False, comment="ingest, later backfill and reextract."),
    Column("state", String(16), nullable=False, comment="running, done, failed or interrupted."),
    Column(
        "lease_token",
        String(32),
        ForeignKey("leases.token"),
        index=True,
        comment="The process that runs it; NULL when it has ended.",
    ),
    instant("started_at", "When it began.", is_nullable=False),
    instant("finished_at", "When it ended."),
    Column("parameters", Json, nullable=False, comment="What it was asked to do."),
    Column("counts", Json, nullable=False, comment="Outcomes of entries and polls, counted."),
    Column("error", Text, comment="Why it failed."),
    Column("flow_run_id", String(36), comment="Prefect's id of the flow run; NULL outside Prefect."),
    one_of("state", RunState),
    comment="One row is a run.",
)

warehouse = Table(
    "warehouse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="Always 1."),
    Column("uid", String(32), nullable=False, comment="This warehouse's own id."),
    Column("newsroom_timezone", String(64), nullable=False, comment="The IANA zone in which report days are counted."),
    instant("created_at", "When it was created.", is_nullable=False),
    comment="The one row about the warehouse itself.",
)
