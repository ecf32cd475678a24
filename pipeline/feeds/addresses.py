"""Addresses as feeds write them: padded, broken over lines, escaped twice or relative."""

import re
from functools import lru_cache
from urllib.parse import urljoin

MAX_URL = 4096

_LINE_BREAK = re.compile(r"\s*[\r\n\t]\s*")
_CONTROL = re.compile("[\u0000-\u001f\u007f]")
_ABSOLUTE = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
# A web scheme without a host, which urljoin would take for relative, and a mere fragment.
_NOWHERE = re.compile(r"https?:|#", re.IGNORECASE)
# A host, or an IPv6 address in brackets, with user and port perhaps (RFC 3986, 3.2).
_WITH_HOST = re.compile(
    r"https?://(?:[^\s/?#@]{0,200}@)?(?:\[[0-9a-f:.]+\]|[^\s/?#:@\[\]]+)(?::\d{0,5})?(?=[/?#]|\Z)", re.IGNORECASE
)

# What nearly all addresses are: absolute, printable ASCII without blanks. Nothing is done to them.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]++(?::\d{0,5}+)?+(?:[/?#][!-~]*+)?+")


@lru_cache(maxsize=512)
def _is_plain(written: str) -> bool:
    # A link is often its entry's guid too, and a picture stands in two or three elements.
    return _PLAIN.fullmatch(written) is not None and len(written) <= MAX_URL


def tidy_address(written: str) -> str:
    """Give an address without padding and without the line breaks that some portals put inside it.

    What is far too long is cut, and then refused by its length.
    """
    if _is_plain(written):
        return written
    written = written.strip()[: 2 * MAX_URL]
    if "\n" in written or "\r" in written or "\t" in written:
        written = _LINE_BREAK.sub("", written)
    return _CONTROL.sub("", written)


def resolve(base: str | None, written: str) -> str:
    """Join an address to its base (RFC 3986, 5.2); "" when it cannot be read."""
    if _is_plain(written):
        return written
    address = tidy_address(written)
    if not address or len(address) > MAX_URL:
        return ""
    if _ABSOLUTE.match(address):
        return address
    if _NOWHERE.match(address):
        return ""
    try:
        return urljoin(base or "", address)
    except ValueError:
        return ""


def web_address(base: str | None, written: str) -> str:
    """Give an absolute http(s) address with its blanks escaped; "" for every other scheme and for no address."""
    if _is_plain(written) and "&amp;" not in written:
        return written
    address = resolve(base, written)
    if not _WITH_HOST.match(address):
        return ""
    if "&amp;" in address:
        address = address.replace("&amp;", "&")
    return address.replace(" ", "%20") if " " in address else address
