"""The place: a location line, JSON-LD, or the dateline before an agency or a dash."""

import pytest
from written_pages import PARAGRAPH, TEXT, article_page, document_of, news_article

from pipeline.articles.place import read_place


def place_of(html: str) -> str | None:
    return read_place(document_of(html)).value


@pytest.mark.parametrize(
    "line",
    [
        '<div class="detail-place">Cần Thơ</div>',
        '<span class="location-stamp">Cần Thơ</span>',
        '<p class="dateline">Cần Thơ, </p>',
        '<span itemprop="contentLocation" class="city">Cần Thơ</span>',
    ],
)
def test_a_location_line_is_read(line: str) -> None:
    assert place_of(article_page(after_heading=line)) == "Cần Thơ"


@pytest.mark.parametrize("line", ["03/02/2023 10:20", "Theo TTXVN", "TTXVN", "Cần Thơ | 10:20", "x" * 80])
def test_a_line_that_is_no_place_is_not(line: str) -> None:
    assert place_of(article_page(after_heading=f'<div class="dateline">{line}</div>')) is None


@pytest.mark.parametrize(
    ("dateline", "place"),
    [
        ("Hà Nội (TTXVN) - ", "Hà Nội"),
        ("BERLIN, May 3 (Reuters) - ", "Berlin"),
        ("Berlin (dpa) - ", "Berlin"),
        ("WASHINGTON (AP) — ", "Washington"),
        ("NEW DELHI — ", "New Delhi"),
        ("HAYWARD, Calif. (AP) — ", "Hayward, Calif."),
        ("ST. JOSEPH (AP) — ", "St. Joseph"),
    ],
)
def test_a_dateline_names_it(dateline: str, place: str) -> None:
    assert place_of(article_page(text=f"<p>{dateline}{PARAGRAPH}</p>{TEXT}")) == place


def test_an_agencys_dateline_alone_names_no_place() -> None:
    assert place_of(article_page(text=f"<p>TTXVN - {PARAGRAPH}</p>{TEXT}")) is None


def test_json_ld_may_name_it() -> None:
    assert place_of(article_page(head=news_article(contentLocation={"@type": "Place", "name": "Cần Thơ"}))) == "Cần Thơ"


def test_the_location_line_is_believed_first() -> None:
    page = article_page(head=news_article(contentLocation="Việt Nam"), after_heading='<p class="place">Cần Thơ</p>')
    choice = read_place(document_of(page))
    assert choice.value == "Cần Thơ"
    assert choice.signal == "location-line"


def test_places_of_other_articles_are_left_alone() -> None:
    assert place_of(article_page(after='<aside><span class="place">Huế</span></aside>')) is None
