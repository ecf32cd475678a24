"""The history of a site from its sitemaps: where they are, how they nest, and what is wrong with them."""

import gzip
from collections.abc import Callable, Iterable

import pytest
from newsroom import THREE, Newsroom, Piece, source

from demo.site import LoopbackSite, Response
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.wish import BackfillKind, WishError

Backfill = Callable[..., BackfillReport]
SITEMAP = BackfillKind.SITEMAP
XML = {"Content-Type": "application/xml"}
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*pages: str | tuple[str, str]) -> bytes:
    """Write a sitemap: addresses, or addresses with what stands beside them."""
    items = (
        f"<url><loc>{p}</loc></url>" if isinstance(p, str) else f"<url><loc>{p[0]}</loc>{p[1]}</url>" for p in pages
    )
    return f'<?xml version="1.0"?><urlset {NS}>{"".join(items)}</urlset>'.encode()


def index(*sitemaps: tuple[str, str]) -> bytes:
    """Write an index of sitemaps with their lastmod."""
    items = (f"<sitemap><loc>{url}</loc><lastmod>{changed}</lastmod></sitemap>" for url, changed in sitemaps)
    return f'<?xml version="1.0"?><sitemapindex {NS}>{"".join(items)}</sitemapindex>'.encode()


def serve(site: LoopbackSite, pieces: Iterable[Piece], **documents: bytes) -> None:
    """Put pieces and documents on a site; `__` in a name is a slash, `_` a dot."""
    site.pages |= {piece.path: piece.page for piece in pieces}
    for name, body in documents.items():
        site.pages["/" + name.replace("__", "/").replace("_", ".")] = Response(200, XML, body)


