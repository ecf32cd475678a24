"""What the tests of the warehouse share: sites on loopback, and newsrooms on either database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom

from demo.site import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def newsroom_at(tmp_path: Path) -> Callable[[str], Newsroom]:
    """Give a newsroom whose warehouse is at a URL."""
    folder = tmp_path / "data"
    return lambda url: Newsroom(folder, {"database_url": url})
