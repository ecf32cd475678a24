"""What a page says of its own addresses, and which of it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_pages import URL, article_page, document_of, news_article

from pipeline.articles.article import FeedHint
from pipeline.articles.links import is_free, read_links

SHORT = "https://tin.example.vn/1234.html"


def canonical(href: str) -> str:
    return f'<link rel="canonical" href="{href}">'


def canonical_of(head: str, url: str | None = URL) -> str | None:
    return read_links(document_of(article_page(head=head), url=url)).canonical_url.value


@pytest.mark.parametrize("href", [SHORT, "/1234.html", " /1234.html "])
def test_the_canonical_address_is_absolute(href: str) -> None:
    assert canonical_of(canonical(href)) == SHORT


@pytest.mark.parametrize("host", ["m.tin.example.vn", "amp.tin.example.vn", "www.tin.example.vn"])
def test_other_editions_of_the_site_are_the_same_site(host: str) -> None:
    assert canonical_of(canonical(SHORT), url=f"https://{host}/kinh-te/a.html") == SHORT


@pytest.mark.parametrize(
    "href",
    [
        "https://other.example/1234.html",
        "https://tin.example.vn/",
        "https://tin.example.vn",
        "https://tin.example.vn/kinh-te/",
        "javascript:void(0)",
        "ftp://tin.example.vn/x",
        "http://[bad",
        "",
        "https://tin.example.vn/a b",
    ],
)
def test_other_sites_home_pages_sections_and_nonsense_are_refused(href: str) -> None:
    assert canonical_of(canonical(href)) is None


def test_a_refused_address_gives_way_to_the_next_statement() -> None:
    og = f'<meta property="og:url" content="{SHORT}">'
    assert canonical_of(canonical("https://tin.example.vn/") + og) == SHORT


@pytest.mark.parametrize("suffix", ["/amp", "/2", "/index.html"])
def test_the_page_above_an_edition_or_part_is_its_canonical_one(suffix: str) -> None:
    assert canonical_of(canonical("https://tin.example.vn/a/story"), url=f"https://tin.example.vn/a/story{suffix}")


def test_without_a_known_address_any_article_address_is_taken() -> None:
    assert canonical_of(canonical(SHORT), url=None) == SHORT


def test_the_amp_edition_is_found() -> None:
    links = read_links(document_of(article_page(head='<link rel="amphtml" href="/amp/1234.html">')))
    assert links.amp_url == "https://tin.example.vn/amp/1234.html"


def image_of(head: str, hint: FeedHint | None = None) -> str | None:
    return read_links(document_of(article_page(head=head), hint=hint)).image_url.value


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:image" content="/a.jpg">',
        news_article(image="https://tin.example.vn/a.jpg"),
        news_article(image=[{"@type": "ImageObject", "url": "/a.jpg"}]),
        '<meta name="twitter:image" content="/a.jpg">',
        '<link rel="image_src" href="/a.jpg">',
    ],
)
def test_the_lead_image_is_found(head: str) -> None:
    assert image_of(head) == "https://tin.example.vn/a.jpg"


@pytest.mark.parametrize(
    "href", ["/img/logo.png", "/default-share.jpg", "data:image/png;base64,xx", "/placeholder.svg"]
)
def test_logos_and_placeholders_are_no_lead_image(href: str) -> None:
    assert image_of(f'<meta property="og:image" content="{href}">') is None


def test_the_feeds_image_is_the_last_resort() -> None:
    assert image_of("", FeedHint(image_url="https://tin.example.vn/f.jpg")) == "https://tin.example.vn/f.jpg"


def refresh(content: str) -> str | None:
    return read_links(document_of(f'<meta http-equiv="refresh" content="{content}"><p>x</p>')).refresh_url


@pytest.mark.parametrize("content", [f"0; url={SHORT}", f"0;URL='{SHORT}'", f"3,{SHORT}", "0;/1234.html"])
def test_a_quick_refresh_leads_on(content: str) -> None:
    assert refresh(content) == SHORT


@pytest.mark.parametrize(
    "content", ["300", f"60; url={SHORT}", f"0; url={URL}", f"0; url={URL}#top", "0; url=javascript:x"]
)
def test_a_page_that_reloads_itself_does_not(content: str) -> None:
    assert refresh(content) is None


def test_a_refresh_for_readers_without_scripts_is_not_followed() -> None:
    page = '<noscript><meta http-equiv="refresh" content="0; url=/scripts-please"></noscript><p>x</p>'
    assert read_links(document_of(page)).refresh_url is None


@pytest.mark.parametrize(
    ("stated", "free"), [(True, True), ("False", False), (" yes ", True), ("maybe", None), (None, None)]
)
def test_access_is_read_from_json_ld(stated: object, free: bool | None) -> None:
    assert is_free(document_of(article_page(head=news_article(isAccessibleForFree=stated)))) is free


@given(st.text(max_size=100))
def test_any_address_is_absolute_or_refused(href: str) -> None:
    escaped = href.replace('"', "").replace("<", "").replace("&", "")
    found = canonical_of(canonical(escaped))
    assert found is None or found.startswith(("http://", "https://"))
