"""The tools of a queuer that reads documents: a polite fetch, one at a time, and a child process for hostile bytes."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from config.settings import Settings
from pipeline.backfill.candidate import Ground
from pipeline.backfill.wish import Wish
from pipeline.courier import Courier
from pipeline.pages.capture import Capture
from pipeline.workers import Workers

MAX_BYTES = 52_428_800
"""What a sitemap may have (sitemaps.org protocol, "Sitemap file"), more than a feed."""

PARSE_SECONDS = 60.0
"""A sitemap of 50,000 addresses takes about a second."""


@contextmanager
def ground_for(wish: Wish, settings: Settings, files: Any) -> Iterator[Ground]:
    """Give the ground of a wish, with tools that end with the context."""
    if wish.is_offline:
        yield Ground(wish, files)
        return
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    patient = settings.model_copy(update={"max_feed_bytes": max(MAX_BYTES, settings.max_feed_bytes)})
    with Courier(patient, inbox) as courier, Workers(1, PARSE_SECONDS) as workers:

        def fetch(url: str) -> Capture:
            courier.fetch_feed(None, url, etag=None, last_modified=None)
            capture: Capture = inbox.get().capture
            return capture

        def child(task: Callable[[Any], Any], given: Any) -> Any:
            results: queue.SimpleQueue[Any] = queue.SimpleQueue()
            workers.submit(task, given, results.put)
            return results.get()

        yield Ground(wish, files, fetch, child)
