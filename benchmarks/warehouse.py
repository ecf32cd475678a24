"""How the warehouse grows: loading, the analyst's questions and look-ups while it loads, on made-up articles.

    uv run python benchmarks/warehouse.py [--rows 1000000] [--database URL]

URL is an empty database (sqlite:///FILE or postgresql://…); default: a SQLite file in a temporary folder. Articles with
versions, people, tags, agencies, copies of each other, topics, search and stories go through the load of a real run
in batches of 500. The same texts go, batch by batch in turn, into one unindexed table of the same database by the
driver's own `executemany`: the barest loader there is. Both rates are of this process, wall clock; where the time of
the load goes is said beside. Then every question of docs/analysts.md is asked, warm, over 90 days and over all.
"""

import argparse
import multiprocessing
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, insert, select, text

from config.settings import load_settings
from config.topics import TopicSpec
from models.engine import open_engine, writing
from models.outcomes import Outcome
from models.schema import upgrade
from models.states import IngestedVia, PageState, Store
from models.tables import articles, daily_coverage, feeds, hosts, runs, section_groups, sources, warehouse
from pipeline.articles.article import EXTRACTOR_VERSION, Article
from pipeline.dates.moment import Moment
from pipeline.warehouse import follow_up
from pipeline.warehouse.claim import ClaimedPage
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.identity import Address
from pipeline.warehouse.load import Loadable, load_articles
from pipeline.warehouse.topics import apply_topics

BATCH = 500
WINDOW = 10_000
YEARS = 3
SOURCES = 40
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=365 * YEARS)
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "analysts.md"
SECTIONS = ("Thời sự", "Kinh tế", "Thế giới", "Thể thao", "Giáo dục", "Sức khỏe", "Văn hóa", "Công nghệ", "Bạn đọc")
AGENCIES = ("TTXVN", "Reuters", "AFP", "AP", "Xinhua")
HEADS = ["-", "b", "c", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "s", "t", "th", "tr"]
VOWELS = "aáàảạăắâấeếiíoóôốơuưứ"
SYLLABLES = [
    f"{head.strip('-')}{vowel}{tail}" for tail in ("", "n", "ng", "m", "t", "c") for head in HEADS for vowel in VOWELS
]
TOPICS = (TopicSpec("hạn mặn", ("xâm nhập mặn",)), TopicSpec("giá lúa", ("giá lúa", "rice price")))


class Newsroom:
    """Makes articles up, in the order of their publication; always the same ones."""

    def __init__(self, rows: int) -> None:
        """Let some words be common and most be rare, as in any language."""
        self.rows = rows
        self.luck = random.Random(7)  # noqa: S311  # the same articles each time
        self.recent: list[Article] = []
        self.weights = [1 / (place + 3) for place in range(len(SYLLABLES))]
        self.people = [" ".join(self.words(3)).title() for _ in range(2_000)]
        self.marks = ["xâm nhập mặn", "giá lúa", *(" ".join(self.words(2)) for _ in range(8_000))]
        self.mark_weights = [1 / (place + 5) for place in range(len(self.marks))]
        self.places = [" ".join(self.words(2)).title() for _ in range(60)]

    def words(self, count: int) -> list[str]:
        """Give words of running text."""
        return self.luck.choices(SYLLABLES, self.weights, k=count)

    def loadables(self) -> Iterator[Loadable]:
        """Give all articles."""
        for number in range(self.rows):
            at = FIRST + (LAST - FIRST) * (number / self.rows)
            yield self._loadable(number, at)

    def _loadable(self, number: int, at: datetime) -> Loadable:
        source = min(int(self.luck.expovariate(0.1)), SOURCES - 1) + 1
        url = f"https://paper-{source}.example/{at:%Y/%m}/tin-so-{number}.html"
        article = self._article(at.astimezone(ZONE))
        seen = at + timedelta(minutes=self.luck.randint(1, 30))
        page = _page(number + 1, source, url, seen)
        return Loadable(
            page=page,
            article=article,
            addresses=(Address(url, "requested"),),
            fetch_id=None,
            extractor_version=EXTRACTOR_VERSION,
            first_seen_at=seen,
            run_id=1,
            fetched_at=seen,
        )

    def _article(self, local: datetime) -> Article:
        luck = self.luck
        published = Moment.at(local.replace(second=0, microsecond=0), "json-ld") if luck.random() < 0.97 else None
        article = Article(
            Outcome.LOADED,
            title=" ".join(self.words(luck.randint(8, 14))).capitalize(),
            summary=" ".join(self.words(luck.randint(20, 35))).capitalize(),
            body=self._body(),
            authors=tuple(luck.choices(self.people, k=luck.choice((0, 1, 1, 1, 2)))),
            agencies=(luck.choice(AGENCIES),) if luck.random() < 0.2 else (),
            tags=tuple(luck.choices(self.marks, self.mark_weights, k=luck.randint(0, 7))),
            place=luck.choice(self.places) if luck.random() < 0.25 else None,
            section=luck.choice(SECTIONS),
            published=published,
            language="vi",
            kind="opinion" if luck.random() < 0.04 else "article",
            is_body_partial=luck.random() < 0.03,
            provenance={"title": "og", "published": "json-ld", "authors": "json-ld", "section": "breadcrumb"},
        )
        article = replace(article, section_path=("Trang chủ", article.section or ""))
        self.recent = [*self.recent[-200:], article]
        return article

    def _body(self) -> str:
        """Give a text of its own, or in one of eight the greater part of a recent one, as papers print the wires."""
        luck = self.luck
        if self.recent and luck.random() < 0.125:
            paragraphs = (luck.choice(self.recent).body or "").split("\n")
            kept = paragraphs[: max(2, int(len(paragraphs) * luck.uniform(0.5, 1)))]
            return "\n".join([*kept, " ".join(self.words(30))])
        words = self.words(max(60, int(luck.gauss(380, 160))))
        if luck.random() < 0.02:
            words[20:20] = ["xâm", "nhập", "mặn"]
        if luck.random() < 0.02:
            words[30:30] = ["Vietnam"]
        starts = range(0, len(words), 45)
        return "\n".join(" ".join(words[start : start + 45]).capitalize() + "." for start in starts)


