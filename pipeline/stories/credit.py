"""Whether a copy says where it has its words from."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.agencies import agency_names


@dataclass(frozen=True, slots=True)
class Publication:
    """Who published an article, by slug and name, and the agencies and papers that it names."""

    source: str
    source_name: str
    agencies: tuple[str, ...]


def is_credited(copy: Publication, original: Publication) -> bool:
    """Tell whether a copy names its original's source or an agency that both name; nobody need credit himself."""
    if copy.source == original.source:
        return True
    named = _known(copy.agencies)
    return not named.isdisjoint(_known((original.source, original.source_name, *original.agencies)))


def _known(names: Iterable[str]) -> set[str]:
    """Fold names, each with the agency that it is another name of."""
    folded = {name.strip().casefold() for name in names} - {""}
    known = agency_names()
    return folded | {known[name].name.casefold() for name in folded if name in known}
