"""What the settings promise: environment over file over default, and one clear sentence for each mistake."""

import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from config.settings import (
    Settings,
    SettingsError,
    explain_settings,
    load_settings,
    mask_password,
    user_agent,
)
from config.settings_page import PAGE, settings_page
from config.toml_file import CLONE


@pytest.fixture(autouse=True)
def _clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in an empty folder, with no KHOTIN_* variable and no khotin.toml of the clone."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("KHOTIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("config.toml_file.CLONE", tmp_path / "clone")
    monkeypatch.chdir(tmp_path)


def mistakes(**overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as told:
        load_settings(**overrides)
    return str(told.value).split("\n")


def origin(settings: Settings, name: str) -> str:
    return next(row.origin for row in explain_settings(settings) if row.name == name)


def test_without_any_setting_the_warehouse_is_a_sqlite_file_in_the_clone() -> None:
    settings = load_settings()
    assert settings.data_dir == CLONE / "data"
    assert settings.warehouse_url == f"sqlite:///{CLONE}/data/khotin.db"
    assert settings.feeds == CLONE / "data" / "feeds.yaml"
    assert settings.zone.key == "Asia/Ho_Chi_Minh"
    assert settings.workers >= 1


def test_the_data_folder_moves_the_warehouse_and_the_feeds_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(tmp_path / "d"))
    settings = load_settings()
    assert settings.warehouse_url == f"sqlite:///{tmp_path}/d/khotin.db"
    assert settings.feeds == tmp_path / "d" / "feeds.yaml"


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "khotin.toml").write_text("workers = 3\nrun_seconds = 7\n", encoding="utf-8")
    monkeypatch.setenv("KHOTIN_WORKERS", "5")
    settings = load_settings(lease_seconds=9)
    assert (settings.workers, settings.run_seconds, settings.lease_seconds) == (5, 7, 9)
    names = ("workers", "run_seconds", "lease_seconds", "max_entries")
    assert [origin(settings, name) for name in names] == ["environment", "khotin.toml", "argument", "default"]


def test_the_file_of_the_clone_is_read_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "khotin.toml").write_text("run_seconds = 11\n", encoding="utf-8")
    assert load_settings().run_seconds == 11
    (tmp_path / "khotin.toml").write_text("workers = 2\n", encoding="utf-8")
    assert load_settings().run_seconds == 240


def test_relative_paths_of_the_file_count_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "khotin.toml").write_text(
        'data_dir = "d"\nfeeds = "my.yaml"\ndatabase_url = "sqlite:///w.db"\n', encoding="utf-8"
    )
    settings = load_settings()
    assert settings.data_dir == tmp_path / "clone" / "d"
    assert settings.feeds == tmp_path / "clone" / "my.yaml"
    assert settings.warehouse_url == f"sqlite:///{tmp_path}/clone/w.db"


def test_relative_paths_of_a_variable_count_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHOTIN_DATA_DIR", "d")
    monkeypatch.setenv("KHOTIN_DATABASE_URL", "sqlite:///w.db")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "d"
    assert settings.warehouse_url == f"sqlite:///{tmp_path}/w.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_psycopg(scheme: str) -> None:
    settings = load_settings(database_url=f"{scheme}://u:p@h:5432/news?sslmode=require")
    assert settings.warehouse_url == "postgresql+psycopg://u:p@h:5432/news?sslmode=require"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOTIN_CONTACT", "")
    monkeypatch.setenv("KHOTIN_WORKERS", "")
    settings = load_settings()
    assert settings.contact is None
    assert origin(settings, "workers") == "default"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WORKERS", "x", "KHOTIN_WORKERS is 'x'; it must be a whole number of processes from 1 to 256."),
        ("WORKERS", "0", "KHOTIN_WORKERS is '0'; it must be a whole number of processes from 1 to 256."),
        (
            "LEASE_SECONDS",
            "4",
            "KHOTIN_LEASE_SECONDS is '4'; it must be a whole number of seconds from 5 to 3,600.",
        ),
        ("FETCH_SECONDS", "nan", "KHOTIN_FETCH_SECONDS is 'nan'; it must be a number of seconds from 0.1 to 600."),
        (
            "TIMEZONE",
            "Asia/Hanoi",
            "KHOTIN_TIMEZONE is 'Asia/Hanoi'; it must be an IANA time zone such as Asia/Ho_Chi_Minh.",
        ),
        (
            "CONTACT",
            "me",
            "KHOTIN_CONTACT is 'me'; it must be a mail address or an http(s) address in ASCII.",
        ),
        ("LOG_LEVEL", "loud", "KHOTIN_LOG_LEVEL is 'LOUD'; it must be DEBUG, INFO, WARNING or ERROR."),
        ("DATA_DIR", "a?b", "KHOTIN_DATA_DIR is 'a?b'; it must be a folder's path without `?`."),
        (
            "DATABASE_URL",
            "mysql://u:secret@h/d",
            (
                "KHOTIN_DATABASE_URL is 'mysql://u:***@h/d'; "
                "it must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
            ),
        ),
        (
            "DATABASE_URL",
            "sqlite:///:memory:",
            (
                "KHOTIN_DATABASE_URL is 'sqlite:///:memory:'; "
                "it must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
            ),
        ),
        (
            "ALLOWED_PRIVATE_NETWORKS",
            "127.0.0.0/8,10.0.0.1/8",
            (
                "KHOTIN_ALLOWED_PRIVATE_NETWORKS is '127.0.0.0/8,10.0.0.1/8' (10.0.0.1/8 has host bits set); "
                "it must be comma-separated CIDRs such as 127.0.0.0/8, 10.1.2.0/24."
            ),
        ),
        (
            "WORKER",
            "1",
            "KHOTIN_WORKER is no setting; did you mean KHOTIN_WORKERS? `khotin config` lists them all.",
        ),
        ("XYZ", "1", "KHOTIN_XYZ is no setting; `khotin config` lists them all."),
    ],
)
def test_a_wrong_variable_is_told_in_one_sentence(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"KHOTIN_{name}", value)
    assert mistakes() == [sentence]


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("workers = 0", "workers in khotin.toml is '0'; it must be a whole number of processes from 1 to 256."),
        ("worker = 1", "'worker' in khotin.toml is no setting; did you mean workers? `khotin config` lists them all."),
        ("feeds = 3", "feeds in khotin.toml is '3'; it must be a file's path."),
    ],
)
def test_a_wrong_line_of_the_file_is_told_in_one_sentence(toml: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "khotin.toml").write_text(toml, encoding="utf-8")
    assert mistakes() == [sentence]


