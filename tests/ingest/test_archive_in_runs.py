"""The archive that runs write: revisits, rotation, what a source's rights allow, and a store far away."""

import io
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from newsroom import HTML, Newsroom, Piece, environment, feeds_yaml, in_turn, serve_feed, source
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from warcio.archiveiterator import ArchiveIterator
from zygote import Zygote

from demo.site import LoopbackServer, Response
from models.engine import open_engine, reading
from pipeline.pages.places import Store, place_at
from pipeline.storeroom import Storeroom
from pipeline.verify import verify
from pipeline.warehouse.claim import captures_of

PIECE = Piece("/town/a-story-of-the-ward", 1)
AGAIN = "UPDATE pages SET state = 'queued', attempts = 0, next_attempt_at = '2026-01-01T00:00:00.000000Z'"


def records(file: io.IOBase) -> list[tuple[str, str]]:
    """Read a WARC file with warcio, bodies included; give the type and digest of every record."""
    found = []
    for record in ArchiveIterator(file):
        record.content_stream().read()
        found.append((record.rec_type, record.rec_headers.get_header("WARC-Payload-Digest") or ""))
    return found


def files(folder: Path) -> list[list[str]]:
    """Give the types of the records of every file in a folder, oldest file first."""
    every = []
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as file:
            every.append([kind for kind, _ in records(file)])
    return every


@pytest.fixture
def engine(newsroom: Newsroom) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{newsroom.folder / 'khotin.db'}")
    yield opened
    opened.dispose()


def body_of(newsroom: Newsroom, engine: Engine, fetch_id: int) -> bytes:
    """Read a capture back as a run does."""
    with reading(engine) as connection:
        rows = captures_of(connection, [fetch_id])
    row = rows[fetch_id]
    with Storeroom(engine, newsroom.settings) as storeroom:
        return storeroom.read(row, rows.get(row.original_fetch_id)).body


def assert_sound(newsroom: Newsroom, engine: Engine) -> None:
    with reading(engine) as connection:
        verdict = verify(connection, newsroom.folder)
    assert (verdict.lost, verdict.missing_files, verdict.problems) == ([], [], [])


def stated(folder: Path, kind: str, *names: str) -> list[tuple[str, ...]]:
    """Give some WARC headers of all records of a kind."""
    found = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            heads = [record.rec_headers for record in ArchiveIterator(file) if record.rec_type == kind]
        found += [tuple(head.get_header(f"WARC-{name}") for name in names) for head in heads]
    return found


def test_the_same_body_again_is_a_revisit_that_reads_back_whole(
    server: LoopbackServer, newsroom: Newsroom, engine: Engine
) -> None:
    site = server.site()
    other, changed = Piece("/town/another-story", 2), Piece("/town/another-story", 3)
    feed = serve_feed(site, [PIECE, other])
    newsroom.run(source("Ward", feed))
    newsroom.write(AGAIN)
    site.pages[other.path] = changed.page
    newsroom.run(source("Ward", feed))

    fetched = newsroom.rows("SELECT url, id, original_fetch_id, digest FROM fetches ORDER BY id")
    (first, second), others = (
        [row for row in fetched if (row.url == site.url(PIECE.path)) is is_same] for is_same in (True, False)
    )
    assert (first.original_fetch_id, second.original_fetch_id) == (None, first.id)
    assert [row.original_fetch_id for row in others] == [None, None]
    archive = newsroom.folder / "archive"
    assert sorted(kind for kinds in files(archive) for kind in kinds if kind in {"response", "revisit"}) == [
        *["response"] * 3,
        "revisit",
    ]
    refers = stated(archive, "revisit", "Refers-To-Target-URI", "Refers-To-Date", "Payload-Digest")
    assert refers[0] in stated(archive, "response", "Target-URI", "Date", "Payload-Digest")
    bodies = {row.id: body_of(newsroom, engine, row.id) for row in (first, second, *others)}
    assert bodies == {
        first.id: PIECE.html,
        second.id: PIECE.html,
        others[0].id: other.html,
        others[1].id: changed.html,
    }
    assert_sound(newsroom, engine)

    # A run that was killed after the revisit: the next one extracts the page without another fetch.
    newsroom.write(AGAIN.replace("'queued'", "'fetched', article_id = NULL"))
    for table in ("article_urls", "article_authors", "article_texts", "article_versions", "articles"):
        newsroom.write(f"DELETE FROM {table}")
    asked = len(site.requests)
    newsroom.run(source("Ward", feed))
    assert sorted(newsroom.column("SELECT title FROM articles")) == sorted([PIECE.headline, changed.headline])
    assert [request.path for request in site.requests[asked:]] == ["/feed.xml"]


