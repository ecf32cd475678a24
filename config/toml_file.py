"""The settings file `khotin.toml`: found, read and checked before its values are settings."""

import tomllib
from pathlib import Path
from typing import Any, NoReturn

TOML_NAME = "khotin.toml"
CLONE = Path(__file__).resolve().parent.parent
# A settings file is a page of text; more is a mistake.
_MAX_TOML_BYTES = 1_000_000


class SettingsError(Exception):
    """The settings cannot be used; the message has one sentence for each mistake, a line each."""


def find_toml() -> Path | None:
    """Find `khotin.toml`: in the current folder, else in the clone's root, else None."""
    return next((path for path in (Path.cwd() / TOML_NAME, CLONE / TOML_NAME) if path.is_file()), None)


def read_toml(path: Path | None) -> dict[str, Any]:
    """Read the file's keys, relative paths made absolute from its folder; raises `SettingsError`."""
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_TOML_BYTES + 1)
        if len(raw) > _MAX_TOML_BYTES:
            _refuse(path, f"is larger than {_MAX_TOML_BYTES:,} bytes; it should hold a few lines")
        values = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        _refuse(path, "is not UTF-8 text; save it as UTF-8")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _refuse(path, f"is not valid TOML: {error}")
    for key in ("data_dir", "feeds", "archive_url"):
        if isinstance(values.get(key), str) and values[key] and "://" not in values[key]:
            values[key] = str(path.parent / Path(values[key]).expanduser())
    if isinstance(values.get("database_url"), str):
        values["database_url"] = anchored(values["database_url"], path.parent)
    return values


def anchored(url: str, folder: Path) -> str:
    """Make a SQLite URL's relative file absolute, so that every process finds the same warehouse."""
    scheme, slashes, file = url.partition("sqlite:///")
    return f"{slashes}{folder / file}" if not scheme and file and not file.startswith(":") else url


def _refuse(path: Path, what: str) -> NoReturn:
    raise SettingsError(f"{path} {what}.") from None
