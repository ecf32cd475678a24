"""What a fetch is willing to receive, judged by media type before the body is read and by its first bytes after."""

from dataclasses import dataclass
from enum import StrEnum


class Accept(StrEnum):
    """What the caller of a fetch is looking for."""

    PAGE = "page"
    FEED = "feed"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one `Accept`: its Accept header, limits, and the media types that are taken."""

    header: str
    max_bytes: int
    max_redirects: int
    is_cut_at_limit: bool = False
    """A body above the limit is cut instead of refused (RFC 9309 §2.5 wants the first 500 KiB of robots.txt read)."""


TERMS = {
    Accept.PAGE: Terms("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1", 8_000_000, 8),
    Accept.FEED: Terms(
        "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.1",
        16_000_000,
        8,
    ),
    Accept.ROBOTS: Terms("text/plain,*/*;q=0.1", 500_000, 5, is_cut_at_limit=True),
}

# Types that servers give when they do not know: the first bytes decide.
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/download", "unknown/unknown"})
_PAGE_TYPES = _VAGUE | {
    "text/html",
    "text/plain",
    "text/xml",
    "text/fragment+html",
    "text/vnd.wap.wml",
    "application/xhtml+xml",
    "application/xml",
    "application/html",
    "application/vnd.wap.xhtml+xml",
}
_NEVER_FEED_MAJOR = ("image/", "audio/", "video/", "font/", "model/")
_NEVER_FEED = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/x-zip-compressed",
        "application/x-7z-compressed",
        "application/vnd.rar",
        "application/msword",
        "application/vnd.ms-excel",
        "application/wasm",
        "application/x-shockwave-flash",
    }
)

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV, AVI)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg media"),
    (b"fLaC", "FLAC audio"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\x7fELF", "a program"),
)
MAGIC_BYTES = 16
"""How many first bytes `refuse_bytes` wants to see."""

GZIP_MAGIC = b"\x1f\x8b"


def media_type(content_type: str) -> str:
    """Return the bare lower-case media type of a Content-Type header ('' when it has none)."""
    name = content_type.split(";", 1)[0].split(",", 1)[0].strip().lower()
    return name if name.count("/") == 1 else ""


def refuse_type(accept: Accept, content_type: str) -> str | None:
    """Say why a body of this Content-Type is not wanted; None when it may be read."""
    kind = media_type(content_type)
    if accept is Accept.ROBOTS:
        return None
    if accept is Accept.PAGE:
        is_wanted = kind in _PAGE_TYPES
    else:
        is_wanted = not kind.startswith(_NEVER_FEED_MAJOR) and kind not in _NEVER_FEED
    return None if is_wanted else f"the server answered with {kind[:80]}, not a {accept}"


def refuse_bytes(accept: Accept, start: bytes) -> str | None:
    """Say why a body that starts so is not wanted (its magic number says what it is); None when it may be read on."""
    if accept is Accept.ROBOTS:
        return None
    if start[4:8] == b"ftyp":
        return f"the body is MP4 media, not a {accept}"
    found = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    if found is None and accept is Accept.PAGE and start.startswith(GZIP_MAGIC):
        found = "a gzip file"
    return f"the body is {found}, not a {accept}" if found else None
