"""When a run is recorded on a Prefect server, and what `khotin run` says when it is not or cannot be."""

import subprocess
import sys
from pathlib import Path

from newsroom import Piece, environment, feeds_yaml, khotin, serve_feed, source
from prefect_lab import free_port

from demo.site import LoopbackServer

WITHOUT_PREFECT = """
import sys
from cli.main import app
app({arguments!r}, standalone_mode=False)
assert "prefect" not in sys.modules, "prefect was imported"
"""


def newsroom(folder: Path, feed: str) -> dict[str, str]:
    (folder / "feeds.yaml").write_text(feeds_yaml([source("The Ward Courier", feed)]))
    return environment(folder) | {"PREFECT_API_URL": ""}


def test_without_a_server_prefect_is_never_imported_and_one_line_says_so(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        env = newsroom(tmp_path, serve_feed(server.site(), [Piece("/town/one-story", 1)]))
        code = WITHOUT_PREFECT.format(arguments=["run"])
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "This run is not recorded on a Prefect server: PREFECT_API_URL is not set." in done.stderr
    assert "loaded" in done.stdout


def test_a_server_that_does_not_answer_is_told_in_one_sentence_and_nothing_is_done(tmp_path: Path) -> None:
    env = newsroom(tmp_path, "http://127.0.0.1:9/feed.xml")
    url = f"http://127.0.0.1:{free_port()}/api"
    done = khotin("run", env=env | {"PREFECT_API_URL": url})
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"The Prefect server at {url} does not answer")
    assert not (tmp_path / "khotin.db").exists()


def test_deploy_without_a_server_says_what_to_set(tmp_path: Path) -> None:
    done = khotin("deploy", env=environment(tmp_path) | {"PREFECT_API_URL": ""})
    assert done.returncode == 1
    assert done.stderr.decode().startswith("Set PREFECT_API_URL")
