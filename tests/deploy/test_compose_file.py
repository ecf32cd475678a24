"""The compose file says what it must, by the compose specification, without an engine to run it."""

import re
from typing import Any

import pytest
from compose import CLONE, Missing, read_compose, read_env, variables
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from flows.environment import SERVER

ENV = {"POSTGRES_PASSWORD": "pw", "KHOTIN_CONTACT": "desk@news.example"}

_TEXTS = {"type": "array", "items": {"type": "string"}}
_COMMAND = {"anyOf": [{"type": "string"}, _TEXTS]}
_SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image"],
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z0-9./-]+:[A-Za-z0-9._-]+$"},
        "build": {"type": "string"},
        "command": _COMMAND,
        "entrypoint": _COMMAND,
        "user": {"type": "string"},
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "environment": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
        "volumes": _TEXTS,
        "tmpfs": _TEXTS,
        "ports": _TEXTS,
        "cap_drop": _TEXTS,
        "security_opt": _TEXTS,
        "profiles": _TEXTS,
        "shm_size": {"type": ["string", "number"]},
        "stop_grace_period": {"type": "string", "pattern": r"^\d+s$"},
        "logging": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "driver": {"type": "string"},
                "options": {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
            },
        },
        "deploy": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"replicas": {"type": ["integer", "string"]}},
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["condition"],
                "properties": {
                    "condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
                },
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": {**_TEXTS, "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}]},
                "interval": {"type": "string"},
                "timeout": {"type": "string"},
                "retries": {"type": "integer"},
                "start_period": {"type": "string"},
            },
        },
    },
}
# The part of compose-spec.json (compose-spec/compose-spec, schema/) that this file makes use of.
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
    },
    "patternProperties": {"^x-": {}},
}


@pytest.fixture
def compose() -> dict[str, Any]:
    return read_compose(ENV)


def test_the_file_keeps_to_the_specification(compose: dict[str, Any]) -> None:
    problems = [f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(SCHEMA).iter_errors(compose)]
    assert not problems


def test_every_dependency_names_a_service_that_can_meet_its_condition(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[name]
            if wanted["condition"] == "service_completed_successfully":
                assert services[name]["restart"] == "no"


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {volume.partition(":")[0] for service in compose["services"].values() for volume in service["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(compose["volumes"])


def test_images_are_pinned_to_a_version() -> None:
    images = [service["image"] for service in read_compose(ENV)["services"].values()]
    images += re.findall(r"^FROM (\S+:\S+)", (CLONE / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) > 5
    for image in images:
        assert re.search(r":\d+\.\d+", image), image


def test_nothing_runs_as_root_and_no_port_is_open_to_the_network(compose: dict[str, Any]) -> None:
    docker = (CLONE / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", docker, re.MULTILINE)
    for name, service in compose["services"].items():
        assert service.get("user", "10001") != "0"
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", ENV)
def test_secrets_come_from_the_environment_and_without_them_compose_refuses(name: str) -> None:
    with pytest.raises(Missing, match=name):
        read_compose(ENV | {name: ""})


def test_the_example_of_the_environment_names_every_variable_and_no_secret() -> None:
    example = read_env(CLONE / ".env.example")
    assert set(example) == variables()
    assert example["POSTGRES_PASSWORD"] == ""


def test_the_server_is_set_as_that_of_khotin_up(compose: dict[str, Any]) -> None:
    environment = compose["services"]["prefect"]["environment"]
    assert SERVER.items() <= environment.items()


def test_the_image_has_every_package_of_the_wheel() -> None:
    docker = (CLONE / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (\w+) \1$", docker, re.MULTILINE))
    pyproject = (CLONE / "pyproject.toml").read_text()
    packages = re.search(r"^packages = \[(.*)\]$", pyproject, re.MULTILINE)
    assert packages is not None
    assert copied == set(re.findall(r'"(\w+)"', packages[1]))
    ignored = (CLONE / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)
