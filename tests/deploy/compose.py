"""The compose file as compose would read it: variables filled in from an environment, `$$` for `$`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CLONE = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


class Missing(Exception):  # noqa: N818 - it is named for what happened
    """A variable without which compose refuses the file."""


def read_compose(env: Mapping[str, str]) -> dict[str, Any]:
    """Read docker-compose.yml with `env` filled in (compose-spec, 12-interpolation)."""
    filled: dict[str, Any] = _filled(YAML(typ="safe").load(CLONE / "docker-compose.yml"), env)
    return filled


def variables() -> set[str]:
    """Give the names of all variables of the file."""
    return {match["name"] for match in _VARIABLE.finditer((CLONE / "docker-compose.yml").read_text()) if match["name"]}


def read_env(path: Path) -> dict[str, str]:
    """Read a file of variables."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def _filled(node: Any, env: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, env) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, env) for value in node]
    if not isinstance(node, str):
        return node

    def fill(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        value = env.get(match["name"], "")
        if not value and match["kind"] == "?":
            raise Missing(f"{match['name']}: {match['rest']}")
        return value or (match["rest"] if match["kind"] == "-" else "")

    return _VARIABLE.sub(fill, node)
