"""Which topics a text is about: their phrases sought among its words, all in one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.search_text import Forms, forms, words


class Rule(NamedTuple):
    """A topic's phrases, of which one must occur, and exclusions, of which none may."""

    phrases: tuple[str, ...]
    exclusions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Phrase:
    topic: int
    rest: list[str]
    is_exclusion: bool


class TopicMatcher:
    """Finds the topics of texts.

    A phrase with marks is found where it is written with just these, one without any wherever its letters are; capitals
    never count, and words are whole words. Each text is read once however many phrases there are: only those that
    begin with the word at hand are compared.
    """

    def __init__(self, rules: Mapping[int, Rule]) -> None:
        self._exact: dict[str, list[_Phrase]] = {}
        self._folded: dict[str, list[_Phrase]] = {}
        for topic, rule in rules.items():
            for phrase in rule.phrases:
                self._add(topic, phrase, is_exclusion=False)
            for phrase in rule.exclusions:
                self._add(topic, phrase, is_exclusion=True)

    def _add(self, topic: int, phrase: str, *, is_exclusion: bool) -> None:
        found = words(phrase, is_phrase=True)
        if not found:
            return
        has_marks = any(word.exact != word.folded for word in found)
        first, *rest = [word.exact if has_marks else word.folded for word in found]
        index = self._exact if has_marks else self._folded
        index.setdefault(first, []).append(_Phrase(topic, rest, is_exclusion))

    def match(self, *texts: str) -> dict[int, int]:
        """Give the topics of texts that belong together (title, body), with how often their phrases occur."""
        return self.match_forms(*map(forms, texts))

    def match_forms(self, *texts: Forms) -> dict[int, int]:
        """Do as `match` does, with the texts' words."""
        mentions: dict[int, int] = {}
        excluded: set[int] = set()
        for text in texts:
            if self._exact:
                self._count(self._exact, text.exact.split(" "), mentions, excluded)
            if self._folded:
                self._count(self._folded, text.folded.split(" "), mentions, excluded)
        return {topic: count for topic, count in mentions.items() if topic not in excluded}

    def _count(
        self, index: dict[str, list[_Phrase]], found: list[str], mentions: dict[int, int], excluded: set[int]
    ) -> None:
        if index.keys().isdisjoint(found):
            return
        for at in [at for at, word in enumerate(found) if word in index]:
            for phrase in index[found[at]]:
                if phrase.rest and found[at + 1 : at + 1 + len(phrase.rest)] != phrase.rest:
                    continue
                if phrase.is_exclusion:
                    excluded.add(phrase.topic)
                else:
                    mentions[phrase.topic] = mentions.get(phrase.topic, 0) + 1