def robots(site: LoopbackSite, *sitemaps: str) -> None:
    """Name sitemaps in robots.txt."""
    text = "User-agent: *\nDisallow:\n" + "".join(f"Sitemap: {site.url(path)}\n" for path in sitemaps)
    site.pages["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, text.encode())


def asked(site: LoopbackSite) -> list[str]:
    """Give the paths that were asked for."""
    return [request.path for request in site.requests]


def test_robots_txt_leads_through_nested_and_packed_sitemaps_to_the_pages(
    backfill: Backfill, site: LoopbackSite
) -> None:
    robots(site, "/index.xml")
    one, two, three = (site.url(piece.path) for piece in THREE)
    serve(
        site,
        THREE,
        index_xml=index((site.url("/inner.xml"), "2026-03-05"), (site.url("/c.xml.gz"), "2026-03-04")),
        inner_xml=index((site.url("/a.xml"), "2026-03-05"), (site.url("/b.xml"), "2026-03-01")),
        a_xml=urlset(one),
        b_xml=urlset(two, one),
        c_xml_gz=gzip.compress(urlset(three)),
    )
    report = backfill(SITEMAP, site.url("/"))
    assert (report.is_done, report.outcomes, report.files) == (True, {"loaded": 3}, 6)


def test_a_site_whose_robots_txt_is_silent_has_its_sitemap_where_most_have_it(
    backfill: Backfill, site: LoopbackSite
) -> None:
    serve(site, THREE, sitemap_xml=urlset(*(site.url(piece.path) for piece in THREE)))
    assert backfill(SITEMAP, site.url("/")).outcomes == {"loaded": 3}


def test_a_source_is_named_by_its_slug(backfill: Backfill, site: LoopbackSite, newsroom: Newsroom) -> None:
    serve(site, THREE, sitemap_xml=urlset(*(site.url(piece.path) for piece in THREE)))
    wish = source("Ward", site.url("/rss"), slug="ward", home=site.url("/"))
    backfill(SITEMAP, "ward", sources=(wish,))
    assert newsroom.column("SELECT DISTINCT source FROM report_articles") == ["ward"]


def test_pages_of_other_days_are_not_fetched(backfill: Backfill, site: LoopbackSite) -> None:
    news = "<news:news><news:publication_date>{}</news:publication_date><news:title>T</news:title></news:news>"
    paths = [piece.path for piece in THREE]
    serve(
        site,
        THREE,
        sitemap_xml=urlset(
            (site.url(paths[0]), news.format("2026-03-04T09:15:00+01:00")),
            (site.url(paths[1]), news.format("2025-01-01T00:00:00Z")),
            (site.url(paths[2]), "<lastmod>2025-12-31</lastmod>"),
            site.url("/2024/05/06/an-old-story"),
        ),
    )
    report = backfill(SITEMAP, site.url("/sitemap.xml"), since="2026-03-01", until="2026-04-01")
    assert (report.outcomes, report.left_out) == ({"loaded": 1}, {"of other days": 3})
    assert paths[0] in asked(site)
    assert paths[1] not in asked(site)


def test_sitemaps_of_other_months_are_not_read(backfill: Backfill, site: LoopbackSite) -> None:
    old, now = site.url("/post-2019-03.xml"), site.url("/post-2026-03.xml")
    robots(site, "/index.xml")
    serve(site, THREE, index_xml=index((old, ""), (now, "")))
    site.pages["/post-2026-03.xml"] = Response(200, XML, urlset(*(site.url(piece.path) for piece in THREE)))
    assert backfill(SITEMAP, site.url("/"), since="2026-03-01").outcomes == {"loaded": 3}
    assert "/post-2019-03.xml" not in asked(site)


def test_an_index_that_says_one_date_for_all_is_not_believed(backfill: Backfill, site: LoopbackSite) -> None:
    serve(
        site,
        THREE,
        index_xml=index((site.url("/a.xml"), "2001-01-01"), (site.url("/b.xml"), "2001-01-01")),
        a_xml=urlset(site.url(THREE[0].path)),
        b_xml=urlset(site.url(THREE[1].path)),
    )
    assert backfill(SITEMAP, site.url("/index.xml"), since="2026-03-01").outcomes == {"loaded": 2}


def test_what_is_wrong_with_a_sitemap_is_told_and_stops_none_of_the_others(
    backfill: Backfill, site: LoopbackSite
) -> None:
    serve(
        site,
        THREE,
        index_xml=index(
            (site.url("/gone.xml"), "2026-03-01"),
            (site.url("/page.html"), "2026-03-02"),
            (site.url("/a.xml"), "2026-03-03"),
        ),
        page_html=b"<!doctype html><html><head><title>Sorry</title></head><body>Nothing here</body></html>",
        a_xml=urlset(site.url(THREE[0].path)),
    )
    report = backfill(SITEMAP, site.url("/index.xml"))
    assert report.outcomes == {"loaded": 1}
    reasons = {name.rsplit("/", 1)[1]: reason for name, reason in report.failed_files.items()}
    assert reasons["gone.xml"].startswith("gone:")
    assert reasons["page.html"] == "an HTML page titled “Sorry”, not a sitemap"


def test_sitemaps_that_name_each_other_are_read_once(backfill: Backfill, site: LoopbackSite) -> None:
    serve(
        site,
        THREE,
        index_xml=index((site.url("/index.xml"), "2026-03-01"), (site.url("/other.xml"), "2026-03-02")),
        other_xml=index((site.url("/index.xml"), "2026-03-01"), (site.url("/a.xml"), "2026-03-01")),
        a_xml=urlset(site.url(THREE[0].path)),
    )
    assert backfill(SITEMAP, site.url("/index.xml")).outcomes == {"loaded": 1}
    assert asked(site).count("/index.xml") == 1


def test_pages_of_other_sites_are_left_out(backfill: Backfill, site: LoopbackSite) -> None:
    serve(site, THREE, sitemap_xml=urlset(site.url(THREE[0].path), "http://127.0.0.99:81/elsewhere"))
    report = backfill(SITEMAP, site.url("/sitemap.xml"))
    assert (report.outcomes, report.left_out) == ({"loaded": 1}, {"of other sites": 1})


def test_a_sitemap_that_could_not_be_had_for_now_is_read_by_the_next_run(
    backfill: Backfill, site: LoopbackSite
) -> None:
    serve(site, THREE)
    site.pages["/sitemap.xml"] = Response(503, {}, b"")
    first = backfill(SITEMAP, site.url("/sitemap.xml"))
    assert (first.is_done, first.outcomes) == (False, {})
    serve(site, THREE, sitemap_xml=urlset(*(site.url(piece.path) for piece in THREE)))
    second = backfill(SITEMAP, site.url("/sitemap.xml"))
    assert (second.is_done, second.outcomes) == (True, {"loaded": 3})


def test_a_plain_list_of_addresses_is_a_sitemap_too(backfill: Backfill, site: LoopbackSite) -> None:
    serve(site, THREE, sitemap_txt="\n".join(site.url(piece.path) for piece in THREE).encode())
    assert backfill(SITEMAP, site.url("/sitemap.txt")).outcomes == {"loaded": 3}


def test_what_is_neither_source_nor_address_is_told(backfill: Backfill) -> None:
    with pytest.raises(WishError, match="neither a source nor an address"):
        backfill(SITEMAP, "nobody")
