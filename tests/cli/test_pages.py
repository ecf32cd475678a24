"""`khotin pages`: what ended how is listed, and tried again when a person says so."""

from pathlib import Path

import pytest
from newsroom import Item, Piece, feeds_yaml, rss, source
from zygote import Khotin

from demo.site import LoopbackSite, Response

GONE, DENIED, GOOD = "/town/gone", "/private/letter", "/town/a-story-of-the-ward"


@pytest.fixture
def troubled(site: LoopbackSite, folder: Path) -> LoopbackSite:
    """A site with a page that is gone, one that robots.txt forbids, and a good one."""
    site.pages[GOOD] = Piece(GOOD, 1).page
    site.pages["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/")
    items = [Item(site.url(path), f"At {path}") for path in (GONE, DENIED, GOOD)]
    site.pages["/feed.xml"] = Response(200, {"Content-Type": "application/rss+xml"}, rss(items))
    (folder / "feeds.yaml").write_text(feeds_yaml([source("Ward", site.url("/feed.xml"))]))
    return site


def test_pages_are_listed_by_outcome_source_and_time(khotin: Khotin, troubled: LoopbackSite) -> None:
    khotin("run")

    gone = khotin("pages", "list", "--outcome", "gone", "--source", "ward", "--since", "1h")
    assert troubled.url(GONE) in gone.out
    assert "404 Not Found" in gone.out
    assert gone.out.rstrip().endswith("1 page.")
    assert khotin("pages", "list", "--limit", "2").out.rstrip().endswith("3 pages, the last 2 are shown.")
    assert khotin("pages", "list", "--since", "2100-01-01").out.rstrip().endswith("0 pages.")


def test_a_page_is_tried_again_by_its_address(khotin: Khotin, troubled: LoopbackSite) -> None:
    khotin("run")
    troubled.pages[GONE] = Piece(GONE, 2).page

    ended = khotin("pages", "retry", troubled.url(GONE) + "?utm_source=x")
    assert ended.out.rstrip().endswith("1 page is tried again by the next `khotin run`.")
    khotin("run")
    assert khotin("pages", "list", "--outcome", "loaded").out.rstrip().endswith("2 pages.")
    assert [request.path for request in troubled.requests].count(GOOD) == 1


def test_all_pages_that_ended_in_one_way_are_tried_again(khotin: Khotin, troubled: LoopbackSite, folder: Path) -> None:
    khotin("run")
    troubled.pages[DENIED] = Piece(DENIED, 3).page
    wish = (folder / "feeds.yaml").read_text()
    override = "    robots: ignore\n    robots_reason: our own paper\n    feeds:"
    (folder / "feeds.yaml").write_text(wish.replace("    feeds:", override))

    ended = khotin("pages", "retry", "--outcome", "robots_denied")
    assert "1 page is tried again" in ended.out
    khotin("run")
    assert khotin("pages", "list", "--outcome", "loaded").out.rstrip().endswith("2 pages.")
    assert "our own paper" in khotin("why", troubled.url(DENIED)).out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["retry"], 2, "one of the two"),
        (["retry", "http://127.0.0.1:1/x", "--outcome", "gone"], 2, "one of the two"),
        (["retry", "http://127.0.0.1:1/x", "--source", "ward"], 2, "go with --outcome"),
        (["retry", "http://127.0.0.1:1/nobody-named-it"], 1, "No feed has named"),
        (["list", "--source", "nobody"], 2, "No source is called"),
        (["list", "--since", "yesterday"], 2, "--since 'yesterday' must be like"),
        (["list", "--outcome", "sad"], 2, "sad"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    khotin: Khotin, site: LoopbackSite, arguments: list[str], code: int, words: str
) -> None:
    khotin("db", "upgrade")
    ended = khotin("pages", *arguments)
    assert (ended.code, words in ended.err) == (code, True)
