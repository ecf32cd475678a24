"""The search index: a table of each database's own kind, apart from the tables that are the same on both.

`article_search` says which text of an article is indexed. In SQLite the words themselves are in `report_search`, an
FTS5 table; in PostgreSQL they are a tsvector of `article_search`. All of it can be made again from the articles, so it
is not copied from warehouse to warehouse.
"""

from sqlalchemy import Column, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from models.types import Key

OWN_NAMES = ("article_search", "report_search")

_NAME = "article_search"


def _article() -> Column[int]:
    return Column("article_id", Key, primary_key=True, autoincrement=False, comment="The article (articles.id).")


def _hash() -> Column[str]:
    said = "The text that was indexed (articles.content_hash)."
    return Column("content_hash", String(64), nullable=False, comment=said)


sqlite_search = Table(
    _NAME,
    MetaData(),
    _article(),
    _hash(),
    Column("document", LargeBinary, nullable=False, comment="What was indexed, deflated: FTS5 must be told to forget."),
    comment="One row says which text of an article is in report_search.",
)

postgres_search = Table(
    _NAME,
    MetaData(),
    _article(),
    _hash(),
    Column(
        "words",
        TSVECTOR,
        nullable=False,
        comment="Its words without marks at their places, A the title, D the body; and those that have marks as "
        "written.",
    ),
    comment="One row has the words of an article for search.",
)


def is_of_search(name: str | None) -> bool:
    """Tell whether a table is part of the search index (FTS5 keeps its data in tables named after it)."""
    return name is not None and name.startswith(OWN_NAMES)
