"""Whether the Prefect server answers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from httpx import HTTPError, HTTPStatusError
from prefect import get_client
from prefect.context import SyncClientContext

from flows.environment import api_url


class ServerError(Exception):
    """The Prefect server cannot be used; the message says so in one sentence."""


def check_server() -> None:
    """Ask the server of PREFECT_API_URL for a sign of life. Raises `ServerError`."""
    with get_client(sync_client=True) as client:
        problem = client.api_healthcheck()
    if problem is None:
        return
    what = f"answers {problem.response.status_code}" if isinstance(problem, HTTPStatusError) else "does not answer"
    raise ServerError(
        f"The Prefect server at {api_url()} {what}: start it (`khotin up`), or unset PREFECT_API_URL to run without "
        "being recorded."
    )


@contextmanager
def connected() -> Iterator[None]:
    """Connect to the server of PREFECT_API_URL: whatever is in here asks over one client. Raises `ServerError`."""
    with ExitStack() as stack:
        try:
            # A client reads all certificates when it is made: 30 ms of CPU.
            stack.enter_context(SyncClientContext.get_or_create())
        except (RuntimeError, HTTPError) as error:
            check_server()
            raise ServerError(f"The Prefect server at {api_url()} cannot be used: {error}") from error
        yield
