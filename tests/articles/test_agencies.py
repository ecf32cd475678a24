"""Agencies: who a text was taken from, by dateline, credit line, byline, source block or statement."""

import pytest
from written_pages import PARAGRAPH, TEXT, article_page, document_of, news_article

from config.agencies import AgenciesError, agencies, parse_agencies
from pipeline.articles.agencies import read_agencies
from pipeline.articles.signatures import agencies_in, known_agency


def agencies_of(html: str) -> list[str]:
    return list(read_agencies(document_of(html)).value)


@pytest.mark.parametrize(
    ("dateline", "agency"),
    [
        ("TTXVN - ", "TTXVN"),
        ("(TTXVN) - ", "TTXVN"),
        ("Hà Nội (TTXVN) - ", "TTXVN"),
        ("BERLIN, May 3 (Reuters) - ", "Reuters"),
        ("Berlin (dpa) - ", "dpa"),
        ("WASHINGTON (AP) — ", "AP"),
        ("(Chinhphu.vn) - ", "Chính phủ"),
        ("(Tân Hoa Xã) - ", "Xinhua"),
    ],
)
def test_datelines_name_the_agency(dateline: str, agency: str) -> None:
    assert agencies_of(article_page(text=f"<p>{dateline}{PARAGRAPH}</p>{TEXT}")) == [agency]


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("Theo TTXVN", "TTXVN"),
        ("Theo Minh Nguyễn/Vcamp.vn", "Vcamp.vn"),
        ("Theo Đại Đoàn Kết", "Đại Đoàn Kết"),
        ("Nguồn: Thanh Niên", "Thanh Niên"),
        ("Minh Vũ (Theo Reuters, AFP)", "Reuters"),
        ("Quelle: dpa", "dpa"),
        ("Minh Vũ/TTXVN", "TTXVN"),
    ],
)
def test_closing_credits_name_it(line: str, agency: str) -> None:
    assert agencies_of(article_page(text=f"{TEXT}<p>{line}</p>"))[0] == agency


def test_several_agencies_are_given_in_order() -> None:
    assert agencies_of(article_page(text=f"{TEXT}<p>(Theo AFP, Reuters)</p>")) == ["AFP", "Reuters"]


def test_a_signature_in_brackets_at_the_end_of_the_text_counts() -> None:
    assert agencies_of(article_page(text=f"{TEXT}<p>{PARAGRAPH} (Reuters/VNA)</p>")) == ["Reuters", "TTXVN"]


def test_a_byline_may_name_it() -> None:
    assert agencies_of(article_page(after_heading='<div class="author">Tâm Hằng (TTXVN)</div>')) == ["TTXVN"]


def test_a_block_named_source_names_it() -> None:
    assert agencies_of(article_page(text=f'{TEXT}<p>Hết.</p><p class="source">Theo Đại Đoàn Kết</p>')) == [
        "Đại Đoàn Kết"
    ]


def test_json_ld_may_name_it() -> None:
    head = news_article(author={"@type": "Organization", "name": "Associated Press"})
    assert agencies_of(article_page(head=head)) == ["AP"]


def test_a_sentence_that_mentions_an_agency_is_no_credit() -> None:
    sentence = (
        "Hãng tin Reuters dẫn lời quan chức địa phương cho biết cây cầu sẽ mở cửa vào tuần sau để người dân đi lại."
    )
    assert agencies_of(article_page(text=f"{TEXT}<p>{sentence}</p>")) == []


def test_a_papers_everyday_name_is_no_agency_in_running_text() -> None:
    assert agencies_of(article_page(text=f"<p>Lao động - {PARAGRAPH}</p>{TEXT}")) == []


def test_a_site_is_no_agency_of_its_own_articles() -> None:
    head = '<meta property="og:site_name" content="Dân trí">'
    assert agencies_of(article_page(head=head, text=f"<p>(Dân trí) - {PARAGRAPH}</p>{TEXT}")) == []


def test_names_are_canonical_and_signatures_are_taken_as_written() -> None:
    assert agencies_in("VNA, Agence France-Presse") == ("TTXVN", "AFP")
    assert agencies_in("a map, the apa") == ()


def test_a_name_is_known_in_any_case() -> None:
    agency = known_agency("  reuters ")
    assert agency is not None
    assert agency.name == "Reuters"
    assert known_agency("Tờ báo nào đó") is None


def test_the_shipped_list_has_no_name_twice() -> None:
    names = [agency.name for agency in agencies()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agencies: [{country: VN}]", "needs a name"),
        ("agencies: [{name: X, country: VN, kinds: paper}]", "unknown kinds"),
        ("agencies: [{name: X, country: VN, kind: radio}]", "kind is agency or paper"),
        ("agencies: [X]", "needs a name"),
    ],
)
def test_mistakes_of_the_list_are_named(text: str, message: str) -> None:
    with pytest.raises(AgenciesError, match=message):
        parse_agencies(text)
