"""Every table in one place, so that the metadata is whole for whoever imports it."""

from models.articles import (
    article_agencies,
    article_authors,
    article_tags,
    article_texts,
    article_urls,
    article_versions,
    articles,
    authors,
    tags,
)
from models.base import metadata
from models.feeds import entries, feeds, hosts, ledger, polls, sources
from models.pages import archives, fetches, pages
from models.runs import leases, runs, warehouse

__all__ = [
    "archives",
    "article_agencies",
    "article_authors",
    "article_tags",
    "article_texts",
    "article_urls",
    "article_versions",
    "articles",
    "authors",
    "entries",
    "feeds",
    "fetches",
    "hosts",
    "leases",
    "ledger",
    "metadata",
    "pages",
    "polls",
    "runs",
    "sources",
    "tags",
    "warehouse",
]
