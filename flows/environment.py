"""What Prefect reads from the environment, set before it is imported; this module does not import it."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

API_URL = "PREFECT_API_URL"

TAG = "khotin"
"""The tag of every flow run: the automation that ends dead ones goes by it."""

POOL = "khotin"
"""The work pool from which workers take flow runs."""

KEEP_DAYS = 7
"""How long finished flow runs are kept on the server, at about 20 kB a batch; the warehouse's `runs` are for good."""

FLOW_RUNS = {
    # A dead flow run is known by its missing heartbeats: the shortest interval that Prefect takes.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # What the loop logs is kept with the flow run.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "pipeline,flows",
    # Each delivery of logs is a request, and a transaction of the server.
    "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "10",
    # Of a task Prefect itself says only that it has completed, which its state says too.
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "WARNING",
    "DO_NOT_TRACK": "1",
}
"""For every process that runs a flow."""

SERVER = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    # By default a server keeps flow runs for ever.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEEP_DAYS * 86_400),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": '{"prefect.flow-run.heartbeat": 86400}',
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P3D",
    # What the server knows of slots and of missed heartbeats must outlive the server, or a slot stays taken.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER": "P1D",
}
"""For the server."""


def api_url() -> str | None:
    """Give the address of the Prefect server that records runs; None when there is none."""
    return os.environ.get(API_URL) or None


def prepare_for_a_terminal() -> None:
    """Let Prefect run in this process and leave the screen to us; what a person has set stays."""
    for name, value in (FLOW_RUNS | {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"}).items():
        os.environ.setdefault(name, value)


@contextmanager
def importing_prefect() -> Iterator[None]:
    """Import Prefect in here: in a seventh less CPU, and without a cost later.

    Its half a million objects live as long as the process: the garbage collector need not look at them while they are
    made, nor again and again while the run works.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
