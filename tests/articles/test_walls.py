"""Pages served in place of an article end with an outcome of their own."""

import json
from typing import Any

import pytest
from news_pages import FIRST, SECOND, THIRD, TITLE, news_page, paragraphs, read

from models.outcomes import Outcome

TEXT = paragraphs(FIRST, SECOND, THIRD)


def wall(title: str, inside: str = "") -> bytes:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{inside}</body></html>".encode()


@pytest.mark.parametrize(
    "page",
    [
        wall("Just a moment...", '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script><p>Checking.</p>'),
        wall("Attention Required! | Cloudflare", "<p>Why have I been blocked?</p>"),
        wall("Access denied", "<p>You do not have access to this page.</p>"),
        wall("Are you a robot?", "<p>Please confirm that you are not a robot to go on.</p>"),
        b'<html><head></head><body><iframe src="/_Incapsula_Resource?x=1"></iframe></body></html>',
        b"<html><body><p>Please enable JS and disable any ad blocker</p></body></html>",
        b'<html><body><script src="https://ct.captcha-delivery.com/c.js"></script></body></html>',
    ],
)
def test_a_bot_check_is_challenged(page: bytes) -> None:
    article = read(page)
    assert article.outcome is Outcome.CHALLENGED
    assert article.reason


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("Before you continue", "https://news.example/a-1.html"),
        ("Zustimmung erforderlich", "https://news.example/a-1.html"),
        ("Privacy", "https://consent.news.example/collect?x=1"),
    ],
)
def test_a_consent_page_is_a_consent_wall(title: str, url: str) -> None:
    page = wall(title, "<p>We and our 834 partners store information on your device.</p>")
    assert read(page, url=url).outcome is Outcome.CONSENT_WALL


@pytest.mark.parametrize(
    "title",
    [
        "404 Not Found",
        "Page not found",
        "Seite nicht gefunden",
        "Không tìm thấy trang",
        "Página no encontrada",
        "Page introuvable",
    ],
)
def test_a_soft_404_is_gone(title: str) -> None:
    assert read(wall(title, "<p>The page that you look for is not here any more.</p>")).outcome is Outcome.GONE


@pytest.mark.parametrize("title", ["Access denied: how banks shut out the poor", "404 days without rain in the valley"])
def test_an_article_about_such_things_is_loaded(title: str) -> None:
    long = paragraphs(*[f"{text} ({i})." for i in range(3) for text in (FIRST, SECOND, THIRD)])
    assert read(news_page(long, title=title)).outcome is Outcome.LOADED


def test_a_page_without_text_tells_where_it_sends_its_reader() -> None:
    page = (
        b'<html><head><title>Moved</title><meta http-equiv="refresh" content="0; url=/region/new.html"></head></html>'
    )
    article = read(page)
    assert article.outcome is Outcome.NO_TEXT
    assert article.refresh_url == "https://news.example/region/new.html"


# Paywalls


def node(**properties: Any) -> str:
    stated = {"@type": "NewsArticle", "headline": TITLE, **properties}
    return f'<script type="application/ld+json">{json.dumps(stated)}</script>'


@pytest.mark.parametrize("value", [False, "False", "false"])
def test_a_teaser_is_loaded_as_paywalled_and_partial(value: object) -> None:
    article = read(news_page(f"<p>{FIRST}</p>", head=node(isAccessibleForFree=value)))
    assert (article.outcome, article.is_paywalled, article.is_body_partial) == (Outcome.LOADED, True, True)


def test_a_whole_text_behind_a_paywall_is_not_partial() -> None:
    words = len(f"{FIRST} {SECOND} {THIRD}".split())
    article = read(news_page(TEXT, head=node(isAccessibleForFree=False, wordCount=words)))
    assert (article.is_paywalled, article.is_body_partial) == (True, False)


def test_a_paywall_without_any_text_is_paywalled() -> None:
    assert read(news_page("", head=node(isAccessibleForFree=False))).outcome is Outcome.PAYWALLED


def test_a_free_article_is_neither() -> None:
    article = read(news_page(TEXT, head=node(isAccessibleForFree=True)))
    assert (article.is_paywalled, article.is_body_partial) == (False, False)


def test_a_locked_content_tier_is_a_paywall() -> None:
    head = '<meta property="article:content_tier" content="locked">'
    assert read(news_page(TEXT, head=head)).is_paywalled
