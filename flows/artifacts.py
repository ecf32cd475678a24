"""What a flow run shows in Prefect's pages: how far it is, and what came of each source."""

import logging
import threading
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import quote as percent
from uuid import UUID

from httpx import HTTPError
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from sqlalchemy import Engine

from models.engine import reading
from models.outcomes import GOOD_POLLS
from pipeline.plan import Progress, Report
from pipeline.warehouse import query

log = logging.getLogger(__name__)

FIRST_SECONDS, TELL_SECONDS = 10, 30
"""When progress is first told, and how often: each time costs the server about 20 ms of CPU."""

PATIENCE_SECONDS = 15
"""How long the end of a run waits for its last words to be told."""


class Teller:
    """Tells the server from a thread of its own how far a flow run is.

    A server that is slow, stalls or is gone holds nothing up: the run is what matters.
    """

    def __init__(self, key: str = "ingest-progress") -> None:
        """`key` names the artifact."""
        self._key = key
        self._progress = Progress()
        self._said: str | None = None
        self._is_over = threading.Event()
        self._is_good = False
        # The context says which flow run this is, and which server.
        self._thread = threading.Thread(target=copy_context().run, args=(self._tell,), name="teller", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_good = error is None
        self._is_over.set()
        # Who interrupts a run does not wait for a server that stalls.
        self._thread.join(PATIENCE_SECONDS if self._is_good else 1)

    def move(self, progress: Progress, words: str | None = None) -> None:
        """Take note of the progress, to be told soon; in `words` where they are others than a run's."""
        self._progress = replace(progress)
        self._said = words

    def _tell(self) -> None:
        artifact: UUID | None = None
        wait = FIRST_SECONDS
        while not self._is_over.wait(wait):
            artifact, wait = self._try_to_show(artifact), TELL_SECONDS
        if self._is_good:
            with suppress(HTTPError):
                self._show(artifact, self._percentage(is_over=True))

    def _try_to_show(self, artifact: UUID | None) -> UUID | None:
        try:
            return self._show(artifact, self._percentage(is_over=False))
        except HTTPError as error:
            log.warning("The Prefect server takes no progress (%s); the run goes on.", error)
            return artifact

    def _percentage(self, *, is_over: bool) -> float:
        done, left = self._progress.pages_done, self._progress.in_hand
        return 100 if is_over else round(100 * done / max(1, done + left), 1)

    def _show(self, artifact: UUID | None, percentage: float) -> UUID:
        words = self._said or _words(self._progress)
        if artifact is not None:
            update_progress_artifact(artifact, percentage, description=words)
            return artifact
        made = create_progress_artifact(percentage, key=self._key, description=words)
        assert isinstance(made, UUID)  # noqa: S101  # in a sync flow it is no coroutine
        return made


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
