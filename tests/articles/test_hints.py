"""Hints of a source on its pages: what they point at wins and says so, what they miss leaves the rules at work."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_pages import PARAGRAPH, TITLE, article_page, news_article

from config.hints import Hints, make_hints, read_hint
from models.outcomes import Outcome
from pipeline.articles.article import Article, FeedHint, Page
from pipeline.articles.extract import extract
from pipeline.dates.moment import Moment

FETCHED = datetime(2026, 3, 20, tzinfo=UTC)
HANOI = "Asia/Ho_Chi_Minh"
LINES = [f"{PARAGRAPH} Đoạn {n}." for n in range(3)]
TEXT = "".join(f"<p>{line}</p>" for line in LINES)


def hints(**typed: str) -> Hints:
    """Make hints of keys such as `selectors__body`."""
    pairs = [(name.replace("__", "."), text) for name, text in typed.items()]
    return make_hints((key, read_hint(key, text)) for key, text in pairs)


def read(html: str, *, explain: bool = False, zone: str | None = HANOI, **typed: str) -> Article:
    page = Page(
        html.encode(),
        "https://tin.example.vn/cau-moi.html",
        FETCHED,
        timezone=zone,
        hints=hints(**typed) if typed else None,
    )
    return extract(page, explain=explain)


def when(article: Article) -> str | None:
    moment = article.published
    return None if moment is None else str(moment.local or moment.on)


def losers(article: Article, field: str) -> dict[str, str]:
    return {one.signal: one.why for one in article.candidates if one.field == field and not one.taken}


def test_the_body_is_what_its_selector_means_line_by_line() -> None:
    html = article_page(text=f"{TEXT}<div class='box'><p>Một hộp khác\n trong <b>trang</b>.<br>Dòng hai.</p></div>")

    article = read(html, selectors__body=".box")

    assert article.body == "Một hộp khác trong trang.\nDòng hai."
    assert article.provenance["body"] == "hint"


def test_the_parts_of_a_body_are_joined_in_the_order_of_the_page_and_none_is_repeated() -> None:
    html = article_page(text=TEXT, after_heading="<p class='sapo'>Tóm tắt.</p>")

    assert read(html, selectors__body=".detail, .sapo, .detail p").body == "\n".join(["Tóm tắt.", *LINES])


def test_a_body_that_is_pointed_at_has_neither_title_nor_byline_nor_scripts_and_pictures() -> None:
    extra = "<script>x()</script><figure><img src=a.jpg><figcaption>Ảnh: A</figcaption></figure><form>Gửi</form>"
    html = article_page(text=f"{extra}{TEXT}", after_heading="<p class='who'>Lê Thu Hà</p>")

    article = read(html, selectors__body=".main", selectors__author=".who")

    assert article.body == "\n".join(LINES)


def test_what_is_dropped_is_seen_by_no_reader() -> None:
    script = news_article(author={"@type": "Person", "name": "Lê Thu Hà"}, datePublished="2026-03-04T09:15:00+07:00")
    html = article_page(
        head=script, text=f"{TEXT}<p class='promo'>Mua lịch năm mới của chúng tôi ngay hôm nay nhé.</p>"
    )

    article = read(html, selectors__drop=".promo", selectors__body=".detail")
    bare = read(html, selectors__drop="script[type='application/ld+json']")

    assert article.body == "\n".join(LINES)
    assert (bare.authors, bare.published) == ((), None)


def test_the_authors_are_the_people_in_what_their_selector_means() -> None:
    script = news_article(author={"@type": "Person", "name": "Ban Quản Trị"})
    html = article_page(head=script, text=f"{TEXT}<p class='x9'>Bài và ảnh: Lê Thu Hà, Trần Văn Bình</p>")

    article = read(html, selectors__author=".x9")

    assert article.authors == ("Lê Thu Hà", "Trần Văn Bình")
    assert article.provenance["authors"] == "hint"


def test_a_meta_may_be_pointed_at() -> None:
    head = "<meta name='x-writer' content='Lê Thu Hà'><meta name='x-day' content='2026-03-05T08:00:00+07:00'>"

    article = read(article_page(head=head), selectors__author="[name=x-writer]", selectors__date="[name=x-day]")

    assert article.authors == ("Lê Thu Hà",)
    assert when(article) == "2026-03-05 08:00:00+07:00"
    assert article.provenance["published"] == "hint"


def test_the_date_that_is_pointed_at_wins_over_all_others() -> None:
    html = article_page(
        head=news_article(datePublished="2026-03-10T07:00:00+07:00", dateModified="2026-03-12T07:00:00+07:00"),
        after_heading="<i class='d'>Đăng lúc 04/03/2026 09:15</i>",
    )

    article = read(html, selectors__date=".d")

    assert when(article) == "2026-03-04 09:15:00+07:00"
    assert article.modified is not None


def test_a_format_reads_a_date_within_a_line_as_the_site_writes_it() -> None:
    html = article_page(after_heading="<i class='d'>Số 17 | 26.03.05 — 8:05 PM</i>")

    article = read(html, selectors__date=".d", dates__format="%y.%m.%d — %I:%M %p")

    assert when(article) == "2026-03-05 20:05:00+07:00"


@pytest.mark.parametrize(
    ("shown", "form", "expected"),
    [
        ("5 marzo 2026 ore 08.05", "%d %B %Y ore %H.%M", "2026-03-05 08:05:00+07:00"),
        ("Thứ năm, 05-03-2026", "%A, %d-%m-%Y", "2026-03-05"),
        ("2026/03/05 08:05:09 +0200", "%Y/%m/%d %H:%M:%S %z", "2026-03-05 08:05:09+02:00"),
        ("03-05-2026 12:30 am", "%m-%d-%Y %I:%M %p", "2026-03-05 00:30:00+07:00"),
        ("05-03-2026 25:30", "%d-%m-%Y %H:%M", "2026-03-05"),
    ],
)
def test_formats_know_months_by_name_offsets_and_half_days(shown: str, form: str, expected: str) -> None:
    article = read(article_page(after_heading=f"<i class='d'>{shown}</i>"), selectors__date=".d", dates__format=form)

    assert when(article) == expected


def test_a_format_alone_reads_whatever_the_page_states_so() -> None:
    html = article_page(head=news_article(datePublished="03/05/2026 08:05"))

    usual, hinted = read(html), read(html, dates__format="%m/%d/%Y %H:%M")

    assert when(usual) != when(hinted) == "2026-03-05 08:05:00+07:00"
    assert hinted.provenance["published"] == "json-ld (hint)"


@pytest.mark.parametrize(("day_first", "expected"), [("yes", "2026-03-04"), ("no", "2026-04-03")])
def test_day_first_says_which_figure_is_the_day(day_first: str, expected: str) -> None:
    html = article_page(after_heading="<p class='date'>04/03/2026</p>")
    page = Page(
        html.encode(), None, datetime(2026, 6, 1, tzinfo=UTC), timezone=HANOI, hints=hints(dates__day_first=day_first)
    )

    assert when(extract(page)) == expected


def test_a_zone_of_the_pages_wins_over_the_sources() -> None:
    html = article_page(head=news_article(datePublished="2026-03-04T09:15:00"))

    assert when(read(html, dates__timezone="Asia/Tokyo")) == "2026-03-04 09:15:00+09:00"


def test_a_wrong_zone_leaves_the_clock_and_takes_the_publishers_offset() -> None:
    html = article_page(head=news_article(datePublished="2026-03-04T09:15:00+08:00"))

    article = read(html, dates__zone_is_wrong="yes")

    assert when(article) == "2026-03-04 09:15:00+07:00"
    assert article.provenance["published"] == "json-ld (hint)"


def test_a_hint_that_changes_nothing_takes_no_credit() -> None:
    html = article_page(head=news_article(datePublished="2026-03-04T09:15:00+07:00"))

    article = read(html, dates__zone_is_wrong="yes", dates__day_first="yes", dates__format="%d.%m.%Y")

    assert article.provenance["published"] == "json-ld"


@pytest.mark.parametrize(("ignored", "expected"), [("json-ld", "2026-03-05"), ("visible", "2026-03-10")])
def test_ignored_signals_say_nothing(ignored: str, expected: str) -> None:
    html = article_page(
        head=news_article(datePublished="2026-03-10"), after_heading="<p class='date'>Ngày 05/03/2026</p>"
    )

    assert when(read(html, dates__ignore=ignored)) == expected


def test_one_meta_may_be_ignored_and_the_others_believed() -> None:
    head = "<meta name='pubdate' content='2026-03-01'><meta name='date' content='2026-03-05'>"

    assert when(read(article_page(head=head), dates__ignore="meta:pubdate")) == "2026-03-05"
    assert when(read(article_page(head=head), dates__ignore="meta")) is None


def test_selectors_that_find_nothing_leave_the_rules_at_work_and_say_so() -> None:
    html = article_page(
        head=news_article(author={"@type": "Person", "name": "Lê Thu Hà"}, datePublished="2026-03-04"), text=TEXT
    )

    usual = read(html)
    article = read(
        html,
        explain=True,
        selectors__body=".no",
        selectors__author=".no",
        selectors__date=".no",
        selectors__drop=".no",
    )

    assert (article.body, article.authors, when(article)) == (usual.body, usual.authors, when(usual))
    assert "hint" not in set(article.provenance.values())
    for field in ("body", "authors", "published", "drop"):
        assert losers(article, field)["hint"] == "nothing matches '.no'"


def test_a_selector_of_something_else_says_what_it_has_not() -> None:
    html = article_page(text=TEXT, after_heading="<p class='x'>+++</p><img class='y' src='a.jpg'>")

    article = read(html, explain=True, selectors__author=".x", selectors__date=".x", selectors__body=".y")

    assert losers(article, "authors")["hint"] == "no name is read in it"
    assert losers(article, "published")["hint"] == "no believable date is read in it"
    assert losers(article, "body")["hint"] == "no text is read in it"


def test_a_date_to_come_is_not_believed_because_a_hint_points_at_it() -> None:
    html = article_page(head=news_article(datePublished="2026-03-04"), after_heading="<i class='d'>2027-01-01</i>")

    assert when(read(html, selectors__date=".d")) == "2026-03-04"


def test_dropping_everything_ends_with_an_outcome() -> None:
    assert read(article_page(), selectors__drop="*").outcome is Outcome.NO_TEXT


SELECTORS = st.sampled_from(
    ["*", "body", "p", "div div", "p ~ *", ".detail", "html > body", "i, b", "script", "h1", "no"]
)
FORMATS = st.sampled_from(["%d/%m/%Y", "%A %d %B %Y %I:%M %p %z", "%y%m%d"])


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: article_page(text=text).encode()),
    st.fixed_dictionaries(
        {},
        optional={
            "selectors__body": SELECTORS,
            "selectors__author": SELECTORS,
            "selectors__date": SELECTORS,
            "selectors__drop": SELECTORS,
            "dates__format": FORMATS,
            "dates__day_first": st.sampled_from(["yes", "no"]),
            "dates__ignore": st.sampled_from(["json-ld", "visible", "meta"]),
            "dates__zone_is_wrong": st.just("yes"),
        },
    ),
)
def test_no_page_and_no_hint_makes_extraction_fail(html: bytes, typed: dict[str, Any]) -> None:
    page = Page(html, None, FETCHED, timezone=HANOI, hints=hints(**typed))

    assert extract(page, explain=True).outcome is not Outcome.EXTRACT_FAILED


def test_an_article_without_hints_is_the_same_as_with_empty_ones() -> None:
    html = article_page(head=news_article(datePublished="2026-03-04"), text=TEXT)
    page = Page(html.encode(), None, FETCHED)

    assert extract(page) == extract(Page(html.encode(), None, FETCHED, hints=Hints()))
    assert extract(page).title == TITLE


def test_the_feed_and_the_address_keep_their_dates_whatever_hints_say_of_the_pages() -> None:
    told = Moment.at(datetime(2026, 3, 4, 9, 15, tzinfo=timezone(timedelta(hours=8))), "feed")
    page = Page(
        article_page().encode(),
        "https://tin.example.vn/2026/03/04/cau-moi.html",
        FETCHED,
        timezone=HANOI,
        hint=FeedHint(published=told),
        hints=hints(dates__zone_is_wrong="yes", dates__day_first="no", dates__format="%Y-%d-%m"),
    )

    assert when(extract(page)) == "2026-03-04 09:15:00+08:00"
    assert extract(page).provenance["published"] == "feed"
