"""The page parsed once: tree, meta, JSON-LD, and the node that describes the article."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_pages import TITLE, URL, article_page, document_of, json_ld, news_article

from pipeline.articles.article import Page
from pipeline.articles.document import MAX_BYTES, read_document


@pytest.mark.parametrize("html", [b"", b"   ", b"plain words", b"\x00\x00", b'{"json": true}'])
def test_a_page_without_html_gives_no_document(html: bytes) -> None:
    assert read_document(Page(html)) is None


def test_metas_are_kept_by_lower_case_name_property_and_itemprop() -> None:
    document = document_of(
        '<meta name="Author" content=" Hà &amp; Thu "><meta property="og:title" content="A"><meta itemprop="headline" '
        'content="B"><meta http-equiv="Refresh" content="0; url=/x"><meta name="empty" content=" ">'
    )
    assert document.meta == {
        "author": ("Hà & Thu",),
        "og:title": ("A",),
        "headline": ("B",),
        "http-equiv:refresh": ("0; url=/x",),
    }


def test_several_metas_of_one_name_stand_in_document_order() -> None:
    document = document_of('<meta name="a" content="1"><p>x</p><meta name="a" content="2">')
    assert document.meta["a"] == ("1", "2")
    assert document.first_meta("missing", "a") == "1"


def test_text_deeper_than_libxml2_reads_is_not_lost() -> None:
    html = (
        "<html><body>" + "<div>" * 10_000 + "<p>innermost words</p>" + "</div>" * 10_000 + "<p>after</p></body></html>"
    )
    text = document_of(html).tree.text_content()
    assert "innermost words" in text
    assert "after" in text


def test_a_page_is_read_up_to_its_limit_only() -> None:
    html = "<p>start</p>" + " " * MAX_BYTES + "<p>end</p>"
    assert "end" not in document_of(html).source


def test_nodes_of_graphs_lists_and_main_entities_are_flattened() -> None:
    page = json_ld({"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle"}}, {"@type": "Person"}]})
    assert [node.get("@type") for node in document_of(page).json_ld] == [None, "WebPage", "NewsArticle", "Person"]


def test_the_article_node_is_the_one_that_agrees_with_the_page() -> None:
    related = {"@type": "NewsArticle", "headline": "Một tin khác", "url": "https://tin.example.vn/khac.html"}
    own = {"@type": "NewsArticle", "headline": TITLE, "url": URL}
    node = document_of(article_page(head=json_ld(related, own))).article_node
    assert node is not None
    assert node["headline"] == TITLE


def test_a_single_article_node_is_taken_although_its_headline_differs() -> None:
    node = document_of(article_page(head=news_article(headline="Cầu mới đã thông xe"))).article_node
    assert node is not None


def test_no_article_node_is_taken_when_all_of_several_contradict_the_page() -> None:
    others = [
        {"@type": "NewsArticle", "headline": f"Tin số {number}", "url": f"https://tin.example.vn/{number}.html"}
        for number in range(3)
    ]
    assert document_of(article_page(head=json_ld(*others))).article_node is None


def test_a_reference_by_id_is_followed() -> None:
    page = json_ld(
        {"@type": "NewsArticle", "author": {"@id": "#a"}}, {"@id": "#a", "@type": "Person", "name": "Hà Thu"}
    )
    document = document_of(page)
    assert document.node({"@id": "#a"}) == {"@id": "#a", "@type": "Person", "name": "Hà Thu"}
    assert document.node({"@id": "#gone"}) == {"@id": "#gone"}
    assert document.node("Hà Thu") is None


@given(st.binary(max_size=3_000))
@settings(max_examples=50)
def test_any_bytes_give_a_document_or_none(html: bytes) -> None:
    document = read_document(Page(b"<p>" + html))
    assert document is None or document.tree.tag == "html"


@given(st.text(alphabet="<>/=\"' apdivh1", max_size=400))
@settings(max_examples=50)
def test_any_tag_soup_gives_a_document_or_none(html: str) -> None:
    document = read_document(Page(html.encode()))
    assert document is None or set(document.elements) == set(document.tree.iter())
