"""`khotin db`: what a person types and reads, from the first backup to the move to PostgreSQL."""

from pathlib import Path

import pytest
from cli_runner import Typed, type_in

from models.schema import HEAD


@pytest.fixture(autouse=True)
def _settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOTIN_DATA_DIR", str(data))
    monkeypatch.chdir(data)


def test_upgrade_and_current_say_where_the_schema_stands() -> None:
    assert f"Already at schema {HEAD}." in type_in("db", "upgrade").out
    assert f"Schema {HEAD}; this khotin needs {HEAD}." in type_in("db", "current").out


def test_a_backup_is_made_verified_and_restored(data: Path) -> None:
    made = type_in("db", "backup")
    assert made.code == 0
    [file] = (data / "backups").iterdir()
    assert str(file) in made.out
    assert "2 files" in made.out
    assert "listed in it, not copied" in made.out
    again = type_in("db", "restore", str(file))
    assert (again.code, "--overwrite replaces it" in again.err) == (1, True)
    restored = type_in("db", "restore", str(file), "--overwrite")
    assert restored.code == 0
    assert "is kept at" in restored.out
    checked = type_in("db", "verify")
    assert (checked.code, checked.out.splitlines()[-1]) == (0, "Everything is there.")
    assert "7 captures read back" in checked.out


def test_verify_names_what_is_gone_and_ends_with_1(data: Path) -> None:
    for file in (data / "archive").iterdir():
        file.unlink()
    (data / "archive" / "stranger.warc.gz").write_bytes(b"")
    checked = type_in("db", "verify")
    assert checked.code == 1
    assert "Archive files that are gone: 2" in checked.out
    assert "Captures that are gone (their articles stay" in checked.out
    assert "stranger.warc.gz: no row knows this file" in checked.out


def test_copy_moves_to_postgresql_and_names_the_one_setting_to_change(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_url.replace("postgresql+psycopg", "postgresql")
    copied = type_in("db", "copy", "--to", url)
    assert copied.code == 0
    assert "counts and contents are equal" in copied.out
    assert f"KHOTIN_DATABASE_URL={url}" in copied.out
    assert type_in("db", "copy", "--to", url).code == 1
    monkeypatch.setenv("KHOTIN_DATABASE_URL", url)
    assert type_in("db", "verify").out.splitlines()[-1] == "Everything is there."
    assert f"Schema {HEAD};" in type_in("db", "current").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("copy", "--to", "mysql://here"), "must be sqlite:///FILE or postgresql://"),
        (("copy", "--to", "sqlite:///khotin.db"), "this very warehouse"),
        (("restore", "nowhere.zip"), "There is no file nowhere.zip"),
        (("backup", "khotin.db"), "exists already"),
        (("backup", "/proc/nowhere/monday.zip"), "cannot be written"),
        (("copy", "--to", "postgresql://nobody@127.0.0.1:1/khotin"), "cannot be opened"),
    ],
    ids=["other database", "itself", "no backup", "taken name", "no folder", "no server"],
)
def test_mistakes_end_with_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    typed = type_in("db", *arguments)
    assert typed.code == 1
    assert sentence in typed.err
    assert len(typed.err.strip().splitlines()) == 1


def test_without_a_warehouse_each_command_says_how_to_make_one(data: Path) -> None:
    (data / "khotin.db").unlink()
    for command in ("current", "backup", "verify"):
        typed: Typed = type_in("db", command)
        assert (typed.code, "`khotin run`" in typed.err) == (1, True)
        assert not (data / "khotin.db").exists()
