"""One file of rows in Parquet, CSV or JSON Lines: written beside its place, and put there whole."""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

from pipeline.exports.columns import Kind

SCHEMA_VERSION = "1"
"""In each Parquet file's metadata; it grows when a column changes its meaning or type, not when one is appended."""

HALF = ".half"


class Format(StrEnum):
    """A kind of file, which is its suffix as well."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


class Sink(Protocol):
    """Takes rows, a bounded number at a time; the values of each in the order of the columns."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what belongs at the end."""


@contextmanager
def whole_file(path: Path, kind: Format, columns: Mapping[str, Kind]) -> Iterator[Sink]:
    """Give a sink whose file appears at `path` when all went well, in place of the one before, and not at all else.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{token_hex(4)}{HALF}")
    try:
        sink = _SINKS[kind](half, columns)
        try:
            yield sink
        finally:
            sink.close()
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


class _Parquet:
    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        import pyarrow as pa  # noqa: PLC0415  # costs a third of a second, and only exports need it
        import pyarrow.parquet as pq  # noqa: PLC0415  # as above

        types = {
            Kind.TEXT: pa.string(),
            Kind.INTEGER: pa.int64(),
            Kind.TRUTH: pa.bool_(),
            Kind.INSTANT: pa.timestamp("us", tz="UTC"),
            Kind.WALL: pa.timestamp("us"),
            Kind.DAY: pa.date32(),
        }
        fields = [pa.field(name, types[kind]) for name, kind in columns.items()]
        self._schema = pa.schema(fields, metadata={"khotin.schema": SCHEMA_VERSION})
        self._table = pa.Table
        self._array = pa.array
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", version="2.6")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        by_column = zip(*rows, strict=True) if rows else [()] * len(self._schema)
        arrays = [self._array(values, type=one.type) for values, one in zip(by_column, self._schema, strict=True)]
        self._writer.write_table(self._table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class _Csv:
    """RFC 4180: comma, CRLF, quotes where needed, a line of names first; UTF-8. Unknown is an empty field."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(columns)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._writer.writerows([_plain(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    """One object a line (jsonlines.org), its keys in the order of the columns; unknown is null."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="\n")
        self._names = tuple(columns)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            found = {name: _json(value) for name, value in zip(self._names, row, strict=True)}
            self._file.write(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


_SINKS: dict[Format, Callable[[Path, Mapping[str, Kind]], Sink]] = {
    Format.PARQUET: _Parquet,
    Format.CSV: _Csv,
    Format.JSONL: _JsonLines,
}


def _json(value: Any) -> Any:
    return _plain(value) if isinstance(value, date) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + ("Z" if value.tzinfo else "")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else value
