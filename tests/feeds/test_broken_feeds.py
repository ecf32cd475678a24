"""Feeds that are not well-formed give what is left of them, and say what was wrong."""

import pytest
from feed_text import parsed, rss

GOOD = "<title>Bài tốt</title><link>https://news.example/1</link>"


@pytest.mark.parametrize(
    "bad",
    [
        "<title>Cơm & phở</title>",
        "<title>a&nbsp;b</title>",
        "<title>chưa đóng",
        "<description><b>x</description>",
        "<dc:unknown-prefix:x>1</dc:unknown-prefix:x>",
        "<title>x</title></title>",
        "<guid isPermaLink=false>1</guid>",
        "<![CDATA[chưa hết",
    ],
)
def test_a_broken_item_does_not_lose_those_before_it(bad: str) -> None:
    feed = parsed(rss(GOOD, bad))
    assert feed.entries[0].title == "Bài tốt"
    assert feed.problem is not None
    assert feed.problem.startswith("broken XML")


def test_a_bare_ampersand_is_kept() -> None:
    assert parsed(rss("<title>Cơm & phở</title>")).entries[0].title == "Cơm & phở"


def test_a_feed_that_ends_early_gives_its_whole_items() -> None:
    text = rss(GOOD, GOOD, GOOD)
    feed = parsed(text[: text.rindex("<link>")])
    assert [entry.url for entry in feed.entries[:2]] == ["https://news.example/1"] * 2


@pytest.mark.parametrize("junk", ["\n\n", "<br />\n<b>Warning</b>: x on line 3<br />\n", "junk ", "<!-- cache -->"])
def test_what_stands_before_the_feed_does_not_hide_it(junk: str) -> None:
    feed = parsed(junk + '<?xml version="1.0" encoding="utf-8"?>' + rss(GOOD))
    assert feed.entries[0].title == "Bài tốt"


def test_what_stands_after_the_feed_does_not_hide_it() -> None:
    feed = parsed(rss(GOOD) + "<script>track()</script>")
    assert feed.entries[0].title == "Bài tốt"
    assert feed.problem == "text after the feed"


def test_a_sound_feed_has_no_problem() -> None:
    assert parsed(rss(GOOD) + "\n<!-- served from cache -->\n").problem is None


def test_characters_of_its_own_entities_are_read() -> None:
    feed = parsed('<!DOCTYPE rss [<!ENTITY cong "Công ty">]>' + rss("<title>&cong; mới</title>"))
    assert feed.entries[0].title == "Công ty mới"
