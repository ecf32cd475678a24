"""Made-up news for the tests of stories: passages that share no words, and articles put together of them."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_CONSONANTS = ("b", "k", "l", "m", "n", "r", "s", "t", "v", "z", "dr", "fl", "gr", "pl", "st", "br")
_VOWELS = ("a", "e", "i", "o", "u")
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def passage(seed: int, words: int = 40) -> str:
    """Make up words of no language; other seeds give other words."""
    dice = random.Random(seed)
    made = ["".join(dice.choice(_CONSONANTS) + dice.choice(_VOWELS) for _ in range(3)) for _ in range(words)]
    return " ".join(made).capitalize() + "."


@dataclass(frozen=True)
class Piece:
    """An article: its passages by number, who published it, and how many hours after Monday morning."""

    number: int
    passages: tuple[int, ...]
    source: int = 0
    hours: float = 0
    agencies: tuple[str, ...] = ()
    words: int = field(default=40, compare=False)

    @property
    def uid(self) -> str:
        return f"{self.number:032x}"

    @property
    def body(self) -> str:
        return "\n".join(passage(seed, self.words) for seed in self.passages)

    @property
    def at(self) -> datetime:
        return MONDAY + timedelta(hours=self.hours)
