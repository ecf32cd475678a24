"""Copies and stories of the warehouse: what a text shares with others is found when it is written, and kept right.

All is a function of the articles that there are: in whatever order, batches and processes they come, the same copies
and the same stories stay. One process at a time is at it.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, exists, func, select, tuple_, update
from sqlalchemy.exc import OperationalError

from models.schema import stand_in_line
from models.tables import article_agencies, article_copies, article_prints, article_texts, articles, sources
from pipeline.stories.copies import is_box, measure, needed_details, needed_samples
from pipeline.stories.credit import Publication, is_credited
from pipeline.stories.graph import TWIN_SHARE, Graph, Node, is_same_story, settle
from pipeline.stories.shingles import Text, read_text
from pipeline.stories.times import WINDOW_DAYS, moment_of, sought_on
from pipeline.warehouse import clock, prints, sharing
from pipeline.warehouse.batches import in_chunks, insert_rows
from pipeline.warehouse.prints import Pair, Print, as_given, given, given_rows
from pipeline.warehouse.story_rows import Known, put_stories, write_stale, write_story_ids

if TYPE_CHECKING:
    from pipeline.warehouse.follow_up import Written

log = logging.getLogger(__name__)

_ERRAND = "stories"
_SPAN = 20_000
_NOT_COMPARED = (
    select(
        articles.c.id,
        articles.c.published_at,
        articles.c.published_on,
        articles.c.first_seen_at,
        articles.c.source_id,
        article_texts.c.body,
    )
    .join(article_texts, article_texts.c.article_id == articles.c.id)
    .where(articles.c.id > bindparam("after"), articles.c.id <= bindparam("until"))
    .where(~exists().where(article_prints.c.article_id == articles.c.id))
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
_PASS_CHUNK = 200


def compare(connection: Connection, written: "Sequence[Written]", at: datetime) -> None:
    """Compare articles that were added or got other words with all others, and settle their stories.

    A single article that cannot be compared is logged and counts as one that never was, whatever words it had before:
    `catch_up` finds it. With several, what went wrong is raised.
    """
    if len(written) > 1:
        _compare(connection, written, at)
        return
    try:
        with connection.begin_nested():
            _compare(connection, written, at)
    except OperationalError:
        # The database itself is in trouble, or asks for another try.
        raise
    except Exception:
        log.exception("articles could not be compared: %s", ", ".join(str(one.article_id) for one in written))
        forget(connection, [one.article_id for one in written])


def _compare(connection: Connection, written: "Sequence[Written]", at: datetime) -> None:
    texts = {one.article_id: read_text(one.body) for one in written}
    fresh = {
        one.article_id: prints.print_of(
            one.article_id,
            sought_on(one.published_at, one.published_on, one.first_seen_at),
            texts[one.article_id],
        )
        for one in written
    }
    stand_in_line(connection, _ERRAND)
    _renew(connection, fresh, texts, {one.article_id: one.source_id for one in written}, set(), at)


def catch_up(connection: Connection, limit: int, after: int = 0) -> int | None:
    """Compare at most `limit` articles that were not compared yet, by their ids after `after`, and set what was left.

    Gives the id after which to go on, None at the end. An article that cannot be compared is logged and counts as one
    without a text, until it gets another. Raises sqlalchemy's OperationalError.
    """
    at = clock.now(connection)
    stand_in_line(connection, _ERRAND)
    # Most articles were compared long ago: a turn passes over no more of them than its own span has.
    until = after + _SPAN
    rows = connection.execute(_NOT_COMPARED, {"after": after, "until": until, "most": limit}).all()
    if rows and not _tried(connection, rows, at):
        for row in rows:
            if not _tried(connection, [row], at):
                blank = prints.print_of(row.id, sought_on(*row[1:4]), read_text(""))
                prints.put_prints(connection, [blank], {}, {row.id: row.source_id})
    write_stale(connection, at)
    if len(rows) == limit:
        return int(rows[-1].id)
    last = connection.execute(select(func.max(articles.c.id))).scalar() or 0
    return until if until < last else None


def _tried(connection: Connection, rows: Sequence[Any], at: datetime) -> bool:
    try:
        with connection.begin_nested():
            texts = {row.id: read_text(row.body) for row in rows}
            fresh = {row.id: prints.print_of(row.id, sought_on(*row[1:4]), texts[row.id]) for row in rows}
            _renew(connection, fresh, texts, {row.id: row.source_id for row in rows}, set(), at)
    except OperationalError:
        raise
    except Exception:
        log.exception("articles could not be compared: %s", ", ".join(str(row.id) for row in rows))
        return False
    return True


def forget(connection: Connection, article_ids: Collection[int]) -> None:
    """Take articles out of copies and stories, before or after they are removed; what stays is settled anew."""
    stand_in_line(connection, _ERRAND)
    at = clock.now(connection)
    _renew(connection, {}, {}, {}, set(article_ids), at)
    write_story_ids(connection, dict.fromkeys(article_ids), at)


def _renew(
    connection: Connection,
    fresh: Mapping[int, Print],
    texts: Mapping[int, Text],
    source_of: Mapping[int, int],
    gone: set[int],
    at: datetime,
) -> None:
    changed = fresh.keys() | gone
    old = prints.fetch_prints(connection, changed)
    found_at = _drop_copies(connection, old.keys())
    freed = sharing.free(connection, prints.drop_samples(connection, old.values()))
    prints.put_prints(connection, list(fresh.values()), old, source_of)
    prints.drop_prints(connection, gone & old.keys())
    sought = sharing.seek(connection, fresh, source_of)
    lost = _drop_unfounded(connection, sought.poorer)
    pairs = _pairs(connection, fresh, sought, freed)
    added = _add_copies(connection, pairs, texts, found_at, at)
    near = {key for pair in (*found_at, *lost, *added) for key in pair}
    touched = (near | old.keys()) - gone
    if touched:
        _settle(connection, touched, texts, added, at)
    write_stale(connection, at)


def _drop_copies(connection: Connection, article_ids: Collection[int]) -> dict[Pair, datetime]:
    """Delete the copies of articles and by them; give the pairs with the time when each was found."""
    rows = _copies_of(connection, article_ids)
    _delete_copies(connection, ((row.article_id, row.original_id) for row in rows))
    return {_pair(row.article_id, row.original_id): row.found_at for row in rows}


def _drop_unfounded(connection: Connection, article_ids: Collection[int]) -> list[Pair]:
    """Delete copies that rest on runs of words which have become common; give their pairs."""
    rows = _copies_of(connection, article_ids)
    directed = {_pair(row.article_id, row.original_id): (row.article_id, row.original_id) for row in rows}
    known = prints.fetch_prints(connection, {key for pair in directed for key in pair})
    shared = sharing.count_shared(connection, directed, known)
    lost = [pair for pair in directed if not _is_worth_it(known[pair[0]], known[pair[1]], shared[pair])]
    _delete_copies(connection, (directed[pair] for pair in lost))
    return lost


def _copies_of(connection: Connection, article_ids: Collection[int]) -> Sequence[Any]:
    if not article_ids:
        return []
    halves = [given_rows(connection.dialect.name, article_copies, end) for end in ("article_id", "original_id")]
    parameter = as_given(connection, article_ids)
    rows = {tuple(row)[:2]: row for half in halves for row in connection.execute(half, parameter)}
    return list(rows.values())


def _delete_copies(connection: Connection, keys: Iterable[Pair]) -> None:
    for chunk in in_chunks(sorted(keys), _PASS_CHUNK):
        connection.execute(delete(article_copies).where(tuple_(*article_copies.primary_key.columns).in_(chunk)))


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _is_worth_it(one: Print, other: Print, shared: int) -> bool:
    """Tell whether two articles are near enough in time, and share samples and details enough, to read all their words.

    Where most of the samples that they share are common ones, the rest are the edges of the same boilerplate.
    """
    if abs((one.sought_on - other.sought_on).days) > WINDOW_DAYS:
        return False
    lengths = one.shingle_count, other.shingle_count
    if shared < needed_samples(*lengths) or len(one.details & other.details) < needed_details(*lengths):
        return False
    return 2 * shared >= len(one.samples & other.samples)


def _pairs(
    connection: Connection, fresh: Mapping[int, Print], sought: sharing.Sought, freed: list[prints.Place]
) -> list[Pair]:
    """Choose the pairs of which all words are to be compared."""
    again = sharing.sharers(connection, freed) - sought.shared.keys()
    others = {key for pair in (*sought.shared, *again) for key in pair} - fresh.keys()
    known = {**prints.fetch_prints(connection, others), **fresh}
    shared = {**sought.shared, **sharing.count_shared(connection, again, known)}
    return [pair for pair, count in shared.items() if _is_worth_it(known[pair[0]], known[pair[1]], count)]


def _add_copies(
    connection: Connection,
    pairs: Sequence[Pair],
    texts: Mapping[int, Text],
    found_at: Mapping[Pair, datetime],
    at: datetime,
) -> list[Pair]:
    """Compare all words of pairs, and write those that are a copy and its original."""
    read = {**texts, **_read(connection, {key for pair in pairs for key in pair} - texts.keys())}
    measured = {pair: found for pair in pairs if (found := measure(read[pair[0]], read[pair[1]]))}
    facts = _facts(connection, {key for pair in measured for key in pair})
    for pair in [pair for pair in measured if facts[pair[0]].source_id == facts[pair[1]].source_id]:
        if is_box(read[pair[0]], read[pair[1]]):
            del measured[pair]
    rows = []
    for pair, overlap in measured.items():
        is_first = facts[pair[0]].order <= facts[pair[1]].order
        original, copy = pair if is_first else pair[::-1]
        rows.append(
            {
                "article_id": copy,
                "original_id": original,
                "share": overlap.other_share if is_first else overlap.share,
                "original_share": overlap.share if is_first else overlap.other_share,
                "is_credited": is_credited(facts[copy].publication, facts[original].publication),
                "is_same_story": True,
                "found_at": found_at.get(pair, at),
            }
        )
    insert_rows(connection, article_copies, rows, conflict=("article_id", "original_id"))
    return list(measured)


def _read(connection: Connection, article_ids: Collection[int]) -> dict[int, Text]:
    if not article_ids:
        return {}
    query = given_rows(connection.dialect.name, article_texts, "article_id")
    rows = connection.execute(query, as_given(connection, article_ids))
    return {row.article_id: read_text(row.body) for row in rows}


def _facts(connection: Connection, article_ids: Collection[int]) -> dict[int, Known]:
    """Load what stories and credits are told from."""
    if not article_ids:
        return {}
    wanted = given(connection.dialect.name)
    parameter = as_given(connection, article_ids)
    named = select(article_agencies.c.article_id, article_agencies.c.agency)
    named = named.join_from(wanted, article_agencies, article_agencies.c.article_id == wanted.c.value)
    agencies: dict[int, list[str]] = {}
    for row in connection.execute(named, parameter):
        agencies.setdefault(row.article_id, []).append(row.agency)
    columns = (articles.c.id, articles.c.uid, articles.c.source_id, sources.c.slug, sources.c.name)
    times = (articles.c.published_at, articles.c.published_on, articles.c.first_seen_at)
    query = select(*columns, *times).join_from(wanted, articles, articles.c.id == wanted.c.value)
    query = query.join(sources, sources.c.id == articles.c.source_id)
    return {
        row.id: Known(
            row.uid,
            row.source_id,
            moment_of(*row[5:]),
            Publication(row.slug, row.name, tuple(agencies.get(row.id, ()))),
        )
        for row in connection.execute(query, parameter)
    }


def _settle(
    connection: Connection, touched: set[int], texts: Mapping[int, Text], added: Sequence[Pair], at: datetime
) -> None:
    facts: dict[int, Known] = {}

    def load(keys: frozenset[int]) -> dict[int, Node]:
        facts.update(_facts(connection, keys))
        return _nodes(connection, keys, facts)

    def shingles(keys: Iterable[int]) -> dict[int, frozenset[int]]:
        wanted = set(keys)
        read = {**texts, **_read(connection, wanted - texts.keys())}
        return {key: read[key].shingles for key in wanted}

    graph = Graph(load, shingles)
    settled = settle(graph, touched)
    _put_flags(connection, settled.changed)
    _mark_same_story(connection, graph, settled.changed.keys() | {key for pair in added for key in pair})
    put_stories(connection, settled.stories, facts, at)


def _nodes(connection: Connection, keys: frozenset[int], facts: Mapping[int, Known]) -> dict[int, Node]:
    neighbours: dict[int, set[int]] = {key: set() for key in keys}
    twins: dict[int, set[int]] = {key: set() for key in keys}
    for row in _copies_of(connection, keys):
        for one, other in ((row.article_id, row.original_id), (row.original_id, row.article_id)):
            if one in neighbours:
                neighbours[one].add(other)
                twins[one] |= {other} if _are_twins(row) else set()
    wanted = given(connection.dialect.name)
    columns = (article_prints.c.article_id, article_prints.c.is_crossroad, article_prints.c.is_digest)
    query = select(*columns).join_from(wanted, article_prints, article_prints.c.article_id == wanted.c.value)
    return {
        row.article_id: Node(
            facts[row.article_id].uid,
            facts[row.article_id].at,
            frozenset(neighbours[row.article_id]),
            frozenset(twins[row.article_id]),
            row.is_crossroad,
            row.is_digest,
        )
        for row in connection.execute(query, as_given(connection, keys))
    }


def _are_twins(row: Any) -> bool:
    return bool(min(row.share, row.original_share) >= TWIN_SHARE)


def _put_flags(connection: Connection, nodes: Mapping[int, Node]) -> None:
    if nodes:
        statement = update(article_prints).where(article_prints.c.article_id == bindparam("of_id"))
        rows = [
            {"of_id": key, "is_crossroad": node.is_crossroad, "is_digest": node.is_digest}
            for key, node in sorted(nodes.items())
        ]
        flags: dict[str, Any] = {name: bindparam(name) for name in ("is_crossroad", "is_digest")}
        connection.execute(statement.values(flags), rows)


def _mark_same_story(connection: Connection, graph: Graph, article_ids: Collection[int]) -> None:
    """Say of the copies around articles whether they join stories: those of a digest do not, but to its reprints."""
    wrong: dict[bool, list[Pair]] = {True: [], False: []}
    rows = _copies_of(connection, article_ids)
    graph.fetch(key for row in rows for key in (row.article_id, row.original_id))
    for row in rows:
        is_same = is_same_story(graph[row.article_id], graph[row.original_id], are_twins=_are_twins(row))
        if is_same != row.is_same_story:
            wrong[is_same].append((row.article_id, row.original_id))
    for is_same, keys in wrong.items():
        for chunk in in_chunks(sorted(keys), _PASS_CHUNK):
            those = tuple_(article_copies.c.article_id, article_copies.c.original_id).in_(chunk)
            connection.execute(update(article_copies).where(those).values(is_same_story=is_same))
