"""`khotin recheck` as it is typed."""

from pathlib import Path

from newsroom import THREE
from zygote import Khotin

from demo.site import LoopbackSite
from models.engine import open_engine, writing


def test_what_is_due_is_looked_at_and_what_is_to_come_is_not(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    khotin("run")
    assert "Nothing was due to be looked at again." in khotin("recheck").out
    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE pages SET next_recheck_at = '2026-01-01T00:00:00.000000Z'")
    engine.dispose()
    ended = khotin("recheck", "--source", "ward", "--limit", "2")
    assert ended.code == 0
    assert ["unchanged", "2"] in [line.replace("│", " ").split() for line in ended.out.splitlines()]
    assert sum(len(site.requested(piece.path)) for piece in THREE) == 5


def test_a_source_that_is_not_there_is_told_in_one_sentence(khotin: Khotin, site: LoopbackSite) -> None:
    assert site
    khotin("run")
    ended = khotin("recheck", "--source", "nobody")
    assert (ended.code, ended.err) == (2, "No source is called 'nobody': the sources are ward.\n")
