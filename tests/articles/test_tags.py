"""Tags: stated keywords and the tag links that readers see, without what every page of the site carries."""

import pytest
from written_pages import TEXT, article_page, document_of, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.tags import read_tags

TAGS = ["cầu", "sông Hồng"]


def tags_of(html: str, sections: tuple[str, ...] = (), authors: tuple[str, ...] = (), **page: object) -> list[str]:
    document = document_of(html, **page)  # type: ignore[arg-type]  # the page's own fields
    return list(read_tags(document, sections, authors).value)


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


@pytest.mark.parametrize(
    "head",
    [
        news_article(keywords=TAGS),
        news_article(keywords="cầu, sông Hồng"),
        meta("news_keywords", "cầu; sông Hồng"),
        meta("keywords", "cầu,sông Hồng"),
        meta("article:tag", "cầu") + meta("article:tag", "sông Hồng"),
    ],
)
def test_stated_keywords_are_taken(head: str) -> None:
    assert tags_of(article_page(head=head)) == TAGS


@pytest.mark.parametrize(
    "links",
    [
        '<a rel="tag" href="/x">cầu</a>, <a rel="tag" href="/y">sông Hồng</a>',
        '<ul class="tags"><li><a href="/x">cầu</a></li><li><a href="/y">sông Hồng</a></li></ul>',
        '<div><a href="/tu-khoa/cau.html">#cầu</a> <a href="/tu-khoa/song-hong.html">#sông Hồng</a></div>',
        '<footer class="entry-footer"><a rel="tag" href="/x">cầu</a><a rel="tag" href="/y">sông Hồng</a></footer>',
    ],
)
def test_tag_links_are_read_where_nothing_is_stated(links: str) -> None:
    assert tags_of(article_page(text=f"{TEXT}</div><div>{links}")) == TAGS


def test_tag_links_of_menus_sidebars_and_sentences_are_not() -> None:
    sentence = (
        '<p>Cây cầu được nói đến nhiều trong <a href="/tags/cau">loạt bài về cầu</a> của chúng tôi năm ngoái.</p>'
    )
    beside = (
        '<aside><a rel="tag" href="/tag/hue">Huế</a></aside><div class="related"><a rel="tag" href="/t">Vinh</a></div>'
    )
    menu = '<nav><a href="/tags/noi-bat">Nổi bật</a></nav>'
    assert tags_of(article_page(text=TEXT + sentence, before=menu, after=beside)) == []


def test_categories_marked_as_tags_count_only_alone() -> None:
    category = '<a rel="category tag" href="/category/kinh-te">Kinh tế</a>'
    tag = '<a rel="tag" href="/tag/cau">cầu</a>'
    assert tags_of(article_page(text=f"{TEXT}</div><div>{category}{tag}")) == ["cầu"]
    assert tags_of(article_page(text=f"{TEXT}</div><div>{category}")) == ["Kinh tế"]


def test_doubles_are_folded_and_flags_dropped() -> None:
    assert tags_of(article_page(head=meta("keywords", "Cầu, cầu,  CẦU , tin nóng, ,"))) == ["Cầu"]


def test_the_sites_own_keywords_give_way_to_tags_about_the_article() -> None:
    head = meta("news_keywords", "tin tức mới, thể thao, giải trí, văn hóa")
    links = '<a rel="tag" href="/x">thành phố</a>'
    assert tags_of(article_page(head=head, text=f"{TEXT}</div><div>{links}")) == ["thành phố"]


def test_the_site_and_the_authors_are_no_tags() -> None:
    head = '<meta property="og:site_name" content="Báo Sông">' + meta("keywords", "cầu, Báo Sông, Hà Thu")
    assert tags_of(article_page(head=head), authors=("Hà Thu",)) == ["cầu"]


def test_sections_are_dropped_where_another_list_does_without_them() -> None:
    head = news_article(keywords=["Kinh tế", "Tin nóng", "cầu", "thành phố"]) + meta("keywords", "cầu, thành phố")
    assert tags_of(article_page(head=head), sections=("Kinh tế",)) == ["cầu", "thành phố"]


def test_labelled_keywords_give_what_they_are_about() -> None:
    keywords = ["Subject: Bridges", "Partner: Nobody", "Page Type: Article", "Category: Cities", "_internal"]
    assert tags_of(article_page(head=news_article(keywords=keywords))) == ["Bridges", "Cities"]


def test_the_feeds_categories_are_the_last_resort() -> None:
    assert tags_of(article_page(), hint=FeedHint(categories=("Cầu", "Sông"))) == ["Cầu", "Sông"]


def test_tags_are_bounded() -> None:
    many = ", ".join(f"tag {number}" for number in range(500))
    assert len(tags_of(article_page(head=meta("keywords", many)))) == 60
