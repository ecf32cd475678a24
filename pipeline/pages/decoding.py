"""Content codings undone piece by piece, so that no compressed body can grow past its limit (RFC 9110 §8.4)."""

import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import brotli

STEP_BYTES = 65_536
"""The most that one step of decompression may produce."""

MAX_MEMBERS = 1_000
"""Honest gzip files have one member, blocked ones one each 64 kB; a body of empty members only burns time."""

GZIP_FIRST_BYTE = 0x1F


class DecodingError(ValueError):
    """A body that is not what its Content-Encoding says, or that stops before its end."""


class Decoder(Protocol):
    """One content coding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in pieces of about STEP_BYTES. Raises DecodingError."""

    def finish(self) -> None:
        """Say that no more data comes. Raises DecodingError when the coded stream is incomplete."""


class _Zlib:
    """gzip (several members allowed, RFC 1952 §2.2) and deflate with its zlib wrapper or, as many send it, without."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflate: Any = None
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate is None:
                if self._members and (self._coding != "gzip" or data[0] != GZIP_FIRST_BYTE):
                    return  # padding after the end, which browsers ignore as well
                self._begin_member(data)
            try:
                piece = self._inflate.decompress(data, STEP_BYTES)
            except zlib.error as error:
                raise DecodingError(f"the {self._coding} body is corrupt") from error
            data = self._inflate.unconsumed_tail
            if self._inflate.eof:
                data, self._inflate = self._inflate.unused_data, None
            if piece:
                yield piece

    def _begin_member(self, data: bytes) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise DecodingError(f"the gzip body has more than {MAX_MEMBERS} members")
        if self._coding == "gzip":
            self._inflate = zlib.decompressobj(31)
        else:
            # RFC 9110 §8.4.1.2: "deflate" is the zlib format; raw streams are common and recognised by their header.
            self._inflate = zlib.decompressobj(15 if data[0] & 0x0F == 8 else -15)

    def finish(self) -> None:
        if self._inflate is not None:
            raise DecodingError(f"the {self._coding} body is cut off")


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self) -> None:
        self._decoder: Any = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = True
        while True:
            try:
                piece = self._decoder.process(data, output_buffer_limit=STEP_BYTES)
            except brotli.error as error:
                raise DecodingError("the br body is corrupt") from error
            data = b""
            if piece:
                yield piece
            if self._decoder.can_accept_more_data():
                return

    def finish(self) -> None:
        if self._begun and not self._decoder.is_finished():
            raise DecodingError("the br body is cut off")


def zstd_module() -> Any:
    """Return the zstd module: Python 3.14's own or its backport for older ones; None when neither is installed."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


_zstd = zstd_module()


class _Zstd:
    """zstd (RFC 8878; several frames allowed), with no larger window than the web may use: 8 MB (RFC 9659)."""

    def __init__(self) -> None:
        self._frame: Any = None
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._frame is None:
                if not data:
                    return
                self._begin_frame()
            try:
                piece = self._frame.decompress(data, STEP_BYTES)
            except _zstd.ZstdError as error:
                raise DecodingError("the zstd body is corrupt") from error
            data = b""
            if piece:
                yield piece
            if self._frame.eof:
                data, self._frame = self._frame.unused_data, None
            elif self._frame.needs_input:
                return

    def _begin_frame(self) -> None:
        self._frames += 1
        if self._frames > MAX_MEMBERS:
            raise DecodingError(f"the zstd body has more than {MAX_MEMBERS} frames")
        self._frame = _zstd.ZstdDecompressor(options={_zstd.DecompressionParameter.window_log_max: 23})

    def finish(self) -> None:
        if self._frame is not None:
            raise DecodingError("the zstd body is cut off")


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib("gzip"),
    "x-gzip": lambda: _Zlib("gzip"),
    "deflate": lambda: _Zlib("deflate"),
    "br": _Brotli,
}
if _zstd is not None:
    _DECODERS["zstd"] = _Zstd

ACCEPT_ENCODING = ", ".join(coding for coding in _DECODERS if coding != "x-gzip")
"""The value of our Accept-Encoding header: what can be decoded here, no more."""

_MAX_CODINGS = 3


class Chain:
    """All codings of one body, undone in turn."""

    def __init__(self, content_encoding: str) -> None:
        """Read a Content-Encoding header ('' when there is none). Raises DecodingError for an unknown coding."""
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name not in {"", "identity"}]
        if len(names) > _MAX_CODINGS:
            raise DecodingError(f"the body is coded {len(names)} times over")
        unknown = next((name for name in names if name not in _DECODERS), None)
        if unknown is not None:
            raise DecodingError(f"the body has a content coding that we did not ask for: {unknown[:40]}")
        self._decoders = [_DECODERS[name]() for name in reversed(names)]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in bounded pieces. Raises DecodingError."""
        return self._feed_from(0, data)

    def _feed_from(self, index: int, data: bytes) -> Iterator[bytes]:
        if index == len(self._decoders):
            yield data
            return
        for piece in self._decoders[index].feed(data):
            yield from self._feed_from(index + 1, piece)

    def finish(self) -> None:
        """Say that the body has ended. Raises DecodingError when a coded stream is incomplete."""
        for decoder in self._decoders:
            decoder.finish()
