"""The kind of an article, and pages that are none."""

import json
from typing import Any

import pytest
from news_pages import BODY, FIRST, SECOND, THIRD, TITLE, news_page, paragraphs, read

from models.outcomes import Outcome

TEXT = paragraphs(FIRST, SECOND, THIRD)
LONG = TEXT * 4


def node(**properties: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(properties)}</script>'


def kind_of(url: str, text: str = TEXT, head: str = "") -> str:
    article = read(news_page(text, head=head), url=url)
    assert article.outcome is Outcome.LOADED
    return article.kind


def test_a_plain_story_is_an_article() -> None:
    assert kind_of("https://news.example/region/old-bridge-4711.html") == "article"


@pytest.mark.parametrize(
    ("types", "kind"), [("LiveBlogPosting", "live"), ("OpinionNewsArticle", "opinion"), ("NewsArticle", "article")]
)
def test_the_publisher_states_the_kind(types: str, kind: str) -> None:
    head = node(**{"@type": types, "headline": TITLE})
    assert kind_of("https://news.example/region/old-bridge-4711.html", head=head) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("video/old-bridge-4711.html", "video"),
        ("podcast/old-bridge-4711.html", "audio"),
        ("anh/old-bridge-4711.html", "gallery"),
        ("fotostrecke/old-bridge-4711.html", "gallery"),
        ("opinion/old-bridge-4711.html", "opinion"),
        ("goc-nhin/old-bridge-4711.html", "opinion"),
        ("meinung/old-bridge-4711.html", "opinion"),
        ("live/old-bridge-4711.html", "live"),
    ],
)
def test_the_address_tells_the_kind(path: str, kind: str) -> None:
    assert kind_of(f"https://news.example/{path}") == kind


def test_a_long_text_in_the_video_section_is_an_article() -> None:
    assert kind_of("https://news.example/video/old-bridge-4711.html", LONG) == "article"


def test_the_section_tells_opinion() -> None:
    head = '<meta property="article:section" content="Góc nhìn">'
    assert kind_of("https://news.example/old-bridge-4711.html", head=head) == "opinion"


# Pages that are no article


def listing() -> str:
    teasers = "".join(
        f'<div><a href="/{i}.html">A headline of some other article, number {i}</a></div>' for i in range(30)
    )
    return f"<html><head><title>The Tamar Post</title></head><body><h1>Today</h1><p>{FIRST}</p>{teasers}</body></html>"


def test_a_home_page_is_no_article() -> None:
    article = read(listing().encode(), url="https://news.example/")
    assert article.outcome is Outcome.NOT_ARTICLE
    assert article.title is not None


def test_a_page_that_calls_itself_a_collection_is_no_article() -> None:
    page = listing().replace("<body>", node(**{"@type": "CollectionPage"}) + "<body>")
    assert read(page.encode(), url="https://news.example/region").outcome is Outcome.NOT_ARTICLE


@pytest.mark.parametrize(
    "head", [node(**{"@type": "NewsArticle", "headline": "Today"}), '<meta property="og:type" content="article">']
)
def test_an_article_at_the_root_is_one(head: str) -> None:
    page = listing().replace("<body>", head + "<body>")
    assert read(page.encode(), url="https://news.example/").outcome is Outcome.LOADED


def test_a_short_text_with_a_title_is_loaded() -> None:
    article = read(news_page("<p>The bridge in the morning fog, seen from the mill.</p>"))
    assert article.outcome is Outcome.LOADED
    assert article.body == "The bridge in the morning fog, seen from the mill."


def test_provenance_names_a_signal_for_every_field_that_was_found() -> None:
    article = read(news_page(TEXT, head='<meta property="article:published_time" content="2024-03-12T10:20:00+00:00">'))
    assert article.body == BODY
    assert {"title", "body", "published", "kind", "language"} <= set(article.provenance)
