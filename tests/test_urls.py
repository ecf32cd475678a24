"""What `pipeline.urls` promises: one address to fetch, one key for one article, never an exception."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.urls import MAX_URL, address_of, clean_url, host_of, is_home_or_section, same_site, uid_of, url_key

# Text that is nearly an address finds more than any text would.
WORDS = """http https HTTP :// : // / ? & = # % %2e %2F %75tm_x .. . @ [ ] ::1 x.vn báo.vn m. www. amp /amp .amp utm_a=1
&amp; amp; a A ;jsessionid=1 :80 :443 127.0.0.1 0x7f \\ é đ"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n", "\t", "\u200b", "\ud800"])
TEXTS = st.text() | st.lists(PIECES, max_size=14).map("".join)
ADDRESSES = st.builds(
    lambda host, path, query: f"{host}/{path}" + (f"?{query}" if query else ""),
    st.sampled_from(["bao.vn", "m.bao.vn", "www.tin.com.vn", "127.0.0.9:8080", "localhost", "amp.news.co.uk"]),
    st.lists(st.sampled_from(["tin", "Bai-viet-123.html", "a b", "2024", "đường"]), max_size=4).map("/".join),
    st.sampled_from(["", "id=1", "b=2&a=1", "q=Ng%c3%a0y", "a=1&a=2"]),
)


@given(TEXTS, st.none() | TEXTS)
def test_no_text_makes_any_function_raise(text: str, other: str | None) -> None:
    assert (clean_url(text, other) or "http").startswith("http")
    assert len(uid_of(url_key(text))) == 20
    assert ":" in (host_of(text) or ":")
    assert same_site(text, other or "") in (True, False)
    assert is_home_or_section(text, other) in (True, False)


@given(TEXTS, st.just("https://bao.vn/a/b?c=1") | st.none())
@example("https://x.vn/?%75tm_source=1", None)
@example("https://x.vn/%2e%2e/a/%2e", None)
def test_cleaning_twice_changes_nothing(text: str, base: str | None) -> None:
    once = clean_url(text, base)
    if once is not None:
        assert clean_url(once) == once


@given(TEXTS)
def test_the_key_of_a_clean_address_is_the_key_of_the_address(text: str) -> None:
    clean = clean_url(text)
    if clean is not None:
        assert url_key(clean) == url_key(text)


@given(TEXTS | st.builds("https://{}{}".format, ADDRESSES, st.sampled_from(["", "/", "/amp", ".amp", "/..", "//x"])))
@example("https://127.1/a")
@example("http://m.bao.vn:80/Tin-1.html/")
def test_an_address_is_what_the_three_functions_say_of_it(text: str) -> None:
    address = address_of(text)
    assert (None if address is None else address.url) == clean_url(text)
    if address is not None:
        assert (address.key, address.host) == (url_key(text), host_of(text))


@given(TEXTS)
def test_a_key_is_its_own_key(text: str) -> None:
    assert url_key(url_key(text)) == url_key(text)


@given(TEXTS)
def test_a_clean_address_is_ascii_bounded_and_has_no_fragment(text: str) -> None:
    clean = clean_url(text, "https://bao.vn/")
    if clean is not None:
        assert clean.isascii()
        assert clean.isprintable()
        assert " " not in clean
        assert "#" not in clean
        assert len(clean) <= MAX_URL
        assert clean.startswith(("http://", "https://"))


