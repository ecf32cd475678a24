"""The language: the text's own, where it can be told; else what page, feed and source say, in BCP 47."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_pages import PARAGRAPH, TEXT, document_of

from pipeline.articles.article import FeedHint
from pipeline.articles.language import guess_language, normalise_tag, read_language

GERMAN = (
    "Am Morgen wurde die neue Brücke über den Fluss eröffnet. Tausende Menschen kamen, um als Erste zu Fuß hinüber zu "
    "gehen, bevor am Nachmittag der Verkehr freigegeben wurde. Die Bauarbeiten hatten drei Jahre gedauert "
    "und mehr gekostet, als die Stadt am Anfang geplant hatte."
)


def page(text: str, tag: str = "", head: str = "") -> str:
    return f"<html {tag}><head>{head}</head><body><div>{text}</div></body></html>"


def language_of(html: str, **fields: object) -> str | None:
    return read_language(document_of(html, **fields)).value  # type: ignore[arg-type]  # the page's own fields


def test_a_sure_reading_of_the_text_wins_over_a_wrong_statement() -> None:
    choice = read_language(document_of(page(f"<p>{GERMAN}</p>", 'lang="en-US"')))
    assert choice.value == "de"
    assert choice.signal == "text"


def test_a_stated_region_is_kept_when_the_text_agrees() -> None:
    assert language_of(page(f"<p>{GERMAN}</p>", 'lang="de_AT"')) == "de-AT"


def test_of_languages_that_look_alike_the_stated_one_stands() -> None:
    indonesian = "Jembatan baru di atas sungai itu dibuka pagi ini dan ribuan orang datang untuk berjalan kaki. " * 4
    assert language_of(page(f"<p>{indonesian}</p>", 'lang="ms"')) == "ms"


@pytest.mark.parametrize(
    ("tag", "head"),
    [
        ('lang="vi"', ""),
        ('xml:lang="vi"', ""),
        ("", '<meta http-equiv="content-language" content="vi">'),
        ("", '<meta property="og:locale" content="vi_VN">'),
    ],
)
def test_statements_are_taken_where_the_text_is_too_short(tag: str, head: str) -> None:
    assert (language_of(page("<p>Chào.</p>", tag, head)) or "").startswith("vi")


def test_feed_and_source_are_the_last_witnesses() -> None:
    assert language_of(page("<p>x</p>"), hint=FeedHint(language="pt-br")) == "pt-BR"
    assert language_of(page("<p>x</p>"), language="ko") == "ko"
    assert language_of(page("<p>x</p>")) is None


def test_the_body_is_read_when_it_is_given() -> None:
    assert read_language(document_of(page(TEXT)), GERMAN).value == "de"


@pytest.mark.parametrize(
    ("stated", "tag"),
    [
        ("vi", "vi"),
        ("VI-vn", "vi-VN"),
        ("vi_VN.UTF-8", "vi-VN"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("vn", "vi"),
        ("iw", "he"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_tags_are_spelt_as_bcp_47_has_them(stated: str | None, tag: str | None) -> None:
    assert normalise_tag(stated) == tag


def test_short_texts_are_not_guessed() -> None:
    assert guess_language("Guten Morgen") is None
    assert guess_language(None) is None
    assert guess_language(PARAGRAPH * 2) == "vi"


@given(st.text(max_size=30))
def test_a_tag_once_normalised_stays_as_it_is(stated: str) -> None:
    tag = normalise_tag(stated)
    assert tag is None or normalise_tag(tag) == tag