def test_files_in_any_folder_are_closed_at_their_size_and_another_is_begun(
    server: LoopbackServer, newsroom: Newsroom, engine: Engine, tmp_path: Path
) -> None:
    newsroom.overrides |= {"archive_max_bytes": 1_000_000, "archive_url": str(tmp_path / "elsewhere")}
    site = server.site()
    pieces = [Piece(f"/town/story-{number}-of-the-ward", number) for number in range(6)]
    feed = serve_feed(site, pieces)
    for piece in pieces:
        noise = f"<!-- {os.urandom(400_000).hex()} -->".encode()
        site.pages[piece.path] = Response(200, HTML, piece.html + noise)
    newsroom.run(source("Ward", feed))
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"] * 6
    counts = [kinds.count("response") for kinds in files(tmp_path / "elsewhere")]
    assert len(counts) > 1
    assert sum(counts) == 6
    assert newsroom.rows("SELECT DISTINCT state, place FROM archives") == [("closed", str(tmp_path / "elsewhere"))]
    assert_sound(newsroom, engine)


def test_no_more_is_kept_than_a_source_allows(server: LoopbackServer, newsroom: Newsroom) -> None:
    wishes: dict[str, dict[str, Any]] = {
        "full": {"archive": False},
        "excerpt": {"store": "excerpt"},
        "metadata": {"store": "metadata"},
    }
    sources = []
    for number, (name, wish) in enumerate(wishes.items()):
        site = server.site()
        piece = Piece(f"/town/the-{name}-story", number)
        changed = Piece(piece.path, number, title=f"New {name}", paragraphs=tuple(f"New. {p}" for p in piece.text))
        sources.append(source(name, serve_feed(site, [piece]), **wish))
        site.pages[piece.path] = in_turn(piece.page, changed.page)
    newsroom.run(*sources)
    newsroom.write(AGAIN)
    newsroom.run(*sources)

    assert sorted(newsroom.column("SELECT title FROM articles")) == ["New excerpt", "New full", "New metadata"]
    texts = """SELECT s.slug, t.body FROM articles a JOIN sources s ON s.id = a.source_id
        JOIN {} t ON t.article_id = a.id"""
    for table in ("article_texts", "article_versions"):
        counts = {slug: len(body.split()) for slug, body in newsroom.rows(texts.format(table))}
        assert counts.pop("full") > 200
        assert counts == {"excerpt": 60, "metadata": 0}
    archived = """SELECT DISTINCT s.slug FROM fetches f JOIN pages p ON p.id = f.page_id
        JOIN sources s ON s.id = p.source_id WHERE f.archive_id IS NOT NULL ORDER BY 1"""
    assert newsroom.column(archived) == ["excerpt", "metadata"]
    hosts = {url.split("/")[2] for (url,) in stated(newsroom.folder / "archive", "response", "Target-URI")}
    assert hosts == {one.feeds[0].url.split("/")[2] for one in sources[1:]}


