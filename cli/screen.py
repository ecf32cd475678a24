"""What people see: the consoles, the first line of every command, and how a mistake ends it."""

import sys
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from config.feeds_file import SHIPPED
from config.settings import Settings
from pipeline.warehouse.place import warehouse_name

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

CANNOT_START = 1
USAGE = 2
ALL_FAILED = 3


def head(settings: Settings, *, is_data: bool = False, zone: str | None = None, note: str = "") -> None:
    """Say which warehouse and time zone this is about; on stderr where stdout is data."""
    name = warehouse_name(settings.warehouse_url)
    console = err if is_data else out
    console.print(f"Warehouse {name} · time zone {zone or settings.timezone}{note}", style="dim", markup=False)


def feeds_file_in_use(wanted: Path) -> Path:
    """Give the feeds file, or the shipped list as long as no run has copied it there."""
    return wanted if wanted.exists() else SHIPPED


def stop(message: str, code: int = CANNOT_START) -> NoReturn:
    """End the command with a sentence on stderr."""
    err.print(message, markup=False)
    raise typer.Exit(code)


def write_data(text: str) -> None:
    """Write a line of data on stdout as it is, in UTF-8 whatever the locale says."""
    sys.stdout.buffer.write(text.encode("utf-8", errors="replace") + b"\n")
