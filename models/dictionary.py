"""The data dictionary: `docs/data-dictionary.md`, written from the comments of views, tables and columns.

`python -m models.dictionary` writes it; a test compares.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, Table, make_url

from models.tables import metadata
from models.views import COLUMNS, DESCRIPTIONS, POSTGRES_COLUMNS, POSTGRES_DESCRIPTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

_HEAD = """# Data dictionary
Written from the models by `python -m models.dictionary`; do not edit by hand.

Analysts read the `report_` views: their names and columns stay. Tables may change with any version.
Times ending in `_at` are UTC instants, `_on` days, `_local` wall times in the publisher's zone.
"""


# The view that a column leads to, and what both have in common.
_HUBS = {
    "article_id": "report_articles",
    "story_id": "report_stories",
    "feed_id": "report_feeds",
    "run_id": "report_runs",
    "source": "report_sources",
}
# Who holds what for the moment says nothing about how things hang together.
_PASSING = ("leases",)
_REFERENCE = re.compile(r"\((\w+)\.id\)")


def dictionary() -> str:
    """Give the page."""
    parts = [_HEAD, "## How the views hang together", _picture(_view_edges()), "## Views"]
    descriptions, columns = DESCRIPTIONS | POSTGRES_DESCRIPTIONS, COLUMNS | POSTGRES_COLUMNS
    for name, description in descriptions.items():
        rows = [f"| `{column}` | {meaning} |" for column, meaning in columns[name].items()]
        parts.append("\n".join([f"### {name}", description, "", "| column | meaning |", "|---|---|", *rows]))
    parts += ["## How the tables hang together", _picture(_table_edges()), "## Tables"]
    parts += [_table(table) for table in sorted(metadata.tables.values(), key=lambda table: table.name)]
    return "\n\n".join(parts) + "\n"


def _picture(edges: Iterator[tuple[str, str, str]]) -> str:
    """Draw an entity relationship diagram in Mermaid's notation (mermaid.js.org/syntax/entityRelationshipDiagram)."""
    lines = [f"    {one} ||--o{{ {many} : {column}" for one, many, column in sorted(set(edges))]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


def _view_edges() -> Iterator[tuple[str, str, str]]:
    """Give which view is looked up from which by what: by its keys, by the publisher when it has no other."""
    for name, columns in COLUMNS.items():
        keys = [key for key in _HUBS if key in columns and _HUBS[key] != name]
        chosen = [key for key in keys if key != "source"] or keys
        yield from ((_HUBS[key], name, key) for key in chosen)


def _table_edges() -> Iterator[tuple[str, str, str]]:
    """Give the references of the tables: foreign keys, and those that only a comment states ("(articles.id)")."""
    for table in metadata.tables.values():
        for column in table.columns:
            stated = None if "_up_to_" in column.name else _REFERENCE.search(column.comment or "")
            others = {key.column.table.name for key in column.foreign_keys} | ({stated[1]} if stated else set())
            yield from ((one, table.name, column.name) for one in others if one not in _PASSING)


def _table(table: Table) -> str:
    rows = [_row(column) for column in table.columns]
    head = [f"### {table.name}", table.comment or "", "", "| column | type | null | meaning |", "|---|---|---|---|"]
    return "\n".join(head + rows)


def _row(column: "Column[object]") -> str:
    kind = column.type.compile(dialect=make_url("postgresql+psycopg://").get_dialect()()).lower()
    return f"| `{column.name}` | {kind} | {'yes' if column.nullable else 'no'} | {column.comment or ''} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(dictionary(), encoding="utf-8")


if __name__ == "__main__":
    main()
