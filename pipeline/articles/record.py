"""The normalised article as the JSON object that `khotin extract` prints, with the names of the columns."""

from typing import Any

from pipeline.articles.article import Article
from pipeline.dates.moment import Moment
from pipeline.urls import clean_url


def as_record(article: Article, *, id: str | None, url: str | None) -> dict[str, Any]:  # noqa: A002  # the JSON's name
    """Give the JSON object of an article; lists are lists, times ISO 8601 with the offset as the publisher wrote it."""
    published = article.published
    return {
        "id": id,
        "url": clean_url(url) or url if url else None,
        "canonical_url": article.canonical_url,
        "outcome": article.outcome,
        "reason": article.reason,
        "title": article.title,
        "authors": list(article.authors),
        "agencies": list(article.agencies),
        "place": article.place,
        "published_at": iso(published),
        "published_on": published.on.isoformat() if published else None,
        "published_precision": published.precision if published else None,
        "published_signal": published.signal if published else None,
        "publisher_modified_at": iso(article.modified),
        "section": article.section,
        "section_path": list(article.section_path),
        "tags": list(article.tags),
        "summary": article.summary,
        "body": article.body,
        "language": article.language,
        "kind": article.kind,
        "image_url": article.image_url,
        "word_count": article.word_count,
        "char_count": article.char_count,
        "is_paywalled": article.is_paywalled,
        "is_body_partial": article.is_body_partial,
        "provenance": article.provenance,
    }


def iso(moment: Moment | None) -> str | None:
    """Give the instant in ISO 8601 with its original offset; None when only the day is known."""
    return moment.local.isoformat() if moment and moment.local else None
