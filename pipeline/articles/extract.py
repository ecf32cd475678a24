"""From a captured page to the normalised article: every reader asked once, walls told from articles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from models.outcomes import Outcome
from pipeline.articles.agencies import read_agencies
from pipeline.articles.article import Article, Candidate, Page
from pipeline.articles.body import Body, read_body
from pipeline.articles.document import MAX_BYTES, Document, read_document
from pipeline.articles.explain import explained
from pipeline.articles.hints import as_hinted, prefer_hinted_authors
from pipeline.articles.kind import is_listing, is_made_of_teasers, is_stated_article, read_kind
from pipeline.articles.language import read_language
from pipeline.articles.links import Links, read_links
from pipeline.articles.people import read_authors
from pipeline.articles.place import read_place
from pipeline.articles.provenance import Choice
from pipeline.articles.published import PublishedChoice, read_published
from pipeline.articles.sections import read_sections
from pipeline.articles.summary import read_summary
from pipeline.articles.tags import read_tags
from pipeline.articles.title import read_title
from pipeline.articles.walls import find_wall, is_partial, is_paywalled
from pipeline.text import count_words

# A login form or an empty template has a few words left; so has a picture's page, which says what it is.
_FEWEST_WORDS = 10


@dataclass(frozen=True, slots=True)
class _Reading:
    """What every reader found on one page."""

    title: Choice[str | None]
    authors: Choice[tuple[str, ...]]
    agencies: Choice[tuple[str, ...]]
    place: Choice[str | None]
    section_path: Choice[tuple[str, ...]]
    tags: Choice[tuple[str, ...]]
    summary: Choice[str | None]
    language: Choice[str | None]
    body: Body
    dates: PublishedChoice
    links: Links


def extract(page: Page, *, explain: bool = False) -> Article:
    """Extract the article of a page. Pure; never raises for bad input: the outcome and reason say what was wrong.

    At most 3 MB of HTML are looked at; a longer page gives a partial body. With `explain` the article also carries
    the candidates that each field was chosen from.
    """
    try:
        return _extract(page, explain=explain)
    except Exception as error:
        return Article(Outcome.EXTRACT_FAILED, f"{type(error).__name__}: {error}"[:300])


def _extract(page: Page, *, explain: bool) -> Article:
    document = read_document(as_hinted(page))
    if document is None:
        return Article(Outcome.NO_TEXT, "no HTML in the page")
    found = _read(document)
    is_paid = is_paywalled(document)
    kind = read_kind(document, found.section_path.value, found.body.text)
    outcome, reason = _judge(document, found, is_paid=is_paid)
    path = found.section_path.value
    article = Article(
        outcome,
        reason,
        canonical_url=found.links.canonical_url.value,
        title=found.title.value,
        authors=found.authors.value,
        agencies=found.agencies.value,
        place=found.place.value,
        published=found.dates.published,
        modified=found.dates.modified,
        section=path[0] if path else None,
        section_path=path,
        tags=found.tags.value,
        summary=found.summary.value,
        body=found.body.text,
        language=found.language.value,
        kind=kind.value,
        image_url=found.links.image_url.value,
        amp_url=found.links.amp_url,
        is_paywalled=is_paid,
        is_body_partial=_is_cut(page, found.body) or is_partial(document, found.body.text, is_paid=is_paid),
        refresh_url=found.links.refresh_url,
        provenance=dict(_provenance(found, kind)),
    )
    if explain:
        return replace(article, candidates=explained(document, article, found.body, _candidates(found, kind)))
    return article


def _is_cut(page: Page, body: Body) -> bool:
    """Tell whether a part of the page was not looked at."""
    return len(page.html) > MAX_BYTES or body.is_cut


def _read(document: Document) -> _Reading:
    """Ask every reader; what one found helps those after it."""
    title, path = read_title(document), read_sections(document)
    authors = prefer_hinted_authors(read_authors(document), document)
    summary = read_summary(document)
    body = read_body(document, title.value, authors.value, summary.value)
    return _Reading(
        title,
        authors,
        read_agencies(document),
        read_place(document),
        path,
        read_tags(document, path.value, authors.value),
        summary,
        read_language(document, body.text),
        body,
        read_published(document),
        read_links(document),
    )


def _judge(document: Document, found: _Reading, *, is_paid: bool) -> tuple[Outcome, str | None]:
    """Tell how a page ends, and why when it is not loaded."""
    text = found.body.text
    wall = find_wall(document, text)
    if wall is not None:
        return wall
    if is_listing(document, found.title.value):
        return Outcome.NOT_ARTICLE, "a home, section or search page"
    if not text and found.links.refresh_url:
        return Outcome.NO_TEXT, "a meta refresh leads to another page"
    if not text:
        return (Outcome.PAYWALLED, "no free text") if is_paid else (Outcome.NO_TEXT, "no text found")
    if not found.title.value:
        return Outcome.NO_TEXT, "no title found"
    if _says_article(document, found):
        return Outcome.LOADED, None
    if count_words(text) < _FEWEST_WORDS:
        return Outcome.NOT_ARTICLE, "a few words, and nothing that says it is an article"
    if is_made_of_teasers(document, found.title.value):
        return Outcome.NOT_ARTICLE, "a list of other pages"
    return Outcome.LOADED, None


def _says_article(document: Document, found: _Reading) -> bool:
    """Tell whether the page itself, not the feed, says that it is an article: by metadata, a date, or a byline."""
    published, authors = found.dates.published, found.authors
    is_dated = published is not None and published.signal != "feed"
    return is_stated_article(document) or is_dated or (bool(authors.value) and authors.signal != "feed")


def _choices(found: _Reading, kind: Choice[str]) -> Iterator[tuple[str, Choice[Any]]]:
    for name in ("title", "authors", "agencies", "place", "section_path", "tags", "summary", "language"):
        yield name, getattr(found, name)
    yield "canonical_url", found.links.canonical_url
    yield "image_url", found.links.image_url
    yield "kind", kind


def _provenance(found: _Reading, kind: Choice[str]) -> Iterator[tuple[str, str]]:
    """Give the signal of every field that has a value."""
    for name, choice in _choices(found, kind):
        if choice.value and choice.signal:
            yield name, choice.signal
            if name == "section_path":
                yield "section", choice.signal
    if found.body.text:
        yield "body", found.body.signal
    for name, moment in (("published", found.dates.published), ("modified", found.dates.modified)):
        if moment is not None:
            yield name, moment.signal


def _candidates(found: _Reading, kind: Choice[str]) -> Iterator[Candidate]:
    """Give all that was offered for every field."""
    for _, choice in _choices(found, kind):
        yield from choice.candidates
    yield from found.dates.candidates