@pytest.mark.parametrize(
    ("raw", "told"),
    [(b"workers = ", "is not valid TOML"), (b"\xff", "is not UTF-8"), (b"#" * 1_000_001, "is larger than")],
)
def test_a_file_that_cannot_be_read_is_told(raw: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "khotin.toml").write_bytes(raw)
    assert told in mistakes()[0]


def test_all_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "khotin.toml").write_text("run_second = 1\nmax_entries = 0\n", encoding="utf-8")
    monkeypatch.setenv("KHOTIN_WORKERS", "many")
    monkeypatch.setenv("KHOTIN_DATA_DIR", "?")
    monkeypatch.setenv("KHOTIN_PORT", "1")
    assert len(mistakes(nothing=1)) == 6


def test_variables_of_the_test_suite_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOTIN_TEST_POSTGRES", "1")
    assert not hasattr(load_settings(), "test_postgres")


@pytest.mark.parametrize("toml", ['"10.1.2.0/24, ::1/128"', '["10.1.2.0/24", "::1/128"]'])
def test_networks_are_read_from_text_and_from_a_list(toml: str, tmp_path: Path) -> None:
    (tmp_path / "khotin.toml").write_text(f"allowed_private_networks = {toml}", encoding="utf-8")
    assert load_settings().allowed_private_networks == (ip_network("10.1.2.0/24"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@ss:w@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d?password=p&sslmode=require", "postgresql://u@h/d?password=***&sslmode=require"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("sqlite:////srv/khotin.db", "sqlite:////srv/khotin.db"),
    ],
)
def test_a_password_is_masked(url: str, shown: str) -> None:
    assert mask_password(url) == shown


def test_no_password_is_shown_or_printed() -> None:
    settings = load_settings(database_url="postgresql://u:secret@h/d")
    assert not any("secret" in row.value for row in explain_settings(settings))
    assert "secret" not in repr(settings)


def test_every_setting_is_explained() -> None:
    rows = explain_settings(load_settings())
    assert [row.name for row in rows] == list(Settings.model_fields)
    assert all(row.description and row.env_name == f"KHOTIN_{row.name.upper()}" for row in rows)


def test_the_user_agent_names_version_and_contact() -> None:
    product = user_agent(load_settings())
    assert product.startswith("khotin/")
    assert " " not in product
    assert user_agent(load_settings(contact="tin@bao.vn")) == f"{product} (+tin@bao.vn)"
    assert user_agent(load_settings(contact="https://bao.vn/bot")) == f"{product} (+https://bao.vn/bot)"


def test_no_contact_can_end_the_header() -> None:
    assert mistakes(contact="a@b.vn\r\nHost: x") == [
        "contact is 'a@b.vn\\r\\nHost: x'; it must be a mail address or an http(s) address in ASCII."
    ]


def test_the_page_of_the_docs_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run `uv run python -m config.settings_page`"


def test_reading_the_settings_imports_no_heavy_library() -> None:
    code = (
        "import sys, config.settings; print(*sorted({'sqlalchemy', 'prefect', 'aiohttp', 'ruamel'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CLONE)
    assert done.stdout.strip() == ""
