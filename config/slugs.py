"""Short names for sources, as typed on the command line: lower-case ASCII words joined by hyphens."""

import re
import unicodedata
from hashlib import sha256
from urllib.parse import urlsplit

MAX_SLUG = 64
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "þ": "th", "ħ": "h"}
)


def is_slug(text: str) -> bool:
    """Tell whether `text` is a slug: lower-case ASCII letters, digits and single hyphens, at most 64 characters."""
    return len(text) <= MAX_SLUG and _SLUG.fullmatch(text) is not None


def slug_of(name: str, feed_url: str = "") -> str:
    """Derive a source's slug from its name: `Báo Điện tử Đại biểu` → `bao-dien-tu-dai-bieu`.

    A name with letters that have no Latin form takes the host of its first feed instead (`asahi-com`), and without
    one `source-` and eight hex digits of the name's SHA-256: the same name and feed always give the same slug.
    """
    folded = _folded(name)
    if not any(letter.isalpha() and not letter.isascii() for letter in folded):
        slug = _slugged(folded)
        if slug:
            return slug
    return _slugged(_host(feed_url)) or f"source-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _slugged(text: str) -> str:
    return _NOT_SLUG.sub("-", text).strip("-")[:MAX_SLUG].strip("-")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # urllib on brackets that are no IPv6 address
        return ""
