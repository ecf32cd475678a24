"""Days and zones that addresses tell."""

from datetime import date
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates.addresses import day_in_url, home_zone


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2023/02/03/title.html",
        "https://news.example/politics/2023-02-03/title",
        "https://news.example/2023/feb/03/title",
        "https://news.example/2023/2/3/title",
        "https://news.example/2023/0203/title",
        "https://news.example/2023-02/03/c_1234.htm",
        "https://news.example/20230203/title",
        "https://news.example/title-20230203102000123.htm",
        "https://news.example/03-02-2023/title",
        "https://web.archive.org/web/20240101000000/https://news.example/2023/02/03/title.html",
    ],
)
def test_a_day_in_the_path_is_found(url: str) -> None:
    assert day_in_url(url) == date(2023, 2, 3)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://news.example/2023/02/title.html",
        "https://news.example/title-4672302.html",
        "https://news.example/a/188260307071033787999999.chn",
        "https://news.example/2023/13/45/title",
        "https://news.example/title?date=2023-02-03",
        "https://web.archive.org/web/20240101000000/https://news.example/title",
    ],
)
def test_no_day_is_made_up(url: str | None) -> None:
    assert day_in_url(url) is None


def test_a_country_with_one_zone_is_a_home() -> None:
    assert home_zone("https://www.news.example.vn/title") == "Asia/Ho_Chi_Minh"
    assert home_zone("https://news.example.de:8080/") == "Europe/Berlin"


def test_a_country_with_many_zones_and_a_generic_domain_are_none() -> None:
    assert home_zone("https://news.example.ca/title") is None
    assert home_zone("https://news.example.com/de") is None
    assert home_zone(None) is None


@given(st.text())
def test_any_text_is_answered_with_a_day_that_it_states_and_a_zone_that_exists(url: str) -> None:
    day, zone = day_in_url(url), home_zone(url)
    assert day is None or str(day.day) in url
    assert zone is None or zone in available_timezones()
