"""The search index in step with the articles: words added, replaced and forgotten, and what was missed caught up."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text

from models.search import postgres_search, sqlite_search
from models.tables import article_texts, articles
from pipeline.deflate import pack
from pipeline.search_text import Forms, forms
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


class Searched(NamedTuple):
    """The words of a document."""

    title: Forms
    body: Forms


def searched(document: Document) -> Searched:
    """Give the words by which a document is found."""
    return Searched(forms(document.title), forms(document.body))


def document_of(title: str | None, summary: str | None, body: str) -> Document:
    """Give what is searched of an article; the view `search_documents` gives the same."""
    return Document(title or "", body or summary or "")


def keep_searchable(connection: Connection, written: Sequence["Written"], _at: datetime) -> None:
    """Index articles that are new or have other words."""
    documents = {one.article_id: document_of(one.title, one.summary, one.body) for one in written}
    _index(connection, documents, {one.article_id: one.searched for one in written})


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
        documents = {row.id: document_of(row.title, row.summary, row.body) for row in rows}
        _index(connection, documents, {article_id: searched(one) for article_id, one in documents.items()})
    return len(ids)


def _index(connection: Connection, documents: Mapping[int, Document], found: Mapping[int, Searched]) -> None:
    hashes: dict[int, str] = {}
    for chunk in in_chunks(list(documents)):
        hashes |= {row.id: row.content_hash for row in connection.execute(_HASHES, {"ids": chunk})}
    # An article that was removed in the meantime has no hash, and no place in the index.
    if not hashes:
        return
    if connection.dialect.name != "sqlite":
        rows = [(article_id, one, tsvector_of(found[article_id])) for article_id, one in hashes.items()]
        connection.execute(_ADD_POSTGRES, [dict(zip(("id", "hash", "words"), row, strict=True)) for row in rows])
        return
    _unindex_sqlite(connection, list(hashes))
    _run_clean(connection, _ADD_WORDS, [(article_id, *_forms(found[article_id])) for article_id in hashes])
    kept = [(article_id, one, _pack(documents[article_id])) for article_id, one in hashes.items()]
    _run_clean(connection, _ADD_SQLITE, kept)


def _unindex_sqlite(connection: Connection, ids: Sequence[int]) -> None:
    """Take words out of FTS5, which must be told exactly which it was given (sqlite.org/fts5.html, 6.4)."""
    for chunk in in_chunks(ids):
        known = connection.execute(_KNOWN, {"ids": chunk})
        _run_clean(
            connection, _TAKE_WORDS, [(row.article_id, *_forms(searched(_unpack(row.document)))) for row in known]
        )


def _run_clean(connection: Connection, sql: str, rows: list[tuple[Any, ...]]) -> None:
    """Run a statement with values without a NUL: it separates words, and what is packed is bytes."""
    if rows:
        connection.exec_driver_sql(sql, rows, execution_options={"has_no_nul": True})


def _forms(found: Searched) -> tuple[str, str, str, str]:
    return found.title.exact, found.body.exact, found.title.folded, found.body.folded


_COLUMNS = "title, body, folded_title, folded_body"
_ADD_WORDS = f"INSERT INTO report_search(rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # constants
_TAKE_WORDS = f"INSERT INTO report_search(report_search, rowid, {_COLUMNS}) VALUES ('delete', ?, ?, ?, ?, ?)"  # noqa: S608  # constants
_ADD_SQLITE = "INSERT OR REPLACE INTO article_search (article_id, content_hash, document) VALUES (?, ?, ?)"
_ADD_POSTGRES = text(
    "INSERT INTO article_search (article_id, content_hash, words) VALUES (:id, :hash, CAST(:words AS tsvector)) "
    "ON CONFLICT (article_id) DO UPDATE SET content_hash = excluded.content_hash, words = excluded.words"
)
_HASHES = select(articles.c.id, articles.c.content_hash).where(articles.c.id.in_(bindparam("ids", expanding=True)))
_KNOWN = select(sqlite_search.c.article_id, sqlite_search.c.document).where(
    sqlite_search.c.article_id.in_(bindparam("ids", expanding=True))
)


def _pack(document: Document) -> bytes:
    return pack(f"{document.title}\x00{document.body}".encode(errors="surrogatepass"))


def _unpack(packed: bytes) -> Document:
    title, _, body = zlib.decompress(packed).decode(errors="surrogatepass").partition("\x00")
    return Document(title, body)


def tsvector_of(found: Searched) -> str:
    """Write a document's words as PostgreSQL reads a tsvector.

    Folded words have their places, weighed A in the title; words with marks have none: a phrase is found by its folded
    words, and half the places are half the size.
    """
    title, body = (one.folded.split(" ") if one.folded else [] for one in found)
    body = body[:_MAX_WORDS]
    places: dict[str, list[str]] = {}
    for at, word in enumerate(title, 1):
        places.setdefault(word, []).append(f"{at}A")
    # A phrase does not run from the title into the body.
    for at, word in enumerate(body, len(title) + 2):
        places.setdefault(word, []).append(str(at))
    exact = found.title.exact.split(" ") + found.body.exact.split(" ")[:_MAX_WORDS]
    marked = set(filter(None, exact)).difference(places)
    parts, room = [], _MAX_LEXEME_BYTES
    for lexeme, there in (*places.items(), *((word, ()) for word in marked)):
        room -= len(lexeme.encode()) + 2 * len(there) + 4
        if room < 0:
            break
        # No word has a quote or a backslash in it: they separate words.
        parts.append(f"'{lexeme}':{','.join(there[:255])}" if there else f"'{lexeme}'")
    return " ".join(parts)


def empty(connection: Connection) -> None:
    """Empty the index; `catch_up` fills it again."""
    connection.execute(delete(postgres_search))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO report_search(report_search) VALUES ('delete-all')"))
