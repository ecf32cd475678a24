"""Titles and summaries come out as plain text on one line."""

import unicodedata

import pytest
from feed_text import atom, entry_of, parsed, rss

from pipeline.feeds.html_text import first_image, text_of_html


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("  Tin\n  mới \t nhất ", "Tin mới nhất"),
        ("<![CDATA[Tin <b>nóng</b>]]>", "Tin nóng"),
        ("Tin &lt;b&gt;nóng&lt;/b&gt;", "Tin nóng"),
        ("Cơm &amp;amp; phở", "Cơm & phở"),
        ("Được &amp;#39;vàng&amp;#39;", "Được 'vàng'"),
        ("Được &amp;amp;#39;vàng&amp;amp;#39;", "Được 'vàng'"),
        ("don&#146;t", "don’t"),
        ("Thẻ &lt;blink&gt; là gì", "Thẻ <blink> là gì"),
        ("3 &lt; 5 và 7 &gt; 6", "3 < 5 và 7 > 6"),
        ("AT&amp;T và R&amp;D", "AT&T và R&D"),
    ],
)
def test_a_title_is_plain_text(written: str, title: str) -> None:
    assert entry_of(f"<title>{written}</title>").title == title


def test_a_title_is_composed_text() -> None:
    decomposed = unicodedata.normalize("NFD", "Ủy ban")
    assert entry_of(f"<title>{decomposed}</title>").title == "Ủy ban"


def test_a_title_read_in_the_wrong_encoding_and_encoded_again_is_repaired() -> None:
    broken = "café".encode().decode("latin-1")
    assert entry_of(f"<title>{broken}</title>").title == "café"


def test_atom_tells_html_from_text() -> None:
    entry = parsed(atom('<title type="html">a &lt;i&gt;b&lt;/i&gt; c &amp;lt;d&gt;</title>')).entries[0]
    assert entry.title == "a b c <d>"


def test_atom_xhtml_is_text() -> None:
    inner = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Một</p><p>hai <b>ba</b></p></div>'
    assert parsed(atom(f'<summary type="xhtml">{inner}</summary>')).entries[0].summary == "Một hai ba"


def test_a_linked_picture_before_the_lead_gives_the_lead_and_the_picture() -> None:
    entry = entry_of(
        '<description><![CDATA[<a href="https://news.example/1"><img src="https://i.example/1.jpg?w=1&h=2" ></a>'
        "</br>Lời dẫn của bài.]]></description>"
    )
    assert entry.summary == "Lời dẫn của bài."
    assert entry.image_url == "https://i.example/1.jpg?w=1&h=2"


def test_scripts_styles_and_comments_are_no_text() -> None:
    html = "<style>p{}</style>Một<script>alert('<p>')</script><!-- hai --> ba"
    assert text_of_html(html).split() == ["Một", "ba"]


def test_blocks_part_words_and_inline_tags_do_not() -> None:
    assert text_of_html("<p>một</p><p>h<b>a</b>i</p>").split() == ["một", "hai"]


@pytest.mark.parametrize("html", ["<a href='x>y'>một</a>", '<a title="<b>">một</a>', "<p>một<", 'một <a href="x'])
def test_broken_html_gives_the_text_that_can_be_read(html: str) -> None:
    assert "một" in text_of_html(html)


def test_counting_pixels_are_no_pictures() -> None:
    html = '<img src="https://count.example/p.gif" width="1" height="1"><img src="/photo.jpg">'
    assert first_image(html) == "/photo.jpg"


def test_parameters_of_a_picture_are_not_mistaken_for_entities() -> None:
    assert first_image('<img src="/p?a=1&copy=2&amp;b=3">') == "/p?a=1&copy=2&b=3"


def test_the_description_is_the_summary_wherever_the_content_stands() -> None:
    content = "<content:encoded>&lt;p&gt;Toàn văn&lt;/p&gt;</content:encoded>"
    lead = "<description>Lời dẫn</description>"
    assert entry_of(content + lead).summary == entry_of(lead + content).summary == "Lời dẫn"


def test_without_a_description_the_content_is_the_summary() -> None:
    assert entry_of("<content:encoded>&lt;p&gt;Toàn văn&lt;/p&gt;</content:encoded>").summary == "Toàn văn"


def test_a_summary_that_is_only_a_picture_is_none() -> None:
    entry = entry_of("<description>&lt;img src='https://i.example/1.jpg'&gt;</description>")
    assert (entry.summary, entry.image_url) == (None, "https://i.example/1.jpg")


def test_the_title_of_the_picture_is_not_that_of_the_entry() -> None:
    media = '<media:content url="https://i.example/1.jpg"><media:title>Ảnh</media:title></media:content>'
    assert entry_of(media + "<title>Bài</title>").title == "Bài"
    assert entry_of("<title>Bài</title>" + media).title == "Bài"


def test_endless_titles_are_cut() -> None:
    title = parsed(rss(f"<title>{'dài ' * 100_000}</title>")).entries[0].title
    assert title is not None
    assert len(title) <= 1000
