"""What a rule set aside: kept whole until a person releases or discards it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from models.outcomes import Outcome
from models.states import RejectedState
from models.tables import rejected, sources
from pipeline.articles.stored import article_from_json, article_to_json
from pipeline.rejects import Objection
from pipeline.warehouse.batches import insert_missing
from pipeline.warehouse.claim import ClaimedPage, Scope
from pipeline.warehouse.identity import Address
from pipeline.warehouse.loadable import Loadable, Loaded


@dataclass(frozen=True, slots=True)
class Sought:
    """Which of the captures that were set aside are meant."""

    rule: str | None = None
    slug: str | None = None
    state: RejectedState | None = RejectedState.WAITING


def set_aside(
    connection: Connection, loadable: Loadable, objection: Objection, content_hash: str, at: datetime
) -> Loaded:
    """Keep a capture that breaks a rule; the same words of the same page are kept once."""
    page, article = loadable.page, loadable.article
    row = {
        "page_id": page.id,
        "source_id": page.source_id,
        "run_id": loadable.run_id,
        "fetch_id": loadable.fetch_id,
        "url": page.url,
        "title": article.title,
        "rule": objection.rule,
        "detail": objection.detail,
        "content": _content(loadable),
        "content_hash": content_hash,
        "extractor_version": loadable.extractor_version,
        "rejected_at": at,
    }
    connection.execute(insert_missing(connection, rejected, ["page_id", "content_hash"]), [row])
    return Loaded(Outcome.REJECTED, reason=str(objection))


def _content(loadable: Loadable) -> dict[str, Any]:
    return {
        "article": article_to_json(loadable.article),
        "addresses": [[address.url, address.role] for address in loadable.addresses],
        "first_seen_at": loadable.first_seen_at.isoformat(),
        "fetched_at": loadable.fetched_at.isoformat() if loadable.fetched_at else None,
        "guid": list(loadable.guid) if loadable.guid else None,
        "language": loadable.language,
    }


def released_rules(connection: Connection, page_id: int) -> set[str]:
    """Give the rules that a person has let a page break."""
    query = select(rejected.c.rule).where(rejected.c.page_id == page_id, rejected.c.state == RejectedState.RELEASED)
    return set(connection.execute(query).scalars())


def loadable_of(row: Any, page: ClaimedPage, scope: Scope) -> Loadable:
    """Give what was set aside as it would have been loaded; `row` is of `rejected`."""
    content = row.content
    guid = content["guid"]
    fetched_at = content["fetched_at"]
    return Loadable(
        page=page,
        article=article_from_json(content["article"]),
        addresses=tuple(Address(url, role) for url, role in content["addresses"]),
        fetch_id=row.fetch_id,
        extractor_version=row.extractor_version,
        first_seen_at=datetime.fromisoformat(content["first_seen_at"]),
        run_id=scope.run_id,
        fetched_at=datetime.fromisoformat(fetched_at) if fetched_at else None,
        language=content["language"],
        guid=(guid[0], guid[1]) if guid else None,
        is_released=True,
    )


def list_rejected(connection: Connection, sought: Sought, limit: int) -> list[Any]:
    """Give captures that were set aside with their source's slug, the newest first."""
    query = select(rejected, sources.c.slug).join(sources, sources.c.id == rejected.c.source_id)
    query = _meant(query, sought).order_by(rejected.c.rejected_at.desc(), rejected.c.id.desc()).limit(limit)
    return list(connection.execute(query))


def count_rejected(connection: Connection, sought: Sought) -> int:
    """Count captures that were set aside."""
    query = select(func.count()).select_from(rejected).join(sources, sources.c.id == rejected.c.source_id)
    return int(connection.execute(_meant(query, sought)).scalar_one())


def _meant(query: Any, sought: Sought) -> Any:
    if sought.rule is not None:
        query = query.where(rejected.c.rule == sought.rule)
    if sought.slug is not None:
        query = query.where(sources.c.slug == sought.slug)
    if sought.state is not None:
        query = query.where(rejected.c.state == sought.state)
    return query


def find_rejected(connection: Connection, ids: Sequence[int]) -> list[Any]:
    """Give captures that were set aside by their keys, with their source's slug."""
    query = select(rejected, sources.c.slug).join(sources, sources.c.id == rejected.c.source_id)
    return list(connection.execute(query.where(rejected.c.id.in_(list(ids))).order_by(rejected.c.id)))


def decide(connection: Connection, rejected_id: int, state: RejectedState, who: str, why: str, at: datetime) -> None:
    """Write what a person decided."""
    values = {"state": state, "decided_at": at, "decided_by": who, "decided_reason": why}
    connection.execute(update(rejected).where(rejected.c.id == rejected_id).values(**values))
