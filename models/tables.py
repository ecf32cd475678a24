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
from models.backfills import backfill_files, backfills
from models.base import metadata
from models.curation import article_topics, corrections, rejected, section_groups, tombstones, topics
from models.feeds import entries, feeds, hosts, ledger, polls, sources
from models.pages import archives, fetches, pages
from models.reports import daily_coverage
from models.runs import leases, runs, warehouse
from models.stories import article_copies, article_prints, article_shingles, common_shingles, stories

__all__ = [
    "archives",
    "article_agencies",
    "article_authors",
    "article_copies",
    "article_prints",
    "article_shingles",
    "article_tags",
    "article_texts",
    "article_topics",
    "article_urls",
    "article_versions",
    "articles",
    "authors",
    "backfill_files",
    "backfills",
    "common_shingles",
    "corrections",
    "daily_coverage",
    "entries",
    "feeds",
    "fetches",
    "hosts",
    "leases",
    "ledger",
    "metadata",
    "pages",
    "polls",
    "rejected",
    "runs",
    "section_groups",
    "sources",
    "stories",
    "tags",
    "tombstones",
    "topics",
    "warehouse",
]
