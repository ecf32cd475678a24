"""Pages written for the tests of the readers: an article's page put together from the parts that a test is about."""

import json
from typing import Any

from pipeline.articles.article import FeedHint, Page
from pipeline.articles.document import Document, read_document

URL = "https://tin.example.vn/kinh-te/cau-moi-qua-song-1234.html"
TITLE = "Khánh thành cây cầu mới qua sông"
PARAGRAPH = (
    "Sáng nay, thành phố khánh thành cây cầu mới bắc qua sông sau ba năm xây dựng. Hàng nghìn người dân đã có mặt từ "
    "sớm để đi bộ qua cầu trước khi xe cộ được phép lưu thông vào buổi chiều cùng ngày."
)
TEXT = f"<p>{PARAGRAPH}</p>" * 3


def document_of(html: str, url: str | None = URL, hint: FeedHint | None = None, **page: Any) -> Document:
    """Parse a page; the test fails when it holds no HTML."""
    document = read_document(Page(html.encode(), url, hint=hint, **page))
    assert document is not None
    return document


def article_page(
    *,
    head: str = "",
    title: str = TITLE,
    before: str = "",
    after_heading: str = "",
    text: str = TEXT,
    after: str = "",
    heading: str | None = None,
) -> str:
    """Put a page together: head, chrome before, the heading, what follows it, the text, what comes after."""
    shown = f"<h1>{TITLE}</h1>" if heading is None else heading
    return (
        f"<html lang='vi'><head><title>{title}</title>{head}</head><body>{before}"
        f"<div class='main'>{shown}{after_heading}<div class='detail'>{text}</div></div>{after}</body></html>"
    )


def json_ld(*nodes: dict[str, Any]) -> str:
    """Write nodes into an ld+json script."""
    value: Any = nodes[0] if len(nodes) == 1 else list(nodes)
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def news_article(**properties: Any) -> str:
    """Write a NewsArticle node of this page's article into an ld+json script."""
    return json_ld({"@type": "NewsArticle", "headline": TITLE, "url": URL, **properties})
