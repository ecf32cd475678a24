"""What the tests of the loop share: a server of many hosts, and a newsroom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom

from demo.site import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path / "data")
