"""Write `docs/settings.md` from the settings themselves, so that the page cannot be out of date.

`uv run python -m config.settings_page` writes it; a test compares.
"""

from pathlib import Path

from config.settings import Settings, env_name, wanted
from config.toml_file import CLONE, TOML_NAME

PAGE = CLONE / "docs" / "settings.md"

_HEAD = f"""\
# Settings

Each setting is a variable of the environment (`KHOTIN_RUN_SECONDS=120`) or a line of `{TOML_NAME}`
(`run_seconds = 120`). The variable wins over the file, the file over the default; an empty variable counts as not set.
`{TOML_NAME}` is looked for in the current folder, then in the clone's root, and the first one found is used.
A name that is no setting and a value that cannot be are told in one sentence each, and nothing is done.
`khotin config` shows every value and where it came from.

This page is written by `uv run python -m config.settings_page`.
"""


def settings_page() -> str:
    """Give the whole page as Markdown: one section a setting, in the order of `Settings`."""
    return "\n".join([_HEAD, *(_section(name) for name in Settings.model_fields)])


def write_settings_page(path: Path = PAGE) -> None:
    """Write the page to `path`, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings_page(), encoding="utf-8")


def _section(name: str) -> str:
    field = Settings.model_fields[name]
    return (
        f"## `{env_name(name)}`\n\n{field.description}\n\n"
        f"- In `{TOML_NAME}`: `{name}`\n- Takes: {wanted(name)}\n- Default: {_default(name)}\n"
    )


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    words = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if "default" in words:
        return str(words["default"])
    if field.default is None:
        return "none"
    unit = f" {words['unit']}" if "unit" in words else ""
    return f"{field.default:,}{unit}" if isinstance(field.default, int | float) else f"`{field.default}`"


if __name__ == "__main__":
    write_settings_page()
