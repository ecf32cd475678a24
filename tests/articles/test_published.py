"""When an article was published: which of a page's many dates is taken, on pages written for it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.article import FeedHint, Page
from pipeline.articles.document import read_document
from pipeline.articles.published import PublishedChoice, read_published
from pipeline.dates.moment import Moment, Precision

HANOI = "Asia/Ho_Chi_Minh"
TITLE = "Thành phố mở lại cầu đi bộ bên sông"
FETCHED = datetime(2021, 9, 10, 5, 0, tzinfo=UTC)
LONG = "Sáng nay cây cầu đi bộ được mở lại sau nhiều tháng sửa chữa, người dân đi qua từ sớm. " * 4


def choose(
    body: str = "",
    head: str = "",
    url: str = "https://bao.example/tin/cau-di-bo-4672302.html",
    timezone: str | None = HANOI,
    language: str | None = "vi",
    fetched_at: datetime | None = FETCHED,
    hint: FeedHint | None = None,
) -> PublishedChoice:
    html = f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    page = Page(html.encode(), url, fetched_at, "utf-8", timezone, language, hint=hint)
    document = read_document(page)
    assert document is not None
    return read_published(document)


def article(*around: str, before: str = "") -> str:
    """Make a body: site header, headline, what stands around it, text, and what follows."""
    lines = "".join(around)
    return f"{before}<div class='main'><h1>{TITLE}</h1>{lines}<p>{LONG}</p></div>"


def json_ld(**properties: str) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **properties}
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


def meta(name: str, content: str) -> str:
    return f"<meta property='{name}' content='{content}'>"


def published(choice: PublishedChoice) -> str | None:
    """Give the moment as ISO 8601 with its offset, or only its day."""
    moment = choice.published
    if moment is None:
        return None
    return moment.on.isoformat() if moment.local is None else moment.local.isoformat()


class TestMetadata:
    """What the publisher states to machines."""

    def test_json_ld_tells_publication_and_change(self) -> None:
        choice = choose(
            head=json_ld(datePublished="2021-09-05T15:43:54+07:00", dateModified="2021-09-06T08:00:00+07:00")
        )
        assert published(choice) == "2021-09-05T15:43:54+07:00"
        assert choice.published is not None
        assert choice.published.signal == "json-ld"
        assert choice.published.precision is Precision.SECOND
        assert choice.modified is not None
        assert choice.modified.on == date(2021, 9, 6)

    @pytest.mark.parametrize(
        "head",
        [
            meta("article:published_time", "2021-09-05T15:43:00+07:00"),
            "<meta name='pubdate' content='2021-09-05T15:43:00+07:00'>",
            "<meta itemprop='datePublished' content='2021-09-05T15:43:00+07:00'>",
            "<meta name='parsely-pub-date' content='2021-09-05T08:43:00Z'>",
            "<meta name='DC.date.issued' content='2021-09-05T15:43:00+07:00'>",
            "<meta name='date' content='2021-09-05 15:43'>",
        ],
    )
    def test_meta_names_in_use(self, head: str) -> None:
        assert published(choose(head=head)) == "2021-09-05T15:43:00+07:00"

    def test_an_empty_meta_is_no_date(self) -> None:
        assert published(choose(head=meta("article:published_time", ""))) is None

    def test_a_clock_without_offset_is_in_the_publisher_s_zone(self) -> None:
        head = json_ld(datePublished="2021-09-05T00:01:00")
        assert published(choose(head=head)) == "2021-09-05T00:01:00+07:00"

    def test_a_clock_without_offset_is_only_a_day_where_the_zone_is_unknown(self) -> None:
        choice = choose(head=json_ld(datePublished="2021-09-05T00:01:00"), timezone=None)
        assert choice.published == Moment.day(date(2021, 9, 5), "json-ld")

    def test_the_page_s_node_speaks_where_no_article_does(self) -> None:
        node = {"@type": "WebPage", "datePublished": "2021-09-05T15:43:00+07:00"}
        assert published(choose(head=f"<script type='application/ld+json'>{json.dumps(node)}</script>")) is not None

    def test_a_date_in_the_page_s_own_script_is_heard(self) -> None:
        choice = choose(
            body=article() + '<script>window.state = {"datePublished":"2021-09-05T15:43:00+07:00"}</script>'
        )
        assert published(choice) == "2021-09-05T15:43:00+07:00"

    def test_the_future_and_empty_fields_are_not_believed(self) -> None:
        assert published(choose(head=json_ld(datePublished="2031-01-01T00:00:00Z"))) is None
        assert published(choose(head=json_ld(datePublished="0001-01-01T00:00:00"))) is None
        assert published(choose(head=json_ld(datePublished="1970-01-01T00:00:00Z"))) is None

    def test_without_a_fetch_time_no_clock_of_this_machine_bounds_the_date(self) -> None:
        choice = choose(head=json_ld(datePublished="2061-09-05T15:43:00+07:00"), fetched_at=None)
        assert published(choice) == "2061-09-05T15:43:00+07:00"


class TestZones:
    """Whose clock it is."""

    def test_the_page_s_gmt_plus_seven_overrules_the_metadata_s_offset(self) -> None:
        choice = choose(
            head=json_ld(datePublished="2019-02-08T17:08:25+08:00"),
            body=article("<span class='date'>Thứ sáu, 8/2/2019, 17:08 (GMT+7)</span>"),
            timezone=None,
        )
        assert published(choice) == "2019-02-08T17:08:25+07:00"

    def test_the_clock_that_the_page_shows_is_local_though_the_metadata_call_it_utc(self) -> None:
        choice = choose(
            head=meta("article:published_time", "2021-09-05T15:43:00Z"),
            body=article("<span class='date'>05/09/2021 15:43</span>"),
        )
        assert published(choice) == "2021-09-05T15:43:00+07:00"

    def test_utc_is_expressed_in_the_publisher_s_zone(self) -> None:
        choice = choose(head=json_ld(datePublished="2021-09-05T20:00:00Z"))
        assert published(choice) == "2021-09-06T03:00:00+07:00"
        assert choice.published is not None
        assert choice.published.on == date(2021, 9, 6)

    def test_just_after_midnight_in_hanoi_is_the_new_day_though_it_is_yesterday_in_utc(self) -> None:
        choice = choose(
            head=meta("article:published_time", "2024-12-25T01:10:00+07:00"),
            fetched_at=datetime(2024, 12, 24, 18, 30, tzinfo=UTC),
        )
        assert published(choice) == "2024-12-25T01:10:00+07:00"
        assert choice.published is not None
        assert choice.published.on == date(2024, 12, 25)


class TestShown:
    """What readers see near the headline."""

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("<div class='detail-time'>03/02/2021 10:20</div>", "2021-02-03T10:20:00+07:00"),
            ("<span class='date'>Thứ tư, 3/2/2021, 10:20 (GMT+7)</span>", "2021-02-03T10:20:00+07:00"),
            ("<p>Thứ tư, 03/02/2021 - 10:20</p>", "2021-02-03T10:20:00+07:00"),
            ("<time datetime='2021-02-03T10:20:00+07:00'>hôm qua</time>", "2021-02-03T10:20:00+07:00"),
            ("<span class='timestamp'>| Cập nhật thứ tư, ngày 03/02/21 11:05 tối</span>", "2021-02-03T23:05:00+07:00"),
            ("<div class='author'>An Nhiên | 15:20 PM | 03/02/2021</div>", "2021-02-03T15:20:00+07:00"),
            ("<abbr class='published' title='2021-02-03T10:20:00+07:00'>3 tháng 2</abbr>", "2021-02-03T10:20:00+07:00"),
            ("<span itemprop='datePublished' content='2021-02-03T10:20'>3/2</span>", "2021-02-03T10:20:00+07:00"),
            ("<p class='meta'><!-- -->03/02/2021<!-- --> 10:20</p>", "2021-02-03T10:20:00+07:00"),
            ("<p>Hà Nội, ngày 3 tháng 2 năm 2021</p>", "2021-02-03"),
        ],
    )
    def test_the_line_of_the_date(self, line: str, expected: str) -> None:
        assert published(choose(body=article(line))) == expected

    def test_a_date_right_above_the_headline_counts_too(self) -> None:
        assert published(choose(body=article(before="<div class='date'>03/02/2021 10:20</div>"))) is not None

    def test_a_date_with_which_a_long_text_opens(self) -> None:
        body = article(f"<p>3.2.2021 – {LONG}</p>")
        assert published(choose(body=body)) == "2021-02-03"

    def test_the_minute_is_taken_from_the_page_when_the_metadata_state_only_the_day(self) -> None:
        choice = choose(
            head="<meta itemprop='datePublished' content='2021-02-03'>",
            body=article("<span class='date'>Thứ Tư, 03/02/2021 - 10:03</span>"),
        )
        assert published(choice) == "2021-02-03T10:03:00+07:00"

    def test_a_change_that_is_shown_apart_from_the_publication_is_only_a_change(self) -> None:
        choice = choose(
            body=article("<p>Đăng: <time>03/02/2021 10:20</time></p><p>Cập nhật: 04/02/2021 08:00</p>"),
        )
        assert published(choice) == "2021-02-03T10:20:00+07:00"
        assert choice.modified is not None
        assert choice.modified.on == date(2021, 2, 4)

    def test_a_lone_change_is_said_to_be_one(self) -> None:
        choice = choose(head=json_ld(dateModified="2021-09-06T08:00:00+07:00"))
        assert published(choice) == "2021-09-06T08:00:00+07:00"
        assert choice.published is not None
        assert choice.published.signal == "json-ld (change)"
        assert [(c.field, c.signal, c.taken) for c in choice.candidates] == [
            ("published", "json-ld (change)", True),
            ("modified", "json-ld", True),
        ]

    def test_an_old_article_shown_under_a_new_day_was_published_anew(self) -> None:
        choice = choose(
            head=json_ld(datePublished="2019-03-01T10:00:00+07:00", dateModified="2021-09-06T08:00:00+07:00"),
            body=article("<span class='date'>06/09/2021</span>"),
        )
        assert published(choice) == "2021-09-06T08:00:00+07:00"

    def test_a_change_a_few_hours_later_is_no_new_publication(self) -> None:
        choice = choose(
            head=json_ld(datePublished="2021-09-05T23:00:00+07:00", dateModified="2021-09-06T08:00:00+07:00"),
            body=article("<span class='date'>06/09/2021</span>"),
        )
        assert published(choice) == "2021-09-05T23:00:00+07:00"

    def test_an_ambiguous_date_is_settled_by_the_address(self) -> None:
        url = "https://news.example.com/2021/05/09/bridge"
        body = article("<span class='date'>09/05/2021</span>")
        assert published(choose(body=body, url=url, timezone=None, language="en")) == "2021-05-09"

    def test_one_date_in_figures_proves_the_order_of_the_others(self) -> None:
        choice = choose(
            head="<meta name='pubdate' content='01/10/2017'><meta name='lastmod' content='06/13/2019'>", timezone=None
        )
        assert published(choice) == "2017-01-10"

    def test_the_page_s_own_language_tells_the_order_where_nothing_else_does(self) -> None:
        html = b"<html lang='en-US'><body><h1>Bridge</h1><p class='date'>05/09/2021</p></body></html>"
        document = read_document(Page(html))
        assert document is not None
        assert published(read_published(document)) == "2021-05-09"


class TestOtherDates:
    """Dates on a page that are not the article's."""

    @pytest.mark.parametrize(
        "other",
        [
            "<div class='comments'><p class='date'>07/09/2021 09:00</p></div>",
            "<div class='related'><time datetime='2021-09-07'>07/09/2021</time></div>",
            "<p class='copyright'>Bản quyền © 01/01/2021</p>",
            "<p>Điện thoại: 0441801750</p>",
            "<p>Liên hệ: 1234567890</p>",
            "<div class='weather'><span class='date'>07/09/2021</span></div>",
        ],
    )
    def test_are_not_invented_to_be_it(self, other: str) -> None:
        assert published(choose(body=article() + other)) is None

    @pytest.mark.parametrize(
        "clock",
        [
            "<div class='clock'>Thứ sáu, 10/9/2021</div>",
            "<header><span class='date'>Thứ sáu, 10/9/2021</span></header>",
            "<div class='top'><span class='time'>Thứ sáu, 10/9/2021, 12:01</span></div>",
        ],
    )
    def test_a_clock_in_the_site_s_header_shows_now(self, clock: str) -> None:
        assert published(choose(body=article(before=clock))) is None

    def test_the_article_s_date_stands_beside_a_clock_of_the_site(self) -> None:
        clock = "<header><span class='date'>Thứ sáu, 10/9/2021</span></header>"
        body = article("<span class='date'>Thứ ba, 7/9/2021, 10:20</span>", before=clock)
        assert published(choose(body=body)) == "2021-09-07T10:20:00+07:00"

    def test_teasers_do_not_outvote_the_headline_s_date(self) -> None:
        teasers = "".join(
            f"<div class='item'><h3>Tin khác {i}</h3><span class='date'>09/09/2021</span></div>" for i in range(20)
        )
        body = article("<span class='date'>05/09/2021 15:43</span>") + teasers
        assert published(choose(body=body)) == "2021-09-05T15:43:00+07:00"

    def test_dates_in_running_text_are_not_the_article_s(self) -> None:
        assert published(choose(body=article(f"<p>{LONG} Ngày 3/2/1930 là một ngày lễ. {LONG}</p>"))) is None

    def test_a_page_without_any_date_has_none(self) -> None:
        choice = choose(body=article())
        assert choice == PublishedChoice(None, None, ())

    def test_a_month_in_the_address_is_no_day(self) -> None:
        assert published(choose(body=article(), url="https://bao.example/2021/09/cau-di-bo")) is None


