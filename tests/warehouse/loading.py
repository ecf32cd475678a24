"""Loading without fetching: pages of a made-up paper, and articles as an extractor gives them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsroom import Piece
from sqlalchemy import Connection, Engine, insert, select, text

from models.engine import reading, writing
from models.outcomes import Outcome
from models.tables import feeds, hosts, pages, runs, sources, warehouse
from pipeline.articles.article import Article
from pipeline.dates.moment import Moment
from pipeline.urls import url_key
from pipeline.warehouse import lease
from pipeline.warehouse.claim import Scope, read_page
from pipeline.warehouse.fetches import finish_page
from pipeline.warehouse.identity import Address
from pipeline.warehouse.load import Loadable, Loaded, load_articles
from pipeline.warehouse.rechecks import Look

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
HOURS = (1.0, 6.0, 24.0)


def article_of(seed: int, **changes: Any) -> Article:
    """An article whose words follow from `seed`."""
    piece = Piece(f"/{seed}", seed)
    made = Article(
        Outcome.LOADED,
        title=piece.headline,
        summary="What happened in the ward.",
        body="\n".join(piece.text),
        authors=("Ida Lindqvist",),
        tags=("ward", "harbour"),
        section="Town",
        section_path=("Town",),
        language="en",
        published=Moment.at(START - timedelta(hours=2), "json-ld"),
        provenance={"title": "h1", "body": "text", "published": "json-ld"},
    )
    return replace(made, **changes)


@dataclass
class Press:
    """A source in a warehouse, and a clock that tests move."""

    engine: Engine
    store: str = "full"
    slug: str = "ward"
    at: datetime = START
    version: str = "1"
    source_id: int = field(init=False)
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        with writing(self.engine) as connection:
            if connection.execute(select(warehouse.c.id)).first() is None:
                row = {"id": 1, "uid": "w", "newsroom_timezone": ZONE.key, "created_at": START}
                connection.execute(insert(warehouse).values(**row))
            said = {"slug": self.slug, "name": self.slug.title(), "created_at": START, "store": self.store}
            self.source_id = connection.execute(insert(sources).values(**said).returning(sources.c.id)).scalar_one()
            host = {"name": f"{self.slug}.example:443"}
            self._host_id = connection.execute(insert(hosts).values(**host).returning(hosts.c.id)).scalar_one()
            token = lease.acquire(connection, 3_600)
            run = {"kind": "ingest", "state": "running", "started_at": START, "counts": {}, "parameters": {}}
            run_id = connection.execute(insert(runs).values(**run).returning(runs.c.id)).scalar_one()
            feed = {"url": self.url("/rss"), "source_id": self.source_id, "host_id": self._host_id}
            self.feed_id = connection.execute(
                insert(feeds).values(**feed, next_poll_at=START).returning(feeds.c.id)
            ).scalar_one()
        self.scope = Scope(run_id, START, token)

    def url(self, path: str) -> str:
        return f"https://{self.slug}.example{path}"

    def load(self, path: str, article: Article, status: int = 200, **given: Any) -> Loaded:
        """Load one capture of a page and end its turn, as a run does."""
        return self.load_all((path, article), status=status, **given)[0]

    def load_all(self, *captures: tuple[str, Article], status: int = 200, **given: Any) -> list[Loaded]:
        """Load captures of several pages together."""
        with writing(self.engine) as connection:
            loadables = [self.loadable(connection, path, article, **given) for path, article in captures]
            loaded = load_articles(connection, loadables, ZONE, self.at)
            for loadable, one in zip(loadables, loaded, strict=True):
                if one.reread is None:
                    look = Look(one.outcome, one.reason, self.at, status, one.article_id)
                    self._end(connection, loadable.page.id, look)
        return loaded

    def loadable(self, connection: Connection, path: str, article: Article, **given: Any) -> Loadable:
        page = read_page(connection, self.page(connection, path))
        final = given.pop("final", path)
        addresses = [Address(page.url, "requested"), Address(self.url(final), "final")]
        if article.canonical_url:
            addresses.append(Address(article.canonical_url, "canonical"))
        made = {"fetch_id": None, "extractor_version": self.version, "first_seen_at": self.at}
        return Loadable(page, article, tuple(addresses), run_id=self.scope.run_id, **(made | given))

    def look(self, path: str, outcome: Outcome, status: int | None = None) -> None:
        """End a look at a page that brought no article."""
        with writing(self.engine) as connection:
            self._end(connection, self.page(connection, path), Look(outcome, f"{status or outcome}", self.at, status))

    def _end(self, connection: Connection, page_id: int, look: Look) -> None:
        connection.execute(
            text("UPDATE pages SET lease_token = :t WHERE id = :p"), {"t": self.scope.token, "p": page_id}
        )
        finish_page(connection, self.scope, read_page(connection, page_id), look, HOURS)

    def page(self, connection: Connection, path: str) -> int:
        """Give the key of a page, which is made when it is new."""
        key = url_key(self.url(path))
        known: int | None = connection.execute(select(pages.c.id).where(pages.c.url_key == key)).scalar()
        if known is not None:
            return known
        row = {"url_key": key, "url": self.url(path), "host_id": self._host_id, "source_id": self.source_id}
        statement = insert(pages).values(**row, queued_at=self.at, next_attempt_at=self.at).returning(pages.c.id)
        return int(connection.execute(statement).scalar_one())

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)

    def rows(self, sql: str, **parameters: Any) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(text(sql), parameters))

    def one(self, sql: str, **parameters: Any) -> Any:
        """Give the one value that a query has."""
        (row,) = self.rows(sql, **parameters)
        return row[0]
