"""With a Prefect server, backfill, re-extraction and recheck are flow runs with typed parameters and their progress."""

from pathlib import Path

from newsroom import Piece, environment, feeds_yaml, rows, source
from prefect_lab import PrefectLab

from demo.site import LoopbackServer

PIECES = [Piece(f"/town/old-story-number-{n}-of-the-ward", n) for n in range(3)]


def test_each_is_a_flow_run_with_its_parameters(server: LoopbackServer, tmp_path: Path) -> None:
    site, data = server.site(), tmp_path / "data"
    data.mkdir()
    site.pages |= {piece.path: piece.page for piece in PIECES}
    (tmp_path / "list.txt").write_text("\n".join(site.url(piece.path) for piece in PIECES))
    (data / "feeds.yaml").write_text(feeds_yaml([source("Nobody", "http://127.0.0.1:9/feed")]))
    with PrefectLab(tmp_path / "lab", environment(data)) as lab:
        lab.start_server()
        done = lab.khotin("backfill", "urls", str(tmp_path / "list.txt"))
        assert (done.returncode, "Done: 3 pages planned" in done.stdout) == (0, True), done.stderr
        again = lab.khotin("reextract", "--limit", "2")
        assert (again.returncode, "Done: 2 articles" in again.stdout) == (0, True), again.stderr
        looked = lab.khotin("recheck", "--source", "nobody", "--limit", "7")
        assert (looked.returncode, "Nothing was due to be looked at again." in looked.stdout) == (0, True), (
            looked.stderr
        )
        (backfilled,) = lab.flow_runs("COMPLETED", flow="backfill")
        (reread,) = lab.flow_runs("COMPLETED", flow="reextract")
        (rechecked,) = lab.flow_runs("COMPLETED", flow="recheck")
        artifacts = {artifact["key"] for artifact in lab.post("/artifacts/filter", {})}
    assert backfilled["parameters"]["parameters"]["kind"] == "urls"
    assert reread["parameters"]["parameters"]["limit"] == 2
    assert rechecked["parameters"]["parameters"] == {"sources": ["nobody"], "limit": 7}
    assert {"backfill-progress", "reextract-progress"} <= artifacts
    recorded = rows(data / "khotin.db", "SELECT kind, flow_run_id FROM runs ORDER BY id")
    made = (("backfill", backfilled), ("reextract", reread), ("recheck", rechecked))
    assert [tuple(row) for row in recorded] == [(kind, run["id"]) for kind, run in made]
