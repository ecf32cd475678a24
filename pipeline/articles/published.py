"""Chooses when an article was published and last modified, by agreement among all that the page and the feed say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from pipeline.articles.article import Candidate
from pipeline.articles.document import Document, Node, text_of, types_of
from pipeline.articles.hints import SIGNAL, credited, heed_dates
from pipeline.dates.addresses import day_in_url, home_zone
from pipeline.dates.agreement import Witness, settle
from pipeline.dates.calendars import Order
from pipeline.dates.moment import Moment
from pipeline.dates.spotted import Spotted, spot
from pipeline.dates.written import MAX_CHARS, Setting, Written, take_apart
from pipeline.dates.zones import zone_named

# Meta names by which systems state the publication, and how far each is believed. Open Graph's own name is written by
# the news system itself; Dublin Core's and the bare `date` are sometimes the day of the last save.
_META_PUBLISHED: dict[str, float] = {
    **dict.fromkeys(
        ("article:published_time", "article:published", "article:published_date", "og:article:published_time",
         "og:published_time", "article:publicationdate", "shareaholic:article_published_time", "og:article:published",
         "article:published:time", "rnews:datepublished"), 10.5),
    **dict.fromkeys(
        ("datepublished", "pubdate", "publishdate", "publish_date", "publish-date", "published-date", "published_date",
         "published_time", "publication_date", "publicationdate", "parsely-pub-date", "sailthru.date", "bt:pubdate",
         "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "published_at",
         "prism.publicationdate", "vr:published-time", "vr:published_time", "pub_date", "date_published", "rbpubdate",
         "originalpublicationdate", "article.published", "publisheddate", "publish_time", "og:pubdate",
         "citation_publication_date", "citation_online_date", "dc.date.publication", "ageaparse:recs:publishtime",
         "mediator_published_time", "article_date_original", "acquia_lift:published_date", "displaydate",
         "its_publication"), 8.0),
    **dict.fromkeys(
        ("date", "dc.date", "dcterms.date", "dc:date", "release_date", "release:date", "article_date", "article.date",
         "doc_date", "analyticsattributes.articledate", "og:regdate", "gentime", "dc.created", "dcterms.created",
         "dc.date.created", "uploaddate", "video:release_date", "og:article:time", "citation_date", "timestamp",
         "ob:date", "http-equiv:date", "article:created", "created"), 3.9),
    **dict.fromkeys(("datecreated", "date_created", "article.created", "content_create_date", "dc:created"), 3.0),
}  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "article:modified", "og:modified_time", "og:article:modified_time",
    "datemodified", "last-modified", "lastmod", "lastmodified", "modified", "dcterms.modified", "dc.date.modified",
    "dc.modified", "article:modified_date", "updated_time", "modificationdate", "bt:moddate", "revised", "dateupdate",
    "article_updatetime", "shareaholic:article_modified_time", "article:modified:time", "lastupdate",
)  # fmt: skip
# Types of nodes that stand for the page itself, when none describes an article.
_PAGE_TYPES = frozenset(
    {
        "WebPage", "ItemPage", "MedicalWebPage", "Recipe", "DiscussionForumPosting", "VideoObject", "FAQPage",
        "QAPage", "PodcastEpisode", "Review", "AudioObject", "Dataset", "CreativeWork",
    }
)  # fmt: skip
# Names of the date in the state that a page's own scripts carry, and what follows a name there.
_SCRIPTED = ("datePublished", "publishedAt", "published_at", "publishDate", "publicationDate")
_SCRIPTED_VALUE = re.compile(r'\\?"\s*:\s*\\?"([^"\\]{8,40})')
_TITLE_END = re.compile(r"[|–—-]\s*([^|–—]{8,30})$")
# An article that a site shows, unlabelled, under the day of a change so long after the first publication was published
# anew: that is its date to every reader.
_ANEW = timedelta(days=2)
_CLEAR = 3.5
# A shown date of less weight is of something else.
_FAINT = 0.5
_FIGURES = re.compile(r"\D{0,40}(\d{1,2})([/-])(\d{1,2})\2(?:19|20)\d\d(?!\d)")
_CLOCK_DRIFT = timedelta(minutes=20)
# Metadata of this weight that tell an instant need only the clock near the headline beside them.
_SURE = 8.0
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PublishedChoice:
    """When the article was published and last modified, as far as anything says so, and every date that was offered."""

    published: Moment | None
    modified: Moment | None
    candidates: tuple[Candidate, ...] = ()


def read_published(document: Document) -> PublishedChoice:
    """Choose the moments of publication and of the last change; each None when nothing on the page states it."""
    page = document.page
    setting = Setting(page.timezone, page.language or document.tree.get("lang"), page.fetched_at)
    home = home_zone(page.url)
    told = _witnesses(document, setting)
    stated = heed_dates(told, document, setting)
    changes = [witness for witness in stated if witness.is_modified]
    as_publication = [_as_publication(witness) for witness in changes]
    # A shown change counts as half a publication: many sites label their only date so.
    publishing = [
        _as_publication(w) if w.is_modified else w for w in stated if not w.is_modified or w.speaker == "shown"
    ]
    published, taken = settle(publishing, setting, home, stated)
    modified, changed = settle(changes, setting, home, stated)
    if published is None:
        # Better the day of the last change, and said so, than none.
        published, taken = settle(as_publication, setting, home, stated)
    elif modified is not None and modified.on - published.on >= _ANEW:
        shown = max((w for w in publishing if w.signal == "visible"), key=lambda w: w.weight, default=None)
        if shown is not None and shown.weight >= _CLEAR and shown.day == modified.on:
            published, taken = settle([shown, *as_publication], setting, home, stated)
    pointed, by_hint = settle([witness for witness in stated if witness.signal == SIGNAL], setting, home, stated)
    if pointed is not None:
        published, taken = pointed, by_hint
    published, modified = credited(published, taken, told, stated), credited(modified, changed, told, stated)
    return PublishedChoice(published, modified, tuple(_candidates(stated, taken, changed)))


def _as_publication(witness: Witness) -> Witness:
    return replace(witness, signal=f"{witness.signal} (change)", weight=witness.weight / 2)


def _candidates(stated: list[Witness], taken: Witness | None, changed: Witness | None) -> Iterator[Candidate]:
    """Give every date that was offered; a change that was taken for the publication is offered as that too."""
    words = {(w.signal, w.text) for w in (taken, changed) if w is not None}
    if taken is not None and taken.is_modified:
        yield Candidate("published", taken.signal, taken.text, taken=True)
    for witness in stated:
        field = "modified" if witness.is_modified else "published"
        yield Candidate(field, witness.signal, witness.text, (witness.signal, witness.text) in words)


def _witness(
    setting: Setting, speaker: str, signal: str, weight: float, text: Any, *, is_modified: bool = False
) -> Iterator[Witness]:
    if not isinstance(text, str | int | float) or isinstance(text, bool):
        return
    shown = str(text)[:MAX_CHARS].strip()
    written = take_apart(shown, setting)
    if written is not None and written.days:
        yield Witness(speaker, signal, weight, shown, written, is_modified)


def _witnesses(document: Document, setting: Setting) -> list[Witness]:
    stated = [*_from_json_ld(document, setting), *_from_meta(document, setting), *_from_feed(document, setting)]
    on = day_in_url(document.page.url)
    if on is not None:
        stated.append(Witness("url", "url", 6.0, on.isoformat(), Written((on,))))
    stated += _from_title(document, setting)
    is_told = any(w.instant is not None and w.weight >= _SURE and not w.is_modified for w in stated)
    for spotted in _spotted(document, nearby_only=is_told):
        signal = "time" if spotted.is_machine else "visible"
        weight = _weight_spotted(spotted)
        if weight < _FAINT:
            continue
        seen = _witness(setting, "shown", signal, weight, spotted.text, is_modified=spotted.is_modified)
        stated += (witness for witness in seen if not _is_clock(spotted, witness, setting))
    return _in_one_order(stated, setting)


def _in_one_order(stated: list[Witness], setting: Setting) -> list[Witness]:
    """Read all dates in figures in the order that one of them proves: a page that says 06/13/2019 says 01/10 so too."""
    figures = [match for witness in stated if (match := _FIGURES.match(witness.text)) is not None]
    has_day_first, has_month_first = any(int(m[1]) > 12 for m in figures), any(int(m[3]) > 12 for m in figures)
    if has_day_first == has_month_first:
        return stated
    order = Order.DAY_FIRST if has_day_first else Order.MONTH_FIRST
    return [
        replace(witness, written=take_apart(witness.text, setting, order) or witness.written)
        if len(witness.written.days) > 1
        else witness
        for witness in stated
    ]


def _is_clock(spotted: Spotted, witness: Witness, setting: Setting) -> bool:
    """Tell whether a text above the article is the page's own clock: it shows the day, or the time, of the fetch."""
    is_above = spotted.distance is not None and spotted.distance < 0
    if setting.fetched_at is None or spotted.is_machine or not (is_above or spotted.is_apart):
        return False
    zone = zone_named(setting.timezone) or UTC
    now = setting.fetched_at.astimezone(zone).replace(tzinfo=None)
    if witness.wall is not None:
        return abs(witness.wall - now) <= _CLOCK_DRIFT
    return spotted.is_apart and witness.day == now.date()


