"""The byline that readers see: what the markup names so, a line at the text's end, or a line "By Ann Lee"."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.credit import is_person, read_credit, read_desk, read_handle, read_lines, unique
from pipeline.articles.document import Document
from pipeline.articles.outline import ancestors, shown_lines, shown_text
from pipeline.articles.site import is_site_name, key_of

_MAX_BYLINE_CHARS = 220
_MAX_LINE_CHARS = 120
_MAX_CLOSING_CHARS = 90
_MAX_MARKS = 60
_MAX_PARTS = 200
_MAX_LINES = 1_500
_MAX_LINKS = 400
_MAX_BLOCKS = 2_000
_TAIL_PARAGRAPHS = 3
_MAX_NAME_WORDS = 4
_MAX_NAME_CHARS = 60
# So many bylines of one kind outside the article are a list of other articles.
_A_LIST = 3
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|autori|tac-gia|journalist(?:en)?|redakteur|people|profile?s?|person|team|"
    r"staff|by|periodistas?|redaktion|(?:staff-)?contributors?|users?|members?)/[^/?#]"
    # WordPress without pretty addresses, phpBB, XOOPS.
    r"|[?&]author=\d|[?&]mode=viewprofile|/userinfo\.php\?uid=",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)", re.IGNORECASE)
# Not "first-name" or "user-name".
_NAME_CLASS = re.compile(
    r"(?:^|[\s_-]|author)(?<!first)(?<!last)(?<!user)(?<!given)(?<!family)[_-]?name(?:$|\s)", re.IGNORECASE
)
_NAME_TAGS = ("a", "span", "strong", "b", "h2", "h3", "h4", "h5", "p", "div", "address", "meta")
_NO_BYLINES = frozenset({"article", "body", "form", "html", "img", "input", "main"})
# Labels of others who had a hand in an article: editors, photographers, translators.
_OTHERS = (
    r"(?:editors?|edited by|redaktur|redaktionell verantwortlich|biên tập|fotos?|photos?|photograph(?:er|s)?|"
    r"bild(?:er)?|image|credits?|fotograf(?:in|ie)?|grafik|illustration(?:en)?|"
    r"übersetz(?:ung|er|t)|translat(?:ion|or|ed by)|traducción|ảnh)\s*:"
)
_OTHERS_LABEL = re.compile(rf"(?:^|\s){_OTHERS}$", re.IGNORECASE)
_OTHERS_START = re.compile(rf"^{_OTHERS}", re.IGNORECASE)
# Words of authorship that a name follows; "von" and its kin also begin ordinary sentences, the others do not.
_SURE_OPENING = (
    r"(?:(?:story|posted|written|reported)\s+by|(?:publié|écrit)\s+par|(?:escrito|publicado)\s+por|scritto\s+da|"
    r"(?:geschrieben|verfasst|(?:blog )?beitrag|gastbeitrag|artikel)\s+von)\b\s*:?|"
    r"(?:text|words|autor(?:in|en|innen)?|auteure?s?|autora?|autore|authors?|tác giả|bài|writer|penulis|tekst|автор|"
    r"текст)"
    r"\s*:|autoren\s|autorin\s*/\s*autor\b"
)
_SURE = re.compile(rf"^(?:{_SURE_OPENING})", re.IGNORECASE)
_BYLINE = re.compile(
    rf"^(?:{_SURE_OPENING}|(?:(?:ein|eine)\s+\w+\s+)?(?:by|von|par|por|di|door|av|af|oleh|theo)\s)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:by|von|par|por|di|oleh)\s*:?|"
    r"(?:authors?|autor(?:in|en|innen)?|auteure?s?|autora?|autore|text|words|tác giả|penulis)\s*:",
    re.IGNORECASE,
)
# A label and its name often stand in boxes of their own within one box.
_LABEL_LEVELS = 3
# A short line of dates and a name: "11.12.2019 - Ann Lee", "Ann Lee | 11.12.2019, 10:20 | Updated 12.12.2019".
_DATE = re.compile(r"\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}")
_DATE_FIRST = re.compile(r"^\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4},?\s+")
_PARTS = re.compile(r"\s*[|•·/]\s*|\s+[-–]\s+")
_LINE_TAGS = (
    "p", "div", "span", "li", "h2", "h3", "h4", "h5", "h6", "strong", "em", "small", "address", "td", "th", "dt",
    "cite", "byline",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Byline:
    """One place where the page shows who wrote: its signal and the names."""

    signal: str
    names: tuple[str, ...]


def read_bylines(document: Document) -> Iterator[Byline]:
    """Give the bylines that readers see, the most telling first: by markup, at the text's end, by wording.

    Each is looked for when it is asked for: the wording of every line costs more than all that is stated.
    """
    for look in (_marked, _closing, _spoken):
        if (byline := look(document)) is not None:
            yield byline


def _marked(document: Document) -> Byline | None:
    """Read the first byline that the markup names (class, rel, itemprop), those where the article is first."""
    for element in (*_marks(document), *_profile_links(document)):
        if _is_anothers(element):
            continue
        names = tuple(name for name in _names_in(element) if not is_site_name(name, document.site))
        if names:
            return Byline("byline", names)
    return None


def _is_anothers(element: HtmlElement) -> bool:
    """Tell whether a mark names the maker of a picture, an organisation, or who stands behind "Editor:", "Foto:"."""
    if "Organization" in (element.get("itemtype") or ""):
        return True
    before, parent = element.getprevious(), element.getparent()
    label = before.tail or before.text if before is not None else parent.text if parent is not None else None
    if _OTHERS_LABEL.search((label or "").strip()) or _OTHERS_START.match(shown_text(element, _MAX_NAME_CHARS) or ""):
        return True
    return next(element.iterancestors("figure", "figcaption"), None) is not None


def _marks(document: Document) -> Iterator[HtmlElement]:
    """Give the marked elements where the article stands, then others unless they belong to a list."""
    layout = document.layout
    marks = [element for element in document.outline.get("author", ())[:_MAX_MARKS] if not layout.is_other(element)]
    yield from (element for element in marks if layout.is_inside(element))
    outside = [element for element in marks if not layout.is_inside(element)]
    kinds = Counter((element.tag, element.get("class")) for element in outside)
    yield from (element for element in outside if kinds[element.tag, element.get("class")] < _A_LIST)


def _profile_links(document: Document) -> Iterator[HtmlElement]:
    """Give the links to an author's page where the article stands, whatever their markup is called."""
    whole = document.layout.whole
    if whole is not None:
        for link in islice(whole.iter("a"), _MAX_LINKS):
            if _PROFILE.search(link.get("href") or "") and not document.layout.is_other(link):
                yield link


