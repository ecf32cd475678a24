"""What one request brought back: a response, or the outcome and reason why there is none."""

from dataclasses import dataclass, field
from datetime import datetime

from models.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: from `url`, by `status` (0 for a meta refresh)."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and response as they went over the wire, for the WARC archive (RFC 9112 heads, body decoded)."""

    url: str
    at: datetime
    request_head: bytes
    response_head: bytes
    body: bytes
    ip: str | None


@dataclass(frozen=True, slots=True)
class Capture:
    """The end of one fetch.

    `outcome` is None when a usable response came (2xx with a body, or 304); otherwise it says how the fetch ended and
    `reason` gives the detail in a few words. `body` is decompressed and bounded; `headers` has lower-case names.
    `retry_after` is in seconds, as the server asked.
    """

    requested_url: str
    url: str
    at: datetime
    outcome: Outcome | None = None
    reason: str | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    exchange: Exchange | None = None
    retry_after: float | None = None
    seconds: float = 0.0
    ip: str | None = None
