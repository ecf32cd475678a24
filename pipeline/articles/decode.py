"""From the bytes of a page to its text: which encoding it is written in, and what cannot stand in any HTML."""

import codecs
import re

from charset_normalizer import from_bytes

# The WHATWG Encoding Standard reads these labels as a superset: pages that say the first are written in the second.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# UTF-7 lets markup hide in text (the Encoding Standard forbids it); the others are Python's own.
_NO_CHARSETS = frozenset(
    {"utf-7", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"}
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)
# Browsers look at 1,024 bytes; portals put whole scripts before their meta, so we look further.
_META_WITHIN = 16_384
_SNIFF_BYTES = 32_768
# C0 controls but tab, line feed and carriage return: not allowed in HTML, and a NUL ends libxml2's reading. A form
# feed is white space in HTML, but no character of XML, of which the tree is made; U+FFFE and U+FFFF are none either.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
# References to the same characters: libxml2 puts them into the tree, where whatever copies them fails.
_CONTROL_REFERENCES = re.compile(
    r"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[fF]{3}[efEF])(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?"
)
# A tag with thousands of attributes; honest ones have dozens. Nothing in it can be matched twice, so it is linear.
_MANY_ATTRIBUTES = 2_000
_FLOOD = re.compile(
    r"""(<[A-Za-z][^\s<>/]{0,64})(?:\s++[^\s"'<>=/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++))?+){2000,}+"""
)
_CONTROL_BYTES = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20)])


def decode(html: bytes, charset: str | None = None) -> str:
    """Give the text of a page: BOM, then valid UTF-8, then HTTP `charset`, then meta, then what the bytes look like.

    UTF-8 that is valid throughout wins over any label: other encodings do not come out as valid UTF-8 by chance.
    Never raises; bytes that fit nothing become U+FFFD, control characters and references to them are left out.
    """
    text = _decode(html, charset).replace("\x0c", " ").replace("\ufffe", "").replace("\uffff", "")
    return _CONTROL_REFERENCES.sub(" ", text) if "&#" in text else text


def _decode(html: bytes, charset: str | None) -> str:
    for bom, name in _BOMS:
        if html.startswith(bom):
            return _CONTROLS.sub("", html[len(bom) :].decode(name, "replace"))
    # Bytes are cleaned ten times faster than text; no character of UTF-8 has one of these bytes inside.
    clean = html.translate(None, _CONTROL_BYTES)
    try:
        return clean.decode("utf-8")
    except UnicodeDecodeError as broken:
        # A cut at the size limit may fall inside a character: all but the last three bytes were fine.
        if broken.start >= len(clean) - 3:
            return clean.decode("utf-8", "ignore")
    return _CONTROLS.sub("", _decode_by_label(html, charset))


def _decode_by_label(html: bytes, charset: str | None) -> str:
    """Decode by the first label that fits the bytes; one stray byte does not disqualify a label."""
    labels = [charset, *(_label(pattern, html) for pattern in (_META, _XML))]
    names = list(dict.fromkeys(name for label in labels if label and (name := _codec(label))))
    best: tuple[float, str] | None = None
    for name in names:
        text = html.decode(name, "replace")
        broken = text.count("\ufffd") / max(1, sum(byte > 0x7F for byte in html[:_SNIFF_BYTES]))
        if broken < 0.02:
            return text
        if best is None or broken < best[0]:
            best = broken, text
    sniffed = from_bytes(html[:_SNIFF_BYTES]).best()
    name = (sniffed and _codec(sniffed.encoding)) or "cp1252"
    text = html.decode(name, "replace")
    return best[1] if best is not None and html.count(b"\x00") == 0 and best[0] < 0.2 else text


def _label(pattern: re.Pattern[bytes], html: bytes) -> str | None:
    found = pattern.search(html, 0, _META_WITHIN)
    return found.group(1).decode("ascii") if found else None


def _codec(label: str) -> str | None:
    """Give Python's name of an encoding label; None for unknown ones and those that no page is written in."""
    try:
        name = codecs.lookup(label.strip().lower().removeprefix("x-")).name
        # Python also knows codecs that turn no bytes into text (rot13, zlib).
        b"a".decode(name)
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS or name.startswith(("utf-16", "utf-32")) else _SUPERSETS.get(name, name)


def without_floods(source: str) -> str:
    """Give the HTML with the attributes of flooded tags left out: libxml2 compares each attribute with all others."""
    # A page of so few signs of equality has no tag that hurts, and is not searched.
    return _FLOOD.sub(r"\1", source) if source.count("=") > _MANY_ATTRIBUTES else source
