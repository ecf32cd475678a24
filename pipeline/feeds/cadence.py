"""How often a feed asks to be polled: ttl, sy:updatePeriod, skipHours and skipDays."""

import re

_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = {str(hour).zfill(width): hour % 24 for hour in range(25) for width in (1, 2)}
_HOUR_LIST = re.compile(r"<skipHours\b[^<>]*+>((?:[^<]|<(?!/skipHours)){0,2000}+)", re.IGNORECASE)
_DAY_LIST = re.compile(r"<skipDays\b[^<>]*+>((?:[^<]|<(?!/skipDays)){0,2000}+)", re.IGNORECASE)
_HOUR = re.compile(r"<hour\b[^<>]*+>\s*+([^<\s]{1,12})", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^<>]*+>\s*+([^<\s]{1,12})", re.IGNORECASE)
_LONGEST = _MINUTES["yearly"]


def interval_minutes(ttl: str, period: str, frequency: str) -> int | None:
    """Give the minutes between polls that a feed asks for; None when it does not, or says nothing sensible.

    ttl is minutes (RSS 2.0); sy:updateFrequency is how often in an sy:updatePeriod (RSS 1.0 Syndication module), once
    when absent. Periods that do not exist ("always") count for nothing.
    """
    minutes = _positive(ttl)
    if minutes is None and (length := _MINUTES.get(period.strip().lower())):
        minutes = max(1, length // (_positive(frequency) or 1))
    return None if minutes is None else min(minutes, _LONGEST)


def skips_in(text: str) -> tuple[list[str], list[str]]:
    """Give the hours and the days that an RSS feed lists, as written; feedparser keeps only the last of them."""
    if "<skip" not in text:
        return [], []
    hours, days = _HOUR_LIST.search(text), _DAY_LIST.search(text)
    return (_HOUR.findall(hours[1]) if hours else []), (_DAY.findall(days[1]) if days else [])


def skipped_hours(written: list[str]) -> frozenset[int]:
    """Read skipHours: UTC hours, where 24 is 0 (RSS 0.91 counts from 1, RSS 2.0 from 0)."""
    return frozenset(_HOURS[hour] for hour in written if hour in _HOURS)


def skipped_days(written: list[str]) -> frozenset[int]:
    """Read skipDays: English names of days, 0 = Monday."""
    return frozenset(_DAYS.index(day.lower()) for day in written if day.lower() in _DAYS)


def _positive(written: str) -> int | None:
    digits = written.strip()
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
