"""Sections: the path that breadcrumbs show, else what is stated, the feed, or the address."""

import pytest
from written_pages import TITLE, URL, article_page, document_of, json_ld, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.sections import read_sections

SITE = '<meta property="og:site_name" content="Báo Sông">'


def path_of(html: str, **page: object) -> list[str]:
    return list(read_sections(document_of(html, **page)).value)  # type: ignore[arg-type]  # the page's own fields


def crumbs(*names: str) -> str:
    """Write a BreadcrumbList whose last element is the page itself."""
    listed = [
        {"@type": "ListItem", "position": at, "item": {"@id": f"https://tin.example.vn/{at}/", "name": name}}
        for at, name in enumerate(names, 1)
    ]
    page = {"@type": "ListItem", "position": 99, "item": {"@id": URL, "name": TITLE}}
    return json_ld({"@type": "BreadcrumbList", "itemListElement": [*listed, page]})


def test_a_stated_breadcrumb_gives_the_path_without_home_and_page() -> None:
    assert path_of(article_page(head=crumbs("Trang chủ", "Kinh tế", "Hạ tầng"))) == ["Kinh tế", "Hạ tầng"]


def test_positions_order_it() -> None:
    entries = [{"@type": "ListItem", "position": at, "name": name} for at, name in ((2, "Hạ tầng"), (1, "Kinh tế"))]
    head = json_ld({"@type": "BreadcrumbList", "itemListElement": entries})
    assert path_of(article_page(head=head)) == ["Kinh tế", "Hạ tầng"]


@pytest.mark.parametrize(
    "shown",
    [
        '<div class="breadcrumb"><a href="/">Trang chủ</a><a href="/kinh-te/">Kinh tế</a></div>',
        '<ul class="breadCrumb"><li><a href="/kinh-te">Kinh tế</a></li></ul>',
        '<nav aria-label="breadcrumb" class="breadcrumbs"><a href="/kinh-te">Kinh tế</a> › <a href="#">x</a></nav>',
        '<div class="breadcrumb">Home &gt; Kinh tế</div>',
        '<div itemtype="http://data-vocabulary.org/Breadcrumb"><a href="/kinh-te"><span>Kinh tế</span></a></div>',
    ],
)
def test_a_shown_breadcrumb_gives_it(shown: str) -> None:
    assert path_of(article_page(before=shown))[0] == "Kinh tế"


def test_a_name_with_a_comma_stays_whole() -> None:
    shown = '<div class="breadcrumb"><a href="/chi-dao/">Chỉ đạo, Điều hành</a></div>'
    assert path_of(article_page(before=shown)) == ["Chỉ đạo, Điều hành"]


def test_a_stated_section_is_taken_whole_or_split_by_the_pages_own_menu() -> None:
    head = news_article(articleSection="Kinh doanh, Tài chính")
    menu = '<nav><a href="/kd">Kinh doanh</a><a href="/tc">Tài chính</a></nav>'
    assert path_of(article_page(head=head)) == ["Kinh doanh, Tài chính"]
    assert path_of(article_page(head=head, before=menu)) == ["Kinh doanh", "Tài chính"]


@pytest.mark.parametrize(
    "head", [news_article(articleSection=["Kinh tế"]), '<meta property="article:section" content="Kinh tế">']
)
def test_stated_sections_are_taken(head: str) -> None:
    assert path_of(article_page(head=head)) == ["Kinh tế"]


def test_a_label_over_the_heading_is_taken() -> None:
    page = article_page(heading=f'<a class="category" href="/kinh-te.htm">Kinh tế</a><h1>{TITLE}</h1>')
    assert path_of(page) == ["Kinh tế"]


def test_news_says_nothing_where_the_address_says_more() -> None:
    page = article_page(
        head='<meta property="article:section" content="News">', before='<nav><a href="/kinh-te">Kinh tế</a></nav>'
    )
    assert path_of(page) == ["Kinh tế"]


def test_the_menus_label_for_the_addresss_folder_is_the_last_resort() -> None:
    menu = '<nav><a href="/kinh-te.html">Kinh tế</a><a href="/the-gioi.html">Thế giới</a></nav>'
    choice = read_sections(document_of(article_page(before=menu)))
    assert choice.value == ("Kinh tế",)
    assert choice.signal == "url"


def test_the_feed_may_name_it() -> None:
    assert path_of(article_page(), hint=FeedHint(section="Kinh tế")) == ["Kinh tế"]
    assert path_of(article_page(), hint=FeedHint(categories=("Kinh tế", "Cầu"))) == ["Kinh tế"]


def test_the_site_and_the_title_are_no_sections() -> None:
    assert path_of(article_page(head=SITE + crumbs("Báo Sông", "Kinh tế", TITLE))) == ["Kinh tế"]
