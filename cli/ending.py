"""How long work that can be gone on with ends when it cannot go on now: with one sentence that says so."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from cli.screen import USAGE, stop
from pipeline.backfill.wish import WishError
from pipeline.warehouse.backfills import PlannedElsewhereError
from pipeline.warehouse.lease import LeaseLostError
from pipeline.warehouse.place import detail_of

GOES_ON = "What was committed stays; type the same command again to go on."


@contextmanager
def in_one_sentence(is_elsewhere: str = "Another process is doing this already.") -> Iterator[None]:
    """End the command with a sentence for what may go wrong; `is_elsewhere` says that another process does the same."""
    try:
        yield
    except WishError as error:
        stop(str(error), USAGE)
    except PlannedElsewhereError:
        stop(is_elsewhere)
    except OperationalError as error:
        stop(f"The database failed: {detail_of(error)}. {GOES_ON}")
    except LeaseLostError as error:
        stop(f"This run ends here: {error}. {GOES_ON}")
    except OSError as error:
        stop(f"The archive cannot be written: {error}. {GOES_ON}")
