"""The list of news agencies that ships with khotin: names, signatures, and papers that reprints credit."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

AGENCIES_FILE = Path(__file__).with_name("agencies.yaml")


@dataclass(frozen=True, slots=True)
class Agency:
    """A news agency, or (`is_paper`) a newspaper or site that others reprint; `country` is ISO 3166-1 alpha-2."""

    name: str
    country: str
    aliases: tuple[str, ...] = ()
    is_paper: bool = False


class AgenciesError(ValueError):
    """The agencies file says something that cannot be used; the message names the entry."""


def parse_agencies(text: str) -> tuple[Agency, ...]:
    """Read the agencies of a YAML text; AgenciesError when an entry has no name or an unknown key."""
    listed = (YAML(typ="safe").load(text) or {}).get("agencies", [])
    return tuple(_agency(entry) for entry in listed)


def _agency(entry: Any) -> Agency:
    if not isinstance(entry, dict) or not entry.get("name") or not entry.get("country"):
        raise AgenciesError(f"an agency needs a name and a country: {entry}")
    if unknown := set(entry) - {"name", "country", "aliases", "kind"}:
        raise AgenciesError(f"{entry['name']}: unknown {', '.join(sorted(unknown))}")
    if entry.get("kind", "agency") not in {"agency", "paper"}:
        raise AgenciesError(f"{entry['name']}: kind is agency or paper, not {entry['kind']}")
    aliases = tuple(str(alias) for alias in entry.get("aliases", ()))
    return Agency(str(entry["name"]), str(entry["country"]), aliases, entry.get("kind") == "paper")


@cache
def agencies() -> tuple[Agency, ...]:
    """Give the shipped agencies, read once."""
    return parse_agencies(AGENCIES_FILE.read_text(encoding="utf-8"))


@cache
def agency_names() -> Mapping[str, Agency]:
    """Give every name and alias, case folded, with its agency; the first entry that claims a name keeps it."""
    found: dict[str, Agency] = {}
    for agency in agencies():
        for name in (agency.name, *agency.aliases):
            found.setdefault(name.casefold(), agency)
    return MappingProxyType(found)
