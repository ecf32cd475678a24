"""What changed between two versions of an article: which fields, how many words, and a diff that people can read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.articles.wording import wording
from pipeline.text import count_words

MAX_DIFF = 50_000
"""Most characters of a diff; a longer one ends with a line that says so."""

# What a comparison may cost: differences that it follows at most, and steps in all for one article.
_MOST_DIFFERENCES = 400
_MOST_STEPS = 300_000
# Two paragraphs are one that was edited when they have this share of the shorter one's words in common.
_ALIKE = 0.4
_LOOK_AHEAD = 20
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# A word with the white space after it; scripts without spaces go character by character.
_PIECE = re.compile(rf"\s*(?:[{_UNSPACED}]|[^\s{_UNSPACED}]+)\s*")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one version."""

    title: str | None
    summary: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What the later of two versions changed. Lines of `diff` begin with -, + or ~ (an edited paragraph, words marked).

    Removed words stand in `[-…-]`, added ones in `{+…+}`.
    """

    fields: tuple[str, ...]
    words_added: int
    words_removed: int
    diff: str


def changed_words(before: Words, after: Words) -> tuple[str, ...]:
    """Name the texts whose words differ; white space and typography do not count."""
    pairs = (
        ("title", before.title, after.title),
        ("summary", before.summary, after.summary),
        ("body", before.body, after.body),
    )
    return tuple(name for name, old, new in pairs if old != new and wording(old) != wording(new))


def compare(before: Words, after: Words) -> Change:
    """Compare two versions. Bounded in time and size: what costs too much is told as removed and added whole."""
    fields = changed_words(before, after)
    writer = _Writer()
    for name in ("title", "summary"):
        if name in fields:
            writer.write(_lines(getattr(before, name)), _lines(getattr(after, name)), f"{name}: ")
    if "body" in fields:
        writer.write(_lines(before.body), _lines(after.body), "")
    return Change(fields, writer.added, writer.removed, writer.text())


def _lines(text: str | None) -> list[str]:
    return [line for line in (text or "").split("\n") if line.strip()]


class _Writer:
    """Writes the diff and counts words, within one article's budget."""

    def __init__(self) -> None:
        self.added = 0
        self.removed = 0
        self._lines: list[str] = []
        self._size = 0
        self._budget = _Budget(_MOST_STEPS)

    def write(self, before: Sequence[str], after: Sequence[str], label: str) -> None:
        """Write the difference of two lists of paragraphs."""
        old, new = [wording(line) for line in before], [wording(line) for line in after]
        for removed, added in _differences(old, new, self._budget):
            self._block(before[removed], after[added], label)

    def text(self) -> str:
        """Give the diff."""
        if self._size > MAX_DIFF:
            self._lines.append("… the rest of the differences is not shown")
        return "\n".join(self._lines)

    def _block(self, removed: Sequence[str], added: Sequence[str], label: str) -> None:
        start = 0
        for line in removed:
            twin = self._twin(line, added, start)
            if twin is None:
                self._remove(line, label)
                continue
            for new in added[start:twin]:
                self._add(new, label)
            self._edit(line, added[twin], label)
            start = twin + 1
        for new in added[start:]:
            self._add(new, label)

    def _twin(self, line: str, added: Sequence[str], start: int) -> int | None:
        """Find the paragraph that this one has become."""
        words = _bag(line)
        for place in range(start, min(start + _LOOK_AHEAD, len(added))):
            other = _bag(added[place])
            if not self._budget.take(len(words) + len(other)):
                return None
            if len(words & other) >= _ALIKE * max(1, min(len(words), len(other))):
                return place
        return None

    def _edit(self, before: str, after: str, label: str) -> None:
        old, new = _PIECE.findall(before), _PIECE.findall(after)
        parts: list[str] = []
        place = 0
        for removed, added in _differences(list(map(wording, old)), list(map(wording, new)), self._budget):
            parts += new[place : added.start]
            gone, come = "".join(old[removed]), "".join(new[added])
            if gone:
                parts.append(_marked("[-", gone, "-]"))
                self.removed += count_words(gone)
            if come:
                parts.append(_marked("{+", come, "+}"))
                self.added += count_words(come)
            place = added.stop
        parts += new[place:]
        self._say("~ " + label + "".join(parts).strip())

    def _add(self, line: str, label: str) -> None:
        self.added += count_words(line)
        self._say(f"+ {label}{line}")

    def _remove(self, line: str, label: str) -> None:
        self.removed += count_words(line)
        self._say(f"- {label}{line}")

    def _say(self, line: str) -> None:
        if self._size <= MAX_DIFF:
            self._lines.append(line[: MAX_DIFF - self._size] if self._size + len(line) > MAX_DIFF else line)
        self._size += len(line) + 1


def _marked(opening: str, text: str, closing: str) -> str:
    """Mark a text; the white space around it stays outside."""
    core = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{opening}{core}{closing}{after}"


def _bag(text: str) -> set[str]:
    return {wording(piece).casefold() for piece in _PIECE.findall(text[:4_000])}


@dataclass(slots=True)
class _Budget:
    left: int

    def take(self, steps: int) -> bool:
        self.left -= steps
        return self.left > 0


def _differences(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[slice, slice]]:
    """Give the runs of `old` and `new` that differ, in order."""
    start, end_old, end_new = 0, len(old), len(new)
    while start < min(end_old, end_new) and old[start] == new[start]:
        start += 1
    while end_old > start and end_new > start and old[end_old - 1] == new[end_new - 1]:
        end_old, end_new = end_old - 1, end_new - 1
    if start == end_old and start == end_new:
        return
    kept = _kept(old[start:end_old], new[start:end_new], budget)
    place_old = place_new = start
    for in_old, in_new in [*((i + start, j + start) for i, j in kept), (end_old, end_new)]:
        if in_old > place_old or in_new > place_new:
            yield slice(place_old, in_old), slice(place_new, in_new)
        place_old, place_new = in_old + 1, in_new + 1


def _kept(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[tuple[int, int]]:
    """Give the pairs of places that stay (Myers 1986, the greedy algorithm); none when that would cost too much."""
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for distance in range(min(len(old) + len(new), _MOST_DIFFERENCES) + 1):
        trail.append(dict(furthest))
        if not budget.take(2 * (distance + 1)):
            return []
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            y = x - diagonal
            begun = x
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            budget.left -= x - begun
            furthest[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _walked_back(trail, len(old), len(new))
    return []


def _walked_back(trail: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for distance in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[distance], x - y
        down = diagonal == -distance or (
            diagonal != distance and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        before = diagonal + 1 if down else diagonal - 1
        old_x = furthest.get(before, 0)
        old_y = old_x - before
        while x > old_x and y > old_y:
            x, y = x - 1, y - 1
            kept.append((x, y))
        if distance == 0:
            break
        x, y = old_x, old_y
    return kept[::-1]
