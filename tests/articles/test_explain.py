"""What `--explain` tells: every candidate of every field, the chosen one first, each with a reason."""

from datetime import UTC, datetime

from written_pages import PARAGRAPH, TITLE, article_page, news_article

from config.hints import make_hints
from pipeline.articles.article import Candidate, Page
from pipeline.articles.extract import extract

HTML = article_page(
    title=f"{TITLE} | Tin",
    head=news_article(
        author={"@type": "Person", "name": "Lê Thu Hà"},
        datePublished="2026-03-04T09:15:00+07:00",
        articleBody=f"{PARAGRAPH}\n{PARAGRAPH[:-1]}!",
    )
    + "<meta name='pubdate' content='2026-03-04T11:00:00+07:00'><meta name='date' content='2026-03-01'>",
    text="".join(f"<p>{PARAGRAPH} Đoạn {n} của bài.</p>" for n in range(4)),
    after_heading="<p class='author'>Trần Văn Bình</p><p class='date'>04/03/2026</p>",
)


def explained(html: str = HTML, **typed: str) -> list[Candidate]:
    hints = make_hints((name.replace("__", "."), text) for name, text in typed.items()) if typed else None
    fetched_at = datetime(2026, 3, 20, tzinfo=UTC)
    page = Page(html.encode(), "https://tin.example.vn/cau.html", fetched_at, timezone="Asia/Ho_Chi_Minh", hints=hints)
    return list(extract(page, explain=True).candidates)


def reasons(field: str, found: list[Candidate]) -> dict[str, str]:
    return {one.signal: one.why for one in found if one.field == field}


def test_every_candidate_has_a_reason_and_a_field_is_told_in_one_place() -> None:
    found = explained()

    assert all(one.why for one in found)
    fields = [one.field for one in found]
    assert fields == sorted(fields, key=fields.index)


def test_at_most_one_candidate_of_a_field_is_chosen_and_it_comes_first() -> None:
    found = explained()

    for field in {one.field for one in found}:
        of_field = [one.taken for one in found if one.field == field]
        assert sum(of_field) <= 1
        assert of_field[0] or not any(of_field)


def test_titles_tell_who_says_the_same_and_who_says_more() -> None:
    told = reasons("title", explained())

    assert told.pop("title") == "says the same and more"
    assert set(told.values()) == {"chosen", "says the same"}


def test_a_title_that_was_mended_is_told_as_it_became() -> None:
    bare = f"<html><head><title>{TITLE} | Tin Mới</title><meta property='og:site_name' content='Tin Mới'></head>"

    told = reasons("title", explained(f"{bare}<body><p>{PARAGRAPH}</p></body></html>"))

    assert told == {"title": f"chosen, as {TITLE!r}"}


def test_dates_tell_how_far_they_are_from_the_chosen_one() -> None:
    told = reasons("published", explained())

    assert told == {
        "json-ld": "chosen, read as 2026-03-04 09:15:00+07:00",
        "meta:pubdate": "the same day at another time",
        "meta:date": "another day: 3 days earlier",
        "visible": "the same day, no clock that can be placed",
    }


def test_the_body_that_the_page_states_is_a_candidate() -> None:
    told = reasons("body", explained())

    assert told["region"] == "chosen"
    assert told["json-ld"] == "only taken where the page shows much less"


def test_a_hint_shows_what_the_rules_would_have_taken() -> None:
    found = explained(selectors__body=".detail", selectors__author=".author", selectors__drop=".date")

    assert reasons("body", found)["region"] == "a selector of the hints means another part"
    assert reasons("authors", found) == {
        "hint": "chosen",
        "json-ld": "a selector of the hints means another part",
        "byline": "says the same",
    }
    assert reasons("drop", found) == {"hint": "1 taken out"}
