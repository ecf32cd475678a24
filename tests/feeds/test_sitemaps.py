"""News sitemaps as feeds, and indexes of sitemaps."""

from datetime import UTC, date, datetime

import pytest
from feed_text import parsed

from pipeline.feeds.feed import Feed
from pipeline.feeds.parse import parse_feed

SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def sitemap(*urls: str) -> str:
    return f"<urlset {SPACES}>" + "".join(f"<url>{url}</url>" for url in urls) + "</urlset>"


def test_a_news_sitemap_gives_titles_dates_languages_keywords_and_pictures() -> None:
    feed = parsed(
        sitemap(
            "<loc> https://news.example/1 </loc><lastmod>2023-02-04</lastmod><news:news><news:publication>"
            "<news:name>Báo</news:name><news:language>vi</news:language></news:publication>"
            "<news:publication_date>2023-02-03T10:20:00+07:00</news:publication_date><news:title>A &amp; b</news:title>"
            "<news:keywords>kinh tế, cầu</news:keywords></news:news>"
            "<image:image><image:loc>https://i.example/1.jpg</image:loc></image:image>"
        )
    )
    (entry,) = feed.entries
    assert feed.format == "news_sitemap"
    assert (entry.guid, entry.url, entry.title) == ("", "https://news.example/1", "A & b")
    assert entry.published is not None
    assert entry.published.instant == datetime(2023, 2, 3, 3, 20, tzinfo=UTC)
    assert entry.updated is not None
    assert entry.updated.on == date(2023, 2, 4)
    assert (entry.language, entry.categories) == ("vi", ("kinh tế", "cầu"))
    assert entry.image_url == "https://i.example/1.jpg"


def test_a_plain_sitemap_tells_changes_but_no_publication() -> None:
    feed = parsed(sitemap("<loc>https://news.example/1</loc><lastmod>2023-02-04</lastmod>"))
    assert feed.format == "sitemap"
    assert feed.entries[0].published is None
    assert feed.entries[0].updated is not None


def test_an_index_gives_sitemaps_and_no_entries() -> None:
    feed = parsed(
        f"<sitemapindex {SPACES}><sitemap><loc>https://news.example/a.xml</loc><lastmod>2023-02-04</lastmod></sitemap>"
        "<sitemap><loc>/b.xml.gz</loc></sitemap><sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>"
    )
    assert (feed.format, feed.entries) == ("sitemap_index", ())
    assert [sitemap.url for sitemap in feed.sitemaps] == [
        "https://news.example/a.xml",
        "https://news.example/b.xml.gz",
    ]
    assert feed.sitemaps[0].updated is not None


def test_of_a_long_sitemap_the_newest_are_kept_in_their_order() -> None:
    body = sitemap(
        *(f"<loc>https://news.example/{n}</loc><lastmod>2023-02-0{day}</lastmod>" for n, day in enumerate((3, 1, 4, 2)))
    )
    feed = parse_feed(body.encode(), url=None, headers={}, max_entries=2)
    assert isinstance(feed, Feed)
    assert [entry.url[-1] for entry in feed.entries] == ["0", "2"]
    assert feed.is_capped


@pytest.mark.parametrize("bad", ["<url><loc>https://news.example/2", "<url>&nbsp;</url></urlset>", "<url></loc></url>"])
def test_a_broken_sitemap_gives_what_comes_before(bad: str) -> None:
    feed = parsed(sitemap("<loc>https://news.example/1</loc>").removesuffix("</urlset>") + bad)
    assert feed.entries[0].url == "https://news.example/1"
    assert (feed.problem or "").startswith("broken XML")
