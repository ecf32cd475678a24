"""News pages written for the tests of bodies, kinds and walls: short articles in several languages."""

from pipeline.articles.article import Article, FeedHint, Page
from pipeline.articles.extract import extract

TITLE = "Old bridge over the Tamar to be rebuilt by next autumn"
STANDFIRST = "After three winters of floods the county has found the money for a new crossing."
FIRST = (
    "The county council agreed on Tuesday to rebuild the old bridge, which has been closed to lorries and buses since "
    "the flood of last spring washed away two of its piers."
)
SECOND = (
    "Work is expected to begin in March and to take eight months, said the head of the roads office, who called the "
    "decision a relief for the four villages on the far bank."
)
THIRD = (
    "The new bridge will be wider by three metres and will carry a path for walkers and cyclists, which the villages "
    "had asked for in a petition that two thousand people signed."
)
BODY = f"{FIRST}\n{SECOND}\n{THIRD}"
URL = "https://news.example/region/old-bridge-to-be-rebuilt-4711.html"

VIETNAMESE = (
    (
        "Sáng 12/3, Ủy ban nhân dân huyện khởi công xây dựng lại cây cầu bắc qua sông Lam, nối ba xã vùng cao với thị "
        "trấn, thay cho cây cầu treo đã hư hỏng sau trận lũ năm ngoái."
    ),
    (
        "Theo Ban quản lý dự án, công trình dài 120 mét, rộng 7 mét, tổng vốn đầu tư gần 60 tỷ đồng, dự kiến hoàn "
        "thành trước mùa mưa năm sau để học sinh không phải đi đò đến trường."
    ),
    (
        "Người dân hai bên bờ cho biết họ đã chờ cây cầu này hơn mười năm và mong đơn vị thi công bảo đảm chất lượng, "
        "đúng tiến độ như đã cam kết tại buổi lễ."
    ),
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def news_page(inside: str, *, head: str = "", around: str = "", lang: str = "en", title: str = TITLE) -> bytes:
    """A page with a heading, a text and a frame around it; `around` stands after the article."""
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} - The Tamar Post</title>'
        f'<meta property="og:site_name" content="The Tamar Post">{head}</head><body>'
        '<header class="site"><nav><a href="/">Home</a> <a href="/region">Region</a></nav></header>'
        f'<main><article><h1>{title}</h1><div class="article-text">{inside}</div></article></main>{around}'
        "<footer><p>Published by the Tamar Post, Bridge Street 1.</p></footer></body></html>"
    ).encode()


def read(html: bytes, *, url: str | None = URL, hint: FeedHint | None = None) -> Article:
    return extract(Page(html, url=url, hint=hint))


def body_of(inside: str, *, head: str = "", around: str = "", lang: str = "en") -> str | None:
    """The body that comes of a page with this text."""
    return read(news_page(inside, head=head, around=around, lang=lang)).body
