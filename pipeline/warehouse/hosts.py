"""Hosts: their rows, their robots.txt and their back-off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from models.tables import hosts
from pipeline.warehouse.batches import in_chunks, insert_missing, rows_of


@dataclass(frozen=True, slots=True)
class HostRow:
    """What the warehouse remembers of a host between runs."""

    id: int
    name: str
    robots_fetched_at: datetime | None
    robots_status: int | None
    robots_body: str | None
    robots_reason: str | None
    robots_failing_since: datetime | None
    not_before_at: datetime | None
    back_off_reason: str | None
    strikes: int
    delay_seconds: float


def host_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Give the key of every host in `names` ("host:port"), adding those that are new."""
    wanted = sorted(set(names))
    known = _known(connection, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        connection.execute(insert_missing(connection, hosts, ["name"]), [{"name": name} for name in missing])
        known |= _known(connection, missing)
    return known


def load_hosts(connection: Connection, names: Iterable[str]) -> list[HostRow]:
    """Read the rows of some hosts."""
    columns = [hosts.c[name] for name in HostRow.__slots__]
    found: list[HostRow] = []
    for chunk in in_chunks(sorted(set(names))):
        found += (HostRow(*row) for row in connection.execute(select(*columns).where(hosts.c.name.in_(chunk))))
    return found


def save_host(connection: Connection, name: str, values: Mapping[str, object]) -> None:
    """Write what changed about a host."""
    connection.execute(update(hosts).where(hosts.c.name == name).values(**values))


def _known(connection: Connection, names: list[str]) -> dict[str, int]:
    return dict(rows_of(connection, "SELECT name, id FROM hosts WHERE name AMONG ?", names))
