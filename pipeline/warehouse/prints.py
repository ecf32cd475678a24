"""Fingerprints in SQL: what is known of a text without reading it, and its sampled runs by week."""

import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
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
    true,
    tuple_,
    update,
)

from models.tables import article_prints, article_shingles
from pipeline.stories.shingles import Text
from pipeline.stories.times import week_of
from pipeline.warehouse.batches import in_chunks, insert_ready, insert_rows

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
    details: frozenset[int]

    @property
    def week(self) -> int:
        """Give the week in which its samples lie."""
        return week_of(self.sought_on)

    @property
    def places(self) -> list[Place]:
        """Give where its samples lie."""
        return list(product((self.week,), self.samples))


def print_of(article_id: int, day: date, read: Text) -> Print:
    """Make the fingerprint of an article."""
    return Print(article_id, day, len(read.shingles), read.samples, read.details)


@cache
def given(dialect_name: str) -> Any:
    """Give a list of whole numbers as a table with the column `value`: one parameter, however long it is."""
    if dialect_name == "postgresql":
        numbers = func.unnest(cast(cast(bindparam("given"), String), ARRAY(BigInteger)))
        return numbers.table_valued("value").render_derived(name="given")
    return func.json_each(bindparam("given")).table_valued("value", name="given")


@cache
def given_rows(dialect_name: str, table: Any, column_name: str) -> Any:
    """Give a query for the rows of a table whose column has one of the numbers given, by an index of that column.

    Without statistics PostgreSQL takes a join for cheaper to read from the table's side, all rows of it; it does not
    take a subquery with an OFFSET apart.
    """
    wanted = given(dialect_name)
    is_given = table.c[column_name] == wanted.c.value
    if dialect_name != "postgresql":
        return select(table).join_from(wanted, table, is_given)
    found = select(table).where(is_given).offset(0).lateral("found")
    return select(found).select_from(wanted.join(found, true()))


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
    query = given_rows(connection.dialect.name, article_prints, "article_id")
    rows = connection.execute(query, as_given(connection, article_ids))
    return {
        row.article_id: Print(row.article_id, row.sought_on, row.shingle_count, *_unpacked(row.samples)) for row in rows
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
            "samples": _packed(one),
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


def drop_samples(connection: Connection, old: Iterable[Print]) -> set[Place]:
    """Take samples out; give the places where they were."""
    keys = sorted((*place, one.article_id) for one in old for place in one.places)
    for chunk in in_chunks(keys, 300):
        connection.execute(delete(article_shingles).where(tuple_(*article_shingles.primary_key.columns).in_(chunk)))
    return {key[:2] for key in keys}


def drop_prints(connection: Connection, article_ids: Collection[int]) -> None:
    """Delete fingerprints; their samples have been taken out."""
    for chunk in in_chunks(sorted(article_ids)):
        connection.execute(delete(article_prints).where(article_prints.c.article_id.in_(chunk)))


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


# Between the samples and the rest of the details: no run has this hash, but for one in 2**64.
_BORDER = 0


def _packed(one: Print) -> bytes:
    rest = one.details - one.samples
    numbers = [*sorted(one.samples), _BORDER, *sorted(rest)] if rest else sorted(one.samples)
    return struct.pack(f"<{len(numbers)}q", *numbers)


def _unpacked(packed: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """Give samples and details."""
    numbers = struct.unpack(f"<{len(packed) // 8}q", packed)
    if _BORDER not in numbers:
        return (samples := frozenset(numbers)), samples
    border = numbers.index(_BORDER)
    samples = frozenset(numbers[:border])
    return samples, samples.union(numbers[border + 1 :])
