"""Where a capture is that needs no request, and how it is read."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from pipeline.backfill.saved import SavedError, read_saved
from pipeline.backfill.stores import open_file
from pipeline.backfill.warc_capture import capture_of
from pipeline.backfill.warc_file import BrokenRecordError, WarcFile
from pipeline.pages.capture import Capture


class PlaceError(Exception):
    """A capture that was there when it was planned cannot be read now; the message says why."""


class Reader:
    """Reads captures from files; keeps the last WARC open, since captures come in its order."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._warc: WarcFile | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def read(self, place: dict[str, Any]) -> Capture:
        """Read the capture at a place as its queuer noted it. Raises PlaceError."""
        try:
            if "warc" in place:
                return capture_of(self._file(place["warc"]).read(int(place["offset"])))
            return read_saved(place)
        except (BrokenRecordError, SavedError, OSError, ValueError, KeyError) as error:
            raise PlaceError(f"{place.get('warc') or place.get('file')}: {error}") from error

    def _file(self, name: str) -> WarcFile:
        if self._warc is None or name != self._name:
            self._open.close()
            self._warc = WarcFile(self._open.enter_context(open_file(name)))
            self._name = name
        return self._warc
