"""The settings: what can be set by `KHOTIN_*` variables or `khotin.toml`, checked and explained.

A variable of the environment wins over `khotin.toml`, which wins over the default. An empty variable counts as not set.
`khotin.toml` is looked for in the current folder, then in the clone's root; the first one found is used.
"""

import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.codes import is_timezone
from config.spelling import did_you_mean
from config.toml_file import CLONE, TOML_NAME, anchored, find_toml, read_toml
from config.toml_file import SettingsError as SettingsError  # noqa: PLC0414  # settings and their errors come from one place

ENV_PREFIX = "KHOTIN_"
# Variables for the test suite's own use; they are no settings.
TEST_PREFIX = "KHOTIN_TEST_"
_MAIL = re.compile(r"[!-~]+@[!-~]+\.[!-~]+")
_WEB = re.compile(r"https?://[!-~]+")
_DATABASE_URL = re.compile(r"(sqlite:///(?!:memory:)|postgres(ql)?(\+psycopg)?://)\S(.*\S)?")
_STORE_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^@\s]+")
_PASSWORD = re.compile(r"(?P<before>://[^:/@?]*:)[^/?]*(?=@)")
_PASSWORD_PARAMETER = re.compile(r"(?P<before>[?&](?:password|sslpassword)=)[^&]*", re.IGNORECASE)

Network = IPv4Network | IPv6Network
_MOST_RECHECKS = 50
_LONGEST_RECHECK = 24 * 3_650


def _cpu_count() -> int:
    """Count the CPUs that this process may use (a container's CPU set counts, where the system tells it)."""
    affinity = getattr(os, "sched_getaffinity", None)
    return max(1, len(affinity(0)) if affinity else (os.cpu_count() or 1))


def _default_database_url(data: dict[str, Any]) -> str:
    return f"sqlite:///{data.get('data_dir', CLONE / 'data') / 'khotin.db'}"


def _default_feeds(data: dict[str, Any]) -> Path:
    return Path(data.get("data_dir", CLONE / "data")) / "feeds.yaml"


def _words(unit: str | None = None, default: str | None = None, wanted: str | None = None) -> dict[str, Any]:
    """Give what the docs and the error messages say of a field beyond its type and its bounds."""
    return {key: value for key, value in (("unit", unit), ("default", default), ("wanted", wanted)) if value}


