"""Fingerprints in SQL: the sampled runs of every text by week, who else has them, and those that say nothing."""

import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain, product
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Dialect,
    String,
    bindparam,
    cast,
    delete,
    func,
    select,
    text,
    tuple_,
    update,
)

from models.tables import article_prints, article_shingles, common_shingles
from pipeline.stories.copies import needed_samples
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
        """Give where its samples lie."""
        return list(product((self.week,), self.samples))


@dataclass(frozen=True, slots=True)
class Sought:
    """Pairs with samples enough and how many they share, and articles that lost shared samples to the common ones."""

    shared: dict[Pair, int]
    poorer: set[int]


@dataclass(frozen=True, slots=True)
class _Held:
    """Who has which hashes in a week, and of whom and how long these articles are."""

    holders: dict[int, list[int]]
    source_of: dict[int, int]
    length_of: dict[int, int]


def print_of(article_id: int, day: date, read: Text) -> Print:
    """Make the fingerprint of an article."""
    return Print(article_id, day, len(read.shingles), read.samples)


@cache
def given(dialect_name: str) -> Any:
    """Give a list of whole numbers as a table with the column `value`: one parameter, however long it is."""
    if dialect_name == "postgresql":
        numbers = func.unnest(cast(cast(bindparam("given"), String), ARRAY(BigInteger)))
        return numbers.table_valued("value").render_derived(name="given")
    return func.json_each(bindparam("given")).table_valued("value", name="given")


def as_given(connection: Connection, numbers: Iterable[int]) -> dict[str, Any]:
    """Give the parameter of `given`."""
    is_postgres = connection.dialect.name == "postgresql"
    return {"given": _as_array(sorted(numbers)) if is_postgres else str(list(numbers))}


def _as_array(numbers: Iterable[int]) -> str:
    """Write an array as PostgreSQL reads it: the driver takes ten times as long for a list."""
    return f"{{{','.join(map(str, numbers))}}}"


def fetch_raw(connection: Connection, query: Any, parameters: Mapping[str, Any]) -> list[Any]:
    """Give the rows as the driver makes them: plain tuples, for many rows of whole numbers."""
    compiled = _compiled(connection.dialect, query)
    given_now = compiled.construct_params(parameters)
    ordered = given_now if compiled.positiontup is None else [given_now[name] for name in compiled.positiontup]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(str(compiled), ordered)
        return list(cursor.fetchall())
    finally:
        cursor.close()


@cache
def _compiled(dialect: Dialect, query: Any) -> Any:
    return query.compile(dialect=dialect)


def fetch_prints(connection: Connection, article_ids: Collection[int]) -> dict[int, Print]:
    """Load fingerprints; what has none is left out."""
    if not article_ids:
        return {}
    wanted = given(connection.dialect.name)
    columns = [article_prints.c[name] for name in ("article_id", "sought_on", "shingle_count", "samples")]
    query = select(*columns).join_from(wanted, article_prints, article_prints.c.article_id == wanted.c.value)
    rows = connection.execute(query, as_given(connection, article_ids))
    return {
        row.article_id: Print(row.article_id, row.sought_on, row.shingle_count, _unpacked(row.samples)) for row in rows
    }


def put_prints(
    connection: Connection, fresh: Sequence[Print], old: Mapping[int, Print], source_of: Mapping[int, int]
) -> None:
    """Write fingerprints with their samples, in the place of the old ones; `source_of` tells their publishers."""
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
    samples: list[tuple[int, ...]] = []
    for one in fresh:
        key = (one.article_id,)
        samples += product((one.week,), one.samples, key, (source_of[one.article_id],), (one.shingle_count,))
    _put_samples(connection, sorted(samples))


def drop_samples(connection: Connection, old: Iterable[Print]) -> list[Place]:
    """Take samples out; give the places that are no longer common because of it."""
    keys = sorted((*place, one.article_id) for one in old for place in one.places)
    for chunk in in_chunks(keys, 300):
        connection.execute(delete(article_shingles).where(tuple_(*article_shingles.primary_key.columns).in_(chunk)))
    places = sorted({key[:2] for key in keys})
    freed = []
    for week, hashes in _by_week(places).items():
        common = _common(connection, week, hashes)
        still = _too_common(_held(connection, week, common))
        freed += [(week, number) for number in sorted(common - still)]
    for part in in_chunks(freed, 300):
        connection.execute(delete(common_shingles).where(tuple_(*common_shingles.primary_key.columns).in_(part)))
    return freed


def drop_prints(connection: Connection, article_ids: Collection[int]) -> None:
    """Delete fingerprints; their samples have been taken out."""
    for chunk in in_chunks(sorted(article_ids)):
        connection.execute(delete(article_prints).where(article_prints.c.article_id.in_(chunk)))


def seek(connection: Connection, fresh: Mapping[int, Print], source_of: Mapping[int, int]) -> Sought:
    """Find who shares samples with articles whose own are yet to be written, in their week and the weeks beside it."""
    own: dict[int, set[int]] = defaultdict(set)
    for one in fresh.values():
        if one.samples:
            own[one.week] |= one.samples
    wanted: dict[int, set[int]] = defaultdict(set)
    for week, hashes in own.items():
        for near in (week - 1, week, week + 1):
            wanted[near] |= hashes
    common = {week: _common(connection, week, hashes) for week, hashes in wanted.items()}
    held = {week: _held(connection, week, hashes - common[week]) for week, hashes in wanted.items()}
    for key, one in fresh.items():
        if one.samples:
            _hold(held[one.week], one, source_of[key], common[one.week])
    poorer: set[int] = set()
    for week in own:
        found = _too_common(held[week])
        poorer.update(*(held[week].holders.pop(number) for number in found))
        common[week] |= found
        insert_ready(connection, common_shingles, ("week", "hash"), [(week, number) for number in sorted(found)])
        if own.keys().isdisjoint((week - 1, week + 1)):
            # Hashes that an article shares with nobody are most of all.
            shared = {number: keys for number, keys in held[week].holders.items() if len(keys) > 1}
            held[week] = replace(held[week], holders=shared)
    return Sought(_count_enough(fresh, held, common), poorer - fresh.keys())


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
        held = [_held(connection, near, hashes).holders for near in (week, week - 1, week + 1)]
        for number in hashes:
            others = [key for holders in held for key in holders.get(number, ())]
            pairs |= {(min(p), max(p)) for p in product(held[0].get(number, ()), others) if p[0] != p[1]}
    return pairs


