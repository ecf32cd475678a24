"""Feeds written to harm: they cost little, fetch nothing, and do not take the good items with them.

That each of these ends at all within the time of a test run is what is tested; unbounded, they take minutes.
"""

import gzip
from pathlib import Path

import pytest
from feed_text import URL, parsed, refused, rss

from models.outcomes import PollOutcome
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.parse import parse_feed

GOOD = "<title>Bài tốt</title><link>https://news.example/1</link>"


def test_declared_entities_do_not_expand() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    feed = parsed(f'<!DOCTYPE rss [<!ENTITY a0 "ha">{levels}]>' + rss("<title>&a9;</title>", GOOD))
    assert all(len(entry.title or "") < 100 for entry in feed.entries)
    assert feed.entries[1].title == "Bài tốt"


def test_one_long_entity_repeated_does_not_expand() -> None:
    feed = parsed(f'<!DOCTYPE rss [<!ENTITY a "{"x" * 250}">]>' + rss(f"<title>{'&a;' * 50_000}</title>"))
    assert "xx" not in (feed.entries[0].title or "")


@pytest.mark.parametrize("root", ["rss", "urlset"])
def test_external_entities_are_not_read(tmp_path: Path, root: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật")
    doctype = f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    feed = parsed(
        doctype + (rss("<title>&x;</title>") if root == "rss" else "<urlset><url><loc>&x;</loc></url></urlset>")
    )
    assert "bí mật" not in repr(feed)


def test_an_endless_author_costs_nothing() -> None:
    feed = parsed(rss(f"<author>{'a' * 1_000_000}</author>", f"<author>{'a.' * 16_000}@</author>", GOOD))
    assert feed.entries[2].title == "Bài tốt"


def test_a_flood_of_attributes_is_refused() -> None:
    flood = " ".join(f'a{n}="1"' for n in range(200_000))
    result = refused(rss(f"<x {flood}/>", GOOD))
    assert result.outcome is PollOutcome.PARSE_FAILED
    assert "attributes" in result.reason


def test_long_text_is_no_flood_of_attributes() -> None:
    words = "nếu x <y thì " + "từ này nối từ kia " * 2000
    assert parsed(rss(f"<description><![CDATA[{words}]]></description>", GOOD)).entries[1].title == "Bài tốt"


@pytest.mark.parametrize("name", ["a", "b", "media:group"])
def test_deep_nesting_loses_only_itself(name: str) -> None:
    deep = f"<{name}>" * 50_000 + f"</{name}>" * 50_000
    assert parsed(rss(deep, GOOD)).entries[1].title == "Bài tốt"


def test_deep_nesting_that_never_ends_does_not_lose_what_came_before() -> None:
    assert parsed(rss(GOOD, "<a>" * 20_000)).entries[0].title == "Bài tốt"


def test_too_many_entries_are_cut_and_told() -> None:
    feed = parsed(rss(*[GOOD] * 20_000))
    assert (len(feed.entries), feed.is_capped) == (2000, True)
    assert "2000 entries" in (feed.problem or "")


def test_too_many_bytes_are_cut_before_the_half_entry() -> None:
    feed = parse_feed(rss(*[GOOD] * 100).encode(), url=URL, headers={}, max_bytes=3000)
    assert isinstance(feed, Feed)
    assert feed.is_capped
    assert {entry.url for entry in feed.entries} == {"https://news.example/1"}
    assert feed.problem == "longer than 3000 bytes, read up to there"


def test_a_gzip_bomb_is_unpacked_to_its_limit() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 20_000_000)
    assert isinstance(parse_feed(bomb, url=URL, headers={}, max_bytes=100_000), Feed | NoFeed)


@pytest.mark.parametrize(
    "inner",
    [
        "<" * 50_000,
        "&" * 50_000,
        "<!" * 30_000,
        "<!--" * 100_000,
        "<![CDATA[" * 100_000,
        "<?x " * 100_000,
        "</" * 30_000,
        "<title>" + "dài " * 500_000 + "</title>",
        "<category>x</category>" * 20_000,
        "<link> " + " " * 500_000 + "x\n</link>",
        "<guid>" + "x\n" * 500_000 + "</guid>",
        "<pubDate>" + "1 " * 500_000 + "</pubDate>",
        "<description>" + '&lt;a "' * 30_000 + "</description>",
        "<description>" + "&lt;script&gt;" * 20_000 + "</description>",
        "<description>" + "&lt;!--" * 30_000 + "</description>",
        "<description>&lt;img " + "a" * 150_000 + "&gt;</description>",
        "".join(f'<x{n}:a xmlns:x{n}="u{n}"/>' for n in range(5_000)),
        "".join(f'<a xml:base="x{n}/">' for n in range(5_000)),
    ],
    ids=lambda inner: inner[:18],
)
def test_floods_end_and_keep_what_came_before(inner: str) -> None:
    assert parsed(rss(GOOD, inner)).entries[0].title == "Bài tốt"


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 500_000,
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": ' + "9" * 500_000 + "}]}",
        "<" * 500_000,
        "<!DOCTYPE " * 100_000,
        "<a:" * 200_000,
    ],
    ids=["deep JSON", "long number", "brackets", "doctypes", "prefixes"],
)
def test_what_is_no_feed_is_refused_soon(text: str) -> None:
    refused(text)
