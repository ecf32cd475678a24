"""JSON Feed, also where values are not what the specification asks for."""

import json
from typing import Any

from feed_text import parsed


def feed_of(*items: Any, **rest: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, **rest})


def test_all_fields_are_read() -> None:
    item = {
        "id": "1",
        "url": "/1",
        "title": "Bài",
        "content_html": "<p>Toàn văn</p>",
        "summary": "Lời dẫn",
        "image": "/1.jpg",
        "date_published": "2023-02-03T10:20:00+07:00",
        "date_modified": "2023-02-04T10:20:00+07:00",
        "authors": [{"name": "Hà Thu"}],
        "tags": ["Kinh tế"],
        "language": "en",
        "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
    }
    feed = parsed(feed_of(item, title="Báo", home_page_url="https://news.example/", language="vi"))
    (entry,) = feed.entries
    assert (feed.title, feed.url, feed.language) == ("Báo", "https://news.example/", "vi")
    assert (entry.guid, entry.url, entry.title, entry.summary) == ("1", "https://news.example/1", "Bài", "Lời dẫn")
    assert (entry.authors, entry.categories, entry.language) == (("Hà Thu",), ("Kinh tế",), "en")
    assert entry.image_url == "https://news.example/1.jpg"
    assert entry.enclosures[0].length == 5
    assert entry.published is not None
    assert entry.updated is not None


def test_without_a_summary_the_content_is_one() -> None:
    assert parsed(feed_of({"id": "1", "content_html": "<p>Toàn văn</p>"})).entries[0].summary == "Toàn văn"


def test_ids_that_are_numbers_are_read_as_text() -> None:
    assert [entry.guid for entry in parsed(feed_of({"id": 7}, {"id": 1.5}, {"id": None})).entries] == ["7", "1.5", ""]


def test_values_of_a_wrong_type_count_as_absent() -> None:
    item = {"id": "1", "url": 3, "title": ["x"], "authors": "x", "tags": {}, "attachments": ["x"], "date_published": {}}
    (entry,) = parsed(feed_of(item, title={}, language=1)).entries
    assert (entry.url, entry.title, entry.authors, entry.categories, entry.enclosures) == ("", None, (), (), ())


def test_items_that_are_no_objects_are_told_and_lose_nothing_else() -> None:
    feed = parsed(feed_of("x", {"id": "1"}))
    assert [entry.guid for entry in feed.entries] == ["1"]
    assert feed.problem == "1 items that are no objects"


def test_an_id_that_is_an_address_stands_in_for_a_missing_link() -> None:
    assert parsed(feed_of({"id": "https://news.example/1"})).entries[0].url == "https://news.example/1"