@given(ADDRESSES, st.sampled_from(["utm_source=rss", "fbclid=x", "zarsrc=30", "gidzl=Q-", "gclid=1", "UTM_Medium=a"]))
def test_scheme_tracker_fragment_and_trailing_slash_do_not_change_the_key(address: str, tracker: str) -> None:
    key = url_key(f"https://{address}")
    joint = "&" if "?" in address else "?"
    assert url_key(f"http://{address}") == key
    assert url_key(f"https://{address}{joint}{tracker}") == key
    assert url_key(f"https://{address}#box_comment") == key
    if "?" not in address:
        assert url_key(f"https://{address}/") == key


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("HTTPS://Bao.VN/Tin", "https://bao.vn/Tin"),
        ("https://bao.vn", "https://bao.vn/"),
        ("https://bao.vn:443/a", "https://bao.vn/a"),
        ("http://bao.vn:80/a", "http://bao.vn/a"),
        ("http://bao.vn:8080/a", "http://bao.vn:8080/a"),
        ("http://bao.vn:/a", "http://bao.vn/a"),
        ("https://bao.vn./a", "https://bao.vn/a"),
        ("\n  https://bao.vn/\n    bai-1.html \n", "https://bao.vn/bai-1.html"),
        ("https://bao.vn/a b", "https://bao.vn/a%20b"),
        ("https://bao.vn/\u200bbai", "https://bao.vn/bai"),
        ("https://bao.vn/đ", "https://bao.vn/%C4%91"),
        ("https://bao.vn/%c4%91%7e", "https://bao.vn/%C4%91~"),
        ("https://bao.vn/100%", "https://bao.vn/100%25"),
        ("https://bao.vn/a/./b/../c", "https://bao.vn/a/c"),
        ("https://bao.vn/../../a", "https://bao.vn/a"),
        ("https://báo.vn/", "https://xn--bo-mia.vn/"),
        ("https://ai:mat@bao.vn/a", "https://bao.vn/a"),
        ("https://bao.vn/a?x=1&amp;y=2", "https://bao.vn/a?x=1&y=2"),
        ("https://bao.vn/a?", "https://bao.vn/a"),
        ("https://bao.vn/a;jsessionid=AB12?id=3", "https://bao.vn/a?id=3"),
        ("https://bao.vn/a?utm_source=rss&id=3&fbclid=z#c", "https://bao.vn/a?id=3"),
        ("https://bao.vn/a?ID=3&ref=x", "https://bao.vn/a?ID=3&ref=x"),
        ("https://bao.vn/a?b=2&a=1", "https://bao.vn/a?b=2&a=1"),
        ("https:\\\\bao.vn\\a", "https://bao.vn/a"),
        ("http://[0:0::1]:80/a", "http://[::1]/a"),
    ],
)
def test_an_address_is_cleaned(written: str, clean: str) -> None:
    assert clean_url(written) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "tin.html",
        "//bao.vn/a",
        "javascript:alert(1)",
        "mailto:toa-soan@bao.vn",
        "ftp://bao.vn/a",
        "data:text/html,x",
        "https://",
        "https:///a",
        "https://bao..vn/",
        "https://ba o.vn/",
        "https://bao.vn:0/",
        "https://bao.vn:65536/",
        "https://bao.vn:x/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1]x/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://1.2.3.256/",
        "http://" + "a" * 64 + ".vn/",
        "http://" + "a." * 150 + "vn/",
        "https://bao.vn/" + "a" * MAX_URL,
        "https://bao.vn/" + " " * 1_000_000 + "a",
    ],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert clean_url(text) is None


@pytest.mark.parametrize(
    ("relative", "clean"),
    [
        ("bai-2.html", "https://bao.vn/tin/bai-2.html"),
        ("/bai-2.html", "https://bao.vn/bai-2.html"),
        ("../bai-2.html", "https://bao.vn/bai-2.html"),
        ("?id=2", "https://bao.vn/tin/bai-1.html?id=2"),
        ("//anh.bao.vn/a", "https://anh.bao.vn/a"),
        ("http://khac.vn/a", "http://khac.vn/a"),
        ("javascript:void(0)", None),
        ("//[x/", None),
    ],
)
def test_a_relative_address_is_resolved_against_its_base(relative: str, clean: str | None) -> None:
    assert clean_url(relative, "https://bao.vn/tin/bai-1.html") == clean


def test_a_base_that_is_no_address_resolves_nothing() -> None:
    assert clean_url("bai.html", "not an address") is None


@pytest.mark.parametrize(
    "twin",
    [
        "http://bao.vn/Tin/bai-1.html?id=1&b=2",
        "https://www.bao.vn/Tin/bai-1.html?id=1&b=2",
        "https://m.bao.vn/Tin/bai-1.html?id=1&b=2",
        "https://www.m.bao.vn/Tin/bai-1.html?id=1&b=2",
        "https://amp.bao.vn/Tin/bai-1.html?id=1&b=2",
        "https://bao.vn/Tin/bai-1.html?b=2&id=1",
        "https://bao.vn/Tin/bai-1.html/amp?b=2&id=1",
        "https://bao.vn/Tin/bai-1.html/amp/?b=2&id=1",
        "https://bao.vn/Tin/bai-1.amp.html?b=2&id=1",
        "https://bao.vn/Tin/bai-1.html.amp?b=2&id=1",
        "https://bao.vn/Tin/bai-1.html?b=2&id=1&amp=1",
        "https://bao.vn/Tin/bai-1.html?amp&b=2&id=1",
        "https://bao.vn/Tin/bai-1.html?b=2&id=1&outputType=amp",
    ],
)
def test_twins_of_a_page_have_its_key(twin: str) -> None:
    assert url_key(twin) == "bao.vn/Tin/bai-1.html?b=2&id=1"


