"""Saved pages and texts on this machine: what address they have, and the capture that they are."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

from pipeline.backfill.plain_text import as_page, read_plain_text
from pipeline.pages.capture import Capture, Exchange
from pipeline.urls import clean_url

MAX_BYTES = 50_000_000
HTML_SUFFIXES = (".html", ".htm", ".xhtml")
TEXT_SUFFIXES = (".txt",)

_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|meta)\b", re.IGNORECASE)
# What browsers write when they save a page, and what pages say of themselves.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)
_TAG = re.compile(r"<(?:link|meta|base)\b[^<>]{0,3000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,64})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


class SavedError(ValueError):
    """A saved file that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved file: the address that it states (None when it has none), and the hash of its bytes."""

    url: str | None
    digest: str


def look_at(path: Path) -> Saved:
    """Find the address of a saved page. Raises SavedError, OSError."""
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    if not _is_html(path, data):
        return Saved(None, digest)
    return Saved(_stated_url(data[:500_000].decode("utf-8", errors="replace")), digest)


def read_saved(place: dict[str, Any]) -> Capture:
    """Give the capture of a saved file, a plain text as the page that it was read from. Raises SavedError, OSError."""
    path, url = Path(place["file"]), str(place["url"])
    data = _read(path)
    headers = {"content-type": "text/html"}
    if not _is_html(path, data):
        data = as_page(read_plain_text(_text(data)))
        headers = {"content-type": "text/html; charset=utf-8"}
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {headers['content-type']}\r\n\r\n".encode()
    exchange = Exchange(url, at, b"", head, data, None)
    return Capture(requested_url=url, url=url, at=at, status=200, headers=headers, body=data, exchange=exchange)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SavedError(f"it has more than {MAX_BYTES:,} bytes")
    if not data.strip():
        raise SavedError("it is empty")
    return data


def _is_html(path: Path, data: bytes) -> bool:
    if path.suffix.lower() in TEXT_SUFFIXES:
        return False
    return path.suffix.lower() in HTML_SUFFIXES or _HTML.search(data[:2_000]) is not None


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _stated_url(html: str) -> str | None:
    """Give the address that a page states: canonical link, og:url, or what the browser that saved it noted."""
    said: dict[str, str] = {}
    for tag in _TAG.finditer(html):
        values = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(tag[0])}
        if "canonical" in values.get("rel", "").lower().split():
            said.setdefault("canonical", values.get("href", ""))
        if values.get("property", values.get("name", "")).lower() == "og:url":
            said.setdefault("og", values.get("content", ""))
    saved = _SAVED_FROM.search(html[:5_000])
    stated = (said.get("canonical"), said.get("og"), saved[1] if saved else None)
    absolute = (one for one in stated if one and one.lower().startswith(("http://", "https://")))
    return next((address for one in absolute if (address := clean_url(one))), None)
