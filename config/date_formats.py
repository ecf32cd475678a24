"""How a site writes its dates, in the codes of strptime: read into a pattern that finds such a date within a line."""

import re
from functools import lru_cache

MAX_CHARS = 80

# strptime's code -> the group that it fills and what it matches (Python's library reference, "Format Codes").
_CODES = {
    "d": ("day", r"\d{1,2}"),
    "m": ("month", r"\d{1,2}"),
    "b": ("month_name", r"[^\W\d_]{2,20}\.?"),
    "B": ("month_name", r"[^\W\d_]{2,20}\.?"),
    "Y": ("year", r"\d{4}"),
    "y": ("year", r"\d{2}"),
    "H": ("hour", r"\d{1,2}"),
    "I": ("hour", r"\d{1,2}"),
    "M": ("minute", r"\d{2}"),
    "S": ("second", r"\d{2}"),
    "f": ("fraction", r"\d{1,6}"),
    "p": ("half", r"[ap]\.?m\.?"),
    "z": ("offset", r"Z|[+-]\d\d:?\d\d"),
    "a": ("weekday", r"[^\W\d_]{1,20}\.?(?:\s[^\W\d_]{1,20})?"),
    "A": ("weekday", r"[^\W\d_]{1,20}\.?(?:\s[^\W\d_]{1,20})?"),
}
_PART = re.compile(r"%-?(?P<code>.)|(?P<blank>\s+)|(?P<text>[^%\s])", re.DOTALL)


class FormatError(ValueError):
    """A format that cannot be used; the text says why, to follow "…; "."""


@lru_cache(maxsize=256)
def read_format(text: str) -> re.Pattern[str]:
    """Give a pattern whose groups are the parts of a date so written. Raises `FormatError`.

    Month and weekday may be names in any language: `%B`, `%A`. Day, month and year must all be there.
    """
    if len(text) > MAX_CHARS:
        raise FormatError(f"it is longer than {MAX_CHARS} characters")
    found: dict[str, str] = {}
    pattern = "".join(_pattern_of(part, found) for part in _PART.finditer(text))
    if text.endswith("%") and not text.endswith("%%"):
        raise FormatError("it ends with a lone %")
    if not {"day", "year"} <= found.keys() or found.keys().isdisjoint({"month", "month_name"}):
        raise FormatError("it must say day, month and year, such as %d/%m/%Y %H:%M")
    if ("minute" in found and "hour" not in found) or (found.get("hour") == "I" and "half" not in found):
        raise FormatError("its clock needs %H, or %I and %p")
    if "half" in found and found.get("hour") != "I":
        raise FormatError("%p goes with %I")
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.IGNORECASE)


def _pattern_of(part: re.Match[str], found: dict[str, str]) -> str:
    code = part["code"]
    if code is None:
        return r"\s+" if part["blank"] else re.escape(part["text"])
    if code == "%":
        return "%"
    if code not in _CODES:
        raise FormatError(f"%{code} is not known here; known are {' '.join(f'%{one}' for one in _CODES)}")
    name, pattern = _CODES[code]
    if name in found:
        raise FormatError(f"it says the {name.partition('_')[0]} twice")
    found[name] = code
    return f"(?P<{name}>{pattern})"
