"""Where a site's feeds may be: what its page and its robots.txt say."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.discover import common_addresses, feeds_in_page, is_of_comments, site_name, sitemaps_in_robots

BASE = "https://ward.example/town/"


def test_alternates_of_feed_types_are_found_in_order_and_resolved() -> None:
    html = """<link rel="stylesheet" href="/a.css">
    <LINK REL='alternate' TYPE='application/rss+xml' HREF='/rss?a=1&amp;b=2'>
    <link rel="alternate" type="text/html" hreflang="en" href="/en">
    <link href=atom.xml rel=alternate type=application/atom+xml>
    <link rel="alternate" type="application/rss+xml" href="/rss?a=1&amp;b=2">"""

    assert feeds_in_page(html, BASE) == ["https://ward.example/rss?a=1&b=2", "https://ward.example/town/atom.xml"]


def test_the_name_of_a_site_is_what_it_calls_itself() -> None:
    assert site_name('<title>Home | Ward</title><meta property="og:site_name" content="Ward &amp; Co">') == "Ward & Co"
    assert site_name("<title> Ward\n Courier </title>") == "Ward Courier"
    assert site_name("<p>nothing</p>") is None


def test_sitemaps_are_read_from_robots_txt_with_news_first() -> None:
    text = "User-agent: *\nDisallow: /x\nSitemap: https://ward.example/all.xml\nsitemap : /news.xml\nSitemap: ftp://a/b"

    assert sitemaps_in_robots(text, BASE) == ["https://ward.example/news.xml", "https://ward.example/all.xml"]


def test_common_addresses_begin_below_the_page() -> None:
    assert common_addresses(BASE)[:2] == ["https://ward.example/town/feed", "https://ward.example/feed"]
    assert common_addresses("https://ward.example/")[0] == "https://ward.example/feed"


def test_feeds_of_comments_are_known() -> None:
    assert is_of_comments("https://ward.example/comments/feed/", "Ward")
    assert is_of_comments("https://ward.example/feed2", "Comments on: Ward")
    assert not is_of_comments("https://ward.example/feed", "Ward")


@given(st.text(max_size=400))
def test_any_text_gives_only_web_addresses_and_names_without_line_breaks(text: str) -> None:
    in_page = feeds_in_page(f"<link {text}><link rel=alternate type=application/rss+xml href='{text}'>", BASE)
    in_robots = sitemaps_in_robots(f"Sitemap: {text}", BASE)
    assert all(url.startswith(("http://", "https://")) for url in (*in_page, *in_robots))
    assert "\n" not in (site_name(text) or "")
