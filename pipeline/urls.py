"""Addresses: cleaned for fetching, keyed for identity, compared by site; pure, bounded, never raising on any text."""

import re
from functools import lru_cache
from hashlib import sha256
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import quote, urljoin

import idna
from tld import get_tld

# The sitemap protocol's limit for an address; it also keeps a key within an index page of PostgreSQL (2,704 bytes).
MAX_URL = 2_048
# What is looked at at all: a longer text may hold white space, but no address that anybody meant.
_MAX_TEXT = 4 * MAX_URL
_DEFAULT_PORTS = {"http": 80, "https": 443}

_SPACES = re.compile(r"\s+")
# Controls, soft hyphen, zero-width space, word joiner and byte-order mark: never part of an address, often pasted in.
_INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff]")
# RFC 3986 appendix B, scheme and authority required.
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
# What most addresses of articles look like: nothing in their path is cleaned, and they have no query.
_USUAL = re.compile(r"(https?)://([a-z0-9.-]++)((?:/[A-Za-z0-9_~-]++(?:\.[A-Za-z0-9_~-]++)*+)++/?)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ASCII_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")  # labels: RFC 1035 section 2.3.4
_IPV4_LIKE = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# RFC 3986 section 3.3 and 3.4: what may stand in a path or a query as it is.
_PATH_SAFE = "!$&'()*+,;=:@/%[]|"
_QUERY_SAFE = _PATH_SAFE + "?"
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

# Query keys that say how the reader came, never what is read. A key that some site uses for content is not in here.
_TRACKERS = frozenset(
    """fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid msclkid yclid ysclid twclid ttclid
    igsh igshid mibextid sfnsn li_fat_id epik rb_clickid zanpid zarsrc gidzl mc_cid mc_eid mkt_tok oly_anon_id
    oly_enc_id vero_id vero_conv wickedid _ga _gl _ke _hsenc _hsmi __hssc __hstc __hsfp hsctatracking _branch_match_id
    __twitter_impression ref_src fb_action_ids fb_action_types fb_source fb_ref action_object_map xtor wt_mc
    spm pk_campaign pk_kwd pk_keyword pk_source pk_medium ns_campaign ns_mchannel ns_source ns_linkname soc_src
    soc_trk guccounter guce_referrer guce_referrer_sig traffic_source phpsessid jsessionid
    """.split()  # noqa: SIM905 -- sixty quoted words would be harder to read and to keep
)
_TRACKER_FAMILIES = ("utm_", "itm_", "mtm_", "piwik_", "matomo_", "__cf_chl_", "at_campaign", "at_custom",
                     "at_medium", "at_format", "at_link", "at_ptr", "at_bbc")  # fmt: skip
# Hosts that serve a site's same pages for another reader. "www." belongs here: nearly every site answers with and
# without it, and two different articles with one path on both are not to be expected.
_TWIN_HOSTS = ("www.", "m.", "amp.", "mobile.")
_AMP_QUERY = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("output", "amp")})
_AMP_MARK = re.compile(r"[/.]amp")
_AMP_SUFFIX = re.compile(r"/amp$|\.amp(?=(?:\.html?)?$)")

_SECTION_WORDS = frozenset({"section", "sections", "category", "categories", "chuyen-muc", "tag", "tags", "topic",
                            "topics", "chu-de", "author", "authors", "tac-gia", "search", "tim-kiem"})  # fmt: skip
_EXTENSION = re.compile(r"\.(?:html?|aspx?|php|jsp)$", re.IGNORECASE)


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: str  # "" for the scheme's own port, else ":8080"
    path: str
    query: str  # "" or "?…"


def clean_url(url: str, base: str | None = None) -> str | None:
    """Give the absolute http(s) address to fetch and show, None when `url` is none; never raises.

    White space at the ends and around line breaks goes, as do fragment, trackers, session ids, user and password, and
    the default port. The host is lower case and IDNA-encoded (UTS 46), escapes are normalised (RFC 3986 section
    6.2.2), the path's case and unknown query keys are kept. A relative `url` is resolved against `base` (section 5).
    """
    parts = _parse(url, base)
    return None if parts is None else _joined(parts)


def url_key(url: str) -> str:
    """Give what identifies the page behind `url`: two addresses of one article give one key; never raises.

    Beyond `clean_url` it drops the scheme, a leading `www.`, `m.`, `amp.` or `mobile.` of the host (when a site's name
    is left), the marks of an AMP page (`/amp`, `.amp`, `?amp=1`), and the trailing slash, and sorts query keys by name.
    A text that is no address is its own key, stripped and cut to `MAX_URL` characters.
    """
    parts = _parse(url, None)
    if parts is None:
        return url.strip()[:MAX_URL].strip()
    return f"{_main_host(parts.host)}{parts.port}{_main_path(parts.path)}{_key_query(parts.query)}"


class Address(NamedTuple):
    """An address as it is fetched, what identifies its page, and its `host:port`."""

    url: str
    key: str
    host: str