class TestAddressAndFeed:
    """Witnesses from outside the page's text."""

    def test_the_address_tells_the_day(self) -> None:
        choice = choose(body=article(), url="https://bao.example/2021/09/05/cau-di-bo")
        assert choice.published == Moment.day(date(2021, 9, 5), "url")

    def test_the_feed_tells_the_minute(self) -> None:
        at = datetime(2021, 9, 5, 15, 43, tzinfo=timezone(timedelta(hours=7)))
        choice = choose(body=article(), hint=FeedHint(published=Moment.at(at, "feed")))
        assert choice.published == Moment.at(at, "feed")

    def test_the_feed_gives_its_minute_to_a_day_of_the_metadata(self) -> None:
        at = datetime(2021, 9, 5, 15, 43, tzinfo=timezone(timedelta(hours=7)))
        choice = choose(head=json_ld(datePublished="2021-09-05"), hint=FeedHint(published=Moment.at(at, "feed")))
        assert published(choice) == "2021-09-05T15:43:00+07:00"

    def test_the_page_s_metadata_outweigh_the_feed(self) -> None:
        at = datetime(2021, 9, 8, 15, 43, tzinfo=timezone(timedelta(hours=7)))
        choice = choose(
            head=json_ld(datePublished="2021-09-05T10:00:00+07:00"), hint=FeedHint(published=Moment.at(at, "feed"))
        )
        assert published(choice) == "2021-09-05T10:00:00+07:00"


