"""What a run is asked to do, how far it is, and what it reports at its end."""

from dataclasses import dataclass, field
from typing import Any

from config.feeds_file import FeedsFile
from models.outcomes import PollOutcome


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of ingestion. `feeds_file` is applied first; `source_slugs` limits the run (all when empty)."""

    feeds_file: FeedsFile | None
    source_slugs: tuple[str, ...] = ()
    ignores_schedule: bool = False
    flow_run_id: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Give what is kept of it in `runs`."""
        return {"sources": list(self.source_slugs), "ignore_schedule": self.ignores_schedule}


@dataclass(slots=True)
class Progress:
    """How far a run is; grows with every turn."""

    feeds_polled: int = 0
    feeds_failed: int = 0
    entries_new: int = 0
    pages_done: int = 0
    in_hand: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `polls` and `entries` count outcomes; `is_complete` is False when it was stopped."""

    run_id: int
    polls: dict[str, int]
    entries: dict[str, int]
    is_complete: bool

    @property
    def feeds_polled(self) -> int:
        """Count the polls."""
        return sum(self.polls.values())

    @property
    def feeds_failed(self) -> int:
        """Count the polls that brought nothing usable."""
        return sum(count for outcome, count in self.polls.items() if outcome not in GOOD_POLLS)


GOOD_POLLS = frozenset(
    {
        PollOutcome.NEW_ENTRIES,
        PollOutcome.NO_NEW_ENTRIES,
        PollOutcome.NOT_MODIFIED,
        PollOutcome.EMPTY,
        PollOutcome.PARTLY_BROKEN,
    }
)
