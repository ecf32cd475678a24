"""How far long work is: a bar with rate, outcomes and time left, and the table of outcomes at its end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from cli.screen import err


class Going:
    """A bar on the screen."""

    def __init__(self, shown: Progress, first: str) -> None:
        self._shown = shown
        self._task = shown.add_task(first, total=None)
        self._is_working = False

    def note(self, words: str) -> None:
        """Say what is done while it is not known yet how much there is to do."""
        self._shown.update(self._task, description=words)

    def __call__(self, done: int, total: int, outcomes: Mapping[str, int]) -> None:
        """Move it: what is done, what there is to do in all, and the outcomes so far."""
        if not self._is_working:
            # The time before is none of the work's.
            self._is_working = True
            self._shown.reset(self._task, total=total)
        self._shown.update(self._task, completed=done, total=max(total, done))
        speed = self._shown.tasks[0].speed
        words = [f"{speed:,.1f}/s" if speed else "…", in_words(outcomes)]
        self.note(" · ".join(filter(None, words)))


@contextmanager
def going(first: str) -> Iterator[Going]:
    """Show a bar; it says `first` until something is done. Where stderr is no terminal, nothing is drawn."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal, speed_estimate_period=120
    ) as shown:
        yield Going(shown, first)


def in_words(outcomes: Mapping[str, int], most: int = 3) -> str:
    """Write counts in words, the most frequent first."""
    ordered = sorted(outcomes.items(), key=lambda item: -item[1])
    words = [f"{count:,} {outcome}" for outcome, count in ordered[:most]]
    rest = sum(count for _, count in ordered[most:])
    return ", ".join([*words, *([f"{rest:,} other"] if rest else [])])


def counted(title: str, what: str, outcomes: Mapping[str, int]) -> Table:
    """Make a table of outcomes."""
    table = Table("outcome", what, title=title, title_justify="left", show_edge=False)
    for outcome, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        table.add_row(outcome, f"{count:,}")
    return table