def address_of(url: str) -> Address | None:
    """Give `clean_url`, `url_key` and `host_of` of an address at once; None when it is none."""
    usual = _USUAL.fullmatch(url)
    if (
        usual is not None
        and not _AMP_MARK.search(url)
        and len(url) <= MAX_URL
        and (authority := _authority(usual[1], usual[2]))
    ):
        (host, port), path = authority, usual[3]
        key = f"{_main_host(host)}{port}{path.rstrip('/')}"
        return Address(f"{usual[1]}://{host}{port}{path}", key, f"{host}{port or f':{_DEFAULT_PORTS[usual[1]]}'}")
    parts = _parse(url, None)
    if parts is None:
        return None
    key = f"{_main_host(parts.host)}{parts.port}{_main_path(parts.path)}{_key_query(parts.query)}"
    return Address(_joined(parts), key, f"{parts.host}{parts.port or f':{_DEFAULT_PORTS[parts.scheme]}'}")


def uid_of(key: str) -> str:
    """Give the public id of a `url_key`: 20 hex digits (80 bits) of its SHA-256, the same in every warehouse."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def host_of(url: str) -> str | None:
    """Give `host:port` as the hosts table keeps it, the port always said; None when `url` is no address."""
    parts = _parse(url, None)
    if parts is None:
        return None
    return f"{parts.host}{parts.port or f':{_DEFAULT_PORTS[parts.scheme]}'}"


def site_of(url: str) -> str | None:
    """Give the registrable domain of an address, else its `host:port` (as `same_site` compares); None for no address.

    IP addresses and hosts of one label (`localhost`) have no domain.
    """
    parts = _parse(url, None)
    if parts is None:
        return None
    return _registrable(parts.host) or f"{parts.host}{parts.port or f':{_DEFAULT_PORTS[parts.scheme]}'}"


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses belong to one site: the same registrable domain by the Public Suffix List.

    IP addresses and hosts of one label (`localhost`) have no domain: there host and port must be equal.
    """
    one, other = _parse(a, None), _parse(b, None)
    if one is None or other is None:
        return False
    domain = _registrable(one.host)
    if domain is None:
        return host_of(a) == host_of(b)
    return domain == _registrable(other.host)


def is_home_or_section(url: str, page: str | None = None) -> bool:
    """Tell whether `url` looks like a home, section, tag or search page, which no article's canonical may be.

    Give `page`, the address that the canonical was found on, where it is known: a canonical with its key or its last
    name is never refused (short names are common on blogs), a folder above it is.
    """
    parts = _parse(url, None)
    if parts is None or parts.query:
        return False
    path = parts.path.rstrip("/")
    if not path:
        return page is None or url_key(url) != url_key(page)
    here = _parse(page, None) if page is not None else None
    if here is not None:
        if _last_name(here.path) == _last_name(path) and not here.query:
            return False
        if _is_above(parts, here):
            return True
    return _reads_like_section(path.lower())


def _parse(url: str, base: str | None) -> _Parts | None:
    if len(url) > _MAX_TEXT:
        url = url.strip()
        if len(url) > _MAX_TEXT:
            return None
    text = _tidy(url)
    match = _ABSOLUTE.fullmatch(text)
    if match is None:
        joined = _resolved(text, base)
        match = _ABSOLUTE.fullmatch(joined) if joined else None
        if match is None:
            return None
    scheme = match[1].lower()
    authority = _authority(scheme, match[2])
    if authority is None:
        return None
    parts = _Parts(scheme, *authority, _clean_path(match[3]), _clean_query(match[4] or ""))
    return parts if sum(map(len, parts)) + len("://") <= MAX_URL else None


def _joined(parts: _Parts) -> str:
    return f"{parts.scheme}://{parts.host}{parts.port}{parts.path}{parts.query}"


def _tidy(text: str) -> str:
    """Drop white space at the ends and around line breaks, invisible characters, double-escaped ampersands."""
    text = text.strip()
    if not (text.isascii() and text.isprintable()):
        text = _SPACES.sub(lambda space: "" if space[0].strip(" ") else space[0], text)
        text = _INVISIBLE.sub("", text).strip()
    if "\\" in text:
        # Browsers read a backslash before the query as a slash (WHATWG URL); a checker that does not is fooled.
        head, mark, tail = text.partition("?")
        text = head.replace("\\", "/") + mark + tail
    while "&amp;" in text:
        text = text.replace("&amp;", "&")
    return text


def _resolved(text: str, base: str | None) -> str | None:
    if not text or base is None or _SCHEME.match(text):
        return None
    start = clean_url(base)
    try:
        return urljoin(start, text) if start else None
    except ValueError:  # urllib on brackets that are no IPv6 address
        return None


