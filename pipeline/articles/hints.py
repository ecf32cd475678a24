"""Heeds the hints of a source: parts of a page that selectors point at, and dates read as the site writes them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timezone
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from config.date_formats import read_format
from config.hints import DateHints, Hints
from config.selectors import read_selector
from pipeline.articles.article import Candidate, Page
from pipeline.articles.credit import read_desk, read_lines, unique
from pipeline.articles.document import Document, read_document
from pipeline.articles.outline import shown_lines, shown_text
from pipeline.articles.phrases import fold
from pipeline.articles.provenance import Choice
from pipeline.articles.select import select
from pipeline.articles.site import is_site_name
from pipeline.dates.agreement import Witness
from pipeline.dates.calendars import Order
from pipeline.dates.moment import Moment
from pipeline.dates.months import fold as fold_name
from pipeline.dates.months import months_named
from pipeline.dates.written import MAX_CHARS, Setting, Written, take_apart
from pipeline.dates.zones import fixed, placed, zone_named
from pipeline.text import paragraphs

SIGNAL = "hint"
# Elements that are looked at for people and for the date.
_MAX_POINTED = 20
_MAX_CREDIT_CHARS = 500
# What is no text, in the part of a page that is its body.
_NO_TEXT = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "video", "audio", "button",
    "form", "nav", "figure", "select", "textarea", "math", "aside",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "tr",
    "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"\s+")
_PARTS = ("day", "month", "month_name", "year", "hour", "minute", "second", "half", "offset")
# More than anything else a page can say.
_WEIGHT = 100.0
# Where an element keeps its date for machines.
_DATE_ATTRIBUTES = ("datetime", "content")
# Hints are about the dates that pages state.
_NOT_THE_PAGE = frozenset({"url", "feed"})


def as_hinted(page: Page) -> Page:
    """Give the page with the time zone that the hints say its clocks have."""
    zone = page.hints.dates.timezone if page.hints else None
    return replace(page, timezone=zone) if zone else page


def hinted_body(document: Document, title: str | None, authors: tuple[str, ...]) -> str | None:
    """Give the text that the selector of the body means, line by line, without title and names of authors.

    None when no selector is given, or nothing with a text matches it.
    """
    selector = document.page.hints.selectors.body if document.page.hints else None
    if selector is None:
        return None
    own = {fold(text) for text in (title or "", *authors)} - {""}
    lines = "\n".join(map(_text_of, select(document.tree, read_selector(selector), outermost=True)))
    kept = (line for line in (paragraphs(lines) or "").split("\n") if fold(line) not in own)
    return "\n".join(kept) or None


def prefer_hinted_authors(usual: Choice[tuple[str, ...]], document: Document) -> Choice[tuple[str, ...]]:
    """Give the people in what the selector of the author means; the usual choice when there is none or nobody in it."""
    selector = document.page.hints.selectors.author if document.page.hints else None
    if selector is None:
        return usual
    pointed = _pointed(document, selector)
    names = unique(name for element in pointed for name in _people_in(element) if not is_site_name(name, document.site))
    if not names:
        shown = shown_text(pointed[0], _MAX_CREDIT_CHARS) if pointed else None
        why = "no name is read in it" if pointed else f"nothing matches {selector!r}"
        missed = Candidate("authors", SIGNAL, shown or "", taken=False, why=why)
        return Choice(usual.value, usual.signal, (missed, *usual.candidates))
    found = Candidate("authors", SIGNAL, "; ".join(names), taken=True)
    return Choice(names, SIGNAL, (found, *(replace(one, taken=False) for one in usual.candidates)))


def heed_dates(told: list[Witness], document: Document, setting: Setting) -> list[Witness]:
    """Give the witnesses of a page's dates as the hints want them: ignored, read anew, and the one pointed at."""
    hints = document.page.hints
    if hints is None:
        return told
    heard = [witness for witness in told if not _is_ignored(witness, hints.dates.ignore)]
    return [
        *(_read_anew(witness, hints.dates, setting) for witness in heard),
        *_dates_pointed(document, hints, setting),
    ]


def credited(
    moment: Moment | None, taken: Witness | None, told: Iterable[Witness], heard: Iterable[Witness]
) -> Moment | None:
    """Give a moment whose signal says so when a hint changed how its witness was read."""
    if moment is None or taken is None or taken.signal == SIGNAL:
        return moment
    before = {_reading(witness) for witness in told}
    changed = {reading[:2] for witness in heard if (reading := _reading(witness)) not in before}
    is_by_hint = (taken.speaker, taken.text) in changed
    return replace(moment, signal=f"{moment.signal} ({SIGNAL})") if is_by_hint else moment


def misses(document: Document, *, is_body_found: bool, is_date_found: bool) -> Iterator[Candidate]:
    """Say which selectors of body and date brought nothing, and why."""
    if document.page.hints is None:
        return
    wanted = document.page.hints.selectors
    for field, selector, is_found in (("body", wanted.body, is_body_found), ("published", wanted.date, is_date_found)):
        if selector is not None and not is_found:
            pointed = _pointed(document, selector)
            what = "text" if field == "body" else "believable date"
            shown = shown_text(pointed[0], MAX_CHARS) if pointed else None
            why = f"no {what} is read in it" if pointed else f"nothing matches {selector!r}"
            yield Candidate(field, SIGNAL, shown or "", taken=False, why=why)


