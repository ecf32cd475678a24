"""Small YAML files of a newsroom's own rules (topics, groups of sections), read with every mistake and its line."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from unicodedata import normalize

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from config.feeds_file import Mistake
from config.settings import SettingsError
from config.spelling import did_you_mean

MAX_BYTES = 200_000
MAX_TEXT = 200

# Controls and halves of surrogate pairs, which YAML lets in by escapes and databases refuse.
_UNPRINTABLE = re.compile("[\u0000-\u001f\u007f-\u009f\ud800-\udfff]")
_MAX_MISTAKES = 100
_NULL = "tag:yaml.org,2002:null"


class RulesFileError(SettingsError):
    """The file cannot be used; `mistakes` has every mistake (the first hundred) in the order of the lines."""

    def __init__(self, path: Path, mistakes: list[Mistake]) -> None:
        self.path = path
        self.mistakes = tuple(sorted(mistakes)[:_MAX_MISTAKES])
        said = (f"{path}{f', line {one.line}' if one.line else ''}: {one.message}" for one in self.mistakes)
        super().__init__("\n".join(said))


@dataclass
class Reader:
    """Walks the nodes of a file and notes each mistake; what is wrong is read as left out, so that all is checked."""

    path: Path
    mistakes: list[Mistake] = field(default_factory=list)

    def root(self) -> Node | None:
        """Parse the file into nodes, which know their lines. Raises `RulesFileError`."""
        content = self._content()
        try:
            node: Node | None = YAML(typ="safe", pure=True).compose(content)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._refuse(mark.line + 1 if mark else 0, f"This is not valid YAML: {error.problem or error.context}.")
        except ReaderError as error:
            line = content.count("\n", 0, error.position) + 1
            self._refuse(line, f"Remove the invisible character U+{ord(content[error.position]):04X}.")
        except (YAMLError, ValueError) as error:
            self._refuse(0, f"This is not valid YAML: {error}.")
        except RecursionError:
            self._refuse(0, "The lists and mappings are nested too deeply.")
        return node

    def say(self, node: Node | None, message: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(line_of(node), message))

    def check(self) -> None:
        """Raise `RulesFileError` when there was any mistake."""
        if self.mistakes:
            raise RulesFileError(self.path, self.mistakes)

    def mapping(self, node: Node | None, what: str, known: tuple[str, ...]) -> dict[str, Node]:
        """Give a mapping's values by key; unknown and repeated keys are mistakes."""
        fields: dict[str, Node] = {}
        for key, value in self.pairs(
            node, f"{what} must be written as `key: value` lines with the keys {', '.join(known)}."
        ):
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            if name not in known:
                hint = did_you_mean(name, known).strip() or f"known keys are {', '.join(known)}."
                self.say(key, f"{name[:80]!r} is no key here; {hint}")
            elif name in fields:
                self.say(key, f"`{name}:` is given twice; remove one of the two.")
            else:
                fields[name] = value
        return fields

    def pairs(self, node: Node | None, wanted: str) -> list[tuple[Node, Node]]:
        """Give the keys and values of a mapping; anything else is a mistake."""
        if isinstance(node, MappingNode):
            return list(node.value)
        if not is_null(node):
            self.say(node, wanted)
        return []

    def items(self, node: Node | None, wanted: str) -> list[Node]:
        """Give a list's nodes; anything else is a mistake, nothing at all is an empty list."""
        if isinstance(node, SequenceNode):
            return list(node.value)
        if not is_null(node):
            self.say(node, wanted)
        return []

    def text(self, node: Node | None, what: str) -> str | None:
        """Give one text, NFC, with single blanks; None when it is a mistake."""
        found = " ".join(str(node.value).split()) if isinstance(node, ScalarNode) and not is_null(node) else ""
        if not any(map(str.isalnum, found)) or len(found) > MAX_TEXT or _UNPRINTABLE.search(found):
            self.say(node, f"{what} must be one text of 1 to {MAX_TEXT} visible characters with a letter in it.")
            return None
        return normalize("NFC", found)

    def _content(self) -> str:
        try:
            with self.path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            self._refuse(0, f"The file cannot be read ({error.strerror}).")
        if len(raw) > MAX_BYTES:
            self._refuse(0, f"The file is larger than {MAX_BYTES:,} bytes.")
        try:
            content = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._refuse(raw.count(b"\n", 0, error.start) + 1, "This is not UTF-8; save the file as UTF-8.")
        return content

    def _refuse(self, line: int, message: str) -> NoReturn:
        raise RulesFileError(self.path, [Mistake(line, message)]) from None


def line_of(node: Node | None) -> int:
    """Give a node's line, counted from 1; 0 for none."""
    return 0 if node is None else node.start_mark.line + 1


def is_null(node: Node | None) -> bool:
    """Tell whether nothing is written there."""
    return node is None or (isinstance(node, ScalarNode) and str(node.tag) == _NULL)
