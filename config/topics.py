"""Read topics.yaml: the topics that articles are tagged with, each by its phrases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml.nodes import Node

from config.rules_file import Reader, line_of

NAME = "topics.yaml"
"""In the data folder."""

MAX_TOPICS = 1_000
MAX_PHRASES = 20_000

_KEYS = ("name", "phrases", "exclusions")


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic: one of `phrases` must occur, none of `exclusions` may.

    A phrase written with marks is found with just these; without any it is found with and without.
    """

    name: str
    phrases: tuple[str, ...]
    exclusions: tuple[str, ...] = ()


def read_topics(path: Path) -> tuple[TopicSpec, ...] | None:
    """Read topics.yaml; None when there is none. Raises `RulesFileError` with all its mistakes."""
    if not path.exists():
        return None
    reader = _Topics(Reader(path))
    topics = tuple(reader.topics())
    if len(topics) > MAX_TOPICS or sum(len(one.phrases + one.exclusions) for one in topics) > MAX_PHRASES:
        reader.base.say(None, f"There are more than {MAX_TOPICS:,} topics or {MAX_PHRASES:,} phrases; drop some.")
    reader.base.check()
    return topics


@dataclass
class _Topics:
    base: Reader
    names: dict[str, int] = field(default_factory=dict)

    def topics(self) -> Iterator[TopicSpec]:
        root = self.base.mapping(self.base.root(), "The file", ("topics",))
        for node in self.base.items(root.get("topics"), "`topics:` must be a list, `- name: …` a topic."):
            if topic := self.topic(node):
                yield topic

    def topic(self, node: Node) -> TopicSpec | None:
        fields = self.base.mapping(node, "A topic", _KEYS)
        name = self.base.text(fields.get("name", node), "`name:`")
        if name is None:
            return None
        if first := self.names.get(name.casefold()):
            self.base.say(fields["name"], f"The topic {name!r} is in line {first} already; join the two.")
        self.names.setdefault(name.casefold(), line_of(fields["name"]))
        phrases = self.phrases(fields, "phrases")
        if not phrases:
            self.base.say(node, f"The topic {name!r} has no phrases; list at least one under `phrases:`.")
        return TopicSpec(name, phrases, self.phrases(fields, "exclusions"))

    def phrases(self, fields: dict[str, Node], key: str) -> tuple[str, ...]:
        nodes = self.base.items(fields.get(key), f"`{key}:` must be a list of phrases, one a line.")
        read = [self.base.text(node, "A phrase") for node in nodes]
        return tuple(dict.fromkeys(phrase for phrase in read if phrase is not None))
