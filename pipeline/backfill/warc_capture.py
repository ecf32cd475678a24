"""WARC records as captures: which are pages, and the page as the crawler was given it."""

import re
from datetime import UTC, datetime

from pipeline.backfill.warc_file import BrokenRecordError, WarcRecord, parse_fields
from pipeline.pages.capture import Capture, Exchange
from pipeline.pages.decoding import Chain, DecodingError

MAX_PAGE = 20_000_000

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_HTML = ("text/html", "application/xhtml+xml")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r\n")


def why_no_page(record: WarcRecord) -> str | None:
    """Say why a record is no page that could be an article; None when it is one. Looks at its head only."""
    kind = record.fields.get("warc-type", "").lower()
    if kind == "resource":
        return None if _is_html(record.fields.get("content-type", "")) else "not HTML"
    if kind != "response":
        return f"{kind or 'untyped'} records"
    if not record.url.lower().startswith(("http://", "https://")):
        return "not HTTP"
    status, fields = _head(record.block)
    if status != 200:
        return "status other than 200"
    return None if _is_html(fields.get("content-type", "text/html")) else "not HTML"


def capture_of(record: WarcRecord) -> Capture:
    """Give the capture of a page's record, its body decoded. Raises BrokenRecordError."""
    at = record.at or datetime.now(UTC)
    if record.fields.get("warc-type", "").lower() == "resource":
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {record.fields.get('content-type', 'text/html')}\r\n\r\n".encode()
        body, status, fields = record.block[:MAX_PAGE], 200, parse_fields(head)
    else:
        head, _, raw = record.block.partition(b"\r\n\r\n")
        status, fields = _head(record.block)
        head += b"\r\n\r\n"
        body = _decoded(raw, fields)
    exchange = Exchange(record.url, at, _request(record.url), head, body, record.fields.get("warc-ip-address"))
    return Capture(
        requested_url=record.url, url=record.url, at=at, status=status, headers=fields, body=body, exchange=exchange
    )


def _head(block: bytes) -> tuple[int, dict[str, str]]:
    head, _, _ = block[:64_000].partition(b"\r\n\r\n")
    status = _STATUS.match(head)
    return int(status[1]) if status else 0, parse_fields(head.partition(b"\n")[2])


def _is_html(content_type: str) -> bool:
    return content_type.split(";", maxsplit=1)[0].strip().lower() in ("", *_HTML)


def _decoded(raw: bytes, fields: dict[str, str]) -> bytes:
    """Undo chunks and codings. Many crawlers keep both headers though they have undone them: the bytes decide."""
    if "chunked" in fields.get("transfer-encoding", "").lower() and _CHUNK.match(raw):
        raw = _without_chunks(raw)
    coding = fields.get("content-encoding", "")
    if not coding or raw.lstrip()[:1] == b"<":
        return raw[:MAX_PAGE]
    try:
        chain, body = Chain(coding), bytearray()
        for piece in chain.feed(raw):
            body += piece
            if len(body) > MAX_PAGE:
                break
        return bytes(body[:MAX_PAGE])
    except DecodingError as error:
        raise BrokenRecordError(str(error)) from error


def _without_chunks(raw: bytes) -> bytes:
    """Join chunks (RFC 9112 section 7.1); what follows a torn one is left out."""
    body, at = bytearray(), 0
    while size := _CHUNK.match(raw, at):
        length = int(size[1], 16)
        if length == 0:
            break
        body += raw[size.end() : size.end() + length]
        at = size.end() + length + 2
    return bytes(body)


def _request(url: str) -> bytes:
    """Stand in for a request that is not kept with its response."""
    host, _, path = url.partition("://")[2].partition("/")
    safe = path.encode("ascii", errors="replace").replace(b"\r", b"").replace(b"\n", b"")
    return b"GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (safe, host.encode("ascii", errors="replace"))
