"""A fuzz target for the whole of extraction: our pages, broken in every way that pages break.

KHOTIN_TEST_SLOW=1 pytest tests/articles/test_fuzz_extract.py

runs it for thousands of pages.
"""

import os
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from news_pages import FIRST, SECOND, THIRD, VIETNAMESE, news_page, paragraphs
from written_pages import article_page, news_article

from models.outcomes import Outcome
from pipeline.articles.article import Article, Page
from pipeline.articles.document import MAX_BYTES
from pipeline.articles.extract import extract

EXAMPLES = 5_000 if os.environ.get("KHOTIN_TEST_SLOW") else 60

PAGES = (
    news_page(paragraphs(FIRST, SECOND, THIRD)),
    news_page(paragraphs(*VIETNAMESE), lang="vi"),
    article_page(
        head=news_article(datePublished="2024-03-12T09:05:00+07:00", author={"@type": "Person", "name": "Ann Lee"}),
        after_heading="<p class='byline'>Von Ann Lee</p><time datetime='2024-03-12'>12.03.2024</time>",
        after="<aside class='related'><a href='/other'>Xem thêm</a></aside>",
    ).encode(),
)
# What breaks parsers and readers: half tags, floods, nesting, other encodings, characters that are none.
SPLICES = (
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml", b"<p>", b"</div>", b"<div>" * 60, b"<b>" * 80,
    b"<table><tr><td>", b"<script>", b"</script>", b"<style>", b"<noscript>", b"<template>", b"<svg><title>x",
    b"<base href='javascript:x'>", b"<meta charset='utf-16'>", b"<meta http-equiv='refresh' content='0;url=/x'>",
    b"<h1></h1>", b"<h1>x</h1><h1>y</h1>", b"<figure><figcaption>", b"<li><nav><h1>", b"<time datetime='9999-99-99'>",
    b"<script type='application/ld+json'>{\"@type\":[\"NewsArticle\"],\"headline\":{\"@id\":1}}</script>",
    b"<script type='application/ld+json'>[[[[{\"@graph\":null}]]]]</script>", b"<p class='" + b"date " * 300 + b"'>",
    b"\x00", b"\x0b", b"\x1b[31m", b"\x7f", b"\xff\xfe", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\xc3", b"&#0;",
    b"&#xD800;", b"&#x110000;", b"&nbsp;", b"&#8203;", b"e\xcc\x81", "\u202e\u00ad\ufeff".encode(), "ạ̈́".encode() * 50,
    b"http://[::1", b"//", b"mailto:", b"31.02.2024 25:61", b"Theo TTXVN - ", b" class=related",
    b" id='comments'", b" style='display:none'", b" itemprop=articleBody", b"'", b'"', b"=",
)  # fmt: skip
TEXTS = ("title", "place", "section", "summary", "body", "reason", "language")
LISTS = ("authors", "agencies", "section_path", "tags")


@st.composite
def broken_pages(draw: st.DrawFn) -> bytes:
    """Take one of our pages and splice, cut, double, swap and re-encode it a few times."""
    page = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(1, 8))):
        start, end = sorted((draw(st.integers(0, len(page))), draw(st.integers(0, len(page)))))
        match draw(st.sampled_from(("splice", "splice", "splice", "bytes", "cut", "double", "swap", "encode"))):
            case "splice":
                page = page[:start] + draw(st.sampled_from(SPLICES)) * draw(st.integers(1, 3)) + page[start:]
            case "bytes":
                page = page[:start] + draw(st.binary(max_size=40)) + page[start:]
            case "cut":
                page = page[:start] + page[end:]
            case "double" if len(page) < 200_000:
                page = page[:end] + page[start:end] + page[end:]
            case "swap":
                page = page[end:] + page[start:end] + page[:start]
            case "encode":
                page = page.decode("utf-8", "ignore").encode(draw(st.sampled_from(ENCODINGS)), "ignore")
    return page


ENCODINGS = ("utf-8", "utf-16", "utf-16-be", "cp1258", "cp1252", "shift_jis", "euc-kr", "gb18030", "koi8-r")
CHARSETS = st.sampled_from((None, "utf-8", "utf-16", "windows-1258", "shift_jis", "rot13", "no such thing", ""))
URLS = st.sampled_from((None, "", "https://tin.example.vn/a-1.html", "http://[::1", "javascript:alert(1)", "x" * 5_000))


def shown(article: Article) -> list[str]:
    """Give every text of an article that somebody will read or store."""
    single = [getattr(article, name) for name in TEXTS]
    return [text for text in (*single, *(text for name in LISTS for text in getattr(article, name))) if text]


@given(broken_pages(), URLS, CHARSETS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_broken_page_gives_an_article_or_an_outcome_with_a_reason(
    html: bytes, url: str | None, charset: str | None
) -> None:
    article = extract(Page(html, url=url, charset=charset), explain=True)
    assert article.outcome is not Outcome.EXTRACT_FAILED, article.reason
    assert (article.outcome is Outcome.LOADED) == (article.reason is None)
    if article.outcome is Outcome.LOADED:
        assert article.title
        assert article.body
    texts = shown(article)
    assert sum(map(len, texts)) <= 20 * MAX_BYTES
    for text in texts:
        assert unicodedata.is_normalized("NFC", text)
        assert not [char for char in text if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n"]
        # A line feed parts paragraphs, and stands in no other text.
        assert "\n" not in text or text == article.body
