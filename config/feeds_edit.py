"""Add and remove sources and feeds in the text of a feeds file: every other byte of it, comments too, stays."""

import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.feeds_file import FeedsFileError, FeedSpec, Mistake, SourceSpec, read_feeds_file

# What YAML reads as a plain text and as nothing else.
_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|null|never)\Z)[^\W\d_](?:[\w ./()&+-]*[\w.)])?", re.IGNORECASE)
_INTERVAL = re.compile(r"[0-9]+m")
_URL = re.compile(r"https?://[^\s\"'#]+[^\s\"'#:]")


def with_sources(text: str, added: Sequence[SourceSpec]) -> str:
    """Give the text with sources added at its end."""
    sources = _sources(text)
    if sources is None or not sources.value:
        return f"sources:\n{''.join(_source_text(source, 2) for source in added)}"
    if sources.flow_style:
        raise ValueError("the sources are written in one line, in brackets: write each on lines of its own first")
    column = sources.start_mark.column
    return _inserted(text, _end_of(sources), "".join(_source_text(source, column) for source in added))


def with_feeds(text: str, place: int, added: Sequence[FeedSpec]) -> str:
    """Give the text with feeds added to the source at `place`, counted from 0."""
    feeds = _fields(_sources_of(text)[place])["feeds"]
    assert isinstance(feeds, SequenceNode)  # noqa: S101  # the file was read without mistakes
    if feeds.flow_style:
        text = _as_block(text, feeds, list(feeds.value))
        return with_feeds(text, place, added)
    column = feeds.start_mark.column
    return _inserted(text, _end_of(feeds), "".join(f"{' ' * column}- {_feed_text(feed)}\n" for feed in added))


def without_feeds(text: str, urls: Collection[str]) -> str:
    """Give the text without the feeds of these addresses; a source that has no other goes with them."""
    for place in reversed(range(len(_sources_of(text)))):
        source = _sources_of(text)[place]
        feeds = _fields(source)["feeds"]
        assert isinstance(feeds, SequenceNode)  # noqa: S101  # the file was read without mistakes
        leaving = [item for item in feeds.value if _address(item) in urls]
        if len(leaving) == len(feeds.value):
            text = _cut(text, source)
        elif leaving and feeds.flow_style:
            text = _as_block(text, feeds, [item for item in feeds.value if item not in leaving])
        else:
            for item in reversed(leaving):
                text = _cut(text, item)
    return text if _sources_of(text) else ""


def save(path: Path, text: str) -> None:
    """Write a feeds file in one step, once it is read without mistakes. Raises `FeedsFileError`."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if text.strip():
            read_feeds_file(part)
        part.replace(path)
    except OSError as error:
        raise FeedsFileError(path, (Mistake(0, f"It cannot be written ({error.strerror})."),)) from None
    finally:
        part.unlink(missing_ok=True)


def _sources(text: str) -> SequenceNode | None:
    root = YAML(typ="rt", pure=True).compose(text)
    found = _fields(root).get("sources") if isinstance(root, MappingNode) else None
    return found if isinstance(found, SequenceNode) else None


def _sources_of(text: str) -> list[Node]:
    sources = _sources(text)
    return list(sources.value) if sources is not None else []


def _fields(node: Node) -> dict[str, Node]:
    assert isinstance(node, MappingNode)  # noqa: S101  # the file was read without mistakes
    return {str(key.value): value for key, value in node.value}


def _address(item: Node) -> str:
    url = item if isinstance(item, ScalarNode) else _fields(item)["url"]
    return str(url.value)


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode) and not node.flow_style:
        for key, value in node.value:
            yield key
            yield from _leaves(value)
    elif isinstance(node, SequenceNode) and not node.flow_style:
        for item in node.value:
            yield from _leaves(item)
    else:
        yield node


def _end_of(node: Node) -> int:
    """Give where the last line of a node ends, its line break included."""
    text = node.start_mark.buffer.rstrip("\0")
    end = max(leaf.end_mark.index for leaf in _leaves(node))
    if end and text[end - 1] == "\n":  # a block of text ends with its line
        return int(end)
    line_end = text.find("\n", end)
    return len(text) if line_end < 0 else line_end + 1


def _inserted(text: str, end: int, lines: str) -> str:
    break_before = "" if not end or text[end - 1] == "\n" else "\n"
    return text[:end] + break_before + lines + text[end:]


def _cut(text: str, item: Node) -> str:
    """Take an item of a list out, from its dash to the end of its last line."""
    dash = text.rfind("-", 0, item.start_mark.index)
    start = text.rfind("\n", 0, dash) + 1
    return text[:start] + text[_end_of(item) :]


def _as_block(text: str, feeds: SequenceNode, items: Sequence[Node]) -> str:
    """Write a list in brackets as lines with dashes, each item in its own words."""
    line = text.rfind("\n", 0, feeds.start_mark.index) + 1
    key = text[line : feeds.start_mark.index]
    column = len(key) - len(key.lstrip(" -")) + 2
    lines = [f"\n{' ' * column}- {text[item.start_mark.index : item.end_mark.index].strip()}" for item in items]
    return text[: feeds.start_mark.index].rstrip(" ") + "".join(lines) + text[feeds.end_mark.index :]


def _source_text(source: SourceSpec, column: int) -> str:
    said = [("slug", source.slug), ("name", source.name), ("home", source.home), ("country", source.country)]
    said += [("language", source.language), ("timezone", source.timezone)]
    said += [("store", source.store if source.store != "full" else None)]
    fields = [f"{name}: {_scalar(value)}" for name, value in said if value is not None]
    fields += [] if source.archive else ["archive: false"]
    fields += [] if source.recheck else ["recheck: false"]
    inner = " " * (column + 2)
    head = f"{' ' * column}- {f'{chr(10)}{inner}'.join(fields)}\n{inner}feeds:\n"
    return head + "".join(f"{inner}  - {_feed_text(feed)}\n" for feed in source.feeds)


def _feed_text(feed: FeedSpec) -> str:
    minutes = f"{int(feed.interval.total_seconds() // 60)}m" if feed.interval else None
    said = [("interval", minutes), ("section", feed.section), ("language", feed.language), ("timezone", feed.timezone)]
    rest = "".join(f", {name}: {_scalar(value, is_flow=True)}" for name, value in said if value is not None)
    return f"{{url: {_scalar(feed.url, is_flow=True)}{rest}}}" if rest else _scalar(feed.url)


def _scalar(value: str, *, is_flow: bool = False) -> str:
    """Write a text so that YAML reads it back as that text: plain where that is safe, else quoted as in JSON."""
    is_plain = (
        _PLAIN.fullmatch(value)
        or _INTERVAL.fullmatch(value)
        or (_URL.fullmatch(value) and not (is_flow and re.search(r"[,\[\]{}]", value)))
    )
    return value if is_plain else json.dumps(value, ensure_ascii=False)
