"""The title of an article: what headline, og:title, h1, title and the feed agree on, without the site's name."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipeline.articles.document import Document, text_of
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

# How far each signal is believed. h1 is what readers see; the title element is written for search engines.
_WEIGHTS = {
    "json-ld": 3.0, "h1": 3.2, "microdata": 2.5, "og": 2.5, "feed": 2.2, "twitter": 1.0, "title": 1.4, "meta": 1.0,
    "visible": 1.2,
}  # fmt: skip
# Blanks around it make a dash, a colon or a slash a joint; a bar needs none.
_JOINT = re.compile(r"\s*[|¦｜│]\s*|\s+[-–—·•:»«›~/+*]{1,3}\s+|(?<=\S)\s*»\s*|(?<=[^\s\d])[-–—:]\s+")
_MAX_TITLE_CHARS = 400
_MAX_H1 = 8


@dataclass(frozen=True, slots=True)
class _Offer:
    signal: str
    text: str


def read_title(document: Document) -> Choice[str | None]:
    """Choose the title by agreement of its witnesses.

    Each witness is stripped of the site's and section's name where the page itself shows that this is one; the
    text with the most weight behind it wins, in the form that its best witness gives it.
    """
    names = document.site
    raw = list(_offers(document))
    seen = {key_of(offer.text) for offer in raw if not is_site_name(offer.text, names)}
    offers = [_Offer(offer.signal, text) for offer in raw if (text := _strip(offer.text, names, seen))]
    listed = [(offer.signal, offer.text) for offer in raw]
    if not offers:
        return choice("title", None, None, listed)
    best = _best(offers)
    return choice("title", best.text, best.signal, listed)


def title_elements(document: Document, title: str | None) -> list[HtmlElement]:
    """Give the elements that show the title, for the body to leave out."""
    key = key_of(title or "")
    found = []
    for element in document.tree.iter("h1", "h2"):
        text = shown_text(element, _MAX_TITLE_CHARS)
        if text and key and (key_of(text) == key or (element.tag == "h1" and key in key_of(text))):
            found.append(element)
    return found


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
    """Give the first headings, whole and, when they hold a kicker of their own, without it."""
    for _, element in zip(range(_MAX_H1), document.tree.iter("h1"), strict=False):
        if text := shown_text(element, _MAX_TITLE_CHARS):
            yield _Offer("h1", text)
            children = [child for child in element if isinstance(child.tag, str) and shown_text(child, 300)]
            if len(children) > 1 or (len(children) == 1 and (element.text or children[0].tail or "").strip()):
                last = (children[-1].tail or "").strip() or shown_text(children[-1], _MAX_TITLE_CHARS)
                if last and last != text:
                    yield _Offer("h1", last)


def _strip(text: str, names: frozenset[str], seen: set[str]) -> str | None:
    """Take the site's name off both ends of a text; None when nothing else was there."""
    if is_site_name(text, names):
        return None
    for _ in range(4):
        joints = list(_JOINT.finditer(text))
        shorter = None
        for joint in joints:
            head, tail = text[: joint.start()].strip(), text[joint.end() :].strip()
            if head and tail and (is_site_name(tail, names) or (key_of(head) in seen and len(head.split()) > 1)):
                shorter = head
                break
            if head and tail and is_site_name(head, names):
                shorter = tail
                break
        if shorter is None:
            return text
        text = shorter
    return text


def _best(offers: list[_Offer]) -> _Offer:
    """Give the offer with the most agreement; of equal texts the form of the most trusted signal."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    first_h1 = True
    for offer in offers:
        weight = _WEIGHTS[offer.signal]
        if offer.signal == "h1" and not first_h1:
            weight = 0.5
        first_h1 = first_h1 and offer.signal != "h1"
        said = weights[key_of(offer.text)]
        said[offer.signal] = max(said.get(offer.signal, 0.0), weight)
    key = max(weights, key=lambda text: sum(weights[text].values()))
    return max((offer for offer in offers if key_of(offer.text) == key), key=lambda offer: _WEIGHTS[offer.signal])
