"""What the feeds file promises: little to write, every mistake told at once with its line, nothing hostile followed."""

from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.feeds_file import (
    MAX_BYTES,
    SHIPPED,
    FeedsFile,
    FeedsFileError,
    FeedSpec,
    Mistake,
    SourceSpec,
    read_feeds_file,
    seed_feeds_file,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.yaml"


def read(path: Path, text: str) -> FeedsFile:
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return read_feeds_file(path)


def mistakes(path: Path, text: str | bytes) -> list[tuple[int, str]]:
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode())
    with pytest.raises(FeedsFileError) as told:
        read_feeds_file(path)
    return [(mistake.line, mistake.message) for mistake in told.value.mistakes]


def source_with(line: str) -> str:
    return f"sources:\n  - name: Báo\n    {line}\n    feeds: [https://bao.vn/rss]\n"


def feed_with(pair: str) -> str:
    return f"sources:\n  - name: Báo\n    feeds:\n      - {{url: https://bao.vn/rss, {pair}}}\n"


def test_a_name_and_feeds_are_enough(path: Path) -> None:
    file = read(
        path,
        """
        sources:
          - name: Báo Mới
            feeds:
              - https://bao.vn/rss
        """,
    )
    assert file.sources == (SourceSpec(name="Báo Mới", feeds=(FeedSpec(url="https://bao.vn/rss"),)),)
    assert file.sources[0].slug is None
    assert file.sources[0].derived_slug == "bao-moi"


def test_everything_that_can_be_said_is_read(path: Path) -> None:
    file = read(
        path,
        """
        sources:
          - slug: bao
            name: Báo
            home: https://bao.vn
            country: VN
            language: vi
            timezone: Asia/Ho_Chi_Minh
            store: excerpt
            archive: false
            verified: 2026-11-20
            feeds:
              - https://bao.vn/rss
              - url: https://bao.vn/en.rss
                interval: 10m
                section: World
                language: en
                timezone: UTC
                verified: 2026-11-21
        """,
    )
    english = FeedSpec("https://bao.vn/en.rss", timedelta(minutes=10), "World", "en", "UTC", date(2026, 11, 21))
    assert file.sources == (
        SourceSpec(
            slug="bao",
            name="Báo",
            home="https://bao.vn",
            country="VN",
            language="vi",
            timezone="Asia/Ho_Chi_Minh",
            store="excerpt",
            archive=False,
            feeds=(FeedSpec("https://bao.vn/rss", verified_on=date(2026, 11, 20)), english),
        ),
    )


def test_the_shipped_list_has_no_mistake_and_is_unverified() -> None:
    sources = read_feeds_file(SHIPPED).sources
    assert {source.slug for source in sources} >= {"vnexpress", "tuoitre", "thanhnien", "dantri", "baotintuc"}
    assert all(source.home and source.country == "VN" and source.language == "vi" for source in sources)
    assert all(feed.verified_on is None for source in sources for feed in source.feeds)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("120s", timedelta(minutes=2)),
        ("2m", timedelta(minutes=2)),
        ("2h", timedelta(hours=2)),
        ("24h", timedelta(hours=24)),
        ("1d", timedelta(days=1)),
    ],
)
def test_an_interval_is_a_number_and_a_unit(text: str, length: timedelta, path: Path) -> None:
    assert read(path, feed_with(f"interval: {text}")).sources[0].feeds[0].interval == length


@pytest.mark.parametrize("text", ["10", "119s", "1m", "25h", "2d", "-10m", "10 minutes", "1.5h", "999999d", "m"])
def test_another_interval_is_a_mistake(text: str, path: Path) -> None:
    told = f"`interval:` is '{text}'; it must be a number and s, m, h or d, from 2m to 24h, such as 10m."
    assert mistakes(path, feed_with(f"interval: {text}")) == [(4, told)]


def test_country_no_is_norway(path: Path) -> None:
    assert read(path, source_with("country: NO")).sources[0].country == "NO"


