"""How much a run has in hand at a time: a host that hangs costs its own place, and never that of another."""

import time
from collections import UserDict
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SLOW_SECONDS = 1.0
"""What has been waited for longer leaves its place to the next: most answers come within this."""

MOST = 800
"""Most in hand at a time, the slow ones included: each may keep a connection open."""


class Hands(UserDict[int, T]):
    """What is in hand, by key, with the time when it was taken."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._since: dict[int, float] = {}

    def __setitem__(self, key: int, item: T) -> None:
        self._since[key] = self._clock()
        super().__setitem__(key, item)

    def __delitem__(self, key: int) -> None:
        del self._since[key]
        super().__delitem__(key)

    def room(self, usual: int) -> int:
        """Give how many more may be taken: `usual` beside the slow ones, `MOST` with them."""
        late = self._clock() - SLOW_SECONDS
        quick = sum(since > late for since in self._since.values())
        return max(0, min(usual - quick, MOST - len(self)))
