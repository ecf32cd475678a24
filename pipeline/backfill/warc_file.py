"""WARC files of any maker (ISO 28500), record by record: plain, gzip or zstd, from any offset, past broken ones.

A record is a gzip member or zstd frame of its own, as the standard recommends and every crawler writes it; that is what
makes any record readable by its offset.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from pipeline.pages.decoding import zstd_module

MAX_RECORD = 64_000_000
"""Bytes of a record once unpacked; a longer one (a film, a bomb) is passed over."""

MAX_HEAD = 64_000
_READ = 262_144
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
# A dictionary for all frames, in a skippable frame at the beginning ("WARC-zstd" of IIPC, section 3).
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_ZSTD_TRAINED = b"\x37\xa4\x30\xec"
_VERSION = re.compile(rb"WARC/\d\.\d+\r?\n")


class BrokenRecordError(ValueError):
    """What stands here is no whole record; the message says why."""


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """A record: its fields by lower-case name, and its block."""

    fields: dict[str, str]
    block: bytes

    @property
    def url(self) -> str:
        """The address that was asked for; older writers put it into angle brackets."""
        return self.fields.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")

    @property
    def at(self) -> datetime | None:
        """When it was captured; None when that cannot be read."""
        try:
            at = datetime.fromisoformat(self.fields.get("warc-date", "").strip())
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at `offset`, up to `end`: a record, or why there is none that can be used."""

    offset: int
    end: int
    record: WarcRecord | None
    problem: str | None = None


class WarcFile:
    """An open WARC file; `file` can seek."""

    def __init__(self, file: BinaryIO) -> None:
        """Look how it is packed. Raises BrokenRecordError when it is no WARC file."""
        self._file = file
        start = file.read(4)
        self._dictionary: Any = None
        self.begin = 0
        if start[:3] == _GZIP:
            self._unpack = _gunzip
        elif start in (_ZSTD, _ZSTD_DICTIONARY):
            self._unpack = self._unzstd
            if start == _ZSTD_DICTIONARY:
                self._read_dictionary()
        elif start == b"WARC":
            self._unpack = _plain
        else:
            raise BrokenRecordError("it does not begin as a WARC file")

    def records(self, offset: int = 0) -> Iterator[Found]:
        """Give everything from `offset` on, which is the beginning or the `end` of something found before."""
        offset = max(offset, self.begin)
        while True:
            self._file.seek(offset)
            if not self._file.read(1):
                return
            self._file.seek(offset)
            try:
                data, end = self._unpack(self._file, offset)
                yield Found(offset, end, parse_record(data))
            except BrokenRecordError as error:
                end = self._next_after(offset)
                yield Found(offset, end, None, str(error))
            offset = end

    def read(self, offset: int) -> WarcRecord:
        """Read the record at an offset. Raises BrokenRecordError, OSError."""
        self._file.seek(offset)
        return parse_record(self._unpack(self._file, offset)[0])

    def _next_after(self, offset: int) -> int:
        """Look for the next place that begins as a record; the end of the file when there is none."""
        mark = {_gunzip: _GZIP, _plain: b"WARC/1"}.get(self._unpack, _ZSTD)
        at = offset + 1
        self._file.seek(at)
        tail = b""
        while data := self._file.read(_READ):
            window = tail + data
            found = window.find(mark)
            while found >= 0:
                place = at - len(tail) + found
                if self._begins_record(place):
                    return place
                self._file.seek(at + len(data))
                found = window.find(mark, found + 1)
            tail, at = window[-len(mark) + 1 :], at + len(data)
        return at

    def _begins_record(self, offset: int) -> bool:
        self._file.seek(offset)
        try:
            return _VERSION.match(self._unpack(self._file, offset)[0]) is not None
        except BrokenRecordError:
            return False

    def _read_dictionary(self) -> None:
        module = zstd_module()
        size = int.from_bytes(self._file.read(4), "little")
        if size > MAX_RECORD or module is None:
            raise BrokenRecordError("its zstd dictionary cannot be used")
        raw = self._file.read(size)
        if raw.startswith(_ZSTD):
            raw = _bounded(module.ZstdDecompressor(), io.BytesIO(raw), 0, module.ZstdError)[0]
        self._dictionary = module.ZstdDict(raw, is_raw=not raw.startswith(_ZSTD_TRAINED))
        self.begin = 8 + size

    def _unzstd(self, file: BinaryIO, offset: int) -> tuple[bytes, int]:
        module = zstd_module()
        if module is None:
            raise BrokenRecordError("zstd is not installed")
        return _bounded(module.ZstdDecompressor(zstd_dict=self._dictionary), file, offset, module.ZstdError)


def parse_record(data: bytes) -> WarcRecord:
    """Parse an unpacked record. Raises BrokenRecordError."""
    version = _VERSION.match(data)
    if version is None:
        raise BrokenRecordError("no WARC record begins here")
    head, separator, block = data[version.end() :].partition(b"\r\n\r\n")
    if not separator or len(head) > MAX_HEAD:
        raise BrokenRecordError("the head of the record has no end")
    fields = parse_fields(head)
    try:
        length = int(fields["content-length"])
    except (KeyError, ValueError) as error:
        raise BrokenRecordError("the record does not say its length") from error
    if not 0 <= length <= len(block):
        raise BrokenRecordError("the record is cut off")
    return WarcRecord(fields, block[:length])


def parse_fields(head: bytes) -> dict[str, str]:
    """Parse lines `Name: value` into values by lower-case name; the first of repeated ones counts."""
    fields: dict[str, str] = {}
    for line in head.split(b"\n")[:1_000]:
        name, colon, value = line.decode("utf-8", errors="replace").partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _gunzip(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    return _bounded(_Gzip(), file, offset, zlib.error)


class _Gzip:
    """zlib's decompressor with the ways of zstd's."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data


def _bounded(decompressor: Any, file: BinaryIO, offset: int, failure: type[Exception]) -> tuple[bytes, int]:
    """Unpack one member or frame where `file` stands, at `offset`; give it and where the next begins."""
    content, read = bytearray(), 0
    try:
        while not decompressor.eof:
            data = file.read(_READ) if decompressor.needs_input else b""
            read += len(data)
            if not data and decompressor.needs_input:
                raise BrokenRecordError("the record is cut off")
            content += decompressor.decompress(data, _READ * 4)
            if len(content) > MAX_RECORD:
                raise BrokenRecordError(f"the record is longer than {MAX_RECORD:,} bytes")
    except failure as error:
        raise BrokenRecordError("the packed record is damaged") from error
    return bytes(content), offset + read - len(decompressor.unused_data)


def _plain(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """Read one record that is not packed."""
    start = file.read(MAX_HEAD)
    head, separator, _ = start.partition(b"\r\n\r\n")
    if _VERSION.match(start) is None or not separator:
        raise BrokenRecordError("no WARC record begins here")
    try:
        length = int(parse_fields(head).get("content-length", ""))
    except ValueError as error:
        raise BrokenRecordError("the record does not say its length") from error
    size = len(head) + len(separator) + length
    if length < 0 or size > MAX_RECORD:
        raise BrokenRecordError(f"the record is longer than {MAX_RECORD:,} bytes")
    data = start[:size] if size <= len(start) else start + file.read(size - len(start))
    end = offset + size
    file.seek(end)
    gap = file.read(4)
    return data, end + len(gap) - len(gap.lstrip(b"\r\n"))
