"""Where a warehouse is, and how that is said to people."""

from pathlib import Path

from sqlalchemy import make_url

from config.settings import mask_password


class WarehouseError(Exception):
    """The warehouse cannot be used; the message says what to do."""


def is_embedded(url: str) -> bool:
    """Tell whether the warehouse is a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def file_of(url: str) -> Path:
    """Give the file of an embedded warehouse."""
    return Path(str(make_url(url).database))


def is_missing(url: str) -> bool:
    """Tell whether the warehouse is a SQLite file that does not exist yet."""
    return is_embedded(url) and not file_of(url).exists()


def warehouse_name(url: str) -> str:
    """Name a warehouse for people: the file of SQLite, the address without password of others."""
    return str(file_of(url)) if is_embedded(url) else mask_password(url)


def detail_of(error: BaseException) -> str:
    """Give what a database or the system says is wrong, in one line without a full stop."""
    said = str(getattr(error, "orig", None) or error).strip()
    return (said.splitlines()[0] if said else type(error).__name__).rstrip(".")
