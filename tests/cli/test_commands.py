"""The command line: subcommands are listed, suggested and found, though each is imported only when it is typed."""

import typer.main

from cli.main import COMMANDS, app
from tests.cli_runner import type_in


def test_the_help_lists_every_command_with_what_it_is_for() -> None:
    typed = type_in("--help")
    lines = [line.strip("│ ") for line in typed.out.splitlines()]
    for name in COMMANDS:
        assert any(line.startswith(f"{name} ") and len(line.split()) > 3 for line in lines), name
    assert typed.code == 0


def test_every_command_is_where_it_is_said_to_be() -> None:
    group = typer.main.get_group(app)
    with group.make_context("khotin", [], resilient_parsing=True) as context:
        assert group.list_commands(context) == list(COMMANDS)
        for name in COMMANDS:
            command = group.get_command(context, name)
            assert command is not None
            assert (command.name, bool(command.help)) == (name, True)


def test_a_mistyped_command_is_a_mistake_of_usage_that_names_the_nearest() -> None:
    typed = type_in("serch")
    assert typed.code == 2
    assert "No such command 'serch'. Did you mean 'search'?" in typed.err


def test_a_command_of_a_group_takes_its_own_options() -> None:
    typed = type_in("feeds", "list", "--nonsense")
    assert typed.code == 2
    assert "No such option: --nonsense" in typed.err


def test_words_to_search_may_begin_with_a_dash() -> None:
    assert "No such option" not in type_in("search", "-word").err
