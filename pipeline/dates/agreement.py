"""Settles one moment out of many that disagree: the day by weight of testimony, clock and zone by comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from pipeline.dates.moment import Moment
from pipeline.dates.written import Setting, Written, is_believable
from pipeline.dates.zones import placed, zone_named

# Places on earth are at most this far from UTC.
_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# Dates shown far from the headline weigh less than this: they are of other articles, and clocks agree by chance.
_NEAR = 3.0
_QUARTER = timedelta(minutes=15)
_SEASON = timedelta(days=60)
# Another word of the same speaker adds little, further ones nothing: one system wrote them all.
_ECHO = 0.25
# A reading that is not the likeliest (05/09/2021 as 9 May), or a day that only some zone makes of a UTC instant.
_UNLIKELY = 0.9
# An address keeps the day of the first publication when the metadata tell of a much later move or revision.
_MOVED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Witness:
    """One date that something says: who (`speaker`, `signal`), how far to believe it, in which words and parts."""

    speaker: str
    signal: str
    weight: float
    text: str
    written: Written
    is_modified: bool = False

    @property
    def day(self) -> date:
        """Give the likeliest day as written."""
        return self.written.days[0]

    @property
    def wall(self) -> datetime | None:
        """Give the wall clock as written, None when only a day is written."""
        return None if self.written.clock is None else datetime.combine(self.day, self.written.clock)

    @property
    def instant(self) -> datetime | None:
        """Give the instant as written, None when the clock or the offset is missing."""
        wall = self.wall
        return None if wall is None or self.written.offset is None else wall.replace(tzinfo=self.written.offset)


def settle(
    witnesses: Sequence[Witness], setting: Setting, home: str | None, context: Sequence[Witness] = ()
) -> tuple[Moment | None, Witness | None]:
    """Give the moment that the witnesses agree on best and the witness it was taken from; (None, None) without any.

    `home` is the IANA zone of the site's country, where it has only one. It and `context`, all that the page says of
    any moment, only tell in which offset an instant told in UTC is expressed, and so on which day it fell; they never
    read a clock without a zone.
    """
    believed = [w for w in (_corrected(w, witnesses, setting) for w in witnesses) if _is_possible(w, setting)]
    if not believed:
        return None, None
    around = [*believed, *context]
    at_home = [_expressed(witness, around, setting, home) for witness in believed]
    day = _best_day(at_home)
    taken = _best_witness(at_home, day)
    return _moment(taken, day, setting), taken


def _is_possible(witness: Witness, setting: Setting) -> bool:
    on = witness.day
    return _FIRST_YEAR <= on.year <= _LAST_YEAR and is_believable(Moment.day(on, ""), setting.fetched_at)


def _corrected(witness: Witness, others: Iterable[Witness], setting: Setting) -> Witness:
    """Mend an offset that contradicts the same wall clock elsewhere.

    What readers see is right, and so is the publisher's known zone for the clock that they see; between machines, UTC
    is wrong: many systems print local time and call it so. An instant that lies ahead of the fetch was local time too.
    """
    wall, offset = witness.wall, witness.written.offset
    if wall is None or offset is None:
        return witness
    stated = offset.utcoffset(None)
    zone = zone_named(setting.timezone)
    own = None if zone is None else placed(wall, zone).utcoffset()
    for other in others:
        if other.wall is None or other is witness or not _same_minute(other.wall, wall):
            continue
        right = None if other.written.offset is None else other.written.offset.utcoffset(None)
        is_seen = other.signal == "visible"
        if is_seen and right is None:
            right = own
        if right is not None and right != stated and (is_seen or not stated):
            return _at_offset(witness, wall, timezone(right))
    if own is not None and own > stated and _is_ahead(wall.replace(tzinfo=offset), setting.fetched_at):
        return _at_offset(witness, wall, timezone(own))
    return witness


def _is_ahead(instant: datetime, fetched_at: datetime | None) -> bool:
    """Tell whether an instant lies after the fetch; a fetch at midnight sharp is a day, and tells nothing."""
    if fetched_at is None or fetched_at.time() == time():
        return False
    return instant > fetched_at + _QUARTER


def _same_minute(left: datetime, right: datetime) -> bool:
    return left.replace(second=0, microsecond=0) == right.replace(second=0, microsecond=0)


def _at_offset(witness: Witness, wall: datetime, offset: timezone) -> Witness:
    written = Written((wall.date(),), wall.time(), offset)
    return Witness(witness.speaker, witness.signal, witness.weight, witness.text, written, witness.is_modified)


def _expressed(witness: Witness, others: Sequence[Witness], setting: Setting, home: str | None) -> Witness:
    """Express an instant that is told in UTC in the publisher's own offset, when anything says which it is."""
    instant = witness.instant
    if instant is None or instant.utcoffset():
        return witness
    zone = zone_named(setting.timezone)
    offset = _offset_of(instant, zone) if zone is not None else _told_offset(instant, others)
    if offset is None and (zone := zone_named(home)) is not None:
        offset = _offset_of(instant, zone)
    if offset is None:
        return witness
    local = instant.astimezone(offset)
    return _at_offset(witness, local.replace(tzinfo=None), offset)


