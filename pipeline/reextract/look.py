"""A re-extraction without writing anything: how many articles it is about, and, field by field, what would change."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from config.settings import Settings
from models.engine import reading
from models.outcomes import Outcome
from pipeline.ingest import Stop
from pipeline.reextract.run import BATCH, LOST, NO_CAPTURE, Batch, Reader
from pipeline.reextract.wish import Reextraction, which_articles
from pipeline.storeroom import Storeroom
from pipeline.warehouse.reextracts import count_articles
from pipeline.warehouse.versions import differences
from pipeline.workers import Workers

EXAMPLES = 3
"""Examples of each field."""

MOST_CHARS = 160


@dataclass(frozen=True, slots=True)
class Example:
    """One value before and after; of long texts the part where they begin to differ."""

    url: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class ReextractLook:
    """What a re-extraction would do. `fields` counts articles whose field would change."""

    articles: int = 0
    read: int = 0
    changed: int = 0
    unchanged: int = 0
    no_capture: int = 0
    lost_capture: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    # Captures that this extractor would not load: the articles stay as they are.
    not_loaded: Counter[str] = field(default_factory=Counter)

    @property
    def record(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "articles": self.articles,
            "read": self.read,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "without_capture": self.no_capture,
            "lost_capture": self.lost_capture,
            "not_loaded": dict(self.not_loaded),
            "fields": [
                {
                    "field": name,
                    "articles": count,
                    "examples": [
                        {"url": one.url, "before": one.before, "after": one.after} for one in self.examples[name]
                    ],
                }
                for name, count in self.fields.most_common()
            ],
        }


def count_only(wish: Reextraction, engine: Engine, zone: ZoneInfo) -> ReextractLook:
    """Count the articles, and those without a capture. Raises WishError."""
    with reading(engine) as connection:
        total, with_capture = count_articles(connection, which_articles(connection, wish, zone))
    limit = total if wish.limit is None else min(total, wish.limit)
    return ReextractLook(articles=limit, no_capture=total - with_capture if limit == total else 0)


def look_at_differences(
    wish: Reextraction,
    engine: Engine,
    settings: Settings,
    zone: ZoneInfo,
    stop: Stop,
    watch: Callable[[int, int], None] = lambda _done, _total: None,
) -> ReextractLook:
    """Read the captures and compare, field by field; nothing is written. Raises WishError, OSError."""
    found = count_only(wish, engine, zone)
    found.no_capture = 0
    with reading(engine) as connection:
        which = which_articles(connection, wish, zone)
    done, after = 0, 0
    with Storeroom(engine, settings) as storeroom, Workers(settings.workers, settings.extract_seconds) as workers:
        reader = Reader(engine, which, storeroom, workers)
        while not stop.is_wanted and (batch := reader.begin(after, min(BATCH, found.articles - done))):
            after, done = batch.last_id, done + len(batch.articles)
            _compare(found, engine, batch, zone)
            watch(done, found.articles)
    return found


def _compare(found: ReextractLook, engine: Engine, batch: Batch, zone: ZoneInfo) -> None:
    urls = {archived.id: archived.url for archived in batch.articles}
    rereads = batch.wait()
    found.no_capture += batch.outcomes[NO_CAPTURE]
    found.lost_capture += batch.outcomes[LOST]
    found.not_loaded[Outcome.EXTRACT_FAILED] += batch.outcomes[Outcome.EXTRACT_FAILED]
    found.not_loaded += Counter(one.article.outcome for one in rereads if one.article.outcome is not Outcome.LOADED)
    found.read += len(rereads)
    with reading(engine) as connection:
        for one in rereads:
            if one.article.outcome is Outcome.LOADED:
                changed = differences(connection, one.article_id, one.article, zone)
                _note(found, urls[one.article_id], changed)


def _note(found: ReextractLook, url: str, changed: dict[str, tuple[Any, Any]]) -> None:
    found.changed += bool(changed)
    found.unchanged += not changed
    for name, (before, after) in changed.items():
        found.fields[name] += 1
        examples = found.examples.setdefault(name, [])
        if len(examples) < EXAMPLES:
            examples.append(Example(url, *_shown(_text(before), _text(after))))


def _text(value: Any) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return "; ".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _shown(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Cut two texts to where they begin to differ."""
    one, other = before or "", after or ""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, same - 30) if max(len(one), len(other)) > MOST_CHARS else 0
    return _cut(before, start), _cut(after, start)


def _cut(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    part = text[start : start + MOST_CHARS].replace("\n", " ¶ ")
    return f"{'…' if start else ''}{part}{'…' if len(text) > start + MOST_CHARS else ''}"
