"""Tables behind the reports: summaries of what would take too long to add up each time."""

from sqlalchemy import Column, Date, Index, Integer, Table, text

from models.base import metadata
from models.types import Key


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"), comment=comment)


daily_coverage = Table(
    "daily_coverage",
    metadata,
    Column("feed_id", Key, primary_key=True, autoincrement=False, comment="The feed (feeds.id)."),
    Column("report_date", Date, primary_key=True, autoincrement=False, comment="The day in the newsroom's zone."),
    _count("polls", "Polls of runs that have ended."),
    _count("failed_polls", "Polls that could not read the feed."),
    _count("entries_new", "Entries that were never seen before."),
    _count("gaps", "Polls that shared no entry with the last one: some entries may have been missed."),
    _count("blind_seconds", "Seconds of the day of which nothing is known: between the polls on both sides of a gap."),
    _count("longest_wait_seconds", "The longest time between two good polls that ended on this day."),
    Index("ix_daily_coverage_report_date", "report_date"),
    comment="One row is a day of a feed: how closely it was watched.",
)
