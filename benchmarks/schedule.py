"""Replay arrival histories: the mean delay of polls by rhythm beside polls at a fixed interval, equal in number.

`uv run python -m benchmarks.schedule [--feeds 300] [--days 42] [--seed 1]`. The histories are made up: news sites with
day and night, quiet weekends and bursts, agencies, digests at one hour, and blogs that write once in weeks. The first
half of each is what the feed's first poll shows (its last entries only) and what polls learn from; delays count in the
second half. Entries that fell out of a feed's window before a poll came are told apart as missed.
"""

import argparse
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean

from pipeline.feeds.rhythm import Rhythm, arrivals_of, learn
from pipeline.feeds.schedule import Facts, next_poll

START = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = 30
"""Entries that a feed shows."""

# By the hour of a newsroom's day: its nights are quiet, its mornings busiest.
DAY = (2, 1, 1, 1, 2, 5, 9, 12, 13, 13, 12, 11, 10, 11, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3)


@dataclass(frozen=True)
class Make:
    """A kind of feed: entries a day, the share of a weekend day, bursts a week, and whether it writes by the clock."""

    name: str
    weight: int
    a_day: tuple[float, float]
    weekend: float = 1.0
    bursts_a_week: float = 0.0
    is_flat: bool = False
    digest_hour: bool = False


MAKES = (
    Make("agency, round the clock", 4, (200, 500), is_flat=True, bursts_a_week=3),
    Make("news site", 20, (40, 150), weekend=0.6, bursts_a_week=4),
    Make("section of a news site", 30, (5, 40), weekend=0.5, bursts_a_week=1),
    Make("local paper", 16, (2, 10), weekend=0.3),
    Make("daily digest", 8, (1, 4), digest_hour=True),
    Make("blog", 14, (0.1, 1)),
    Make("rare blog", 8, (0.01, 0.1)),
)


@dataclass(frozen=True)
class History:
    """When the entries of one feed appeared."""

    make: Make
    arrivals: tuple[datetime, ...]
    has_dates: bool


def histories(feeds: int, days: int, seed: int) -> list[History]:
    """Make up the histories of a number of feeds, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311  # made-up histories, no secrets
    makes = dice.choices(MAKES, [make.weight for make in MAKES], k=feeds)
    return [History(make, tuple(sorted(_arrivals(make, days, dice))), dice.random() < 0.9) for make in makes]


def _arrivals(make: Make, days: int, dice: random.Random) -> Iterator[datetime]:
    low, high = make.a_day
    a_day = low * (high / low) ** dice.random()
    shift, digest = dice.randrange(24), dice.randrange(24)
    for hour in range(days * 24):
        start = START + timedelta(hours=hour)
        local = (start.hour + shift) % 24
        share = 1.0 if make.is_flat else DAY[local] / fmean(DAY)
        if make.digest_hour:
            share = 24.0 if local == digest else 0.0
        rate = a_day / 24 * share * (make.weekend if start.weekday() >= 5 else 1.0)
        yield from (start + timedelta(hours=dice.random()) for _ in range(_poisson(rate, dice)))
        if dice.random() < make.bursts_a_week / 168 * share:
            # Breaking news: many entries within two hours, most of them at once.
            count = max(3, _poisson(a_day / 8, dice))
            yield from (start + timedelta(hours=min(dice.expovariate(1.5), 4)) for _ in range(count))


def _poisson(mean: float, dice: random.Random) -> int:
    count, passed = 0, dice.expovariate(1)
    while passed < mean:
        count, passed = count + 1, passed + dice.expovariate(1)
    return count


@dataclass(frozen=True)
class Replay:
    """The polls of the second half of a history, and the delays of its entries in hours."""

    polls: int
    delays: tuple[float, ...]
    missed: int


def by_rhythm(history: History, end: datetime) -> Replay:
    """Poll a history as khotin would, from its first half's first entries on."""
    middle = START + (end - START) / 2
    at, previous, seen, rhythm = START + timedelta(hours=12), None, 0, None
    polls: list[datetime] = []
    while at < end:
        polls.append(at)
        rhythm, seen = _poll(history, at, previous, seen, rhythm)
        previous, at = at, next_poll(Facts(at=at, rhythm=rhythm)).at
    return _replay(history.arrivals, polls, middle, end)


