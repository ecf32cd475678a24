"""Changing the text of a feeds file: what is asked for changes, every other byte stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.feeds_edit import save, with_feeds, with_sources, without_feeds
from config.feeds_file import SHIPPED, FeedsFileError, FeedSpec, SourceSpec, read_feeds_file

TEXT = """# Our papers
sources:
  # The one at the river
  - name: Ward Courier   # daily
    feeds:
      - https://ward.example/rss   # all
      - {url: https://ward.example/sport, section: Sport}

  # The weekly
  - name: Lakeside
    feeds: [https://lake.example/1, {url: https://lake.example/2, interval: 10m}]  # two
# the end
"""


def _read(text: str, path: Path) -> tuple[SourceSpec, ...]:
    path.write_text(text, encoding="utf-8")
    return read_feeds_file(path).sources


def test_a_feed_is_added_below_the_others_of_its_source() -> None:
    text = with_feeds(TEXT, 0, [FeedSpec("https://ward.example/arts", section="Arts", interval=timedelta(minutes=5))])

    line = "      - {url: https://ward.example/arts, interval: 5m, section: Arts}\n"
    assert text.replace(line, "") == TEXT
    assert text.index(line) > text.index("/sport")


def test_a_list_in_brackets_becomes_lines_when_a_feed_is_added(tmp_path: Path) -> None:
    text = with_feeds(TEXT, 1, [FeedSpec("https://lake.example/3")])

    feeds = _read(text, tmp_path / "feeds.yaml")[1].feeds
    assert [feed.url[-1] for feed in feeds] == ["1", "2", "3"]
    assert feeds[1].interval == timedelta(minutes=10)
    assert "# two" in text


def test_a_source_is_added_at_the_end_as_the_others_are_written(tmp_path: Path) -> None:
    added = SourceSpec(
        "C: the #1", (FeedSpec("https://c.example/"),), home="https://c.example", language="no", archive=False
    )
    text = with_sources(TEXT, [added])

    assert _read(text, tmp_path / "feeds.yaml")[2] == added
    assert all(line in text.splitlines() for line in TEXT.splitlines())


def test_a_file_without_sources_gets_its_first() -> None:
    text = with_sources("", [SourceSpec("Ward", (FeedSpec("https://ward.example/rss"),))])

    assert text == "sources:\n  - name: Ward\n    feeds:\n      - https://ward.example/rss\n"


def test_a_feed_is_taken_out_with_its_line_only() -> None:
    assert without_feeds(TEXT, {"https://ward.example/sport"}) == TEXT.replace(
        "      - {url: https://ward.example/sport, section: Sport}\n", ""
    )


def test_a_source_goes_with_its_last_feed() -> None:
    text = without_feeds(TEXT, {"https://lake.example/1", "https://lake.example/2"})

    assert "Lakeside" not in text
    assert "# the end" in text
    assert "Ward Courier   # daily" in text


def test_adding_to_the_shipped_list_and_taking_out_again_changes_nothing() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    added = with_sources(text, [SourceSpec("Ward", (FeedSpec("https://ward.example/rss"),))])

    assert added != text
    assert without_feeds(added, {"https://ward.example/rss"}) == text


def test_a_text_with_mistakes_never_reaches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(TEXT, encoding="utf-8")

    with pytest.raises(FeedsFileError):
        save(path, TEXT.replace("name:", "nam:"))

    assert path.read_text(encoding="utf-8") == TEXT
    assert list(tmp_path.iterdir()) == [path]


@given(
    st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=60)
    .map(lambda t: " ".join(t.split()))
    .filter(bool)
)
def test_any_name_reads_back(name: str) -> None:
    from tempfile import TemporaryDirectory
    from unicodedata import normalize

    with TemporaryDirectory() as folder:
        text = with_sources(TEXT, [SourceSpec(name, (FeedSpec("https://c.example/"),), slug="c")])
        assert _read(text, Path(folder) / "feeds.yaml")[2].name == normalize("NFC", name)