class Settings(BaseSettings):
    """Every setting with its default, unit and bounds; frozen. Make it with `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", validate_default=False
    )

    data_dir: Path = Field(
        default=CLONE / "data",
        description="The folder for everything that khotin writes: the warehouse, the archive, the feeds file. "
        "A relative path counts from the current folder, in khotin.toml from the folder of that file.",
        json_schema_extra=_words(default="`data` in the clone", wanted="a folder's path without `?`"),
    )
    database_url: str = Field(
        default_factory=_default_database_url,
        repr=False,
        description="The warehouse: `sqlite:///FILE` (four slashes before an absolute path) or "
        "`postgresql://USER:PASSWORD@HOST/DATABASE`.",
        json_schema_extra=_words(
            default="the SQLite file `khotin.db` in the data folder",
            wanted="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
        ),
    )
    feeds: Path = Field(
        default_factory=_default_feeds,
        description="The feeds file: which sources and feeds to follow. At first use it is copied from the shipped "
        "list, `config/feeds.yaml`.",
        json_schema_extra=_words(default="`feeds.yaml` in the data folder", wanted="a file's path"),
    )
    timezone: str = Field(
        default="Asia/Ho_Chi_Minh",
        description="The newsroom's time zone: `report_date` is the day there. Kept in the warehouse.",
        json_schema_extra=_words(wanted="an IANA time zone such as Asia/Ho_Chi_Minh"),
    )
    contact: str | None = Field(
        default=None,
        description="A mail address or web page where publishers reach you; part of the User-Agent. Needed before "
        "the first poll of any address but loopback.",
        json_schema_extra=_words(wanted="a mail address or an http(s) address in ASCII"),
    )
    workers: int = Field(
        default_factory=_cpu_count,
        ge=1,
        le=256,
        description="How many child processes extract articles.",
        json_schema_extra=_words(unit="processes", default="one for each CPU"),
    )
    run_seconds: int = Field(
        default=240,
        ge=1,
        le=86_400,
        description="How long one run works on the queue before it leaves the rest to the next run (deferred).",
        json_schema_extra=_words(unit="seconds"),
    )
    lease_seconds: int = Field(
        default=60,
        ge=5,
        le=3_600,
        description="How long claimed work stays with a process that gives no sign of life.",
        json_schema_extra=_words(unit="seconds"),
    )
    allowed_private_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(),
        description="Private networks that may be fetched from, comma-separated CIDRs such as "
        "`127.0.0.0/8, 10.1.2.0/24`. All others are refused.",
        json_schema_extra=_words(default="none", wanted="comma-separated CIDRs such as 127.0.0.0/8, 10.1.2.0/24"),
    )
    host_connections: int = Field(
        default=2,
        ge=1,
        le=16,
        description="Most connections to one host (host:port) at a time.",
        json_schema_extra=_words(unit="connections"),
    )
    host_delay_seconds: float = Field(
        default=0.2,
        ge=0,
        le=3_600,
        allow_inf_nan=False,
        description="Least time between two requests to one host; robots.txt and slow answers make it longer.",
        json_schema_extra=_words(unit="seconds"),
    )
    connect_seconds: float = Field(
        default=10,
        ge=0.1,
        le=300,
        allow_inf_nan=False,
        description="Most time to connect to a host.",
        json_schema_extra=_words(unit="seconds"),
    )
    fetch_seconds: float = Field(
        default=30,
        ge=0.1,
        le=600,
        allow_inf_nan=False,
        description="Most time for one request in all, redirects and body included.",
        json_schema_extra=_words(unit="seconds"),
    )
    max_page_bytes: int = Field(
        default=10_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="Most bytes of a page, as sent and after decompression; a longer one is `too_large`.",
        json_schema_extra=_words(unit="bytes"),
    )
    max_feed_bytes: int = Field(
        default=10_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="Most bytes of a feed, as sent and after decompression; a longer one is `too_large`.",
        json_schema_extra=_words(unit="bytes"),
    )
    max_entries: int = Field(
        default=2_000,
        ge=1,
        le=100_000,
        description="Most entries that are read from one poll of a feed.",
        json_schema_extra=_words(unit="entries"),
    )
    extract_seconds: float = Field(
        default=20,
        ge=0.1,
        le=600,
        allow_inf_nan=False,
        description="Most time that a child process may take for one page or feed before it is ended.",
        json_schema_extra=_words(unit="seconds"),
    )
    recheck_hours: Annotated[tuple[float, ...], NoDecode] = Field(
        default=(1, 6, 24, 72, 168, 720),
        description="When `khotin recheck` looks at a live article again for edits and withdrawals: hours after it was "
        "loaded, comma-separated; `never` for no looks by themselves. A feed that says that a piece changed is always "
        "heeded, and `recheck: no` in the feeds file spares a source.",
        json_schema_extra=_words(
            unit="hours", wanted="never or up to 50 comma-separated numbers of hours, each above 0 and at most 87,600"
        ),
    )
    archive_max_bytes: int = Field(
        default=1_000_000_000,
        ge=1_000_000,
        le=1_000_000_000_000,
        description="Size at which an archive file (WARC) is closed and the next one begun.",
        json_schema_extra=_words(unit="bytes"),
    )
    archive_url: str | None = Field(
        default=None,
        description="Where the archive is kept: a folder, or an fsspec address such as `s3://BUCKET/PREFIX` (with the "
        "extra `s3`), to which closed files are carried from `spool` in the data folder. Credentials come from where "
        "the store's own library looks for them, such as `AWS_ACCESS_KEY_ID`.",
        json_schema_extra=_words(
            default="the folder `archive` in the data folder",
            wanted="a folder's path or an fsspec address such as s3://BUCKET/PREFIX, without user and password",
        ),
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING",
        description="How much is said on stderr beyond the results.",
        json_schema_extra=_words(wanted="DEBUG, INFO, WARNING or ERROR"),
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, `khotin.toml`."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=read_toml(find_toml()))

    @field_validator("data_dir", "feeds")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        # SQLAlchemy takes what follows "?" in a SQLite URL for parameters; a NUL is in no path.
        if not path.parts or "?" in str(path) or "\0" in str(path):
            raise ValueError
        return path.expanduser().absolute()

    @field_validator("archive_url")
    @classmethod
    def _known_archive(cls, url: str | None) -> str | None:
        if url is None:
            return None
        url = url.strip()
        if not url or not url.isprintable() or "?" in url or "#" in url:
            raise ValueError
        if "://" not in url:
            return str(Path(url).expanduser().absolute())
        # The warehouse keeps the address in its rows: no place for a password.
        if not _STORE_URL.fullmatch(url):
            raise ValueError
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        url = url.strip()
        if not _DATABASE_URL.fullmatch(url):
            raise ValueError
        return anchored(url, Path.cwd())

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if not is_timezone(name):
            raise ValueError
        return name

    @field_validator("contact")
    @classmethod
    def _reachable(cls, contact: str | None) -> str | None:
        # It goes into a header (RFC 9110 section 10.1.5), inside a comment: visible ASCII without parentheses.
        if contact is None:
            return None
        contact = contact.strip()
        if not (_MAIL.fullmatch(contact) or _WEB.fullmatch(contact)) or set(contact) & set("()\\"):
            raise ValueError
        return contact

    @field_validator("allowed_private_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> tuple[Network, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError
        return tuple(
            part if isinstance(part, IPv4Network | IPv6Network) else ip_network(str(part).strip())
            for part in parts
            if str(part).strip()
        )

    @field_validator("recheck_hours", mode="before")
    @classmethod
    def _hours(cls, value: object) -> tuple[float, ...]:
        if isinstance(value, str) and value.strip().lower() == "never":
            return ()
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError
        hours = tuple(sorted({float(part) for part in parts}))
        if len(hours) > _MOST_RECHECKS or not all(0 < hour <= _LONGEST_RECHECK for hour in hours):
            raise ValueError
        return hours

    @field_validator("log_level", mode="before")
    @classmethod
    def _capitals(cls, level: object) -> object:
        return level.strip().upper() if isinstance(level, str) else level

    @property
    def warehouse_url(self) -> str:
        """The database's address as SQLAlchemy takes it: psycopg 3 for PostgreSQL, an absolute path for SQLite."""
        if self.database_url.startswith("sqlite"):
            return self.database_url
        return "postgresql+psycopg://" + self.database_url.partition("://")[2]

    @property
    def zone(self) -> ZoneInfo:
        """The newsroom's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as `khotin config` shows it; passwords are masked."""

    name: str
    env_name: str
    value: str
    origin: str
    description: str


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from `overrides`, the environment and `khotin.toml`.

    Raises `SettingsError` with one sentence for each mistake.
    """
    toml_path = find_toml()
    toml = read_toml(toml_path)
    mistakes = _unknown_variables()
    mistakes += [_unknown_key(key) for key in toml if key not in Settings.model_fields]
    origins = dict.fromkeys(toml, TOML_NAME) | dict.fromkeys(_set_variables(), "environment")
    origins |= dict.fromkeys(overrides, "argument")
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        mistakes += [_sentence(problem, origins) for problem in error.errors() if _is_new(problem, overrides)]
        raise SettingsError("\n".join(mistakes)) from None
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    settings._origins.update(origins)
    return settings


def explain_settings(settings: Settings) -> list[SettingRow]:
    """Give every setting with its value and where it came from: default, environment, khotin.toml or argument."""
    return [
        SettingRow(
            name=name,
            env_name=env_name(name),
            value=_shown(getattr(settings, name)),
            origin=settings._origins.get(name, "default"),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def mask_password(url: str) -> str:
    """Give a database URL without its password."""
    return _PASSWORD_PARAMETER.sub(r"\g<before>***", _PASSWORD.sub(r"\g<before>***", url))


def user_agent(settings: Settings) -> str:
    """Give the User-Agent: `khotin/<version> (+<contact>)`, without the comment when there is no contact."""
    product = f"khotin/{_version()}"
    return f"{product} (+{settings.contact})" if settings.contact else product


def env_name(name: str) -> str:
    """Give the variable of the setting `name`: `data_dir` → `KHOTIN_DATA_DIR`."""
    return ENV_PREFIX + name.upper()


def wanted(name: str) -> str:
    """Say what values the setting `name` takes: its shape, unit and bounds."""
    field = Settings.model_fields[name]
    words = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if "wanted" in words:
        return str(words["wanted"])
    bounds = {key: getattr(part, key) for part in field.metadata for key in ("ge", "le") if hasattr(part, key)}
    number = "a whole number" if field.annotation is int else "a number"
    return f"{number} of {words['unit']} from {bounds['ge']:,} to {bounds['le']:,}"


@cache
def _version() -> str:
    return version("khotin")


def _set_variables() -> list[str]:
    """Give the settings' names that the environment sets; an empty variable counts as not set."""
    return [
        key[len(ENV_PREFIX) :].lower()
        for key, value in os.environ.items()
        if key.upper().startswith(ENV_PREFIX) and not key.upper().startswith(TEST_PREFIX) and value
    ]


