"""The systemd units, for those without Docker."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from compose import CLONE, read_env

from flows.environment import SERVER

UNITS = CLONE / "deploy" / "systemd"
NAMES = ("khotin-prefect.service", "khotin-deploy.service", "khotin-worker@.service")


def test_the_server_is_set_as_that_of_khotin_up() -> None:
    assert SERVER.items() <= read_env(UNITS / "prefect.env.example").items()


@pytest.mark.parametrize("name", NAMES)
def test_units_run_as_a_user_of_their_own(name: str) -> None:
    assert "User=khotin\n" in (UNITS / name).read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    programs = Path(sys.executable).parent
    for name in NAMES:
        unit = (UNITS / name).read_text().replace("/opt/khotin/.venv/bin", str(programs))
        (tmp_path / name).write_text(re.sub(r"EnvironmentFile=/etc/khotin", f"EnvironmentFile={UNITS}", unit))
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "khotin" in line]
    assert (done.returncode, said) == (0, [])
