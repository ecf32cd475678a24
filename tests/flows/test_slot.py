"""The slot of a flow run is held by leases so short that a death frees it soon; no server's failure ends the run."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LEASE = "0f6d7c1e-3b1f-4c55-9c4f-6a1f0a3c9f11"

# Prefect warns of its own deprecations at import; it is imported apart.
RUN = f"""
import sys
from uuid import UUID
from prefect import flow_engine
from flows import slot
slot.hold_slots_briefly()
slot.RENEW_SECONDS = 0.05
with flow_engine.maintain_concurrency_lease(UUID("{LEASE}"), 300, raise_on_lease_renewal_failure=True):
    sys.stdin.readline()
print("the run came to its end")
"""


class Api:
    """A Prefect server that takes renewals of leases, or fails at them."""

    def __init__(self, status: int) -> None:
        self.asked: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked.put((self.path, json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def api(status: int) -> Iterator[Api]:
    one = Api(status)
    try:
        yield one
    finally:
        one.close()


def run_until_asked_twice(server: Api) -> tuple[list[tuple[str, Any]], str]:
    plain = {"PREFECT_CLIENT_MAX_RETRIES": "0", "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false"}
    env = os.environ | plain | {"PREFECT_API_URL": server.url}
    command, pipe = [sys.executable, "-c", RUN], subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        asked = [server.asked.get(timeout=60) for _ in range(2)]
        said, _ = process.communicate("enough\n")
    return asked, said


def test_prefects_engine_holds_the_slot_by_our_short_leases() -> None:
    with api(204) as server:
        asked, _ = run_until_asked_twice(server)
    assert asked == [(f"/api/v2/concurrency_limits/leases/{LEASE}/renew", {"lease_duration": 90})] * 2


def test_a_server_that_renews_nothing_does_not_end_the_run() -> None:
    with api(500) as server:
        _, said = run_until_asked_twice(server)
    assert said == "the run came to its end\n"