def _page(key: int, source: int, url: str, seen: datetime, article_id: int | None = None) -> ClaimedPage:
    unknown: dict[str, Any] = dict.fromkeys(ClaimedPage.__dataclass_fields__)
    known = {
        "id": key,
        "host": f"paper-{source}.example:443",
        "url": url,
        "url_key": url.removeprefix("https://"),
        "state": PageState.FETCHED,
        "attempts": 1,
        "queued_at": seen,
        "ingested_via": IngestedVia.FEED,
        "source_id": source,
        "source_slug": f"paper-{source}",
        "source_name": f"Báo {source}",
        "store": Store.FULL,
        "is_archived": False,
        "rechecks": 0,
        "article_id": article_id,
    }
    return ClaimedPage(**(unknown | known))


def furnish(engine: Engine) -> None:
    """Write what is there before any article: papers, feeds, a run, topics, groups of sections, years of polls."""
    upgrade(engine)
    with writing(engine) as connection:
        own = {"id": 1, "uid": "0" * 32, "newsroom_timezone": ZONE.key, "created_at": FIRST}
        connection.execute(insert(warehouse).values(**own))
        run = {"kind": "ingest", "state": "running", "started_at": FIRST, "parameters": {}, "counts": {}}
        connection.execute(insert(runs).values(id=1, **run))
        connection.execute(insert(hosts).values(id=1, name="papers.example:443"))
        for number in range(1, SOURCES + 1):
            paper = {"slug": f"paper-{number}", "name": f"Báo {number}", "country": "VN" if number % 4 else "GB"}
            connection.execute(insert(sources).values(id=number, created_at=FIRST, is_own=number == 3, **paper))
            feed = {"source_id": number, "host_id": 1, "url": f"https://paper-{number}.example/rss"}
            connection.execute(insert(feeds).values(id=number, next_poll_at=FIRST, **feed))
        groups = [{"section": one, "name": "Trong nước" if one == "Bạn đọc" else one} for one in SECTIONS[:6]]
        connection.execute(insert(section_groups), groups)
        apply_topics(connection, TOPICS, FIRST)
        days = [FIRST.date() + timedelta(days=day) for day in range(365 * YEARS)]
        watched = {"polls": 96, "failed_polls": 1, "entries_new": 20, "longest_wait_seconds": 1800}
        rows = [{"feed_id": feed, "report_date": day, **watched} for feed in range(1, SOURCES + 1) for day in days]
        connection.execute(insert(daily_coverage), rows)
        connection.execute(text("CREATE TABLE bare (url text, title text, summary text, body text)"))


