"""The summary: the standfirst that readers see, else how the publisher describes the article."""

import pytest
from written_pages import TEXT, TITLE, article_page, document_of, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.summary import clean_summary, read_summary

LEAD = "Cây cầu dài hai cây số nối đôi bờ sông, giúp người dân rút ngắn nửa giờ đi lại mỗi ngày."
OTHER = "Mô tả viết cho máy tìm kiếm, nói về lịch trình, bản đồ và giá vé của một nơi khác hẳn."


def summary_of(html: str, **page: object) -> str | None:
    return read_summary(document_of(html, **page)).value  # type: ignore[arg-type]  # the page's own fields


def description(text: str) -> str:
    return f'<meta property="og:description" content="{text}">'


@pytest.mark.parametrize(
    "shown",
    [
        f'<h2 class="detail-sapo">{LEAD}</h2>',
        f'<p class="standfirst">{LEAD}</p>',
        f'<div class="article__lead"><p>{LEAD}</p></div>',
        f'<div class="meta">10:20</div><p class="intro">{LEAD}</p>',
        f"<h2>{LEAD}</h2>",
    ],
)
def test_the_standfirst_under_the_heading_is_read(shown: str) -> None:
    assert summary_of(article_page(head=description(OTHER), after_heading=shown)) == LEAD


def test_a_box_of_that_name_elsewhere_counts_only_when_a_description_repeats_it() -> None:
    box = f"<div><div><div><p class='description'>{LEAD}</p></div></div></div>"
    far = "<div>1</div><div>2</div><div>3</div>"
    page = f"<html><head>{{}}</head><body><main><h1>{TITLE}</h1>{far}{box}{TEXT}</main></body></html>"
    assert summary_of(page.format(description(OTHER))) == OTHER
    assert summary_of(page.format(description(LEAD[:60]))) == LEAD


@pytest.mark.parametrize(
    "box",
    [
        f'<figure><figcaption class="description">{LEAD}</figcaption></figure>',
        f'<a href="/x"><p class="teaser-intro">{LEAD}</p></a>',
        f'<div class="related"><p class="lead">{LEAD}</p></div>',
    ],
)
def test_captions_teasers_and_other_articles_are_no_standfirst(box: str) -> None:
    assert summary_of(article_page(head=description(OTHER), after_heading=box)) == OTHER


def test_a_location_stamp_in_it_is_left_out() -> None:
    shown = f'<p class="description"><span class="location-stamp">TP HCM</span>{LEAD}</p>'
    assert summary_of(article_page(head=description(LEAD), after_heading=shown)) == LEAD


def test_a_standfirst_of_several_paragraphs_is_joined() -> None:
    shown = f'<p class="lead">{LEAD}</p><p class="lead">Vé đi lại miễn phí.</p>'
    document = document_of(article_page(head=description(LEAD), after_heading=shown))
    assert read_summary(document).value == f"{LEAD} Vé đi lại miễn phí."


def test_the_texts_first_paragraph_is_no_standfirst() -> None:
    assert summary_of(article_page()) is None


@pytest.mark.parametrize(
    ("head", "signal"),
    [
        (description(LEAD) + news_article(description=OTHER), "og:description"),
        (f'<meta name="description" content="{LEAD}">' + news_article(description=OTHER), "description"),
        (news_article(description=LEAD), "json-ld"),
    ],
)
def test_descriptions_are_taken_in_the_order_of_their_readers(head: str, signal: str) -> None:
    choice = read_summary(document_of(article_page(head=head)))
    assert choice.value == LEAD
    assert choice.signal == signal


def test_the_feeds_summary_is_the_last_resort() -> None:
    assert summary_of(article_page(), hint=FeedHint(summary=LEAD)) == LEAD


@pytest.mark.parametrize(
    ("stated", "clean"),
    [
        (f"(TTXVN) - {LEAD}", LEAD),
        (f"TTXVN - {LEAD}", LEAD),
        (f"(Dân trí) - {LEAD}", LEAD),
        (f"(Báo Sông) – {LEAD}", LEAD),
        (f"{LEAD} - Báo Sông", LEAD),
        (f"{LEAD} >> Một tin khác", LEAD),
        (f"Hà Nội - {LEAD}", f"Hà Nội - {LEAD}"),
        (f"(Ảnh minh họa) - {LEAD}", f"(Ảnh minh họa) - {LEAD}"),
        (" ", None),
        (None, None),
    ],
)
def test_senders_site_names_and_pointers_are_taken_off(stated: str | None, clean: str | None) -> None:
    assert clean_summary(stated, frozenset({"báo sông"})) == clean


def test_a_heading_of_the_second_level_is_the_title_where_the_first_ends_a_path() -> None:
    path = f"<nav><ol><li><h1>{TITLE}</h1></li></ol></nav>"
    page = article_page(
        before=path, heading=f"<h2>{TITLE}</h2>", after_heading=f"<p>{LEAD}</p>", head=description(OTHER)
    )
    assert summary_of(page) == LEAD


def test_a_standfirst_that_a_description_repeats_is_found_farther_down() -> None:
    bars = "".join(f"<div>{number}</div>" for number in range(6))
    page = article_page(after_heading=f"{bars}<section><p>{LEAD}</p></section>", head=description(LEAD[:-2] + "!"))
    assert summary_of(page) == LEAD


@pytest.mark.parametrize("end", ["", "…", " […]", "..."])
def test_a_description_that_was_cut_gives_way_to_the_paragraph_that_it_begins(end: str) -> None:
    page = article_page(text=f"<p>{LEAD}</p>{TEXT}", head=description(f"{LEAD[:60]}{end}"))
    assert summary_of(page) == LEAD


def test_quotation_marks_that_point_are_kept_and_arrows_to_other_articles_are_not() -> None:
    quoted = "Thủ tướng nói về »cầu mới« của thành phố và những năm tới."
    french = "La ville parle de la « rupture » entre les deux rives du fleuve."
    assert clean_summary(quoted, frozenset()) == quoted
    assert clean_summary(french, frozenset()) == french
    assert clean_summary(f"{LEAD} » Xem thêm ảnh", frozenset()) == LEAD


def test_a_byline_at_the_end_of_a_description_is_left_out() -> None:
    assert clean_summary("Nobody knows why the bridge moved. By Ann Reader.", frozenset()) == (
        "Nobody knows why the bridge moved."
    )
    kept = "Nobody knows how it is done. By night it moves"
    assert clean_summary(kept, frozenset()) == kept


def test_the_caption_of_a_picture_is_no_standfirst() -> None:
    caption = '<p class="description">Ann Reader, Bob Writer and the new bridge over the river | Photo: Cy Example.</p>'
    assert summary_of(article_page(after_heading=caption, head=description(OTHER))) == OTHER
