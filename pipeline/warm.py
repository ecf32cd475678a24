"""Imported by the fork server only: an article extracted once, so that its children find every model and table loaded.

A library loads its language model, and our own readers their tables of months and agencies, at the first page that
needs them: half a second in each child.
"""

from datetime import UTC, datetime

from pipeline.articles.article import Page
from pipeline.articles.extract import extract

_SENTENCE = "Hội chợ mùa thu mở cửa ở bến Ninh Kiều, và hơn hai trăm gian hàng bán trái cây của cả vùng. "
_PAGE = f"""<!doctype html><html><head><meta charset="utf-8"><title>Hội chợ mùa thu mở cửa</title>
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Hội chợ mùa thu mở cửa", "author": {{"@type": "Person", "name": "Trần Thị Mai"}}}}</script></head>
<body><article><h1>Hội chợ mùa thu mở cửa</h1><p>Thứ bảy, 14 tháng 3 năm 2026, 8:30</p>
{f"<p>{_SENTENCE * 3}</p>" * 5}<p>Lan Anh (Theo AFP)</p></article></body></html>"""

ARTICLE = extract(
    Page(html=_PAGE.encode(), url="https://news.example/hoi-cho.html", fetched_at=datetime(2026, 3, 15, tzinfo=UTC))
)