@dataclass(slots=True)
class Clock:
    """Adds up wall and CPU seconds by what they were spent on, and the wall seconds of each batch."""

    spent: dict[str, tuple[float, float]] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Do the work and note how long it took."""
        began, busy = time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            wall, cpu = self.spent.get(name, (0.0, 0.0))
            self.spent[name] = wall + time.perf_counter() - began, cpu + time.process_time() - busy


def load_all(engine: Engine, rows: int, clock: Clock, at_the_end: Callable[[], None]) -> None:
    """Load everything, the real way and the bare one in turn; calls `at_the_end` before the last window."""
    made, done = Newsroom(rows).loadables(), 0
    last = (rows - min(WINDOW, rows // 2)) // BATCH * BATCH
    while batch := list(islice(made, BATCH)):
        if done == last:
            at_the_end()
        began = time.perf_counter()
        clock.time("all of a load", lambda batch=batch: _load(engine, batch, clock))  # type: ignore[misc]  # bound now
        clock.loads.append(time.perf_counter() - began)
        began = time.perf_counter()
        clock.time("bare", lambda batch=batch: _load_bare(engine, batch))  # type: ignore[misc]  # bound now
        clock.bare.append(time.perf_counter() - began)
        done += len(batch)
        if done % WINDOW == 0:
            print(f"{done:>9,}  {_rate(clock.loads[-WINDOW // BATCH :]):>7,.0f}/s", flush=True)


def _load(engine: Engine, batch: Sequence[Loadable], clock: Clock) -> None:
    at = batch[-1].first_seen_at + timedelta(minutes=1)
    with writing(engine) as connection:
        loaded = clock.time("articles", lambda: load_articles(connection, batch, ZONE, at))
        assert {one.outcome for one in loaded} <= {Outcome.LOADED, Outcome.REJECTED}, loaded
        written = [one.written for one in loaded if one.written is not None]
        again = _edited(connection, batch, written, at)
        if again:
            clock.time("versions", lambda: load_articles(connection, again, ZONE, at + timedelta(minutes=30)))
        _follow(connection, written, at, clock)


def _edited(
    connection: Connection, batch: Sequence[Loadable], written: Sequence[Written], at: datetime
) -> list[Loadable]:
    """Give three of a hundred articles with another headline and one paragraph more."""
    if not written:
        return []
    chosen = {one.article_id for one in written[::33]}
    rows = connection.execute(select(articles.c.id, articles.c.url).where(articles.c.id.in_(chosen)))
    by_url = {row.url: row.id for row in rows}
    found = [one for one in batch if one.page.url in by_url]
    return [
        replace(
            one,
            page=replace(one.page, article_id=by_url[one.page.url]),
            article=replace(one.article, title=f"Cập nhật: {one.article.title}", body=f"{one.article.body}\nThêm."),
            fetched_at=at,
        )
        for one in found
    ]


def _follow(connection: Connection, written: Sequence[Written], at: datetime, clock: Clock) -> None:
    for step in follow_up.STEPS:
        clock.time(step.__name__, lambda step=step: step(connection, written, at))  # type: ignore[misc]  # bound now


def _load_bare(engine: Engine, batch: Sequence[Loadable]) -> None:
    rows = [(one.page.url, one.article.title, one.article.summary, one.article.body) for one in batch]
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    with writing(engine) as connection:
        cursor: Any = connection.connection.cursor()
        cursor.executemany(f"INSERT INTO bare VALUES ({mark}, {mark}, {mark}, {mark})", rows)  # noqa: S608  # marks


def _rate(seconds: Sequence[float]) -> float:
    return BATCH * len(seconds) / sum(seconds)


class Prober:
    """Looks single articles up in a process of its own, as fast as it can, until it is told to stop."""

    def __init__(self, url: str, rows: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop: Event = context.Event()
        self._ready: Event = context.Event()
        self._found: Any = context.Queue()
        given = (url, rows, self._ready, self._stop, self._found)
        self._process = context.Process(target=probe, args=given)

    def start(self) -> None:
        """Begin, and wait until the first look-up is done."""
        self._process.start()
        self._ready.wait()

    def end(self) -> list[float]:
        """Stop, and give the milliseconds of every look-up."""
        self._stop.set()
        found: list[float] = self._found.get()
        self._process.join()
        return found


def probe(url: str, rows: int, ready: Event, stop: Event, found: Any) -> None:
    """Look articles up by key through report_articles."""
    engine, took, luck = open_engine(url), [], random.Random(1)  # noqa: S311  # which rows does not matter
    query = text("SELECT * FROM report_articles WHERE article_id = :key")
    with engine.connect().execution_options(is_reader=True, isolation_level="AUTOCOMMIT") as connection:
        while not stop.is_set():
            began = time.perf_counter()
            connection.execute(query, {"key": luck.randint(1, rows)}).all()
            took.append((time.perf_counter() - began) * 1000)
            ready.set()
            time.sleep(0.002)
    engine.dispose()
    found.put(took)


def p99(milliseconds: Sequence[float]) -> float:
    """Give what one look-up in a hundred exceeds."""
    return statistics.quantiles(milliseconds, n=100)[98]


def questions(dialect: str) -> dict[int, str]:
    """Give the SQL of the analyst's guide for this database."""
    found = {}
    for number, told in re.findall(r"^### (\d+)\. .*?$(.*?)(?=^#|\Z)", GUIDE.read_text(), re.MULTILINE | re.DOTALL):
        blocks = re.findall(r"^```sql ?(\w*)\n(.*?)^```", told, re.MULTILINE | re.DOTALL)
        found[int(number)] = next(sql for database, sql in blocks if database in ("", dialect))
    return found


