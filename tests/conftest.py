"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import postgres_server
import pytest
from fresh import bring_up, forget
from hypothesis import settings
from lender import Lender
from sqlalchemy import URL, Engine
from zygote import Zygote

from models.engine import open_engine

# A busy machine is slow, not wrong: no test fails by time. KHOTIN_TEST_SLOW=1 looks at as many examples as hypothesis
# wants, which doubles the time of the suite.
settings.register_profile("khotin", deadline=None, max_examples=100 if os.environ.get("KHOTIN_TEST_SLOW") else 30)
settings.load_profile("khotin")


# Tests start hundreds of processes, which compile every library anew where nobody keeps the bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure() -> None:
    postgres_server.open_home()


# The files that wait for servers and schedules: begun last, they would keep one worker busy alone at the end.
LONGEST = (
    "deploy/test_compose_by_hand.py",
    "flows/test_up.py",
    "backfill/test_killed.py",
    "warehouse/test_copy.py",
    "warehouse/test_backup.py",
    "warehouse/test_views.py",
    "warehouse/test_stories.py",
    "warehouse/test_withdrawn.py",
    "warehouse/test_corrections.py",
    "warehouse/test_rejected.py",
    "warehouse/test_migrations.py",
    "warehouse/test_identity_of_rows.py",
    "warehouse/test_versions.py",
    "ingest/test_leases.py",
    "ingest/test_killed_runs.py",
    "hostile/test_runs.py",
    "cli/test_run.py",
    "warehouse/test_ingest_on_both.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((i for i, name in enumerate(LONGEST) if item.path.as_posix().endswith(name)), len(LONGEST))

    items.sort(key=rank)


def pytest_unconfigure() -> None:
    forget()
    postgres_server.close_home()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """What starts khotin commands quickly."""
    with Zygote() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server_url() -> URL:
    """The address of a running PostgreSQL, whose user may make databases."""
    try:
        return postgres_server.server_url()
    except postgres_server.NoPostgresError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lender(postgres_server_url: URL) -> Iterator[Lender]:
    """Who lends this worker's PostgreSQL warehouse."""
    made = Lender(postgres_server_url)
    yield made
    made.close()


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server_url: URL) -> Iterator[str]:
    """A new PostgreSQL database, empty; for tests that ask for `engine` a warehouse of today's schema without rows."""
    if "engine" in request.fixturenames:
        with request.getfixturevalue("lender").lend() as url:
            yield url
        return
    with postgres_server.new_database(postgres_server_url) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'data' / 'khotin.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def warehouse_url(request: pytest.FixtureRequest) -> str:
    """An empty database, on SQLite and on PostgreSQL in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(warehouse_url: str) -> Iterator[Engine]:
    """An open warehouse of today's schema without rows, on SQLite and on PostgreSQL in turn."""
    opened = open_engine(warehouse_url)
    if opened.dialect.name == "sqlite":
        bring_up(opened)
    yield opened
    opened.dispose()
