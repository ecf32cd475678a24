"""What Prefect reads from the environment, set before it is imported; this module does not import it."""

import os

API_URL = "PREFECT_API_URL"

TAG = "khotin"
"""The tag of every flow run: the automation that ends dead ones goes by it."""

FLOW_RUNS = {
    # A dead flow run is known by its missing heartbeats: the shortest interval that Prefect takes.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # What the loop logs is kept with the flow run.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "pipeline,flows",
    "DO_NOT_TRACK": "1",
}
"""For every process that runs a flow."""


def api_url() -> str | None:
    """Give the address of the Prefect server that records runs; None when there is none."""
    return os.environ.get(API_URL) or None


def prepare_for_a_terminal() -> None:
    """Let Prefect run flows in this process and leave the screen to us; what a person has set stays."""
    for name, value in (FLOW_RUNS | {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"}).items():
        os.environ.setdefault(name, value)
