"""Stories as rows: which row a story keeps, its counts and times, and its articles' `story_id`."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from models.tables import article_prints, articles, stories
from pipeline.stories.credit import Publication
from pipeline.warehouse.batches import in_chunks, insert_rows, update_by_key
from pipeline.warehouse.prints import as_given, given

# As in the condition of the index: SQLite does not see that `is_stale = 1` implies it, and would read the whole table.
_STALE = select(article_prints.c.article_id, article_prints.c.story_id).where(text("is_stale"))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article for its story's sake."""

    uid: str
    source_id: int
    at: datetime
    publication: Publication

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort by time, and by uid what has the same time."""
        return self.at, self.uid


@dataclass(frozen=True, slots=True)
class _Wanted:
    members: frozenset[int]
    values: dict[str, Any]


def put_stories(
    connection: Connection, groups: Sequence[frozenset[int]], facts: Mapping[int, Known], at: datetime
) -> None:
    """Write the stories of these groups of articles, all articles of their former stories being among them.

    A story keeps its row as long as it can: that of its first article, else that of most of its articles.
    """
    was = _story_of(connection, {key for group in groups for key in group})
    rows = _rows(connection, {key for key in was.values() if key is not None})
    wanted = sorted(
        (_Wanted(group, _values(group, facts)) for group in groups if len(group) > 1), key=lambda one: one.values["uid"]
    )
    claimed = _claim(wanted, rows, was)
    unclaimed = rows.keys() - claimed.values()
    for chunk in in_chunks(sorted(unclaimed)):
        connection.execute(delete(stories).where(stories.c.id.in_(chunk)))
    kept = {one.values["uid"]: rows.get(claimed.get(one.values["uid"], 0)) for one in wanted}
    _renew(connection, [(one, row) for one in wanted if (row := kept[one.values["uid"]]) is not None], was, at)
    story_of = _add(connection, [one for one in wanted if kept[one.values["uid"]] is None], at)
    story_of |= {uid: row.id for uid, row in kept.items() if row is not None}
    now = dict.fromkeys(was)
    for one in wanted:
        now |= dict.fromkeys(one.members, story_of[one.values["uid"]])
    _put_story_ids(connection, {key: now[key] for key in now if now[key] != was[key]}, at)


def write_stale(connection: Connection, at: datetime) -> None:
    """Give articles their `story_id` whose rows another process held when it was decided."""
    stale: dict[int, int | None] = dict(map(tuple, connection.execute(_STALE)))
    if stale:
        _set_stale(connection, write_story_ids(connection, stale, at), is_stale=False)


def write_story_ids(connection: Connection, story_of: Mapping[int, int | None], at: datetime) -> set[int]:
    """Set `story_id` of articles, but for rows that another process holds; give those that were set.

    That process may be waiting for us to get on with its own stories: to wait for it would never end.
    """
    wanted = given(connection.dialect.name)
    query = select(articles.c.id).join_from(wanted, articles, articles.c.id == wanted.c.value)
    query = query.with_for_update(of=articles, key_share=True, skip_locked=True)
    free = set(connection.execute(query, as_given(connection, story_of)).scalars())
    if free:
        statement = update(articles).where(articles.c.id == bindparam("of_id"))
        rows = [{"of_id": key, "to_story": story_of[key], "now": at} for key in sorted(free)]
        connection.execute(statement.values(story_id=bindparam("to_story"), updated_at=bindparam("now")), rows)
    return free


def _story_of(connection: Connection, article_ids: Collection[int]) -> dict[int, int | None]:
    wanted = given(connection.dialect.name)
    query = select(article_prints.c.article_id, article_prints.c.story_id)
    query = query.join_from(wanted, article_prints, article_prints.c.article_id == wanted.c.value)
    return {row.article_id: row.story_id for row in connection.execute(query, as_given(connection, article_ids))}


def _rows(connection: Connection, story_ids: Collection[int]) -> dict[int, Any]:
    if not story_ids:
        return {}
    wanted = given(connection.dialect.name)
    query = select(stories).join_from(wanted, stories, stories.c.id == wanted.c.value)
    return {row.id: row for row in connection.execute(query, as_given(connection, story_ids))}


def _values(group: Iterable[int], facts: Mapping[int, Known]) -> dict[str, Any]:
    members = sorted((facts[key] for key in group), key=lambda known: known.order)
    return {
        "uid": members[0].uid,
        "article_count": len(members),
        "source_count": len({known.source_id for known in members}),
        "first_at": members[0].at,
        "last_at": members[-1].at,
    }


def _claim(wanted: Sequence[_Wanted], rows: Mapping[int, Any], was: Mapping[int, int | None]) -> dict[str, int]:
    """Give each story the row that it keeps, by uid; the new ones have none."""
    by_uid = {row.uid: key for key, row in rows.items()}
    uids = {one.values["uid"] for one in wanted}
    claimed = {uid: by_uid[uid] for uid in uids & by_uid.keys()}
    taken = set(claimed.values())
    for one in wanted:
        if one.values["uid"] in claimed:
            continue
        counts = Counter(key for member in one.members if (key := was[member]) in rows and key not in taken)
        if counts:
            kept = min(counts, key=lambda key: (-counts[key], key or 0))
            claimed[one.values["uid"]] = kept  # type: ignore[assignment]  # keys of rows are whole numbers
            taken.add(kept)  # type: ignore[arg-type]
    return claimed


def _add(connection: Connection, wanted: Sequence[_Wanted], at: datetime) -> dict[str, int]:
    """Write rows for new stories; give their keys by uid."""
    found: dict[str, int] = {}
    insert_rows(connection, stories, [{**one.values, "updated_at": at} for one in wanted])
    for chunk in in_chunks([one.values["uid"] for one in wanted]):
        rows = connection.execute(select(stories.c.uid, stories.c.id).where(stories.c.uid.in_(chunk)))
        found |= {row.uid: row.id for row in rows}
    return found


def _renew(
    connection: Connection, kept: Sequence[tuple[_Wanted, Any]], was: Mapping[int, int | None], at: datetime
) -> None:
    """Write what is new in rows that stories keep."""
    rows = []
    for one, row in kept:
        has_other_articles = any(was[key] != row.id for key in one.members)
        if has_other_articles or any(row._mapping[name] != value for name, value in one.values.items()):
            rows.append({"of_key": row.id, **one.values, "updated_at": at})
    if rows:
        connection.execute(update_by_key(stories, tuple(rows[0])[1:]), rows)


def _put_story_ids(connection: Connection, story_of: Mapping[int, int | None], at: datetime) -> None:
    if not story_of:
        return
    statement = update(article_prints).where(article_prints.c.article_id == bindparam("of_id"))
    rows = [{"of_id": key, "story_id": story_id} for key, story_id in sorted(story_of.items())]
    connection.execute(statement.values(story_id=bindparam("story_id")), rows)
    written = write_story_ids(connection, story_of, at)
    _set_stale(connection, story_of.keys() - written, is_stale=True)


def _set_stale(connection: Connection, article_ids: Collection[int], *, is_stale: bool) -> None:
    for chunk in in_chunks(sorted(article_ids)):
        those = article_prints.c.article_id.in_(chunk)
        connection.execute(update(article_prints).where(those).values(is_stale=is_stale))
