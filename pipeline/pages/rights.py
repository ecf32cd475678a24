"""What a publisher reserves: noarchive of the robots directives, and text and data mining by TDMRep.

Both are noted, never guessed: what khotin does with them is in docs/operators.md. Sources: Google's and Bing's robots
directives (X-Robots-Tag, meta robots), and the W3C community group's TDM Reservation Protocol (tdm-reservation,
tdm-policy as headers and as meta). Its third place, /.well-known/tdmrep.json, is not asked for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

AGENT = "khotin"
_HEAD_BYTES = 200_000
"""Meta elements stand in the head; one that is further down is in no page that means it."""

_MAX_URL = 2_048
# Bounded, so that no page can make them quadratic.
_META = re.compile(rb"<meta\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_OF_ONE_AGENT = re.compile(r"\s*([a-z][a-z0-9_*-]*)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Directives that have a colon themselves; every other word before one names the robot that is meant."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a page's publisher says; `is_tdm_reserved` is None when it says nothing of mining."""

    is_noarchive: bool = False
    is_tdm_reserved: bool | None = None
    tdm_policy_url: str | None = None


def read_rights(headers: Mapping[str, str], body: bytes) -> Rights:
    """Read the reservations in a response's headers (lower-case names) and in the meta elements of its page.

    Where header and page differ, the stricter word counts. Linear in the first 200 kB; never raises.
    """
    stated: dict[str, list[str]] = {}
    for name, content in _metas(body[:_HEAD_BYTES]):
        stated.setdefault(name, []).append(content)
    robots = [words for name in ("robots", AGENT) for words in stated.get(name, [])]
    is_noarchive = "noarchive" in _for_us(headers.get("x-robots-tag", "")) or any(
        "noarchive" in _words(content) for content in robots
    )
    reservations = {
        value.strip() for value in (headers.get("tdm-reservation", ""), *stated.get("tdm-reservation", []))
    } & {"0", "1"}
    policies = (headers.get("tdm-policy", ""), *stated.get("tdm-policy", []))
    return Rights(
        is_noarchive,
        ("1" in reservations) if reservations else None,
        next((url.strip() for url in policies if _is_url(url.strip())), None),
    )


def _metas(start: bytes) -> Iterator[tuple[str, str]]:
    """Yield name (lower case) and content of the meta elements that may matter."""
    for found in _META.finditer(start):
        lower = found[1].lower()
        if not (b"robots" in lower or b"khotin" in lower or b"tdm-" in lower):
            continue
        values = {
            name.lower(): double or single or bare
            for name, double, single, bare in _ATTRIBUTE.findall(found[1].decode("utf-8", errors="replace"))
        }
        yield values.get("name", "").strip().lower(), unescape(values.get("content", ""))


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}


def _for_us(header: str) -> set[str]:
    """Give the directives of X-Robots-Tag that are for every robot or for ours: `otherbot: noarchive` is not."""
    directives: set[str] = set()
    agent = "*"
    for part in header.split(","):
        named = _OF_ONE_AGENT.fullmatch(part)
        text = part
        if named and named[1].lower() not in _WITH_VALUE:
            agent, text = named[1].lower(), named[2]
        if agent in {"*", "robots", AGENT}:
            directives.add(text.strip().lower())
    return directives


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://")) and len(text) <= _MAX_URL and text.isprintable()
