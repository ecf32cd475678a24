"""Where a capture is that needs no request, and how it is read."""

from types import TracebackType
from typing import Any, Self

from pipeline.pages.capture import Capture


class PlaceError(Exception):
    """A capture that was there when it was planned cannot be read now; the message says why."""


class Reader:
    """Reads captures from files; keeps the last file open, since captures come in its order."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""

    def read(self, place: dict[str, Any], url: str) -> Capture:
        """Read the capture of a page at `url`. Raises PlaceError."""
        raise PlaceError(f"nobody knows how to read {place}")
