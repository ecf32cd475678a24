"""What a run is asked to do, how far it is, and what it reports at its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from config.feeds_file import FeedsFile
from config.settings import Settings, SettingsError
from models.outcomes import GOOD_POLLS
from pipeline.warehouse import place


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of ingestion. `feeds_file` is applied first; `source_slugs` limits the run (all when empty).

    Without `takes_pages` it only polls, and leaves the pages to other runs. With `rechecks` it polls nothing: it looks
    again at that many loaded articles that are due for it.
    """

    feeds_file: FeedsFile | None
    source_slugs: tuple[str, ...] = ()
    ignores_schedule: bool = False
    flow_run_id: str | None = None
    takes_pages: bool = True
    rechecks: int | None = None

    @property
    def kind(self) -> str:
        """Give the kind of the run."""
        return "ingest" if self.rechecks is None else "recheck"

    @property
    def parameters(self) -> dict[str, Any]:
        """Give what is kept of it in `runs`."""
        said: dict[str, Any] = {"sources": list(self.source_slugs), "ignore_schedule": self.ignores_schedule}
        return said if self.rechecks is None else said | {"limit": self.rechecks}


@dataclass(slots=True)
class Progress:
    """How far a run is; grows with every turn."""

    feeds_polled: int = 0
    feeds_failed: int = 0
    entries_new: int = 0
    pages_done: int = 0
    in_hand: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def add(self, turn: "Progress") -> None:
        """Count what one more turn has done."""
        self.feeds_polled += turn.feeds_polled
        self.feeds_failed += turn.feeds_failed
        self.entries_new += turn.entries_new
        self.pages_done += turn.pages_done
        for outcome, count in turn.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `polls` and `entries` count outcomes; `is_complete` is False when it was stopped."""

    run_id: int
    polls: dict[str, int]
    entries: dict[str, int]
    is_complete: bool
    # Outcomes of pages, those included that no entry names.
    pages: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def feeds_polled(self) -> int:
        """Count the polls."""
        return sum(self.polls.values())

    @property
    def feeds_failed(self) -> int:
        """Count the polls that brought nothing usable."""
        return sum(count for outcome, count in self.polls.items() if outcome not in GOOD_POLLS)


def check_contact(wish: FeedsFile, slugs: tuple[str, ...], settings: Settings) -> None:
    """Refuse to poll anything but loopback without a contact. Raises `SettingsError` with one sentence."""
    by_slug = {source.slug or source.derived_slug: source for source in wish.sources}
    # A renamed source keeps a slug that only the warehouse knows: then all sources count.
    sources = [by_slug[slug] for slug in slugs] if slugs and by_slug.keys() >= set(slugs) else wish.sources
    check_contact_for([feed.url for source in sources for feed in source.feeds], settings)


def check_contact_for(urls: Iterable[str], settings: Settings) -> None:
    """Refuse to ask addresses other than loopback without a contact. Raises `SettingsError` with one sentence."""
    if settings.contact is None and not all(map(_is_loopback, urls)):
        raise SettingsError(
            "Set KHOTIN_CONTACT to a mail address or web page where publishers reach you: it is part of the "
            "User-Agent of every request."
        )


def without_archive(wish: FeedsFile) -> FeedsFile:
    """Give the same feeds, with no capture archived (a dry run writes nothing)."""
    return FeedsFile(tuple(replace(source, archive=False) for source in wish.sources))


def is_missing(settings: Settings) -> bool:
    """Tell whether the warehouse is a SQLite file that does not exist yet."""
    return place.is_missing(settings.warehouse_url)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
