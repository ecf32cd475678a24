"""The data dictionary: `docs/data-dictionary.md`, written from the comments of views, tables and columns.

`python -m models.dictionary` writes it; a test compares.
"""

from pathlib import Path

from sqlalchemy import Column, Table, make_url

from models.tables import metadata
from models.views import COLUMNS, DESCRIPTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

_HEAD = """# Data dictionary
Written from the models by `python -m models.dictionary`; do not edit by hand.

Analysts read the `report_` views: their names and columns stay. Tables may change with any version.
Times ending in `_at` are UTC instants, `_on` days, `_local` wall times in the publisher's zone.
"""


def dictionary() -> str:
    """Give the page."""
    parts = [_HEAD, "## Views"]
    for name, description in DESCRIPTIONS.items():
        rows = [f"| `{column}` | {meaning} |" for column, meaning in COLUMNS[name].items()]
        parts.append("\n".join([f"### {name}", description, "", "| column | meaning |", "|---|---|", *rows]))
    parts.append("## Tables")
    parts += [_table(table) for table in sorted(metadata.tables.values(), key=lambda table: table.name)]
    return "\n\n".join(parts) + "\n"


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