def test_every_date_that_was_offered_is_a_candidate_and_the_taken_one_is_marked() -> None:
    choice = choose(
        head=json_ld(datePublished="2021-09-05T15:43:54+07:00", dateModified="2021-09-06T08:00:00+07:00"),
        body=article("<span class='date'>05/09/2021 15:43</span>"),
        url="https://bao.example/2021/09/05/cau-di-bo",
    )
    offered = {(candidate.field, candidate.signal, candidate.taken) for candidate in choice.candidates}
    assert offered == {
        ("published", "json-ld", True),
        ("modified", "json-ld", True),
        ("published", "url", False),
        ("published", "visible", False),
    }


def test_the_tree_is_left_as_it_was() -> None:
    html = f"<html><body>{article('<span class=date>05/09/2021</span>')}<script>var a=1</script></body></html>"
    document = read_document(Page(html.encode()))
    assert document is not None
    before = document.tree.xpath("count(//*)"), document.tree.text_content()
    read_published(document)
    assert (document.tree.xpath("count(//*)"), document.tree.text_content()) == before


@given(
    st.text(max_size=40),
    st.sampled_from([None, HANOI, "No/Where"]),
    st.sampled_from([None, FETCHED]),
    st.sampled_from(["", "https://[bad", "https://x.vn/2021/09/05/a", "not a url"]),
)
def test_any_text_in_every_place_gives_an_aware_moment_or_none(
    text: str, timezone: str | None, fetched_at: datetime | None, url: str
) -> None:
    safe = text.replace("<", "").replace("'", "").replace("&", "")
    choice = choose(
        head=json_ld(datePublished=text, dateModified=text) + f"<meta name='date' content='{safe}'>",
        body=article(f"<time datetime='{safe}'>{safe}</time><p class='date'>{safe}</p>{safe}"),
        timezone=timezone,
        fetched_at=fetched_at,
        url=url,
    )
    for moment in (choice.published, choice.modified):
        assert moment is None or moment.local is None or moment.local.utcoffset() is not None


@pytest.mark.parametrize(
    "bait",
    [
        "<p class='date'>" + "1/1/2021 " * 50_000 + "</p>",
        "<div class='meta'>" * 3_000 + "x",
        "<time datetime='" + "2021-" * 50_000 + "'>",
        "<p class='date' " + " ".join(f"data-date{i}='05/09/2021'" for i in range(20_000)) + ">x</p>",
        "<span class='" + "date " * 50_000 + "'>5</span>",
        "<p>05/09/2021</p>" * 20_000,
        "<h1>" + "tin " * 100_000 + "</h1>",
    ],
)
def test_date_bait_gives_no_day_after_the_fetch(bait: str) -> None:
    published = choose(body=article() + bait).published
    assert published is None or published.on <= FETCHED.date() + timedelta(days=1)
