"""What is new in the body of a poll: parsed whole, or cut down to the entries that the last body did not have."""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.feeds.entries import Setting
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.flat import FlatFeed, flattened
from pipeline.feeds.known import Cut, Written, holds, written
from pipeline.feeds.parse import parse_telling


def parse_news(
    body: bytes, setting: Setting, headers: Mapping[str, str], known: str | None, *, max_entries: int, max_bytes: int
) -> FlatFeed | Feed | NoFeed:
    """Parse a body, of which `known` says what was in the last one; an index of sitemaps comes as it is.

    What is stored is what reading all would give: where that is not sure, all is read.
    """
    whole = written(body, setting.url, headers, setting.timezone, setting.language)
    cut = whole.without(known) if whole else None
    if whole and cut:
        part = parse_telling(cut.body, setting, headers, max_entries=max_entries, max_bytes=max_bytes)
        if part.is_each_by_itself and isinstance(part.result, Feed):
            flat = flattened(part.result)
            if len(body) <= max_bytes and holds(cut, [row.key for row in flat.rows]):
                return _remembering(flat, whole, cut, known)
    told = parse_telling(body, setting, headers, max_entries=max_entries, max_bytes=max_bytes)
    if isinstance(told.result, NoFeed) or told.result.sitemaps:
        return told.result
    flat = flattened(told.result)
    return _remembering(flat, whole, None, None) if whole and told.is_each_by_itself else flat


def _remembering(flat: FlatFeed, whole: Written, cut: Cut | None, known: str | None) -> FlatFeed:
    keys = [row.key for row in flat.rows]
    skipped = len(cut.known) if cut else 0
    return replace(flat, skipped=skipped, known=whole.remembered(keys, cut, known))
