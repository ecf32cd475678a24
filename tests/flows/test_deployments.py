"""`prefect.yaml` and `khotin deploy` describe the same deployments."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from config.settings import Settings

CLONE = Path(__file__).resolve().parents[2]

# Prefect warns of its own deprecations at import; it is imported apart.
DESCRIBE = """
import json
from flows.deployments import INTERVAL_SECONDS, deployments
said = [one.model_dump(mode="json") for one in deployments("Asia/Ho_Chi_Minh", INTERVAL_SECONDS)]
print(json.dumps([one | {"schema": d._parameter_openapi_schema.model_dump(mode="json")} for one, d in
                  zip(said, deployments("Asia/Ho_Chi_Minh", INTERVAL_SECONDS))]))
"""


def described() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", DESCRIBE], capture_output=True, text=True, check=True)
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


def as_in_the_file(one: dict[str, Any]) -> dict[str, Any]:
    """Write a deployment as prefect.yaml does."""
    schedules = []
    for entry in one["schedules"]:
        schedule = {key: value for key, value in entry["schedule"].items() if key != "day_or"}
        schedules.append(schedule | {"slug": entry["slug"]})
    return {
        "name": one["name"],
        "entrypoint": one["entrypoint"],
        "tags": one["tags"],
        "schedules": schedules,
        "concurrency_limit": {"limit": one["concurrency_limit"], **one["concurrency_options"]},
        "work_pool": {"name": one["work_pool_name"], "job_variables": one["job_variables"]},
    }


def test_the_file_and_the_command_give_the_same_deployments_with_described_parameters() -> None:
    file = YAML(typ="safe").load(CLONE / "prefect.yaml")
    said = described()
    for deployment in file["deployments"]:
        for schedule in deployment["schedules"]:
            if "interval" in schedule:
                schedule["interval"] = float(schedule["interval"])
            if "anchor_date" in schedule:
                schedule["anchor_date"] = schedule["anchor_date"].replace("+00:00", "Z")
    assert [as_in_the_file(one) for one in said] == file["deployments"]
    for one in said:
        assert one["description"]
        (model,) = [made for made in one["schema"]["definitions"].values() if made["type"] == "object"]
        assert model["description"]
        assert all(field["description"] for field in model["properties"].values())


def test_the_files_zone_is_the_settings_default() -> None:
    file = YAML(typ="safe").load(CLONE / "prefect.yaml")
    (nightly,) = file["deployments"][1]["schedules"]
    assert nightly["timezone"] == Settings.model_fields["timezone"].default
