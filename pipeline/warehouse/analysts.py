"""Analysts on PostgreSQL: roles that read the report views and nothing else, with a schema of their own to write in.

Who is one is remembered in the database itself: the schema `scratch_NAME` carries a comment that says so. An upgrade
gives them the views that it brings.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from models.views import TEXTS
from pipeline.warehouse.place import WarehouseError, detail_of
from pipeline.warehouse.server import quoted

STATEMENT_SECONDS = 60
IDLE_MINUTES = 10

_PREFIX = "scratch_"
_WITH_TEXTS, _WITHOUT_TEXTS = "khotin: an analyst's own tables", "khotin: an analyst's own tables; no texts are read"
# PostgreSQL cuts longer names (NAMEDATALEN).
_LONGEST_NAME_BYTES = 63
_NO_RIGHTS = "42501"


class AdministratorNeededError(Exception):
    """Our role may not do it; `statements` are what an administrator types."""

    def __init__(self, detail: str, statements: list[str]) -> None:
        super().__init__(detail)
        self.statements = statements


@dataclass(frozen=True, slots=True)
class Granted:
    """An analyst: the schema to write in, and the password when the role was made just now."""

    scratch: str
    password: str | None


def grant_analyst(connection: Connection, name: str, *, reads_texts: bool) -> Granted:
    """Let the role `name` read the report views, making it if need be; again, with other rights, at any time.

    Raises `WarehouseError` for a name that cannot be an analyst, `AdministratorNeededError`.
    """
    _check_name(connection, name)
    password = None if _has_role(connection, name) else secrets.token_urlsafe(18)
    _make_role(connection, name, password)
    scratch = quoted(_PREFIX + name)
    kind = _WITH_TEXTS if reads_texts else _WITHOUT_TEXTS
    _run(
        connection,
        f"CREATE SCHEMA IF NOT EXISTS {scratch}",
        f"COMMENT ON SCHEMA {scratch} IS {_literal(kind)}",
    )
    _grant_rights(connection, name, reads_texts=reads_texts)
    return Granted(_PREFIX + name, password)


def revoke_analyst(connection: Connection, name: str) -> int:
    """Take an analyst's rights; give the number of tables of theirs that stay in their schema, 0 when it is gone too.

    The role itself stays: other databases may know it. Raises `WarehouseError` when it is no analyst.
    """
    if name not in _analysts(connection):
        raise WarehouseError(f"{name} is no analyst of this warehouse.")
    role, scratch = quoted(name), quoted(_PREFIX + name)
    if _has_role(connection, name):
        _run(connection, *(f"REVOKE ALL ON {view} FROM {role}" for view in _views(connection)))
        _run(connection, *(f"REVOKE ALL ON FUNCTION {one} FROM {role}" for one in _functions(connection)))
        _run(connection, f"REVOKE ALL ON SCHEMA {scratch} FROM {role}")
        _run(connection, f"REVOKE USAGE ON SCHEMA {quoted(_schema(connection))} FROM {role}")
    held = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace(:scratch) AND relkind IN ('r', 'v', 'm')"
    left = int(connection.execute(text(held), {"scratch": scratch}).scalar_one())
    _run(connection, f"COMMENT ON SCHEMA {scratch} IS NULL" if left else f"DROP SCHEMA {scratch} CASCADE")
    return left


def extend_grants(connection: Connection) -> list[str]:
    """Let every analyst read the views that are there now: after an upgrade, or a restore; give their names."""
    if connection.dialect.name != "postgresql":
        return []
    analysts = _analysts(connection)
    for name, reads_texts in analysts.items():
        if _has_role(connection, name):
            _grant_rights(connection, name, reads_texts=reads_texts)
    return list(analysts)


def _check_name(connection: Connection, name: str) -> None:
    if not name or len((_PREFIX + name).encode()) > _LONGEST_NAME_BYTES:
        raise WarehouseError(f"{name!r} is too long for an analyst's name, or empty.")
    if name == connection.execute(text("SELECT current_user")).scalar_one():
        raise WarehouseError(f"{name} is khotin's own role: give the analyst another name.")
    can_all = text("SELECT rolsuper FROM pg_roles WHERE rolname = :name")
    if connection.execute(can_all, {"name": name}).scalar():
        raise WarehouseError(f"{name} is a superuser, who may do anything anyway: give the analyst another name.")


def _make_role(connection: Connection, name: str, password: str | None) -> None:
    """Make the role and its settings in this database, as far as they are not there."""
    wanted = _missing_of_role(connection, name, password)
    try:
        with connection.begin_nested():
            _run(connection, *wanted)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHTS:
            raise
        shown = [f"CREATE ROLE {quoted(name)} LOGIN PASSWORD '…';"] if password else []
        shown += [f"{statement};" for statement in wanted if not statement.startswith("CREATE ROLE")]
        raise AdministratorNeededError(detail_of(error), shown) from error


def _missing_of_role(connection: Connection, name: str, password: str | None) -> list[str]:
    database, role = quoted(connection.execute(text("SELECT current_database()")).scalar_one()), quoted(name)
    statements = []
    if password is not None:
        # Only what the server keeps of a password leaves this process, so that no log of statements has it.
        driver: Any = connection.connection.driver_connection
        kept = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        statements.append(f"CREATE ROLE {role} LOGIN PASSWORD {_literal(kept)}")
    if not connection.execute(text("SELECT has_database_privilege(current_database(), 'CREATE')")).scalar():
        ours = quoted(connection.execute(text("SELECT current_user")).scalar_one())
        statements.append(f"GRANT CREATE ON DATABASE {database} TO {ours}")
    there = _settings(connection, name)
    wanted = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "TimeZone": "UTC",
        "idle_in_transaction_session_timeout": f"{IDLE_MINUTES}min",
    }
    path = f"{quoted(_PREFIX + name)}, {quoted(_schema(connection))}"
    statements += [
        f"ALTER ROLE {role} IN DATABASE {database} SET {setting} = {_literal(value)}"
        for setting, value in wanted.items()
        if there.get(setting) != value
    ]
    # PostgreSQL keeps the quotes only where they are needed.
    if there.get("search_path", "").replace('"', "") != path.replace('"', ""):
        statements.append(f"ALTER ROLE {role} IN DATABASE {database} SET search_path = {path}")
    return statements


def _settings(connection: Connection, name: str) -> dict[str, str]:
    query = text(
        "SELECT s.setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = :name AND d.datname = current_database()"
    )
    found: list[str] = connection.execute(query, {"name": name}).scalar() or []
    return dict(one.split("=", 1) for one in found)


def _grant_rights(connection: Connection, name: str, *, reads_texts: bool) -> None:
    """Give the rights anew: only on columns without texts when texts are not to be read."""
    role = quoted(name)
    _run(
        connection,
        f"GRANT USAGE, CREATE ON SCHEMA {quoted(_PREFIX + name)} TO {role}",
        f"GRANT USAGE ON SCHEMA {quoted(_schema(connection))} TO {role}",
    )
    for view, columns in _views(connection).items():
        allowed = columns if reads_texts else [one for one in columns if one not in TEXTS.get(view, ())]
        _run(connection, f"REVOKE ALL ON {view} FROM {role}")
        if allowed == columns:
            _run(connection, f"GRANT SELECT ON {view} TO {role}")
        elif allowed:
            _run(connection, f"GRANT SELECT ({', '.join(map(quoted, allowed))}) ON {view} TO {role}")
    for function in _functions(connection):
        verb, side = ("GRANT", "TO") if reads_texts else ("REVOKE", "FROM")
        _run(connection, f"{verb} EXECUTE ON FUNCTION {function} {side} {role}")


def _views(connection: Connection) -> dict[str, list[str]]:
    query = text(
        "SELECT c.relname, array_agg(CAST(a.attname AS text) ORDER BY a.attnum) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind = 'v' AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND c.relname LIKE 'report\\_%' GROUP BY c.relname ORDER BY c.relname"
    )
    return {row[0]: list(row[1]) for row in connection.execute(query)}


def _functions(connection: Connection) -> list[str]:
    """Give the functions that read for analysts what they may not read themselves: those of search."""
    query = text(
        "SELECT CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_proc p"
        " WHERE p.pronamespace = to_regnamespace(quote_ident(current_schema())) AND p.prosecdef"
    )
    return list(connection.execute(query).scalars())


def _analysts(connection: Connection) -> dict[str, bool]:
    """Give the analysts' names, and whether each reads texts."""
    query = text(
        "SELECT substr(nspname, :begin), obj_description(oid, 'pg_namespace') = :kind FROM pg_namespace"
        " WHERE obj_description(oid, 'pg_namespace') IN (:kind, :other) ORDER BY 1"
    )
    given = {"begin": len(_PREFIX) + 1, "kind": _WITH_TEXTS, "other": _WITHOUT_TEXTS}
    return {row[0]: bool(row[1]) for row in connection.execute(query, given)}


def _has_role(connection: Connection, name: str) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    return found.first() is not None


def _schema(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        # Without parameters a percent sign in a name is only that.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
