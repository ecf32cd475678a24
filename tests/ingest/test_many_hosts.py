"""Many unknown sites whose feeds state no dates: every page becomes one article, once."""

from newsroom import Newsroom, Piece, needs_many_hosts, serve_feed, source

from demo.site import LoopbackServer

HOSTS = 60
PIECES = 3


@needs_many_hosts
def test_every_page_of_sixty_hosts_becomes_one_article_and_a_second_run_adds_none(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    sources = []
    for number in range(HOSTS):
        site = server.site(f"127.40.{number}.7")
        pieces = [Piece(f"/town/story-{number}-{part}-about-the-ward", number * 100 + part) for part in range(PIECES)]
        sources.append(source(f"Ward {number}", serve_feed(site, pieces)))

    first = newsroom.run(*sources)
    second = newsroom.run(*sources)

    assert first.entries == {"loaded": HOSTS * PIECES}
    assert first.polls == {"new_entries": HOSTS}
    assert second.entries == {}
    assert second.polls == {"no_new_entries": HOSTS}
    assert newsroom.column("SELECT count(*) FROM report_articles") == [HOSTS * PIECES]
    assert newsroom.column("SELECT count(DISTINCT url) FROM report_articles") == [HOSTS * PIECES]
    ledger = "SELECT run_id, count(*), count(DISTINCT entry_id) FROM report_ledger GROUP BY run_id"
    assert newsroom.rows(ledger) == [(1, HOSTS * PIECES, HOSTS * PIECES)]
