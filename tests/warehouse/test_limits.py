"""What the world sends is longer and odder than an index row or a column of PostgreSQL: it is stored all the same."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from fresh import bring_up
from newsroom import XML, Item, Newsroom, rss, source
from sqlalchemy import Connection, Engine, insert, select

from demo.site import LoopbackServer, Response
from models.engine import open_engine, reading, write
from models.tables import articles, entries, hosts, pages, sources, tags
from pipeline.warehouse.batches import insert_missing


def noise(length: int, letters: str = "abcdefghijklmnopqrstuvwxyz0123456789") -> str:
    """Make text that no index can compress."""
    dice = random.Random(length)
    return "".join(dice.choice(letters) for _ in range(length))


def test_entries_with_long_ids_and_addresses_are_stored_and_known_again(
    server: LoopbackServer, warehouse_url: str, tmp_path: Path
) -> None:
    site = server.site()
    paths = ["/" + noise(1_900), "/" + noise(200, "ấộữẫợặểễ"), "/news?" + noise(1_500)]
    items = [Item(site.url(path), f"Piece {n}", guid=noise(1_990, "ấộữẫợặểễ字報新聞")) for n, path in enumerate(paths)]
    items.append(Item(site.url("/plain"), "Plain", guid="plain"))
    site.pages["/rss"] = Response(200, XML, rss(items))
    # A feed that is not the same to the letter, so that its entries are looked up.
    again = rss([*items, Item(site.url("/later"), "Later", guid="later")])
    engine = open_engine(warehouse_url)
    bring_up(engine)
    newsroom = Newsroom(tmp_path, {"database_url": warehouse_url})
    first = newsroom.run(source("Ward", site.url("/rss")))
    site.pages["/rss"] = Response(200, XML, again)
    second = newsroom.run(source("Ward", site.url("/rss")))
    assert first.polls == second.polls == {"new_entries": 1}
    with reading(engine) as connection:
        assert connection.execute(select(entries.c.id).order_by(entries.c.id)).scalars().all() == [1, 2, 3, 4, 5]
        assert len(connection.execute(select(pages.c.id)).all()) == 5
    engine.dispose()


def test_the_longest_host_and_odd_characters_fit(engine: Engine) -> None:
    longest = ".".join(["a" * 63] * 3 + ["b" * 61]) + ":65535"

    def work(connection: Connection) -> None:
        connection.execute(insert(hosts).values(name=longest))
        connection.execute(insert(tags).values(name="\x00\x01\u200b\ufeff\U0001f4f0"))

    write(engine, work)
    with reading(engine) as connection:
        assert connection.execute(select(hosts.c.name)).scalar_one() == longest
        assert connection.execute(select(tags.c.name)).scalar_one() == "\x01\u200b\ufeff\U0001f4f0"


def test_writers_that_add_the_same_names_in_opposite_order_both_end_well(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    bring_up(engine)
    both_have_one = threading.Barrier(2)

    def add(names: tuple[str, str]) -> None:
        tries = 0

        def work(connection: Connection) -> None:
            nonlocal tries
            tries += 1
            for number, name in enumerate(names):
                connection.execute(insert_missing(connection, tags, ["name"]), [{"name": name}])
                if number == 0 and tries == 1:
                    both_have_one.wait(20)

        write(engine, work)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, [("harbour", "pier"), ("pier", "harbour")]))
    with reading(engine) as connection:
        assert connection.execute(select(tags.c.name).order_by(tags.c.name)).scalars().all() == ["harbour", "pier"]
    engine.dispose()


def test_instants_keep_their_microseconds_and_wall_times_their_seconds(engine: Engine) -> None:
    at = datetime(2026, 3, 4, 8, 15, 0, 123456, UTC)

    def work(connection: Connection) -> None:
        connection.execute(insert(sources).values(slug="ward", name="Ward", created_at=at))
        instants = dict.fromkeys(("first_seen_at", "first_loaded_at", "updated_at", "published_at"), at)
        needed = {"source_id": 1, "report_date": at.date(), "is_report_date_estimated": False, "provenance": {}}
        words = {"uid": "u", "url": "http://ward/x", "extractor_version": "1", "content_hash": "h"}
        connection.execute(
            insert(articles).values(published_local=at.replace(tzinfo=None), **instants, **needed, **words)
        )

    write(engine, work)
    with reading(engine) as connection:
        row = connection.execute(select(articles.c.published_at, articles.c.published_local)).one()
    assert row == (at, at.replace(tzinfo=None, microsecond=0))
