"""A real Prefect server for the tests, with a folder, a port and a database of its own, and the processes around it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

from flows.environment import FLOW_RUNS, SERVER
from flows.machine import MARK, end, marked_processes

PATIENCE_SECONDS = float(os.environ.get("KHOTIN_TEST_PATIENCE", "300"))
"""A busy machine is slow, not wrong."""


def free_port() -> int:
    """Give a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(what: Callable[[], Any], seconds: float = PATIENCE_SECONDS, pause: float = 0.3) -> Any:
    """Wait until `what` gives something true, and give it; an AssertionError when it never does."""
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(pause)


class PrefectLab:
    """Processes around one server; all of them are gone after the `with` block."""

    def __init__(self, folder: Path, khotin: Mapping[str, str], prefect: Mapping[str, str] | None = None) -> None:
        """`khotin` is the environment of khotin commands, `prefect` more of the server's."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        own = {
            MARK: str(folder),
            "PREFECT_HOME": str(folder / "home"),
            "PREFECT_API_URL": self.url,
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }
        self.env = dict(khotin) | SERVER | FLOW_RUNS | own | dict(prefect or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end(marked_processes(self.folder), 3)
        for process in self._started:
            process.wait()

    def start(self, name: str, command: list[str], **env: str) -> "subprocess.Popen[bytes]":
        """Start a process; what it says goes to a log of that name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self.env | env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def start_server(self) -> "subprocess.Popen[bytes]":
        """Start the server and wait until it answers."""
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        server = self.start("server", command)
        self.wait_for_server()
        return server

    def wait_for_server(self) -> None:
        wait_until(self.is_up)

    def is_up(self) -> bool:
        try:
            return bool(self.get("/health") is True)
        except httpx.HTTPError:
            return False

    def start_worker(self, name: str = "worker") -> "subprocess.Popen[bytes]":
        """Start a process worker."""
        command = ["prefect", "worker", "start", "--pool", "khotin", "--type", "process", "--name", name]
        return self.start(name, command)

    def khotin(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a khotin command to its end, in a folder that is not the clone."""
        command = [sys.executable, "-m", "cli.main", *arguments]
        return subprocess.run(
            command, env=self.env | env, cwd=self.folder, capture_output=True, text=True, check=False, timeout=300
        )

    def get(self, path: str) -> Any:
        """Ask the server's API."""
        return httpx.get(self.url + path, timeout=20).raise_for_status().json()

    def post(self, path: str, body: Any) -> Any:
        """Ask the server's API with a body."""
        return httpx.post(self.url + path, json=body, timeout=20).raise_for_status().json()

    def flow_runs(self, *states: str, flow: str = "ingest") -> list[dict[str, Any]]:
        """Give the flow runs in some states, oldest first."""
        body = {
            "flows": {"name": {"any_": [flow]}},
            "flow_runs": {"state": {"type": {"any_": list(states)}}},
            "sort": "EXPECTED_START_TIME_ASC",
        }
        found: list[dict[str, Any]] = self.post("/flow_runs/filter", body)
        return found

    def log(self, name: str) -> str:
        """Give what a process said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def flow_processes(self) -> list[psutil.Process]:
        """Find the processes that run flows (not their children)."""
        found = []
        for process in marked_processes(self.folder):
            try:
                if "flows.engine" in process.cmdline():
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found


def kill(*processes: "psutil.Process | subprocess.Popen[Any]") -> None:
    """Kill processes as the system does it when memory is short: without a word."""
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
