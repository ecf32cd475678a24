"""Whole runs on both databases: the same rows from the same sites, and two runs at once that share the work."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from fresh import bring_up
from newsroom import XML, Item, Newsroom, Piece, needs_many_hosts, rss, source
from sqlalchemy import Engine, text

from config.feeds_file import read_feeds_file
from config.settings import Settings
from demo.content import publishers
from demo.server import DemoServer
from demo.site import LoopbackServer, Response
from models.engine import open_engine, reading, writing
from pipeline.ingest import ingest
from pipeline.plan import Plan, Report
from pipeline.warehouse.opening import open_warehouse

# What must not depend on the database: no keys, no instants of this very run.
THE_SAME = {
    "articles": """SELECT r.uid, source, source_name, r.url, r.title, summary, authors, agencies, place, section,
        section_path, tags, r.language, kind, published_at, published_on, published_local, published_hour,
        published_precision, published_signal, report_date, is_report_date_estimated, publisher_modified_at,
        word_count, char_count, version_number, image_url, is_paywalled, is_body_partial, extractor_version, body
        FROM report_articles r JOIN report_texts USING (article_id) ORDER BY r.uid""",
    "entries": """SELECT f.url, e.guid, e.url, e.title, e.summary, e.authors, e.categories, e.enclosures,
        e.published_at, e.published_on, e.published_local, e.content_hash, e.outcome, e.reason
        FROM entries e JOIN feeds f ON f.id = e.feed_id ORDER BY f.url, e.guid, e.url""",
    "pages": "SELECT url_key, url, state, outcome, reason, attempts, etag, lease_token FROM pages ORDER BY url_key",
    "ledger": "SELECT run_id, guid, entry_url, outcome, reason FROM report_ledger ORDER BY run_id, guid, entry_url",
    "addresses": "SELECT url_key, url, role FROM article_urls ORDER BY url_key",
    "fetches": "SELECT url, outcome, status, bytes, charset, redirects, digest FROM fetches ORDER BY url, run_id",
    "versions": "SELECT version_number, cause, title, body, changed_fields, content_hash FROM article_versions",
    "feeds": "SELECT url, title, state, etag, last_modified, body_hash, failures, last_outcome FROM feeds ORDER BY url",
    "sources": "SELECT source, feeds, articles, last_published_at FROM report_sources ORDER BY source",
    "runs": "SELECT id, kind, state, parameters, counts FROM runs ORDER BY id",
    "archives": "SELECT state FROM archives",
    "leases": "SELECT token FROM leases",
}


def said(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Read everything that must be the same, as text without the databases' own spellings."""
    with reading(engine) as connection:
        return {
            name: sorted((tuple(map(plain, row)) for row in connection.execute(text(sql))), key=str)
            for name, sql in THE_SAME.items()
        }


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else f"{value:%Y-%m-%dT%H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("[", "{"):
        value = json.loads(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    if isinstance(value, str) and value[10:11] == "T" and value.endswith(".000000Z"):
        return value.removesuffix(".000000Z") + "Z"
    return int(value) if isinstance(value, bool) else value


def prepare(url: str) -> None:
    engine = open_engine(url)
    bring_up(engine)
    engine.dispose()


def run_demo(url: str, folder: Path, server: DemoServer) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    feeds = folder / "feeds.yaml"
    feeds.write_text(server.feeds_yaml(), encoding="utf-8")
    settings = Newsroom(folder, {"database_url": url, "timezone": "Asia/Ho_Chi_Minh"}).settings
    opened = open_warehouse(settings, creates=True)
    try:
        plan = Plan(read_feeds_file(feeds), ignores_schedule=True)
        report = ingest(plan, opened.engine, settings, zone=opened.timezone)
        return report, said(opened.engine)
    finally:
        opened.engine.dispose()


def test_the_demo_gives_the_same_rows_on_sqlite_and_postgresql(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    places = {sqlite_url: tmp_path / "one", postgres_url: tmp_path / "other"}
    for url in places:
        prepare(url)
    ports: dict[str, int] = {}
    for edition in (1, 2):
        with DemoServer(edition, ports or dict.fromkeys(slugs(), 0)) as server:
            ports = {slug: site.port for slug, site in server.sites.items()}
            (one, on_sqlite), (other, on_postgres) = (run_demo(url, place, server) for url, place in places.items())
        assert replace(one, run_id=other.run_id) == other
        assert one.entries["loaded" if edition == 1 else "updated"] > 0
        for name in THE_SAME:
            assert on_postgres[name] == on_sqlite[name], name


def slugs() -> list[str]:
    return [publisher.slug for publisher in publishers()]


def run_twice_at_once(url: str, settings: Settings) -> list[Report]:
    """Let two runs begin their first turn at the same moment."""
    both_are_ready = threading.Barrier(2)

    def run(_number: int) -> Report:
        has_begun = False

        def step(name: str, work: Callable[[], Any]) -> Any:
            nonlocal has_begun
            if name == "batch" and not has_begun:
                has_begun = True
                both_are_ready.wait(60)
            return work()

        own = open_engine(url)
        try:
            return ingest(Plan(None), own, settings, step=step)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, range(2)))


@needs_many_hosts
def test_two_runs_at_once_on_postgresql_fetch_no_page_twice_and_respect_every_host(
    server: LoopbackServer, postgres_url: str, tmp_path: Path
) -> None:
    # More hosts than one turn takes in hand.
    hosts, pieces, delay = 60, 2, 0.1
    sites, sources, told = [], [], []
    for number in range(hosts):
        site = server.site(f"127.47.{number}.7")
        made = [Piece(f"/town/story-{number}-{part}-of-the-ward", number * 10 + part) for part in range(pieces)]
        site.pages |= {piece.path: replace(piece.page, delay=delay) for piece in made}
        told += [Item(site.url(piece.path), piece.headline, guid=f"{number}-{piece.path}") for piece in made]
        sites.append(site)
    desk = server.site("127.46.0.7")
    desk.pages["/rss"] = Response(200, XML, rss(told))
    sources.append(source("Wards", desk.url("/rss")))
    prepare(postgres_url)
    # The first run polls; then all its pages wait again, and two runs share them.
    newsroom = Newsroom(tmp_path, {"database_url": postgres_url, "host_connections": 1})
    newsroom.run(*sources)
    engine = open_engine(postgres_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE pages SET state = 'queued', next_attempt_at = queued_at, attempts = 0"))
    for site in sites:
        site.requests.clear()

    reports = run_twice_at_once(postgres_url, newsroom.settings)

    assert all(report.is_complete for report in reports)
    asked = Counter(request.target for site in sites for request in site.requests if request.path != "/robots.txt")
    assert len(asked) == hosts * pieces
    assert set(asked.values()) == {1}
    for site in sites:
        at = sorted(request.at for request in site.requests if request.path != "/robots.txt")
        assert all(later - earlier >= delay for earlier, later in pairwise(at))
    with reading(engine) as connection:
        shares = connection.execute(text("SELECT run_id, count(*) FROM fetches WHERE run_id > 1 GROUP BY 1")).all()
        left = connection.execute(text("SELECT count(*) FROM pages WHERE state <> 'done' OR lease_token IS NOT NULL"))
        assert left.scalar() == 0
        held = connection.execute(text("SELECT count(*) FROM hosts WHERE lease_token IS NOT NULL")).scalar()
    engine.dispose()
    assert held == 0
    assert sum(count for _, count in shares) == hosts * pieces
    assert len(shares) == 2
