"""Whatever the bytes, parsing ends with a feed or a reason."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.feed import Feed, NoFeed
from pipeline.feeds.parse import parse_feed
from pipeline.text import one_line

_PIECES = st.sampled_from(
    [
        *("<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link", ">", "/>", "<feed>", "<entry>"),
        *("<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "<!ENTITY", "[", "]", "<?xml", "?>", "&#", "&#x110000;", ";"),
        *("<guid>", "<category>", "<author>", "<source>", "<textInput>", "<image>", "<content", ' type="xhtml"'),
        *(
            "<pubDate>",
            "99/99/9999",
            "&#99999999999;",
            " xml:base='http://['",
            "http://[",
            "<urlset>",
            "<url>",
            "<loc>",
        ),
        *("{", '"version": "https://jsonfeed.org/version/1"', '"items": [', "}", "\x00", "\ud800", "\ufffe", "ệ", " "),
        *(
            '<media:content url="',
            '">',
            "<x:y>",
            "<rdf:RDF>",
            "<itunes:image>",
            "<width>",
            "x",
            "<tags>",
            "<enclosure/>",
        ),
    ]
)


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    assert isinstance(parse_feed(body, url=None, headers={}), Feed | NoFeed)


@given(st.lists(_PIECES, max_size=40), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_pieces_of_feeds(pieces: list[str], encoding: str) -> None:
    body = "".join(pieces).encode(encoding, "surrogatepass" if encoding != "latin-1" else "replace")
    result = parse_feed(body, url="https://news.example/rss", headers={"Content-Type": "text/xml"})
    assert isinstance(result, Feed | NoFeed)
    if isinstance(result, NoFeed):
        assert result.reason
        assert "parser failed" not in result.reason


@given(st.lists(_PIECES, max_size=30))
def test_all_text_that_comes_out_is_on_one_line(pieces: list[str]) -> None:
    body = ("<rss version='2.0'><channel><item>" + "".join(pieces)).encode("utf-8", "surrogatepass")
    result = parse_feed(body, url=None, headers={})
    if isinstance(result, Feed):
        for entry in result.entries:
            for text in (entry.title, entry.summary, *entry.authors, *entry.categories):
                assert text == one_line(text)
            assert not entry.url or entry.url.lower().startswith(("http://", "https://"))


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=4), st.text(max_size=40))
def test_any_headers_and_address(headers: dict[str, str], url: str) -> None:
    headers |= {"Content-Location": url, "content-type": f"text/xml; charset={url}"}
    body = b"<rss version='2.0'><channel><item><link>/1</link></item></channel></rss>"
    assert isinstance(parse_feed(body, url=url, headers=headers), Feed)
