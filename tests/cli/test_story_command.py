"""`khotin story`: a story in order of time, or one sentence."""

from pathlib import Path

from newsroom import Newsroom, Piece, serve_feed, source
from zygote import Khotin

from demo.site import LoopbackServer


def test_a_story_is_told_in_order_of_time_and_an_article_alone_in_one_sentence(
    khotin: Khotin, folder: Path, server: LoopbackServer
) -> None:
    harbour, ward = server.site(), server.site()
    original = Piece("/town/the-harbour-reopens", 1, published="2026-03-04T09:15:00+01:00")
    reprint = Piece(
        "/news/harbour-open-again",
        2,
        paragraphs=(*original.text[:3], *Piece("/x", 5).text[:1]),
        published="2026-03-04T12:00:00+01:00",
    )
    other = Piece("/news/an-orchard-in-bloom", 3)
    papers = [
        source("Harbour", serve_feed(harbour, [original])),
        source("Ward", serve_feed(ward, [reprint, other])),
    ]
    Newsroom(folder).run(*papers)

    told = khotin("story", harbour.url(original.path))
    assert told.code == 0
    assert "2 articles of 2 sources" in told.out
    first, second = (line for line in told.out.splitlines() if "2026-03-04" in line)
    assert "harbour" in first
    assert "ward" in second
    assert "%" in second
    assert "no" in second.split()

    alone = khotin("story", ward.url(other.path))
    assert (alone.code, "shares its words with no other article" in alone.out) == (0, True)

    unknown = khotin("story", "https://paper.example/nothing")
    assert unknown.code == 1
    assert "There is no article" in unknown.err