@pytest.mark.parametrize(
    "other",
    [
        "https://bao.vn/tin/bai-1.html",
        "https://bao.vn/Tin/bai-1",
        "https://bao.vn/Tin/bai-1.html?id=1",
        "https://bao.vn:8443/Tin/bai-1.html",
        "https://the-thao.bao.vn/Tin/bai-1.html",
        "https://bao.com.vn/Tin/bai-1.html",
        "https://bao.vn/Tin/bai-1.html?amp=2",
    ],
)
def test_another_page_has_another_key(other: str) -> None:
    assert url_key(other) != url_key("https://bao.vn/Tin/bai-1.html")


@pytest.mark.parametrize(("url", "key"), [("https://m.com/a", "m.com/a"), ("https://www.co.uk/a", "www.co.uk/a")])
def test_a_prefix_that_is_the_sites_own_name_stays(url: str, key: str) -> None:
    assert url_key(url) == key


def test_the_order_of_a_repeated_query_key_is_kept() -> None:
    assert url_key("https://bao.vn/a?t=2&a=1&t=1") == "bao.vn/a?a=1&t=2&t=1"


def test_the_uid_is_pinned() -> None:
    assert uid_of("bao.vn/tin/bai-1.html") == "923bd77f21c6fcb8cce8"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Bao.vn/a", "bao.vn:443"),
        ("http://bao.vn/a", "bao.vn:80"),
        ("http://127.0.0.1:8080/a", "127.0.0.1:8080"),
        ("http://[::1]/a", "[::1]:80"),
        ("no address", None),
    ],
)
def test_a_host_always_says_its_port(url: str, host: str | None) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://vnexpress.net/a", "http://m.vnexpress.net:8080/b", True),
        ("https://the-thao.bao.com.vn/", "https://bao.com.vn/", True),
        ("https://mot.com.vn/", "https://hai.com.vn/", False),
        ("https://mot.blogspot.com/", "https://hai.blogspot.com/", False),
        ("https://a.mot.test/", "https://b.mot.test/", True),
        ("https://mot.test/", "https://hai.test/", False),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8001/b", True),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", False),
        ("http://127.0.0.1/a", "http://127.0.0.2/a", False),
        ("http://localhost:1/a", "http://localhost:2/a", False),
        ("no address", "no address", False),
    ],
)
def test_sites_are_told_apart(a: str, b: str, *, same: bool) -> None:
    assert same_site(a, b) is same
    assert same_site(b, a) is same


ARTICLE = "https://bao.vn/the-gioi/2024/05/mot-bai-viet-dai-123456.html"


@pytest.mark.parametrize(
    "url",
    [
        "https://bao.vn",
        "https://bao.vn/index.html",
        "https://bao.vn/trang-chu",
        "https://bao.vn/the-gioi",
        "https://bao.vn/khoa-hoc-cong-nghe.htm",
        "https://bao.vn/tag/bau-cu",
    ],
)
def test_homes_and_sections_are_told(url: str) -> None:
    assert is_home_or_section(url)
    assert is_home_or_section(url, ARTICLE)


@pytest.mark.parametrize("folder", ["the-gioi/", "the-gioi/2024", "the-gioi/2024/05/"])
def test_a_folder_above_the_page_is_a_section(folder: str) -> None:
    assert is_home_or_section(f"https://m.bao.vn/{folder}", ARTICLE)


@pytest.mark.parametrize(
    "url",
    [
        ARTICLE,
        "https://bao.vn/bai-viet-123.html",
        "https://bao.vn/mot-bai-viet-co-ten-rat-dai",
        "https://bao.vn/?p=123",
        "https://bao.vn/tin/xin-chao",
        "no address",
    ],
)
def test_articles_are_no_sections(url: str) -> None:
    assert not is_home_or_section(url)
    assert not is_home_or_section(url, ARTICLE)


def test_a_page_may_name_itself_however_short_its_path() -> None:
    assert not is_home_or_section("https://bao.vn/xin-chao", "https://m.bao.vn/xin-chao/?utm_source=rss")


def test_a_page_may_name_its_article_in_another_folder() -> None:
    assert not is_home_or_section("https://bao.vn/xin-chao", "https://bao.vn/tin/xin-chao.html")


def test_a_canonical_that_lost_the_articles_id_is_refused() -> None:
    assert is_home_or_section("https://bao.vn/article", "https://bao.vn/article?id=5")


def test_a_second_page_may_name_the_article_above_it() -> None:
    assert not is_home_or_section("https://bao.vn/tin/bai-viet-123456", "https://bao.vn/tin/bai-viet-123456/2")
