"""The closed lists of states, beside the outcomes."""

from enum import StrEnum


class FeedState(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    GONE = "gone"


class PageState(StrEnum):
    """Where a page is in the queue."""

    QUEUED = "queued"
    FETCHED = "fetched"
    DONE = "done"


class RunState(StrEnum):
    """How far a run came. `interrupted`: stopped by a person or killed; the next run carries on."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class ArchiveState(StrEnum):
    """Whether a WARC file is still written; a closed one is never opened for writing again."""

    OPEN = "open"
    CLOSED = "closed"


class Store(StrEnum):
    """What may be kept of a source's articles."""

    FULL = "full"
    EXCERPT = "excerpt"
    METADATA = "metadata"


class Kind(StrEnum):
    """What kind of piece an article is."""

    ARTICLE = "article"
    LIVE = "live"
    VIDEO = "video"
    GALLERY = "gallery"
    AUDIO = "audio"
    OPINION = "opinion"


class IngestedVia(StrEnum):
    """How an article first came in; backfilled ones say nothing about latency."""

    FEED = "feed"
    BACKFILL = "backfill"


class VersionCause(StrEnum):
    """Why a version differs from the one before."""

    FIRST = "first"
    PUBLISHER = "publisher"
    RE_EXTRACTION = "re-extraction"
    CORRECTION = "correction"
    UNKNOWN = "unknown"


class RejectedState(StrEnum):
    """What became of a capture that broke a quality rule."""

    WAITING = "waiting"
    RELEASED = "released"
    DISCARDED = "discarded"


class BackfillState(StrEnum):
    """How far a backfill came. `interrupted`: stopped by a person; the same command goes on."""

    PLANNING = "planning"
    WORKING = "working"
    DONE = "done"
    INTERRUPTED = "interrupted"