def over(sql: str, since: date, until: date) -> str:
    """Put other days into a question."""
    sql = re.sub(r">= '\d{4}-\d\d-\d\d'", f">= '{since}'", sql)
    return re.sub(r"< '\d{4}-\d\d-\d\d'", f"< '{until}'", sql)


def ask_all(engine: Engine, since: date, until: date) -> dict[int, tuple[float, int]]:
    """Give each question's best time of three in milliseconds, and its rows."""
    took: dict[int, tuple[float, int]] = {}
    with engine.connect().execution_options(is_reader=True) as connection:
        for number, sql in questions(engine.dialect.name).items():
            best, count = float("inf"), 0
            for _ in range(3):
                began = time.perf_counter()
                found = connection.exec_driver_sql(over(sql, since, until), execution_options={"no_parameters": True})
                count = len(found.all())
                best = min(best, (time.perf_counter() - began) * 1000)
            took[number] = best, count
    return took


def tidy(engine: Engine) -> None:
    """Do what the nightly `maintain` and PostgreSQL's autovacuum do."""
    chore = "VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "PRAGMA optimize"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else chore)


def sizes(engine: Engine) -> dict[str, int]:
    """Give the bytes of the warehouse's greatest tables and indexes, and of the bare table."""
    if engine.dialect.name == "postgresql":
        query = (
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 15"
        )
    else:
        query = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 25"
    with engine.connect().execution_options(is_reader=True) as connection:
        return {row[0]: int(row[1]) for row in connection.exec_driver_sql(query)}


def tell(engine: Engine, url: str, rows: int, clock: Clock, during: list[float]) -> None:
    """Print all that was measured."""
    window = min(WINDOW, rows // 2) // BATCH
    first, last = _rate(clock.loads[:window]), _rate(clock.loads[-window:])
    whole, bare = _rate(clock.loads), _rate(clock.bare)
    print(
        f"load {whole:,.0f}/s, bare {bare:,.0f}/s: {whole / bare:.3f} of it; first {first:,.0f}/s, last {last:,.0f}/s:"
    )
    print(f"    the end is {last / first:.2f} of the beginning")
    for name, (wall, cpu) in sorted(clock.spent.items(), key=lambda one: -one[1][0]):
        print(
            f"    {name:<16} {wall / rows * 1e6:>7,.0f} µs an article, {cpu / rows * 1e6:>7,.0f} of CPU in this process"
        )
    prober = Prober(url, rows)
    prober.start()
    time.sleep(5)
    idle = prober.end()
    print(f"look-up p99: {p99(idle):.2f} ms, while it loads {p99(during):.2f} ms: {p99(during) / p99(idle):.1f} times")
    for name, size in sizes(engine).items():
        print(f"    {name:<40} {size / rows:>8,.0f} bytes an article")
    until = LAST.date() + timedelta(days=1)
    recent, everything = ask_all(engine, until - timedelta(days=90), until), ask_all(engine, FIRST.date(), until)
    print("question   90 days ms   rows      all ms   rows")
    for number, (took, count) in recent.items():
        print(f"{number:>8} {took:>12,.1f} {count:>6,} {everything[number][0]:>11,.1f} {everything[number][1]:>6,}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", help="An empty database; default: a SQLite file in a temporary folder.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="khotin-warehouse-") as folder:
        url = load_settings(database_url=given.database or f"sqlite:///{folder}/khotin.db").warehouse_url
        engine, clock = open_engine(url), Clock()
        furnish(engine)
        prober = Prober(url, max(given.rows // 2, 1))
        load_all(engine, given.rows, clock, prober.start)
        during = prober.end()
        tidy(engine)
        tell(engine, url, given.rows, clock, during)
        engine.dispose()


if __name__ == "__main__":
    main()
