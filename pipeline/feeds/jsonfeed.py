"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from typing import Any

from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawFile

_FORMATS = {"https://jsonfeed.org/version/1": "json10", "https://jsonfeed.org/version/1.1": "json11"}


class NotJSONFeed(ValueError):  # noqa: N818  # it says what the bytes are, not that something failed
    """JSON that is no JSON Feed; the message says why, in words for a person."""


def parse_json_feed(text: str, max_entries: int) -> RawFeed:
    """Parse a JSON Feed; values of a wrong type count as absent. Raises NotJSONFeed."""
    try:
        # strict=False: raw line breaks in strings are common and harmless.
        data = json.loads(text, strict=False)
    except RecursionError:
        raise NotJSONFeed("JSON that is nested too deeply") from None
    except ValueError as error:
        raise NotJSONFeed(f"broken JSON: {error}"[:200]) from None
    if not isinstance(data, dict):
        raise NotJSONFeed("JSON, but not a JSON Feed: it is no object")
    version = _string(data, "version").strip()
    items = data.get("items")
    is_known = version.rstrip("/").removeprefix("http://").removeprefix("https://").startswith("jsonfeed.org/version/")
    if not is_known or not isinstance(items, list):
        raise NotJSONFeed('JSON, but not a JSON Feed: it lacks a "version" of jsonfeed.org or a list of "items"')
    objects = [item for item in items if isinstance(item, dict)]
    entries = [_entry(item) for item in objects[:max_entries]]
    return RawFeed(
        format=_FORMATS.get(version, "json"),
        title=_markup(data, "title", is_html=False),
        url=_string(data, "home_page_url"),
        language=_string(data, "language"),
        entries=entries,
        problem=None if len(objects) == len(items) else f"{len(items) - len(objects)} items that are no objects",
        is_capped=len(objects) > max_entries,
    )


def _entry(item: dict[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_scalar(item.get("id")),
        links=[_string(item, "url"), _string(item, "external_url"), _permalink(_string(item, "id"))],
        title=_markup(item, "title", is_html=False),
        summary=_markup(item, "summary", is_html=False),
        content=_markup(item, "content_html", is_html=True) or _markup(item, "content_text", is_html=False),
        authors=_authors(item),
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        categories=[tag for tag in _list(item, "tags") if isinstance(tag, str)],
        files=[
            RawFile(_string(file, "url"), _string(file, "mime_type"), _scalar(file.get("size_in_bytes")))
            for file in _list(item, "attachments")
            if isinstance(file, dict)
        ],
        images=[_string(item, "image"), _string(item, "banner_image")],
        language=_string(item, "language"),
    )


def _authors(item: dict[str, Any]) -> list[str]:
    """Give the names in `authors` (1.1) or `author` (1.0)."""
    authors = [*_list(item, "authors"), item.get("author")]
    return [name for author in authors if isinstance(author, dict) and (name := _string(author, "name"))]


def _string(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _permalink(text: str) -> str:
    return text if text.strip().lower().startswith(("http://", "https://")) else ""


def _scalar(value: object) -> str:
    """Give a string or a number as text: ids are numbers in some feeds, which readers should take (1.1, "id")."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if isinstance(value, str) or is_number else ""


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _markup(data: dict[str, Any], key: str, *, is_html: bool) -> Markup | None:
    text = _string(data, key)
    return Markup(text, is_html) if text else None