def _from_json_ld(document: Document, setting: Setting) -> Iterator[Witness]:
    node = document.article_node
    if node is None or not any(node.get(key) for key in ("datePublished", "uploadDate", "dateCreated")):
        for other in islice((node for node in document.json_ld if types_of(node) & _PAGE_TYPES), 3):
            yield from _from_node(other, setting, 0.8)
    if node is not None:
        yield from _from_node(node, setting, 1.0)
    elif not document.json_ld:
        yield from _from_script(document.source, setting)


def _from_script(source: str, setting: Setting) -> Iterator[Witness]:
    """Give the first date that the page's scripts name as the publication."""
    for name in _SCRIPTED:
        position = source.find(name)
        match = _SCRIPTED_VALUE.match(source, position + len(name)) if position >= 0 else None
        if match is not None:
            yield from _witness(setting, "script", "script", 3.0, match[1])
            return


def _from_node(node: Node, setting: Setting, share: float) -> Iterator[Witness]:
    for key, weight in (("datePublished", 10.0), ("uploadDate", 8.0), ("dateCreated", 3.0)):
        yield from _witness(setting, "json-ld", "json-ld", weight * share, text_of(node.get(key)))
    yield from _witness(setting, "json-ld", "json-ld", 10.0, text_of(node.get("dateModified")), is_modified=True)


