"""`khotin feeds`: pause, resume, reset, add, remove, import, export and parse, as a person types them."""

import json
import re
from pathlib import Path

import pytest
from newsroom import HTML, THREE, XML, redirect, rss, serve_feed
from zygote import Khotin

from config.feeds_file import read_feeds_file
from demo.site import LoopbackServer, LoopbackSite, Response

COMMANDS = ["pause", "resume", "reset", "add", "remove", "import", "export", "parse"]
PLAIN = {"Content-Type": "text/plain"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(khotin: Khotin, command: str) -> None:
    said = re.sub(r"\x1b\[[0-9;]*m", "", khotin("feeds", command, "--help").out)

    assert f"khotin feeds {command}" in said.partition("Example")[2]


def test_a_paused_source_is_listed_with_who_and_why_and_resumes(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run")
    paused = khotin("feeds", "pause", "ward", "--why", "their editor asked")
    listed, told = khotin("feeds", "list").out, khotin("why", site.url("/feed.xml")).out
    polled = len(site.requests)
    khotin("run", "--ignore-schedule")

    assert "paused" in paused.out
    assert "their editor asked" in listed
    assert "their editor asked" in told
    assert len(site.requests) == polled
    assert khotin("feeds", "resume", site.url("/feed.xml")).code == 0
    khotin("run")
    assert len(site.requests) > polled


def test_reset_makes_the_next_poll_whole(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run")
    khotin("feeds", "reset", "ward", "--why", "new server")
    told = khotin("why", site.url("/feed.xml")).out

    assert "new server" in told
    assert "because it was reset" in told


def test_an_unknown_name_ends_with_what_to_type(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run")
    ended = khotin("feeds", "pause", "nobody")

    assert ended.code == 1
    assert "khotin feeds list" in ended.err


def test_why_tells_when_a_feed_is_due_and_for_what_reason(khotin: Khotin, site: LoopbackSite) -> None:
    khotin("run")

    assert re.search(r"It is due at .*, because ", khotin("why", site.url("/feed.xml")).out)


@pytest.fixture
def paper(server: LoopbackServer) -> LoopbackSite:
    """A site with a home page that names its feed, a feed of comments, and a news sitemap in robots.txt."""
    made = server.site()
    serve_feed(made, THREE, "/rss")
    news = "".join(
        f"<url><loc>{made.url(f'/n/{n}')}</loc><news:news><news:title>Piece {n}</news:title></news:news></url>"
        for n in range(3)
    )
    made.pages |= {
        "/": Response(
            200,
            HTML,
            b"<html><head><title>Lake Paper</title><link rel=alternate type=application/rss+xml href=/rss>"
            b"<link rel=alternate type=application/rss+xml href=/comments/feed></head><body><p>Hello</p></body></html>",
        ),
        "/comments/feed": Response(200, XML, rss([], title="Comments for Lake Paper")),
        "/robots.txt": Response(200, PLAIN, f"Sitemap: {made.url('/news-sitemap.xml')}".encode()),
        "/news-sitemap.xml": Response(
            200,
            XML,
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{news}</urlset>'.encode(),
        ),
    }
    return made


def test_add_finds_the_feeds_of_a_site_and_keeps_the_comments_of_the_file(
    khotin: Khotin, site: LoopbackSite, paper: LoopbackSite, folder: Path
) -> None:
    path = folder / "feeds.yaml"
    before = f"# mine\n{path.read_text('utf-8')}# end\n"
    path.write_text(before, encoding="utf-8")
    dry = khotin("feeds", "add", paper.url("/"), "--dry-run")

    assert THREE[0].headline in dry.out
    assert path.read_text("utf-8") == before
    done = khotin("feeds", "add", paper.url("/"), "--yes")
    assert done.code == 0
    added = read_feeds_file(path).sources[1]
    assert added.name == "Lake Paper"
    assert [feed.url for feed in added.feeds] == [paper.url("/rss"), paper.url("/news-sitemap.xml")]
    after = path.read_text("utf-8")
    assert after.startswith("# mine\n")
    assert after.endswith("# end\n")
    assert "followed already" in khotin("feeds", "add", paper.url("/rss"), "--yes").out


def test_add_takes_a_feeds_own_address_after_permanent_redirects(
    khotin: Khotin, site: LoopbackSite, paper: LoopbackSite, folder: Path
) -> None:
    paper.pages["/old"] = redirect(paper.url("/rss"))
    khotin("feeds", "add", paper.url("/old"), "--yes")

    assert read_feeds_file(folder / "feeds.yaml").sources[1].feeds[0].url == paper.url("/rss")


def test_add_asks_first_and_says_when_there_is_nothing(
    khotin: Khotin, site: LoopbackSite, paper: LoopbackSite, folder: Path, server: LoopbackServer
) -> None:
    before = (folder / "feeds.yaml").read_text("utf-8")
    empty = server.site()
    empty.pages["/"] = Response(200, HTML, b"<html><body><p>Nothing here</p></body></html>")

    assert "Nothing was changed" in khotin("feeds", "add", paper.url("/"), given=b"n\n").out
    ended = khotin("feeds", "add", empty.url("/"), "--yes")
    assert ended.code == 1
    assert "No feed was found" in ended.err
    assert (folder / "feeds.yaml").read_text("utf-8") == before


def test_opml_goes_in_and_comes_out_and_feeds_are_removed(khotin: Khotin, site: LoopbackSite, folder: Path) -> None:
    opml = folder / "mine.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="Papers"><outline text="Lake Paper">'
        '<outline text="All" type="rss" xmlUrl="https://lake.example/rss"/>'
        '<outline text="Sport" type="rss" xmlUrl="https://lake.example/sport" category="/Sport"/>'
        "</outline></outline></body></opml>"
    )
    assert khotin("feeds", "import", str(opml), "--yes").code == 0
    source = read_feeds_file(folder / "feeds.yaml").sources[1]
    assert (source.name, source.feeds[1].section) == ("Lake Paper", "Sport")

    exported = khotin("feeds", "export").out
    assert "https://lake.example/sport" in exported
    assert khotin("feeds", "remove", "lake-paper", "--yes").code == 0
    assert [one.name for one in read_feeds_file(folder / "feeds.yaml").sources] == ["Ward"]
    assert khotin("feeds", "import", "-", given=exported.encode()).code == 0
    assert read_feeds_file(folder / "feeds.yaml").sources[1] == source


def test_parse_prints_a_saved_feed_as_json(khotin: Khotin, folder: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.xml"
    saved.write_bytes(
        '<rss version="2.0"><channel><title>Tin m\u1edbi</title><ttl>30</ttl>'
        "<item><title>B\u00e0i</title><link>/a</link>"
        "<guid>1</guid><pubDate>Tue, 24 Nov 2026 08:00:00 +0700</pubDate><category>X</category>"
        '<enclosure url="/a.mp3" type="audio/mpeg" length="9"/></item></channel></rss>'.encode()
    )
    said = json.loads(
        khotin("feeds", "parse", saved, "--url", "https://ward.example/rss", "--header", "Content-Type: text/xml").out
    )

    assert (said["feed"]["title"], said["feed"]["interval_minutes"]) == ("Tin mới", 30)
    [entry] = said["entries"]
    assert entry["id"] == "1"
    assert entry["url"] == "https://ward.example/a"
    assert entry["published_at"] == "2026-11-24T01:00:00Z"
    assert entry["enclosures"] == [{"url": "https://ward.example/a.mp3", "media_type": "audio/mpeg", "length": 9}]


def test_parse_asks_an_address_and_tells_what_is_no_feed(khotin: Khotin, site: LoopbackSite) -> None:
    feed = json.loads(khotin("feeds", "parse", site.url("/feed.xml")).out)
    page = json.loads(khotin("feeds", "parse", site.url(THREE[0].path)).out)
    missing = json.loads(khotin("feeds", "parse", site.url("/nothing")).out)

    assert len(feed["entries"]) == len(THREE)
    assert page["outcome"] == "not_a_feed"
    assert missing["outcome"] == "gone"
