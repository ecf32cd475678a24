"""Agencies named in a line of text: their names and signatures found as they are written."""

import re
from functools import cache

from config.agencies import Agency, agencies, agency_names
from pipeline.text import one_line

_PARTS = re.compile(r"[,;/&|]|\s+[–-]\s+|[()]")


def agencies_in(text: str, papers: bool = False) -> tuple[str, ...]:
    """Give the canonical names of the agencies that a line names, in order; of `papers` too when no agency is named.

    Papers carry everyday names ("Lao Động"), so one counts only as a whole part of the line.
    """
    names = agency_names()
    found = [names[match.group(0).casefold()].name for match in signatures().finditer(text)]
    if papers and not found:
        parts = (one_line(part) or "" for part in _PARTS.split(text))
        found = [names[part.casefold()].name for part in parts if part.casefold() in names]
    return tuple(dict.fromkeys(found))


def known_agency(name: str) -> Agency | None:
    """Give the agency or paper of exactly this name, None when it is unknown."""
    return agency_names().get((one_line(name) or "").casefold())


@cache
def signatures() -> re.Pattern[str]:
    """Give one pattern for every name and alias of an agency that is no paper, in the case they are written in."""
    return re.compile(rf"(?<!\w)(?:{_alternatives(_names())})(?!\w)")


@cache
def glued_signature() -> re.Pattern[str]:
    """Give a pattern for a signature that lost the blank or bracket before it at a line's end ("Hà ThuTTXVN")."""
    capitals = {name for name in _names() if name.isupper() and len(name) > 2}
    return re.compile(rf"(?<=[^\W\d_A-Z])(?:{_alternatives(capitals)})$")


def _names() -> set[str]:
    return {name for agency in agencies() if not agency.is_paper for name in (agency.name, *agency.aliases)}


def _alternatives(names: set[str]) -> str:
    """Join names for a pattern, the longest first: "dpa-AFX" before "dpa"."""
    return "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
