"""The metadata that all tables share, and the columns that come in many of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, MetaData
from sqlalchemy.types import String

from models.types import Key, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """Give a table's own key."""
    return Column("id", Key, primary_key=True, comment="The row's own key.")


def reference(name: str, target: str, comment: str, *, is_nullable: bool = False, index: bool = False) -> Column[int]:
    """Give a reference `<noun>_id` to the key of another table."""
    return Column(name, Key, ForeignKey(target), nullable=is_nullable, index=index, comment=comment)


def instant(name: str, comment: str, *, is_nullable: bool = True) -> Column[datetime]:
    """Give a column for a UTC instant."""
    return Column(name, UtcDateTime, nullable=is_nullable, comment=comment)


def lease() -> Column[str]:
    """Give the column that says which process has this row in hand."""
    return Column(
        "lease_token",
        String(32),
        ForeignKey("leases.token"),
        nullable=True,
        index=True,
        comment="The lease of the process that has this row in hand; NULL when free.",
    )


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Constrain a column to the words of a closed list."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
