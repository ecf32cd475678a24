"""What publishers reserve is read from headers and pages, for our robot, and hostile pages cost nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.pages.rights import Rights, read_rights

NOARCHIVE = Rights(is_noarchive=True)


@pytest.mark.parametrize(
    ("header", "is_noarchive"),
    [
        ("noarchive", True),
        ("noindex, NoArchive", True),
        ("khotin: noarchive", True),
        ("googlebot: noarchive", False),
        ("googlebot: nofollow, noarchive", False),
        ("googlebot: nofollow, khotin: noarchive", True),
        ("max-snippet: 20, noarchive", True),
        ("unavailable_after: 25 Jun 2027 15:00:00 GMT", False),
        ("none", False),
        ("", False),
    ],
)
def test_x_robots_tag_counts_when_it_is_for_us(header: str, is_noarchive: bool) -> None:
    assert read_rights({"x-robots-tag": header}, b"") == Rights(is_noarchive)


@pytest.mark.parametrize(
    ("page", "rights"),
    [
        (b'<meta name="robots" content="noindex, noarchive">', NOARCHIVE),
        (b"<META CONTENT=noarchive NAME=ROBOTS>", NOARCHIVE),
        (b"<meta name='khotin' content='noarchive'>", NOARCHIVE),
        (b'<meta name="googlebot" content="noarchive">', Rights()),
        (b'<meta name="description" content="robots and noarchive">', Rights()),
        (b'<meta name="tdm-reservation" content="1">', Rights(is_tdm_reserved=True)),
        (b'<meta name="tdm-reservation" content="0">', Rights(is_tdm_reserved=False)),
        (b'<meta name="tdm-reservation" content="yes">', Rights()),
    ],
)
def test_a_page_states_its_reservations_in_meta_elements(page: bytes, rights: Rights) -> None:
    assert read_rights({}, b"<html><head>" + page + b"</head>") == rights


def test_headers_reserve_mining_and_name_the_policy() -> None:
    headers = {"tdm-reservation": "1", "tdm-policy": "https://paper.example/policy.json"}
    assert read_rights(headers, b"") == Rights(False, True, "https://paper.example/policy.json")
    assert read_rights(headers | {"tdm-policy": "javascript:alert(1)"}, b"").tdm_policy_url is None


def test_the_stricter_of_header_and_page_counts() -> None:
    page = b'<meta name="tdm-reservation" content="0">'
    assert read_rights({"tdm-reservation": "1"}, page).is_tdm_reserved is True


@given(
    st.dictionaries(st.sampled_from(["x-robots-tag", "tdm-reservation", "tdm-policy"]), st.text(max_size=60)),
    st.binary(max_size=200),
)
def test_nothing_makes_it_raise(headers: dict[str, str], body: bytes) -> None:
    assert isinstance(read_rights(headers, body), Rights)


@pytest.mark.parametrize("piece", [b"<", b"<meta ", b"<meta robots a=", b'<meta robots a="', b"a", b"a=", b"a ", b" "])
def test_hostile_pages_are_read_in_linear_time(piece: bytes) -> None:
    """Quadratic reading of these would take hours."""
    assert read_rights({}, piece * 200_000) == Rights()
    assert read_rights({}, b"<meta robots " + piece.replace(b"<", b"") * 200_000 + b">") == Rights()
