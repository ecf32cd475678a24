"""The guard against requests to places that are not the public web (server-side request forgery)."""

import errno
import re
import socket
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from yarl import URL

from models.outcomes import Outcome

MAX_URL_CHARS = 8_000
"""Longer addresses are refused: RFC 9110 §4.1 asks servers to support 8,000 octets, and few take more."""

# What is not globally reachable, by the IANA special-purpose address registries (RFC 6890 and later). Listed here
# rather than read from `ipaddress`, whose answers changed between patch releases of one Python version.
_NOT_PUBLIC_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_NOT_PUBLIC_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "an IPv4-compatible address"),
        ("64:ff9b:1::/48", "a local NAT64 address"),
        ("100::/64", "discard-only"),
        ("2001:2::/48", "for benchmarks"),
        ("2001:10::/28", "reserved"),
        ("2001:20::/28", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_NUMBER_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BLANKS = "".join(map(chr, range(0x21)))
_LINE_BREAKS = re.compile(r"[\t\r\n]")
_AUTHORITY_AND_PATH = re.compile(r"[^?#]*")


class UrlRefusedError(ValueError):
    """A URL that is not fetched: `outcome` and `reason` say why; `is_address` when its address is what is wrong."""

    def __init__(self, outcome: Outcome, reason: str, *, is_address: bool = False) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.is_address = is_address


class AddressForbiddenError(OSError):
    """A connection that the guard did not allow; an OSError, so that aiohttp treats it as a failed connection."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EACCES, reason)
        self.reason = reason


class Guard:
    """Judges addresses and URLs; only what is globally reachable or inside `allowed_networks` passes."""

    def __init__(self, allowed_networks: Iterable[IPv4Network | IPv6Network] = ()) -> None:
        self._allowed = tuple(allowed_networks)
        # A run asks the same few addresses again and again.
        self._check_text = lru_cache(maxsize=4096)(self._check)

    def check(self, ip: str | IPv4Address | IPv6Address) -> str | None:
        """Say why `ip` must not be connected to; None when it may be. Text that is no address is refused too."""
        return self._check_text(ip) if isinstance(ip, str) else self._check(ip)

    def _check(self, ip: str | IPv4Address | IPv6Address) -> str | None:
        try:
            address = ip_address(ip)
        except ValueError:
            return f"{ip!r} is not an IP address"
        if any(address in network for network in self._allowed):
            return None
        if isinstance(address, IPv4Address):
            return _first_reason(address, _NOT_PUBLIC_V4)
        return self._check_v6(address)

    def _check_v6(self, address: IPv6Address) -> str | None:
        if address.scope_id is not None:
            return f"{address} is link-local"
        embedded = tuple(_embedded_v4(address))
        for inner in embedded:
            reason = self.check(inner)
            if reason:
                return f"{address} leads to an IPv4 address: {reason}"
        if embedded:
            return None
        reason = _first_reason(address, _NOT_PUBLIC_V6)
        if reason is None and address not in _PUBLIC_V6:
            return f"{address} is reserved"
        return reason

    def check_url(self, url: str) -> str | None:
        """Say why `url` must not be fetched; None when it may be. Names are not resolved here, only literals judged."""
        try:
            self.admit(url)
        except UrlRefusedError as refusal:
            return refusal.reason
        return None

    def admit(self, url: str, base: URL | None = None) -> URL:
        """Return the URL to request for `url` (resolved against `base`), without fragment, its host in normal form.

        Odd IPv4 literals (hex, octal, decimal, short: 0x7f.1, 2130706433) become the dotted address that the
        operating system would connect to, as in the WHATWG URL standard. Raises UrlRefusedError.
        """
        parsed = _parse(url, base)
        if parsed.scheme not in {"http", "https"}:
            raise UrlRefusedError(
                Outcome.ADDRESS_FORBIDDEN, f"only http and https are fetched, not {parsed.scheme or 'a bare path'}"
            )
        if parsed.raw_user is not None or parsed.raw_password is not None:
            raise UrlRefusedError(Outcome.ADDRESS_FORBIDDEN, "the address carries a user name or a password")
        host = _normal_host(parsed)
        if parsed.explicit_port == 0:
            raise UrlRefusedError(Outcome.UNREACHABLE, "the address has port 0")
        if is_literal(host):
            reason = self.check(host)
            if reason:
                raise UrlRefusedError(Outcome.ADDRESS_FORBIDDEN, reason, is_address=True)
        admitted = parsed.with_host(host) if host != parsed.raw_host else parsed
        admitted = admitted.with_fragment(None) if admitted.raw_fragment else admitted
        return admitted.with_path("/", keep_query=True) if admitted.raw_path == "/" else admitted

    def open_socket(self, address: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Vet one resolved address right before the connection and open its socket (aiohttp's `socket_factory`).

        The last check of all: it sees what is really connected to, whatever a name resolved to a moment ago.
        """
        family, kind, protocol, _, where = address
        reason = self.check(str(where[0]))
        if reason:
            raise AddressForbiddenError(reason)
        return socket.socket(family=family, type=kind, proto=protocol)


def _first_reason(
    address: IPv4Address | IPv6Address, table: tuple[tuple[IPv4Network | IPv6Network, str], ...]
) -> str | None:
    return next((f"{address} is {reason}" for network, reason in table if address in network), None)


def _embedded_v4(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that traffic to `address` ends at (RFC 4291, 6052, 3056, 4380)."""
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo


def _parse(url: str, base: URL | None) -> URL:
    """Read `url` as browsers do: outer blanks, tabs and line breaks out, backslashes as slashes before the query."""
    text = url if url.isascii() and url.isprintable() else _LINE_BREAKS.sub("", url.strip(_BLANKS))
    text = text.strip(" ")
    if len(text) > MAX_URL_CHARS:
        raise UrlRefusedError(Outcome.UNREACHABLE, f"the address is longer than {MAX_URL_CHARS} characters")
    if "\\" in text:
        text = _AUTHORITY_AND_PATH.sub(lambda found: found[0].replace("\\", "/"), text, count=1)
    try:
        parsed = URL(text)
        joined = base.join(parsed) if base is not None else parsed
        _ = joined.port  # yarl reads the port, and finds it wrong, only when asked
    except (ValueError, UnicodeError) as error:
        raise UrlRefusedError(Outcome.UNREACHABLE, "the address is not a valid URL") from error
    return joined


def _normal_host(url: URL) -> str:
    """Return the host of `url` as it will be connected to. Raises UrlRefusedError when it is none."""
    return _normal_name(url.raw_host or "")


@lru_cache(maxsize=4096)
def _normal_name(host: str) -> str:
    if ":" in host:
        return _normal_v6(host)
    host = host.lower()
    if not _HOST_NAME.fullmatch(host):
        raise UrlRefusedError(Outcome.UNREACHABLE, "the address has no valid host name")
    if not _NUMBER_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return host
    try:  # a host that ends in a number is an IPv4 address, whatever its form (WHATWG URL §3.5)
        return str(IPv4Address(socket.inet_aton(host.rstrip("."))))
    except OSError as error:
        raise UrlRefusedError(Outcome.UNREACHABLE, f"{host} is not a valid IPv4 address") from error


def _normal_v6(host: str) -> str:
    try:
        return str(IPv6Address(host))
    except ValueError as error:
        raise UrlRefusedError(Outcome.UNREACHABLE, "the address has no valid IPv6 host") from error


@lru_cache(maxsize=4096)
def is_literal(host: str) -> bool:
    """Tell whether a host is an IP address, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