def _offset_of(instant: datetime, zone: ZoneInfo) -> timezone | None:
    offset = instant.astimezone(zone).utcoffset()
    return None if offset is None else timezone(offset)


def _told_offset(instant: datetime, others: Sequence[Witness]) -> timezone | None:
    """Find the offset in which another witness tells the same instant, or one nearby, or of its bare wall clock."""
    zoned = [w.instant for w in others if w.instant is not None and w.instant.utcoffset() and w.weight >= _NEAR]
    for other in zoned:
        if abs(other - instant) < timedelta(minutes=1):
            return timezone(other.utcoffset() or timedelta())
    for witness in others:
        if witness.wall is None or witness.written.offset is not None or witness.weight < _NEAR:
            continue
        ahead = witness.wall.replace(second=0, microsecond=0, tzinfo=UTC) - instant.replace(second=0, microsecond=0)
        if ahead and -_WEST <= ahead <= _EAST and not ahead % _QUARTER:
            return timezone(ahead)
    # Summer time may begin or end between the two; further apart nothing follows.
    close = min(zoned, key=lambda other: abs(other - instant), default=None)
    if close is None or abs(close - instant) > _SEASON:
        return None
    return timezone(close.utcoffset() or timedelta())


def _support(witness: Witness, day: date) -> float:
    """Tell how much weight a witness gives to a day."""
    days = witness.written.days
    if day == days[0]:
        return witness.weight
    if day in days[1:]:
        return witness.weight * _UNLIKELY
    instant = witness.instant
    if instant is not None and not instant.utcoffset():
        # Told in UTC, the publisher's zone unknown: it may have been this day there.
        possible = {(instant - _WEST).date(), (instant + _EAST).date()}
        return witness.weight * _UNLIKELY if day in possible else 0.0
    return 0.0


def _best_day(witnesses: Sequence[Witness]) -> date:
    days = dict.fromkeys(on for witness in witnesses for on in witness.written.days)
    best = max(days, key=lambda day: _weight_of(day, witnesses))
    addressed = [witness.day for witness in witnesses if witness.speaker == "url"]
    return next((day for day in addressed if best - day >= _MOVED), best)


def _weight_of(day: date, witnesses: Sequence[Witness]) -> float:
    by_speaker: dict[str, list[float]] = {}
    for witness in witnesses:
        by_speaker.setdefault(witness.speaker, []).append(_support(witness, day))
    total = 0.0
    for speaker, given in by_speaker.items():
        first, *rest = sorted(given, reverse=True)
        # Shown dates are many, of other articles too: how often one is repeated says nothing.
        total += first + (_ECHO * rest[0] if rest and speaker != "shown" else 0.0)
    return total


def _best_witness(witnesses: Sequence[Witness], day: date) -> Witness:
    """Choose whose words to take for a day: instants before bare clocks before days, then weight, then seconds.

    An instant told in UTC that only may have fallen on that day counts where nobody states a clock on the day itself.
    """
    stating = [witness for witness in witnesses if day in witness.written.days]
    if not any(witness.wall is not None for witness in stating):
        stating = [witness for witness in witnesses if _support(witness, day)]

    def rank(witness: Witness) -> tuple[float, ...]:
        precision = 2 if witness.instant is not None else 1 if witness.wall is not None else 0
        return (precision, _support(witness, day), bool(witness.written.clock and witness.written.clock.second))

    return max(stating, key=rank)


def _moment(witness: Witness, day: date, setting: Setting) -> Moment:
    clock, offset = witness.written.clock, witness.written.offset
    instant = witness.instant
    if instant is not None and witness.day != day and day not in witness.written.days:
        found = Moment.at(instant, witness.signal)  # told in UTC; the others say which day it was there
        return Moment(found.local, day, found.precision, witness.signal)
    if clock is None:
        return Moment.day(day, witness.signal)
    wall = datetime.combine(day, clock)
    if offset is not None:
        return Moment.at(wall.replace(tzinfo=offset), witness.signal)
    zone = zone_named(setting.timezone)
    return Moment.day(day, witness.signal) if zone is None else Moment.at(placed(wall, zone), witness.signal)
