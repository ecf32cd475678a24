"""The house: which room may know which, and what every module keeps to."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import COMMANDS

CLONE = Path(__file__).resolve().parent.parent
ORDER = ("config", "models", "pipeline", "flows", "cli")
"""Each may import itself and those before it."""

OURS = sorted(
    path.relative_to(CLONE) for room in (*ORDER, "demo", "benchmarks") for path in (CLONE / room).rglob("*.py")
)
FROZEN = CLONE / "models" / "migrations" / "versions"
DATABASE = ("sqlalchemy", "alembic", "psycopg", "sqlite3", "models.tables", "models.engine", "pipeline.warehouse")
HTTP = ("aiohttp", "yarl", "pipeline.pages", "pipeline.courier")


def _imports(path: Path) -> Iterator[str]:
    """Give every module that a file imports, names imported from packages included."""
    for node in ast.walk(ast.parse((CLONE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} has a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _breaches(paths: list[Path], *forbidden: str) -> list[str]:
    return [
        f"{path} imports {name}"
        for path in paths
        for name in _imports(path)
        if any(name == module or name.startswith(f"{module}.") for module in forbidden)
    ]


def _within(*rooms: str) -> list[Path]:
    return [path for path in OURS if any(path.is_relative_to(room) for room in rooms)]


@pytest.mark.parametrize("room", ORDER)
def test_rooms_import_downwards_only(room: str) -> None:
    above = ORDER[ORDER.index(room) + 1 :]
    assert _within(room), f"{room} is empty"
    assert _breaches(_within(room), *above, "tests", "benchmarks", *(["demo"] if room != "cli" else [])) == []


def test_feeds_pages_articles_and_stories_do_not_know_the_database() -> None:
    rooms = [f"pipeline/{name}" for name in ("feeds", "pages", "articles", "stories", "dates")]
    assert _breaches(_within(*rooms), *DATABASE) == []


def test_the_warehouse_does_not_know_http() -> None:
    assert _breaches(_within("pipeline/warehouse"), *HTTP) == []


def test_rows_are_written_in_the_warehouse_only() -> None:
    outside = [path for path in _within("pipeline", "cli", "flows") if not path.is_relative_to("pipeline/warehouse")]
    assert _breaches(outside, *(f"sqlalchemy.{verb}" for verb in ("insert", "update", "delete"))) == []


def test_only_flows_import_prefect() -> None:
    others = [path for path in OURS if not path.is_relative_to("flows")]
    assert _breaches(others, "prefect") == []


def test_the_commands_import_neither_prefect_nor_alembic_to_start() -> None:
    commands = ", ".join(sorted({place.module for place in COMMANDS.values()}))
    assert _imported_by(f"import {commands}", "prefect", "alembic", "trafilatura") == set()


def test_a_run_imports_only_what_it_needs() -> None:
    others = {place.module for name, place in COMMANDS.items() if name != "run"}
    start = "import sys; sys.argv = ['khotin', 'run', '--help']; from cli.main import app; app(standalone_mode=False)"
    assert _imported_by(start, *others, "psycopg", "pyarrow", "pipeline.backfill") == set()


def _imported_by(code: str, *names: str) -> set[str]:
    probe = f"{code}\nimport sys; sys.exit(','.join(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", probe], cwd=CLONE, capture_output=True, text=True, check=False)
    imported = ended.stderr.strip().split(",")
    assert "sys" in imported, ended.stderr
    return set(names).intersection(imported)


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    paths = [path for path in OURS if not (CLONE / path).is_relative_to(FROZEN)]
    docstrings = {path: ast.get_docstring(ast.parse((CLONE / path).read_text(encoding="utf-8"))) for path in paths}
    assert [
        str(path) for path, said in docstrings.items() if not said or not said.splitlines()[0].endswith((".", "…"))
    ] == []


def test_no_module_has_five_hundred_lines_and_no_function_sixty() -> None:
    long: list[str] = []
    for path in OURS:
        source = (CLONE / path).read_text(encoding="utf-8")
        if (CLONE / path).is_relative_to(FROZEN):
            continue
        if len(source.splitlines()) >= 500:
            long.append(str(path))
        long += [
            f"{path}:{node.name}"
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno - len((ast.get_docstring(node) or "").splitlines()) >= 60
        ]
    assert long == []
