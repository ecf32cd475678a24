"""JSON-LD as publishers write it: broken in the ways that news sites break it, and still read."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.json_ld import flatten, is_article, parse_script, plain, text_of, texts, types_of


@pytest.mark.parametrize(
    "script",
    [
        '{"headline": "A"}',
        '<!-- {"headline": "A"} -->',
        '//<![CDATA[\n{"headline": "A"}\n//]]>',
        '/* <![CDATA[ */ {"headline": "A"} /* ]]> */',
        '{"headline": "A",}',
        '{"headline": "A", "image": ["x",],}',
        '{"headline": "A"};',
        "{&quot;headline&quot;: &quot;A&quot;}",
    ],
    ids=["plain", "comment", "cdata", "css-cdata", "comma", "two commas", "semicolon", "entities"],
)
def test_wrappers_and_slips_are_read(script: str) -> None:
    assert parse_script(script)[0]["headline"] == "A"


def test_raw_line_breaks_and_bad_escapes_in_strings_are_read() -> None:
    assert parse_script('{"description": "two\nlines"}') == [{"description": "two\nlines"}]
    assert parse_script(r'{"description": "it\'s"}') == [{"description": r"it\'s"}]


def test_several_values_after_each_other_are_read() -> None:
    assert parse_script('{"a": 1}\n{"b": 2} [{"c": 3}]') == [{"a": 1}, {"b": 2}, [{"c": 3}]]


def test_bare_quotes_in_a_headline_do_not_lose_the_date() -> None:
    script = '{"@type": "NewsArticle",\n"headline": "They call it "safe"",\n"datePublished": "2024-05-01T10:00:00Z"\n}'
    node = parse_script(script)[0]
    assert node["headline"] == 'They call it "safe"'
    assert node["datePublished"] == "2024-05-01T10:00:00Z"


@pytest.mark.parametrize("script", ["", "null", "no json at all", '{"a": ', "[" * 100_000])
def test_what_is_no_json_gives_nothing(script: str) -> None:
    assert list(flatten(parse_script(script))) == []


def test_nodes_are_bounded() -> None:
    assert len(list(flatten([[{"a": 1}] * 5_000]))) == 400


@pytest.mark.parametrize(
    ("stated", "kinds"),
    [
        ("NewsArticle", {"NewsArticle"}),
        (["Article", "http://schema.org/BlogPosting"], {"Article", "BlogPosting"}),
        ("schema:Report", {"Report"}),
        (None, set()),
        (7, set()),
    ],
)
def test_types_are_named_without_their_vocabulary(stated: object, kinds: set[str]) -> None:
    assert types_of({"@type": stated}) == kinds


def test_articles_of_every_kind_are_known() -> None:
    assert is_article({"@type": ["Thing", "LiveBlogPosting"]})
    assert not is_article({"@type": "VideoObject"})


def test_texts_come_from_strings_values_names_and_lists() -> None:
    assert texts(["a", {"name": "b"}, {"@value": "c"}, 3, None, True, {"x": 1}]) == ("a", "b", "c", "3")
    assert texts({"@list": ["a", "b"]}) == ("a", "b")
    assert text_of({"name": ["first", "second"]}) == "first"
    assert text_of([]) is None


def test_stated_texts_are_shown_as_readers_see_them() -> None:
    assert plain("Tom &amp;amp; <b>Jerry</b>\n again") == "Tom & Jerry again"


@given(st.text(max_size=500))
def test_any_script_is_read_without_an_error(script: str) -> None:
    assert all(isinstance(node, dict) for node in flatten(parse_script(script)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
@settings(max_examples=40)
def test_any_json_is_flattened_and_its_texts_read(value: object) -> None:
    for node in flatten(parse_script(json.dumps(value))):
        types_of(node)
        for stated in node.values():
            assert all(isinstance(text, str) and text for text in texts(stated))