def _unknown_variables() -> list[str]:
    names = [name for name in _set_variables() if name not in Settings.model_fields]
    return [
        f"{env_name(name)} is no setting; {did_you_mean(env_name(name), map(env_name, Settings.model_fields))}"
        "`khotin config` lists them all."
        for name in sorted(names)
    ]


def _unknown_key(key: str) -> str:
    hint = did_you_mean(key, Settings.model_fields)
    return f"{key!r} in {TOML_NAME} is no setting; {hint}`khotin config` lists them all."


def _is_new(problem: ErrorDetails, overrides: dict[str, Any]) -> bool:
    """Tell whether the problem is not already told: an unknown key of the file, a default that hangs on a bad value."""
    if problem["type"] == "extra_forbidden":
        return problem["loc"][0] in overrides
    return problem["type"] != "default_factory_not_called"


def _sentence(problem: ErrorDetails, origins: dict[str, str]) -> str:
    """Say in one sentence which setting is wrong, its bad value, and what is wanted."""
    name = str(problem["loc"][0])
    if name not in Settings.model_fields:
        return f"{name!r} is no setting; {did_you_mean(name, Settings.model_fields)}`khotin config` lists them all."
    bad = mask_password(str(problem["input"]))[:200]
    origin = origins.get(name)
    place = f"{name} in {TOML_NAME}" if origin == TOML_NAME else name if origin == "argument" else env_name(name)
    detail = str(problem.get("ctx", {}).get("error", ""))
    return f"{place} is {bad!r}{f' ({detail})' if detail else ''}; it must be {wanted(name)}."


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return mask_password(value) if isinstance(value, str) else str(value)
