"""`khotin feeds try`: what hints change on a page, a feed or a source, before anything is written."""

from pathlib import Path
from textwrap import indent

import pytest
from newsroom import HTML, THREE, XML, Item, Piece, rss
from zygote import Ended, Khotin

from config.feeds_file import read_feeds_file
from config.hints import DateHints, Hints, SelectorHints
from demo.site import LoopbackSite, Response

PIECE = Piece("/town/the-story-of-the-old-lock", 7, published="2026-03-04T09:15:00+08:00")
URL = f"https://ward.example{PIECE.path}"
AUTHOR = "selectors.author=.names"
QUOTED = 'p[class="it\'s"]'
PROMO = "Our calendar for the new year is out now, with forty pictures of boats in it."


def page(piece: Piece) -> bytes:
    """Give a page with names where no rule looks, and an offer within its text."""
    html = piece.html.replace(b"<article>", b"<p class='names'>Per Holm</p><article>")
    return html.replace(b"</article>", f"<p class='o'>{PROMO}</p></article>".encode())


def row(ended: Ended, field: str) -> list[str]:
    """Give the cells of the first line of a field's row."""
    line = next(line for line in ended.out.split("\n") if line.strip().startswith(f"{field} "))
    return [cell.strip() for cell in line.split("│")]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "saved.html"
    path.write_bytes(page(PIECE))
    return path


def with_hints(folder: Path, block: str) -> None:
    """Give the first source of the feeds file hints."""
    path = folder / "feeds.yaml"
    text = path.read_text("utf-8").replace("  - name: Ward\n", f"  - name: Ward\n{block}\n", 1)
    path.write_text(text, encoding="utf-8")


def test_a_saved_page_is_shown_as_it_would_load(khotin: Khotin, saved: Path, folder: Path) -> None:
    ended = khotin("feeds", "try", saved, "--url", URL)

    assert ended.code == 0
    assert PIECE.headline in ended.out
    assert "Ida Lindqvist ← " in ended.out
    assert not folder.exists()


def test_typed_hints_are_shown_beside_the_rules_with_what_they_change(
    khotin: Khotin, saved: Path, folder: Path
) -> None:
    ended = khotin(
        *("feeds", "try", saved, "--url", URL, "--hint", AUTHOR, "--hint", "selectors.drop=.o"),
        *("--hint", "dates.zone_is_wrong=yes", "--hint", "dates.timezone=Asia/Ho_Chi_Minh"),
    )

    assert row(ended, "title")[2] == "the same"
    assert row(ended, "authors")[1].startswith("Ida Lindqvist ← ")
    assert row(ended, "authors")[2] == "Per Holm ← hint"
    assert row(ended, "published")[2].startswith("2026-03-04 09:15:00+07:00 ← ")
    assert f"- {PROMO}" in ended.out
    assert "Pages that the hints change: 1 of 1. Nothing was written." in ended.out
    assert not folder.exists()


def test_the_lines_to_keep_typed_hints_are_those_of_the_feeds_file(
    khotin: Khotin, saved: Path, site: LoopbackSite, folder: Path
) -> None:
    tried = khotin(
        *("feeds", "try", saved, "--url", URL, "--hint", f"selectors.body={QUOTED}", "--hint", AUTHOR),
        *("--hint", "selectors.drop=.o", "--hint", "selectors.drop=#b", "--hint", "dates.day_first=no"),
    )
    with_hints(folder, tried.out[tried.out.index("    hints:") :].rstrip())

    assert read_feeds_file(folder / "feeds.yaml").sources[0].hints == Hints(
        SelectorHints(QUOTED, ".names", drop=(".o", "#b")), DateHints(day_first=False)
    )
    again = khotin("feeds", "try", saved, "--source", "ward")
    assert row(again, "authors")[2] == "Per Holm ← hint"


def test_hints_that_find_nothing_are_named(khotin: Khotin, saved: Path) -> None:
    ended = khotin("feeds", "try", saved, "--hint", "selectors.body=.no", "--hint", "selectors.drop=.nay")

    assert "The hint for body is of no use here: nothing matches '.no'." in ended.out
    assert "The hint for drop is of no use here: nothing matches '.nay'." in ended.out
    assert "Pages that the hints change: 0 of 1." in ended.out


def test_a_page_is_tried_with_the_hints_of_the_source_whose_site_it_is_of(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    site.pages[PIECE.path] = Response(200, HTML, page(PIECE))
    with_hints(folder, "    hints: {selectors: {author: .names}}")

    ended = khotin("feeds", "try", site.url(PIECE.path))

    assert "Source ward, with hints" in ended.out
    assert row(ended, "authors")[2] == "Per Holm ← hint"


@pytest.mark.parametrize("path", ["/feed.xml", "/another.xml"])
def test_the_newest_of_a_feed_are_tried_whether_it_is_followed_or_not(
    khotin: Khotin, site: LoopbackSite, path: str
) -> None:
    site.pages |= {piece.path: Response(200, HTML, page(piece)) for piece in THREE}
    site.pages["/another.xml"] = Response(200, XML, rss([Item(site.url(THREE[0].path), "One")]))

    ended = khotin("feeds", "try", site.url(path), "--hint", AUTHOR)

    count = 3 if path == "/feed.xml" else 1
    assert ended.out.count("Per Holm ← hint") == count
    assert f"Pages that the hints change: {count} of {count}." in ended.out


def test_a_source_is_tried_with_its_own_hints(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    site.pages |= {piece.path: Response(200, HTML, page(piece)) for piece in THREE}
    with_hints(folder, "    hints: {selectors: {author: .names}}")

    ended = khotin("feeds", "try", "ward")

    assert ended.out.count("Per Holm ← hint") == 3
    assert [path.name for path in folder.iterdir()] == ["feeds.yaml"]


def test_robots_and_failures_are_told_as_outcomes(khotin: Khotin, site: LoopbackSite) -> None:
    site.pages["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /town/")

    assert "robots_denied" in khotin("feeds", "try", site.url(PIECE.path), "--hint", AUTHOR).out
    assert "gone" in khotin("feeds", "try", site.url("/nothing")).out


@pytest.mark.parametrize(
    "hint", ["selectors.body", "selectors.bodi=p", "selectors.body=p[", "dates.format=%d", "dates.zone_is_wrong=yes"]
)
def test_a_wrong_hint_ends_with_2_and_a_sentence(khotin: Khotin, saved: Path, hint: str) -> None:
    ended = khotin("feeds", "try", saved, "--hint", hint)

    assert ended.code == 2
    assert ended.err.strip()


@pytest.mark.parametrize("arguments", [["nobody"], ["nowhere.html"], ["--source", "nobody", "nowhere.html"]])
def test_what_is_neither_source_nor_file_is_one_sentence_with_the_sources(
    khotin: Khotin, site: LoopbackSite, arguments: list[str]
) -> None:
    ended = khotin("feeds", "try", *arguments)

    assert ended.code == 1
    assert "ward" in ended.err


def test_an_address_beyond_loopback_needs_a_contact(khotin: Khotin) -> None:
    ended = khotin("feeds", "try", "https://news.example/story")

    assert ended.code == 1
    assert "KHOTIN_CONTACT" in ended.err


def test_mistakes_of_hints_in_the_feeds_file_are_told_with_their_lines(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    with_hints(folder, indent("hints:\n  selectors:\n    body: 'p['", "    "))

    ended = khotin("feeds", "check")

    assert ended.code == 1
    assert "line 5: `selectors.body` is 'p['; it is no CSS selector" in ended.out
    assert khotin("run").code == 1
