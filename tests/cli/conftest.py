"""What the tests of the commands share: a quick way to run one, a data folder, a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import THREE, environment, feeds_yaml, serve_feed, source
from zygote import Ended, Khotin, Zygote

from demo.site import LoopbackServer, LoopbackSite


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def khotin(zygote: Zygote, folder: Path) -> Khotin:
    """Run a command on the data folder; `settings` are KHOTIN_ variables without the prefix."""

    def run(*arguments: str | Path, given: bytes = b"", **settings: str) -> Ended:
        env = {name: value for name, value in environment(folder, **settings).items() if value}
        ended = zygote.run(*arguments, env=env, given=given)
        assert "Traceback" not in ended.err, ended.err
        return ended

    return run


@pytest.fixture
def site(server: LoopbackServer, folder: Path) -> LoopbackSite:
    """A site with three pieces, followed by the feeds file of the data folder."""
    made = server.site()
    folder.mkdir()
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", serve_feed(made, THREE))]))
    return made
