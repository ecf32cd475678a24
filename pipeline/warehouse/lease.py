"""Leases: which process has which rows in hand, and how the rows of a dead one come free."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, delete, insert, or_, select, update

from models.schema import stand_in_line
from models.tables import archives, backfills, feeds, hosts, leases, pages
from pipeline.warehouse import clock

# Two readings of a process's start time may differ by the clock's own corrections.
_START_TOLERANCE_SECONDS = 2


class LeaseLostError(Exception):
    """This process gave no sign of life for so long that another one took over its work."""

    def __init__(self) -> None:
        super().__init__("the run gave no sign of life for longer than its lease, and another one took over its work")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process among all processes of all machines since they were switched on."""

    hostname: str
    boot_id: str
    pid: int
    pid_started: int


@cache
def boot_id() -> str:
    """Name this machine's boot and, on Linux, the process namespace (a container's pids are its own)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return str(int(psutil.boot_time()))


def this_process() -> Holder:
    """Name the running process."""
    pid = os.getpid()
    return Holder(socket.gethostname(), boot_id(), pid, int(psutil.Process(pid).create_time()))


def is_dead(holder: Holder) -> bool:
    """Tell whether the holder surely lives no more: it ran on this machine, in this boot, and its process is gone.

    A holder elsewhere is never surely dead; its lease has to expire.
    """
    if (holder.hostname, holder.boot_id) != (socket.gethostname(), boot_id()):
        return False
    try:
        process = psutil.Process(holder.pid)
        started, status = process.create_time(), process.status()
    except psutil.NoSuchProcess:
        return True
    return status == psutil.STATUS_ZOMBIE or abs(started - holder.pid_started) > _START_TOLERANCE_SECONDS


def acquire(connection: Connection, seconds: int) -> str:
    """Take a new lease for this process; give its token."""
    token, holder, at = secrets.token_hex(16), this_process(), clock.now(connection)
    connection.execute(
        insert(leases).values(
            token=token,
            hostname=holder.hostname,
            boot_id=holder.boot_id,
            pid=holder.pid,
            pid_started=holder.pid_started,
            acquired_at=at,
            expires_at=at + timedelta(seconds=seconds),
        )
    )
    return token


def renew(connection: Connection, token: str, seconds: int) -> None:
    """Move the lease's expiry on. Raises LeaseLostError when it is no longer ours."""
    expires_at = clock.now(connection) + timedelta(seconds=seconds)
    if not connection.execute(update(leases).where(leases.c.token == token).values(expires_at=expires_at)).rowcount:
        raise LeaseLostError


def require(connection: Connection, token: str) -> None:
    """Raise LeaseLostError when the lease is no longer ours."""
    if connection.execute(select(leases.c.token).where(leases.c.token == token)).first() is None:
        raise LeaseLostError


def dead_leases(connection: Connection) -> list[str]:
    """Give the tokens whose holder is dead or whose time is up, for the caller to put right in this transaction.

    One process at a time does so: the others wait here until it has committed, and then find nothing left.
    """
    stand_in_line(connection, "put right")
    at = clock.now(connection)
    held = connection.execute(select(leases)).all()
    dead = [row.token for row in held if is_dead(_holder(row))]
    late = [row.token for row in held if row.expires_at <= at]
    # A holder that was only slow may renew its lease this very moment, and then keeps it.
    is_over = leases.c.token.in_(dead) | (leases.c.token.in_(late) & (leases.c.expires_at <= at))
    over = select(leases.c.token).where(is_over).order_by(leases.c.token).with_for_update(skip_locked=True)
    return list(connection.execute(over).scalars()) if dead or late else []


def living(connection: Connection) -> list[Holder]:
    """Give the processes that are at work, as far as one can tell from here."""
    at = clock.now(connection)
    held = ((_holder(row), row.expires_at) for row in connection.execute(select(leases)))
    return [holder for holder, expires_at in held if expires_at > at and not is_dead(holder)]


def free_rows(connection: Connection, token: str) -> None:
    """Give back all feeds, hosts, pages and backfills that carry the token."""
    for table in (feeds, hosts, pages, backfills):
        connection.execute(update(table).where(table.c.lease_token == token).values(lease_token=None))


def drop(connection: Connection, token: str) -> None:
    """End a lease whose rows are free and whose archives are closed."""
    free_rows(connection, token)
    connection.execute(update(archives).where(archives.c.lease_token == token).values(lease_token=None))
    connection.execute(delete(leases).where(leases.c.token == token))


def is_free(table: Any, token: str) -> Any:
    """Give the condition that a row is free, or already in our hands."""
    return or_(table.c.lease_token.is_(None), table.c.lease_token == token)


def _holder(row: Any) -> Holder:
    return Holder(row.hostname, row.boot_id, row.pid, row.pid_started)
