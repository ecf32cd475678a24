"""Authors: the people a page states, else those its byline shows; never the site, an agency or an organisation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_pages import TEXT, article_page, document_of, json_ld, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.people import read_authors

SITE = '<meta property="og:site_name" content="Báo Sông">'


def authors_of(html: str, **page: object) -> list[str]:
    return list(read_authors(document_of(html, **page)).value)  # type: ignore[arg-type]  # the page's own fields


@pytest.mark.parametrize(
    "author",
    [
        {"@type": "Person", "name": "Hà Thu"},
        [{"@type": "Person", "name": "Hà Thu"}],
        "Hà Thu",
        {"name": "Theo Hà Thu"},
    ],
)
def test_json_ld_persons_are_taken(author: object) -> None:
    assert authors_of(article_page(head=news_article(author=author))) == ["Hà Thu"]


def test_a_person_referred_to_by_id_is_found() -> None:
    person = {"@type": "Person", "@id": "#p", "name": "Hà Thu"}
    assert authors_of(article_page(head=news_article(author={"@id": "#p"}) + json_ld(person))) == ["Hà Thu"]


def test_joined_names_are_split() -> None:
    page = article_page(head=news_article(author={"@type": "Person", "name": "Ann Lee and Bob Ray"}))
    assert authors_of(page) == ["Ann Lee", "Bob Ray"]


@pytest.mark.parametrize(
    "head",
    [
        news_article(author={"@type": "Organization", "name": "Tổ chức Nào Đó"}),
        news_article(author={"@type": "NewsMediaOrganization", "name": "Tổ chức Nào Đó"}),
        SITE + news_article(author={"@type": "Person", "name": "Báo Sông"}),
        news_article(author={"@type": "Person", "name": "Reuters"}),
        SITE + '<meta name="author" content="Báo Sông">',
        '<meta name="author" content="Hội Sông Verein e.V.">',
        '<meta name="article:author" content="https://facebook.example/baosong">',
        '<meta name="author" content="@baosong">',
    ],
)
def test_organisations_sites_agencies_and_addresses_are_no_people(head: str) -> None:
    assert authors_of(article_page(head=head)) == []


def test_the_person_in_the_byline_is_taken_when_only_the_paper_is_stated() -> None:
    head = news_article(author={"@type": "Organization", "name": "Báo Sông"})
    text = TEXT + '<p style="text-align:right"><strong>Thanh Liêm</strong></p>'
    choice = read_authors(document_of(article_page(head=head, text=text)))
    assert choice.value == ("Thanh Liêm",)
    assert choice.signal == "closing-line"


@pytest.mark.parametrize(
    "line",
    [
        '<p align="right"><b>Quang Phong - Tùng Nguyên</b></p>',
        '<p style="text-align: right;">Quang Phong, Tùng Nguyên</p>',
        "<p><strong>Quang Phong - Tùng Nguyên</strong></p>",
        "<p><em>Quang Phong - Tùng Nguyên</em></p>",
        "<p>Theo Quang Phong, Tùng Nguyên</p>",
        '<div class="author">Quang Phong - Tùng Nguyên</div>',
        '<p class="article__author"><span class="name">Quang Phong</span> <span class="name">Tùng Nguyên</span></p>',
    ],
)
def test_the_byline_at_the_texts_end_is_read(line: str) -> None:
    assert authors_of(article_page(text=TEXT + line)) == ["Quang Phong", "Tùng Nguyên"]


@pytest.mark.parametrize("line", ["<p><strong>Đọc thêm</strong></p>", "<p><strong>Nguồn tin</strong></p>", f"{TEXT}"])
def test_other_closing_lines_are_no_bylines(line: str) -> None:
    assert authors_of(article_page(text=TEXT + line)) == []


@pytest.mark.parametrize(
    "line",
    [
        '<div class="byline">By <a href="/authors/ann-lee/">Ann Lee</a>, <span class="title">Staff Writer</span></div>',
        '<span itemprop="author" itemscope><span itemprop="name">Ann Lee</span></span>',
        '<p>By <a rel="author" href="/x">Ann Lee</a></p>',
        '<p><a href="https://tin.example.vn/tac-gia/ann-lee-12.htm">Ann Lee</a></p>',
        "<p>By Ann Lee</p>",
        "<div>11.12.2019 - Ann Lee</div>",
        "<div><span>Ann Lee |</span> 11.12.2019</div>",
    ],
)
def test_the_byline_under_the_heading_is_read(line: str) -> None:
    assert authors_of(article_page(after_heading=line)) == ["Ann Lee"]


def test_bylines_of_other_articles_and_comments_are_left_alone() -> None:
    beside = (
        '<div class="related"><p class="author">Bob Ray</p></div><div class="comments"><b class="author">Cy</b></div>'
    )
    listed = "".join(
        f'<li class="teaser"><span class="author">Name Số {word}</span></li>' for word in ("Một", "Hai", "Ba")
    )
    assert authors_of(article_page(after=beside + f"<ul>{listed}</ul>")) == []


def test_an_account_gives_way_to_a_name() -> None:
    page = article_page(head='<meta name="author" content="ann.lee">', after_heading='<p class="byline">By Ann Lee</p>')
    assert authors_of(page) == ["Ann Lee"]


def test_a_first_name_gives_way_to_the_whole() -> None:
    page = article_page(head=news_article(author="Ann"), after_heading="<p>By Ann Lee</p>")
    assert authors_of(page) == ["Ann Lee"]


def test_a_byline_that_names_more_people_than_the_meta_wins() -> None:
    page = article_page(head='<meta name="author" content="Ann Lee">', after_heading="<p>By Ann Lee and Bob Ray</p>")
    assert authors_of(page) == ["Ann Lee", "Bob Ray"]


def test_the_feeds_authors_come_before_a_guess_at_wording() -> None:
    page = article_page(after_heading="<p>By Bob Ray</p>")
    assert authors_of(page, hint=FeedHint(authors=("Ann Lee",))) == ["Ann Lee"]


def test_family_names_first_are_turned() -> None:
    assert authors_of(article_page(head='<meta name="dc.creator" content="Lee, Ann">')) == ["Ann Lee"]


def test_a_desk_is_taken_when_nobody_is_named() -> None:
    byline = '<div class="byline">By Staff and news service reports</div>'
    assert authors_of(article_page(after_heading=byline)) == ["Staff and news service reports"]
    assert authors_of(article_page(after_heading='<div class="byline">Staff Writer</div>')) == []


@pytest.mark.parametrize(
    "line",
    [
        '<div class="author">By <a class="author-name" href="/x">Ann Lee</a><br>River Voice Staff</div>',
        '<div class="author">Ann Lee<br>Kakuma</div>',
        "<p>Von <b>Ann Lee</b><br>Kakuma / Kenia</p>",
        '<div class="author"><h4>Autorin: Ann Lee</h4><p>Ann Lee schreibt mit Liebe über alle Flüsse.</p></div>',
        "<p class=byline>Ann Lee Ann Lee</p>",
        "<p class=byline>Ann Lee Leiterin Kultur</p>",
    ],
)
def test_what_stands_under_or_behind_a_name_is_not_part_of_it(line: str) -> None:
    assert authors_of(article_page(after_heading=line)) == ["Ann Lee"]


def test_a_byline_goes_on_in_the_next_line_where_it_says_so() -> None:
    byline = '<div class="byline">By Ann Lee, Bob Ray and<br>Cy Poe<br>Share Article</div>'
    assert authors_of(article_page(after_heading=byline)) == ["Ann Lee", "Bob Ray", "Cy Poe"]


@pytest.mark.parametrize(
    "lines",
    [
        "<div><h5>Datum: </h5>03.11.2021<br><h5>Autor: </h5>Ann Lee/XY</div>",
        "<div><div><p class=label><b>By</b></p></div><div><p>Ann Lee</p></div></div>",
        "<dl><dt>Author:</dt><dd>Ann Lee</dd></dl>",
        "<byline>Von Ann Lee, dpa</byline>",
    ],
)
def test_a_label_names_the_author_that_stands_beside_it(lines: str) -> None:
    assert authors_of(article_page(after_heading=lines)) == ["Ann Lee"]


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ('<span class="post-author vcard">Eingestellt von <span class="fn">der Cy</span></span>', "der Cy"),
        ('<p>von <a href="/user/Anna1.html">Anna1</a></p>', "Anna1"),
        ('<p>26 Mai | <a rel="author" href="/x">Ann_Lee</a></p>', "Ann_Lee"),
        ('<p>by <a href="./memberlist.php?mode=viewprofile&amp;u=5">b52</a></p>', "b52"),
        ('<span class="author vcard"><a class="url fn n" href="/?author=14">river Webteam</a></span>', "river Webteam"),
    ],
)
def test_the_name_that_a_user_goes_by_is_taken_from_a_field_for_one(line: str, author: str) -> None:
    assert authors_of(article_page(after_heading=line)) == [author]


def test_the_list_of_all_members_is_no_author() -> None:
    assert authors_of(article_page(after_heading='<p><a href="/forum/members/">Members</a></p>')) == []


@pytest.mark.parametrize(
    "line",
    [
        '<figure><figcaption>A bridge <span class="author">Bob Ray</span></figcaption></figure>',
        '<p>Editor: <a class="author" href="/author/1/bob">Bob Ray</a></p>',
        '<p class="author">Foto: Bob Ray</p>',
        '<i itemprop="author" itemscope itemtype="https://schema.org/Organization"><b itemprop="name">A River</b></i>',
        '<a href="/another-article"><b>Another article</b><span>Von Bob Ray</span></a>',
        '<div class="byline">SID Nachrichtenagentur</div>',
        '<p align="right"><a href="/de">Deutsch</a> <a href="/tr">Türkçe</a></p>',
    ],
)
def test_others_than_the_author_are_left_out(line: str) -> None:
    assert authors_of(article_page(after_heading=line)) == []


def test_a_papers_own_tags_come_before_the_authors_of_its_references() -> None:
    head = '<meta name="citation_author" content="Lee, Ann"><meta name="citation_author" content="Bob Ray">'
    reference = '<ol><li itemscope><meta itemprop="author" content="C. Poe">A reference</li></ol>'
    assert authors_of(article_page(head=head, text=TEXT + reference)) == ["Ann Lee", "Bob Ray"]


def test_a_house_that_bears_the_sites_name_is_no_person() -> None:
    head = '<meta property="og:site_name" content="Der Bote"><meta name="author" content="Verlagshaus Der Bote">'
    assert authors_of(article_page(head=head)) == []
    desk = '<meta property="og:site_name" content="Der Bote"><meta name="author" content="Redaktion Der Bote">'
    assert authors_of(article_page(head=desk)) == ["Redaktion Der Bote"]


def test_the_person_that_a_blog_is_published_by_may_be_its_author() -> None:
    owner = {"@type": ["Person", "Organization"], "@id": "#owner", "name": "Ann Lee"}
    head = news_article(author={"@id": "#owner"}, publisher={"@id": "#owner"}) + json_ld(owner)
    assert authors_of(article_page(head=head)) == ["Ann Lee"]


def test_a_marked_byline_overrules_a_meta_that_names_somebody_else() -> None:
    byline = '<p><a rel="author" href="/author/ann/">Ann Lee</a></p>'
    assert authors_of(article_page(head='<meta name="author" content="Bob Ray">', after_heading=byline)) == ["Ann Lee"]
    assert authors_of(article_page(head=news_article(author="Bob Ray"), after_heading=byline)) == ["Bob Ray"]


def test_a_single_stated_word_gives_way_to_a_marked_byline() -> None:
    page = article_page(head=news_article(author="Bob"), after_heading='<div class="author">Ann Lee</div>')
    assert authors_of(page) == ["Ann Lee"]


def test_an_account_is_spelt_as_the_text_spells_its_owner() -> None:
    head = news_article(author={"@type": "Person", "name": "ann.lee"})
    assert authors_of(article_page(head=head, text=TEXT + "<p>It stays exciting. (Ann B. Lee) +++</p>")) == [
        "Ann B. Lee"
    ]
    assert authors_of(article_page(head=head)) == ["ann.lee"]


@given(st.text(max_size=200))
@settings(max_examples=40)
def test_any_byline_gives_people_or_nobody(line: str) -> None:
    escaped = line.replace("<", "").replace("&", "")
    for name in authors_of(article_page(after_heading=f'<p class="byline">{escaped}</p>')):
        assert name == name.strip()
        assert name