def _from_meta(document: Document, setting: Setting) -> Iterator[Witness]:
    for name, weight in _META_PUBLISHED.items():
        for text in document.meta.get(name, ())[:1]:
            yield from _witness(setting, "meta", f"meta:{name}", weight, text)
    for name in _META_MODIFIED:
        for text in document.meta.get(name, ())[:1]:
            yield from _witness(setting, "meta", f"meta:{name}", 8.0, text, is_modified=True)


def _from_feed(document: Document, setting: Setting) -> Iterator[Witness]:
    hint = document.page.hint
    if hint is None:
        return
    for moment, is_modified in ((hint.published, False), (hint.updated, True)):
        if moment is not None:
            text = moment.on.isoformat() if moment.local is None else moment.local.isoformat()
            yield from _witness(setting, "feed", "feed", 7.0, text, is_modified=is_modified)


def _from_title(document: Document, setting: Setting) -> Iterator[Witness]:
    """Give the date with which the title of the window ends: `Headline | Site | 05.09.2021`."""
    match = _TITLE_END.search((document.tree.findtext(".//title") or "").strip()[-60:])
    if match is not None:
        yield from _witness(setting, "title", "title", 2.0, match[1])


def _spotted(document: Document, *, nearby_only: bool) -> list[Spotted]:
    body = document.tree.find("body")
    return [] if body is None else spot(body, _headline(document, body), nearby_only=nearby_only)


def _headline(document: Document, body: HtmlElement) -> HtmlElement | None:
    """Find the element that shows the headline: the heading that agrees best with the page's own title."""
    title = set(_WORD.findall((document.first_meta("og:title") or document.tree.findtext(".//title") or "").casefold()))
    best: tuple[float, HtmlElement] | None = None
    for element in islice(body.iter("h1", "h2", "h3"), 60):
        words = set(_WORD.findall(" ".join(islice(element.itertext(), 20))[:300].casefold()))
        if not words:
            continue
        agreement = len(words & title) / len(words | title) + (0.3 if element.tag == "h1" else 0.0)
        if agreement >= 0.3 and (best is None or agreement > best[0]):
            best = agreement, element
    return None if best is None else best[1]


def _weight_spotted(spotted: Spotted) -> float:
    distance = spotted.distance
    is_near = distance is not None and -20 <= distance <= 90
    if spotted.is_pubdate:
        weight = 8.0 if is_near or distance is None else 5.0
    elif spotted.is_marked:
        weight = 5.0 if is_near else 2.5
    elif spotted.is_labelled:
        weight = 4.5
    else:
        weight = 4.0 if is_near else 1.5
    # A line that says much beside its date is about something else; a date before the headline is often of the day.
    few, many = (0.8, 0.5) if spotted.is_marked else (0.7, 0.3)
    weight *= 1.0 if spotted.spare <= 25 else few if spotted.spare <= 45 else many
    if spotted.is_apart:
        weight *= 0.3 if distance is None or not -8 <= distance <= 60 else 0.7 if distance <= 12 else 0.5
    return weight * (0.8 if distance is not None and distance < 0 else 1.0)