def _names_in(element: HtmlElement) -> tuple[str, ...]:
    """Read the names of one marked element: its links to profiles or name fields if it has some, else its text."""
    if element.tag in _NO_BYLINES:
        return ()
    found: list[str] = []
    taken: set[HtmlElement] = set()
    for part in islice(element.iter(*_NAME_TAGS), _MAX_PARTS):
        if _is_name_field(part) and taken.isdisjoint(ancestors(part)) and (people := _people(part)):
            taken.add(part)
            found += people
    return unique(found) or _people(element) or _desk(element) or _handle(element)


def _people(element: HtmlElement) -> tuple[str, ...]:
    text = element.get("content")
    lines = (text,) if text else shown_lines(element, 2 * _MAX_BYLINE_CHARS)
    return read_lines(lines, True) if sum(map(len, lines)) <= _MAX_BYLINE_CHARS else ()


def _handle(element: HtmlElement) -> tuple[str, ...]:
    """Read the name that a user goes by out of the first field for one name."""
    fields = (part for part in islice(element.iter(*_NAME_TAGS), _MAX_PARTS) if _is_name_field(part))
    names = (read_handle(shown_text(part, _MAX_NAME_CHARS) or "") for part in fields)
    return next(((name,) for name in names if name), ())


def _desk(element: HtmlElement) -> tuple[str, ...]:
    desk = read_desk(shown_text(element, _MAX_BYLINE_CHARS) or "")
    return (desk,) if desk else ()


def _is_name_field(part: HtmlElement) -> bool:
    """Tell whether an element holds one name: a link to a profile, itemprop=name, or a class that ends in "name"."""
    if part.tag == "a":
        return part.get("rel") == "author" or _PROFILE.search(part.get("href") or "") is not None
    classes = part.get("class") or ""
    # "fn" is the name in a vcard (https://microformats.org/wiki/hcard).
    return part.get("itemprop") == "name" or "fn" in classes.split() or _NAME_CLASS.search(classes) is not None


