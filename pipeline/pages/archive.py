"""The WARC archive: exchanges written to files that only grow, read back by offset, mended after a crash.

The format is WARC 1.1 (ISO 28500:2017), each record a gzip member of its own, so that any one can be read by its
offset. Bodies are stored decoded: `Content-Encoding` and `Transfer-Encoding` move to `X-Archive-Orig-…` and
`Content-Length` is set right, as web archives do, so that every reader sees text. A digest is `sha256:` and the hex
digits of the decoded body's: with SHA-1 a publisher could make two bodies that count as one.
"""

import hashlib
import os
import re
import secrets
import socket
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import uuid4

from pipeline.deflate import gzip_packer
from pipeline.pages.capture import Exchange

MAX_RECORD_BYTES = 256_000_000
"""Nothing that the client fetches comes near; a record that unpacks to more is damaged."""

_REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_READ_BYTES = 262_144


class ArchiveDamagedError(Exception):
    """An archive file that does not hold what the warehouse says it holds."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a response was written: `length` bytes at `offset` of the file `archive_name`."""

    archive_name: str
    offset: int
    length: int
    digest: str

    @property
    def end(self) -> int:
        """The size of the file up to and with this record: what is committed, and what `recover` keeps."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Original:
    """The capture that already holds a body: its URL and time, for the revisit record that refers to it."""

    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """A response read back. A revisit (`original` is set) has an empty body: that of the original is the same."""

    url: str
    at: datetime
    status: int
    headers: dict[str, str]
    body: bytes
    digest: str
    original: Original | None = None


def payload_digest(body: bytes) -> str:
    """Return the digest by which equal bodies are recognised: `sha256:` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class ArchiveWriter:
    """Writes exchanges to WARC files of its own in `folder`; one writer for a process.

    A file is created under its final name at the first write, never opened again after its end, and followed by
    another when it has reached `max_bytes`. Rows may point to a record once `flush` has returned.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int = 1_000_000_000,
        software: str = "khotin",
        on_open: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """`on_open` is called with the name of each file before it is created."""
        self._folder = folder
        self._on_open = on_open
        self._max_bytes = max_bytes
        self._software = software
        self._serial = 0
        self._file: int | None = None
        self._size = 0
        self.name: str | None = None
        """The file being written; None before the first write and after the last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, exchange: Exchange, *, digest: str | None = None, original: Original | None = None) -> Record:
        """Write the request and the response of `exchange`; the Record is the response's.

        `digest` is `payload_digest(exchange.body)` when the caller has it already. With `original` the body is left out
        and a revisit record says where it is. Raises OSError; what was begun is then cut off again.
        """
        if self._file is None or self._size >= self._max_bytes:
            self.close()
            self._open()
        digest = digest or payload_digest(exchange.body)
        response_id = _record_id()
        date = _warc_date(exchange.at)
        shared = [("WARC-Date", date), ("WARC-Target-URI", exchange.url)]
        if exchange.ip:
            shared.append(("WARC-IP-Address", exchange.ip))
        request = [("WARC-Type", "request"), ("WARC-Record-ID", _record_id()), ("WARC-Concurrent-To", response_id)]
        self._append(_record([*request, *shared], "request", exchange.request_head, b""))
        response = [("WARC-Type", "revisit" if original else "response"), ("WARC-Record-ID", response_id), *shared]
        response.append(("WARC-Payload-Digest", digest))
        if original:
            response += [
                ("WARC-Profile", _REVISIT_PROFILE),
                ("WARC-Refers-To-Target-URI", original.url),
                ("WARC-Refers-To-Date", _warc_date(original.at)),
            ]
        head = _stored_head(exchange.response_head, len(exchange.body))
        offset = self._size
        length = self._append(_record(response, "response", head, b"" if original else exchange.body))
        assert self.name is not None  # noqa: S101  # a file is open
        return Record(self.name, offset, length, digest)

    def flush(self) -> None:
        """Put all that was written on the disk (fsync); only then may a row point to it. Raises OSError."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        """Put all on the disk and close the file for good; the next write begins another. Raises OSError."""
        if self._file is None:
            return
        file, self._file, self.name = self._file, None, None
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        host = re.sub(r"[^A-Za-z0-9]+", "_", socket.gethostname())[:40]
        while self._file is None:
            self._serial += 1
            # The same host name and pid may write elsewhere at this second: in another container, or another thread.
            writer = f"{host}-{os.getpid()}-{secrets.token_hex(3)}"
            name = f"khotin-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{writer}-{self._serial:05}.warc.gz"
            self._on_open(name)
            try:
                self._file = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            except FileExistsError:
                continue
            self.name = name
        self._size = 0
        _sync_folder(self._folder)
        self._append(_warcinfo(self.name or "", self._software))

    def _append(self, data: bytes) -> int:
        """Add `data` at the end and return its length. Raises OSError, with the file as long as before."""
        assert self._file is not None  # noqa: S101  # only called with an open file
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)
        return len(data)


def read_record(path: Path, offset: int) -> ArchivedResponse:
    """Read the response or revisit record at `offset` of `path` and verify its digest.

    Raises ArchiveDamagedError when there is none or its body is not what its digest says, OSError when there is no
    file.
    """
    with path.open("rb") as file:
        file.seek(offset)
        return read_stream(file, path.name, offset)


def read_stream(file: BinaryIO, name: str, offset: int) -> ArchivedResponse:
    """Read the response or revisit record that begins where `file` stands, as `read_record` does.

    `name` and `offset` say where that is, for the words of an error.
    """
    content = _unpack(file, name, offset)
    warc_head, _, block = content.partition(b"\r\n\r\n")
    version, fields = _parse_head(warc_head)
    if not version.startswith("WARC/") or fields.get("warc-type") not in {"response", "revisit"}:
        raise ArchiveDamagedError(f"{name} has no response at {offset}")
    try:
        block = block[: int(fields["content-length"])]
        at = datetime.fromisoformat(fields["warc-date"])
        http_head, _, body = block.partition(b"\r\n\r\n")
        status_line, headers = _parse_head(http_head)
        status = int(status_line.split()[1])
        digest, url = fields["warc-payload-digest"], fields["warc-target-uri"]
        original = None
        if fields["warc-type"] == "revisit":
            refers_at = datetime.fromisoformat(fields["warc-refers-to-date"])
            original = Original(fields["warc-refers-to-target-uri"], refers_at)
    except (KeyError, ValueError, IndexError) as error:
        raise ArchiveDamagedError(f"{name} has a malformed record at {offset}: {error!r}") from error
    if original is None and payload_digest(body) != digest:
        raise ArchiveDamagedError(f"{name} at {offset}: the body is not what its digest says")
    return ArchivedResponse(url, at, status, headers, body, digest, original)


def recover(path: Path, committed_end: int) -> int:
    """Cut the file of a writer that died to its committed records; return how many bytes went.

    `committed_end` is the largest `Record.end` that a row points to, 0 when none does. The file must have no writer
    any more. Raises ArchiveDamagedError when the file is shorter than what was committed, OSError.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size < committed_end:
            raise ArchiveDamagedError(f"{path.name} has {size} bytes, but {committed_end} were committed")
        if size > committed_end:
            file.truncate(committed_end)
            os.fsync(file.fileno())
    return size - committed_end


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable; without it a power cut may lose a file whose content was synced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _warcinfo(name: str, software: str) -> bytes:
    fields = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", _record_id()),
        ("WARC-Date", _warc_date(datetime.now(UTC))),
        ("WARC-Filename", name),
    ]
    block = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _member(fields, "application/warc-fields", block, b"")


