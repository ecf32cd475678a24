"""A night's chores: what dead processes left is put right, what waits is tagged and indexed, the database tidies up."""

from functools import partial

from sqlalchemy import Engine

from config.settings import Settings
from models.engine import write, writing
from pipeline.ingest import put_right
from pipeline.own_rules import follow_own_rules, work_off
from pipeline.storeroom import Storeroom
from pipeline.warehouse.stories import catch_up

# SQLite's manual (pragma.html#pragma_optimize) advises this for long-lived applications; the checkpoint gives back the
# space of a log that grew while readers held it.
SQLITE_CHORES = ("PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)")
POSTGRES_CHORES = ("ANALYZE",)
# Articles that are compared in one transaction: others wait for it.
COMPARED_AT_ONCE = 500


def maintain_warehouse(engine: Engine, settings: Settings) -> int:
    """End dead runs and give their number; then let the database refresh its statistics. No data are deleted.

    Raises OSError when an archive cannot be put right and sqlalchemy's OperationalError.
    """
    with Storeroom(engine, settings) as storeroom, writing(engine) as connection:
        ended = put_right(connection, storeroom)
    follow_own_rules(engine, settings)
    work_off(engine, None)
    _compare_the_rest(engine)
    is_sqlite = engine.dialect.name == "sqlite"
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        for chore in SQLITE_CHORES if is_sqlite else POSTGRES_CHORES:
            cursor.execute(chore)
        cursor.close()
        raw.commit()
    finally:
        raw.close()
    return ended


def _compare_the_rest(engine: Engine) -> None:
    """Compare articles that no turn has compared: those of before there were stories, those that a step missed."""
    after: int | None = 0
    while after is not None:
        after = write(engine, partial(catch_up, limit=COMPARED_AT_ONCE, after=after))
