"""The title of an article: what headline, og:title, h1, title and the feed agree on, without the site's name."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.document import Document, text_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of, names_site
from pipeline.text import one_line

# How far each signal is believed. The main heading is what readers see; the title element is for search engines.
_WEIGHTS = {
    "h1": 5.0, "json-ld": 3.0, "og": 2.5, "microdata": 2.5, "feed": 2.2, "title": 1.4, "twitter": 1.0, "h1-part": 1.5,
    "headline": 1.5, "other-h1": 0.5,
}  # fmt: skip
# Whose spelling is taken when several say the same: a heading's text is put together from its pieces.
_FORMS = ("h1", "json-ld", "og", "microdata", "feed", "h1-part", "headline", "title", "twitter", "other-h1")
# Blanks around it make a dash, a colon or a slash a joint; a bar needs none.
_JOINT = re.compile(r"\s*[|¦｜│ㅣǀ]\s*|\s+[-–—·•:»«›~/+*]{1,3}\s+|\s*»\s*|(?<=[^\s\d])[-–—:]\s+")
# Without blanks only before the site's exact name, as Chinese and Korean sites write it.
_TIGHT_JOINT = re.compile(r"[-–—_](?=[^-–—_]+$)")
_DATE_BEFORE = re.compile(r"^\d{1,2}[./]\d{1,2}[./]\d{2,4}\s*[-–—:|]\s*")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_MAX_TITLE_CHARS = 400
_MAX_H1 = 8
_MAX_MARKS = 12
_SHOWN = frozenset({"h1", "other-h1", "h1-part", "headline"})


@dataclass(frozen=True, slots=True)
class _Offer:
    signal: str
    text: str


def read_title(document: Document) -> Choice[str | None]:
    """Choose the title by agreement of its witnesses.

    Each witness is stripped of the site's and section's name and of kickers where the page itself shows that they are
    such; the text with the most weight behind it wins, in the form that its best witness gives it.
    """
    raw = list(_offers(document))
    listed = [(offer.signal, offer.text) for offer in raw]
    offers = _mended(_stripped(raw, document.site))
    if not offers:
        return choice("title", None, None, listed)
    best = _best(offers, is_pieced=_is_pieced(document.layout.heading))
    return choice("title", best.text, best.signal, listed)


def _stripped(raw: list[_Offer], names: frozenset[str]) -> list[_Offer]:
    """Strip every offer; what the main heading says is only stripped of the site's exact name."""
    said = {key_of(_without_site(offer.text, names) or "") for offer in raw if offer.signal not in _SHOWN}
    if any(offer.signal == "h1" and key_of(offer.text) in said for offer in raw):
        # The heading's parts belong together: others say them in one.
        raw = [offer for offer in raw if offer.signal != "h1-part"]
    seen = {key_of(offer.text) for offer in raw if not is_site_name(offer.text, names)}
    heading = next((key_of(offer.text) for offer in raw if offer.signal == "h1"), None)
    found = []
    for offer in raw:
        is_shown = offer.signal in {"h1", "other-h1"} or key_of(offer.text) == heading
        text = _without_site(offer.text, names) if is_shown else _strip(offer.text, names, seen)
        if text and (text := _DATE_BEFORE.sub("", text)):
            found.append(_Offer(offer.signal, text))
    return found


def _mended(offers: list[_Offer]) -> list[_Offer]:
    """Let an offer that was cut short, or that has a kicker before another offer's text, stand for that text."""
    by_key = {key_of(offer.text): offer.text for offer in reversed(offers)}
    stated = {
        key_of(offer.text) for offer in offers if offer.signal in {"json-ld", "og", "title", "h1-part", "twitter"}
    }
    found = []
    for offer in offers:
        key = key_of(offer.text)
        cut = key_of(_CUT.sub("", offer.text))
        longer = [other for other in by_key if other != key and cut and other.startswith(cut)]
        is_cut = (
            cut != key
            or _CUT.search(offer.text) is not None
            or any(_goes_on(by_key[other], offer.text) for other in longer)
        )
        if offer.signal != "h1" and longer and is_cut:
            found.append(_Offer(offer.signal, by_key[longer[0]]))
            continue
        tails = [
            other for other in stated if offer.signal == "h1" and key.endswith(f" {other}") and len(other.split()) > 2
        ]
        found.append(_Offer(offer.signal, by_key[max(tails, key=len)]) if tails else offer)
    return found


def _goes_on(text: str, start: str) -> bool:
    """Tell whether `text` goes on after `start` with a quotation, where badly quoted attributes end."""
    return text.startswith(start) and text[len(start) :].lstrip()[:1] in {'"', "“", "«"}


def _is_pieced(heading: HtmlElement | None) -> bool:
    """Tell whether a heading is put together from several elements, whose joint punctuation is lost."""
    return heading is not None and len([child for child in heading if child.tag not in {"br", "em", "i", "wbr"}]) > 1


