"""One Vietnamese agency's article, by its page alone and by feed and page: the record must be right in every word.

The first kind is written here, like a portal that has neither JSON-LD nor meta tags; the real one is read from a folder
beside the clone, or from KHOTIN_TEST_GOLDEN, when it is there.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from newsroom import CLONE, HTML, XML, Newsroom, source

from config.feeds_file import FeedSpec
from demo.site import LoopbackServer, Response
from pipeline.manifest import extract_manifest

ZONE = "Asia/Ho_Chi_Minh"
GOLDEN = Path(os.environ.get("KHOTIN_TEST_GOLDEN") or CLONE.parent / "shared" / "golden")
HOST = "https://tin.example.vn"
PATH = "/kinh-te/an-giang-mo-cang-song-moi-219240517084500456.htm"


@dataclass(frozen=True)
class Golden:
    """A page, a feed that names it, and the record that both must give."""

    page: str
    feed: str
    expected: dict[str, Any]


TEXT = """
TTXVN - Sáng 17/5, Ủy ban nhân dân tỉnh An Giang tổ chức lễ khánh thành cảng sông Mỹ Quý sau hai năm thi công
(17/5/2022-17/5/2024). Tham dự buổi lễ có đại diện các bộ, ngành, doanh nghiệp vận tải và đông đảo người dân.

Theo ông Trần Quốc Bảo, Giám đốc Sở Giao thông Vận tải, cảng có hai cầu tàu dài 180 m, tiếp nhận cùng lúc bốn sà
lan trọng tải 2.000 tấn, giúp giảm 15% chi phí vận chuyển lúa gạo so với đường bộ.

Những ngày đầu vận hành, cảng đã bốc dỡ 12.400 tấn hàng, chủ yếu là gạo, cá tra và vật liệu xây dựng. Tỉnh dự
kiến mở rộng kho lạnh vào quý III, đồng thời kết nối cảng với quốc lộ 91 bằng tuyến đường dài 3,2 km.

Người dân phường Mỹ Quý cho biết tiếng ồn về đêm đã giảm nhiều so với bến cũ. Chủ đầu tư cam kết trồng thêm hàng
cây xanh dọc bờ kè và quan trắc chất lượng nước hai lần mỗi tháng./.
"""
PARAGRAPHS = [" ".join(paragraph.split()) for paragraph in TEXT.split("\n\n")]
TITLE = "An Giang mở cảng sông mới: Lúa gạo xuống thuyền nhanh hơn, rẻ hơn"
SUMMARY = "Cảng Mỹ Quý được kỳ vọng giảm chi phí vận chuyển nông sản cho cả vùng đầu nguồn sông Cửu Long…"

OWN = Golden(
    page=f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{TITLE} | Cổng tin</title>
<link rel="canonical" href="{HOST}{PATH}"></head><body>
<header><nav><a href="/">Trang chủ</a><a href="/kinh-te/">Kinh tế</a><a href="/xa-hoi/">Xã hội</a></nav></header>
<div class="main"><div class="breadcrumb"><a href="/kinh-te/">Kinh tế</a></div><h1 class="detail-title">{TITLE}</h1>
<div class="detail-time">17/05/2024 08:45</div><div class="detail-place">An Giang</div>
<h2 class="detail-sapo">{SUMMARY}</h2><div class="detail-content">
{"".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)}
<p style="text-align:right"><strong>Công Mạo</strong></p></div>
<div class="related"><h3>Xem thêm</h3><ul><li><a href="/a.htm">Giá lúa nhích lên ở nhiều nơi</a></li>
<li><a href="/b.htm">Nước lũ về sớm hơn mọi năm</a></li></ul></div></div>
<footer>Cổng tin - Giấy phép số 12/GP</footer></body></html>""",
    feed=f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Cổng tin - Kinh tế</title>
<link>{HOST}/kinh-te.htm</link><description>Kinh tế</description><item><title><![CDATA[{TITLE}]]></title>
<link>{HOST}{PATH}?utm_source=rss&amp;utm_medium=feed#top</link><guid isPermaLink="false">219240517084500456</guid>
<pubDate>5/17/2024 8:45:00 AM</pubDate>
<description><![CDATA[<a href="{HOST}{PATH}"><img src="{HOST}/anh/cang.jpg" ></a></br>{SUMMARY}]]></description>
</item></channel></rss>""",
    expected={
        "url": HOST + PATH,
        "title": TITLE,
        "section": "Kinh tế",
        "section_path": ["Kinh tế"],
        "place": "An Giang",
        "summary": SUMMARY,
        "agencies": ["TTXVN"],
        "authors": ["Công Mạo"],
        "published_at": "2024-05-17T08:45:00+07:00",
        "published_on": "2024-05-17",
        "published_precision": "minute",
        "language": "vi",
        # The standfirst says something that the text does not: it opens the body.
        "body": "\n".join([SUMMARY, *PARAGRAPHS]),
    },
)


def _goldens() -> list[Any]:
    given: list[Any] = [pytest.param(OWN, id="our-own")]
    files = [GOLDEN / name for name in ("seed-article.html", "seed-feed.xml", "expected.json")]
    if all(file.exists() for file in files):
        page, feed, expected = (file.read_text("utf-8") for file in files)
        given.append(pytest.param(Golden(page, feed, json.loads(expected)), id="the-real-one"))
    return given


@pytest.mark.parametrize("golden", _goldens())
def test_the_page_alone_gives_the_record(golden: Golden, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(golden.page, "utf-8")
    line = {"id": 1, "url": golden.expected["url"], "path": "page.html", "timezone": ZONE}
    line["fetched_at"] = golden.expected["published_on"]
    (tmp_path / "pages.jsonl").write_text(json.dumps(line))

    [record] = extract_manifest(tmp_path / "pages.jsonl", 1, 60)

    assert record["outcome"] == "loaded"
    assert {name: record[name] for name in golden.expected} == golden.expected


@pytest.mark.parametrize("golden", _goldens())
def test_feed_and_page_give_the_record(golden: Golden, server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    home, path = golden.expected["url"].split("/", 3)[:3], "/" + golden.expected["url"].split("/", 3)[3]
    host = "/".join(home)
    site.pages[path] = Response(200, HTML, golden.page.replace(host, site.base).encode())
    site.pages["/feed.xml"] = Response(200, XML, golden.feed.replace(host, site.base).encode())

    report = newsroom.run(source("Cổng tin", FeedSpec(site.url("/feed.xml")), timezone=ZONE, language="vi"))

    assert report.entries == {"loaded": 1}
    [row] = newsroom.rows("SELECT * FROM report_articles JOIN report_texts USING (article_id)")
    found = row._asdict()
    expected = dict(golden.expected)
    at = datetime.fromisoformat(expected.pop("published_at"))
    assert datetime.fromisoformat(found["published_at"]) == at
    assert found["published_local"] == f"{at:%Y-%m-%dT%H:%M:%S}"
    assert newsroom.column("SELECT published_utc_offset_minutes FROM articles") == [7 * 60]
    expected |= {name: "; ".join(value) for name, value in expected.items() if isinstance(value, list)}
    expected["url"] = site.url(path)
    assert {name: found[name] for name in expected} == expected
