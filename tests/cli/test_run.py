"""`khotin run`: exit codes, what is said, and what is never written."""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from newsroom import THREE, XML, Item, feeds_yaml, rows, rss, source
from zygote import Khotin

from config.feeds_file import SHIPPED
from demo.site import LoopbackSite, Response


def _tree(folder: Path) -> dict[str, str]:
    """Give every file below a folder with a hash of its content."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_first_run_makes_the_warehouse_and_says_where_and_what_came_in(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    ended = khotin("run")

    assert ended.code == 0
    first = ended.out.splitlines()[0]
    assert str(folder / "khotin.db") in first
    assert "Asia/Ho_Chi_Minh" in first
    assert "made just now" in ended.err
    assert THREE[0].headline in ended.out
    assert "New articles: 3" in ended.out


def test_a_run_that_finds_nothing_due_says_so(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run")

    ended = khotin("run")

    assert ended.code == 0
    assert "--ignore-schedule" in ended.out


def test_a_failed_feed_beside_a_good_one_is_listed_with_reason_and_next_try(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    site.pages["/bad.xml"] = Response(500)
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", site.url("/feed.xml"), site.url("/bad.xml"))]))

    ended = khotin("run")

    assert ended.code == 0
    line = next(line for line in ended.out.splitlines() if line.startswith("Failed:"))
    assert site.url("/bad.xml") in line
    assert "server_error" in line
    assert "next try" in line


def test_a_run_whose_feeds_have_all_failed_ends_with_3(khotin: Khotin, site: LoopbackSite) -> None:
    site.pages["/feed.xml"] = Response(404)

    assert khotin("run").code == 3


def test_an_empty_feed_is_no_failure(khotin: Khotin, site: LoopbackSite) -> None:
    site.pages["/feed.xml"] = Response(200, XML, rss([]))

    assert khotin("run").code == 0


def test_addresses_beyond_loopback_are_not_asked_without_a_contact(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Far", "https://news.example/rss")]))

    ended = khotin("run")

    assert ended.code == 1
    assert "KHOTIN_CONTACT" in ended.err
    assert not (folder / "khotin.db").exists()


def test_the_kept_slug_of_a_renamed_source_is_asked_for_its_contact_too(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    khotin("run")
    renamed = source("Far", site.url("/feed.xml"), "https://news.example/rss")
    (folder / "feeds.yaml").write_text(feeds_yaml([renamed]))

    ended = khotin("run", "--source", "ward", "--ignore-schedule")

    assert ended.code == 1
    assert "KHOTIN_CONTACT" in ended.err


def test_a_renamed_source_is_found_by_the_slug_that_it_keeps(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    khotin("run")
    (folder / "feeds.yaml").write_text(feeds_yaml([source("The New Ward", site.url("/feed.xml"))]))

    by_kept, by_new = (khotin("run", "--ignore-schedule", "--source", slug) for slug in ("ward", "the-new-ward"))

    assert by_kept.code == 0
    assert "no_new_entries" in by_kept.out
    assert by_new.code == 2
    assert "ward" in by_new.err


def test_an_unknown_source_is_refused_with_the_known_ones(khotin: Khotin, site: LoopbackSite) -> None:
    ended = khotin("run", "--source", "wrad")

    assert ended.code == 2
    assert "'wrad'" in ended.err
    assert "ward" in ended.err
    assert site.requests == []


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--demo", "--source", "x"], ["--source"]])
def test_wrong_usage_ends_with_2(khotin: Khotin, arguments: list[str]) -> None:
    assert khotin("run", *arguments).code == 2


def test_a_feeds_file_that_is_not_there_is_said(khotin: Khotin, folder: Path) -> None:
    ended = khotin("run", "--feeds", folder / "nowhere.yaml")

    assert ended.code == 1
    assert "nowhere.yaml" in ended.err


def test_every_mistake_of_the_feeds_file_is_told_with_its_line(khotin: Khotin, folder: Path) -> None:
    folder.mkdir()
    (folder / "feeds.yaml").write_text("sources:\n  - nmae: X\n    feeds: [ftp://x/y]\n")

    ended = khotin("run")

    assert ended.code == 1
    assert "line 2" in ended.err
    assert "line 3" in ended.err
    assert not (folder / "khotin.db").exists()


def test_a_wrong_setting_is_told_in_one_sentence(khotin: Khotin) -> None:
    ended = khotin("run", LEASE_SECONDS="4")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "KHOTIN_LEASE_SECONDS" in ended.err


def _corrupt(database: Path) -> None:
    database.write_bytes(b"This is no database, whatever its name says. " * 100)


def _newer(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()


def _folder(database: Path) -> None:
    database.mkdir()


@pytest.mark.parametrize("spoil", [_corrupt, _newer, _folder])
@pytest.mark.parametrize(
    "command", [["run"], ["status"], ["why", "http://x.example/y"], ["db", "upgrade"], ["db", "current"]]
)
def test_a_warehouse_that_cannot_be_used_is_one_sentence_and_left_alone(
    khotin: Khotin, site: LoopbackSite, folder: Path, command: list[str], spoil: Callable[[Path], None]
) -> None:
    spoil(folder / "khotin.db")
    before = _tree(folder)

    ended = khotin(*command)

    if command == ["db", "current"] and spoil is _newer:
        assert "9999" in ended.out
    else:
        assert ended.code == 1
        assert len(ended.err.strip().splitlines()) <= 2
        assert ended.err.strip().endswith((".", "`"))
    assert {name: _tree(folder).get(name) for name in before} == before
    assert site.requests == []


@pytest.mark.parametrize("command", [["status"], ["why", "http://x.example/y"], ["db", "current"]])
def test_commands_that_look_say_that_there_is_no_warehouse_and_make_none(
    khotin: Khotin, folder: Path, command: list[str]
) -> None:
    ended = khotin(*command)

    assert ended.code == 1
    assert "khotin run" in ended.err
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    folder.chmod(0o500)
    try:
        ended = khotin("run")
    finally:
        folder.chmod(0o700)

    assert ended.code == 1
    assert str(folder) in ended.err


def test_a_data_folder_below_a_file_is_one_sentence(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    ended = khotin("run", FEEDS=str(SHIPPED), CONTACT="desk@news.example")

    assert ended.code == 1
    assert str(tmp_path / "data") in ended.err


def test_an_archive_that_cannot_be_written_is_one_sentence_and_the_next_run_carries_on(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    (folder / "archive").write_text("a file where the folder should be")

    ended = khotin("run")
    (folder / "archive").unlink()
    after = khotin("run")

    assert ended.code == 1
    assert "archive" in ended.err
    assert after.code == 0
    assert len(rows(folder / "khotin.db", "SELECT 1 FROM articles")) == 3
    assert [row.state for row in rows(folder / "khotin.db", "SELECT state FROM runs ORDER BY id")] == ["failed", "done"]
    assert {row.state for row in rows(folder / "khotin.db", "SELECT state FROM archives")} == {"closed"}


def test_a_dry_run_tells_what_would_be_loaded_and_writes_nothing(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    before = _tree(folder)

    ended = khotin("run", "--dry-run")

    assert ended.code == 0
    assert "New articles: 3" in ended.out
    assert _tree(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["feeds.yaml"]


def test_a_dry_run_on_a_warehouse_knows_what_it_has_and_leaves_its_bytes_alone(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    khotin("run")
    site.pages["/town/a-fourth-story-of-the-ward"] = THREE[0].page
    items = [Item(site.url(path), path) for path in (THREE[0].path, "/town/a-fourth-story-of-the-ward")]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))
    before = _tree(folder)

    ended = khotin("run", "--dry-run", "--ignore-schedule")

    assert ended.code == 0
    assert "duplicate" in ended.out
    assert _tree(folder) == before


def test_a_dry_run_archives_nothing_of_sources_that_left_the_feeds_file(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    site.pages[THREE[0].path] = Response(500)
    khotin("run")
    site.pages[THREE[0].path] = THREE[0].page
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Other", site.url("/feed.xml"))]))
    connection = sqlite3.connect(folder / "khotin.db")
    connection.execute("UPDATE pages SET next_attempt_at = queued_at WHERE state = 'queued'")
    connection.commit()
    connection.close()
    before = _tree(folder)

    assert khotin("run", "--dry-run").code == 0

    assert _tree(folder) == before


def test_a_dry_run_without_a_feeds_file_reads_the_shipped_list_and_copies_nothing(khotin: Khotin, folder: Path) -> None:
    ended = khotin("run", "--dry-run")

    assert ended.code == 1
    assert "KHOTIN_CONTACT" in ended.err
    assert not folder.exists()


def test_the_time_zone_of_the_first_run_is_kept(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run", TIMEZONE="Europe/Paris")

    ended = khotin("run", TIMEZONE="Asia/Tokyo")

    assert "Europe/Paris" in ended.out.splitlines()[0]
    assert "KHOTIN_TIMEZONE" in ended.err
