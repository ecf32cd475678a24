"""Ctrl-C and SIGTERM while something long is done: the first finishes what is in hand, the second ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cli.screen import err, stop
from pipeline.ingest import Stop


@contextmanager
def stopping(wanted: Stop, goes_on: str) -> Iterator[None]:
    """Turn a person's wish to stop into `wanted`; `goes_on` is the sentence that says how to go on."""

    def ask(_number: int, _frame: Any) -> None:
        wanted.ask()
        err.print(f"Finishing what is in hand; press Ctrl-C again to end at once. {goes_on}", markup=False)
        for number in before:
            signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        stop(f"Ended at once. {goes_on}", 130)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
