"""Hints of single sources: read from the feeds file, every mistake told with its line, kept as JSON without loss."""

from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.date_formats import FormatError, read_format
from config.feeds_file import FeedsFileError, Mistake, read_feeds_file
from config.hints import (
    KEYS,
    LISTS,
    DateHints,
    HintError,
    Hints,
    SelectorHints,
    as_json,
    fingerprint,
    from_json,
    merged,
    read_hint,
)
from config.selectors import SelectorError, read_selector


def source_with(hints: str, *, more: str = "") -> str:
    block = dedent(hints).strip("\n").replace("\n", "\n      ")
    return f"sources:\n  - name: Ward\n    feeds: [https://ward.example/rss]\n{more}    hints:\n      {block}\n"


def hints_of(path: Path, text: str) -> Hints | None:
    path.write_text(text, encoding="utf-8")
    return read_feeds_file(path).sources[0].hints


def mistakes_of(path: Path, text: str) -> tuple[Mistake, ...]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FeedsFileError) as told:
        read_feeds_file(path)
    return told.value.mistakes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.yaml"


def test_every_hint_is_read(path: Path) -> None:
    text = """
        selectors: {body: "div.story > p", author: .who, date: "time[datetime]", drop: [.promo, "#share"]}
        dates: {format: "%d/%m/%Y %H:%M", day_first: yes, timezone: Asia/Ho_Chi_Minh, ignore: [json-ld, "meta:date"],
          zone_is_wrong: true}
        """

    assert hints_of(path, source_with(text)) == Hints(
        SelectorHints("div.story > p", ".who", "time[datetime]", (".promo", "#share")),
        DateHints("%d/%m/%Y %H:%M", True, "Asia/Ho_Chi_Minh", ("json-ld", "meta:date"), True),
    )


def test_a_list_of_one_may_be_written_without_brackets(path: Path) -> None:
    hints = hints_of(path, source_with("selectors: {drop: .promo}"))

    assert hints == Hints(SelectorHints(drop=(".promo",)))


@pytest.mark.parametrize("text", ["", "selectors:", "selectors: {}", "selectors: {body: }", "dates:"])
def test_hints_that_say_nothing_are_none(path: Path, text: str) -> None:
    assert hints_of(path, source_with(text)) is None


@pytest.mark.parametrize(
    ("hints", "line", "sentence"),
    [
        ("selectors:\n  body: div..story", 6, "no CSS selector"),
        ("selectors:\n  author: .who\n  date: 'p::before'", 7, "pseudo-element"),
        ("selectors:\n  drop:\n    - .promo\n    - 'p:hover'", 8, ":hover is not known"),
        ("selectors:\n  authr: div", 6, "did you mean author?"),
        ("selecters:\n  body: div", 5, "did you mean selectors?"),
        ("selectors:\n  body: [a, b]", 6, "must be one text"),
        ("selectors:\n  drop: {a: b}", 6, "must be one text, or a list"),
        ("selectors:\n  drop: []", 6, "missing or empty"),
        ("dates:\n  format: '%d/%m'", 6, "day, month and year"),
        ("dates:\n  format: '%d/%m/%Y %Q'", 6, "%Q is not known"),
        ("dates:\n  day_first: maybe", 6, "yes or no"),
        ("dates:\n  timezone: Hanoi", 6, "IANA time zone"),
        ("dates:\n  ignore: [rss]", 6, "json-ld, meta, feed"),
        ("dates:\n  zone_is_wrong: yes", 5, "add `timezone:`"),
        ("- body", 5, "key: value"),
    ],
)
def test_a_wrong_hint_is_refused_with_its_line_and_a_sentence(path: Path, hints: str, line: int, sentence: str) -> None:
    [mistake] = mistakes_of(path, source_with(hints))

    assert mistake.line == line
    assert sentence in mistake.message


def test_every_wrong_hint_is_told_at_once(path: Path) -> None:
    told = mistakes_of(path, source_with("selectors:\n  body: '['\n  date: ''\ndates:\n  format: today"))

    assert [mistake.line for mistake in told] == [6, 7, 9]


