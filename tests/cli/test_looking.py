"""Commands that look: feeds, why, status, config, db, and the help of each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import THREE, XML, Item, Piece, environment, feeds_yaml, redirect, rss, source
from zygote import Khotin, Zygote

from demo.site import LoopbackServer, LoopbackSite, Response

COMMANDS = [
    ["run"],
    ["extract"],
    ["why"],
    ["search"],
    ["export"],
    ["topics"],
    ["topics", "apply"],
    ["status"],
    ["config"],
    ["feeds", "list"],
    ["feeds", "check"],
    ["feeds", "try"],
    ["pages", "list"],
    ["pages", "retry"],
    ["db", "upgrade"],
    ["db", "current"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_each_command_has_an_example(khotin: Khotin, command: list[str]) -> None:
    ended = khotin(*command, "--help")

    assert ended.code == 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", ended.out)
    assert "Example" in said
    assert f"khotin {' '.join(command)}" in said.partition("Example")[2]


def test_version_names_itself(khotin: Khotin) -> None:
    assert re.fullmatch(r"khotin \d+\.\d+\S*\n", khotin("--version").out)


def test_feeds_list_shows_configured_feeds_before_and_after_their_first_run(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    before = khotin("feeds", "list")
    khotin("run")
    after = khotin("feeds", "list")

    assert "not applied yet" in before.out
    assert "new_entries" in after.out
    assert site.url("/feed.xml") in after.out


def test_feeds_list_shows_feeds_that_left_the_file_as_retired(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    site.pages["/other.xml"] = site.pages["/feed.xml"]
    khotin("run")
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", site.url("/other.xml"))]))
    khotin("run")

    assert "retired" in khotin("feeds", "list").out


def test_feeds_check_counts_what_is_there(khotin: Khotin, site: LoopbackSite) -> None:
    ended = khotin("feeds", "check")

    assert ended.code == 0
    assert "1 sources, 1 feeds, no mistakes" in ended.out


def test_feeds_check_names_each_mistake_with_its_line(khotin: Khotin, folder: Path) -> None:
    folder.mkdir()
    mistaken = "sources:\n  - name: A\n    timezone: Nowhere\n    feeds:\n      - not an address\n"
    (folder / "mine.yaml").write_text(mistaken)

    ended = khotin("feeds", "check", "--feeds", folder / "mine.yaml")

    assert ended.code == 1
    assert "line 3" in ended.out
    assert "line 5" in ended.out
    assert "2 mistakes" in ended.err


def test_feeds_try_shows_three_articles_and_writes_nothing(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    ended = khotin("feeds", "try", "ward")

    assert ended.code == 0
    for piece in THREE:
        assert piece.headline in ended.out
    assert [path.name for path in folder.iterdir()] == ["feeds.yaml"]


def test_feeds_try_of_a_feed_that_is_none_says_why(khotin: Khotin, site: LoopbackSite) -> None:
    site.pages["/feed.xml"] = THREE[0].page

    assert "not_a_feed" in khotin("feeds", "try", "ward").out


def test_feeds_try_of_an_unknown_source_names_the_known_ones(khotin: Khotin, site: LoopbackSite) -> None:
    ended = khotin("feeds", "try", "nobody")

    assert ended.code == 1
    assert "ward" in ended.err


@pytest.fixture(scope="module")
def ward(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoopbackSite, Path]]:
    """A site after a run, with an article, a robots denial, a page that is gone, one that fails, one that moved."""
    folder = tmp_path_factory.mktemp("ward") / "data"
    folder.mkdir()
    with LoopbackServer() as server:
        site = server.site()
        target = Piece("/town/the-place-where-it-stands-now", 40, canonical=site.url("/town/the-canonical-of-forty"))
        site.pages |= {
            "/robots.txt": Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/"),
            "/town/broken-for-the-moment": Response(503),
            "/town/moved-to-another-place": redirect(target.path),
            target.path: target.page,
            THREE[0].path: THREE[0].page,
        }
        paths = [THREE[0].path, "/private/one", "/town/never-was-there", "/town/broken-for-the-moment"]
        paths.append("/town/moved-to-another-place")
        site.pages["/feed.xml"] = Response(200, XML, rss(Item(site.url(path), f"Item {path}") for path in paths))
        (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", site.url("/feed.xml"))]))
        assert zygote.run("run", env=environment(folder)).code == 0
        yield site, folder


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            THREE[0].path,
            ["named it", "allows it", "status 200", "archived", "loaded", "has it as article_id"],
        ),
        (f"{THREE[0].path}?utm_source=x", ["has it as article_id"]),
        ("/private/one", ["forbids it", "robots_denied", "khotin extract"]),
        ("/town/never-was-there", ["gone", "not tried again"]),
        ("/town/broken-for-the-moment", ["server_error", "Attempt 2", "khotin run"]),
        ("/town/moved-to-another-place", ["1 redirect", "loaded"]),
        ("/town/the-place-where-it-stands-now", ["is an address of article", "moved-to-another-place"]),
        ("/town/the-canonical-of-forty", ["canonical", "moved-to-another-place"]),
        ("/town/nobody-ever-named-this", ["No feed has named", "khotin run --source ward --ignore-schedule"]),
        ("/feed.xml", ["This is a feed of ward", "new_entries", "It is due"]),
    ],
)
def test_why_tells_the_whole_way_of_an_address(
    khotin: Khotin, ward: tuple[LoopbackSite, Path], path: str, words: list[str]
) -> None:
    ended = khotin("why", ward[0].url(path), DATA_DIR=str(ward[1]))

    assert ended.code == 0
    for word in words:
        assert word in ended.out


def test_why_of_something_else_says_what_is_wanted(khotin: Khotin, ward: tuple[LoopbackSite, Path]) -> None:
    assert "is no http(s) address" in khotin("why", "not an address", DATA_DIR=str(ward[1])).out
    assert "No feed on news.example:443" in khotin("why", "https://news.example/x", DATA_DIR=str(ward[1])).out


def test_status_counts_sources_articles_and_what_waits(khotin: Khotin, ward: tuple[LoopbackSite, Path]) -> None:
    said = re.sub(r" +", " ", khotin("status", DATA_DIR=str(ward[1])).out)

    assert "sources 1" in said
    assert "articles 2" in said
    assert "pages waiting 1" in said
    assert "1: done" in said
    assert "2 loaded" in said


def test_config_shows_each_setting_with_its_origin_and_no_password(khotin: Khotin) -> None:
    ended = khotin("config", DATABASE_URL="postgresql://desk:secret@db.example/khotin", RUN_SECONDS="77")

    assert ended.code == 0
    assert "secret" not in ended.out + ended.err
    line = next(line for line in ended.out.splitlines() if "KHOTIN_RUN_SECONDS" in line)
    assert "77" in line
    assert "environment" in line


def test_db_upgrade_makes_the_warehouse_and_says_so_once(khotin: Khotin) -> None:
    first, second, current = khotin("db", "upgrade"), khotin("db", "upgrade"), khotin("db", "current")

    assert (first.code, second.code, current.code) == (0, 0, 0)
    assert "none → " in first.out
    assert "Already" in second.out
    assert "this khotin needs" in current.out
