"""The rules that set a capture aside before it is loaded: a person decides about it, and nothing is lost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from models.states import Kind
from pipeline.articles.article import Article

# A publisher's clock and the widest zone (UTC+14) together are within a day of ours.
FUTURE = timedelta(days=1)
# Letters that a text needs for its language to be beyond doubt.
_LETTERS = 400
# Pieces that are not their text: what stands beside the film may be the same line each time.
_NOT_TEXT = frozenset({Kind.VIDEO, Kind.GALLERY, Kind.AUDIO})


class Rule(StrEnum):
    """What may be wrong with a capture."""

    FUTURE_DATE = "future_date"
    EMPTY_BODY = "empty_body"
    REPEATED_BODY = "repeated_body"
    OTHER_LANGUAGE = "other_language"


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule that a capture breaks, and what it saw."""

    rule: Rule
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


def object_to(article: Article, fetched_at: datetime, language: str | None = None) -> Objection | None:
    """Judge an article by itself; `language` is what its feed or source states. Give the first rule that it breaks."""
    return object_to_date(article, fetched_at) or _empty(article) or _foreign(article, language)


def object_to_twin(article: Article, url: str, title: str | None) -> Objection | None:
    """Judge an article whose body is the same as that of another one of its site, which has another title."""
    if not is_judged_by_text(article):
        return None
    return Objection(Rule.REPEATED_BODY, f"its body is that of {url} (“{title or 'untitled'}”)")


def is_judged_by_text(article: Article) -> bool:
    """Tell whether the piece is its text."""
    return article.kind not in _NOT_TEXT


def object_to_date(article: Article, fetched_at: datetime) -> Objection | None:
    """Judge when an article says that it was published."""
    published = article.published
    if published is None:
        return None
    latest = fetched_at.astimezone(UTC) + FUTURE
    instant = published.instant
    if instant <= latest if instant is not None else published.on <= latest.date():
        return None
    said = published.local.isoformat() if published.local else published.on.isoformat()
    return Objection(
        Rule.FUTURE_DATE, f"published {said} by {published.signal}, but fetched {fetched_at:%Y-%m-%d %H:%M}Z"
    )


def _empty(article: Article) -> Objection | None:
    if (article.body or "").strip() or article.is_paywalled or not is_judged_by_text(article):
        return None
    return Objection(Rule.EMPTY_BODY, "the page has no text")


def _foreign(article: Article, language: str | None) -> Objection | None:
    """Compare the text's language with the stated one. What only repeats the feed or the source proves nothing."""
    if not language or not article.language or article.provenance.get("language") in ("feed", "source"):
        return None
    said, found = language.partition("-")[0].lower(), article.language.partition("-")[0].lower()
    if said == found or sum(map(str.isalpha, article.body or "")) < _LETTERS:
        return None
    from pipeline.articles.language import may_be  # noqa: PLC0415  # loads a model's library; hardly ever needed

    if may_be(language, found):
        return None
    return Objection(Rule.OTHER_LANGUAGE, f"its text is in {article.language}, its source says {language}")