def test_numbers_are_fine_names_and_text_becomes_nfc(path: Path) -> None:
    file = read(
        path,
        "sources:\n  - {name: 24, feeds: [https://a.vn/rss]}\n  - {name: 'Ba\u0301o', feeds: [https://b.vn/rss]}\n",
    )
    assert [source.name for source in file.sources] == ["24", "B\u00e1o"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("slug: Bao_1", "`slug:` is 'Bao_1'; it must be lower-case letters, digits and hyphens, at most 64."),
        (
            "home: bao.vn",
            "`home:` is 'bao.vn'; it must be an http:// or https:// address without spaces, user and password.",
        ),
        ("country: VNM", "`country:` is 'VNM'; it must be an ISO 3166-1 code in capitals such as VN."),
        ("country: vn", "`country:` is 'vn'; it must be an ISO 3166-1 code in capitals such as VN."),
        ("language: tiếng Việt", "`language:` is 'tiếng Việt'; it must be a BCP 47 tag such as vi or zh-Hant."),
        ("timezone: Hanoi", "`timezone:` is 'Hanoi'; it must be an IANA time zone such as Asia/Ho_Chi_Minh."),
        ("timezone: [UTC]", "`timezone:` must be one text of 1 to 200 visible characters."),
        ("store: all", "`store:` is 'all'; it must be full, excerpt or metadata."),
        ("archive: maybe", "`archive:` must be yes or no."),
        ("verified: today", "`verified:` is 'today'; it must be never or a day such as 2026-11-24."),
        ("langauge: vi", "'langauge' is no key of a source; did you mean language?"),
        ("name: Báo 2", "`name:` is given twice; remove one of the two."),
    ],
)
def test_a_wrong_line_of_a_source_is_told(line: str, told: str, path: Path) -> None:
    assert mistakes(path, source_with(line)) == [(3, told)]


@pytest.mark.parametrize(
    "url",
    [
        "bao.vn/rss",
        "ftp://bao.vn/rss",
        "https://",
        "https://bao.vn:x/",
        "https://[bao/",
        "https://bao.vn/a b",
        "https://ai:mat@bao.vn/",
    ],
)
def test_a_feed_needs_a_plain_web_address(url: str, path: Path) -> None:
    told = mistakes(path, f"sources:\n  - name: Báo\n    feeds:\n      - '{url}'\n")
    assert told == [
        (4, f"`url:` is '{url}'; it must be an http:// or https:// address without spaces, user and password.")
    ]


def test_all_mistakes_are_told_in_the_order_of_the_lines(path: Path) -> None:
    told = mistakes(
        path,
        """
        sources:
          - feeds:
              - https://a.vn/rss
              - {interval: 10m}
          - name: Báo
          - name: Báo B
            feeds: https://b.vn/rss
          - just a text
          - name: Báo C
            feeds: [1, {url: https://c.vn/rss, sectoin: X}]
        orther: 1
        """,
    )
    assert [line for line, _ in told] == [2, 4, 5, 7, 8, 10, 10, 11]
    assert told[0][1] == "This source has no name; add `name:` with the publisher's name."
    assert told[1][1] == "This feed has no address; add `url:` with the address of the feed."
    assert told[2][1] == "`feeds:` is missing or empty; list at least one, `- ` and a feed's address a line."
    assert told[3][1] == "`feeds:` must be a list; write `- ` and a feed's address, one a line."


@pytest.mark.parametrize("again", ["https://bao.vn/rss", "http://bao.vn/rss", "https://BAO.vn:443/rss#top"])
def test_a_feed_stands_once_in_the_whole_file(again: str, path: Path) -> None:
    text = f"sources:\n  - name: A\n    feeds: [https://bao.vn/rss]\n  - name: B\n    feeds: ['{again}']\n"
    assert mistakes(path, text) == [(5, f"The feed '{again}' is already in line 3; remove one of the two.")]


def test_a_feed_twice_in_one_line_is_a_mistake_too(path: Path) -> None:
    text = "sources:\n  - {name: A, feeds: [https://bao.vn/rss, https://bao.vn/rss]}\n"
    assert len(mistakes(path, text)) == 1


@pytest.mark.parametrize("second", ["{slug: bao, name: Khác, ", "{name: BÁO, "])
def test_a_slug_stands_once_whether_written_or_derived(second: str, path: Path) -> None:
    text = f"sources:\n  - {{name: Báo, feeds: [https://a.vn/rss]}}\n  - {second}feeds: [https://b.vn/rss]}}\n"
    told = "The slug 'bao' is taken by the source in line 2; give this source another `slug:`."
    assert mistakes(path, text) == [(3, told)]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", 0),
        (b"sources:", 1),
        (b"sources: []", 1),
        (b"- a", 1),
        (b"sources:\n  - name: 'a", 2),
        (b"sources:\n\t- name: a", 2),
        (b"sources: 1\nb: \xff", 2),
        (b"sources: 1\nb: \x00", 2),
        (b"--- 1\n--- 2", 2),
        (b"a: *nothing", 1),
        (b'a: "\\U0011ffff"', 0),
        (b"sources: !!python/object:os.system x", 1),
    ],
)
def test_what_is_no_feeds_file_is_told(raw: bytes, line: int, path: Path) -> None:
    told = mistakes(path, raw)
    assert len(told) == 1
    assert told[0][0] == line


