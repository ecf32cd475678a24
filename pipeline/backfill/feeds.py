"""To be written."""

from collections.abc import Iterator

from sqlalchemy import Connection

from pipeline.backfill.candidate import Batch, Ground
from pipeline.backfill.wish import Wish


def resolve(_connection: Connection, wish: Wish) -> Wish:
    return wish


def find(ground: Ground) -> Iterator[Batch]:
    raise NotImplementedError(ground)
