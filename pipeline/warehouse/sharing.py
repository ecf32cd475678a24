"""Who shares sampled runs of words with whom, by weeks, and which runs say nothing because a site repeats them."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, product
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, true, tuple_

from models.tables import article_shingles, common_shingles
from pipeline.stories.copies import longest_for_one, needed_samples
from pipeline.warehouse.batches import in_chunks, insert_ready
from pipeline.warehouse.prints import Pair, Place, Print, as_given, fetch_raw, given

MOST_OF_A_SOURCE = 4
"""Articles of one source that have a run of words in two weeks in a row; with more it is the site's boilerplate."""

MOST_OF_ALL = 200
"""Articles of all sources that have it in a week: no wire story is printed so often."""

_CODE = 1 << 15
"""More than the runs of any text: `MOST_WORDS` are read."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Pairs with samples enough and how many they share, and articles that lost shared samples to the common ones."""

    shared: dict[Pair, int]
    poorer: set[int]


@dataclass(frozen=True, slots=True)
class _Held:
    """Who has which hashes in a week, and which of these articles are so short that one shared sample is enough.

    An article is a number in digits that tells its length as well: `article_id * _CODE + shingle_count`.
    """

    holders: dict[int, list[str]]
    brief: set[str]


@dataclass(frozen=True, slots=True)
class _Search:
    """What is known in each week of the samples of fresh articles: who has them, but for the common ones, and those.

    `shared` are the samples that others have, too, or several of the fresh ones.
    """

    fresh: Mapping[int, Print]
    held: dict[int, _Held]
    shared: set[int]
    common: dict[int, set[int]]

    def count(self, week: int, number: int) -> int:
        """Count the articles that have a sample in a week; of a common one it is not known, and 0."""
        return len(self.held[week].holders.get(number, ()))

    @property
    def crowded(self) -> set[int]:
        """Give the samples that are common, or that enough articles have for it."""
        many = {
            number for number in self.shared if sum(self.count(week, number) for week in self.held) > MOST_OF_A_SOURCE
        }
        return many.union(*self.common.values())


def seek(connection: Connection, fresh: Mapping[int, Print], source_of: Mapping[int, int]) -> Sought:
    """Find who shares samples with articles whose own were just written, in their week and the weeks beside it."""
    search = _search(connection, fresh)
    poorer: set[int] = set()
    for week, hashes in _by_week(_newly_common(connection, search, source_of)).items():
        rows = [(week, number) for number in sorted(hashes)]
        insert_ready(connection, common_shingles, ("week", "hash"), rows)
        search.common[week] |= hashes
        poorer.update(key for _, key, _, _ in _rows(connection, article_shingles, week, hashes))
    return Sought(_count_enough(search), poorer - fresh.keys())


def free(connection: Connection, places: Collection[Place]) -> list[Place]:
    """Give the places that are no longer common, now that samples at `places` have been taken out."""
    freed: list[Place] = []
    touched = {(near, number) for week, number in places for near in _near(week)}
    for week, hashes in _by_week(touched).items():
        common = _common(connection, week, hashes)
        still = _too_common(connection, week, common) if common else common
        freed += [(week, number) for number in sorted(common - still)]
    for part in in_chunks(freed, 300):
        connection.execute(delete(common_shingles).where(tuple_(*common_shingles.primary_key.columns).in_(part)))
    return freed


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
        here, *beside = [_holders(connection, near, hashes) for near in (week, week - 1, week + 1)]
        for number in hashes:
            others = [key for holders in (here, *beside) for key in holders.get(number, ())]
            pairs |= {(min(p), max(p)) for p in product(here.get(number, ()), others) if p[0] != p[1]}
    return pairs


def _near(week: int) -> tuple[int, int, int]:
    return (week - 1, week, week + 1)


