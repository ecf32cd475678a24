"""The fast path gives what feedparser gives, or leaves the feed to it."""

import pytest
from feed_text import NAMESPACES, URL, atom, rss
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.entries import Setting, tidy_feed
from pipeline.feeds.feed import Feed
from pipeline.feeds.parse import read_raw
from pipeline.feeds.raw import RawFeed

ITEM = (
    "<title>Bài</title><link>https://news.example/1</link><guid isPermaLink='false'>1</guid>"
    "<pubDate>Fri, 03 Feb 2023 10:20:00 +0700</pubDate><dc:creator>Hà Thu</dc:creator><category>Kinh tế</category>"
    "<description><![CDATA[<a href='/1'><img src='/1.jpg'></a></br>Lời dẫn]]></description>"
    "<content:encoded><![CDATA[<p>Toàn văn</p>]]></content:encoded><enclosure url='/a.mp3' type='audio/mpeg'/>"
    "<media:content url='/2.jpg' medium='image'><media:title>Ảnh</media:title><media:credit>A</media:credit>"
    "</media:content><comments>https://news.example/1#c</comments>"
)


def rdf(item: str) -> str:
    spaces = NAMESPACES.replace("http://www.w3.org/2005/Atom", "http://example.com/other")
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {spaces}>'
        '<channel><title>x</title><items><rdf:Seq><rdf:li rdf:resource="/1"/></rdf:Seq></items></channel>'
        f'<item rdf:about="/1">{item}</item></rdf:RDF>'
    )


def raw(text: str, *, is_fast_allowed: bool = True) -> RawFeed:
    result = read_raw(text.encode(), {}, base=URL, is_fast_allowed=is_fast_allowed)
    assert isinstance(result, RawFeed), result
    return result


def tidied(feed: RawFeed) -> Feed:
    return tidy_feed(feed, Setting(URL, None, None, None))


@pytest.mark.parametrize(
    "text",
    [
        rss(ITEM, ITEM, head="<title>Báo</title><image><title>x</title><url>/x</url></image><ttl>5</ttl>"),
        atom(
            '<title type="html">a &lt;b&gt;</title><link href="/1"/><id>tag:1</id>'
            "<updated>2023-02-03T10:20:00Z</updated>"
            "<author><name>Hà Thu</name></author><summary>Lời dẫn</summary><content type='html'>&lt;p&gt;x</content>"
        ),
        rdf(ITEM.replace("guid", "dc:identifier")),
    ],
    ids=["rss", "atom", "rdf"],
)
def test_usual_feeds_are_read_fast_and_the_same(text: str) -> None:
    fast, reference = raw(text), raw(text, is_fast_allowed=False)
    assert (fast.is_fast, reference.is_fast) == (True, False)
    assert tidied(fast) == tidied(reference)


@pytest.mark.parametrize(
    "item",
    [
        "<title>a <b>b</b></title>",
        "<title>a</title><dc:title>b</dc:title>",
        "<x:link xmlns:x='http://purl.org/rss/1.0/' xml:base='/a/'>b</x:link>",
        "<description type='application/octet-stream'>x</description>",
        "<image><url>/1.jpg</url></image>",
        "<title>a&nbsp;b</title>",
    ],
)
def test_unusual_feeds_are_left_to_feedparser(item: str) -> None:
    assert not raw(rss(item)).is_fast


_TEXTS = st.sampled_from(
    [
        *(
            "",
            " a ",
            "Tin &lt;b&gt;x&lt;/b&gt;",
            "&amp;amp; b",
            "<![CDATA[<p>x &amp; <img src='/i.jpg'></p>]]>",
            "&#146;",
        ),
        *("https://news.example/1", "/1?a=1&amp;b=2", "https://news.example/?a=1&amp;amp;copy;=2", "Fri, 03 Feb 2023"),
        *("2023-02-03T10:20:00Z", "thu@news.example (Hà Thu)", "Hà Thu, Minh Anh", "en_US", "Ã©", "một, hai"),
    ]
)
_NAMES = st.sampled_from(
    [
        *(
            "title",
            "link",
            "guid",
            "id",
            "description",
            "summary",
            "content",
            "content:encoded",
            "dc:creator",
            "author",
        ),
        *("pubDate", "published", "updated", "dc:date", "dcterms:issued", "dcterms:modified", "created", "category"),
        *("dc:subject", "media:category", "media:keywords", "media:title", "media:description", "media:content"),
        *(
            "media:group",
            "media:thumbnail",
            "media:credit",
            "enclosure",
            "itunes:image",
            "itunes:author",
            "name",
            "url",
        ),
        *("itunes:summary", "feedburner:origLink", "source", "rights", "comments", "dc:language", "foo", "contributor"),
        "atom:link",
    ]
)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            *("rel", "href", "type", "url", "length", "isPermaLink", "domain", "term", "label", "medium", "xml:lang"),
            *("lang", "fileSize"),
        ]
    ),
    st.sampled_from(
        ["alternate", "enclosure", "/2", "html", "text/html", "text", "image/jpeg", "false", "vi", "", "12"]
    ),
    max_size=3,
)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(_NAMES)
    attributes = "".join(f' {key}="{value}"' for key, value in draw(_ATTRIBUTES).items())
    is_nested = depth < 2 and name in {"media:content", "media:group", "author", "contributor"} and draw(st.booleans())
    inner = "".join(draw(st.lists(_elements(depth + 1), max_size=2))) if is_nested else draw(_TEXTS)
    return f"<{name}{attributes}>{inner}</{name}>"


@given(st.lists(_elements(), max_size=6), st.lists(_elements(), max_size=2), st.booleans())
def test_any_feed_is_read_the_same_on_both_paths(elements: list[str], head: list[str], is_atom: bool) -> None:
    text = (atom if is_atom else rss)("".join(elements), head="".join(head))
    if is_atom:
        text = text.replace("<feed ", f"<feed {NAMESPACES} ", 1)
    fast = raw(text)
    if fast.is_fast:
        assert tidied(fast) == tidied(raw(text, is_fast_allowed=False))
