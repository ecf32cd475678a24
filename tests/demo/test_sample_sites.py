"""What the sample sites hold: enough of everything that a newcomer should see, and nothing that moves by itself."""

import json
import re
from calendar import timegm
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import feedparser
import pytest
from lxml import html

from demo.content import Publisher, SampleArticle, corrected, publishers
from demo.feeds import write_feed
from demo.render import article_page
from demo.server import documents
from demo.site import Document, Request, Response
from pipeline.text import count_words, visible

BASE = "http://127.0.0.1:1"
# Words of the wire story that every copy has.
WIRE = "ba đầu đo ở ba độ sâu và một tấm pin mặt trời"
ALL = [(publisher, article) for publisher in publishers() for article in publisher.articles]
SERVED = [(publisher, article) for publisher, article in ALL if not article.is_missing]
REGULAR = [(publisher, article) for publisher, article in SERVED if not article.path.startswith(publisher.disallow)]


def by_name(pair: tuple[Publisher, SampleArticle]) -> str:
    return f"{pair[0].slug}/{pair[1].name}"


PAGES = {publisher.slug: documents(publisher, BASE) for publisher in publishers()}


def body(publisher: Publisher, path: str) -> bytes:
    document = PAGES[publisher.slug][path]
    assert isinstance(document, Document)
    return document.body


def find(page: bytes | str, xpath: str) -> list[str]:
    found = html.fromstring(page).xpath(xpath)
    assert isinstance(found, list)
    return [str(value) for value in found]


def text_of(article: SampleArticle) -> str:
    return "\n".join(article.text)


def the(**fields: object) -> list[SampleArticle]:
    return [article for _, article in ALL if all(getattr(article, name) == value for name, value in fields.items())]


class TestWhatThereIs:
    def test_at_least_four_publishers_and_34_articles_would_be_loaded(self) -> None:
        assert len(publishers()) >= 4
        assert len(REGULAR) >= 34

    def test_three_languages_and_five_markups(self) -> None:
        assert {publisher.language for publisher in publishers()} == {"vi", "en", "fr"}
        assert len({publisher.markup for publisher in publishers()}) == 5

    def test_rss_atom_and_json_feed(self) -> None:
        formats = {publisher.feed_format.partition("-")[0] for publisher in publishers()}
        assert formats == {"rss", "atom", "json"}

    def test_every_publisher_has_its_own_port(self) -> None:
        assert len({publisher.port for publisher in publishers()}) == len(publishers())

    def test_one_of_each_special_case(self) -> None:
        assert len(the(published=None)) == 1
        assert len([article for _, article in ALL if type(article.published) is date]) == 1
        assert len(the(is_paywalled=True)) == 1
        assert len(the(is_missing=True)) == 1
        assert len(the(kind="live")) == 1
        assert len([article for _, article in ALL if article.correction]) == 1
        assert len(SERVED) - len(REGULAR) == 1

    def test_opinions_and_articles_without_author(self) -> None:
        assert {publisher.language for publisher, article in ALL if article.kind == "opinion"} == {"vi", "en"}
        assert [article for _, article in REGULAR if not article.authors]


class TestArticles:
    @pytest.mark.parametrize("pair", REGULAR, ids=by_name)
    def test_each_has_150_to_450_words(self, pair: tuple[Publisher, SampleArticle]) -> None:
        assert 150 <= count_words(text_of(pair[1])) <= 450

    @pytest.mark.parametrize("pair", SERVED, ids=by_name)
    def test_each_is_tidy_nfc(self, pair: tuple[Publisher, SampleArticle]) -> None:
        article = pair[1]
        written = "\n".join([article.title, article.lead, article.caption or "", *article.authors, *article.text])
        assert written == visible(written)
        assert not re.search(r" {2}| $|\u00a0", written, re.MULTILINE)

    @pytest.mark.parametrize("pair", ALL, ids=by_name)
    def test_each_is_dated_in_november_2026_in_its_newsroom_s_zone(self, pair: tuple[Publisher, SampleArticle]) -> None:
        publisher, article = pair
        for moment in (article.published, article.modified):
            if isinstance(moment, datetime):
                there = moment.astimezone(ZoneInfo(publisher.timezone))
                assert moment.utcoffset() == there.utcoffset()
                assert moment < datetime(2026, 11, 20, tzinfo=UTC)
            if moment is not None:
                assert (moment.year, moment.month) == (2026, 11)

    def test_no_title_path_or_paragraph_is_used_twice_but_by_the_wire_story(self) -> None:
        assert len({article.title for _, article in ALL}) == len(ALL)
        assert len({(publisher.slug, article.name) for publisher, article in ALL}) == len(ALL)
        own = [line for _, article in ALL if WIRE not in text_of(article) for line in article.text]
        assert len(set(own)) == len(own)

    def test_the_wire_story_is_carried_by_three_with_the_agency_named_in_three_ways(self) -> None:
        carriers = {publisher.slug: article for publisher, article in ALL if WIRE in text_of(article)}
        assert set(carriers) == {"ban-mai", "cua-han", "chau-tho"}
        assert text_of(carriers["ban-mai"]).startswith("(TTXVN) - Sáng 12/11")
        assert text_of(carriers["chau-tho"]).startswith("TTXVN - Sáng 12/11")
        assert carriers["cua-han"].agency == "Theo TTXVN"

    def test_the_wire_story_s_copies_share_most_of_their_sentences(self) -> None:
        stories = [article for _, article in ALL if WIRE in text_of(article)]
        sentences = [set(re.split(r"(?<=\.)\s", text_of(article).rpartition("TTXVN")[2])) for article in stories]
        assert len(sentences) == 3
        assert len(set.intersection(*sentences)) >= 0.6 * max(len(each) for each in sentences)


