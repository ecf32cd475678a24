"""Where a value came from: every field is chosen among candidates, each with the signal that offered it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.articles.article import Candidate

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Choice(Generic[ValueT]):
    """The value of one field, None or empty when nothing was found, with its signal and what else was offered."""

    value: ValueT
    signal: str | None = None
    candidates: tuple[Candidate, ...] = ()


def choice(
    field: str, value: ValueT, signal: str | None, offers: Iterable[tuple[str, str | Sequence[str]]], why: str = ""
) -> Choice[ValueT]:
    """Make a choice for `field` out of all `offers`, (signal, text or texts) each, of which `signal`'s was taken."""
    candidates = tuple(
        Candidate(field, offered_by, text if isinstance(text, str) else "; ".join(text), offered_by == signal, why)
        for offered_by, text in offers
    )
    return Choice(value, signal, candidates)
