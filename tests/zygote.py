"""Starts khotin commands quickly: imports khotin once, then forks a process group of its own for each command.

Reads a JSON line `[environment, arguments]`, answers with the process's id. It is exactly `khotin …` but for the two
seconds that Python takes to import it, and the second that it takes the command's fork server.
"""

import fcntl
import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import util
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Khotin = Callable[..., Ended]
"""Runs a command: its arguments, `given` for its standard input, settings by their names."""


class Zygote:
    """Use it as a context; `start` a command, `wait` for its exit code."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "200"},  # read once, when the consoles are made
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(self, *arguments: str, env: Mapping[str, str]) -> int:
        """Start a command; give the id of its process and process group."""
        return self._ask(["start", dict(env), arguments, None])

    def run(self, *arguments: str | Path, env: Mapping[str, str], given: bytes = b"") -> Ended:
        """Run a command to its end; `given` is its standard input."""
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "in").write_bytes(given)
            pid = self._ask(["start", dict(env), [*map(str, arguments)], folder])
            code = self.wait(pid)
            out, err = ((Path(folder) / name).read_text("utf-8") for name in ("out", "err"))
        return Ended(code, out, err)

    def wait(self, pid: int) -> int:
        """Wait for the end of a command; give its exit code, negative when a signal ended it."""
        return self._ask(["wait", pid])

    def _ask(self, question: object) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class _Seed:
    """Becomes the command's fork server if it wants one; forked early, while the command has no threads."""

    def __init__(self) -> None:
        self._spawn = util.spawnv_passfds
        self._socket, its = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _sprout(its)
        its.close()
        self._is_used = False

    def spawn(self, path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:
        """Start a program of multiprocessing's: the fork server from here, others as it does it itself."""
        if self._is_used or "multiprocessing.forkserver" not in args[-1]:
            return self._spawn(path, args, passfds)
        self._is_used = True
        try:
            socket.send_fds(self._socket, [json.dumps([args[-1], [*passfds]]).encode()], passfds)
        except OSError:  # a signal to the whole process group has ended it
            return self._spawn(path, args, passfds)
        return self._pid


def _sprout(its: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said, fds, _, _ = socket.recv_fds(its, 100_000, 8)
    if said:
        its.close()
        command, numbers = json.loads(said)
        beyond = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 500) for fd in fds]
        for fd in fds:
            os.close(fd)
        for fd, number in zip(beyond, numbers, strict=True):
            os.dup2(fd, number)
            os.close(fd)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with suppress(SystemExit):
            exec(command, {})  # noqa: S102  # what multiprocessing would give to `python -c`
    os._exit(0)


def _run(env: Mapping[str, str], arguments: list[str], folder: str | None) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    if folder is None:
        quiet = os.open(os.devnull, os.O_RDWR)
        os.dup2(quiet, 0)
        os.dup2(quiet, 1)
    else:
        os.dup2(os.open(f"{folder}/in", os.O_RDONLY), 0)
        os.dup2(os.open(f"{folder}/out", os.O_WRONLY | os.O_CREAT), 1)
        os.dup2(os.open(f"{folder}/err", os.O_WRONLY | os.O_CREAT), 2)
    util.spawnv_passfds = _Seed().spawn
    sys.argv = ["khotin", *arguments]
    from cli.main import main

    code: object = 1
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        gc.collect()  # an interpreter that ends closes what is open
        os._exit(code if isinstance(code, int) else 1)


def _import_everything() -> None:
    import cli
    from pipeline.children import PRELOAD

    names = [module.name for module in pkgutil.iter_modules(cli.__path__, "cli.")]
    for name in (*names, *PRELOAD, "alembic.command", "pipeline.feeds.parse"):
        import_module(name)
    assert "prefect" not in sys.modules
    gc.freeze()


def _serve() -> None:
    _import_everything()
    for line in sys.stdin:
        what, *rest = json.loads(line)
        if what == "start":
            pid = os.fork()
            if pid == 0:
                _run(*rest)
            answer = pid
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(rest[0], 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
