"""With a Prefect server, a backfill and a re-extraction are flow runs with typed parameters and their progress."""

from pathlib import Path

from newsroom import Piece, environment, feeds_yaml, rows, source
from prefect_lab import PrefectLab

from demo.site import LoopbackServer

PIECES = [Piece(f"/town/old-story-number-{n}-of-the-ward", n) for n in range(3)]


def test_both_are_flow_runs_with_their_parameters(server: LoopbackServer, tmp_path: Path) -> None:
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
        (backfilled,) = lab.flow_runs("COMPLETED", flow="backfill")
        (reread,) = lab.flow_runs("COMPLETED", flow="reextract")
        artifacts = {artifact["key"] for artifact in lab.post("/artifacts/filter", {})}
    assert backfilled["parameters"]["parameters"]["kind"] == "urls"
    assert reread["parameters"]["parameters"]["limit"] == 2
    assert {"backfill-progress", "reextract-progress"} <= artifacts
    recorded = rows(data / "khotin.db", "SELECT kind, flow_run_id FROM runs ORDER BY id")
    assert [tuple(row) for row in recorded] == [("backfill", backfilled["id"]), ("reextract", reread["id"])]
