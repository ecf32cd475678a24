"""Backups: taken while a run writes, restored whole, and honest about an archive that is newer or older."""

import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece, serve_feed, source
from postgres_server import new_database
from sqlalchemy import URL, insert, make_url, select, text, update

from demo.site import LoopbackServer
from models.engine import open_engine, reading, writing
from models.schema import upgrade
from models.states import ArchiveState, RunState
from models.tables import archives, metadata, pages, runs, tags
from pipeline.verify import Verdict, verify
from pipeline.warehouse import lease
from pipeline.warehouse.backup import back_up, read_manifest, restore
from pipeline.warehouse.copy import TableSum, copy_warehouse, sums_of
from pipeline.warehouse.place import WarehouseError
from pipeline.warehouse.runs import open_run


@pytest.fixture(scope="module")
def filled_postgres(filled: Path, postgres_server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database with the rows of `filled`, to be copied."""
    folder = tmp_path_factory.mktemp("to-copy") / "data"
    shutil.copytree(filled, folder)
    with new_database(postgres_server_url) as other:
        here, there = open_engine(f"sqlite:///{folder / 'khotin.db'}"), open_engine(other)
        copy_warehouse(here, there)
        here.dispose()
        there.dispose()
        yield str(make_url(other).database)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, data: Path) -> Iterator[str]:
    """A warehouse with rows, on SQLite and on PostgreSQL in turn; its archive is in `data`."""
    if request.param == "sqlite":
        yield f"sqlite:///{data / 'khotin.db'}"
        return
    template: str = request.getfixturevalue("filled_postgres")
    with new_database(request.getfixturevalue("postgres_server_url"), template) as other:
        yield other


@pytest.fixture
def empty(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[str]:
    """An empty place for another warehouse of the same kind."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'khotin.db'}"
        return
    with new_database(request.getfixturevalue("postgres_server_url")) as other:
        yield other


def holds(url: str) -> dict[str, TableSum]:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return sums_of(connection, metadata.sorted_tables)
    finally:
        engine.dispose()


def change(url: str, *statements: object) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)  # type: ignore[call-overload]
    engine.dispose()


def look(url: str, data: Path) -> Verdict:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return verify(connection, data)
    finally:
        engine.dispose()


