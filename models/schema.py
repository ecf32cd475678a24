"""The warehouse's revision: which one it has, which one this khotin needs, and the way from one to the other."""

import hashlib
import importlib.resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, inspect, select, text

from models.views import explain_views

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision; a test holds it to the scripts, so that a run need not import alembic to compare.
HEAD = "0004"


class UnknownRevisionError(Exception):
    """A newer khotin wrote the warehouse."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"a newer khotin wrote it (schema {revision}; this one knows {HEAD}); update khotin")


def current_revision(connection: Connection) -> str | None:
    """Give the revision of the warehouse, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the warehouse to `HEAD` in one transaction; give the revision before and after.

    Several processes may do so at once: one after the other, and the later ones find it done. Raises
    UnknownRevisionError when a newer khotin wrote the warehouse.
    """
    from alembic import command  # noqa: PLC0415  # costs 0.2 s, needed only here

    with engine.begin() as connection:
        stand_in_line(connection, "upgrade")
        before = current_revision(connection)
        if before is not None and before > HEAD:
            raise UnknownRevisionError(before)
        command.upgrade(alembic_config(connection), "head")
        if before != HEAD:
            explain_views(connection)
        return before, HEAD


def stand_in_line(connection: Connection, errand: str) -> None:
    """Let one process at a time be at this errand, until its transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        line = int.from_bytes(hashlib.sha256(f"khotin {errand}".encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(line)))


def alembic_config(connection: Connection) -> "Config":
    """Give alembic's configuration for an open connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files("models").joinpath("migrations")))
    config.attributes["connection"] = connection
    return config
