"""Every command of the compose file, run by hand against a real PostgreSQL: what it does, and Prefect knows of it."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from compose import CLONE, read_compose
from newsroom import Piece, environment, feeds_yaml, serve_feed, source
from postgres_server import new_database
from prefect_lab import PrefectLab, free_port, kill, wait_until
from sqlalchemy import URL, create_engine, make_url, text

from demo.site import LoopbackServer
from models.engine import open_engine, reading

PIECES = 4


@dataclass
class Stack:
    """The services of the compose file as processes of this machine."""

    lab: PrefectLab
    compose: dict[str, Any]
    warehouse: str
    health_port: int

    def command(self, service: str) -> list[str]:
        """Give a service's command with this machine's port in place of the container's."""
        return [self._local(word) for word in self.compose["services"][service]["command"]]

    def run(self, service: str) -> "subprocess.CompletedProcess[str]":
        """Run a one-shot service."""
        return subprocess.run(
            self.command(service), env=self.lab.env, cwd=self.lab.folder, capture_output=True, text=True, check=False
        )

    def is_healthy(self, service: str) -> bool:
        """Do the service's health check."""
        kind, *command = self.compose["services"][service]["healthcheck"]["test"]
        assert kind == "CMD"
        words = [sys.executable if word == "python" else self._local(word) for word in command]
        return subprocess.run(words, env=self.lab.env, capture_output=True, check=False).returncode == 0

    def rows(self, sql: str) -> list[Any]:
        """Ask the warehouse."""
        engine = open_engine(make_url(self.warehouse).set(drivername="postgresql+psycopg").render_as_string(False))
        try:
            with reading(engine) as connection:
                return list(connection.execute(text(sql)))
        finally:
            engine.dispose()

    def _local(self, word: str) -> str:
        return word.replace("4200", str(self.lab.port)).replace("8080", str(self.health_port))


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture(scope="module")
def feed(server: LoopbackServer) -> str:
    return serve_feed(server.site(), [Piece(f"/town/story-{number}-of-the-ward", number) for number in range(PIECES)])


