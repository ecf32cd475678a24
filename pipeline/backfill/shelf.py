"""The shelf: hands out captures that are at hand in files, in the courier's place; it makes no request."""

import queue
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from models.outcomes import Outcome
from pipeline.backfill import places
from pipeline.courier import Brought, HostNews, Validators
from pipeline.pages.capture import Capture


class Shelf:
    """Reads captures in a thread of its own, in the order asked for; `inbox` receives `Brought`."""

    def __init__(self, inbox: queue.SimpleQueue[Any]) -> None:
        """The thread starts with the context."""
        self._inbox = inbox
        self._wanted: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wanted.put(None)
        self._thread.join()

    def remember(self, hosts: Iterable[HostNews]) -> None:
        """Nothing is asked of any host."""

    def ask_news(self) -> list[HostNews]:
        """Give what was learnt of hosts: nothing."""
        return []

    def fetch_feed(self, key: Any, url: str, *, etag: str | None, last_modified: str | None) -> None:  # noqa: ARG002
        """Refuse to poll a feed: that needs a request."""
        self._inbox.put(Brought(key, _failed(url, Outcome.DEFERRED, "this run makes no request")))

    def fetch_page(  # a request's
        self,
        key: Any,
        url: str,
        *,
        exempt_site: str | None = None,  # noqa: ARG002
        validators: Validators = (None, None),  # noqa: ARG002
    ) -> None:
        """Read the capture of a page in hand."""
        self._wanted.put((key, url))

    def _run(self) -> None:
        with places.Reader() as reader:
            while (wanted := self._wanted.get()) is not None:
                key, url = wanted
                self._inbox.put(Brought(key, self._read(reader, key, url)))

    @staticmethod
    def _read(reader: places.Reader, key: Any, url: str) -> Capture:
        place = (key.page.stated or {}).get("place")
        if not place or url != key.page.url:
            # A meta refresh leads to a page that is not at hand.
            return _failed(url, Outcome.NOT_ARTICLE, "its capture only leads elsewhere")
        try:
            return reader.read(place)
        except places.PlaceError as error:
            return _failed(url, Outcome.BAD_RESPONSE, str(error))


def _failed(url: str, outcome: Outcome, reason: str) -> Capture:
    return Capture(requested_url=url, url=url, at=datetime.now(UTC), outcome=outcome, reason=reason)
