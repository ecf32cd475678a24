"""`khotin up`: everything on one machine: Prefect's server and pages, the schedule, a worker, the warehouse."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from cli.screen import err, out, stop
from config.feeds_file import read_feeds_file, seed_feeds_file
from config.settings import Settings, load_settings
from flows.machine import Machine, MachineError, is_port_free, only_one
from models.engine import reading
from models.schema import current_revision
from pipeline import plan as plans
from pipeline.warehouse import query
from pipeline.warehouse.opening import Opened, bring_to_head, check_revision, open_warehouse, opening
from pipeline.warehouse.place import is_embedded, warehouse_name

LOOK_SECONDS = 0.5
DEMO_INTERVAL = 30


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve the bundled sample sites and ingest them into a warehouse apart.")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="Where Prefect's pages are served.")] = 4200,
    interval: Annotated[
        int | None,
        typer.Option("--interval", min=5, max=86_400, help="Seconds between two runs.", show_default="300; demo: 30"),
    ] = None,
) -> None:
    """Run everything on this machine until Ctrl-C: Prefect's server, the schedule, a worker, the warehouse.

    [bold]Examples[/bold]

    khotin up --demo                  see it work on sample sites

    khotin up                         poll every five minutes

    Ctrl-C ends all of it within ten seconds; typed again, it goes on where it was.

    Exit code: 0 ended by Ctrl-C, 1 cannot start or keep running, 2 usage.
    """
    from cli.main import set_logging  # noqa: PLC0415  # main imports this module

    if demo:
        from cli.demo import demo_run  # noqa: PLC0415  # the demo's server is not needed otherwise

        surroundings: Any = demo_run()
    else:
        surroundings = nullcontext((load_settings(), None))
    with surroundings as (settings, _wish):
        set_logging(settings.log_level)
        if not demo:
            _check_feeds(settings)
        try:
            with only_one(settings.data_dir / "prefect"):
                _up(settings, port, interval or (DEMO_INTERVAL if demo else 300))
        except MachineError as error:
            stop(str(error))


def _check_feeds(settings: Settings) -> None:
    if seed_feeds_file(settings.feeds):
        err.print(f"Copied the shipped list of feeds to {settings.feeds}; edit it to your needs.", markup=False)
    plans.check_contact(read_feeds_file(settings.feeds), (), settings)


def _up(settings: Settings, port: int, interval: int) -> None:
    machine = Machine(settings, port, _say)
    left = machine.end_leftovers()
    if left:
        _say(f"Ended {left} processes that an earlier `khotin up` had left.")
    if not is_port_free(port):
        stop(f"Port {port} is taken: end the program that listens there, or choose another with --port.")
    opened = _warehouse(settings)
    out.print(f"Warehouse  {warehouse_name(settings.warehouse_url)} · time zone {opened.timezone}", markup=False)
    out.print("Prefect's server is starting; the first time this takes half a minute.", markup=False)
    with _asked_to_stop() as is_asked:
        try:
            # No flow run can be alive before this worker is: what the server believes to run died with its `up`.
            machine.start(["deploy", "--interval", str(interval), "--now", "--alone"])
            out.print(f"Prefect    {machine.url}", markup=False)
            out.print(f"A run every {interval} seconds, the first one now. Ctrl-C ends everything.", markup=False)
            _watch(machine, opened.engine, is_asked)
        except KeyboardInterrupt:
            pass
        finally:
            _say("Ending all processes.")
            machine.stop()
    out.print("Ended. `khotin up` goes on where it was.", markup=False)


def _warehouse(settings: Settings) -> Opened:
    url = settings.warehouse_url
    if not is_embedded(url):
        with opening(url) as engine:
            with reading(engine) as connection:
                check_revision(current_revision(connection), url, may_upgrade=True)
            bring_to_head(engine)
            engine.dispose()
    return open_warehouse(settings, creates=True)


def _watch(machine: Machine, engine: Engine, is_asked: threading.Event) -> None:
    """Keep the processes running and say how each run ended, until someone asks to stop."""
    seen = _last_ended(engine)[0]
    while not is_asked.wait(LOOK_SECONDS):
        machine.check()
        run_id, words = _last_ended(engine)
        if run_id != seen:
            seen = run_id
            _say(words)


def _last_ended(engine: Engine) -> tuple[int, str]:
    with reading(engine) as connection:
        run = query.last_run(connection)
    if run is None or run.finished_at is None:
        return (run.id - 1 if run else 0), ""
    counts = run.counts.get("entries", {})
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing new"
    return run.id, f"Run {run.id} {run.state}: {sum(run.counts.get('polls', {}).values())} feeds polled; {said}."


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Let Ctrl-C, SIGTERM and the terminal's end ask to stop; while something starts they interrupt it."""
    asked = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        if not asked.is_set():
            asked.set()
            raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    out.print(line, style="dim", markup=False)
