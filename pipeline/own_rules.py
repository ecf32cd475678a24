"""The newsroom's own rules, topics.yaml and sections.yaml of the data folder, taken over by the warehouse."""

import logging
from collections.abc import Callable

from sqlalchemy import Engine

from config import sections as sections_file
from config import topics as topics_file
from config.rules_file import RulesFileError
from config.settings import Settings
from models.engine import write
from pipeline.warehouse import clock
from pipeline.warehouse.search_index import catch_up
from pipeline.warehouse.sections import apply_sections
from pipeline.warehouse.topics import Changes, apply_topics, tag_older

log = logging.getLogger(__name__)

BATCH = 200
"""Articles of one transaction: others wait for about a quarter of a second."""

PER_RUN = 2_000
"""A run begins with no more of what is left from before; the rest is done by later runs and by `maintain`."""


def follow_own_rules(engine: Engine, settings: Settings) -> None:
    """Take over both files, and tag and index a part of what waits; a file with mistakes changes nothing."""
    for take in (take_topics, take_sections):
        try:
            take(engine, settings)
        except RulesFileError as error:
            log.warning("%s", error)
    work_off(engine, PER_RUN)


def take_topics(engine: Engine, settings: Settings) -> Changes | None:
    """Take over topics.yaml; None when there is none, and all stays as it is. Raises `RulesFileError`."""
    wish = topics_file.read_topics(settings.data_dir / topics_file.NAME)
    if wish is None:
        return None
    return write(engine, lambda connection: apply_topics(connection, wish, clock.now(connection)))


def take_sections(engine: Engine, settings: Settings) -> int | None:
    """Take over sections.yaml; None when there is none, and all stays as it is. Raises `RulesFileError`."""
    wish = sections_file.read_sections(settings.data_dir / sections_file.NAME)
    if wish is None:
        return None
    return write(engine, lambda connection: apply_sections(connection, wish, clock.now(connection)))


def work_off(engine: Engine, limit: int | None, watch: Callable[[int], None] = lambda _done: None) -> int:
    """Tag and index articles that wait for it, at most `limit` each (all when None); give how many were compared."""
    done = 0
    for chore in (tag_older, catch_up):
        left = limit
        while left is None or left > 0:
            size = BATCH if left is None else min(BATCH, left)
            count = write(engine, lambda connection, chore=chore, size=size: chore(connection, size))  # type: ignore[misc]  # mypy reads no defaults of lambdas
            done += count
            watch(done)
            left = None if left is None else left - count
            if count < size:
                break
    return done
