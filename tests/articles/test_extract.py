"""The whole way from a page to an article, on agreeable and on hostile pages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from news_pages import BODY, FIRST, SECOND, THIRD, TITLE, URL, VIETNAMESE, news_page, paragraphs, read

from models.outcomes import Outcome
from pipeline.articles.article import FeedHint, Page
from pipeline.articles.extract import extract
from pipeline.articles.repair import repair
from pipeline.articles.standfirst import merge_standfirst
from pipeline.dates.moment import Precision

TEXT = paragraphs(FIRST, SECOND, THIRD)


def portal_page() -> bytes:
    """A page as a Vietnamese portal serves the text of an agency: no metadata, a repeated standfirst, a signature."""
    text = paragraphs(f"TTXVN - {VIETNAMESE[0]}", *VIETNAMESE[1:])
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
        "<title>Khởi công cầu mới qua sông Lam | Cổng tin</title></head><body>"
        '<header><nav><a href="/">Trang chủ</a><a href="/giao-thong/">Giao thông</a></nav></header>'
        '<div class="main"><div class="breadcrumb"><a href="/giao-thong/">Giao thông</a></div>'
        '<h1 class="detail-title">Khởi công cầu mới qua sông Lam</h1><div class="detail-time">12/03/2024 09:05</div>'
        '<div class="detail-place">Nghệ An</div><h2 class="detail-sapo">nối ba xã vùng cao với thị trấn, thay cho '
        f'cây cầu treo đã hư hỏng sau trận lũ…</h2><div class="detail-content">{text}'
        '<p style="text-align:right"><strong>Minh Anh</strong></p></div>'
        '<div class="related"><a href="/giao-thong/">Xem thêm</a></div></div>'
        "<footer><p>Bản quyền thuộc Cổng tin.</p></footer></body></html>"
    ).encode()


def test_a_portal_page_without_metadata_gives_every_field() -> None:
    url = "https://cong.example.vn/giao-thong/khoi-cong-cau-moi-119240312090500123.htm"
    article = extract(Page(portal_page(), url=url, timezone="Asia/Ho_Chi_Minh"))
    assert article.outcome is Outcome.LOADED
    assert article.title == "Khởi công cầu mới qua sông Lam"
    assert (article.authors, article.agencies, article.place) == (("Minh Anh",), ("TTXVN",), "Nghệ An")
    assert (article.section, article.language, article.kind) == ("Giao thông", "vi", "article")
    assert article.published is not None
    assert article.published.local is not None
    assert article.published.local.isoformat() == "2024-03-12T09:05:00+07:00"
    assert article.published.precision is Precision.MINUTE
    assert article.body == "\n".join((f"TTXVN - {VIETNAMESE[0]}", *VIETNAMESE[1:]))


def test_the_feed_is_a_witness_where_the_page_says_nothing() -> None:
    hint = FeedHint(title=TITLE, authors=("Ann Reader",), summary="A bridge comes back.", categories=("Roads",))
    page = f"<html><body><div>{TEXT}</div></body></html>".encode()
    article = read(page, hint=hint)
    assert (article.title, article.authors, article.summary) == (TITLE, ("Ann Reader",), "A bridge comes back.")


def test_extraction_is_pure() -> None:
    page = Page(news_page(TEXT), url=URL, fetched_at=datetime(2024, 3, 12, tzinfo=UTC))
    assert extract(page) == extract(page)


def test_candidates_are_given_only_when_asked_for() -> None:
    page = Page(news_page(TEXT), url=URL)
    assert extract(page).candidates == ()
    fields = {candidate.field for candidate in extract(page, explain=True).candidates}
    assert {"title", "body", "kind"} <= fields


# Hostile pages: every one ends in time with an outcome, and what can be read of it is read.


@pytest.mark.parametrize("html", [b"", b" \n", b"just words", b"<", b"<<<<", bytes(range(256)) * 50, b"<html></html>"])
def test_pages_without_an_article_have_no_text(html: bytes) -> None:
    article = read(html)
    assert article.outcome is Outcome.NO_TEXT
    assert article.reason


def test_text_under_ten_thousand_open_elements_is_read() -> None:
    html = f"<html><body><h1>{TITLE}</h1>{'<div>' * 10_000}{TEXT}{'</div>' * 10_000}</body></html>"
    body = read(html.encode()).body or ""
    assert FIRST in body
    assert THIRD in body


def test_nul_bytes_do_not_end_the_text() -> None:
    assert read(news_page(TEXT.replace("bridge", "bri\x00dge"))).body == BODY


def test_inline_elements_that_are_never_closed_do_not_hide_the_text() -> None:
    html = news_page("".join(f"<b><i>{paragraphs(FIRST, SECOND, THIRD)}" for _ in range(300)))
    assert (read(html).body or "").startswith(FIRST)


def test_a_page_over_the_limit_gives_a_partial_body() -> None:
    article = read(news_page(TEXT + "<!-- -->" * 450_000))
    assert article.outcome is Outcome.LOADED
    assert article.is_body_partial


def test_a_table_of_ten_thousand_rows_is_cut() -> None:
    rows = "".join(f"<tr><td>{i}</td><td>cell {i}</td></tr>" for i in range(10_000))
    article = read(news_page(f"{TEXT}<table>{rows}</table>"))
    assert article.outcome is Outcome.LOADED
    assert article.is_body_partial
    assert (article.body or "").startswith(BODY)


PIECES = (
    """
