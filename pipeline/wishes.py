"""What a person wants to follow, fitted into the feeds file: to the source of the same site, or as one of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from config.feeds_edit import with_feeds, with_sources
from config.feeds_file import FeedsFile, FeedSpec, SourceSpec, is_address, url_identity
from pipeline.feeds.opml import Outline
from pipeline.urls import same_site


@dataclass(frozen=True, slots=True)
class Wish:
    """A feed to follow, with what is known of its publisher; the section is for entries that state none."""

    url: str
    name: str | None = None
    home: str | None = None
    language: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The text of the feeds file with the wishes in it, and what became of them, as addresses."""

    text: str
    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[str, ...]


def fit(text: str, file: FeedsFile, wishes: Iterable[Wish]) -> Fitted:
    """Write wishes into the text of the feeds file that says `file`; feeds that are followed already are left."""
    followed = {url_identity(feed.url) for source in file.sources for feed in source.feeds}
    wanted: list[Wish] = []
    known, refused = [], []
    for wish in wishes:
        if not is_address(wish.url):
            refused.append(wish.url)
        elif url_identity(wish.url) in followed:
            known.append(wish.url)
        else:
            followed.add(url_identity(wish.url))
            wanted.append(wish)
    old, new = _sorted_out(file, wanted)
    for place in sorted(old, reverse=True):
        text = with_feeds(text, place, [_feed(wish) for wish in old[place]])
    sources = _sources(file, new)
    if sources:
        text = with_sources(text, sources)
    return Fitted(text, tuple(wish.url for wish in wanted), tuple(known), tuple(refused))


def wishes_of(outlines: Sequence[Outline]) -> list[Wish]:
    """Give the wishes of an OPML file; a folder whose feeds are all of one site names their publisher."""
    folders: dict[tuple[str, ...], list[Outline]] = {}
    for outline in outlines:
        folders.setdefault(outline.folders, []).append(outline)
    wishes = []
    for folder, inside in folders.items():
        is_publisher = bool(folder) and all(same_site(one.url, inside[0].url) for one in inside)
        for one in inside:
            name = folder[-1] if is_publisher else one.title
            section = (one.category or "").strip("/").rpartition("/")[2] or None
            home = one.home if one.home and is_address(one.home) else None
            wishes.append(Wish(one.url, name, home, None, section))
    return wishes


def _sorted_out(file: FeedsFile, wanted: Sequence[Wish]) -> tuple[dict[int, list[Wish]], list[list[Wish]]]:
    """Give the wishes that belong to sources of the file, by their places, and the others, site by site."""
    old: dict[int, list[Wish]] = {}
    new: list[list[Wish]] = []
    for wish in wanted:
        place = next((place for place, source in enumerate(file.sources) if _is_of(wish, source)), None)
        if place is not None:
            old.setdefault(place, []).append(wish)
            continue
        group = next((group for group in new if same_site(group[0].url, wish.url)), None)
        if group is None:
            new.append([wish])
        else:
            group.append(wish)
    return old, new


def _is_of(wish: Wish, source: SourceSpec) -> bool:
    return any(same_site(wish.url, feed.url) for feed in source.feeds)


def _sources(file: FeedsFile, groups: Sequence[Sequence[Wish]]) -> list[SourceSpec]:
    taken = {source.slug or source.derived_slug for source in file.sources}
    sources = []
    for group in groups:
        first = group[0]
        name = first.name or urlsplit(first.url).hostname or first.url
        source = SourceSpec(name[:200], tuple(map(_feed, group)), home=first.home, language=first.language)
        slug = source.derived_slug
        if slug in taken:
            slug = next(free for number in range(2, len(taken) + 3) if (free := f"{slug}-{number}") not in taken)
            source = replace(source, slug=slug)
        taken.add(slug)
        sources.append(source)
    return sources


def _feed(wish: Wish) -> FeedSpec:
    return FeedSpec(wish.url, section=wish.section)
