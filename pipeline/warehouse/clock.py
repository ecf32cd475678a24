"""What time it is, as the warehouse sees it."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select


def now(connection: Connection) -> datetime:
    """Give the instant by the database's clock on PostgreSQL (workers' clocks differ), by this machine's on SQLite."""
    if connection.dialect.name == "postgresql":
        instant: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return instant.astimezone(UTC)
    return datetime.now(UTC)
