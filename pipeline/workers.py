"""Child processes with a deadline for each task: one that hangs or dies is ended alone and its task gets a reason."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import ModuleType, TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from pipeline.children import PRELOAD, prepare_child

# A child is replaced after so many tasks, so that what libraries leak does not add up over a long run.
TASKS_A_CHILD = 5_000


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task has no result; `is_timeout` when its deadline passed."""

    reason: str
    is_timeout: bool = False


class Workers:
    """A pool of child processes, started at the first task and ended with the context."""

    def __init__(self, count: int, seconds: float, *, preload: Sequence[str] | None = None) -> None:
        """`count` processes; each task has `seconds`. `preload` names what they find imported, all when None."""
        self._count = count
        self._seconds = seconds
        self._preload = preload
        self._pool: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def submit(self, task: Callable[[Any], Any], given: Any, done: Callable[[Any], None]) -> None:
        """Run `task(given)` in a child; `done` gets its result or a `Failure`, in another thread.

        A task whose child dies is tried once more: another task's appetite for memory says nothing about this one.
        """
        if self._pool is None:
            self._pool = _start_pool(self._count, PRELOAD if self._preload is None else self._preload)
        self._schedule(task, given, done, may_die=True)

    def _schedule(self, task: Callable[[Any], Any], given: Any, done: Callable[[Any], None], *, may_die: bool) -> None:
        future = self._pool.schedule(task, args=[given], timeout=self._seconds)

        def finish(ended: Future[Any]) -> None:
            is_dead = not ended.cancelled() and isinstance(ended.exception(), ProcessExpired)
            if is_dead and may_die and self._pool.active:
                self._schedule(task, given, done, may_die=False)
            else:
                _finish(done, self._seconds, ended)

        future.add_done_callback(finish)


class _Child(ForkServerProcess):
    """A child that does not import its parent's main module, whose functions it never needs.

    multiprocessing would do so in each child: the whole command line, or under Prefect the engine of flow runs.
    """

    def start(self) -> None:
        """Start the process."""
        with _main_hidden():
            super().start()

    def terminate(self) -> None:
        """End the process, which does not hear SIGTERM."""
        self.kill()


class _Context(ForkServerContext):
    Process = _Child


_main_lock = threading.Lock()


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Let the main module look like one that has neither name nor file, while a child's start data are gathered."""
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _start_pool(count: int, preload: Sequence[str]) -> Any:
    # A fork server imports the extractor once and forks each child from there: children start in milliseconds and
    # never inherit the parent's threads, connections or (under Prefect) its imports.
    context = _Context()
    context.set_forkserver_preload(["pipeline.fork_server", *preload])
    return ProcessPool(max_workers=count, max_tasks=TASKS_A_CHILD, initializer=prepare_child, context=context)


def _finish(done: Callable[[Any], None], seconds: float, future: Future[Any]) -> None:
    try:
        result = future.result()
    except CancelledError:
        return
    except TimeoutError:
        result = Failure(f"took longer than {seconds:g} s", is_timeout=True)
    except ProcessExpired as error:
        result = Failure(f"its process died (exit code {error.exitcode})")
    except MemoryError:
        result = Failure("needed too much memory")
    except Exception as error:  # a bug of ours or a library's: the page ends with its name, the run goes on
        result = Failure(f"{type(error).__name__}: {error}"[:300])
    done(result)
