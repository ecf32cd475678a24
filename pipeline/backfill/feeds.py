"""The older entries of feeds: archives and pages that a feed declares (RFC 5005), and WordPress's `?paged=N`."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import Connection, select

from models.outcomes import Outcome
from models.states import FeedState
from models.tables import feeds, sources
from pipeline.backfill.candidate import Batch, Candidate, Ground
from pipeline.backfill.feed_page import FeedPage, FeedPageBytes, read_feed_page
from pipeline.backfill.planning import is_of_other_days
from pipeline.backfill.wish import Wish, WishError
from pipeline.pages.capture import Capture
from pipeline.urls import clean_url, same_site
from pipeline.workers import Failure

MAX_PAGES = 10_000
"""Pages of one feed: at ten entries a page that is many years of a busy paper."""

MAX_BYTES = 52_428_800

_HEALS = frozenset(
    {Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.DEFERRED}
)
_ENDS = frozenset({Outcome.GONE, Outcome.CLIENT_ERROR})


def resolve(connection: Connection, wish: Wish) -> Wish:
    """Make a source's slug the addresses of its feeds; their entries are the source's. Raises WishError."""
    found: list[str] = []
    owners: set[str | None] = set()
    for target in wish.targets:
        is_address = "://" in target
        found += [target] if is_address else _feeds_of(connection, target)
        owners.add(_owner(connection, target) if is_address else target)
    targets = tuple(dict.fromkeys(found))
    wrong = next((target for target in targets if clean_url(target) is None), None)
    if wrong is not None:
        raise WishError(f"{wrong!r} is no address of a feed.")
    owner = owners.pop() if len(owners) == 1 else None
    return replace(wish, targets=targets, source=wish.source or owner)


def _owner(connection: Connection, url: str) -> str | None:
    query = select(sources.c.slug).join(feeds, feeds.c.source_id == sources.c.id)
    slug: str | None = connection.execute(query.where((feeds.c.url == url) | (feeds.c.moved_url == url))).scalar()
    return slug


def _feeds_of(connection: Connection, slug: str) -> list[str]:
    query = select(feeds.c.url, feeds.c.moved_url).join(sources, sources.c.id == feeds.c.source_id)
    query = query.where(sources.c.slug == slug, feeds.c.state != FeedState.RETIRED).order_by(feeds.c.id)
    found = [moved or url for url, moved in connection.execute(query)]
    if not found:
        known = ", ".join(connection.execute(select(sources.c.slug).order_by(sources.c.slug)).scalars()) or "none yet"
        raise WishError(f"No source called {slug!r} has a feed: give the address of a feed, or one of {known}.")
    return found


def find(ground: Ground) -> Iterator[Batch]:
    """Read every feed of the wish page after page, until its days are past or a page brings nothing new."""
    waiting = [name for name, state in ground.files.items() if not state.is_done]
    waiting += [target for target in ground.wish.targets if target not in ground.files]
    met, seen = set(ground.files) | set(waiting), set[str]()
    while waiting:
        name = waiting.pop(0)
        batch = _batch(ground, name, seen)
        more = tuple(one for one in batch.more if one not in met) if len(met) < MAX_PAGES else ()
        met.update(more)
        waiting = [*more, *waiting]
        yield replace(batch, more=more)


def _batch(ground: Ground, name: str, seen: set[str]) -> Batch:
    assert ground.fetch is not None  # noqa: S101  # feeds are fetched
    capture = ground.fetch(name)
    if capture.outcome is not None:
        if capture.outcome in _ENDS and name not in ground.wish.targets:
            return Batch(name, 0, is_end=True)  # WordPress says so after the last page
        reason = f"{capture.outcome}: {capture.reason}"
        return Batch(name, 0, failure=reason, is_end=capture.outcome not in _HEALS)
    page = _read(ground, capture)
    if page.failure is not None:
        return Batch(name, 0, failure=page.failure, is_end=True)
    new = [entry for entry in page.entries if entry[0] not in seen]
    seen.update(entry[0] for entry in new)
    candidates = tuple(Candidate(url, published=published, title=title) for url, published, title in new)
    older = _older(name, capture.url, page) if candidates and not _is_past(candidates, ground.wish) else None
    return Batch(name, len(candidates), candidates, is_end=True, more=(older,) if older else ())


def _read(ground: Ground, capture: Capture) -> FeedPage:
    assert ground.child is not None  # noqa: S101  # what is fetched is read in a child
    given = FeedPageBytes(capture.body, capture.url, capture.headers, capture.at, None, MAX_BYTES)
    result = ground.child(read_feed_page, given)
    if isinstance(result, Failure):
        return FeedPage(failure=result.reason)
    assert isinstance(result, FeedPage)  # noqa: S101  # what read_feed_page gives
    return result


def _is_past(candidates: tuple[Candidate, ...], wish: Wish) -> bool:
    """Tell whether every entry of a page is from before the wish's days: feeds go backwards in time."""
    if wish.since is None:
        return False
    no_end = replace(wish, until=None)
    return all(is_of_other_days(one, no_end) for one in candidates)


def _older(name: str, url: str, page: FeedPage) -> str | None:
    """Give where the older entries are: declared, of the same site, else WordPress's next page."""
    if page.older is not None:
        address = clean_url(page.older)
        return address if address is not None and same_site(address, url) else None
    return _next_paged(name) if page.is_wordpress else None


def _next_paged(url: str) -> str:
    """Count WordPress's `paged` up (developer.wordpress.org, "Class WP_Query, pagination parameters")."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    number = int(query["paged"]) if query.get("paged", "").isdecimal() else 1
    return urlunsplit(parts._replace(query=urlencode(query | {"paged": str(number + 1)})))