def _poll(
    history: History, at: datetime, previous: datetime | None, seen: int, rhythm: Rhythm | None
) -> tuple[Rhythm | None, int]:
    now = bisect_right(history.arrivals, at)
    new = history.arrivals[max(seen, now - WINDOW) : now]
    if not new and rhythm is not None:
        return rhythm, now
    stated = [moment if history.has_dates else None for moment in new]
    has_gap = previous is not None and seen > 0 and now - seen >= WINDOW
    return learn(rhythm, arrivals_of(stated, previous, at), at, has_gap=has_gap), now


def at_fixed(arrivals: Sequence[datetime], interval: timedelta, end: datetime, offset: float) -> Replay:
    """Poll a history at a fixed interval, beginning at a share `offset` of the first one."""
    middle = START + (end - START) / 2
    polls = []
    at = middle + interval * offset
    while at < end:
        polls.append(at)
        at += interval
    return _replay(arrivals, polls, middle, end)


def _replay(arrivals: Sequence[datetime], polls: Sequence[datetime], middle: datetime, end: datetime) -> Replay:
    delays: list[float] = []
    missed, place, waiting = 0, 0, [moment for moment in arrivals if moment >= middle]
    counted = [at for at in polls if at >= middle]
    for at in counted:
        came = place
        while came < len(waiting) and waiting[came] <= at:
            came += 1
        missed += max(0, came - place - WINDOW)
        delays += ((at - moment).total_seconds() / 3600 for moment in waiting[place:came])
        place = came
    # What no poll of the time has seen was late by what is left of it at least.
    delays += ((end - moment).total_seconds() / 3600 for moment in waiting[place:])
    return Replay(len(counted), tuple(delays), missed)


def compare(feeds: int, days: int, seed: int) -> tuple[float, list[str]]:
    """Replay all histories both ways; give the ratio of the mean delays, and a report."""
    random.seed(seed)
    end = START + timedelta(days=days)
    made = histories(feeds, days, seed)
    ours = [by_rhythm(history, end) for history in made]
    total = sum(replay.polls for replay in ours)
    interval = (end - START) / 2 * len(made) / total
    dice = random.Random(seed)  # noqa: S311  # made-up histories, no secrets
    fixed = [at_fixed(history.arrivals, interval, end, dice.random()) for history in made]
    own = [
        at_fixed(h.arrivals, (end - START) / 2 / r.polls, end, dice.random()) for h, r in zip(made, ours, strict=True)
    ]
    lines = [f"{len(made)} feeds, {days} days, {total:,} polls by rhythm, {sum(r.polls for r in fixed):,} fixed"]
    lines.append(f"fixed interval {interval.total_seconds() / 60:.1f} min; delays in minutes, polls a day")
    heads = f"{'rhythm':>9}{'fixed':>9}{'ratio':>7}{'own fixed':>11}{'ratio':>7}{'polls':>8}{'missed':>8}{'fixed':>7}"
    lines.append(" " * 26 + heads)
    for name, numbers in _groups(made):
        mine, other, same = ([replays[n] for n in numbers] for replays in (ours, fixed, own))
        lines.append(_line(name, mine, other, same, days))
    return _mean(ours) / _mean(fixed), lines


def _groups(made: Sequence[History]) -> Iterator[tuple[str, list[int]]]:
    yield "all", list(range(len(made)))
    for make in MAKES:
        numbers = [number for number, history in enumerate(made) if history.make is make]
        if numbers:
            yield make.name, numbers


def _line(name: str, mine: list[Replay], other: list[Replay], same: list[Replay], days: int) -> str:
    ours, fixed, own = _mean(mine), _mean(other), _mean(same)
    polls = sum(replay.polls for replay in mine) / len(mine) / (days / 2)
    missed, lost = (sum(replay.missed for replay in replays) for replays in (mine, other))
    return (
        f"{name:26}{ours * 60:9.1f}{fixed * 60:9.1f}{ours / fixed:7.2f}"
        f"{own * 60:11.1f}{ours / own:7.2f}{polls:8.1f}{missed:8}{lost:7}"
    )


def _mean(replays: list[Replay]) -> float:
    return fmean(delay for replay in replays for delay in replay.delays or (0.0,))


def main() -> int:
    """Print the comparison; 1 when the mean delay is more than half of the fixed interval's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    ratio, lines = compare(given.feeds, given.days, given.seed)
    print("\n".join(lines))
    print(f"mean delay by rhythm / fixed: {ratio:.2f} (goal: at most 0.50)")
    return 0 if ratio <= 0.5 else 1


if __name__ == "__main__":
    raise SystemExit(main())
