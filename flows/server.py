"""Whether the Prefect server answers."""

from httpx import HTTPStatusError
from prefect import get_client

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
