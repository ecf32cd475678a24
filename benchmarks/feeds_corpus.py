"""Measures the feed parser on a corpus: `uv run python benchmarks/feeds_corpus.py CORPUS [--set NAME] [--show N]`.

CORPUS is a folder with `feeds.jsonl`; a line is {"id", "set", "file", "headers"?, "url"?, "expect"?: {"checks":
[{"path", "equals"}]}, "feedparser_sees"?: {"entries", "version"}}. Told are: exceptions, numbers of entries against
feedparser's (JSON Feed: against the file's), the expected values that khotin stores, and where the fast path differs.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.dates.moment import Moment
from pipeline.dates.written import read_written
from pipeline.feeds import parse as feeds
from pipeline.feeds.entries import Setting, tidy_feed
from pipeline.feeds.feed import Entry, Feed, NoFeed
from pipeline.feeds.html_text import text_of_html
from pipeline.feeds.raw import RawFeed
from pipeline.text import one_line

# Tests of feedparser that speak of the address they were served from name this one.
BASE = "http://127.0.0.1:8097/"

Line = dict[str, Any]


@dataclass
class Tally:
    """What came out."""

    counts: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    shown: list[str] = field(default_factory=list)

    def note(self, kind: str, text: str) -> None:
        """Count something and keep a line about it."""
        self.counts[kind] += 1
        self.shown.append(f"{kind:18} {text}")


def main() -> None:
    """Run every feed and print the tally."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("corpus", type=Path)
    options.add_argument("--set")
    options.add_argument("--show", type=int, default=40)
    arguments = options.parse_args()
    tally, started = Tally(), time.process_time()
    for line in lines(arguments.corpus, arguments.set):
        judge(line, (arguments.corpus / line["file"]).read_bytes(), tally)
    print(*tally.shown[: arguments.show], sep="\n")
    for name, counter in sorted(tally.fields.items()):
        print(f"expected {name:24} {counter['right']:5} right {counter['wrong']:4} wrong")
    for name, count in sorted(tally.counts.items()):
        print(f"{count:6} {name}")
    print(f"{time.process_time() - started:.1f} s CPU")


def lines(corpus: Path, wanted: str | None) -> Iterator[Line]:
    """Give the lines of the corpus, of one set when it is named."""
    with (corpus / "feeds.jsonl").open(encoding="utf-8") as file:
        for text in file:
            line: Line = json.loads(text)
            if wanted in {None, line["set"]}:
                yield line


def judge(line: Line, body: bytes, tally: Tally) -> None:
    """Parse one feed and compare it with everything that is known about it."""
    tally.counts["feeds"] += 1
    given: dict[str, Any] = {"url": line.get("url") or BASE, "headers": line.get("headers") or {}}
    try:
        result = feeds.parse_feed(body, **given)
    except Exception as error:  # counting them is what this is for
        tally.note("exception", f"{line['id']}: {error!r}")
        return
    if isinstance(result, NoFeed) and "parser failed" in result.reason:
        tally.note("parser failed", f"{line['id']}: {result.reason}")
    count_entries(line, body, result, tally)
    compare_paths(line, body, given, tally)
    for check in (line.get("expect") or {}).get("checks", []):
        judge_check(line, check, result, tally)


def count_entries(line: Line, body: bytes, result: Feed | NoFeed, tally: Tally) -> None:
    """Compare the number of entries with the reference's."""
    seen = line.get("feedparser_sees")
    wanted = line.get("items") or (seen["entries"] if seen else None)
    if body.lstrip().startswith(b"{"):
        wanted = len(json.loads(body).get("items", []))
    found = len(result.entries) if isinstance(result, Feed) else 0
    if wanted is not None and found != wanted:
        what = result.reason if isinstance(result, NoFeed) else result.format
        tally.note("other number", f"{line['id']}: {found} entries, not {wanted} ({what})")
    elif seen and seen["version"] and isinstance(result, NoFeed):
        tally.note("feed refused", f"{line['id']}: {result.reason}, but it is {seen['version']}")


def compare_paths(line: Line, body: bytes, given: dict[str, Any], tally: Tally) -> None:
    """Compare what the fast path gives with what the reference gives."""
    known = {name.lower(): value for name, value in given["headers"].items()}
    fast = feeds.read_raw(body, known, base=given["url"])
    if isinstance(fast, RawFeed) and fast.is_fast:
        tally.counts["fast path"] += 1
        reference = feeds.read_raw(body, known, base=given["url"], is_fast_allowed=False)
        setting = Setting(given["url"], None, None, None)
        assert isinstance(reference, RawFeed)
        one, other = tidy_feed(fast, setting), tidy_feed(reference, setting)
        if one != other:
            tally.note("paths differ", f"{line['id']}: {difference(one, other)}")


