"""Fingerprints in SQL: the sampled runs of every text by week, who else has them, and those that say nothing."""

import json
import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, cast, delete, func, select, text, tuple_, update

from models.tables import article_prints, article_shingles, articles, common_shingles
from pipeline.stories.shingles import Text
from pipeline.stories.times import week_of
from pipeline.warehouse.batches import in_chunks, insert_ready, insert_rows

MOST_OF_A_SOURCE = 6
"""Articles of one source that have a run of words in a week; with more it is the site's boilerplate."""

MOST_OF_ALL = 200
"""Articles of all sources that have it: no wire story is printed so often."""

Pair = tuple[int, int]
"""Two articles, the lower key first."""

Place = tuple[int, int]
"""A sampled hash in a week."""


@dataclass(frozen=True, slots=True)
class Print:
    """What is known of an article's text without reading it again."""

    article_id: int
    sought_on: date
    shingle_count: int
    samples: frozenset[int]

    @property
    def week(self) -> int:
        """Give the week in which its samples lie."""
        return week_of(self.sought_on)

    @property
    def places(self) -> list[Place]:
        """Give where its samples lie, in the table's order."""
        return [(self.week, number) for number in sorted(self.samples)]


@dataclass(frozen=True, slots=True)
class Sought:
    """Pairs with the number of samples that they share, and articles that lost shared samples to the common ones."""

    shared: dict[Pair, int]
    poorer: set[int]


def print_of(article_id: int, day: date, read: Text) -> Print:
    """Make the fingerprint of an article."""
    return Print(article_id, day, len(read.shingles), read.samples)


@cache
def given(dialect_name: str) -> Any:
    """Give a list of whole numbers as a table with the column `value`: one parameter, however long it is."""
    if dialect_name == "postgresql":
        numbers = func.unnest(cast(bindparam("given"), ARRAY(BigInteger)))
        return numbers.table_valued("value").render_derived(name="given")
    return func.json_each(bindparam("given")).table_valued("value", name="given")


def as_given(connection: Connection, numbers: Iterable[int]) -> dict[str, Any]:
    """Give the parameter of `given`."""
    listed = sorted(numbers)
    return {"given": listed if connection.dialect.name == "postgresql" else json.dumps(listed)}


def fetch_prints(connection: Connection, article_ids: Collection[int]) -> dict[int, Print]:
    """Load fingerprints; what has none is left out."""
    if not article_ids:
        return {}
    wanted = given(connection.dialect.name)
    columns = [article_prints.c[name] for name in ("article_id", "sought_on", "shingle_count", "samples")]
    query = select(*columns).join_from(wanted, article_prints, article_prints.c.article_id == wanted.c.value)
    rows = connection.execute(query, as_given(connection, article_ids))
    return {row.article_id: Print(*row[:3], _unpacked(row.samples)) for row in rows}


def short_ones(connection: Connection, article_ids: Collection[int], most: int) -> set[int]:
    """Choose the articles whose text has at most so many runs."""
    if not article_ids:
        return set()
    wanted = given(connection.dialect.name)
    query = select(article_prints.c.article_id)
    query = query.join_from(wanted, article_prints, article_prints.c.article_id == wanted.c.value)
    query = query.where(article_prints.c.shingle_count <= most)
    return set(connection.execute(query, as_given(connection, article_ids)).scalars())


def put_prints(connection: Connection, fresh: Sequence[Print], old: Mapping[int, Print]) -> None:
    """Write fingerprints with their samples, in the place of the old ones."""
    rows = [
        {
            "article_id": one.article_id,
            "sought_on": one.sought_on,
            "shingle_count": one.shingle_count,
            "samples": _packed(one.samples),
        }
        for one in fresh
    ]
    insert_rows(connection, article_prints, [row for row in rows if row["article_id"] not in old])
    renewed = [{"of_id": row.pop("article_id"), **row} for row in rows if row["article_id"] in old]
    if renewed:
        connection.execute(_RENEW, renewed)
    _put_samples(connection, sorted((*place, one.article_id) for one in fresh for place in one.places))


def drop_samples(connection: Connection, old: Iterable[Print]) -> list[Place]:
    """Take samples out; give the places that are no longer common because of it."""
    keys = sorted((*place, one.article_id) for one in old for place in one.places)
    for chunk in in_chunks(keys, 300):
        connection.execute(delete(article_shingles).where(tuple_(*article_shingles.primary_key.columns).in_(chunk)))
    places = sorted({key[:2] for key in keys})
    freed = []
    for week, hashes in _by_week(places).items():
        common = _common(connection, week, hashes)
        holders = _holders(connection, week, common)
        still = _too_common(connection, holders)
        freed += [(week, number) for number in sorted(common - still)]
    for chunk in in_chunks(freed, 300):
        connection.execute(delete(common_shingles).where(tuple_(*common_shingles.primary_key.columns).in_(chunk)))
    return freed


def drop_prints(connection: Connection, article_ids: Collection[int]) -> None:
    """Delete fingerprints; their samples have been taken out."""
    for chunk in in_chunks(sorted(article_ids)):
        connection.execute(delete(article_prints).where(article_prints.c.article_id.in_(chunk)))


def seek(connection: Connection, fresh: Mapping[int, Print]) -> Sought:
    """Find who shares samples with articles whose own are written, in their week and the weeks beside it."""
    own = _by_week(place for one in fresh.values() for place in one.places)
    wanted: dict[int, set[int]] = defaultdict(set)
    for week, hashes in own.items():
        for near in (week - 1, week, week + 1):
            wanted[near] |= hashes
    common = {week: _common(connection, week, hashes) for week, hashes in wanted.items()}
    held = {week: _holders(connection, week, hashes - common[week]) for week, hashes in wanted.items()}
    poorer: set[int] = set()
    for week in own:
        found = _too_common(connection, held[week])
        poorer.update(*(held[week].pop(number) for number in found))
        common[week] |= found
        insert_ready(connection, common_shingles, ("week", "hash"), [(week, number) for number in sorted(found)])
    return Sought(_count_shared(fresh, held, common), poorer - fresh.keys())