class TestPages:
    @pytest.mark.parametrize("pair", SERVED, ids=by_name)
    def test_a_page_shows_every_word_of_its_article(self, pair: tuple[Publisher, SampleArticle]) -> None:
        publisher, article = pair
        shown = " ".join("".join(find(body(publisher, article.path), "//body//text()")).split())
        for line in (article.title, article.lead, *article.authors, *article.text):
            plain = re.sub(r"^(\d\d:\d\d) \| ", r"\1 ", line.removeprefix("## ").removeprefix("> "))
            assert re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", plain) in shown

    @pytest.mark.parametrize("pair", SERVED, ids=by_name)
    def test_a_page_says_what_its_address_is(self, pair: tuple[Publisher, SampleArticle]) -> None:
        publisher, article = pair
        links = find(body(publisher, article.path), "//link[@rel='canonical']/@href")
        expected = [] if publisher.markup == "plain" else [BASE + article.path]
        assert links == expected

    def test_every_link_to_an_article_or_section_leads_somewhere(self) -> None:
        for publisher in publishers():
            pages = documents(publisher, BASE)
            missing = {article.path for article in publisher.articles if article.is_missing}
            for path, document in pages.items():
                assert isinstance(document, Document)
                if document.content_type.startswith("text/html"):
                    hrefs = find(document.body, "//a/@href | //link[@rel='alternate']/@href")
                    led = {href for href in hrefs if not href.startswith(("/tag/", "/staff/", "/login", "#"))}
                    assert led <= set(pages) | missing, path

    def test_json_ld_gives_type_authors_and_dates(self) -> None:
        publisher = publishers()[0]
        article = next(article for article in publisher.articles if article.kind == "live")
        scripts = find(body(publisher, article.path), "//script[@type='application/ld+json']/text()")
        stated = json.loads(scripts[0])
        assert stated["@type"] == "LiveBlogPosting"
        assert [author["name"] for author in stated["author"]] == list(article.authors)
        assert stated["datePublished"] == "2026-11-10T09:15:00+07:00"
        assert len(stated["liveBlogUpdate"]) == len(article.text)

    def test_a_wire_story_s_json_ld_names_the_paper_as_its_author(self) -> None:
        publisher = publishers()[0]
        article = next(article for article in publisher.articles if not article.authors)
        scripts = find(body(publisher, article.path), "//script[@type='application/ld+json']/text()")
        assert json.loads(scripts[0])["author"]["@type"] == "Organization"

    def test_the_teaser_says_that_it_is_not_free(self) -> None:
        publisher, article = next(pair for pair in ALL if pair[1].is_paywalled)
        page = body(publisher, article.path)
        assert find(page, "//meta[@property='article:content_tier']/@content") == ["locked"]
        assert json.loads(find(page, "//script/text()")[0])["isAccessibleForFree"] is False

    def test_an_undated_page_has_no_date_but_its_footer_s(self) -> None:
        publisher, article = next(pair for pair in ALL if pair[1].published is None)
        shown = "".join(find(body(publisher, article.path), "//body//text()")).replace(publisher.footer, "")
        assert not re.search(r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d|20[12]\d", shown)

    def test_a_title_cannot_break_out_of_its_page(self) -> None:
        publisher = publishers()[0]
        article = SampleArticle("/a.html", "Thời sự", '</script><b>"&', "<i>", ("<u>",))
        edited = Publisher(
            **{name: getattr(publisher, name) for name in publisher.__slots__} | {"articles": (article,)}
        )
        page = html.fromstring(article_page(edited, article, BASE))
        assert not page.xpath("//b | //i | //u")
        assert page.xpath("//h1/text()") == ['</script><b>"&']


class TestFeeds:
    @pytest.mark.parametrize("publisher", publishers(), ids=lambda publisher: publisher.slug)
    def test_a_feed_has_one_entry_an_article_with_its_title_and_address(self, publisher: Publisher) -> None:
        content_type, written = write_feed(publisher, BASE)
        if "json" in content_type:
            entries = [(item["title"], item["url"]) for item in json.loads(written)["items"]]
        else:
            parsed = feedparser.parse(written)
            assert not parsed.bozo
            entries = [(entry.title, entry.link) for entry in parsed.entries]
        expected = [(article.title, BASE + article.path) for article in publisher.articles]
        assert [(title, url.partition("?")[0]) for title, url in entries] == expected

    @pytest.mark.parametrize("slug", ["ban-mai", "chau-tho", "tidewater"])
    def test_feedparser_reads_the_dates_as_they_were_meant(self, slug: str) -> None:
        publisher = next(publisher for publisher in publishers() if publisher.slug == slug)
        entries = feedparser.parse(write_feed(publisher, BASE)[1]).entries
        for entry, article in zip(entries, publisher.articles, strict=True):
            parsed = entry.get("published_parsed") or entry.updated_parsed
            assert datetime.fromtimestamp(timegm(parsed), UTC) == article.published

    def test_the_portal_writes_a_zone_that_rfc_822_does_not_know(self) -> None:
        publisher = next(publisher for publisher in publishers() if publisher.slug == "cua-han")
        written = write_feed(publisher, BASE)[1].decode()
        assert "<pubDate>Thu, 12 Nov 2026 15:04:00 GMT+7</pubDate>" in written
        assert written.count("<pubDate>") == len(publisher.articles) - 1

    def test_the_day_only_article_has_no_date_in_its_feed(self) -> None:
        publisher = next(publisher for publisher in publishers() if publisher.feed_format == "json-feed")
        items = json.loads(write_feed(publisher, BASE)[1])["items"]
        undated = [item["title"] for item in items if "date_published" not in item]
        assert undated == [article.title for article in publisher.articles if type(article.published) is date]


class TestEditions:
    def changed(self, publisher: Publisher) -> set[str]:
        first, second = (documents(publisher.edition(number), BASE) for number in (1, 2))
        assert set(first) == set(second)
        bodies = ((path, first[path], second[path]) for path in first)
        return {
            path
            for path, before, after in bodies
            if isinstance(before, Document) and isinstance(after, Document) and before.body != after.body
        }

    def test_the_second_edition_changes_one_article_and_the_pages_that_announce_it(self) -> None:
        for publisher in publishers():
            articles = [article for article in publisher.articles if article.correction]
            expected = {"/", publisher.feed_path, *(article.path for article in articles)}
            expected |= {publisher.sections[article.section] for article in articles}
            assert self.changed(publisher) == (expected if articles else set())

    def test_the_corrected_feed_announces_the_change_under_the_same_id(self) -> None:
        publisher = next(publisher for publisher in publishers() if publisher.slug == "tidewater")
        before, after = (feedparser.parse(write_feed(publisher.edition(number), BASE)[1]) for number in (1, 2))
        pairs = zip(before.entries, after.entries, strict=True)
        ((old, new),) = [(old, new) for old, new in pairs if old != new]
        assert (old.id, old.published) == (new.id, new.published)
        assert old.updated < new.updated
        assert old.summary != new.summary

    def test_validators_of_the_corrected_feed_and_page_both_change(self) -> None:
        publisher = next(publisher for publisher in publishers() if publisher.slug == "tidewater")
        article = next(article for article in publisher.articles if article.correction)
        for path in (publisher.feed_path, article.path):
            first, second = (self.get(publisher.edition(number), path) for number in (1, 2))
            assert first["ETag"] != second["ETag"]
            assert first["Last-Modified"] != second["Last-Modified"]

    def get(self, publisher: Publisher, path: str) -> dict[str, str]:
        document = documents(publisher, BASE)[path]
        assert isinstance(document, Document)
        response: Response = document(Request("GET", path, {}, 0.0))
        return dict(response.headers)

    def test_the_correction_is_told_and_the_mistake_is_gone(self) -> None:
        article = next(article for _, article in ALL if article.correction)
        after = corrected(article)
        assert "$4.8 million" in text_of(article)
        assert "$4.8 million" not in "\n".join(after.text[:-1]) + after.lead
        assert after.text[-1].startswith("Correction")
        assert after.modified is not None
        assert isinstance(after.published, datetime)
        assert after.modified - after.published > timedelta(0)