def _count_enough(
    fresh: Mapping[int, Print], held: Mapping[int, _Held], common: Mapping[int, set[int]]
) -> dict[Pair, int]:
    """Count the samples of pairs, and leave out the many pairs of long texts that share a phrase or two."""
    shared: dict[Pair, int] = {}
    brief = {week: _brief(one) for week, one in held.items()}
    for key, one in fresh.items():
        hashes = one.samples - common[one.week] if one.samples else one.samples
        least = needed_samples(one.shingle_count)
        for near in (one.week - 1, one.week, one.week + 1):
            if not hashes or near not in held:
                continue
            holders, length_of = held[near].holders, held[near].length_of
            found = Counter(chain.from_iterable([holders[number] for number in hashes & holders.keys()]))
            found.pop(key, None)
            # One sample is enough for short texts only, and is all that most pairs share.
            enough = set(found) if least == 1 else found.keys() & brief[near]
            several = [item for item in found.items() if item[1] > 1]
            enough.update(
                other for other, count in several if count >= least or count >= needed_samples(length_of[other])
            )
            # Of two fresh ones either counts the same.
            shared |= {((key, other) if key < other else (other, key)): found[other] for other in enough}
    return shared


def _brief(held: _Held) -> set[int]:
    return {key for key, runs in held.length_of.items() if needed_samples(runs) == 1}


def _by_week(places: Iterable[Place]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for week, number in places:
        found[week].add(number)
    return dict(sorted(found.items()))


def _common(connection: Connection, week: int, hashes: Collection[int]) -> set[int]:
    return {number for (number,) in _rows(connection, common_shingles, week, hashes)}


def _held(connection: Connection, week: int, hashes: Collection[int]) -> _Held:
    holders: dict[int, list[int]] = defaultdict(list)
    rows = _rows(connection, article_shingles, week, hashes)
    for number, article_id, _, _ in rows:
        holders[number].append(article_id)
    return _Held(holders, dict(map(itemgetter(1, 2), rows)), dict(map(itemgetter(1, 3), rows)))


def _hold(held: _Held, one: Print, source_id: int, common: Collection[int]) -> None:
    for number in one.samples.difference(common):
        held.holders[number].append(one.article_id)
    held.source_of[one.article_id] = source_id
    held.length_of[one.article_id] = one.shingle_count


def _rows(connection: Connection, table: Any, week: int, hashes: Collection[int]) -> Sequence[Any]:
    if not hashes:
        return []
    return fetch_raw(connection, _at(connection.dialect.name, table), {"week": week, **as_given(connection, hashes)})


@cache
def _at(dialect_name: str, table: Any) -> Any:
    wanted = given(dialect_name)
    columns = [column for column in table.columns if column.name != "week"]
    at = table.c.week == bindparam("week")
    if dialect_name != "postgresql":
        # A join would be read from the table's side, all rows of the week for each number, until ANALYZE has run.
        return select(*columns).where(at, table.c.hash.in_(select(wanted.c.value)))
    return select(*columns).join_from(wanted, table, at & (table.c.hash == wanted.c.value))


def _too_common(held: _Held) -> set[int]:
    """Choose the hashes that a site repeats, or that everybody has."""

    def is_common(keys: list[int]) -> bool:
        return len(keys) > MOST_OF_ALL or max(Counter(map(held.source_of.get, keys)).values()) > MOST_OF_A_SOURCE

    return {number for number, keys in held.holders.items() if len(keys) > MOST_OF_A_SOURCE and is_common(keys)}


def _put_samples(connection: Connection, rows: list[tuple[int, ...]]) -> None:
    """Write rows in the table's order: each page of it is touched once."""
    names = ("week", "hash", "article_id", "source_id", "shingle_count")
    if connection.dialect.name != "postgresql":
        insert_ready(connection, article_shingles, names, rows)
    elif rows:
        connection.execute(_PUT_ALL, dict(zip(names, map(_as_array, zip(*rows, strict=True)), strict=True)))


_RENEW = (
    update(article_prints)
    .where(article_prints.c.article_id == bindparam("of_id"))
    .values({name: bindparam(name) for name in ("sought_on", "shingle_count", "samples")})
)
# One statement for all rows: PostgreSQL's parsing of a row at a time would cost more than all the rest.
_PUT_ALL = text(
    "INSERT INTO article_shingles (week, hash, article_id, source_id, shingle_count)"
    " SELECT * FROM unnest(CAST(CAST(:week AS text) AS integer[]), CAST(CAST(:hash AS text) AS bigint[]),"
    " CAST(CAST(:article_id AS text) AS bigint[]), CAST(CAST(:source_id AS text) AS bigint[]),"
    " CAST(CAST(:shingle_count AS text) AS integer[]))"
)


def _packed(samples: Collection[int]) -> bytes:
    return struct.pack(f"<{len(samples)}q", *sorted(samples))


def _unpacked(packed: bytes) -> frozenset[int]:
    return frozenset(struct.unpack(f"<{len(packed) // 8}q", packed))