@lru_cache(maxsize=4096)
def _authority(scheme: str, authority: str) -> tuple[str, str] | None:
    """Split `user@host:port` into the normal host and ":port" ("" when default); None when it is no host."""
    name = authority.rpartition("@")[2]
    host, colon, port = name.rpartition(":")
    if not colon or "]" in port:
        host, port = name, ""
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65_536):
        return None
    normal = _ipv6(host) if host.startswith("[") else _host(host)
    if normal is None:
        return None
    return normal, f":{int(port)}" if port and int(port) != _DEFAULT_PORTS[scheme] else ""


def _ipv6(host: str) -> str | None:
    if not host.endswith("]") or "%" in host:  # a zone id means something on one machine only
        return None
    try:
        return f"[{IPv6Address(host[1:-1])}]"
    except AddressValueError:
        return None


def _host(host: str) -> str | None:
    host = host.lower().removesuffix(".")
    if len(host) > 253:  # RFC 1035 section 2.3.4
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True, transitional=False).decode("ascii").removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            return None
    if len(host) > 253 or not _ASCII_HOST.fullmatch(host):
        return None
    if _IPV4_LIKE.fullmatch(host):
        # "127.1" and "2130706433" reach 127.0.0.1 in some libraries and nothing in others: only the plain form passes.
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            return None
    return host


def _clean_path(path: str) -> str:
    if not path.isascii() or not path.replace("/", "").replace("-", "").replace(".", "").isalnum():
        path = _escaped(path, _PATH_SAFE)
        if ";" in path:
            path = _SESSION.sub("", path)
    if "/." in path:
        path = _without_dots(path)
    return path or "/"


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in {".", ".."}:
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept) if len(kept) > 1 else "/"


def _clean_query(query: str) -> str:
    if not query:
        return ""
    pairs = _escaped(query, _QUERY_SAFE).split("&")
    kept = [pair for pair in pairs if pair and not _is_tracker(pair.partition("=")[0].lower())]
    return f"?{'&'.join(kept)}" if kept else ""


def _is_tracker(key: str) -> bool:
    return key in _TRACKERS or key.startswith(_TRACKER_FAMILIES)


def _escaped(text: str, safe: str) -> str:
    """Escape what may not stand there, undo needless escapes, write the rest in capitals (RFC 3986 section 6.2.2)."""
    if "%" in text:
        text = _ESCAPE.sub(_normal_escape, text)
    return quote(text, safe=safe, errors="replace")


def _normal_escape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _main_path(path: str) -> str:
    """Drop trailing slashes and the marks of an AMP page."""
    path = path.rstrip("/")
    while (shorter := _AMP_SUFFIX.sub("", path).rstrip("/")) != path:
        path = shorter
    return path


def _key_query(query: str) -> str:
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query[1:].split("&")]
    kept = [pair for pair in pairs if (pair[0].lower(), pair[2].lower()) not in _AMP_QUERY]
    kept.sort(key=lambda pair: pair[0])
    return "?" + "&".join(map("".join, kept)) if kept else ""


@lru_cache(maxsize=4096)
def _main_host(host: str) -> str:
    """Drop the twin prefixes that leave a site's name: `m.vnexpress.net` → `vnexpress.net`, but not `m.com`."""
    for _ in range(3):
        prefix = next((twin for twin in _TWIN_HOSTS if host.startswith(twin)), None)
        if prefix is None:
            break
        rest = host.removeprefix(prefix)
        if "." not in rest or _registrable(host) != _registrable(rest):
            break
        host = rest
    return host


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str | None:
    """Give the registrable domain (publicsuffix.org, private suffixes included), None for IP and one-label hosts.

    Under a suffix that the list does not know, its default rule `*` holds: the last two labels.
    """
    if host.startswith("[") or "." not in host or _IPV4_LIKE.fullmatch(host):
        return None
    found = get_tld(f"http://{host}", as_object=True, fail_silently=True)
    if found is None or isinstance(found, str):
        return ".".join(host.split(".")[-2:])
    return found.fld or host


def _last_name(path: str) -> str:
    return _EXTENSION.sub("", _main_path(path)).rpartition("/")[2]


def _is_above(parts: _Parts, page: _Parts) -> bool:
    """Tell whether `parts` is a folder that `page` lies in: `/the-gioi` above `/the-gioi/bai-viet-123.html`.

    An article can have pages below its own (`/bai-viet-123/2`), so the folder's name must be a section's or a date's.
    """
    if _main_host(page.host) != _main_host(parts.host):
        return False
    folder = _EXTENSION.sub("", parts.path.rstrip("/"))
    name = folder.rpartition("/")[2]
    is_date = name.isdigit() and len(name) <= 4
    return page.path.startswith(folder + "/") and (is_date or _is_section_name(name))


def _reads_like_section(path: str) -> bool:
    """Tell a section by its path: a section word first, or nothing but a section's name."""
    first, _, rest = path.removeprefix("/").partition("/")
    return first in _SECTION_WORDS if rest else _is_section_name(_EXTENSION.sub("", first))


def _is_section_name(name: str) -> bool:
    """Tell whether a path's segment is up to four short words without digits; articles have longer slugs or ids."""
    return name.count("-") < 4 and len(name) <= 40 and not any(map(str.isdigit, name))