def _search(connection: Connection, fresh: Mapping[int, Print]) -> _Search:
    """Look who has the samples of fresh articles, in their weeks and those beside."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for one in fresh.values():
        for week in _near(one.week) if one.samples else ():
            wanted[week] |= one.samples
    common = {week: _common(connection, week, hashes) for week, hashes in wanted.items()}
    held = {week: _held(connection, week, hashes - common[week]) for week, hashes in wanted.items()}
    seen: set[int] = set()
    shared: set[int] = set()
    for one_week in held.values():
        shared |= seen & one_week.holders.keys()
        shared.update(number for number, codes in one_week.holders.items() if len(codes) > 1)
        seen |= one_week.holders.keys()
    return _Search(fresh, held, shared, common)


def _newly_common(connection: Connection, search: _Search, source_of: Mapping[int, int]) -> set[Place]:
    """Choose the places that a site repeats, or that everybody has, since the fresh articles are there."""
    asked: set[tuple[int, int, int]] = set()
    found: set[Place] = set()
    crowded = search.crowded
    for key, one in search.fresh.items():
        weeks = _near(one.week)
        for number in one.samples & crowded:
            common = [number in search.common[week] for week in weeks]
            if not all(common) and (
                any(common) or sum(search.count(week, number) for week in weeks) > MOST_OF_A_SOURCE
            ):
                asked.update((week, number, source_of[key]) for week in weeks)
            if search.count(one.week, number) > MOST_OF_ALL:
                found.add((one.week, number))
    of = _count_of_sources(connection, asked)
    for week, number, source in of:
        for first in (week - 1, week):
            if of.get((first, number, source), 0) + of.get((first + 1, number, source), 0) > MOST_OF_A_SOURCE:
                found |= {(first, number), (first + 1, number)}
    return {(week, number) for week, number in found if week in search.common and number not in search.common[week]}


def _too_common(connection: Connection, week: int, hashes: Collection[int]) -> set[int]:
    """Choose the hashes that are common in a week, from all that have them in the weeks around."""
    of: Counter[tuple[int, int, int]] = Counter()
    here: Counter[int] = Counter()
    for near in _near(week):
        for number, _, source, _ in _rows(connection, article_shingles, near, hashes):
            of[near, number, source] += 1
            here[number] += near == week
    found = {number for number, count in here.items() if count > MOST_OF_ALL}
    for _, number, source in of:
        before, now, after = (of.get((near, number, source), 0) for near in _near(week))
        if now + max(before, after) > MOST_OF_A_SOURCE:
            found.add(number)
    return found


def _count_enough(search: _Search) -> dict[Pair, int]:
    """Count the samples of pairs, and leave out the many pairs of long texts that share a phrase or two."""
    shared: dict[Pair, int] = {}
    for key, one in search.fresh.items():
        known = (one.samples & search.shared).difference(search.common.get(one.week, ()))
        for week in _near(one.week) if known else ():
            held = search.held[week]
            samples = (known & held.holders.keys()) - search.common[week]
            for other, count in _enough(one, samples, held):
                # Of two fresh ones either counts the same.
                shared[(key, other) if key < other else (other, key)] = count
    return shared


def _enough(one: Print, samples: frozenset[int], held: _Held) -> Iterator[tuple[int, int]]:
    """Give who shares samples enough with an article in a week, and how many."""
    ours = one.shingle_count
    found = Counter(chain.from_iterable([held.holders[number] for number in samples]))
    # One sample is enough for short texts only, and is all that most pairs share.
    single = found.keys() if ours <= longest_for_one() else found.keys() & held.brief
    several = [code for code, count in found.items() if count > 1]
    for code in {*several, *single}:
        other, runs = divmod(int(code), _CODE)
        if found[code] >= needed_samples(ours, runs) and other != one.article_id:
            yield other, found[code]


def _by_week(places: Iterable[Place]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for week, number in places:
        found[week].add(number)
    return dict(sorted(found.items()))


def _common(connection: Connection, week: int, hashes: Collection[int]) -> set[int]:
    return {number for (number,) in _rows(connection, common_shingles, week, hashes)}


def _held(connection: Connection, week: int, hashes: Collection[int]) -> _Held:
    if not hashes:
        return _Held({}, set())
    parameters = {"week": week, "code": _CODE, "brief": longest_for_one(), **as_given(connection, sorted(hashes))}
    holders: dict[int, list[str]] = {}
    brief: set[str] = set()
    for number, codes, short in fetch_raw(connection, _HELD[connection.dialect.name], parameters):
        holders[number] = codes.split(",")
        if short:
            brief.update(short.split(","))
    return _Held(holders, brief)


def _holders(connection: Connection, week: int, hashes: Collection[int]) -> dict[int, list[int]]:
    holders: dict[int, list[int]] = defaultdict(list)
    for number, article_id, _, _ in _rows(connection, article_shingles, week, hashes):
        holders[number].append(article_id)
    return holders


def _rows(connection: Connection, table: Any, week: int, hashes: Collection[int]) -> Sequence[Any]:
    if not hashes:
        return []
    parameters = {"week": week, **as_given(connection, sorted(hashes))}
    return fetch_raw(connection, _at(connection.dialect.name, table), parameters)


@cache
def _at(dialect_name: str, table: Any) -> Any:
    wanted = given(dialect_name)
    columns = [column for column in table.columns if column.name != "week"]
    at = table.c.week == bindparam("week")
    if dialect_name != "postgresql":
        # A join would be read from the table's side, all rows of the week for each number, until ANALYZE has run.
        return select(*columns).where(at, table.c.hash.in_(select(wanted.c.value)))
    if table is common_shingles:
        # There are so few that PostgreSQL would read them all for each number.
        return select(*columns).join_from(wanted, table, at & (table.c.hash == wanted.c.value))
    # PostgreSQL would read the join from the table's side, too; it does not take a subquery with an OFFSET apart.
    found = select(*columns).where(at, table.c.hash == wanted.c.value).offset(0).lateral("found")
    return select(*found.columns).select_from(wanted.join(found, true()))


def _count_of_sources(
    connection: Connection, asked: Collection[tuple[int, int, int]]
) -> dict[tuple[int, int, int], int]:
    """Count the articles of sources that have hashes in weeks, up to one more than is common."""
    if not asked:
        return {}
    parameters = {"asked": json.dumps(sorted(asked)), "most": MOST_OF_A_SOURCE + 1}
    rows = fetch_raw(connection, _OF_SOURCES[connection.dialect.name], parameters)
    return {(week, number, source): count for week, number, source, count in rows}


# Each count ends at its limit: a site's boilerplate may be under thousands of articles.
_COUNT_OF_SOURCES = """
    WITH asked AS MATERIALIZED ({asked})
    SELECT week, hash, source_id, (
        SELECT count(*) FROM (
            SELECT 1 FROM article_shingles s
            WHERE s.week = asked.week AND s.hash = asked.hash AND s.source_id = asked.source_id LIMIT :most
        ) AS counted
    ) FROM asked