def test_halves_of_characters_never_reach_the_warehouse(path: Path) -> None:
    told = mistakes(path, b'sources:\n  - {name: "\\ud800", feeds: [https://a.vn/rss]}\n')
    assert told == [(2, "`name:` must be one text of 1 to 200 visible characters.")]


def test_a_missing_file_and_a_folder_are_told(path: Path) -> None:
    with pytest.raises(FeedsFileError, match="does not exist"):
        read_feeds_file(path)
    with pytest.raises(FeedsFileError, match="cannot be read"):
        read_feeds_file(path.parent)


def test_a_large_file_is_refused(path: Path) -> None:
    assert "larger than" in mistakes(path, b"#" * (MAX_BYTES + 1))[0][1]


def test_deep_nesting_is_refused(path: Path) -> None:
    assert "nested too deeply" in mistakes(path, b"[" * 1_500)[0][1]


def test_anchors_are_refused_before_they_can_multiply(path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    told = mistakes(path, "\n".join(lines).encode())
    assert len(told) == 40
    assert told[0] == (1, "Write the value out where it is needed, without the anchor &a0.")


def test_an_anchor_that_holds_itself_is_refused(path: Path) -> None:
    assert len(mistakes(path, b"sources: &a [*a]")) == 1


def test_a_file_full_of_mistakes_is_not_read_to_its_end(path: Path) -> None:
    told = mistakes(path, b"sources:\n" + b"  - x\n" * 3_000)
    assert len(told) == 1_001
    assert told[0] == (0, "There are more than 1,000 mistakes; is this a feeds file?")


def test_the_error_reads_as_file_line_and_sentence(path: Path) -> None:
    error = FeedsFileError(path, (Mistake(0, "One."), Mistake(3, "Two.")))
    assert str(error) == f"{path}: One.\n{path}, line 3: Two."


@given(st.binary(max_size=300) | st.text("sources:\n -{}[]&*!|>'\"#name ").map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_file_or_a_feeds_file_error(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    try:
        assert isinstance(read_feeds_file(path), FeedsFile)
    except FeedsFileError as refused:
        assert str(refused).startswith(str(path))  # noqa: PT017  # most bytes are refused, and must say where


def test_a_missing_file_is_seeded_with_the_shipped_list(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feeds.yaml"
    assert seed_feeds_file(path)
    assert path.read_bytes() == SHIPPED.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == ["feeds.yaml"]


def test_a_file_that_is_there_is_never_touched(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")
    assert not seed_feeds_file(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_told(path: Path) -> None:
    path.write_text("a file, no folder", encoding="utf-8")
    with pytest.raises(FeedsFileError, match="choose another folder"):
        seed_feeds_file(path / "feeds.yaml")


@pytest.mark.parametrize(
    ("word", "is_archived"), [("yes", True), ("no", False), ("true", True), ("False", False), ("'no'", False)]
)
def test_yes_and_no_are_understood_as_people_write_them(path: Path, word: str, is_archived: bool) -> None:
    assert read(path, source_with(f"archive: {word}")).sources[0].archive is is_archived


def test_robots_txt_is_ignored_only_with_a_reason_written_down(path: Path) -> None:
    spec = read(path, source_with("robots: ignore\n    robots_reason: our own site")).sources[0]
    assert spec.robots_override_reason == "our own site"
    assert read(path, source_with("robots: obey")).sources[0].robots_override_reason is None


@pytest.mark.parametrize(
    ("line", "number", "words"),
    [
        ("robots: ignore", 2, "robots_reason"),
        ("robots: ignore\n    robots_reason: ", 2, "robots_reason"),
        ("robots: whatever", 3, "obey or ignore"),
        ("robots_reason: we like it", 3, "add `robots: ignore`"),
        ("robots: obey\n    robots_reason: we like it", 4, "add `robots: ignore`"),
    ],
)
def test_half_a_robots_override_is_a_mistake(path: Path, line: str, number: int, words: str) -> None:
    [(found, message)] = mistakes(path, source_with(line))
    assert (found, words in message) == (number, True)