def test_what_publishers_reserve_is_noted_on_the_fetch(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    told = Piece("/town/told-by-headers", 2)
    meta = '<meta name="robots" content="noarchive"><meta name="tdm-reservation" content="1">'
    written = Piece("/town/written-in-the-page", 3, head=meta)
    feed = serve_feed(site, [PIECE, told, written])
    headers = {"X-Robots-Tag": "noarchive", "TDM-Reservation": "0", "TDM-Policy": "https://ward.example/tdm"}
    site.pages[told.path] = Response(200, {**HTML, **headers}, told.html)
    newsroom.run(source("Ward", feed))
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"] * 3
    noted = newsroom.rows("SELECT url, is_noarchive, is_tdm_reserved, tdm_policy_url FROM fetches")
    assert {row[0]: tuple(row)[1:] for row in noted} == {
        site.url(PIECE.path): (0, None, None),
        site.url(told.path): (1, 0, "https://ward.example/tdm"),
        site.url(written.path): (1, 1, None),
    }


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3-compatible server on loopback."""

    url: str
    endpoint: str

    def files(self) -> dict[str, list[str]]:
        """Give the types of the records of every file, read with warcio."""
        store = Store(self.url)
        held: Any = store._files
        held.invalidate_cache()
        root = self.url.partition("://")[2]
        names = held.ls(root) if held.exists(root) else []
        return {name: [kind for kind, _ in records(io.BytesIO(held.cat_file(name)))] for name in names}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of moto's S3 server."""
    # Here, since its imports take seconds that no other test should pay for.
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(moto: str, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bucket:
    """A new bucket, as the archive of the newsroom."""
    import boto3
    import s3fs

    given = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**given, "AWS_ENDPOINT_URL": moto, "AWS_CONFIG_FILE": str(tmp_path / "none")}.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"archive-{os.urandom(6).hex()}"
    boto3.client("s3").create_bucket(Bucket=name)
    newsroom.overrides["archive_url"] = f"s3://{name}/news"
    return Bucket(f"s3://{name}/news", moto)


def test_files_are_carried_while_the_run_goes_on(
    server: LoopbackServer, newsroom: Newsroom, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.overrides |= {"archive_max_bytes": 1_000_000, "host_connections": 1}
    carried = threading.Event()
    take = Store.take

    def taking(store: Store, path: Path) -> None:
        take(store, path)
        carried.set()

    monkeypatch.setattr(Store, "take", taking)
    site = server.site()
    pieces = [Piece(f"/town/story-{number}-of-the-ward", number) for number in range(4)]
    feed = serve_feed(site, pieces)

    def big(piece: Piece, *, waits: bool) -> Response:
        if waits:
            carried.wait(60)
        noise = f"<!-- {os.urandom(1_500_000).hex()} -->".encode()
        return Response(200, HTML, piece.html + noise)

    for number, piece in enumerate(pieces):
        site.pages[piece.path] = lambda _request, piece=piece, last=number == 3: big(piece, waits=last)  # type: ignore[misc]
    newsroom.run(source("Ward", feed))
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"] * 4
    assert sum(kinds.count("response") for kinds in bucket.files().values()) == 4


def test_closed_files_are_carried_to_a_store_and_wait_while_it_cannot_be_used(
    server: LoopbackServer, newsroom: Newsroom, bucket: Bucket, engine: Engine
) -> None:
    feed = serve_feed(server.site(), [PIECE])
    newsroom.overrides["archive_url"] = "s3://there-is-no-such-bucket/news"
    newsroom.run(source("Ward", feed))
    assert newsroom.rows("SELECT place, state FROM archives") == [("spool", "closed")]
    assert files(newsroom.folder / "spool") == [["warcinfo", "request", "response"]]
    assert_sound(newsroom, engine)

    newsroom.overrides["archive_url"] = bucket.url
    newsroom.write(AGAIN)
    newsroom.run(source("Ward", feed))
    assert sorted(bucket.files().values()) == [["warcinfo", "request", "response"], ["warcinfo", "request", "revisit"]]
    assert list((newsroom.folder / "spool").iterdir()) == []
    assert newsroom.column("SELECT DISTINCT place FROM archives") == [bucket.url]
    for fetch_id in newsroom.column("SELECT id FROM fetches"):
        assert body_of(newsroom, engine, fetch_id) == PIECE.html
    assert_sound(newsroom, engine)


def test_what_a_killed_run_left_in_the_spool_is_cut_and_carried_by_the_next(
    server: LoopbackServer, newsroom: Newsroom, bucket: Bucket, engine: Engine, zygote: Zygote
) -> None:
    site = server.site()
    pieces = [Piece(f"/town/story-{number}-of-the-ward", number) for number in range(3)]
    feed = serve_feed(site, pieces)
    newsroom.folder.mkdir(exist_ok=True)
    (newsroom.folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", feed)]))
    env = environment(newsroom.folder, ARCHIVE_URL=bucket.url)
    env |= {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    pid = zygote.start("run", env=env)
    wait_for(newsroom, "SELECT count(*) FROM fetches WHERE archive_id IS NOT NULL")
    os.killpg(pid, signal.SIGKILL)
    zygote.wait(pid)
    [spooled] = (newsroom.folder / "spool").iterdir()
    with spooled.open("ab") as torn:
        torn.write(b"\x1f\x8b\x08 half a record")
    assert zygote.wait(zygote.start("run", env=env)) == 0
    assert list((newsroom.folder / "spool").iterdir()) == []
    assert {kinds[0] for kinds in bucket.files().values()} == {"warcinfo"}
    assert newsroom.column("SELECT outcome FROM pages") == ["loaded"] * 3
    assert_sound(newsroom, engine)


def wait_for(newsroom: Newsroom, sql: str) -> None:
    """Wait until a query of the warehouse, which may not be there yet, gives more than nothing."""
    pause = threading.Event()
    for _ in range(2_000):
        if (newsroom.folder / "khotin.db").exists():
            try:
                if newsroom.column(sql)[0]:
                    return
            except (OperationalError, IndexError):
                pass  # its tables are being made
        pause.wait(0.02)
    raise AssertionError(f"it never came to be: {sql}")


def test_places_are_told_apart(tmp_path: Path) -> None:
    assert isinstance(place_at(tmp_path, "memory://archive"), Store)
    assert place_at(tmp_path, "archive").size("none.warc.gz") is None