def _offers(document: Document) -> Iterable[_Offer]:
    """Give what each signal says, as it says it."""
    node, meta, hint = document.article_node, document.meta, document.page.hint
    stated = [("json-ld", text_of(node.get("headline")) or text_of(node.get("name")))] if node else []
    stated += [("og", meta.get("og:title", (None,))[0]), ("twitter", meta.get("twitter:title", (None,))[0])]
    stated += [("microdata", meta.get("headline", (None,))[0])]
    stated += [("feed", hint.title if hint else None)]
    yield from (_Offer(signal, text[:_MAX_TITLE_CHARS]) for signal, text in stated if text)
    yield from _headings(document)
    title = next(document.tree.iter("title"), None)
    if title is not None and (text := shown_text(title, _MAX_TITLE_CHARS)):
        yield _Offer("title", text)


def _headings(document: Document) -> Iterable[_Offer]:
    """Give the main heading, whole and, when it holds a kicker of its own, without it; then other headings."""
    main = document.layout.heading
    for element in islice(document.tree.iter("h1"), _MAX_H1):
        if text := shown_text(element, _MAX_TITLE_CHARS):
            yield _Offer("h1" if element is main else "other-h1", text)
    if main is not None and (last := _last_part(main)):
        yield _Offer("h1-part", last)
    if main is None:
        marks = document.outline.get("headline", ())[:_MAX_MARKS]
        for element in marks:
            if element.tag in {"h2", "h3", "div", "span", "p"} and not document.layout.is_aside(element):
                text = shown_text(element, _MAX_TITLE_CHARS)
                if text and len(text) > 10:
                    yield _Offer("headline", text)


def _last_part(heading: HtmlElement) -> str | None:
    """Give the text of a heading's last element when others stand before it."""
    children = [child for child in heading if isinstance(child.tag, str) and shown_text(child, 300)]
    if not children or (len(children) == 1 and not (heading.text or children[0].tail or "").strip()):
        return None
    return one_line((children[-1].tail or "")[:_MAX_TITLE_CHARS]) or shown_text(children[-1], _MAX_TITLE_CHARS)


def _without_site(text: str, names: frozenset[str]) -> str | None:
    """Take the site's exact name off both ends of a text; None when nothing else was there."""
    if is_site_name(text, names):
        return None
    joints = [*_JOINT.finditer(text), *_TIGHT_JOINT.finditer(text)]
    for joint in joints:
        head, tail = text[: joint.start()].strip(), text[joint.end() :].strip()
        if head and is_site_name(tail, names):
            return head
        if tail and is_site_name(head, names):
            return tail
    return text


def _strip(text: str, names: frozenset[str], seen: set[str]) -> str | None:
    """Take names of the site and its sections and kickers off a text; None when nothing else was there."""
    for _ in range(4):
        shorter = _without_site(text, names)
        if shorter == text:
            shorter = _shortened(text, names, seen)
        if shorter is None:
            return None
        if shorter == text:
            return text
        text = shorter
    return text


def _shortened(text: str, names: frozenset[str], seen: set[str]) -> str:
    """Drop a first or last part that speaks of the site, or one without which another witness says the text."""
    joints = list(_JOINT.finditer(text))
    for joint in (*joints, *_TIGHT_JOINT.finditer(text)):
        head, tail = text[: joint.start()].strip(), text[joint.end() :].strip()
        if not head or not tail:
            continue
        if key_of(head) in seen and len(head.split()) > 1:
            return head
        if key_of(tail) in seen and len(tail.split()) > 2:
            return tail
        if joints and joint is joints[-1] and len(head) > len(tail) and names_site(tail, names):
            return head
        if joints and joint is joints[0] and len(tail) > len(head) and names_site(head, names):
            return tail
    return text


def _best(offers: list[_Offer], is_pieced: bool) -> _Offer:
    """Give the offer with the most agreement; of equal texts the form of the most trusted signal."""
    words = {
        word for offer in offers if offer.signal not in _SHOWN for word in key_of(offer.text).split() if len(word) > 3
    }
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for offer in offers:
        key = key_of(offer.text)
        weight = _WEIGHTS[offer.signal]
        if offer.signal in {"h1", "headline"} and words and not words & set(key.split()) and len(key.split()) < 4:
            # A label ("Opinion", "Details") that nothing else repeats.
            weight = 0.5
        weights[key][offer.signal] = max(weight, weights[key].get(offer.signal, 0.0))
    best = max(weights, key=lambda key: sum(weights[key].values()))
    forms = _FORMS if not is_pieced else (*_FORMS[1:], "h1")
    return min((offer for offer in offers if key_of(offer.text) == best), key=lambda offer: forms.index(offer.signal))
