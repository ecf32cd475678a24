"""Fetches the documents that a queuer reads (sitemaps, feeds, robots.txt), one at a time, with the usual manners."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.settings import Settings
from pipeline.backfill.candidate import Fetch
from pipeline.courier import Courier
from pipeline.pages.capture import Capture


@contextmanager
def documents(settings: Settings) -> Iterator[Fetch]:
    """Give a function that fetches an address and waits for what comes back."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with Courier(settings, inbox) as courier:

        def fetch(url: str) -> Capture:
            courier.fetch_feed(None, url, etag=None, last_modified=None)
            capture: Capture = inbox.get().capture
            return capture

        yield fetch
