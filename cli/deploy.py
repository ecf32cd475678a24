"""`khotin deploy`: put the deployments, their work pool and the watch over dead runs on a Prefect server."""

from typing import Annotated

import typer

from cli.screen import out, stop
from config.settings import Settings, load_settings
from flows.environment import API_URL, POOL, api_url, prepare_for_a_terminal
from pipeline.warehouse.opening import open_warehouse
from pipeline.warehouse.place import is_missing


def deploy(
    interval: Annotated[
        int, typer.Option("--interval", min=5, max=86_400, help="Seconds between two runs of `ingest`.")
    ] = 300,
    now: Annotated[bool, typer.Option("--now", help="Also start a run of `ingest` at once.")] = False,
    alone: Annotated[
        bool, typer.Option("--alone", hidden=True, help="All workers will be of this machine; none is alive.")
    ] = False,
) -> None:
    """Put khotin's deployments on the Prefect server of PREFECT_API_URL; doing it again changes nothing.

    [bold]Examples[/bold]

    PREFECT_API_URL=http://127.0.0.1:4200/api khotin deploy

    khotin deploy --interval 600 --now

    Exit code: 0 done, 1 the server cannot be used, 2 usage.
    """
    if api_url() is None:
        stop(f"Set {API_URL} to the address of your Prefect server, such as http://127.0.0.1:4200/api.")
    prepare_for_a_terminal()
    zone = _newsroom_timezone(load_settings())
    # Prefect takes seconds to import; mistakes are told before.
    from flows.deployments import deploy as put  # noqa: PLC0415
    from flows.server import ServerError, check_server  # noqa: PLC0415

    try:
        check_server()
        done = put(zone, interval, starts_now=now, is_alone=alone)
    except ServerError as error:
        stop(str(error))
    out.print(f"Deployed {', '.join(done.deployments)} on {api_url()}; nightly in {zone}.", markup=False)
    if done.flow_run:
        out.print(f"Started the flow run {done.flow_run}.", markup=False)
    out.print(
        f"Next: start a worker on each machine that is to ingest: uv run prefect worker start --pool {POOL}",
        markup=False,
    )


def _newsroom_timezone(settings: Settings) -> str:
    """Give the zone that the warehouse keeps, else that of the settings."""
    return settings.timezone if is_missing(settings.warehouse_url) else open_warehouse(settings).timezone
