"""Offsets and zone names as publishers write them, and wall times placed in a zone."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

# Hours east of UTC. The North American ones are fixed by RFC 822 section 5.1, `UT` with them; the rest are what news
# sites mean by them. A name that the publisher's own zone uses (IST in Dublin, CST in Shanghai) is read by that zone.
_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2,
    "met": 1, "mest": 2, "eet": 2, "eest": 3, "sast": 2, "cat": 2, "wat": 1, "eat": 3, "msk": 3, "мск": 3, "ast": -4,
    "gst": 4, "trt": 3, "pkt": 5, "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7, "wita": 8, "wit": 9, "sgt": 8, "myt": 8,
    "hkt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "adt": -3, "nst": -3.5, "ndt": -2.5, "brt": -3, "brst": -2, "art": -3,
    "clt": -4, "clst": -3, "cot": -5, "pet": -5,
}  # fmt: skip
# Names that leave open whether summer time is on.
_REGIONS = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "uk": "Europe/London",
}  # fmt: skip
# `GMT+7`, `(UTC +07:00)`, `+0700`, `-03`, `ICT`, after a clock and at most a little punctuation. Without `GMT` the
# sign must touch two or four digits: "15:43 - 05/09" is no offset.
_ZONE = re.compile(
    r"[\s,;(\[]{0,3}(?:(?:gmt|utc|ut)\s?[:(]?\s?(?P<sign>[+\-−–])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?!\d)"
    r"|(?P<sign2>[+\-−])(?P<hours2>\d{2})(?::?(?P<minutes2>[0-5]\d))?(?![\d/.])"
    r"|(?P<hours3>)(?P<name>[a-z]{1,4}|мск)(?![^\W_]))"
)
_DAY = timedelta(days=1)


@lru_cache(maxsize=512)
def zone_named(name: str | None) -> ZoneInfo | None:
    """Give the IANA zone of that name, None when it is unknown to this machine's tz database."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def offset_after(text: str, position: int, wall: datetime, timezone_name: str | None) -> timezone | None:
    """Read the offset that a folded text states right after its clock; None when it states none.

    `GMT+7` is seven hours east, as people write it (not west, as POSIX does). An offset of 15 hours or more is none.
    """
    match = _ZONE.match(text, position)
    if match is None:
        return None
    if match["name"]:
        return _offset_named(match["name"], wall, timezone_name)
    hours, minutes = match["hours"] or match["hours2"], match["minutes"] or match["minutes2"] or "0"
    sign = -1 if (match["sign"] or match["sign2"]) in "-−–" else 1
    return fixed(sign * (int(hours) * 60 + int(minutes)))


@lru_cache(maxsize=512)
def fixed(minutes: int) -> timezone | None:
    """Give the fixed offset of so many minutes east of UTC, None when no place on earth has it (14 hours and more)."""
    if abs(minutes) > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def placed(wall: datetime, zone: ZoneInfo) -> datetime:
    """Place a naive wall time in a zone: aware, with a fixed offset.

    Of a repeated hour it is the first one; a skipped hour is moved on.
    """
    local = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def _offset_named(name: str, wall: datetime, timezone_name: str | None) -> timezone | None:
    own = zone_named(timezone_name)
    if own is not None and wall.replace(tzinfo=own).strftime("%Z").lower() == name:
        return _fixed_of(placed(wall, own))
    if name in _REGIONS:
        region = zone_named(_REGIONS[name])
        return None if region is None else _fixed_of(placed(wall, region))
    hours = _HOURS.get(name)
    return None if hours is None else fixed(int(hours * 60))


def _fixed_of(local: datetime) -> timezone | None:
    offset = local.utcoffset()
    return None if offset is None else fixed(int(offset.total_seconds() // 60))
