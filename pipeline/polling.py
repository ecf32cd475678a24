"""Feeds on their way: fetched by the courier, parsed by children in batches, indexes of sitemaps followed one step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any

from config.settings import Settings
from models.outcomes import Outcome, PollOutcome
from pipeline.children import FeedBytes, parse_all
from pipeline.courier import Messenger
from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.flat import FlatFeed, flattened
from pipeline.feeds.indexes import followed, merged
from pipeline.judge import body_hash, needs_parsing
from pipeline.pages.capture import Capture
from pipeline.warehouse.claim import ClaimedFeed
from pipeline.workers import Failure, Workers

# So many feeds go to a child together: sending them one by one costs as much as parsing them.
TOGETHER = 16
TOGETHER_BYTES = 1_000_000

MOST_BYTES = 64_000_000
"""While bodies of so many bytes wait for the children, no more feeds are asked for."""

Result = FlatFeed | Feed | NoFeed | Failure


@dataclass(frozen=True, slots=True)
class PollArrival:
    """A poll has ended; `parsed` is None when there was nothing to parse, `digest` is the body's hash if it was had."""

    feed: ClaimedFeed
    capture: Capture
    parsed: FlatFeed | NoFeed | Failure | None
    digest: str | None = None


@dataclass(slots=True, eq=False)
class PollInHand:
    """A feed that is being polled; `parts` are the sitemaps of an index that have come, by address."""

    feed: ClaimedFeed
    capture: Capture | None = None
    digest: str | None = None
    index: Feed | None = None
    waits_for: int = 0
    parts: dict[str, Feed | NoFeed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartInHand:
    """A sitemap of an index that is being polled."""

    poll: PollInHand
    url: str


InHand = PollInHand | PartInHand


@dataclass(frozen=True, slots=True)
class Parsed:
    """A child has parsed a body."""

    key: InHand
    result: Result


class Poller:
    """Takes claimed feeds and gives ended polls; used by the desk's thread, messages come through its inbox."""

    def __init__(self, settings: Settings, courier: Messenger, workers: Workers, inbox: SimpleQueue[Any]) -> None:
        """`courier` and `workers` put what they bring into `inbox`, which hands it to `receive`."""
        self._settings = settings
        self._courier = courier
        self._workers = workers
        self._inbox = inbox
        self._to_parse: list[tuple[InHand, FeedBytes]] = []
        self._bytes = 0
        self._bytes_away = 0

    @property
    def is_full(self) -> bool:
        """Tell whether the children have more to do than should be held in memory."""
        return self._bytes_away >= MOST_BYTES

    def poll(self, feed: ClaimedFeed) -> None:
        """Fetch a feed, with the validators that it gave unless its body is wanted whole."""
        etag, last_modified = (None, None) if feed.asks_for_whole else (feed.etag, feed.last_modified)
        self._courier.fetch_feed(PollInHand(feed), feed.url, etag=etag, last_modified=last_modified)

    def fetched(self, key: InHand, capture: Capture) -> PollArrival | None:
        """Take what the courier brought; give the poll if that ends it."""
        if isinstance(key, PartInHand):
            if capture.outcome is not None:
                return self._part(key, NoFeed(_as_poll(capture.outcome), capture.reason or ""))
            self._parse_later(key, key.poll.feed, capture)
            return None
        key.capture = capture
        if capture.outcome is None and capture.status != 304:
            key.digest = body_hash(capture.body)
        if not needs_parsing(key.feed, capture, key.digest):
            return PollArrival(key.feed, capture, None, key.digest)
        self._bytes_away += len(capture.body)
        self._parse_later(key, key.feed, capture)
        return None

    def parsed(self, message: Parsed) -> PollArrival | None:
        """Take what a child made of a body; give the poll if that ends it."""
        key, result = message.key, message.result
        if isinstance(key, PartInHand):
            if isinstance(result, Failure):
                result = NoFeed(PollOutcome.PARSE_FAILED, f"the parser {result.reason}")
            assert not isinstance(result, FlatFeed)  # noqa: S101  # its entries were to be kept
            return self._part(key, result)
        assert key.capture is not None  # noqa: S101  # only a fetched body is parsed
        self._bytes_away -= len(key.capture.body)
        if isinstance(result, Feed) and result.sitemaps and (urls := followed(result, key.capture.url)):
            key.index, key.waits_for = result, len(urls)
            for url in urls:
                self._courier.fetch_feed(PartInHand(key, url), url, etag=None, last_modified=None)
            return None
        return PollArrival(key.feed, key.capture, _flat(result), key.digest)

    def flush(self) -> None:
        """Hand the bodies that wait to a child."""
        if self._to_parse:
            self._submit(self._to_parse)
            self._to_parse, self._bytes = [], 0

    def _part(self, key: PartInHand, result: Feed | NoFeed) -> PollArrival | None:
        poll = key.poll
        poll.parts[key.url] = result
        if len(poll.parts) < poll.waits_for:
            return None
        assert poll.index is not None  # noqa: S101  # its parts were asked for
        assert poll.capture is not None  # noqa: S101
        whole = merged(poll.index, poll.parts, self._settings.max_entries)
        return PollArrival(poll.feed, poll.capture, _flat(whole), poll.digest)

    def _parse_later(self, key: InHand, feed: ClaimedFeed, capture: Capture) -> None:
        given = FeedBytes(
            body=capture.body,
            url=capture.url,
            headers=capture.headers,
            timezone=feed.timezone,
            language=feed.language,
            fetched_at=capture.at,
            max_entries=self._settings.max_entries,
            max_bytes=self._settings.max_feed_bytes,
            keeps_entries=isinstance(key, PartInHand),
            known=feed.known_entries,
        )
        self._to_parse.append((key, given))
        self._bytes += len(capture.body)
        if len(self._to_parse) >= TOGETHER or self._bytes >= TOGETHER_BYTES:
            self.flush()

    def _submit(self, batch: Sequence[tuple[InHand, FeedBytes]]) -> None:
        self._workers.submit(parse_all, [given for _, given in batch], partial(self._done, batch))

    def _done(
        self, batch: Sequence[tuple[InHand, FeedBytes]], results: Iterable[FlatFeed | Feed | NoFeed] | Failure
    ) -> None:
        """Take the results of a batch, in another thread; when it failed, each of it is tried alone."""
        if not isinstance(results, Failure):
            for (key, _), result in zip(batch, results, strict=True):
                self._inbox.put(Parsed(key, result))
        elif len(batch) == 1:
            self._inbox.put(Parsed(batch[0][0], results))
        else:
            for one in batch:
                self._submit([one])


def _flat(result: Result) -> FlatFeed | NoFeed | Failure:
    return flattened(result) if isinstance(result, Feed) else result


def _as_poll(outcome: Outcome) -> PollOutcome:
    return PollOutcome.TIMED_OUT if outcome is Outcome.DEFERRED else PollOutcome(outcome)
