"""Subcommands that are imported when they are typed: starting one costs nothing for what the others need."""

from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


class Place(NamedTuple):
    """Where a subcommand is: a function, or a `typer.Typer` with subcommands of its own."""

    module: str
    attribute: str = "app"
    takes_unknown_options: bool = False


def lazy_group(places: dict[str, Place], **looks: Any) -> type[TyperGroup]:
    """Give the class (`cls`) of a group that has these subcommands; `looks` are what its `typer.Typer` is given."""

    class LazyGroup(TyperGroup):
        """A group that knows the names of its subcommands, and imports one when it is asked for."""

        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            # The names are listed, and suggested for one that is mistyped, without an import.
            self.commands = {name: TyperCommand(name) for name in places}

        def get_command(self, _ctx: Any, cmd_name: str) -> Any:
            """Import a subcommand."""
            return _imported(cmd_name, places[cmd_name], looks) if cmd_name in places else None

    return LazyGroup


def _imported(name: str, place: Place, looks: dict[str, Any]) -> Any:
    found = getattr(import_module(place.module), place.attribute)
    group = typer.Typer(**looks)
    if isinstance(found, typer.Typer):
        group.add_typer(found, name=name)
    else:
        settings = {"ignore_unknown_options": True} if place.takes_unknown_options else None
        group.command(name, context_settings=settings)(found)
    return typer.main.get_group(group).commands[name]
