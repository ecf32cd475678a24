"""The processes of `khotin up`: started together, started again when one dies, ended together. Imports no prefect."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from config.settings import Settings, env_name, explain_settings
from flows.environment import FLOW_RUNS, POOL, SERVER

HOST = "127.0.0.1"
MARK = "UP_OF_KHOTIN"
"""In the environment of every process of an `up`, with its folder: so even those whose parent died are found."""

START_SECONDS = 180
"""A first start migrates Prefect's database."""

END_SECONDS = 4
"""How long processes may take to end by themselves; twice, workers before the server, within ten seconds in all."""

MOST_RESTARTS = 5
RESTART_WINDOW_SECONDS = 300


class MachineError(Exception):
    """The processes cannot be started or kept running; the message says why in one sentence."""


def settings_environment(settings: Settings) -> dict[str, str]:
    """Write the settings that are no defaults as variables: flow runs start in folders without our `khotin.toml`."""
    given: dict[str, str] = {}
    for row in explain_settings(settings):
        value = getattr(settings, row.name)
        if row.origin != "default" and value is not None:
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            given[env_name(row.name)] = text
    return given


def marked_processes(folder: Path) -> list[psutil.Process]:
    """Find what an `up` of this folder has started, children of children included."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(processes: list[psutil.Process], seconds: float = END_SECONDS) -> None:
    """Ask processes to end; end those by force that have not after `seconds`."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=1)


def is_port_free(port: int) -> bool:
    """Tell whether a server could listen at the port on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises `MachineError` when another `up` holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip()
            raise MachineError(f"`khotin up` already runs for {folder.parent} (process {holder}).") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@dataclass
class Part:
    """One process that has to run as long as the machine does."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: list[float] = field(default_factory=list)


class Machine:
    """Server and worker of one folder, `settings.data_dir / "prefect"`."""

    def __init__(self, settings: Settings, port: int, say: Callable[[str], None]) -> None:
        """`say` tells a person what happens, one line at a time."""
        self.folder = settings.data_dir / "prefect"
        self.url = f"http://{HOST}:{port}"
        self._say = say
        self._env = self._environment(settings)
        run = [sys.executable, "-m", "prefect"]
        listen = ["--host", HOST, "--port", str(port)]
        name = f"{socket.gethostname()}-up"
        work = ["--pool", POOL, "--type", "process", "--name", name]
        self._server = Part("server", [*run, "server", "start", *listen], self.folder / "server.log")
        self._worker = Part("worker", [*run, "worker", "start", *work], self.folder / "worker.log")

    def start(self, deploy: list[str]) -> None:
        """Start the server, run the khotin command `deploy` against it, start the worker. Raises `MachineError`."""
        self._start(self._server)
        self._wait_for_server()
        command = [sys.executable, "-m", "cli.main", *deploy]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MachineError((done.stderr or done.stdout).strip() or f"`khotin deploy` ended with {done.returncode}.")
        self._start(self._worker)

    def check(self) -> None:
        """Start a part again that has ended. Raises `MachineError` when it does so again and again."""
        for part in (self._server, self._worker):
            code = part.process.poll() if part.process else None
            if code is None:
                continue
            since = time.monotonic() - RESTART_WINDOW_SECONDS
            if len([at for at in part.started_at if at > since]) > MOST_RESTARTS:
                raise MachineError(f"The {part.name} ends again and again; {part.log} says why.")
            self._say(f"The {part.name} ended ({_how(code)}); it is started again.")
            self._start(part)
            if part is self._server:
                self._wait_for_server()

    def stop(self) -> None:
        """End everything that was started, flow runs and their children first: they report to the server."""
        server = self._server.process.pid if self._server.process else None
        everyone = marked_processes(self.folder)
        end([process for process in everyone if process.pid != server])
        end(marked_processes(self.folder))

    def end_leftovers(self) -> int:
        """End what an earlier `up` that was killed has left; give how many processes."""
        left = marked_processes(self.folder)
        end(left)
        return len(left)

    def _environment(self, settings: Settings) -> dict[str, str]:
        # What a person set for another server has no place here; tuning variables stay.
        foreign = ("PREFECT_API_", "PREFECT_HOME", "PREFECT_PROFILE", "PREFECT_CLOUD", "KHOTIN_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        own = {
            MARK: str(self.folder),
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_URL": f"{self.url}/api",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        if kept.pop("PYTHONDONTWRITEBYTECODE", None):
            # Compiling Prefect anew costs each flow run more than importing it: bytecode is written, in our folder.
            own["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")
        return SERVER | FLOW_RUNS | kept | settings_environment(settings) | own

    def _start(self, part: Part) -> None:
        if part is self._server:
            # A killed server may leave this lock, and would seem to hold it if its process number is given again.
            (self.folder / "concurrency_leases" / "expirations.lock").unlink(missing_ok=True)
        with _log(part.log, is_first=not part.started_at) as log:
            part.process = subprocess.Popen(
                part.command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C at the terminal is for us alone: we end the others in order.
                start_new_session=True,
            )
        part.started_at.append(time.monotonic())

    def _wait_for_server(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._server.process is not None  # noqa: S101  # it was started before
            if self._server.process.poll() is not None:
                raise MachineError(f"The Prefect server ended while it started; {self._server.log} says why.")
            if _answers(f"{self.url}/api/health"):
                return
            time.sleep(0.25)
        raise MachineError(f"The Prefect server did not answer within {START_SECONDS} s; see {self._server.log}.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _log(path: Path, *, is_first: bool) -> IO[bytes]:
    """Open a log; that of the `up` before is kept beside it."""
    if is_first and path.exists():
        path.replace(path.with_suffix(".1.log"))
    return path.open("ab")


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"
