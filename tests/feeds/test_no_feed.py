"""What is no feed, and the words a person reads about it."""

import pytest
from feed_text import refused

from models.outcomes import PollOutcome

CASES = {
    "nothing": ("", "an empty answer"),
    "blanks": (" \n ", "an empty answer"),
    "a page": (
        "<!DOCTYPE html><html><head><title>Trang  chủ &amp; tin</title></head><body></body></html>",
        "an HTML page titled “Trang chủ & tin”, not a feed",
    ),
    "a page without a title": ("<html><body>404</body></html>", "an HTML page without a title, not a feed"),
    "other XML": ('<?xml version="1.0"?><note><to>x</to></note>', "XML with the root element <note>, not a feed"),
    "text": ("Not found", "text that begins “Not found”, not a feed"),
    "JSON": (
        '{"error": "not found"}',
        'JSON, but not a JSON Feed: it lacks a "version" of jsonfeed.org or a list of "items"',
    ),
    "a JSON list": ("[1, 2]", "JSON, but not a JSON Feed: it is no object"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_reason_says_what_came_instead(name: str) -> None:
    written, reason = CASES[name]
    result = refused(written)
    assert (result.outcome, result.reason) == (PollOutcome.NOT_A_FEED, reason)


def test_broken_json_says_where() -> None:
    assert "broken JSON" in refused('{"version": "https://jsonfeed.org/version/1", "items": [').reason


def test_a_page_that_speaks_of_feeds_is_a_page() -> None:
    page = "<html><head><title>RSS</title></head><body><p>Dùng thẻ <rss > và <channel>.</p></body></html>"
    assert "an HTML page titled “RSS”" in refused(page).reason
