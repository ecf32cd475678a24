"""Says why each candidate of a field was chosen or not, in words that a person can check on the page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from pipeline.articles.article import Article, Candidate
from pipeline.articles.body import Body, read_body
from pipeline.articles.document import Document
from pipeline.articles.hints import SIGNAL, drops, misses
from pipeline.articles.phrases import fold
from pipeline.articles.stated import stated_body
from pipeline.dates.moment import Moment
from pipeline.dates.written import Setting, moments_of, take_apart
from pipeline.text import count_words

# How much of a body is shown.
_SHOWN_CHARS = 120
_LISTS = frozenset({"authors", "agencies", "section_path", "tags"})
_SEPARATOR = "; "
_BY_HINT = "a selector of the hints means another part"


def explained(document: Document, article: Article, body: Body, offers: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Give all candidates of an article, the chosen one of each field first, each with its reason in `why`.

    The body is read once more where a hint gave it, to show what the rules would have found.
    """
    published, title = article.published, article.title
    found = [
        *offers,
        *_bodies(document, article, body),
        *misses(
            document,
            is_body_found=body.signal == SIGNAL,
            is_date_found=published is not None and published.signal == SIGNAL,
        ),
    ]
    values: Mapping[str, str | None] = {
        "title": title,
        "summary": article.summary,
        "language": article.language,
        "canonical_url": article.canonical_url,
        "image_url": article.image_url,
        "place": article.place,
        **{name: _SEPARATOR.join(getattr(article, name)) for name in _LISTS},
    }
    order = {candidate.field: number for number, candidate in reversed(list(enumerate(found)))}
    found.sort(key=lambda candidate: order[candidate.field])
    made: list[Candidate] = []
    for field, given in groupby(found, key=lambda candidate: candidate.field):
        settled = _one_taken(list(given), values.get(field))
        if field in {"published", "modified"}:
            made += _dates(settled, article.published if field == "published" else article.modified, document)
        else:
            made += _plain(settled, values.get(field))
    return (*made, *drops(document))


def _bodies(document: Document, article: Article, body: Body) -> Iterator[Candidate]:
    """Give the text that was taken, what the rules would have taken without the hint, and what the page states."""
    if body.text:
        yield _shown(body.signal, body.text, "", taken=True)
    if body.signal == SIGNAL:
        bare = replace(document, page=replace(document.page, hints=None))
        usual = read_body(bare, article.title, article.authors, article.summary)
        if usual.text:
            yield _shown(usual.signal, usual.text, _BY_HINT, taken=False)
    stated = stated_body(document)
    if stated and body.signal != "json-ld":
        yield _shown("json-ld", stated, "only taken where the page shows much less", taken=False)


def _shown(signal: str, text: str, why: str, *, taken: bool) -> Candidate:
    start = " ".join(text[:_SHOWN_CHARS].split())
    return Candidate("body", signal, f"{count_words(text):,} words: {start}", taken, why)


def _one_taken(given: list[Candidate], value: str | None) -> list[Candidate]:
    """Leave one candidate taken, the one that says the value best, and put it first: a signal may offer several."""
    taken = [candidate for candidate in given if candidate.taken]
    if not taken:
        return given
    key = fold(value or "")
    best = min(taken, key=lambda one: (key not in fold(one.value), len(one.value))) if key else taken[0]
    return [best, *(replace(one, taken=False) for one in given if one is not best)]


def _plain(given: list[Candidate], value: str | None) -> Iterator[Candidate]:
    chosen = given[0] if given[0].taken else None
    key = fold(value or (chosen.value if chosen else ""))
    for one in given:
        if one is chosen:
            is_same = not value or one.value == value
            yield replace(one, why=one.why or ("chosen" if is_same else f"chosen, as {value!r}"))
        elif one.why:
            yield one
        elif chosen is None:
            yield replace(one, why="not usable")
        elif key and fold(one.value) == key:
            yield replace(one, why="says the same")
        elif key and key in fold(one.value):
            yield replace(one, why="says the same and more")
        else:
            yield replace(one, why=_BY_HINT if chosen.signal == SIGNAL else f"{chosen.signal} is believed more")


def _dates(given: list[Candidate], moment: Moment | None, document: Document) -> Iterator[Candidate]:
    page = document.page
    setting = Setting(page.timezone, page.language or document.tree.get("lang"), page.fetched_at)
    for one in given:
        if one.why:
            yield one
        elif one.taken and moment is not None:
            told = moment.local.isoformat(sep=" ") if moment.local else moment.on.isoformat()
            by = " by a hint" if one.signal != SIGNAL and moment.signal.endswith(f"({SIGNAL})") else ""
            yield replace(one, why=f"chosen, read as {told}{by}")
        else:
            yield replace(one, why=_date_reason(one, moment, setting))


def _date_reason(one: Candidate, moment: Moment | None, setting: Setting) -> str:
    """Compare one date with the chosen one."""
    readings = moments_of(take_apart(one.value, setting), setting, one.signal)
    if moment is None or not readings:
        return "not believable"
    other = next((reading for reading in readings if reading.on == moment.on), readings[0])
    if other.on != moment.on:
        days = (other.on - moment.on).days
        return f"another day: {abs(days):,} day{'s' if abs(days) > 1 else ''} {'later' if days > 0 else 'earlier'}"
    if moment.instant is None:
        return "agrees"
    if other.instant is None:
        return "the same day, no clock that can be placed"
    if abs((other.instant - moment.instant).total_seconds()) < 60:
        return "agrees"
    return "the same day at another time"
