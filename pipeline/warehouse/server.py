"""PostgreSQL as khotin needs it: version, encoding and rights, and the SQL that gives them."""

from sqlalchemy import Connection, make_url, text

from pipeline.warehouse.place import WarehouseError

OLDEST = 14


def check_server(connection: Connection) -> None:
    """Refuse a PostgreSQL that is too old or does not speak UTF-8. Raises `WarehouseError` with one sentence."""
    if connection.dialect.name != "postgresql":
        return
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number // 10_000 < OLDEST:
        said = connection.execute(text("SHOW server_version")).scalar_one()
        raise WarehouseError(f"This is PostgreSQL {said}; khotin needs {OLDEST} or newer.")
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise WarehouseError(
            f"The database's encoding is {encoding}; khotin needs UTF8: CREATE DATABASE … ENCODING 'UTF8' "
            "TEMPLATE template0."
        )


def may_create(connection: Connection) -> bool:
    """Tell whether our role may make tables in the schema that it writes to."""
    allowed = text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
    return connection.dialect.name != "postgresql" or bool(connection.execute(allowed).scalar())


def sql_for_administrator(url: str, *, may_connect: bool) -> list[str]:
    """Give the statements that an administrator types: the role, the database and its rights.

    With `may_connect` role and database are there, and only the rights are missing.
    """
    parsed = make_url(url)
    role, database = quoted(parsed.username or "khotin"), quoted(parsed.database or "khotin")
    rights = [f"\\connect {database}", f"GRANT USAGE, CREATE ON SCHEMA public TO {role};"]
    if may_connect:
        return rights
    return [
        f"CREATE ROLE {role} LOGIN PASSWORD '…';",
        f"CREATE DATABASE {database} OWNER {role} ENCODING 'UTF8' TEMPLATE template0;",
        *rights,
    ]


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
