"""A PostgreSQL warehouse of today's schema that tests have in turn: to make one takes longer than most of them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fresh import template_database
from postgres_server import new_database
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.pool import NullPool

from models.search import postgres_search
from models.tables import metadata

# What stands in a warehouse beside its rows: relations with their columns, grants and comments, functions, settings.
_SHAPE = text("""
    SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
        SELECT concat_ws(' ', c.oid, c.relnamespace, c.relname, c.relnatts, c.relacl, obj_description(c.oid)) AS line
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema)'
        UNION ALL SELECT concat_ws(' ', p.oid, p.proname, p.proacl)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname !~ '^(pg_|information_schema)'
        UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
        UNION ALL SELECT concat_ws(' ', extname, extversion) FROM pg_extension
        UNION ALL SELECT concat_ws(' ', s.setrole, s.setconfig) FROM pg_db_role_setting s
        JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
        UNION ALL SELECT concat_ws(' ', datname, datacl) FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT version_num FROM alembic_version
    ) AS lines""")
_ALONE = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()""")
_FROM_ONE = text("""
    SELECT setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace""")
_EMPTY = "; ".join(f"DELETE FROM {table.name}" for table in (postgres_search, *reversed(metadata.sorted_tables)))


class Lender:
    """Lends the warehouse of a worker without rows; one that comes back in another shape is thrown away."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._made = ExitStack()
        self._url = ""
        self._shape = ""

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Give the warehouse's address; nobody else of this process may have it meanwhile."""
        if not self._url:
            self._url = self._made.enter_context(new_database(self._server, template_database()))
            with self._opened() as connection:
                self._shape = connection.execute(_SHAPE).scalar_one()
        yield self._url
        with self._opened() as connection:
            is_as_before = connection.execute(_SHAPE).scalar() == self._shape
            if is_as_before:
                connection.execute(_ALONE)
                connection.exec_driver_sql(_EMPTY)
                connection.execute(_FROM_ONE)
        if not is_as_before:
            self.close()

    def close(self) -> None:
        """Drop the warehouse."""
        self._made.close()
        self._url = ""

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
