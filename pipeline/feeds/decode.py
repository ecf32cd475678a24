"""The characters of a feed from its bytes: by BOM, HTTP, XML declaration, language; one bad byte loses nothing else."""

import codecs
import re
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.feeds.languages import language_tag

_BOMS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
)
# How "<?" or "<" and a NUL begin in encodings that are no superset of ASCII (XML 1.0, appendix F).
_MARKERS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(r"""^\s*<\?xml\b[^<>]{0,200}?\bencoding\s*=\s*["']?\s*([A-Za-z0-9][\w.:+-]{0,39})""")
_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?\s*([A-Za-z0-9][\w.:+-]{0,39})""", re.IGNORECASE)
# Labels read as browsers read them (WHATWG Encoding, 4.2): the superset that people mean.
_SUPERSETS = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Codecs that take quadratic time or are no character encodings ("punycode", "idna", "unicode_escape") stay out.
_KNOWN = re.compile(
    r"ascii|utf-(?:8|16|32)(?:-[bl]e)?|utf-8-sig|utf-7|(?:cp|windows-|iso8859-|mac-)\w+|koi8[-_]\w+|tis-620|big5\w*"
    r"|gb2312|gbk|gb18030|hz|shift_?jis\w*|euc_\w+|iso2022_\w+|johab|ptcp154|kz1048|hp_roman8"
)
# What undeclared bytes are likely to be, by the language of the text (HTML standard, 13.2.3.2, default encodings).
_BY_LANGUAGE = {
    "ar": "windows-1256",
    "fa": "windows-1256",
    "bg": "windows-1251",
    "mk": "windows-1251",
    "ru": "windows-1251",
    "sr": "windows-1251",
    "uk": "windows-1251",
    "be": "windows-1251",
    "cs": "windows-1250",
    "hr": "windows-1250",
    "hu": "windows-1250",
    "pl": "windows-1250",
    "sk": "windows-1250",
    "sl": "windows-1250",
    "el": "windows-1253",
    "tr": "windows-1254",
    "he": "windows-1255",
    "et": "windows-1257",
    "lt": "windows-1257",
    "lv": "windows-1257",
    "vi": "windows-1258",
    "th": "cp874",
    "ja": "cp932",
    "ko": "cp949",
    "zh": "gb18030",
}
_LANGUAGE = re.compile(rb"""<(?:dc:)?language>\s*([\w-]{2,20})|xml:lang\s*=\s*["']([\w-]{2,20})""")
# XML allows no other control characters; surrogates and the two non-characters come from broken UTF-16.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HIGH = re.compile("[^\x00-\x7f]")
_BYTEWISE = frozenset({"utf-8", "ascii"})
_WIDE = frozenset({"utf-16", "utf-32"})
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\r"))
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^<>]*>\s*")


class Decoded(NamedTuple):
    """Text without XML declaration, the encoding it came in, and what was wrong with its bytes."""

    text: str
    encoding: str
    problem: str | None


def gunzip(body: bytes, limit: int) -> bytes:
    """Unpack a gzip file (a sitemap.xml.gz arrives so), at most `limit` bytes of it; what cannot be read is cut off."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(body, limit)
    except zlib.error:
        return b""


def decode(body: bytes, headers: Mapping[str, str], language: str | None = None) -> Decoded:
    """Decode a feed.

    The order is that of RFC 7303 (BOM, charset of HTTP, XML declaration), with what servers do in mind: UTF-8 that
    is valid and not ASCII is UTF-8, whatever was declared, and a declaration that the bytes contradict is ignored.
    `headers` have lower-case names; `language` helps to tell undeclared legacy encodings apart.
    """
    text, encoding, problem = _decode(body, headers, language)
    # Looking at the bytes first is ten times cheaper; non-characters begin with EF BF in UTF-8.
    is_clean = (
        encoding in _BYTEWISE and len(body.translate(None, _CONTROL_BYTES)) == len(body) and b"\xef\xbf" not in body
    )
    if not is_clean and _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
        problem = problem or "control characters in the text"
    return Decoded(_XML_DECLARATION.sub("", text.removeprefix("\ufeff"), count=1), encoding, problem)


def _decode(body: bytes, headers: Mapping[str, str], language: str | None) -> Decoded:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _with_replacements(body[len(bom) :], encoding, None)
    start = body[:512].lstrip()
    wide = next((encoding for marker, encoding in _MARKERS if start.startswith(marker)), None)
    declared = _declared(start, wide, headers)
    if wide is not None:
        return _with_replacements(body, declared[-1] if wide == "cp037" and declared else wide, None)
    if body.isascii() and not _is_stateful(declared):
        return Decoded(body.decode("ascii"), "ascii", None)
    return _of_bytes(body, declared, language)


def _declared(start: bytes, wide: str | None, headers: Mapping[str, str]) -> list[str]:
    head = start.decode(wide or "latin-1", "replace")
    labels = [_CHARSET.search(headers.get("content-type", "")), _DECLARED.match(head)]
    encodings = [_encoding_of(label[1]) for label in labels if label]
    return [encoding for encoding in encodings if encoding and not (wide is None and encoding[:6] in _WIDE)]


def _encoding_of(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name) if _KNOWN.fullmatch(name) else None


def _is_stateful(declared: list[str]) -> bool:
    """Tell whether an encoding is declared that writes other scripts with ASCII bytes alone."""
    return any(name.startswith(("hz", "iso2022", "utf-7")) for name in declared)


def _of_bytes(body: bytes, declared: list[str], language: str | None) -> Decoded:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if not _is_stateful(declared):
            return Decoded(text, "utf-8", None)
    for encoding in declared:
        if encoding != "utf-8":
            try:
                return Decoded(body.decode(encoding), encoding, None)
            except UnicodeError:
                continue
    return _guess(body, declared, language)


def _guess(body: bytes, declared: list[str], language: str | None) -> Decoded:
    """Read bytes that are not valid in any declared encoding."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in _HIGH.finditer(text) if character[0] != "\ufffd")
    if good > bad:
        return Decoded(text, "utf-8", f"not UTF-8 in {bad} places")
    legacy = next((name for name in declared if name != "utf-8"), None) or _of_language(body, language)
    return _with_replacements(body, legacy, f"no valid encoding declared, read as {legacy}")


def _of_language(body: bytes, language: str | None) -> str:
    stated = _LANGUAGE.search(body[:20_000])
    own = language_tag((stated[1] or stated[2]).decode("ascii", "replace")) if stated else None
    tag = own or language_tag(language) or ""
    if tag.startswith("zh-") and tag[3:] in {"TW", "HK", "Hant"}:
        return "big5hkscs"
    return _BY_LANGUAGE.get(tag.partition("-")[0], "windows-1252")


def _with_replacements(body: bytes, encoding: str, problem: str | None) -> Decoded:
    text = body.decode(encoding, "replace")
    bad = text.count("\ufffd") if problem is None else 0
    return Decoded(text, encoding, f"not {encoding} in {bad} places" if bad else problem)
