"""The search index in step with the articles: words added, replaced and forgotten, and what was missed caught up."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, delete, func, select, text

from models.search import postgres_search, sqlite_search
from models.tables import article_texts, articles
from pipeline.search_text import words
from pipeline.warehouse.batches import in_chunks

if TYPE_CHECKING:
    from pipeline.warehouse.follow_up import Written

CATCH_UP_BATCH = 200
"""Most articles whose texts are in memory at once."""

# PostgreSQL takes a tsvector of at most a megabyte, positions included.
_MAX_LEXEME_BYTES = 500_000
_MAX_WORDS = 50_000


class Document(NamedTuple):
    """What of an article is searched: a body, or the summary where no body is kept."""

    title: str
    body: str


def document_of(title: str | None, summary: str | None, body: str) -> Document:
    """Give what is searched of an article; the view `search_documents` gives the same."""
    return Document(title or "", body or summary or "")


def keep_searchable(connection: Connection, written: Sequence["Written"], _at: datetime) -> None:
    """Index articles that are new or have other words."""
    _index(connection, {one.article_id: document_of(one.title, one.summary, one.body) for one in written})


def forget(connection: Connection, ids: Sequence[int]) -> None:
    """Take articles out of the index; those that are not in it are left out."""
    if connection.dialect.name == "sqlite":
        _unindex_sqlite(connection, ids)
    for chunk in in_chunks(list(ids)):
        connection.execute(delete(postgres_search).where(postgres_search.c.article_id.in_(chunk)))


def catch_up(connection: Connection, limit: int) -> int:
    """Index up to `limit` articles that are missing or were indexed with other words; give how many there were.

    Articles that are gone are forgotten first. To do all, call it until it gives less than `limit`.
    """
    gone = (
        select(postgres_search.c.article_id)
        .outerjoin(articles, articles.c.id == postgres_search.c.article_id)
        .where(articles.c.id.is_(None))
        .limit(limit)
    )
    forget(connection, list(connection.execute(gone).scalars()))
    stale = (
        select(articles.c.id)
        .outerjoin(postgres_search, postgres_search.c.article_id == articles.c.id)
        .where(func.coalesce(postgres_search.c.content_hash, "") != articles.c.content_hash)
        .order_by(articles.c.id)
        .limit(limit)
    )
    ids = list(connection.execute(stale).scalars())
    for chunk in in_chunks(ids, CATCH_UP_BATCH):
        query = (
            select(articles.c.id, articles.c.title, articles.c.summary, article_texts.c.body)
            .join(article_texts, article_texts.c.article_id == articles.c.id)
            .where(articles.c.id.in_(chunk))
        )
        rows = connection.execute(query)
        _index(connection, {row.id: document_of(row.title, row.summary, row.body) for row in rows})
    return len(ids)


def _index(connection: Connection, documents: Mapping[int, Document]) -> None:
    hashes: dict[int, str] = {}
    for chunk in in_chunks(list(documents)):
        found = select(articles.c.id, articles.c.content_hash).where(articles.c.id.in_(chunk))
        hashes |= {row.id: row.content_hash for row in connection.execute(found)}
    # An article that was removed in the meantime has no hash, and no place in the index.
    documents = {article_id: document for article_id, document in documents.items() if article_id in hashes}
    if not documents:
        return
    index = _index_sqlite if connection.dialect.name == "sqlite" else _index_postgres
    index(connection, documents, hashes)


def _index_sqlite(connection: Connection, documents: Mapping[int, Document], hashes: Mapping[int, str]) -> None:
    _unindex_sqlite(connection, list(documents))
    connection.execute(
        text(f"INSERT INTO report_search(rowid, {_COLUMNS}) VALUES (:id, {_VALUES})"),  # noqa: S608  # constants
        [{"id": article_id, **_forms(document)} for article_id, document in documents.items()],
    )
    connection.execute(
        text("INSERT OR REPLACE INTO article_search (article_id, content_hash, document) VALUES (:id, :hash, :packed)"),
        [
            {"id": article_id, "hash": hashes[article_id], "packed": _pack(document)}
            for article_id, document in documents.items()
        ],
    )


def _unindex_sqlite(connection: Connection, ids: Sequence[int]) -> None:
    """Take words out of FTS5, which must be told exactly which it was given (sqlite.org/fts5.html, 6.4)."""
    table = sqlite_search
    for chunk in in_chunks(ids):
        known = connection.execute(select(table.c.article_id, table.c.document).where(table.c.article_id.in_(chunk)))
        forms = [{"id": row.article_id, **_forms(_unpack(row.document))} for row in known]
        if forms:
            connection.execute(
                text(f"INSERT INTO report_search(report_search, rowid, {_COLUMNS}) VALUES ('delete', :id, {_VALUES})"),  # noqa: S608  # constants
                forms,
            )


_NAMES = ("title", "body", "folded_title", "folded_body")
_COLUMNS = ", ".join(_NAMES)
_VALUES = ", ".join(f":{name}" for name in _NAMES)


def _forms(document: Document) -> dict[str, str]:
    title, body = words(document.title), words(document.body)
    exact, folded = itemgetter(0), itemgetter(1)
    return {
        "title": " ".join(map(exact, title)),
        "body": " ".join(map(exact, body)),
        "folded_title": " ".join(map(folded, title)),
        "folded_body": " ".join(map(folded, body)),
    }


def _pack(document: Document) -> bytes:
    return zlib.compress(f"{document.title}\x00{document.body}".encode(errors="surrogatepass"), 1)


def _unpack(packed: bytes) -> Document:
    title, _, body = zlib.decompress(packed).decode(errors="surrogatepass").partition("\x00")
    return Document(title, body)


def _index_postgres(connection: Connection, documents: Mapping[int, Document], hashes: Mapping[int, str]) -> None:
    connection.execute(
        text(
            "INSERT INTO article_search (article_id, content_hash, words) "
            "VALUES (:id, :hash, CAST(:words AS tsvector)) "
            "ON CONFLICT (article_id) DO UPDATE SET content_hash = excluded.content_hash, words = excluded.words"
        ),
        [
            {"id": article_id, "hash": hashes[article_id], "words": tsvector_of(document)}
            for article_id, document in documents.items()
        ],
    )


def tsvector_of(document: Document) -> str:
    """Write a document as PostgreSQL reads a tsvector.

    Folded words have their places, weighed A in the title; words with marks have none: a phrase is found by its folded
    words, and half the places are half the size.
    """
    title, body = words(document.title), words(document.body)[:_MAX_WORDS]
    places: dict[str, list[str]] = {}
    for at, word in enumerate(title, 1):
        places.setdefault(word.folded, []).append(f"{at}A")
    # A phrase does not run from the title into the body.
    for at, word in enumerate(body, len(title) + 2):
        places.setdefault(word.folded, []).append(str(at))
    marked = {word.exact for word in (*title, *body)}.difference(places)
    parts, room = [], _MAX_LEXEME_BYTES
    for lexeme, found in (*places.items(), *((word, ()) for word in marked)):
        room -= len(lexeme.encode()) + 2 * len(found) + 4
        if room < 0:
            break
        # No word has a quote or a backslash in it: they separate words.
        parts.append(f"'{lexeme}':{','.join(found[:255])}" if found else f"'{lexeme}'")
    return " ".join(parts)


def empty(connection: Connection) -> None:
    """Empty the index; `catch_up` fills it again."""
    connection.execute(delete(postgres_search))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO report_search(report_search) VALUES ('delete-all')"))