def _record(fields: Iterable[tuple[str, str]], message: str, head: bytes, body: bytes) -> bytes:
    return _member(fields, f"application/http; msgtype={message}", head, body)


def _member(fields: Iterable[tuple[str, str]], content_type: str, head: bytes, body: bytes) -> bytes:
    """Return one record as a gzip member of its own. A line break within a field would forge another: refused."""
    lines = ["WARC/1.1"]
    for name, value in (*fields, ("Content-Type", content_type), ("Content-Length", str(len(head) + len(body)))):
        if "\n" in value or "\r" in value:
            raise ValueError(f"{name} must not contain a line break: {value!r}")
        lines.append(f"{name}: {value}")
    packer = gzip_packer()
    parts = [packer.compress(part) for part in ("\r\n".join([*lines, "", ""]).encode(), head, body, b"\r\n\r\n")]
    return b"".join([*parts, packer.flush()])


def _record_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_CODING = re.compile(rb"(?i)(content-encoding|transfer-encoding|content-length)(?=[ \t]*:)")


def _stored_head(head: bytes, body_length: int) -> bytes:
    """Return a response head that fits the decoded body."""
    lines = head.rstrip(b"\r\n").split(b"\r\n")
    kept = [_CODING.sub(rb"X-Archive-Orig-\1", line, count=1) if _CODING.match(line) else line for line in lines]
    return b"\r\n".join([*kept, b"Content-Length: %d" % body_length, b"", b""])


def _unpack(file: BinaryIO, name: str, offset: int) -> bytes:
    """Return the content of the gzip member where `file` stands. Raises ArchiveDamagedError, OSError."""
    inflate = zlib.decompressobj(31)
    content = bytearray()
    while not inflate.eof:
        data = inflate.unconsumed_tail or file.read(_READ_BYTES)
        if not data:
            raise ArchiveDamagedError(f"{name} has no whole record at {offset}")
        try:
            content += inflate.decompress(data, _READ_BYTES)
        except zlib.error as error:
            raise ArchiveDamagedError(f"{name} has no record at {offset}") from error
        if len(content) > MAX_RECORD_BYTES:
            raise ArchiveDamagedError(f"{name} has a record of more than {MAX_RECORD_BYTES} bytes at {offset}")
    return bytes(content)


def _parse_head(head: bytes) -> tuple[str, dict[str, str]]:
    """Return the first line of a head and its fields by lower-case name, repeated ones joined."""
    first, *lines = head.split(b"\r\n")
    fields: dict[str, str] = {}
    for line in lines:
        raw_name, _, raw_value = line.partition(b":")
        name, value = _text(raw_name).strip().lower(), _text(raw_value).strip()
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return _text(first), fields


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