def test_a_backup_brings_every_row_back(url: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "backups" / "monday.zip"
    made = back_up(url, file)
    manifest, kept = restore(empty, file)
    assert holds(empty) == holds(url)
    assert (manifest, kept) == (made, None)
    assert manifest.tables["articles"] == 6
    assert list(file.parent.iterdir()) == [file]


def test_it_lists_the_files_of_the_archive_with_their_committed_ends(url: str, data: Path, tmp_path: Path) -> None:
    back_up(url, tmp_path / "monday.zip")
    listed = {one.name: one.size for one in read_manifest(tmp_path / "monday.zip").archives}
    assert listed == {path.name: path.stat().st_size for path in (data / "archive").iterdir()}
    with zipfile.ZipFile(tmp_path / "monday.zip") as packed:
        assert packed.testzip() is None
        assert json.loads(packed.read("manifest.json"))["format"] == 1


def test_writers_go_on_while_it_is_made_and_it_shows_one_instant(url: str, empty: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    is_over = threading.Event()

    def write_on() -> None:
        number = 0
        while not is_over.is_set():
            with writing(engine) as connection:
                names = [{"name": f"tag {number + part}"} for part in range(10)]
                connection.execute(insert(tags), names)
            number += 10

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        manifest = back_up(url, tmp_path / "monday.zip")
    finally:
        is_over.set()
        writer.join()
        engine.dispose()
    restore(empty, tmp_path / "monday.zip")
    assert holds(empty)["tags"].rows == manifest.tables["tags"]
    assert manifest.tables["tags"] % 10 == 0


def test_a_warehouse_that_is_there_is_replaced_only_when_told(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "monday.zip")
    before = holds(url)
    change(url, insert(tags).values(name="since then"))
    with pytest.raises(WarehouseError, match="--overwrite replaces it"):
        restore(url, tmp_path / "monday.zip")
    assert holds(url)["tags"].rows == 1
    _, kept = restore(url, tmp_path / "monday.zip", overwrites=True)
    assert holds(url) == before
    if url.startswith("sqlite"):
        assert kept is not None
        assert holds(f"sqlite:///{kept}")["tags"].rows == 1


def test_a_warehouse_with_a_run_at_work_is_never_replaced(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "monday.zip")
    engine = open_engine(url)
    with writing(engine) as connection:
        lease.acquire(connection, 60)
    engine.dispose()
    with pytest.raises(WarehouseError, match="A run is at work"):
        restore(url, tmp_path / "monday.zip", overwrites=True)


def test_nobody_holds_anything_in_a_restored_warehouse(url: str, empty: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        scope = open_run(connection, "ingest", {}, 3600)
        connection.execute(update(pages).values(lease_token=scope.token))
        connection.execute(update(archives).values(state=ArchiveState.OPEN, lease_token=scope.token))
    engine.dispose()
    back_up(url, tmp_path / "monday.zip")
    restore(empty, tmp_path / "monday.zip")
    engine = open_engine(empty)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM leases")).scalar() == 0
        assert connection.execute(select(pages.c.id).where(pages.c.lease_token.is_not(None))).all() == []
        states = connection.execute(select(runs.c.state).order_by(runs.c.id)).scalars().all()
        assert states == [RunState.DONE, RunState.DONE, RunState.INTERRUPTED]
        assert set(connection.execute(select(archives.c.state)).scalars()) == {ArchiveState.CLOSED}
    engine.dispose()


def test_a_sound_warehouse_reads_every_capture_back(url: str, data: Path) -> None:
    verdict = look(url, data)
    assert verdict.is_sound
    assert verdict.captures == 7
    assert (verdict.unknown_files, verdict.tables["articles"]) == ([], 6)


def test_an_older_archive_is_named_capture_by_capture_and_the_pages_still_work(data: Path) -> None:
    url = f"sqlite:///{data / 'khotin.db'}"
    with LoopbackServer() as server:
        site = server.site()
        pieces = [Piece(f"/harbour/story-{number}-of-the-pier", 50 + number) for number in range(3)]
        feed = serve_feed(site, pieces)
        newsroom = Newsroom(data, {"database_url": url})
        newsroom.run(source("Harbour", feed))
        # A run was killed before it had extracted them; then the archive came back as it had been before.
        change(url, f"UPDATE pages SET state = 'fetched', next_attempt_at = queued_at WHERE url LIKE '{site.base}/%'")
        newest = max((data / "archive").iterdir(), key=lambda path: path.stat().st_mtime)
        newest.unlink()
        verdict = look(url, data)
        assert [one.url for one in verdict.lost] == [
            site.url(piece.path) for piece in sorted(pieces, key=lambda p: p.path)
        ]
        assert {one.reason for one in verdict.lost} == {f"{newest.name} is not there"}
        assert verdict.missing_files == [f"{newest.name} is not there"]
        report = newsroom.run(source("Harbour", feed))
        assert report.entries == {"unchanged": 3}
    assert len(look(url, data).lost) == 3


def test_a_newer_archive_is_named_file_by_file_and_left_alone(data: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{data / 'khotin.db'}"
    back_up(url, tmp_path / "monday.zip")
    with LoopbackServer() as server:
        site = server.site()
        feed = serve_feed(site, [Piece("/harbour/story-of-the-pier", 60)])
        newsroom = Newsroom(data, {"database_url": url})
        newsroom.run(source("Harbour", feed))
        newest = max((data / "archive").iterdir(), key=lambda path: path.stat().st_mtime)
        restore(url, tmp_path / "monday.zip", overwrites=True)
        verdict = look(url, data)
        assert verdict.is_sound
        assert verdict.unknown_files == [f"{newest.name}: no row knows this file"]
        assert newsroom.run(source("Harbour", feed)).entries == {"loaded": 1}
    assert newest.exists()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "whole record"),
        (lambda path: path.write_bytes(path.read_bytes()[:-400] + b"\x00" * 400), "record"),
    ],
    ids=["cut", "overwritten"],
)
def test_damage_is_found(data: Path, damage: Callable[[Path], object], reason: str) -> None:
    newest = max((data / "archive").iterdir(), key=lambda path: path.stat().st_mtime)
    damage(newest)
    verdict = look(f"sqlite:///{data / 'khotin.db'}", data)
    assert not verdict.is_sound
    assert reason in verdict.lost[-1].reason


def test_rows_that_point_elsewhere_and_runs_that_counted_wrong_are_found(data: Path) -> None:
    url = f"sqlite:///{data / 'khotin.db'}"
    change(url, "UPDATE fetches SET digest = 'sha256:0' WHERE id = 1", "DELETE FROM ledger WHERE entry_id = 2")
    verdict = look(url, data)
    assert [one.fetch_id for one in verdict.lost] == [1]
    assert verdict.problems == ["run 1 counted other outcomes than its ledger holds"]


@pytest.mark.parametrize("content", [b"", b"no backup", b"PK\x03\x04 torn"])
def test_what_is_no_backup_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.zip").write_bytes(content)
    with pytest.raises(WarehouseError, match="no whole backup"):
        restore(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "odd.zip")
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("damage", [bytes(100), b"\xff" * 100], ids=["zeros", "no deflate"])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_torn_backup_leaves_the_warehouse_as_it_was(data: Path, tmp_path: Path, place: float, damage: bytes) -> None:
    url, file = f"sqlite:///{data / 'khotin.db'}", tmp_path / "monday.zip"
    back_up(url, file)
    whole = file.read_bytes()
    torn = int(len(whole) * place)
    file.write_bytes(whole[:torn] + damage + whole[torn + 100 :])
    before = holds(url)
    with pytest.raises(WarehouseError, match="no whole backup"):
        restore(url, file, overwrites=True)
    assert holds(url) == before


def test_a_backup_of_the_other_kind_says_what_to_do(data: Path, postgres_url: str, tmp_path: Path) -> None:
    back_up(f"sqlite:///{data / 'khotin.db'}", tmp_path / "monday.zip")
    with pytest.raises(WarehouseError, match="khotin db copy"):
        restore(postgres_url, tmp_path / "monday.zip")


def test_without_pg_dump_of_that_age_it_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    engine.dispose()
    monkeypatch.setattr("pipeline.warehouse.dumps._versions", lambda name: iter([(Path("/usr/bin") / name, 9)]))
    with pytest.raises(WarehouseError, match=r"This needs pg_dump of PostgreSQL \d+ or newer"):
        back_up(postgres_url, tmp_path / "monday.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_older_backup_comes_to_todays_schema(data: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{data / 'khotin.db'}"
    back_up(url, tmp_path / "monday.zip")
    shutil.rmtree(data)
    restore(url, tmp_path / "monday.zip")
    assert make_url(url).database
    assert look(url, data).tables["articles"] == 6
