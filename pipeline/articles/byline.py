"""The byline that readers see: what the markup names so, a line at the text's end, or a line "By Ann Lee"."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.credit import is_person, read_credit, read_desk, unique
from pipeline.articles.document import Document
from pipeline.articles.outline import ancestors, shown_text
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
# So many bylines of one kind outside the article are a list of other articles.
_A_LIST = 3
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|autori|tac-gia|journalist(?:en)?|redakteur|people|profile?s?|person|team|"
    r"staff|by|periodistas?|redaktion)/",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)", re.IGNORECASE)
# Not "first-name" or "user-name".
_NAME_CLASS = re.compile(
    r"(?:^|[\s_-]|author)(?<!first)(?<!last)(?<!user)(?<!given)(?<!family)[_-]?name(?:$|\s)", re.IGNORECASE
)
_NAME_TAGS = ("a", "span", "strong", "b", "h2", "h3", "h4", "h5", "p", "div", "address", "meta")
_NO_BYLINES = frozenset({"article", "body", "form", "html", "img", "input", "main"})
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
# A short line of dates and a name: "11.12.2019 - Ann Lee", "Ann Lee | 11.12.2019, 10:20 | Updated 12.12.2019".
_DATE = re.compile(r"\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}")
_DATE_FIRST = re.compile(r"^\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4},?\s+")
_PARTS = re.compile(r"\s*[|•·/]\s*|\s+[-–]\s+")
_LINE_TAGS = ("p", "div", "span", "li", "h2", "h3", "h4", "h5", "h6", "strong", "em", "small", "address", "td", "cite")


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
        names = tuple(name for name in _names_in(element) if not is_site_name(name, document.site))
        if names:
            return Byline("byline", names)
    return None


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
    return unique(found) or _people(element) or _desk(element)


def _people(element: HtmlElement) -> tuple[str, ...]:
    text = element.get("content") or shown_text(element, 2 * _MAX_BYLINE_CHARS) or ""
    return read_credit(text, True).people if len(text) <= _MAX_BYLINE_CHARS else ()


def _desk(element: HtmlElement) -> tuple[str, ...]:
    desk = read_desk(shown_text(element, _MAX_BYLINE_CHARS) or "")
    return (desk,) if desk else ()


def _is_name_field(part: HtmlElement) -> bool:
    """Tell whether an element holds one name: a link to a profile, itemprop=name, or a class that ends in "name"."""
    if part.tag == "a":
        return part.get("rel") == "author" or _PROFILE.search(part.get("href") or "") is not None
    return part.get("itemprop") == "name" or _NAME_CLASS.search(part.get("class") or "") is not None


def _closing(document: Document) -> Byline | None:
    """Read the byline at the text's end: right-aligned, or a line of its own in bold or italics."""
    layout = document.layout
    if layout.holder is None:
        return None
    whole = layout.holder if layout.whole is None else layout.whole
    blocks = islice(whole.iter("p", "div", "td"), _MAX_BLOCKS)
    right = [block for block in blocks if block.get("align") == "right" or _RIGHT.search(block.get("style") or "")]
    for block in reversed(right[-6:]):
        text = shown_text(block, 200)
        if text and len(text) <= _MAX_CLOSING_CHARS and (names := read_credit(text, True).people):
            return Byline("closing-line", names)
    paragraphs = [child for child in layout.holder if child.tag in {"p", "div"}]
    shown = [(block, text) for block in paragraphs[-12:] if (text := shown_text(block, 200))]
    for block, text in reversed(shown[-_TAIL_PARAGRAPHS:]):
        if len(text) > _MAX_CLOSING_CHARS:
            break
        if _is_set_off(block, text) and (names := read_credit(text).people):
            return Byline("closing-line", names)
    return None


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
        if not start or not (_BYLINE.match(f"{start} ") or start[-1] in "|-–•·" or start[0].isdigit()):
            continue
        text = shown_text(block, 200)
        if not text or len(text) > _MAX_LINE_CHARS or layout.is_other(block):
            continue
        if _BYLINE.match(text):
            names = read_credit(text, _SURE.match(text) is not None).people
        elif _DATE.search(text):
            names = _dated(text)
        else:
            continue
        if names:
            return Byline("byline-text", names)
    return None


def _dated(line: str) -> tuple[str, ...]:
    """Read the name in a line of dates and one name; () when something else stands there too."""
    parts = _PARTS.split(_DATE_FIRST.sub("", line).strip(" -–|•·"))
    people = [part for part in parts if is_person(part) and len(part.split()) <= _MAX_NAME_WORDS]
    return tuple(people) if len(people) == 1 else ()