@pytest.fixture(scope="module")
def stack(postgres_server_url: URL, feed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with new_database(postgres_server_url) as made, prefect_database(postgres_server_url) as prefect:
        warehouse = make_url(made).set(drivername="postgresql").render_as_string(False)
        (folder / "feeds.yaml").write_text(feeds_yaml([source("The Ward Courier", feed)]))
        health_port = free_port()
        khotin = environment(folder, DATABASE_URL=warehouse, FEEDS=str(folder / "feeds.yaml"))
        env = {
            "PREFECT_API_DATABASE_CONNECTION_URL": prefect,
            "PREFECT_WORKER_WEBSERVER_PORT": str(health_port),
        }
        values = {"POSTGRES_PASSWORD": "x", "KHOTIN_CONTACT": "desk@news.example", "INGEST_INTERVAL_SECONDS": "10"}
        with PrefectLab(folder, khotin, env) as lab:
            made_up = Stack(lab, read_compose(values), warehouse, health_port)
            lab.start("prefect", made_up.command("prefect"))
            migrated = made_up.run("migrate")
            assert migrated.returncode == 0, migrated.stderr
            lab.wait_for_server()
            wait_until(lambda: made_up.is_healthy("prefect"))
            yield made_up


class prefect_database:  # noqa: N801  # it is used like the function beside it
    """The database that `deploy/postgres/prefect.sql` makes, under the name of the test's."""

    def __init__(self, server: URL) -> None:
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT")
        self._url = server.set(drivername="postgresql+asyncpg", database="prefect")

    def __enter__(self) -> str:
        script = (CLONE / "deploy" / "postgres" / "prefect.sql").read_text()
        with self._admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS prefect WITH (FORCE)"))
            owner = connection.execute(text("SELECT current_user")).scalar_one()
            connection.execute(text(script.replace("OWNER khotin", f"OWNER {owner}")))
        return self._url.render_as_string(False)

    def __exit__(self, *_: object) -> None:
        with self._admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS prefect WITH (FORCE)"))
        self._admin.dispose()


def test_the_schedule_brings_articles_into_postgresql_by_the_commands_of_the_compose_file(stack: Stack) -> None:
    lab = stack.lab
    deployed = stack.run("deploy")
    assert deployed.returncode == 0, deployed.stderr
    before = lab.post("/deployments/filter", {})
    worker = lab.start("worker", stack.command("worker"))
    wait_until(lambda: stack.is_healthy("worker"), pause=1)

    done = wait_until(lambda: [run for run in lab.flow_runs("COMPLETED") if run["auto_scheduled"]], pause=1)
    assert stack.rows("SELECT count(*) FROM report_articles WHERE url LIKE '%/town/story-%'") == [(PIECES,)]
    assert {row[0] for row in stack.rows("SELECT flow_run_id FROM runs")} >= {done[0]["id"]}
    assert done[0]["state"]["message"].startswith("run 1: 1 feeds polled, 0 failed")
    assert "khotin" in done[0]["tags"]

    # What a person sees of it in Prefect's pages.
    shown = {one["key"]: one for one in lab.post("/artifacts/filter", {}) if one["flow_run_id"] == done[0]["id"]}
    assert shown["ingest-progress"]["data"] == 100
    assert f'"loaded": {PIECES}' in shown["ingest-outcomes"]["data"]
    tasks = lab.post("/task_runs/filter", {"flow_runs": {"id": {"any_": [done[0]["id"]]}}})
    assert [task["name"] for task in tasks] == ["batch"]

    # Deploying again changes nothing: neither ids nor schedules nor what a person has paused.
    assert stack.run("deploy").returncode == 0
    after = lab.post("/deployments/filter", {})
    assert [_identity(one) for one in after] == [_identity(one) for one in before]
    assert len(lab.post("/automations/filter", {})) == 1

    kill(worker)
    recorded = lab.khotin("run", "--ignore-schedule")
    assert recorded.returncode == 0, recorded.stderr
    (newest,) = stack.rows("SELECT flow_run_id FROM runs ORDER BY id DESC LIMIT 1")
    assert f"/flow-run/{newest[0]}" in recorded.stderr
    assert lab.get(f"/flow_runs/{newest[0]}")["state"]["type"] == "COMPLETED"


def test_the_tool_service_runs_any_khotin_command(stack: Stack) -> None:
    service = stack.compose["services"]["khotin"]
    command = [*service["entrypoint"], *service["command"]]
    assert shlex.join(command) == "khotin status"
    done = subprocess.run(command, env=stack.lab.env | {"PREFECT_API_URL": ""}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_backfill_reextraction_and_recheck_are_flow_runs_with_their_parameters_and_progress(
    stack: Stack, server: LoopbackServer, tmp_path: Path
) -> None:
    lab, site = stack.lab, server.site()
    pieces = [Piece(f"/town/old-story-number-{n}-of-the-ward", n) for n in range(3)]
    site.pages |= {piece.path: piece.page for piece in pieces}
    (tmp_path / "list.txt").write_text("\n".join(site.url(piece.path) for piece in pieces))
    done = lab.khotin("backfill", "urls", str(tmp_path / "list.txt"))
    assert (done.returncode, "Done: 3 pages planned" in done.stdout) == (0, True), done.stderr
    again = lab.khotin("reextract", "--limit", "2")
    assert (again.returncode, "Done: 2 articles" in again.stdout) == (0, True), again.stderr
    looked = lab.khotin("recheck", "--source", "the-ward-courier", "--limit", "7")
    assert (looked.returncode, "Nothing was due to be looked at again." in looked.stdout) == (0, True), looked.stderr
    (backfilled,) = lab.flow_runs("COMPLETED", flow="backfill")
    (reread,) = lab.flow_runs("COMPLETED", flow="reextract")
    (rechecked,) = lab.flow_runs("COMPLETED", flow="recheck")
    artifacts = {artifact["key"] for artifact in lab.post("/artifacts/filter", {})}
    assert backfilled["parameters"]["parameters"]["kind"] == "urls"
    assert reread["parameters"]["parameters"]["limit"] == 2
    assert rechecked["parameters"]["parameters"] == {"sources": ["the-ward-courier"], "limit": 7}
    assert {"backfill-progress", "reextract-progress"} <= artifacts
    recorded = stack.rows("SELECT kind, flow_run_id FROM runs WHERE kind <> 'ingest' ORDER BY id")
    made = (("backfill", backfilled), ("reextract", reread), ("recheck", rechecked))
    assert [tuple(row) for row in recorded] == [(kind, run["id"]) for kind, run in made]


def _identity(deployment: dict[str, Any]) -> tuple[Any, ...]:
    return deployment["id"], [one["id"] for one in deployment["schedules"]], deployment["created"]
