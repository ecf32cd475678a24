"""The title: what its witnesses agree on, without the site's name, sections and kickers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_pages import TITLE, article_page, document_of, json_ld, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.title import read_title

SITE = '<meta property="og:site_name" content="Báo Sông">'


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


def title_of(html: str, **page: object) -> str | None:
    return read_title(document_of(html, **page)).value  # type: ignore[arg-type]  # the page's own fields


@pytest.mark.parametrize(
    "stated",
    [
        f"{TITLE} | Báo Sông",
        f"{TITLE} - Báo Sông",
        f"{TITLE} » Báo Sông",
        f"Báo Sông | {TITLE}",
        f"Báo Sông: {TITLE}",
        f"{TITLE} | báo sông online",
    ],
)
def test_the_sites_name_is_stripped_from_either_end(stated: str) -> None:
    assert title_of(article_page(title=stated, heading="<h2>x</h2>", head=SITE)) == TITLE


@pytest.mark.parametrize("stated", [f"{TITLE} | Cổng thông tin", f"{TITLE} - Kinh tế - Tin", f"{TITLE} | Tin.vn"])
def test_an_unknown_suffix_is_stripped_when_the_heading_shows_the_rest(stated: str) -> None:
    assert title_of(article_page(title=stated, head=og(stated))) == TITLE


def test_the_sites_name_is_known_by_its_host() -> None:
    page = article_page(title="Nước lên | songnews.example", heading="")
    assert title_of(page, url="https://www.songnews.example/tin/nuoc-len.html") == "Nước lên"


def test_without_blanks_only_the_sites_exact_name_is_stripped() -> None:
    head = '<meta property="og:site_name" content="新华网">'
    assert title_of(article_page(title="新桥今天通车-新华网", heading="", head=head)) == "新桥今天通车"
    assert (
        title_of(article_page(title="FLVW-Hallenmeisterschaften beginnen", heading=""))
        == "FLVW-Hallenmeisterschaften beginnen"
    )


def test_a_dash_inside_a_title_stays() -> None:
    title = "Hà Nội - Hải Phòng: chuyến tàu mới"
    assert title_of(article_page(title=f"{title} | Báo Sông", heading=f"<h1>{title}</h1>", head=SITE)) == title


def test_a_kicker_that_the_heading_leaves_out_is_dropped() -> None:
    assert title_of(article_page(title=f"Giao thông: {TITLE}", head=og(f"Giao thông: {TITLE}"))) == TITLE


def test_a_kicker_inside_the_heading_is_dropped_when_others_leave_it_out() -> None:
    heading = f"<h1><span>Giao thông</span> <span>{TITLE}</span></h1>"
    assert title_of(article_page(heading=heading, head=og(TITLE) + news_article())) == TITLE


def test_a_kicker_that_all_state_belongs_to_the_title() -> None:
    heading = "<h1><span>Giao thông</span><span>Cầu mới thông xe</span></h1>"
    stated = "Giao thông: Cầu mới thông xe"
    page = article_page(
        title=stated, heading=heading, head=og(stated) + json_ld({"@type": "Article", "headline": stated})
    )
    assert title_of(page) == stated


def test_what_readers_see_wins_over_a_title_written_for_search_engines() -> None:
    seo = "Cầu mới qua sông: giờ mở cửa, bản đồ"
    assert title_of(article_page(title=seo, head=og(seo))) == TITLE


def test_a_masthead_is_no_title() -> None:
    page = article_page(
        before='<header><h1><a href="/">Báo Sông</a></h1></header>', heading=f"<h2 class='title'>{TITLE}</h2>"
    )
    assert title_of(page) == TITLE


def test_a_label_in_an_h1_is_no_title() -> None:
    assert title_of(article_page(heading="<h1>Ý kiến</h1>", head=og(TITLE))) == TITLE


def test_the_sites_name_is_never_a_title() -> None:
    assert title_of(article_page(title="Báo Sông", heading="<h1>Báo Sông</h1>", head=SITE + og("Báo Sông"))) is None


def test_a_title_cut_short_gives_way_to_the_whole() -> None:
    cut = (
        '<meta property="og:title" content="Họ gọi cầu mới là"><meta name="twitter:title" content="Họ gọi cầu mới là">'
    )
    assert (
        title_of(article_page(title='Họ gọi cầu mới là "kỳ quan"', heading="", head=cut))
        == 'Họ gọi cầu mới là "kỳ quan"'
    )


def test_the_feeds_title_is_taken_when_the_page_has_none() -> None:
    assert title_of("<html><body><p>Chữ.</p></body></html>", hint=FeedHint(title=TITLE)) == TITLE


def test_a_date_before_the_title_is_dropped() -> None:
    assert title_of(article_page(title="x", heading=f"<h1>23.01.2022 - {TITLE}</h1>")) == TITLE


def test_hidden_labels_are_not_read() -> None:
    assert title_of(article_page(heading=f'<h1><span class="sr-only">Tiêu đề: </span>{TITLE}</h1>')) == TITLE


def test_the_signal_and_the_losers_are_named() -> None:
    choice = read_title(document_of(article_page(title=f"{TITLE} | Báo Sông", head=SITE)))
    assert choice.signal == "h1"
    assert [(offer.signal, offer.taken) for offer in choice.candidates] == [("h1", True), ("title", False)]


@given(st.text(max_size=120), st.text(max_size=120), st.text(max_size=120))
@settings(max_examples=40)
def test_any_words_give_a_title_or_none(title: str, heading: str, stated: str) -> None:
    escaped = [text.replace("<", "").replace('"', "") for text in (title, heading, stated)]
    found = title_of(article_page(title=escaped[0], heading=f"<h1>{escaped[1]}</h1>", head=og(escaped[2])))
    assert found is None or (found == found.strip() and found != "")
