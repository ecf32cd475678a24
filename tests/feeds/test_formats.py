"""Every format gives the same kind of entry."""

import pytest
from feed_text import atom, parsed, rss

TITLE = "Cầu mới nối hai bờ sông Hậu"
LINK = "https://news.example/cau-moi-1.html"

FORMATS = {
    "rss20": rss(f"<title>{TITLE}</title><link>{LINK}</link>"),
    "rss091u": f'<rss version="0.91"><channel><item><title>{TITLE}</title><link>{LINK}</link></item></channel></rss>',
    "rss092": f'<rss version="0.92"><channel><item><title>{TITLE}</title><link>{LINK}</link></item></channel></rss>',
    "rss091n": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    f'"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><item><title>{TITLE}</title>'
    f"<link>{LINK}</link></item></channel></rss>",
    "rss090": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>x</title></channel>'
    f"<item><title>{TITLE}</title><link>{LINK}</link></item></rdf:RDF>",
    "rss10": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    f"<channel><title>x</title></channel><item><title>{TITLE}</title><link>{LINK}</link></item></rdf:RDF>",
    "atom10": atom(f'<title>{TITLE}</title><link href="{LINK}"/>'),
    "atom03": '<feed version="0.3" xmlns="http://purl.org/atom/ns#">'
    f'<entry><title>{TITLE}</title><link rel="alternate" type="text/html" href="{LINK}"/></entry></feed>',
    "cdf": f'<channel href="https://news.example/"><item href="{LINK}"><title>{TITLE}</title></item></channel>',
    "json10": '{"version": "https://jsonfeed.org/version/1", "items": '
    f'[{{"id": "1", "url": "{LINK}", "title": "{TITLE}"}}]}}',
    "json11": '{"version": "https://jsonfeed.org/version/1.1", "items": '
    f'[{{"id": "1", "url": "{LINK}", "title": "{TITLE}"}}]}}',
    "news_sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{LINK}</loc>'
    f"<news:news><news:title>{TITLE}</news:title></news:news></url></urlset>",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_named_and_gives_its_entry(name: str) -> None:
    feed = parsed(FORMATS[name])
    assert feed.format == name
    assert [(entry.title, entry.url) for entry in feed.entries] == [(TITLE, LINK)]


def test_a_feed_without_entries_is_a_feed() -> None:
    feed = parsed(rss())
    assert feed.entries == ()
    assert feed.title == "Báo Mẫu"


def test_entries_keep_the_order_of_the_document() -> None:
    feed = parsed(rss("<guid>b</guid>", "<guid>a</guid>", "<guid>c</guid>"))
    assert [entry.guid for entry in feed.entries] == ["b", "a", "c"]


def test_a_feed_tells_its_home_and_language() -> None:
    feed = parsed(rss(head="<link>https://news.example/</link><language>vi-vn</language>"))
    assert (feed.url, feed.language) == ("https://news.example/", "vi-VN")


def test_the_language_of_the_answer_stands_in_for_the_language_of_the_feed() -> None:
    assert parsed(rss(), headers={"Content-Language": "vi"}).language == "vi"


def test_an_entry_names_its_language_only_where_it_differs_from_the_feed() -> None:
    vietnamese, english = parsed(
        rss("<dc:language>vi</dc:language>", "<dc:language>en</dc:language>", head="<language>vi</language>")
    ).entries
    assert (vietnamese.language, english.language) == (None, "en")


def test_languages_that_are_no_tags_are_left_out() -> None:
    assert parsed(rss(head="<language>Tiếng Việt</language>")).language is None


def test_one_guid_for_all_items_keeps_all_items() -> None:
    feed = parsed(rss(*(f"<guid>news</guid><link>https://news.example/{n}</link>" for n in range(3))))
    assert [entry.guid for entry in feed.entries] == ["news"] * 3
    assert len({entry.url for entry in feed.entries}) == 3