"""
# A row for each hash and not for each article that has it: making rows would cost ten times as much as finding them.
_HELD = {
    "sqlite": text("""
        SELECT s.hash, group_concat(s.article_id * :code + s.shingle_count, ','),
            group_concat(CASE WHEN s.shingle_count <= :brief THEN s.article_id * :code + s.shingle_count END, ',')
        FROM article_shingles s
        WHERE s.week = :week AND s.hash IN (SELECT value FROM json_each(:given)) GROUP BY s.hash
    """),
    # As in `_at`, a subquery that is not taken apart.
    "postgresql": text("""
        SELECT found.hash, string_agg(found.code, ','),
            string_agg(CASE WHEN found.shingle_count <= :brief THEN found.code END, ',')
        FROM unnest(CAST(CAST(:given AS text) AS bigint[])) AS g (value) CROSS JOIN LATERAL (
            SELECT s.hash, s.shingle_count, CAST(s.article_id * :code + s.shingle_count AS text) AS code
            FROM article_shingles s WHERE s.week = :week AND s.hash = g.value OFFSET 0
        ) AS found GROUP BY found.hash
    """),
}
_OF_SOURCES = {
    "sqlite": text(
        _COUNT_OF_SOURCES.format(
            asked="SELECT json_extract(value, '$[0]') AS week, json_extract(value, '$[1]') AS hash,"
            " json_extract(value, '$[2]') AS source_id FROM json_each(:asked)"
        )
    ),
    "postgresql": text(
        _COUNT_OF_SOURCES.format(
            asked="SELECT CAST(value->>0 AS integer) AS week, CAST(value->>1 AS bigint) AS hash,"
            " CAST(value->>2 AS bigint) AS source_id FROM json_array_elements(CAST(:asked AS json))"
        )
    ),
}