def count_shared(connection: Connection, pairs: Iterable[Pair], prints: Mapping[int, Print]) -> dict[Pair, int]:
    """Count the samples that pairs share, from their fingerprints; the common ones do not count."""
    shared = {(one, other): prints[one].samples & prints[other].samples for one, other in pairs}
    wanted: dict[int, set[int]] = defaultdict(set)
    for pair, hashes in shared.items():
        for key in pair:
            wanted[prints[key].week] |= hashes
    common = {week: _common(connection, week, hashes) for week, hashes in wanted.items()}
    return {
        (one, other): len(hashes - common[prints[one].week] - common[prints[other].week])
        for (one, other), hashes in shared.items()
    }


def sharers(connection: Connection, places: Iterable[Place]) -> set[Pair]:
    """Give the pairs that share a sample of which one lies at one of the places."""
    pairs: set[Pair] = set()
    for week, hashes in _by_week(places).items():
        held = [_holders(connection, near, hashes) for near in (week, week - 1, week + 1)]
        for number in hashes:
            others = [key for holders in held for key in holders.get(number, ())]
            pairs |= {(min(p), max(p)) for p in product(held[0].get(number, ()), others) if p[0] != p[1]}
    return pairs


def _count_shared(
    fresh: Mapping[int, Print], held: Mapping[int, Mapping[int, list[int]]], common: Mapping[int, set[int]]
) -> dict[Pair, int]:
    shared: dict[Pair, int] = {}
    for key, one in fresh.items():
        hashes = one.samples - common.get(one.week, set())
        found: Counter[int] = Counter()
        for near in (one.week - 1, one.week, one.week + 1):
            holders = held.get(near, {})
            for number in hashes & holders.keys():
                found.update(holders[number])
        # Of two fresh ones either counts the same.
        shared |= {(min(key, other), max(key, other)): count for other, count in found.items() if other != key}
    return shared


def _by_week(places: Iterable[Place]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for week, number in places:
        found[week].add(number)
    return dict(sorted(found.items()))


def _common(connection: Connection, week: int, hashes: Collection[int]) -> set[int]:
    return {number for (number,) in _rows(connection, common_shingles, week, hashes)}


def _holders(connection: Connection, week: int, hashes: Collection[int]) -> dict[int, list[int]]:
    held: dict[int, list[int]] = defaultdict(list)
    for number, article_id in _rows(connection, article_shingles, week, hashes):
        held[number].append(article_id)
    return held


def _rows(connection: Connection, table: Any, week: int, hashes: Collection[int]) -> Sequence[Any]:
    if not hashes:
        return []
    query = _at(connection.dialect.name, table)
    return connection.execute(query, {"week": week, **as_given(connection, hashes)}).all()


@cache
def _at(dialect_name: str, table: Any) -> Any:
    wanted = given(dialect_name)
    columns = [column for column in table.primary_key.columns if column.name != "week"]
    at = table.c.week == bindparam("week")
    if dialect_name != "postgresql":
        # A join would be read from the table's side, all rows of the week for each number, until ANALYZE has run.
        return select(*columns).where(at, table.c.hash.in_(select(wanted.c.value)))
    return select(*columns).join_from(wanted, table, at & (table.c.hash == wanted.c.value))


def _too_common(connection: Connection, holders: Mapping[int, list[int]]) -> set[int]:
    """Choose the hashes that a site repeats, or that everybody has."""
    suspects = {number: keys for number, keys in holders.items() if len(keys) > MOST_OF_A_SOURCE}
    if not suspects:
        return set()
    wanted = given(connection.dialect.name)
    query = select(articles.c.id, articles.c.source_id).join_from(wanted, articles, articles.c.id == wanted.c.value)
    keys = {key for keys in suspects.values() for key in keys}
    source = dict(map(tuple, connection.execute(query, as_given(connection, keys))))

    def is_common(keys: list[int]) -> bool:
        most = Counter(source.get(key) for key in keys).most_common(1)[0][1]
        return most > MOST_OF_A_SOURCE or len(keys) > MOST_OF_ALL

    return {number for number, keys in suspects.items() if is_common(keys)}


def _put_samples(connection: Connection, rows: list[tuple[int, int, int]]) -> None:
    """Write rows in the table's order: each page of it is touched once."""
    names = ("week", "hash", "article_id")
    if connection.dialect.name != "postgresql":
        insert_ready(connection, article_shingles, names, rows)
    elif rows:
        connection.execute(_PUT_ALL, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


_RENEW = (
    update(article_prints)
    .where(article_prints.c.article_id == bindparam("of_id"))
    .values({name: bindparam(name) for name in ("sought_on", "shingle_count", "samples")})
)
# One statement for all rows: PostgreSQL's parsing of a row at a time would cost more than all the rest.
_PUT_ALL = text(
    "INSERT INTO article_shingles (week, hash, article_id) SELECT * FROM unnest(CAST(:week AS integer[]),"
    " CAST(:hash AS bigint[]), CAST(:article_id AS bigint[]))"
)


def _packed(samples: Collection[int]) -> bytes:
    return struct.pack(f"<{len(samples)}q", *sorted(samples))


def _unpacked(packed: bytes) -> frozenset[int]:
    return frozenset(struct.unpack(f"<{len(packed) // 8}q", packed))