def drops(document: Document) -> Iterator[Candidate]:
    """Say of each selector of drops how much it took out; the page is parsed once more, with all its parts."""
    hints = document.page.hints
    if hints is None or not hints.selectors.drop:
        return
    whole = read_document(replace(document.page, hints=None))
    for selector in hints.selectors.drop:
        count = sum(1 for _ in select(whole.tree, read_selector(selector))) if whole else 0
        why = f"{count:,} taken out" if count else f"nothing matches {selector!r}"
        yield Candidate("drop", SIGNAL, selector, taken=count > 0, why=why)


def _pointed(document: Document, selector: str) -> list[HtmlElement]:
    return list(islice(select(document.tree, read_selector(selector)), _MAX_POINTED))


def _text_of(root: HtmlElement) -> str:
    """Give the text that readers see of an element; blocks begin and end lines."""
    parts: list[str] = ["\n"]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if element.tag in _BLOCKS:
            parts.append("\n")
        elif element.tag in _CELLS:
            parts.append(" ")
        if event == "start":
            is_text = element.tag not in _NO_TEXT or element is root
            if not is_text:
                walk.skip_subtree()
            piece = element.text if is_text else None
        else:
            piece = element.tail if element is not root else None
        if piece:
            parts.append(_BLANKS.sub(" ", piece))
    return "".join(parts)


def _people_in(element: HtmlElement) -> tuple[str, ...]:
    """Read the people, else the desk, that an element names; a meta keeps them in its content."""
    content = element.get("content")
    lines = (content,) if content else shown_lines(element, _MAX_CREDIT_CHARS)
    people = read_lines(lines, is_stated=True)
    desk = None if people or not lines else read_desk(lines[0])
    return people or ((desk,) if desk else ())


def _reading(witness: Witness) -> tuple[object, ...]:
    """Give what a witness is and its likeliest reading."""
    written = witness.written
    return witness.speaker, witness.text, written.days[0], written.clock, written.offset


def _is_ignored(witness: Witness, signals: Iterable[str]) -> bool:
    """Tell whether a witness is one of `signals`; `meta` means every meta."""
    names = {witness.signal, witness.signal.partition(":")[0], witness.speaker}
    return not names.isdisjoint(signals)


def _read_anew(witness: Witness, dates: DateHints, setting: Setting) -> Witness:
    """Read a date again as the hints say that the site writes it."""
    if witness.speaker in _NOT_THE_PAGE:
        return witness
    written = _read(witness.text, dates, setting) or witness.written
    if dates.zone_is_wrong:
        written = _at_home(written, setting)
    return replace(witness, written=written)


def _read(text: str, dates: DateHints, setting: Setting) -> Written | None:
    by_format = _read_by_format(text, dates.format, setting) if dates.format else None
    if by_format is not None or dates.day_first is None:
        return by_format
    written = take_apart(text, setting, Order.DAY_FIRST if dates.day_first else Order.MONTH_FIRST)
    return written if written is not None and written.days else None


def _read_by_format(text: str, form: str, setting: Setting) -> Written | None:
    """Find a date written so in a text; None when there is none."""
    match = read_format(form).search(text[:MAX_CHARS])
    if match is None:
        return None
    part = {name: match.groupdict().get(name) for name in _PARTS}
    named = months_named(fold_name((part["month_name"] or "").strip(".")), setting.language)
    month = int(part["month"]) if part["month"] else next(iter(named), 0)
    year = int(part["year"] or 0)
    if year < 100:
        year += 1900 if year >= 69 else 2000  # as POSIX reads two figures
    try:
        on = date(year, month, int(part["day"] or 0))
    except ValueError:
        return None
    return Written((on,), *_clock(part))


def _clock(part: dict[str, str | None]) -> tuple[time | None, timezone | None]:
    """Give clock and offset out of the parts of a date; None for what is not written, or no clock shows."""
    if part["hour"] is None:
        return None, None
    hour = int(part["hour"])
    if part["half"]:
        hour = hour % 12 + (12 if part["half"][0] in "pP" else 0)
    try:
        at = time(hour, int(part["minute"] or 0), int(part["second"] or 0))
    except ValueError:
        return None, None
    offset = part["offset"]
    if offset is None or offset in "Zz":
        return at, None if offset is None else UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return at, fixed(-minutes if offset[0] == "-" else minutes)


def _at_home(written: Written, setting: Setting) -> Written:
    """Give a date whose wall clock stays and whose offset is the publisher's."""
    zone = zone_named(setting.timezone)
    if zone is None or written.clock is None or written.offset is None:
        return written
    offset = placed(datetime.combine(written.days[0], written.clock), zone).utcoffset()
    return written if offset is None else written._replace(offset=timezone(offset))


def _dates_pointed(document: Document, hints: Hints, setting: Setting) -> Iterator[Witness]:
    """Give the first date in what the selector of the date means."""
    selector, dates = hints.selectors.date, hints.dates
    if selector is None:
        return
    for element in _pointed(document, selector):
        stated = [text for name in _DATE_ATTRIBUTES if (text := element.get(name))]
        texts = [text for text in (*stated, shown_text(element, MAX_CHARS)) if text]
        # A text in the format of the hints comes before what the usual rules read.
        as_told = ((text, _read(text, dates, setting)) for text in texts)
        as_usual = ((text, take_apart(text, setting)) for text in texts)
        for text, written in (*as_told, *as_usual):
            if written is not None and written.days:
                mended = _at_home(written, setting) if dates.zone_is_wrong else written
                yield Witness(SIGNAL, SIGNAL, _WEIGHT, text[:MAX_CHARS], mended)
                return
