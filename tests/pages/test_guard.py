"""What may be connected to: the public web, the networks that were allowed, and nothing else."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from models.outcomes import Outcome
from pipeline.pages.guard import MAX_URL_CHARS, AddressForbiddenError, Guard, UrlRefusedError

PUBLIC_ONLY = Guard()
ONE_NETWORK = Guard([IPv4Network("127.0.1.0/24"), IPv6Network("fd00:1::/64")])

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001:0:808:808:0:0:80ff:fffe",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_is_not_globally_reachable_is_forbidden(address: str) -> None:
    assert PUBLIC_ONLY.check(address) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_allowed(address: str) -> None:
    assert PUBLIC_ONLY.check(address) is None


@pytest.mark.parametrize("address", ["127.0.1.1", "127.0.1.255", "::ffff:127.0.1.7", "fd00:1::5"])
def test_an_allowed_network_is_allowed_in_every_way_of_writing_it(address: str) -> None:
    assert ONE_NETWORK.check(address) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.2.1", "::1", "::ffff:127.0.0.1", "fd00:2::5", "10.0.0.1"])
def test_allowing_one_network_allows_no_other(address: str) -> None:
    assert ONE_NETWORK.check(address) is not None


def test_the_reason_names_the_address_and_what_it_is() -> None:
    assert PUBLIC_ONLY.check("10.1.2.3") == "10.1.2.3 is private"
    assert PUBLIC_ONLY.check("::ffff:127.0.0.1") == "::ffff:7f00:1 leads to an IPv4 address: 127.0.0.1 is loopback"


@pytest.mark.parametrize("text", ["", "example.com", "1.2.3", "0x7f000001", "1.2.3.4.5"])
def test_what_is_no_address_is_forbidden(text: str) -> None:
    assert PUBLIC_ONLY.check(text) is not None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_ipv6_address_is_judged_by_the_ipv4_address_that_it_embeds(inner: IPv4Address) -> None:
    number = int(inner)
    forms = [0xFFFF << 32 | number, 0x0064_FF9B << 96 | number, 0x2002 << 112 | number << 80 | 1]
    for form in forms:
        assert (PUBLIC_ONLY.check(IPv6Address(form)) is None) == (PUBLIC_ONLY.check(inner) is None)


def written_forms(address: IPv4Address) -> list[str]:
    number = int(address)
    a, b, c, d = address.packed
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:x}.0{b:o}.{c}.{d}",
        f"{address}.",
    ]


@given(st.integers(2**24, 2**32 - 1).map(IPv4Address))
def test_hex_octal_decimal_and_short_addresses_are_judged_as_the_address_that_they_mean(address: IPv4Address) -> None:
    for form in written_forms(address):
        assert (PUBLIC_ONLY.check_url(f"http://{form}/") is None) == (PUBLIC_ONLY.check(address) is None), form


def test_odd_addresses_are_requested_in_their_dotted_form() -> None:
    assert ONE_NETWORK.admit("http://0x7f.0.0402:8080/x?y") == URL("http://127.0.1.2:8080/x?y")


@pytest.mark.parametrize(
    "url",
    [
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http:\\\\127.0.0.1\\x",
        "http:/\t/127.0.\n0.1/",
        " \x00http://127.0.0.1/ ",
        "http://[::]/",
        "http://[0:0:0:0:0:ffff:7f00:1]/",
        "http://[::ffff:127.0.0.1]:80/",
        "HTTP://127.1:80",
    ],
)
def test_ways_to_disguise_a_local_address_are_seen_through(url: str) -> None:
    with pytest.raises(UrlRefusedError) as refused:
        PUBLIC_ONLY.admit(url)
    assert refused.value.outcome is Outcome.ADDRESS_FORBIDDEN
    assert refused.value.is_address


@pytest.mark.parametrize(
    "url",
    ["http://user@8.8.8.8/", "http://user:secret@example.com/", "http://example.com@127.0.0.1/"],
)
def test_user_names_and_passwords_in_an_address_are_refused(url: str) -> None:
    reason = PUBLIC_ONLY.check_url(url)
    assert reason is not None
    assert "user name" in reason


@pytest.mark.parametrize(
    "url",
    ["ftp://a.com/", "file:///etc/passwd", "data:text/html,x", "javascript:alert(1)", "gopher://a.com", "/a", "a.com"],
)
def test_only_http_and_https_are_fetched(url: str) -> None:
    reason = PUBLIC_ONLY.check_url(url)
    assert reason is not None
    assert reason.startswith("only http and https")


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///path",
        "http://[::1",
        "http://a..b/",
        "http://a b/",
        "http://a%2eb/",
        "http://1.2.3.4.5/",
        "http://0x/a",
        "http://999.1.1.1/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://example.com:8a/",
        f"http://{'a' * 64}.com/",
        f"http://{'a.' * 127}com/",
        f"http://example.com/{'a' * MAX_URL_CHARS}",
    ],
)
def test_an_address_that_is_no_url_is_unreachable(url: str) -> None:
    with pytest.raises(UrlRefusedError) as refused:
        PUBLIC_ONLY.admit(url)
    assert refused.value.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("http://example.com", "http://example.com/"),
        ("http://example.com?q#part", "http://example.com/?q"),
        ("https://EXAMPLE.com/a#part", "https://example.com/a"),
        ("https://báo.vn/tin tức?q=đ", "https://xn--bo-mia.vn/tin%20t%E1%BB%A9c?q=%C4%91"),
        ("http://under_score.example.com/", "http://under_score.example.com/"),
        ("http://example.com./", "http://example.com./"),
        ("http://example.com:8080/a%2Fb", "http://example.com:8080/a%2Fb"),
    ],
)
def test_ordinary_addresses_pass_in_normal_form(url: str, admitted: str) -> None:
    assert str(PUBLIC_ONLY.admit(url)) == admitted


def test_a_relative_address_is_read_from_its_base() -> None:
    assert str(PUBLIC_ONLY.admit("../b?c", base=URL("http://example.com/x/y"))) == "http://example.com/b?c"
    assert str(PUBLIC_ONLY.admit("//other.com/", base=URL("https://example.com/"))) == "https://other.com/"


@given(st.text())
def test_any_text_is_admitted_or_refused_and_never_an_error(text: str) -> None:
    PUBLIC_ONLY.check_url(text)
    PUBLIC_ONLY.check_url(f"http://{text}/")


def test_the_socket_of_a_forbidden_address_is_never_opened() -> None:
    with pytest.raises(AddressForbiddenError, match="loopback"):
        PUBLIC_ONLY.open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))


def test_the_socket_of_an_allowed_address_is_opened() -> None:
    with ONE_NETWORK.open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.1.1", 80))) as opened:
        assert opened.family == socket.AF_INET
