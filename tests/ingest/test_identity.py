"""One piece is one article, under whatever addresses it is met; two pieces are never one."""

from newsroom import HTML, XML, Item, Newsroom, Piece, redirect, rss, source

from demo.site import LoopbackServer, LoopbackSite, Response

STORY = "/town/the-story-of-the-old-lock"


def _feed(site: LoopbackSite, *links: str, path: str = "/feed.xml") -> str:
    site.pages[path] = Response(200, XML, rss(Item(site.url(link), f"Item {n}") for n, link in enumerate(links)))
    return site.url(path)


def test_trackers_amp_and_canonical_variants_of_a_page_are_one_article(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    piece = Piece(STORY, 5, canonical=site.url(STORY))
    for path in (STORY, f"{STORY}/amp", "/short/5", "/print?id=5"):
        site.pages[path] = piece.page
    site.pages["/moved/5"] = redirect(STORY)
    links = [f"{STORY}?utm_source=rss#top", STORY, f"{STORY}/amp", f"{STORY}/", "/short/5", "/print?id=5", "/moved/5"]

    report = newsroom.run(source("Ward", _feed(site, *links)))

    assert newsroom.column("SELECT url FROM report_articles") == [site.url(STORY)]
    assert report.entries == {"loaded": 1, "duplicate": len(links) - 1}
    assert newsroom.column("SELECT count(DISTINCT article_id) FROM report_ledger") == [1]
    assert newsroom.column("SELECT count(*) FROM article_versions") == [0]


def test_a_canonical_that_every_page_of_a_site_names_joins_nothing(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    first = "/town/the-very-first-story-of-the-site"
    paths = [f"/town/story-number-{n}-of-the-ward" for n in range(4)]
    for seed, path in enumerate([*paths[:2], first, *paths[2:]]):
        site.pages[path] = Piece(path, seed, canonical=site.url(first)).page

    report = newsroom.run(source("Ward", _feed(site, *paths[:2], first, *paths[2:])))

    assert report.entries == {"loaded": 5}
    assert sorted(newsroom.column("SELECT url FROM report_articles")) == sorted(map(site.url, [first, *paths]))


def test_an_article_gets_its_address_back_from_one_that_claimed_it_before(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    claimer, rightful = "/town/the-claimer-of-the-address", "/town/the-rightful-owner-of-it"
    site.pages[claimer] = Piece(claimer, 1, canonical=site.url(rightful)).page
    site.pages[rightful] = Piece(rightful, 2).page

    newsroom.run(source("Ward", _feed(site, claimer)))
    assert newsroom.column("SELECT url FROM report_articles") == [site.url(rightful)]
    report = newsroom.run(source("Ward", _feed(site, claimer, rightful)))

    assert report.entries == {"loaded": 1}
    urls = newsroom.rows("SELECT url, title FROM report_articles ORDER BY article_id")
    assert [tuple(row) for row in urls] == [
        (site.url(claimer), Piece(claimer, 1).headline),
        (site.url(rightful), Piece(rightful, 2).headline),
    ]


def test_pages_whose_text_may_not_be_kept_are_told_apart_by_their_titles(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    shared = site.url("/town/the-canonical-of-all-of-them")
    paths = [f"/town/story-number-{n}-of-the-ward" for n in range(3)]
    for seed, path in enumerate(paths):
        site.pages[path] = Piece(path, seed, canonical=shared).page

    report = newsroom.run(source("Ward", _feed(site, *paths), store="metadata"))

    assert report.entries == {"loaded": 3}
    assert newsroom.column("SELECT DISTINCT body FROM report_texts") == [""]


def test_a_canonical_of_another_site_or_the_home_page_is_refused(server: LoopbackServer, newsroom: Newsroom) -> None:
    site, other = server.site(), server.site()
    paths = {"/town/reprint-of-the-story": other.url(STORY), "/town/sloppy-template-here": site.url("/")}
    for seed, (path, canonical) in enumerate(paths.items()):
        site.pages[path] = Piece(path, seed, canonical=canonical).page

    newsroom.run(source("Ward", _feed(site, *paths)))

    assert sorted(newsroom.column("SELECT url FROM report_articles")) == sorted(map(site.url, paths))


def test_items_that_share_one_guid_are_told_apart_by_their_links(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    pieces = [Piece(f"/town/story-number-{n}-of-the-ward", n) for n in range(3)]
    site.pages |= {piece.path: piece.page for piece in pieces}
    items = [Item(site.url(piece.path), piece.headline, guid="the-one-guid") for piece in pieces]
    site.pages["/feed.xml"] = Response(200, XML, rss(items))

    first = newsroom.run(source("Ward", site.url("/feed.xml")))
    second = newsroom.run(source("Ward", site.url("/feed.xml")))

    assert (first.entries, second.entries) == ({"loaded": 3}, {})


def test_a_page_that_two_feeds_name_is_fetched_once_and_counted_once(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    site.pages[STORY] = Piece(STORY, 3).page
    feeds = [_feed(site, STORY, path="/a.xml"), _feed(site, STORY, path="/b.xml")]

    report = newsroom.run(source("Ward", *feeds))

    assert report.entries == {"loaded": 1, "duplicate": 1}
    assert len(site.requested(STORY)) == 1
    assert newsroom.column("SELECT outcome FROM entries") == ["loaded", "loaded"]


def test_an_entry_has_its_pages_outcome_whether_it_came_before_or_after_the_fetch(
    server: LoopbackServer, newsroom: Newsroom
) -> None:
    site = server.site()
    site.pages[STORY] = Piece(STORY, 3).page
    feeds = [_feed(site, STORY, path="/a.xml")]
    newsroom.run(source("Ward", *feeds))

    report = newsroom.run(source("Ward", *feeds, _feed(site, STORY, path="/b.xml")))

    assert report.entries == {"duplicate": 1}
    assert newsroom.column("SELECT outcome FROM entries") == ["loaded", "loaded"]


def test_a_meta_refresh_and_a_redirect_to_one_page_are_one_article(server: LoopbackServer, newsroom: Newsroom) -> None:
    site = server.site()
    site.pages[STORY] = Piece(STORY, 3).page
    site.pages["/jump"] = Response(200, HTML, f'<meta http-equiv="refresh" content="0;url={STORY}">'.encode())
    site.pages["/moved"] = redirect(STORY, 302)

    newsroom.run(source("Ward", _feed(site, "/jump", "/moved", STORY)))

    assert newsroom.column("SELECT url FROM report_articles") == [site.url(STORY)]
