"""Read sections.yaml: which names of sections mean the same, so that they compare across papers."""

from pathlib import Path
from unicodedata import normalize

from config.rules_file import Reader, line_of

NAME = "sections.yaml"
"""In the data folder."""


def read_sections(path: Path) -> dict[str, str] | None:
    """Read sections.yaml; give each section's name, case-folded, with its group's; None when there is no such file.

    Raises `RulesFileError` with all its mistakes.
    """
    if not path.exists():
        return None
    reader = Reader(path)
    groups: dict[str, str] = {}
    lines: dict[str, int] = {}
    root = reader.mapping(reader.root(), "The file", ("sections",))
    wanted = "`sections:` must have lines such as `Thể thao: [Sports, Bóng đá]`."
    for key, value in reader.pairs(root.get("sections"), wanted):
        group = reader.text(key, "A group's name")
        if group is None:
            continue
        nodes = [key, *reader.items(value, f"{group!r} must be a list of sections, such as [Sports, Bóng đá].")]
        for node in nodes:
            name = reader.text(node, "A section's name")
            folded = fold_section(name or "")
            if name and groups.get(folded, group) != group:
                reader.say(node, f"{name!r} is in the group {groups[folded]!r} (line {lines[folded]}) already.")
            elif name:
                groups[folded] = group
                lines.setdefault(folded, line_of(node))
    reader.check()
    return groups


def fold_section(name: str) -> str:
    """Give a section's name as groups know it: NFC, without regard to capitals."""
    return normalize("NFC", normalize("NFC", name).casefold())
