"""robots.txt: fetched, kept for a day and obeyed as RFC 9309 says."""

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from protego import Protego
from yarl import URL

from models.outcomes import Outcome
from pipeline.pages.accept import TERMS, Accept
from pipeline.pages.capture import Capture

KEPT_FOR = timedelta(hours=24)
"""RFC 9309 §2.4: a cached copy should not be used for longer."""

TRIED_AGAIN_AFTER = timedelta(minutes=15)
"""While a site waits for its robots.txt, it is asked for again well before a day has passed."""

UNREACHABLE_MEANS_FREE_AFTER = timedelta(days=30)
"""RFC 9309 §2.3.1.4: one that stays unreachable for so long may be taken as not there."""

_MAX_LINE_CHARS = 4_096
_USER_AGENT_LINE = re.compile(r"(?i)\s*user[-\s]*agent\s*[:\s]\s*([^#]*)")
_NOBODY = "nobody-else"
"""An agent that no product token contains: it takes the place of the agents that are not asked about."""


@dataclass(frozen=True, slots=True)
class RobotsState:
    """What is known of a host's robots.txt, as the warehouse keeps it.

    `body` is None when there is none to obey; `status` is None when no answer came; `reason` says why nothing may be
    fetched for now, None when `body` and `status` decide; `failing_since` is when it began to be unreachable.
    """

    fetched_at: datetime
    status: int | None
    body: bytes | None
    reason: str | None = None
    failing_since: datetime | None = None

    def expires_at(self) -> datetime:
        """Return when it should be fetched again."""
        return self.fetched_at + (KEPT_FOR if self.failing_since is None else TRIED_AGAIN_AFTER)

    def robots(self) -> "Robots":
        """Return the rules to obey; parsing costs some ms, so keep them while the state is the same."""
        return Robots("", wait_reason=self.reason) if self.body is None else parse_robots(self.body)


class Robots:
    """The rules of one host."""

    def __init__(self, text: str, wait_reason: str | None = None) -> None:
        self.wait_reason = wait_reason
        """Why nothing may be fetched for now (robots.txt could not be had); None when the rules decide."""
        self._text = text
        self._by_agent: dict[str, Protego] = {}

    def allows(self, url: str, agent: str) -> bool:
        """Say whether `agent`, our product token, may fetch `url`. False while `wait_reason` is set."""
        return self.wait_reason is None and bool(self._rules(agent).can_fetch(url, agent))

    def crawl_delay(self, agent: str) -> float | None:
        """Return the seconds that the host wants between requests; None when it says nothing readable."""
        delay = self._rules(agent).crawl_delay(agent)
        return float(delay) if delay is not None and math.isfinite(delay) else None

    def _rules(self, agent: str) -> Protego:
        if agent not in self._by_agent:
            self._by_agent[agent] = Protego.parse(_for_agent(self._text, agent))
        return self._by_agent[agent]


def parse_robots(body: bytes) -> Robots:
    """Read robots.txt: UTF-8 with or without a byte order mark, wrong bytes replaced, cut at 500 kB. Never fails."""
    return Robots(body[: TERMS[Accept.ROBOTS].max_bytes].decode("utf-8-sig", errors="replace"))


def _for_agent(text: str, agent: str) -> str:
    """Return `text` with all agents but `agent` and `*` made one.

    Each rule counts for every agent of its group: a hostile file of 10,000 agents and 10,000 rules would otherwise cost
    their product.
    """
    wanted = agent.lower()
    lines = []
    for line in text.splitlines():
        found = _USER_AGENT_LINE.match(line)
        if found:
            name = found[1].strip().lower()
            is_ours = name == "*" or (name.replace("*", "") or _NOBODY) in wanted
            lines.append(f"User-agent: {name if is_ours else _NOBODY}")
        elif len(line) <= _MAX_LINE_CHARS:
            lines.append(line)
    return "\n".join(lines)


def robots_url(url: str) -> str:
    """Return the address of the robots.txt that rules `url` (RFC 9309 §2.3: same scheme, host and port)."""
    return str(URL(url).origin() / "robots.txt")


def judge_robots(capture: Capture, previous: RobotsState | None = None) -> RobotsState:
    """Return what the end of a fetch of robots.txt means (RFC 9309 §2.3.1).

    `capture` is that of `robots_url` with Accept.ROBOTS; a `deferred` one says nothing and must not come here. 2xx is
    obeyed; 4xx and endless redirects mean that there is none; 5xx, 429 and no answer mean to wait, or to go on
    with what `previous` said.
    """
    now = datetime.now(UTC)
    if capture.outcome is None:
        return RobotsState(now, capture.status, capture.body)
    is_missing = capture.status is not None and 400 <= capture.status < 500 and capture.status != 429
    if is_missing or capture.outcome is Outcome.BAD_REDIRECT:
        return RobotsState(now, capture.status, None)
    failing_since = previous.failing_since if previous and previous.failing_since else now
    if previous and previous.reason is None:
        return replace(previous, fetched_at=now, failing_since=failing_since)
    if now - failing_since >= UNREACHABLE_MEANS_FREE_AFTER:
        return RobotsState(now, capture.status, None, failing_since=failing_since)
    return RobotsState(now, capture.status, None, f"robots.txt: {capture.reason}", failing_since)
