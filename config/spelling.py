"""Guess what a mistyped name was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give `did you mean X? ` for the known name closest to `word`, or "" when none is close."""
    close = get_close_matches(word[:200], list(known), n=1, cutoff=0.7)
    return f"did you mean {close[0]}? " if close else ""
