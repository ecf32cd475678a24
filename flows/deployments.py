"""What `khotin deploy` puts on the Prefect server: work pool, deployments, and the automation that ends dead runs.

`prefect.yaml` gives the same deployments to whoever prefers `prefect deploy --all`.
"""

import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import HTTPError
from prefect import Flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from flows.backfill import backfill
from flows.dead_runs import crash, unfinished_runs
from flows.environment import FLOW_RUNS, POOL, TAG, api_url
from flows.ingest import ingest
from flows.maintain import maintain
from flows.recheck import recheck
from flows.reextract import reextract
from flows.server import ServerError

INTERVAL_SECONDS = 300
NIGHTLY = "40 3 * * *"
"""When the newsroom sleeps, and neither on the hour nor at midnight, when everything else starts."""

HOURLY = "17 * * * *"
"""Looking again may wait for a quiet minute."""

DEAD_SECONDS = 90
"""Three heartbeats missed, or no start within this time after a worker has taken the run."""

PENDING_LEASE_SECONDS = 60
"""How long a slot stays with a run that a worker has taken and that does not start."""

COMMAND = "python -m flows.engine"
"""What a worker starts for a flow run; `python` is the first on its PATH: that of khotin's environment."""

AUTOMATION = "khotin: end dead flow runs"
_ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)  # fixed, so that the same schedule is the same at every deploy


@dataclass(frozen=True, slots=True)
class Planned:
    """One deployment, called like its flow; without a schedule it runs when a person asks for it.

    Its flow runs come one at a time: a scheduled one is left out while another works, one that was asked for waits.
    """

    flow: Flow[Any, Any]
    schedule: IntervalSchedule | CronSchedule | None = None
    slug: str | None = None
    """The schedule's name: it tells the server that a changed schedule is the same one."""


def planned(timezone: str, interval_seconds: int) -> tuple[Planned, ...]:
    """List the deployments, `ingest` first; `timezone` is the newsroom's.

    To add one: write the flow NAME in flows/NAME.py (name, description, one pydantic model of described parameters,
    `persist_result=False`), import it above, add its line here and the same to prefect.yaml; a test compares the two.
    Slot, tags, command and the watch over dead runs come with it.
    """
    interval = IntervalSchedule(interval=timedelta(seconds=interval_seconds), anchor_date=_ANCHOR, timezone="UTC")
    return (
        Planned(ingest, interval, "steadily"),
        Planned(maintain, CronSchedule(cron=NIGHTLY, timezone=timezone), "nightly"),
        Planned(recheck, CronSchedule(cron=HOURLY, timezone=timezone), "hourly"),
        Planned(backfill),
        Planned(reextract),
    )


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is on the server now; `flow_run` names the run that was started at once, if one was asked for."""

    deployments: tuple[str, ...]
    flow_run: str | None


def deploy(
    timezone: str,
    interval_seconds: int = INTERVAL_SECONDS,
    *,
    starts_now: bool = False,
    is_alone: bool = False,
) -> Deployed:
    """Bring the server to what this khotin needs; doing it again changes nothing.

    `timezone` is the newsroom's. With `is_alone` the caller is the only one who runs workers of this server,
    on this machine, and none is alive yet.
    Raises ServerError when the server does not take the deployments.
    """
    try:
        return _deploy(timezone, interval_seconds, starts_now=starts_now, is_alone=is_alone)
    except (HTTPError, PrefectException) as error:
        raise ServerError(f"The Prefect server at {api_url()} did not take the deployments: {error}") from error


def _deploy(timezone: str, interval_seconds: int, *, starts_now: bool, is_alone: bool) -> Deployed:
    command = shlex.join([sys.executable, "-m", "flows.engine"]) if is_alone else COMMAND
    made = deployments(timezone, interval_seconds, command)
    with get_client(sync_client=True) as client:
        _make_pool(client)
        ids = [one.apply() for one in made]
        _make_automation(client)
        if is_alone:
            crash(unfinished_runs(), "Its process is gone; the next run carries on.")
        run = client.create_flow_run_from_deployment(ids[0], tags=[TAG]) if starts_now else None  # type: ignore[arg-type]  # in sync code apply() gives an id, no coroutine
    return Deployed(tuple(f"{one.flow_name}/{one.name}" for one in made), run.name if run else None)


def deployments(timezone: str, interval_seconds: int, command: str = COMMAND) -> list[RunnerDeployment]:
    """Describe the deployments, `ingest` first; `command` starts their flow runs."""
    return [
        RunnerDeployment.from_flow(
            one.flow,
            one.flow.name,
            schedules=[DeploymentScheduleCreate(schedule=one.schedule, slug=one.slug)] if one.schedule else [],
            concurrency_limit=_one_at_a_time(one),
            tags=[TAG],
            work_pool_name=POOL,
            job_variables={"env": FLOW_RUNS, "command": command},
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for one in planned(timezone, interval_seconds)
    ]


def _one_at_a_time(one: Planned) -> ConcurrencyLimitConfig:
    strategy = ConcurrencyLimitStrategy.CANCEL_NEW if one.schedule else ConcurrencyLimitStrategy.ENQUEUE
    return ConcurrencyLimitConfig(limit=1, collision_strategy=strategy, grace_period_seconds=PENDING_LEASE_SECONDS)


def _make_pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=POOL,
                type=ProcessWorker.type,
                description="Flow runs of khotin, as processes of whichever machine runs a worker.",
                base_job_template=ProcessWorker.get_default_base_job_template(),
            )
        )


def dead_run_automation() -> AutomationCore:
    """Describe the automation that marks a flow run as crashed when its process has died without a word.

    It covers a run that was taken and never started (stuck in Pending) as well as one that stopped beating.
    """
    alive = {"prefect.flow-run.Running", "prefect.flow-run.heartbeat"}
    over = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
    # A worker that gives a run back, and a run that waits, have no process that could die.
    waiting = {f"prefect.flow-run.{state}" for state in ("Scheduled", "AwaitingRetry", "Late", "Paused", "Suspended")}
    return AutomationCore(
        name=AUTOMATION,
        description=f"Marks a flow run as crashed when it gives no sign of life for {DEAD_SECONDS} seconds, "
        "so that its slot is free for the next one.",
        tags=[TAG],
        trigger=EventTrigger(
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=ResourceSpecification(
                {"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"}
            ),
            after={"prefect.flow-run.Pending", *alive},
            expect=alive | over | waiting,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=DEAD_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=False,
                message=f"No sign of life for {DEAD_SECONDS} seconds; the next run carries on.",
            )
        ],
    )


def _make_automation(client: SyncPrefectClient) -> None:
    wanted = dead_run_automation()
    there = client.read_automations_by_name(AUTOMATION)
    if not there:
        client.create_automation(wanted)
        return
    for double in there[1:]:
        client.delete_automation(double.id)
    if not _is_same(there[0], wanted):
        client.update_automation(there[0].id, wanted)


def _is_same(there: Automation, wanted: AutomationCore) -> bool:
    """Compare what we set; an update would make the server forget which runs it is watching."""
    return there.enabled and there.description == wanted.description and _core(there.trigger) == _core(wanted.trigger)


def _core(trigger: object) -> object:
    return trigger.model_dump(exclude={"id"}) if isinstance(trigger, EventTrigger) else trigger
