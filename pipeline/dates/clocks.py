"""Times of day as people write them: `15:43`, `15h43`, `3.43 p.m.`, `11:05 tối`, `오후 3시 43분`."""

import re
from dataclasses import dataclass
from datetime import time

# Words on a folded text (see `fold`) that say which half of the day is meant; Vietnamese has five parts of a day.
_BEFORE = r"(?P<before>오전|오후|上午|下午|午前|午後|凌晨|早上|晚上|中午)\s?"
_AFTER = (
    r"\s?(?P<after>a\.?\s?m\b\.?|p\.?\s?m\b\.?|sang|trua|chieu|toi|dem|sa|ch|π\.?\s?μ|μ\.?\s?μ|صباحا|مساء|ص|م)"
    r"(?![^\W\d_])"
)
_COLON = re.compile(
    rf"(?<![\d:/])(?:{_BEFORE})?(?P<hour>\d{{1,2}})\s?(?::|h|gio|時|时|시|uhr)\s?(?P<minute>[0-5]\d)(?!\d)"
    rf"(?:\s?[:m분分']\s?(?P<second>[0-6]\d)(?!\d)(?:[.,]\d{{1,9}})?)?(?:\s?[분分])?(?:{_AFTER})?"
)
# `15.43` is a clock only where no date or number goes on; `15h`, `3 pm`, `15 Uhr` are whole hours.
_DOT = re.compile(rf"(?<![\d:.,/$€£])(?P<hour>\d{{1,2}})\.(?P<minute>[0-5]\d)(?![\d%]|[.,/]\d)(?:{_AFTER})?")
_HALF = re.compile(rf"(?<![\d:.,/])(?P<hour>\d{{1,2}}){_AFTER}")
_HOUR = re.compile(rf"(?<![\d:.,/])(?:{_BEFORE})?(?P<hour>\d{{1,2}})\s?(?:h|uhr|時|时|시)(?![^\W_])")
_MORNING = frozenset({"am", "sang", "sa", "πμ", "صباحا", "ص", "오전", "上午", "午前", "凌晨", "早上"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day and where it stands in the folded text; `is_next_day` when it was written as 24:00."""

    at: time
    start: int
    end: int
    is_next_day: bool = False


def find_clock(text: str, start: int = 0) -> Clock | None:
    """Find the first time of day in a folded text from `start`; None when there is none or it is no valid time."""
    for pattern in (_COLON, _DOT, _HALF, _HOUR):
        match = pattern.search(text, start)
        if match is not None:
            return _read(match)
    return None


def _read(match: re.Match[str]) -> Clock | None:
    parts = match.groupdict()
    hour, minute = int(parts["hour"]), int(parts.get("minute") or 0)
    # A leap second is told as the second before it: no database knows :60.
    second = min(int(parts.get("second") or 0), 59)
    if hour == 24 and minute == 0:
        return Clock(time(0, 0, second), match.start(), match.end(), is_next_day=True)
    if hour > 23:
        return None
    part_of_day = re.sub(r"[.\s]", "", parts.get("before") or parts.get("after") or "")
    return Clock(time(_hour_of_day(hour, part_of_day), minute, second), match.start(), match.end())


def _hour_of_day(hour: int, part: str) -> int:
    """Give the hour of 24; a part of the day that contradicts the hour ("15:20 PM", "0:30 sáng") changes nothing."""
    if not part or hour > 12:
        return hour
    if part in _MORNING:
        return 0 if hour == 12 else hour
    if part == "dem":  # Vietnamese night: 9–11 in the evening, 12 is midnight, 1–4 is before dawn
        return 0 if hour == 12 else hour + 12 if hour >= 7 else hour
    if part in {"trua", "中午"}:  # noon: 10–12, then 1 and 2 after it
        return hour if hour >= 10 else hour + 12
    return hour if hour in {0, 12} else hour + 12
