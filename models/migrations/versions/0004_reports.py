"""The report views of the analysts, and the summary behind one of them."""

import sqlalchemy as sa
from alembic import op

from models.migrations import views_0004

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_coverage",
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False, comment="The feed (feeds.id)."),
        sa.Column("report_date", sa.Date(), autoincrement=False, nullable=False, comment="The day in the newsroom's zone."),
        sa.Column("polls", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Polls of runs that have ended."),
        sa.Column("failed_polls", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Polls that could not read the feed."),
        sa.Column("entries_new", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Entries that were never seen before."),
        sa.Column(
            "gaps",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Polls that shared no entry with the last one: some entries may have been missed.",
        ),
        sa.Column(
            "blind_seconds",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Seconds of the day of which nothing is known: between the polls on both sides of a gap.",
        ),
        sa.Column(
            "longest_wait_seconds",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="The longest time between two good polls that ended on this day.",
        ),
        sa.PrimaryKeyConstraint("feed_id", "report_date", name=op.f("pk_daily_coverage")),
        comment="One row is a day of a feed: how closely it was watched.",
    )
    op.create_index("ix_daily_coverage_report_date", "daily_coverage", ["report_date"], unique=False)
    op.drop_index("ix_articles_report_date", "articles")
    op.create_index(
        "ix_articles_daily",
        "articles",
        ["report_date", "source_id", "section", "kind", "word_count", "is_report_date_estimated", "is_body_partial", "withdrawn_at"],
        unique=False,
    )
    is_withdrawn = sa.text("withdrawn_at IS NOT NULL")
    op.create_index("ix_articles_withdrawn_at", "articles", ["withdrawn_at"], unique=False, sqlite_where=is_withdrawn, postgresql_where=is_withdrawn)
    op.create_index("ix_article_versions_superseded_at", "article_versions", ["superseded_at"], unique=False)
    for statement in views_0004.statements(op.get_bind().dialect.name):
        op.execute(statement)
