"""Indexes of sitemaps: which sitemaps are polled with them, and the one feed that comes of it."""

from datetime import UTC, datetime, timedelta

from models.outcomes import PollOutcome
from pipeline.dates.moment import Moment
from pipeline.feeds.feed import Entry, Feed, NoFeed, Sitemap
from pipeline.feeds.indexes import MOST_SITEMAPS, followed, merged, tells_changes

BASE = "https://ward.example/sitemap.xml"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _at(days: int) -> Moment:
    return Moment.at(NOON + timedelta(days=days), "feed")


def _index(*sitemaps: Sitemap) -> Feed:
    return Feed(None, None, None, "sitemap_index", (), sitemaps=sitemaps)


def _part(*days: int, problem: str | None = None) -> Feed:
    entries = tuple(Entry("", f"https://ward.example/{day}", published=_at(day)) for day in days)
    return Feed(None, None, None, "sitemap", entries, problem=problem)


def test_the_newest_sitemaps_are_followed_and_no_more_than_five() -> None:
    index = _index(*(Sitemap(f"https://ward.example/{day}.xml", _at(day)) for day in range(20)))

    assert followed(index, BASE) == [f"https://ward.example/{day}.xml" for day in range(19, 19 - MOST_SITEMAPS, -1)]


def test_sitemaps_of_other_sites_and_the_index_itself_are_not_followed() -> None:
    index = _index(Sitemap("https://other.example/a.xml"), Sitemap(BASE), Sitemap("https://ward.example/a.xml"))

    assert followed(index, BASE) == ["https://ward.example/a.xml"]


def test_without_dates_news_come_first() -> None:
    index = _index(*(Sitemap(f"https://ward.example/{name}.xml") for name in ("a", "b", "c", "d", "e", "news")))

    assert followed(index, BASE)[:2] == ["https://ward.example/news.xml", "https://ward.example/a.xml"]


def test_the_entries_of_all_are_one_feed_with_the_newest_when_they_are_too_many() -> None:
    whole = merged(_index(), {"a": _part(1, 2, 3), "b": _part(4, 5)}, 3)

    assert isinstance(whole, Feed)
    assert [entry.url[-1] for entry in whole.entries] == ["5", "4", "3"]
    assert whole.is_capped
    assert whole.problem is None


def test_a_sitemap_that_fails_is_a_problem_of_the_whole() -> None:
    whole = merged(_index(), {"a": _part(1), "b": NoFeed(PollOutcome.TIMED_OUT, "no answer")}, 10)

    assert isinstance(whole, Feed)
    assert len(whole.entries) == 1
    assert whole.problem == "the sitemap b: no answer"


def test_when_all_fail_the_first_reason_is_the_end() -> None:
    whole = merged(_index(), {"a": NoFeed(PollOutcome.TIMED_OUT, "no answer")}, 10)

    assert whole == NoFeed(PollOutcome.TIMED_OUT, "the sitemap a: no answer")


def test_an_index_without_dates_does_not_tell_of_changes() -> None:
    assert tells_changes(_index(Sitemap("https://ward.example/a.xml", _at(1))))
    assert not tells_changes(_index(Sitemap("https://ward.example/a.xml")))
