"""Types khotin commands in this process, with the real `main`."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from unittest import mock

from cli.main import main


@dataclass(frozen=True)
class Typed:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


def type_in(*arguments: str) -> Typed:
    """Run a command; its settings come from the environment."""
    out, err = StringIO(), StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["khotin", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Typed(code, out.getvalue(), err.getvalue())
