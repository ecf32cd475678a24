"""Commands that are recorded as flow runs: Prefect is imported and its server asked only when they are."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module

from cli.screen import stop
from flows.environment import importing_prefect, prepare_for_a_terminal


@contextmanager
def recording(flow: str) -> Iterator[None]:
    """Import a flow's module with Prefect, which takes seconds, and connect to the server.

    Ends the command with a sentence when the server does not answer.
    """
    prepare_for_a_terminal()
    with importing_prefect():
        import_module(flow)
        from flows.server import ServerError, connected  # noqa: PLC0415  # only who records a run waits for Prefect

    with ExitStack() as stack:
        try:
            stack.enter_context(connected())
        except ServerError as error:
            stop(str(error))
        yield
