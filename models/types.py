"""Column types that keep the house's rules of time: aware UTC instants, wall times, and big integer keys."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine, UserDefinedType

# SQLite makes only INTEGER PRIMARY KEY an alias of the row id; PostgreSQL wants 64 bits.
Key = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class _SqliteTimestamp(UserDefinedType[str]):
    """Text in SQLite, declared TIMESTAMP so that drivers know it for a time."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive times; SQLite stores fixed-width `YYYY-MM-DDTHH:MM:SS.ffffffZ`, which sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(_SqliteTimestamp())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        # Not strftime: its %Y does not pad a year before 1000.
        return (
            value
            if dialect.name == "postgresql"
            else f"{value.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        )

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]  # a driver's datetime


class LocalDateTime(TypeDecorator[datetime]):
    """A wall time in the publisher's zone. To the second; refuses aware times; SQLite stores `YYYY-MM-DDTHH:MM:SS`."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=False))
        return dialect.type_descriptor(_SqliteTimestamp())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is not None:
            raise ValueError(f"a wall time has no zone: {value!r}")
        value = value.replace(microsecond=0)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="seconds")

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
