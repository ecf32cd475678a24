"""What the load is given and what it gives back: an extracted article with its capture, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from models.outcomes import Outcome
from pipeline.articles.article import Article
from pipeline.warehouse.claim import ClaimedPage
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.identity import Address


@dataclass(frozen=True, slots=True)
class Loadable:
    """An article with all that the load needs to know about its capture."""

    page: ClaimedPage
    article: Article
    addresses: tuple[Address, ...]
    fetch_id: int | None
    extractor_version: str
    first_seen_at: datetime
    run_id: int
    # When the page was fetched; the load's own instant when None.
    fetched_at: datetime | None = None
    # The language that the feed or the source states (BCP 47).
    language: str | None = None
    # The entry's feed (feeds.id) and guid, when a feed named the page.
    guid: tuple[int, str] | None = None
    # The capture that the known article was made from, read anew by this extractor.
    before: Article | None = None
    # Whether the load may ask for `before` (Loaded.reread) rather than leave open who changed the words.
    may_ask: bool = False
    # A person has released it: no rule sets it aside again.
    is_released: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of it; `written` when its words are new. `article_id` is None when it was not stored.

    `reread` is a capture (fetches.id): nothing was written, and the article is to be loaded again with what today's
    extractor reads in that capture as `before`, or with `may_ask` off when it cannot be had.
    """

    outcome: Outcome
    article_id: int | None = None
    reason: str | None = None
    written: Written | None = None
    reread: int | None = None
