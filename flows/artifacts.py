"""What a flow run shows in Prefect's pages: how far it is, and what came of each source."""

import logging
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote as percent
from uuid import UUID

from httpx import HTTPError
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from sqlalchemy import Engine

from models.engine import reading
from pipeline.plan import GOOD_POLLS, Progress, Report
from pipeline.warehouse import query

log = logging.getLogger(__name__)

SECONDS_BETWEEN_UPDATES = 10
"""Each update is a request to the server."""


class ProgressBar:
    """Keeps the progress artifact of a flow run up to date, and passes progress on to `watch`.

    When the server does not answer, nothing more is told to it: the run is what matters.
    """

    def __init__(self, watch: Callable[[Progress], None]) -> None:
        self._watch = watch
        self._tell: Callable[..., Any] | None = None
        self._told_at = 0.0
        self._last = Progress()

    def __enter__(self) -> Self:
        artifact = create_progress_artifact(0, key="ingest-progress", description=_words(self._last))
        assert isinstance(artifact, UUID)  # noqa: S101  # in a sync flow it is no coroutine
        self._tell = partial(update_progress_artifact, artifact)
        self._told_at = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._update(100)

    def move(self, progress: Progress) -> None:
        """Tell the progress to whoever watches, and now and then to the server."""
        self._last = progress
        self._watch(progress)
        if time.monotonic() - self._told_at >= SECONDS_BETWEEN_UPDATES:
            self._update(round(100 * progress.pages_done / max(1, progress.pages_done + progress.in_hand), 1))

    def _update(self, percentage: float) -> None:
        if self._tell is None:
            return
        try:
            self._tell(percentage, description=_words(self._last))
        except HTTPError as error:
            log.warning("The Prefect server takes no progress (%s); the run goes on.", error)
            self._tell = None
        self._told_at = time.monotonic()


def _words(progress: Progress) -> str:
    return (
        f"{progress.feeds_polled} feeds polled, {progress.feeds_failed} failed; "
        f"{progress.entries_new} new entries; {progress.pages_done} pages done, {progress.in_hand} in hand"
    )


def show_outcomes(engine: Engine, report: Report) -> None:
    """Make the table of outcomes: one row a source that took part, with links to its failing feeds."""
    with reading(engine) as connection:
        counted = query.outcomes_by_source(connection, report.run_id)
        failing = query.failing_feeds(connection, report.run_id, sorted(GOOD_POLLS))
    links: dict[str, list[str]] = {}
    for feed in failing:
        links.setdefault(feed.source, []).append(f"{_link(feed.url)}: {feed.outcome}")
    outcomes = sorted({outcome for of_source in counted.values() for outcome in of_source.entries})
    table = [
        {
            "source": slug,
            "feeds polled": of_source.polls,
            **{outcome: of_source.entries.get(outcome, 0) for outcome in outcomes},
            "failing feeds": "; ".join(links.get(slug, [])),
        }
        for slug, of_source in sorted(counted.items())
    ]
    words = f"Run {report.run_id}: outcomes of each source"
    try:
        create_table_artifact(table, key="ingest-outcomes", description=words)
    except HTTPError as error:
        log.warning("The Prefect server takes no table of outcomes (%s); `khotin status` has them.", error)


def _link(url: str) -> str:
    """Write an address as a Markdown link that nothing in the address can break out of."""
    return f"<{percent(url, safe=_SAFE)}>"


# RFC 3986's reserved and unreserved characters and the percent sign, but for those that Markdown or a table reads.
_SAFE = "/:?#@!$&'+,;=%-._~"
