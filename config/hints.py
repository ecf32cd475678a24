"""Hints, what a person knows of one site that no rule finds: where its text, people and dates are, how to read them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from config.codes import is_timezone
from config.date_formats import FormatError, read_format
from config.selectors import SelectorError, read_selector
from config.spelling import did_you_mean

# Who may tell a date, as the candidates of `khotin extract --explain` name them; one meta is `meta:NAME`.
SIGNALS = ("json-ld", "meta", "feed", "url", "title", "script", "time", "visible")
# Drops, or signals, of one source.
MAX_VALUES = 20

_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


class HintError(ValueError):
    """A hint that cannot be used; the text is one sentence on what to do."""


@dataclass(frozen=True, slots=True)
class SelectorHints:
    """CSS selectors of parts of a site's pages; None where the rules suffice."""

    body: str | None = None
    author: str | None = None
    date: str | None = None
    # What is taken out of the page before anything is read.
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateHints:
    """How the dates of a site's pages are read; None where the rules suffice."""

    # strptime's codes, see `config.date_formats`.
    format: str | None = None
    day_first: bool | None = None
    # IANA zone of clocks without an offset; it wins over the source's and the feed's.
    timezone: str | None = None
    # Signals that are not believed.
    ignore: tuple[str, ...] = ()
    # The pages state the wall clock rightly and its offset wrongly.
    zone_is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Hints:
    """All hints of a source; those of a source without any are equal to `Hints()`."""

    selectors: SelectorHints = field(default_factory=SelectorHints)
    dates: DateHints = field(default_factory=DateHints)


def read_hint(key: str, text: str) -> str | bool:
    """Read one value of a hint, `key` being its path such as `selectors.body`. Raises `HintError`."""
    check = _CHECKS.get(key)
    if check is None:
        hint = did_you_mean(key, _CHECKS) or f"known are {', '.join(_CHECKS)}."
        raise HintError(f"{key!r} is no hint; {hint.strip()}")
    text = " ".join(text.split())
    if not text:
        raise HintError(f"`{key}` is empty; give it a value or leave it out.")
    if not text.isprintable():
        raise HintError(f"`{key}` has an invisible character; type it anew.")
    return check(key, text)


def make_hints(values: Iterable[tuple[str, str | bool]]) -> Hints:
    """Make hints of values that `read_hint` gave. Raises `HintError` when one is given twice or there are too many."""
    given: dict[str, Any] = {}
    for key, value in values:
        if key in LISTS:
            given[key] = (*given.get(key, ()), value)
            if len(given[key]) > MAX_VALUES:
                raise HintError(f"`{key}` has more than {MAX_VALUES} values; a shorter list must do.")
        elif key in given:
            raise HintError(f"`{key}` is given twice; remove one of the two.")
        else:
            given[key] = value
    return Hints(SelectorHints(**_part(given, "selectors.")), DateHints(**_part(given, "dates.")))


def merged(hints: Hints | None, values: Iterable[tuple[str, str | bool]]) -> Hints:
    """Give hints with some values in the place of their own."""
    values = list(values)
    replaced = {key for key, _ in values}
    kept = ((key, value) for key, value in _values_of(hints or Hints()) if key not in replaced)
    return make_hints((*kept, *values))


def as_json(hints: Hints | None) -> dict[str, Any] | None:
    """Give hints as the object that the feeds file has, None when there are none; what is left out is left out."""
    if hints is None:
        return None
    made: dict[str, Any] = {}
    for key, value in _values_of(hints):
        part, _, name = key.partition(".")
        place = made.setdefault(part, {})
        if key in LISTS:
            place.setdefault(name, []).append(value)
        else:
            place[name] = value
    return made or None


def fingerprint(hints: Hints | None) -> str:
    """Give eight characters that change when hints do; "" when there are none."""
    made = as_json(hints)
    return sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:8] if made else ""


def from_json(value: Any) -> Hints | None:
    """Give the hints that `as_json` gave. Raises `HintError` when the value is another's."""
    if value is None:
        return None
    try:
        pairs = [
            (f"{part}.{name}", one)
            for part, names in value.items()
            for name, given in names.items()
            for one in (given if isinstance(given, list) else [given])
        ]
        return make_hints((key, read_hint(key, one) if isinstance(one, str) else one) for key, one in pairs)
    except (AttributeError, TypeError) as error:
        raise HintError("The hints are no object of selectors and dates.") from error


def _part(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}


def _values_of(hints: Hints) -> Iterable[tuple[str, str | bool]]:
    for key in _CHECKS:
        part, _, name = key.partition(".")
        value = getattr(getattr(hints, part), name)
        if key in LISTS:
            yield from ((key, one) for one in value)
        elif value is not None and not (key == "dates.zone_is_wrong" and value is False):
            yield key, value


def _selector(key: str, text: str) -> str:
    try:
        read_selector(text)
    except SelectorError as error:
        raise HintError(f"`{key}` is {_quoted(text)}; {error}.") from error
    return text


def _format(key: str, text: str) -> str:
    try:
        read_format(text)
    except FormatError as error:
        raise HintError(f"`{key}` is {_quoted(text)}; {error}.") from error
    return text


def _timezone(key: str, text: str) -> str:
    if not is_timezone(text):
        raise HintError(f"`{key}` is {_quoted(text)}; it must be an IANA time zone such as Asia/Ho_Chi_Minh.")
    return text


def _signal(key: str, text: str) -> str:
    if text not in SIGNALS and not text.startswith("meta:"):
        raise HintError(f"`{key}` is {_quoted(text)}; it must be one of {', '.join(SIGNALS)}, or meta:NAME.")
    return text


def _truth(key: str, text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise HintError(f"`{key}` is {_quoted(text)}; it must be yes or no.")
    return _TRUTHS[text.lower()]


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


_CHECKS: dict[str, Callable[[str, str], str | bool]] = {
    "selectors.body": _selector,
    "selectors.author": _selector,
    "selectors.date": _selector,
    "selectors.drop": _selector,
    "dates.format": _format,
    "dates.day_first": _truth,
    "dates.timezone": _timezone,
    "dates.ignore": _signal,
    "dates.zone_is_wrong": _truth,
}
KEYS = tuple(_CHECKS)
"""Every hint by its path."""

LISTS = frozenset({"selectors.drop", "dates.ignore"})
"""The hints that may have several values."""
