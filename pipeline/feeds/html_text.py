"""The text of the HTML that feeds put into titles and summaries, and the pictures in it; linear in its length."""

import contextlib
import html
import re
import unicodedata

from pipeline.text import one_line

# Never more than this of one field is looked at; the longest standfirst is a hundredth of it.
MAX_MARKUP = 200_000

# A quoted attribute value may hold ">", but never "<": that keeps a missing quote from eating the text after it,
# and the pattern from scanning the rest again for each of many missing quotes.
_TAG = re.compile(r"""</?([a-zA-Z][^\s<>"'/]*+)(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>""")
_BROKEN_TAG = re.compile(r"</?[a-zA-Z][^<>]*+>|<\?[^<>]*+>|</>")
# A comment that never ends hides nothing but itself.
_DECLARATION = re.compile(r"<![^<>]*+>|<!--[^<>]*+\Z")
# What no reader reads. `[^<]` and a look-ahead instead of a lazy dot: one pass, whatever is left open.
_UNREAD = re.compile(
    r"<(script|style|applet|template)\b[^<>]*+>(?:[^<]++|<(?!/\1\b))*+(?:</\1\b[^<>]*+>|\Z)", re.IGNORECASE
)
# Tags inside a word or a sentence; every other one parts the text before it from the text after it.
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr o:p q s samp small span strike
    strong sub sup time tt u var wbr""".split()  # noqa: SIM905  # easier to read than forty quoted words
)
# A text that its feed calls plain is still markup when a closing tag or one of the void tags of HTML stands in it.
_LOOKS_LIKE_HTML = re.compile(
    r"</(?:a|abbr|b|big|blockquote|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|h[1-6]|i|iframe|ins|li"
    r"|mark|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
    r"|video)\s*>|<(?:br|hr|img|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# Spelt out instead of IGNORECASE: the search then skips to the first letter.
_IMAGE = re.compile(r"<[iI][mM][gG]\b([^<>]*)")
_SOURCE = re.compile(r"""[sS][rR][cC](?<![\w:.]...)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_PIXEL = re.compile(r"""(?:width|height)\s*+=\s*+["']?[01](?:px)?(?![\w.%])""")
_BEYOND_LATIN1 = re.compile("[^\x00-\xff]")
# The two bytes of a character in UTF-8, each read as ISO-8859-1.
_READ_AS_LATIN1 = re.compile("[\xc2-\xf4][\x80-\xbf]")
# Windows-1252 where ISO-8859-1 has controls: what people mean by &#146; (the table of the HTML standard, 13.2.5.80).
_CONTROL = re.compile("[\x80-\x9f]")
_WINDOWS_1252 = {
    code: character for code in range(0x80, 0xA0) if (character := bytes([code]).decode("windows-1252", "ignore"))
}


def looks_like_html(text: str) -> bool:
    """Tell whether a text declared as plain carries HTML tags all the same."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text) is not None


def text_of_html(markup: str, *, is_html: bool = True) -> str:
    """Give the text of a field; entities are decoded, also those escaped twice, and tags escaped twice removed.

    With `is_html` False only what plainly is markup is taken for it ("the <blink> tag" stays).
    """
    return repaired(_unmarked(markup, is_html=is_html))


def line_of_html(markup: str, *, is_html: bool = True) -> str | None:
    """Give the text of a field on one line, as readers see it; None when nothing is left.

    It is `one_line(text_of_html(…))` in a third of the time for what most fields hold.
    """
    text = _unmarked(markup, is_html=is_html)
    # Printable text has no white space but blanks, and none of the controls that are repaired.
    if not text.isprintable():
        return one_line(repaired(text))
    if not text.isascii():
        if _BEYOND_LATIN1.search(text) is None:
            return one_line(repaired(text))
        text = unicodedata.normalize("NFC", text)
    text = text.strip(" ")
    return (" ".join(text.split()) if "  " in text else text) or None


def _unmarked(markup: str, *, is_html: bool) -> str:
    text = markup[:MAX_MARKUP]
    if "<" in text and (is_html or looks_like_html(text)):
        text = _strip_tags(text)
    return _decode(text) if "&" in text else text


def repaired(text: str) -> str:
    """Undo UTF-8 that was read as ISO-8859-1 and encoded again, and bring Windows' quotes to Unicode, as feedparser."""
    if text.isascii():
        return text
    # Most scripts have a letter beyond ISO-8859-1 in the first words: the search ends there.
    if not _BEYOND_LATIN1.search(text) and _READ_AS_LATIN1.search(text):
        with contextlib.suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
    # Printable text has no controls, which is known thrice as fast.
    return text if text.isprintable() or not _CONTROL.search(text) else text.translate(_WINDOWS_1252)


def first_image(markup: str) -> str | None:
    """Give the address of the first picture in a field that is not a counting pixel, as written."""
    for match in _IMAGE.finditer(markup[:MAX_MARKUP]):
        source = _SOURCE.search(match[1])
        address = _decode_attribute(source[1] or source[2] or source[3] or "") if source else ""
        if address and not address.startswith("data:") and not _PIXEL.search(match[1]):
            return address
    return None


def _decode_attribute(value: str) -> str:
    """Decode the references of an address; only those with a semicolon, "&copy=2" is a parameter (HTML, 13.2.5.73)."""
    if "&" in value and ";" in value:
        value = _ENTITY.sub(lambda match: html.unescape(match[0]), value)
    return value.strip()


def _strip_tags(text: str) -> str:
    if "<!--" in text:
        text = _without_comments(text)
    text = _TAG.sub(_instead_of_tag, _UNREAD.sub(" ", text))
    return _DECLARATION.sub("", _BROKEN_TAG.sub(" ", text)) if "<" in text else text


def _instead_of_tag(tag: re.Match[str]) -> str:
    return "" if tag[1].lower() in _INLINE else " "


def _without_comments(text: str) -> str:
    """Drop comments that end."""
    pieces: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        pieces.append(text[position:start])
        position = end + 3
    return "".join(pieces) + text[position:] if pieces else text


def _decode(text: str) -> str:
    # Most references are to the ampersand, which is ten times cheaper without html's own pattern.
    is_simple = text.count("&") == text.count("&amp;")
    text = text.replace("&amp;", "&") if is_simple else html.unescape(text)
    for _ in range(2):
        is_escaped_again = "&" in text and _ENTITY.search(text) is not None
        if looks_like_html(text):
            text = _strip_tags(text)
        elif not is_escaped_again:
            break
        text = html.unescape(text)
    return text
