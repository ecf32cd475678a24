"""Which address is an entry's page, and how addresses are tidied."""

import pytest
from feed_text import atom, entry_of, parsed, rss


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("  https://news.example/1.html \n", "https://news.example/1.html"),
        ("https://news.example/tin-\n      tuc/1.html", "https://news.example/tin-tuc/1.html"),
        ("/1.html", "https://news.example/1.html"),
        ("1.html", "https://news.example/rss/1.html"),
        ("//m.news.example/1", "https://m.news.example/1"),
        ("https://news.example/?a=1&amp;amp;b=2", "https://news.example/?a=1&b=2"),
        ("https://news.example/a b.html", "https://news.example/a%20b.html"),
        ("HTTPS://news.example/1", "HTTPS://news.example/1"),
    ],
)
def test_a_link_is_absolute_and_on_one_line(written: str, url: str) -> None:
    assert entry_of(f"<link>{written}</link>").url == url


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://news.example/1",
        "data:,x",
        "mailto:a@news.example",
        "https://",
        "https:///1",
        "http://[::1",
        "x" * 20_000,
    ],
)
def test_only_addresses_on_the_web_are_links(link: str) -> None:
    if link.startswith("x"):
        link = "https://news.example/" + link
    assert entry_of(f"<link>{link}</link><guid isPermaLink='false'>1</guid>").url == ""


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    assert entry_of("<guid>https://news.example/1</guid>").url == "https://news.example/1"


def test_a_guid_that_says_it_is_no_address_does_not() -> None:
    assert entry_of("<guid isPermaLink='false'>https://news.example/1</guid>").url == ""


def test_a_guid_that_is_no_address_is_none_whatever_it_says() -> None:
    entry = entry_of("<guid>20230203102000</guid>")
    assert (entry.guid, entry.url) == ("20230203102000", "")


def test_a_guid_is_kept_as_written_but_for_padding_and_line_breaks() -> None:
    assert (
        entry_of("<guid isPermaLink='false'>\n  tag:news.example,\n  2023:1 </guid>").guid == "tag:news.example,2023:1"
    )


def test_the_link_to_the_publisher_comes_before_that_of_feedburner() -> None:
    entry = entry_of(
        "<link>http://feeds.example/~r/1</link><feedburner:origLink>https://news.example/1</feedburner:origLink>"
    )
    assert entry.url == "https://news.example/1"


def test_of_atom_links_the_alternate_is_the_page() -> None:
    entry = parsed(
        atom(
            '<link rel="self" href="https://news.example/1.atom"/><link rel="edit" href="https://news.example/edit"/>'
            '<link rel="alternate" type="text/html" href="/1.html"/>'
        )
    ).entries[0]
    assert entry.url == "https://news.example/1.html"


def test_the_feed_s_own_address_is_not_its_home() -> None:
    head = '<link>https://news.example/</link><atom:link rel="self" href="https://news.example/rss/home.xml"/>'
    assert parsed(rss(head=head)).url == "https://news.example/"


def test_links_are_joined_to_xml_base() -> None:
    feed = parsed(atom('<link href="1.html"/>').replace("<entry>", '<entry xml:base="https://other.example/a/">'))
    assert feed.entries[0].url == "https://other.example/a/1.html"


def test_links_are_joined_to_the_content_location() -> None:
    feed = parsed(rss("<link>/1</link>"), headers={"content-location": "https://other.example/feed"})
    assert feed.entries[0].url == "https://other.example/1"


def test_without_an_address_relative_links_are_no_links() -> None:
    assert parsed(rss("<link>/1</link>"), url=None).entries[0].url == ""


def test_enclosures_of_all_kinds_are_files_each_once() -> None:
    entry = entry_of(
        '<enclosure url="/a.mp3" type="audio/mpeg" length="1234"/><enclosure url="/a.mp3" length="1"/>'
        '<enclosure url="/b.mp3" length="0"/><media:content url="/c.jpg" medium="image" fileSize="x"/>'
    )
    assert [(file.url, file.media_type, file.length) for file in entry.enclosures] == [
        ("https://news.example/a.mp3", "audio/mpeg", 1234),
        ("https://news.example/b.mp3", None, None),
        ("https://news.example/c.jpg", None, None),
    ]
    assert entry.image_url == "https://news.example/c.jpg"


def test_the_stated_picture_comes_before_those_in_the_text() -> None:
    entry = entry_of(
        '<description>&lt;img src="/inline.jpg"&gt;Lời dẫn</description><media:thumbnail url="/stated.jpg"/>'
    )
    assert entry.image_url == "https://news.example/stated.jpg"
