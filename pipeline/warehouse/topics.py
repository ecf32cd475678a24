"""Articles tagged with the topics of topics.yaml: at the load, and again, some at a time, after a rule has changed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select, update

from config.topics import TopicSpec
from models.tables import article_texts, article_topics, articles, topics
from pipeline.topics import Rule, TopicMatcher
from pipeline.warehouse.batches import in_chunks, insert_missing
from pipeline.warehouse.search_index import document_of

if TYPE_CHECKING:
    from pipeline.warehouse.follow_up import Written

# A phrase's words, as `pipeline.search_text` gives them, are part of the rule: raise it when they change.
_RULES_VERSION = 1


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new topics.yaml changed, by the topics' names."""

    added: list[str]
    changed: list[str]
    retired: list[str]


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic with the number of its articles; `behind`: articles not yet compared with the rule as it is now."""

    name: str
    phrases: list[str]
    exclusions: list[str]
    articles: int
    behind: int
    retired_at: datetime | None


def apply_topics(connection: Connection, wish: Sequence[TopicSpec], at: datetime) -> Changes:
    """Take over the rules of topics.yaml; articles are tagged anew by `tag_older`. What left the file is retired."""
    known = {row.name: row for row in connection.execute(select(topics))}
    changes = Changes([], [], [])
    for spec in wish:
        row, digest = known.get(spec.name), _digest(spec)
        values = {
            "phrases": list(spec.phrases),
            "exclusions": list(spec.exclusions),
            "digest": digest,
            "tagged_up_to_id": 0,
            "changed_at": at,
            "retired_at": None,
        }
        if row is None:
            connection.execute(insert_missing(connection, topics, ["name"]).values(name=spec.name, **values))
            changes.added.append(spec.name)
        elif row.digest != digest or row.retired_at is not None:
            connection.execute(update(topics).where(topics.c.id == row.id).values(**values))
            changes.changed.append(spec.name)
    gone = [name for name, row in known.items() if row.retired_at is None and name not in {s.name for s in wish}]
    for name in gone:
        connection.execute(update(topics).where(topics.c.name == name).values(retired_at=at))
    changes.retired.extend(gone)
    return changes


def tag(connection: Connection, written: Sequence["Written"], _at: datetime) -> None:
    """Tag articles that are new or have other words."""
    matcher = _matcher(connection)
    if matcher is None:
        return
    found = {one.article_id: matcher.match_forms(*one.searched) for one in written}
    _write(connection, found, None)


def tag_older(connection: Connection, limit: int) -> int:
    """Compare up to `limit` articles with rules that they were not compared with since they changed; give how many.

    To do all, call it until it gives 0; it goes on where it stopped.
    """
    active = _active(connection)
    last = connection.execute(select(func.max(articles.c.id))).scalar() or 0
    begin = min((row.tagged_up_to_id for row in active), default=last)
    if begin >= last:
        return 0
    query = (
        select(articles.c.id, articles.c.title, articles.c.summary, article_texts.c.body)
        .join(article_texts, article_texts.c.article_id == articles.c.id)
        .where(articles.c.id > begin)
        .order_by(articles.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    end = rows[-1].id if len(rows) == limit else last
    behind = [row for row in active if row.tagged_up_to_id < end]
    matcher = TopicMatcher({row.id: Rule(tuple(row.phrases), tuple(row.exclusions)) for row in behind})
    found = {row.id: matcher.match(*document_of(row.title, row.summary, row.body)) for row in rows}
    keys = [row.id for row in behind]
    _write(connection, found, keys)
    # A rule that changed meanwhile begins anew: its digest is another one.
    for row in behind:
        connection.execute(
            update(topics)
            .where(topics.c.id == row.id, topics.c.digest == row.digest, topics.c.tagged_up_to_id < end)
            .values(tagged_up_to_id=end)
        )
    return len(rows)


def list_topics(connection: Connection) -> list[TopicState]:
    """Give every topic by name, retired ones last."""
    counts: Mapping[int, int] = dict(
        connection.execute(select(article_topics.c.topic_id, func.count()).group_by(article_topics.c.topic_id))
        .tuples()
        .all()
    )
    query = select(topics).order_by(topics.c.retired_at.is_not(None), topics.c.name)
    states = []
    for row in connection.execute(query).all():
        waiting = select(func.count()).select_from(articles).where(articles.c.id > row.tagged_up_to_id)
        behind = 0 if row.retired_at else int(connection.execute(waiting).scalar_one())
        lists = (list(row.phrases), list(row.exclusions))
        states.append(TopicState(row.name, *lists, counts.get(row.id, 0), behind, row.retired_at))
    return states


def _digest(spec: TopicSpec) -> str:
    rule = [_RULES_VERSION, sorted(spec.phrases), sorted(spec.exclusions)]
    return hashlib.sha256(json.dumps(rule).encode()).hexdigest()


def _active(connection: Connection) -> list[Any]:
    return list(connection.execute(select(topics).where(topics.c.retired_at.is_(None)).order_by(topics.c.id)))


def _matcher(connection: Connection) -> TopicMatcher | None:
    """Give a matcher for today's rules, made again only when they have changed; None when there are none."""
    query = select(topics.c.id, topics.c.digest).where(topics.c.retired_at.is_(None)).order_by(topics.c.id)
    state = tuple((row.id, row.digest) for row in connection.execute(query))
    if not state:
        return None
    kept = _kept(state)
    if not kept:
        rules = {row.id: Rule(tuple(row.phrases), tuple(row.exclusions)) for row in _active(connection)}
        kept.append(TopicMatcher(rules))
    return kept[0]


@lru_cache(maxsize=4)
def _kept(_state: tuple[tuple[int, str], ...]) -> list[TopicMatcher]:
    """Give the place where the matcher of these rules is kept."""
    return []


def _write(connection: Connection, found: Mapping[int, Mapping[int, int]], keys: Sequence[int] | None) -> None:
    """Replace the topics of articles, those of `keys` only or all."""
    for chunk in in_chunks(list(found)):
        old = delete(article_topics).where(article_topics.c.article_id.in_(chunk))
        connection.execute(old if keys is None else old.where(article_topics.c.topic_id.in_(keys)))
    rows = [
        {"topic_id": topic, "article_id": article_id, "mentions": count}
        for article_id, mentions in found.items()
        for topic, count in mentions.items()
    ]
    if rows:
        connection.execute(insert_missing(connection, article_topics, ["topic_id", "article_id"]), rows)