def difference(one: Any, other: Any) -> str:
    """Name the first values that differ."""
    if not isinstance(one, Feed) or not isinstance(other, Feed):
        return f"{one!r:.200} / {other!r:.200}"
    for name in Feed.__dataclass_fields__:
        if name != "entries" and getattr(one, name) != getattr(other, name):
            return f"{name}: {getattr(one, name)!r} / {getattr(other, name)!r}"
    for number, (left, right) in enumerate(zip(one.entries, other.entries, strict=False)):
        for name in Entry.__dataclass_fields__:
            if getattr(left, name) != getattr(right, name):
                return f"{number}.{name}: {getattr(left, name)!r:.300} / {getattr(right, name)!r:.300}"
    return f"{len(one.entries)} / {len(other.entries)} entries"


def judge_check(line: Line, check: dict[str, Any], result: Feed | NoFeed, tally: Tally) -> None:
    """Compare one expected value when khotin stores it."""
    path, wanted = check["path"], check.get("equals")
    if wanted is None:
        return
    if not isinstance(result, Feed):
        tally.note("expected missing", f"{line['id']} {path}: {result.reason}")
        return
    pair = feed_value(path, wanted, result) if path[0] == "feed" else entry_value(path, wanted, result)
    if pair is None:
        return
    name = ".".join("N" if isinstance(part, int) else str(part) for part in path)
    expected, found = pair
    tally.fields[name]["right" if expected == found else "wrong"] += 1
    if expected != found:
        tally.note("expected other", f"{line['id']} {name}: wanted {expected!r:.120}, found {found!r:.120}")


def feed_value(path: list[Any], wanted: Any, feed: Feed) -> tuple[Any, Any] | None:
    """Pair an expected value of a feed with the one stored; None when khotin stores no such thing."""
    match path[1:]:
        case ["title"] | ["title_detail", "value"]:
            return plain(wanted), feed.title
        case ["link"]:
            return wanted, feed.url
        case ["language"]:
            return wanted, feed.language
        case ["ttl"]:
            return int(wanted), feed.interval_minutes
    return None


def entry_value(path: list[Any], wanted: Any, feed: Feed) -> tuple[Any, Any] | None:
    """Pair an expected value of an entry with the one stored; None when khotin stores no such thing."""
    if len(path) < 3 or not isinstance(path[1], int):
        return None
    if path[1] >= len(feed.entries):
        return wanted, "no such entry"
    entry = feed.entries[path[1]]
    key = ".".join("N" if isinstance(part, int) else str(part) for part in path[2:])
    number = next((part for part in path[3:] if isinstance(part, int)), 0)
    compare = _TEXTS.get(key) or _VALUES.get(key) or _DATES.get(key)
    return compare(wanted, entry, number) if compare else None


Pair = tuple[Any, Any]
# Each gives what was expected and what was found, in the same form.
_TEXTS: dict[str, Callable[[Any, Entry, int], Pair]] = {
    **dict.fromkeys(
        ("title", "title_detail.value"),
        lambda wanted, entry, _: (entry.title if entry.title == wanted else plain(wanted), entry.title),
    ),
    **dict.fromkeys(
        ("summary", "description", "summary_detail.value"), lambda wanted, entry, _: (plain(wanted), entry.summary)
    ),
}
_VALUES: dict[str, Callable[[Any, Entry, int], Pair]] = {
    "link": lambda wanted, entry, _: (wanted, entry.url),
    **dict.fromkeys(("id", "guid"), lambda wanted, entry, _: (wanted, entry.guid)),
    "category": lambda wanted, entry, _: ([wanted], list(entry.categories[:1])),
    "tags.N.term": lambda wanted, entry, _: (True, wanted in entry.categories),
    "authors.N.name": lambda wanted, entry, number: ([wanted], list(entry.authors[number : number + 1])),
    "author_detail.name": lambda wanted, entry, _: (True, wanted in entry.authors),
    "image.href": lambda wanted, entry, _: (wanted, entry.image_url),
    **dict.fromkeys(
        ("enclosures.N.href", "enclosures.N.url"), lambda wanted, entry, number: (wanted, entry.enclosures[number].url)
    ),
    "enclosures.N.type": lambda wanted, entry, number: (wanted, entry.enclosures[number].media_type),
    "enclosures.N.length": lambda wanted, entry, number: (wanted, str(entry.enclosures[number].length)),
}
_DATES: dict[str, Callable[[Any, Entry, int], Pair]] = {
    **dict.fromkeys(
        ("published", "published_parsed", "created", "created_parsed"),
        lambda wanted, entry, _: (instant(wanted), instant_of(entry.published)),
    ),
    **dict.fromkeys(
        ("updated", "updated_parsed", "date", "modified"),
        lambda wanted, entry, _: (instant(wanted), instant_of(entry.updated)),
    ),
}


def plain(wanted: str) -> str | None:
    """Give an expected text as khotin stores texts."""
    return one_line(text_of_html(wanted))


def instant(wanted: Any) -> datetime | None:
    """Give an expected date as an instant: a text, or the nine numbers of `time.struct_time` in UTC."""
    if isinstance(wanted, list):
        year, month, day, hour, minute, second = wanted[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return instant_of(read_written(wanted, timezone=None, language=None, fetched_at=None, signal="feed"))


def instant_of(moment: Moment | None) -> datetime | None:
    """Give the instant of a moment."""
    return moment.instant if moment else None


if __name__ == "__main__":
    main()
