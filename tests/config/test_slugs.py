"""What a slug is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.slugs import is_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("VnExpress", "vnexpress"),
        ("Tuổi Trẻ", "tuoi-tre"),
        ("Báo Điện tử Đại biểu Nhân dân", "bao-dien-tu-dai-bieu-nhan-dan"),
        ("L'Équipe", "l-equipe"),
        ("Süddeutsche Straße", "suddeutsche-strasse"),
        ("  24h.com.vn  ", "24h-com-vn"),
        ("a" * 200, "a" * 64),
    ],
)
def test_a_latin_name_gives_its_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize("name", ["朝日新聞", "Новости", "BBC 中文", "!!!", ""])
def test_another_name_takes_the_host_of_its_first_feed(name: str) -> None:
    assert slug_of(name, "https://www.Bao.com:8080/rss.xml") == "bao-com"


def test_without_a_host_the_slug_is_made_of_the_names_digest() -> None:
    assert slug_of("朝日新聞") == slug_of("朝日新聞", "https://[bad") == "source-55b741db"


@given(st.text(), st.text())
def test_every_name_gives_a_slug(name: str, feed_url: str) -> None:
    assert is_slug(slug_of(name, feed_url))
    assert slug_of(name, feed_url) == slug_of(name, feed_url)


@pytest.mark.parametrize("text", ["", "A", "a_b", "-a", "a-", "a--b", "a b", "đ", "a\n", "a" * 65])
def test_other_texts_are_no_slugs(text: str) -> None:
    assert not is_slug(text)
