"""A backfill without writing anything: what would be queued, what would be left out, and a sample."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Engine

from config.settings import Settings
from models.engine import reading
from pipeline.backfill.documents import ground_for
from pipeline.backfill.planning import sieve_for
from pipeline.backfill.prepare import Ready
from pipeline.backfill.run import ADDS_SOURCES
from pipeline.ingest import Stop

SAMPLE = 10


@dataclass(slots=True)
class Look:
    """What a backfill would do."""

    wanted: int = 0
    files: int = 0
    failed_files: dict[str, str] = field(default_factory=dict)
    odd_files: dict[str, str] = field(default_factory=dict)
    hosts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    other_sites: Counter[str] = field(default_factory=Counter)
    added_sites: list[str] = field(default_factory=list)
    sample: list[str] = field(default_factory=list)


def look(ready: Ready, engine: Engine, settings: Settings, stop: Stop) -> Look:
    """Let the queuer find everything anew, and count it."""
    found, limit = Look(), ready.wish.limit
    with reading(engine) as connection:
        sieve = sieve_for(
            connection, ready.wish, ready.source_id, adds_sources=ready.wish.kind in ADDS_SOURCES, is_dry=True
        )
    found.left_out, found.other_sites, found.added_sites = sieve.left_out, sieve.other_sites, sieve.added_sites
    with ground_for(ready.wish, settings, {}) as ground:
        for batch in ready.queuer(ground):
            with reading(engine) as connection:
                wanted = sieve.choose(connection, batch.candidates)
            wanted = wanted if limit is None else wanted[: limit - found.wanted]
            found.wanted += len(wanted)
            found.files += batch.is_end
            if batch.failure:
                found.failed_files[batch.file] = batch.failure
            elif batch.note:
                found.odd_files[batch.file] = batch.note
            found.hosts.update(one.address.host for one in wanted)
            found.sample += [one.address.url for one in wanted[: SAMPLE - len(found.sample)]]
            if stop.is_wanted or (limit is not None and found.wanted >= limit):
                break
    return found