def _closing(document: Document) -> Byline | None:
    """Read the byline at the text's end: right-aligned, or a line of its own in bold or italics."""
    layout = document.layout
    if layout.holder is None:
        return None
    whole = layout.holder if layout.whole is None else layout.whole
    blocks = islice(whole.iter("p", "div", "td"), _MAX_BLOCKS)
    right = [block for block in blocks if block.get("align") == "right" or _RIGHT.search(block.get("style") or "")]
    for block in reversed(right[-6:]):
        lines = () if _is_menu(block) else shown_lines(block, 200)
        if sum(map(len, lines)) <= _MAX_CLOSING_CHARS and (names := read_lines(lines, True)):
            return Byline("closing-line", names)
    paragraphs = [child for child in layout.holder if child.tag in {"p", "div"}]
    shown = [(block, text) for block in paragraphs[-12:] if (text := shown_text(block, 200))]
    for block, text in reversed(shown[-_TAIL_PARAGRAPHS:]):
        if len(text) > _MAX_CLOSING_CHARS:
            break
        if _is_set_off(block, text) and (names := read_credit(text).people):
            return Byline("closing-line", names)
    return None


def _is_menu(block: HtmlElement) -> bool:
    """Tell whether a block is a row of links that lead to no person ("Deutsch | Türkçe")."""
    links = list(islice(block.iter("a"), _MAX_PARTS))
    return len(links) > 1 and not any(_is_name_field(link) for link in links)


def _is_set_off(block: HtmlElement, text: str) -> bool:
    """Tell whether all of a block's text stands in bold or italics, or begins as a byline."""
    if _BYLINE.match(text):
        return True
    children = [child for child in block if child.tag != "br"]
    if len(children) != 1 or children[0].tag not in {"strong", "b", "em", "i"}:
        return False
    return key_of(shown_text(children[0], 200) or "") == key_of(text)


def _spoken(document: Document) -> Byline | None:
    """Read the first line "By Ann Lee", or a line of a date and a name, where the article stands."""
    layout = document.layout
    if layout.whole is None:
        return None
    for block in islice(layout.whole.iter(*_LINE_TAGS), _MAX_LINES):
        # Only what the line itself says, not the whole box that holds it.
        start = (block.text or "").strip() or (block[0].text or "" if len(block) else "").strip()
        if not start or not (_BYLINE.match(f"{start} ") or start[-1] in "|-–•·:" or start[0].isdigit()):
            continue
        if layout.is_other(block) or _is_teaser(block):
            continue
        if _LABEL.fullmatch(start) and (labelled := _labelled(block, start)):
            # An account behind the first label: the next ones are those of other articles.
            full = tuple(name for name in labelled if " " in name)
            return Byline("byline-text", full) if full else None
        if names := _line_names(block):
            return Byline("byline-text", names)
    return None


def _is_teaser(block: HtmlElement) -> bool:
    """Tell whether a line stands within a link that leads to no person: it is another article's."""
    link = next(block.iterancestors("a"), None)
    return link is not None and not _is_name_field(link)


def _line_names(block: HtmlElement) -> tuple[str, ...]:
    """Read the names of a line that begins as a byline, or holds a date and a name."""
    lines = shown_lines(block, 200)
    text = " ".join(lines)
    if len(text) > _MAX_LINE_CHARS:
        return ()
    if _BYLINE.match(text):
        return read_lines(lines, _SURE.match(text) is not None)
    return _dated(text) if _DATE.search(text) else ()


def _labelled(block: HtmlElement, label: str) -> tuple[str, ...]:
    """Read the names that stand beside, or in the box after, a block that says nothing but "Autor:" or "By"."""
    if key_of(shown_text(block, 2 * _MAX_NAME_CHARS) or "") != key_of(label):
        return ()
    for node in islice(ancestors(block), _LABEL_LEVELS):
        text, following = node.tail, node.getnext()
        if not (text or "").strip() and following is not None:
            text = shown_text(following, _MAX_LINE_CHARS)
        if text and text.strip():
            return read_credit(text, True).people if len(text) <= _MAX_LINE_CHARS else ()
    return ()


def _dated(line: str) -> tuple[str, ...]:
    """Read the name in a line of dates and one name; () when something else stands there too."""
    parts = _PARTS.split(_DATE_FIRST.sub("", line).strip(" -–|•·"))
    people = [part for part in parts if is_person(part) and len(part.split()) <= _MAX_NAME_WORDS]
    return tuple(people) if len(people) == 1 else ()
