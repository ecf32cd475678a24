"""From a captured page to the normalised article: every reader asked once, walls told from articles."""

from models.outcomes import Outcome
from pipeline.articles.article import Article, Page
from pipeline.articles.body import Body, read_body
from pipeline.articles.document import Document, read_document
from pipeline.articles.kind import is_listing, read_kind
from pipeline.articles.people import read_authors
from pipeline.articles.published import read_published
from pipeline.articles.sections import read_sections
from pipeline.articles.summary import read_summary
from pipeline.articles.tags import read_tags
from pipeline.articles.title import read_title
from pipeline.articles.walls import find_wall, is_partial, is_paywalled, refresh_url
from pipeline.text import count_words

# Part of every stored version: a new one means that captures of old ones may be extracted anew.
EXTRACTOR_VERSION = "1"


def extract(page: Page, *, explain: bool = False) -> Article:
    """Extract the article of a page. Pure; never raises for bad input: the outcome and reason say what was wrong.

    With `explain` the article also carries the candidates that each field was chosen from.
    """
    document = read_document(page)
    if document is None:
        return Article(Outcome.NO_TEXT, "no HTML in the page")
    return _read(document, explain=explain)


def _read(document: Document, *, explain: bool) -> Article:
    title, authors, summary = read_title(document), read_authors(document), read_summary(document)
    path = read_sections(document)
    tags = read_tags(document, path.value)
    dates = read_published(document)
    body = read_body(document, title.value, authors.value)
    kind, kind_signal = read_kind(document, path.value, count_words(body.text or ""))
    paywalled = is_paywalled(document)
    outcome, reason = _judge(document, title.value, body, paywalled=paywalled)
    choices = {"title": title, "authors": authors, "summary": summary, "section_path": path, "tags": tags}
    provenance = {field: choice.signal for field, choice in choices.items() if choice.signal and choice.value}
    provenance |= {"kind": kind_signal}
    if path.value and path.signal:
        provenance["section"] = path.signal
    if body.text:
        provenance["body"] = body.signal
    if dates.published:
        provenance["published"] = dates.published.signal
    if dates.modified:
        provenance["modified"] = dates.modified.signal
    candidates = tuple(candidate for choice in choices.values() for candidate in choice.candidates) + dates.candidates
    return Article(
        outcome,
        reason,
        title=title.value,
        authors=authors.value,
        published=dates.published,
        modified=dates.modified,
        section=path.value[0] if path.value else None,
        section_path=path.value,
        tags=tags.value,
        summary=summary.value,
        body=body.text,
        kind=kind,
        is_paywalled=paywalled,
        is_body_partial=is_partial(document, body.text, paywalled=paywalled),
        refresh_url=refresh_url(document, body.text),
        provenance=provenance,
        candidates=candidates if explain else (),
    )


def _judge(document: Document, title: str | None, body: Body, *, paywalled: bool) -> tuple[Outcome, str | None]:
    """Tell how a page ends, and why when it is not loaded."""
    wall = find_wall(document, body.text)
    if wall is not None:
        return wall
    if is_listing(document, body.link_share):
        return Outcome.NOT_ARTICLE, "a home or listing page"
    if not body.text:
        return (Outcome.PAYWALLED, "no free text") if paywalled else (Outcome.NO_TEXT, "no text found")
    if not title:
        return Outcome.NO_TEXT, "no title found"
    return Outcome.LOADED, None