def test_a_wrong_zone_needs_no_other_zone_where_the_source_has_its_own(path: Path) -> None:
    hints = hints_of(path, source_with("dates: {zone_is_wrong: yes}", more="    timezone: Asia/Ho_Chi_Minh\n"))

    assert hints == Hints(dates=DateHints(zone_is_wrong=True))


VALUES = {
    "selectors.body": st.sampled_from(["div", "article > p", ".story, .lead"]),
    "selectors.author": st.sampled_from([".who", "a[rel~=author]"]),
    "selectors.date": st.sampled_from(["time", "#when"]),
    "selectors.drop": st.sampled_from([".promo", "li:nth-child(2n+1)", "p:not(.a)"]),
    "dates.format": st.sampled_from(["%d/%m/%Y", "%A, %d. %B %Y %H:%M", "%I:%M %p %y-%m-%d"]),
    "dates.day_first": st.sampled_from(["yes", "no", "True", "false"]),
    "dates.timezone": st.sampled_from(["Asia/Ho_Chi_Minh", "UTC"]),
    "dates.ignore": st.sampled_from(["json-ld", "meta:pubdate", "url"]),
    "dates.zone_is_wrong": st.sampled_from(["yes", "no"]),
}
typed = st.lists(
    st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), VALUES[key])),
    max_size=9,
    unique_by=lambda pair: pair[0],
)


@given(typed)
def test_hints_survive_json(pairs: list[tuple[str, str]]) -> None:
    hints = merged(None, [(key, read_hint(key, text)) for key, text in pairs])

    assert (from_json(as_json(hints)) or Hints()) == hints
    assert fingerprint(from_json(as_json(hints))) == fingerprint(hints)


def test_other_hints_have_another_fingerprint_and_none_have_none() -> None:
    some = [Hints(SelectorHints(body=text)) for text in (".a", ".b")] + [Hints(SelectorHints(author=".a"))]

    assert len({fingerprint(hints) for hints in some}) == 3
    assert fingerprint(None) == fingerprint(Hints()) == ""


def test_typed_hints_take_the_place_of_a_sources_own_and_leave_the_others() -> None:
    own = Hints(SelectorHints(body="div", drop=(".a", ".b")), DateHints(day_first=True))

    assert merged(own, [("selectors.drop", ".c"), ("selectors.date", "time")]) == Hints(
        SelectorHints(body="div", date="time", drop=(".c",)), DateHints(day_first=True)
    )


@pytest.mark.parametrize("value", [17, "text", ["selectors"], {"selectors": 17}, {"selectors": {"body": "["}}])
def test_json_of_anything_else_is_refused(value: object) -> None:
    with pytest.raises(HintError):
        from_json(value)


def test_a_source_has_at_most_twenty_values_of_a_kind() -> None:
    with pytest.raises(HintError, match="more than 20"):
        merged(None, [("selectors.drop", f".a{n}") for n in range(21)])


@given(st.text(max_size=400))
def test_any_text_is_a_selector_or_refused_with_a_sentence(text: str) -> None:
    with suppress(SelectorError):
        assert read_selector(text)


@given(st.text(alphabet="%dmYyHMIpSzbBaA /:-,.x", max_size=100))
def test_any_text_is_a_date_format_or_refused_with_a_sentence(text: str) -> None:
    with suppress(FormatError):
        assert {"day", "year"} <= read_format(text).groupindex.keys()


@given(st.sampled_from(sorted(LISTS | set(KEYS))), st.text(max_size=60))
def test_any_value_of_a_hint_is_read_or_refused(key: str, text: str) -> None:
    with suppress(HintError):
        assert read_hint(key, text) not in ("", None)


@pytest.mark.parametrize("text", ["x" * 301, ",".join("abcdefghijklmnopqrstuvwxyzabcdef"), "a " * 40])
def test_a_selector_is_bounded(text: str) -> None:
    with pytest.raises(SelectorError):
        read_selector(text)


@pytest.mark.parametrize("selector", ["svg|a", "a:has(b)", ":is(a, b)", "p:nth-last-child(2)", "p:nth-child(odd even)"])
def test_selectors_of_another_kind_are_refused(selector: str) -> None:
    with pytest.raises(SelectorError):
        read_selector(selector)