<p>|</p>|<div class='related'>|</div>|<article>|</article>|<h1>|</h1>|<ul><li>|<table><tr>|<td>|<br>|<a href='x'>|</a>
<figure>|<figcaption>|<script>|</script>|<!--|-->|<b>|<meta name=author content='A B'>|<time datetime=2024-13-99>
<blockquote>|<style>|<![CDATA[|&#0;|&x;|Xem thêm|By Ann Reader|12/03/2024 09:05|©
""".strip()
    .replace("\n", "|")
    .split("|")
)
MARKUP = st.lists(
    st.sampled_from([*PIECES, FIRST, SECOND, THIRD, TITLE, "\x00", "\ufeff"]) | st.text(max_size=20), max_size=60
)


@given(MARKUP)
@settings(max_examples=50, deadline=None)
def test_any_mark_up_ends_in_an_outcome(parts: list[str]) -> None:
    article = extract(Page("".join(parts).encode("utf-8", "replace"), url=URL))
    assert article.outcome is not Outcome.EXTRACT_FAILED
    if article.outcome is Outcome.LOADED:
        assert article.title
        assert article.body
    assert article.body is None or all(line == line.strip() and line for line in article.body.split("\n"))


@given(st.binary(max_size=400))
@settings(max_examples=40, deadline=None)
def test_any_bytes_end_in_an_outcome(html: bytes) -> None:
    assert extract(Page(html, url=URL)).outcome is not Outcome.EXTRACT_FAILED


# The parts of the body, for any text


LINES = st.lists(
    st.sampled_from([FIRST, SECOND, THIRD, TITLE, "Read more", "By Ann Reader", "© 2024", "- item", "*"]), max_size=12
)


@given(LINES)
def test_repair_only_leaves_lines_out(lines: list[str]) -> None:
    repaired = repair("\n".join(lines), TITLE, ("Ann Reader",))
    rest = iter(lines)
    assert all(line in rest for line in (repaired or "").split("\n") if line)


@given(st.lists(st.sampled_from([FIRST, SECOND, TITLE]), max_size=3), st.sampled_from([None, BODY, THIRD]))
def test_merging_a_standfirst_keeps_the_text(leads: list[str], text: str | None) -> None:
    merged = merge_standfirst(leads, text)
    assert text is None or (merged or "").endswith(text)
