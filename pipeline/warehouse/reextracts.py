"""Articles to be read anew from the archive: which ones, where their captures are, and what is written of a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, select, update

from models.states import BackfillState
from models.tables import articles, backfills
from pipeline.articles.article import Article
from pipeline.span import Span
from pipeline.warehouse import clock
from pipeline.warehouse.claim import ClaimedPage, captures_of, hints_for, read_pages
from pipeline.warehouse.follow_up import follow_up
from pipeline.warehouse.spans import within
from pipeline.warehouse.versions import replace_by_reextraction


@dataclass(frozen=True, slots=True)
class Which:
    """Which articles: of a span by publication, of one source, read by extractors older than a version."""

    span: Span | None = None
    source_id: int | None = None
    older_than: str | None = None


@dataclass(frozen=True, slots=True)
class Archived:
    """An article with what its capture needs to be read: its page, the entry that named it, the rows of the capture.

    `capture` is None when the article has none in the archive; `original` is the row that has a revisit's body.
    """

    id: int
    url: str
    fetch_id: int | None
    page: ClaimedPage | None = None
    entry: Any = None
    capture: Any = None
    original: Any = None


@dataclass(frozen=True, slots=True)
class Reread:
    """What today's extractor reads in an article's capture."""

    article_id: int
    fetch_id: int
    article: Article
    extractor_version: str


def version_key(version: str) -> tuple[int, ...]:
    """Give what orders extractor versions: the numbers before `+`, which names hints. Raises ValueError."""
    return tuple(int(part) for part in version.partition("+")[0].split("."))


def conditions(connection: Connection, which: Which) -> list[ColumnElement[bool]]:
    """Give the conditions of the articles that are meant."""
    found = within(which.span) if which.span is not None else []
    if which.source_id is not None:
        found.append(articles.c.source_id == which.source_id)
    if which.older_than is not None:
        versions = connection.execute(select(articles.c.extractor_version).distinct()).scalars()
        older = [one for one in versions if _is_older(one, version_key(which.older_than))]
        found.append(articles.c.extractor_version.in_(older))
    return found


def _is_older(version: str, bound: tuple[int, ...]) -> bool:
    try:
        return version_key(version) < bound
    except ValueError:
        return True  # not a version that we have ever given


def count_articles(connection: Connection, which: Which, after: int = 0) -> tuple[int, int]:
    """Count the articles that are meant, with keys above `after`; and those of them that have a capture."""
    query = select(func.count(), func.count(articles.c.fetch_id)).where(articles.c.id > after)
    row = connection.execute(query.where(*conditions(connection, which))).one()
    return int(row[0]), int(row[1])


def next_articles(connection: Connection, which: Which, after: int, limit: int) -> list[Archived]:
    """Give the next articles in the order of their keys, with all that their captures need."""
    query = select(articles.c.id, articles.c.url, articles.c.fetch_id).where(articles.c.id > after)
    query = query.where(*conditions(connection, which)).order_by(articles.c.id).limit(limit)
    chosen = connection.execute(query).all()
    captures = captures_of(connection, {row.fetch_id for row in chosen if row.fetch_id is not None})
    pages_of = {key: row.page_id for key, row in captures.items()}
    known = read_pages(connection, set(pages_of.values()))
    entries = hints_for(connection, known)
    made = []
    for row in chosen:
        capture = captures.get(row.fetch_id)
        if capture is None:
            made.append(Archived(row.id, row.url, row.fetch_id))
            continue
        page = known.get(capture.page_id)
        original = captures.get(capture.original_fetch_id)
        made.append(Archived(row.id, row.url, row.fetch_id, page, entries.get(capture.page_id), capture, original))
    return made


def write_batch(connection: Connection, rereads: Sequence[Reread], zone: ZoneInfo, at: datetime) -> dict[int, str]:
    """Replace articles by what was read, and do what follows; give each one's outcome.

    An article that has another capture now was fetched meanwhile: it stays.
    """
    keys = sorted(one.article_id for one in rereads)
    query = select(articles.c.id, articles.c.fetch_id).where(articles.c.id.in_(keys)).order_by(articles.c.id)
    now = dict(map(tuple, connection.execute(query.with_for_update(key_share=True))))
    outcomes: dict[int, str] = {}
    written = []
    for one in rereads:
        if now.get(one.article_id) != one.fetch_id:
            outcomes[one.article_id] = CAPTURED_ANEW
            continue
        loaded = replace_by_reextraction(connection, one.article_id, one.article, one.extractor_version, at, zone)
        outcomes[one.article_id] = loaded.outcome
        if loaded.written is not None:
            written.append(loaded.written)
    follow_up(connection, written, at)
    return outcomes


CAPTURED_ANEW = "captured anew meanwhile"


def note_place(
    connection: Connection, backfill_id: int, place: Mapping[str, Any], counts: Mapping[str, int]
) -> dict[str, int]:
    """Write how far a re-extraction is, and add its outcomes; give all of them so far."""
    row = connection.execute(select(backfills.c.counts, backfills.c.place).where(backfills.c.id == backfill_id)).one()
    # Begun anew, it counts anew.
    outcomes = dict(row.counts.get("outcomes", {})) if row.place else {}
    for outcome, count in counts.items():
        outcomes[outcome] = outcomes.get(outcome, 0) + count
    values = {"place": dict(place), "counts": {"outcomes": outcomes}, "updated_at": clock.now(connection)}
    connection.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))
    return outcomes


def set_planned(connection: Connection, backfill_id: int, planned: int) -> None:
    """Write how many articles are to be read, and that it is at work."""
    values: dict[str, Any] = {"planned": planned, "state": BackfillState.WORKING}
    connection.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))
