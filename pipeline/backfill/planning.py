"""Candidates into the queue: what is of other days, of no source or there already is left out, and counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pipeline.backfill.candidate import Candidate
from pipeline.backfill.wish import Wish
from pipeline.dates.addresses import day_in_url
from pipeline.urls import Address, address_of, same_site, site_of
from pipeline.warehouse.backfills import Queueable, add_source, backfill_of, known_keys, sources_by_site

NO_ADDRESS = "no address"
OTHER_DAYS = "of other days"
OTHER_SITE = "of other sites"
THERE = "there already"

_NO_SOURCE = 0
"""Stands for a source that would be added."""

# A day in an address or without a zone may be another one in the newsroom's zone; the article itself says it exactly.
_MARGIN = timedelta(days=1)


@dataclass(slots=True)
class Sieve:
    """Chooses what is wanted. `adds_sources`: a site that no source has becomes a source of its own."""

    wish: Wish
    source_id: int | None
    backfill_id: int | None
    of_sites: dict[str, int]
    adds_sources: bool
    is_dry: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    other_sites: Counter[str] = field(default_factory=Counter)
    added_sites: list[str] = field(default_factory=list)
    # By host; a list of a million addresses names few of them.
    _sites: dict[str, str] = field(default_factory=dict)

    def choose(self, connection: Connection, candidates: Iterable[Candidate]) -> list[Queueable]:
        """Give the candidates that are wanted and not there yet; the others are counted by reason."""
        fitting: dict[str, tuple[Address, Candidate]] = {}
        for one in candidates:
            address = one.address or address_of(one.url)
            if address is None:
                self.left_out[NO_ADDRESS] += 1
            elif is_of_other_days(one, self.wish):
                self.left_out[OTHER_DAYS] += 1
            elif address.key in fitting:
                self.left_out[THERE] += 1
            else:
                fitting[address.key] = (address, one)
        known = known_keys(connection, sorted(fitting), self.backfill_id, takes_failed=self.wish.is_offline)
        self.left_out[THERE] += len(known & fitting.keys())
        chosen = []
        for key, (address, one) in fitting.items():
            if key in known:
                continue
            source_id = self._source(connection, address)
            if source_id is None:
                self.left_out[OTHER_SITE] += 1
                self.other_sites[self._site(address)] += 1
            else:
                chosen.append(Queueable(address, source_id, _stated(one)))
        return chosen

    def _source(self, connection: Connection, address: Address) -> int | None:
        site = self._site(address)
        if self.wish.domains and not self._is_named(address.url, site):
            return None
        if self.source_id is not None:
            # Kinds that search many sites take only those of the source; the others were given by a person.
            return self.source_id if self.adds_sources or self.of_sites.get(site) == self.source_id else None
        if site not in self.of_sites and (self.adds_sources or self.wish.domains):
            self.of_sites[site] = _NO_SOURCE if self.is_dry else add_source(connection, site)
            self.added_sites.append(site)
        return self.of_sites.get(site)

    def _site(self, address: Address) -> str:
        site = self._sites.get(address.host)
        if site is None:
            site = self._sites[address.host] = site_of(address.url) or address.host
        return site

    def _is_named(self, url: str, site: str) -> bool:
        return any(domain in ("*", site) or same_site(url, f"http://{domain}/") for domain in self.wish.domains)


def sieve_for(
    connection: Connection, wish: Wish, source_id: int | None, *, adds_sources: bool, is_dry: bool = False
) -> Sieve:
    """Make the sieve of a wish with the sources that the warehouse has now; with `is_dry` it writes nothing."""
    backfill_id = backfill_of(connection, wish.fingerprint)
    return Sieve(wish, source_id, backfill_id, sources_by_site(connection), adds_sources, is_dry)


def is_of_other_days(candidate: Candidate, wish: Wish) -> bool:
    """Tell whether a candidate surely was not published in the span of the wish, by what is known before the fetch."""
    if wish.since is None and wish.until is None:
        return False
    published = candidate.published or day_in_url(candidate.url)
    if published is not None:
        return _is_before(published, wish.since) or _is_after(published, wish.until)
    # Published no later than last changed.
    return candidate.changed is not None and _is_before(candidate.changed, wish.since)


def _is_before(moment: datetime | date, bound: datetime | None) -> bool:
    if bound is None:
        return False
    return moment < bound if isinstance(moment, datetime) else moment < bound.date() - _MARGIN


def _is_after(moment: datetime | date, bound: datetime | None) -> bool:
    if bound is None:
        return False
    return moment >= bound if isinstance(moment, datetime) else moment > bound.date() + _MARGIN


def _stated(candidate: Candidate) -> dict[str, Any]:
    stated: dict[str, Any] = {"place": candidate.place} if candidate.place else {}
    if candidate.published is not None:
        stated["published"] = candidate.published.isoformat()
    if candidate.title:
        # JSON has NUL, PostgreSQL has none.
        stated["title"] = candidate.title.replace("\x00", "")
    return stated
