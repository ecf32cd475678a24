"""The demo's server: fixed addresses, two editions, conditional requests."""

import gzip
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from ruamel.yaml import YAML

from demo.content import publishers
from demo.server import DemoPortTaken, DemoServer
from demo.site import LoopbackServer

FREE_PORTS = dict.fromkeys((publisher.slug for publisher in publishers()), 0)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(ports=FREE_PORTS) as demo:
        yield demo


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_every_feed_of_the_feeds_file_is_served(demo: DemoServer) -> None:
    for source in demo.feeds():
        for feed in source["feeds"]:
            assert feed.startswith(source["home"] + "/")
            status, headers, body = fetch(feed)
            assert status == 200
            assert any(kind in headers["Content-Type"] for kind in ("xml", "json"))
            assert source["name"] in body.decode()


def test_a_feed_that_the_client_has_is_not_sent_again(demo: DemoServer) -> None:
    for source in demo.feeds():
        _, headers, _ = fetch(source["feeds"][0])
        assert fetch(source["feeds"][0], If_None_Match=headers["ETag"])[0] == 304
        assert fetch(source["feeds"][0], If_Modified_Since=headers["Last-Modified"])[0] == 304


def test_pages_are_packed_on_request(demo: DemoServer) -> None:
    site = demo.sites["ban-mai"]
    path = demo.publishers[0].articles[0].path
    _, headers, packed = fetch(site.url(path), Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == fetch(site.url(path))[2]


def test_every_article_is_served_but_the_missing_one(demo: DemoServer) -> None:
    for publisher in demo.publishers:
        for article in publisher.articles:
            status, _, body = fetch(demo.sites[publisher.slug].url(article.path))
            assert status == (404 if article.is_missing else 200)
            assert article.is_missing or article.title.encode()[:10] in body


def test_robots_txt_forbids_the_entry_that_a_robot_is_not_to_fetch(demo: DemoServer) -> None:
    _, headers, body = fetch(demo.sites["ban-mai"].url("/robots.txt"))
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"Disallow: /noi-bo/" in body.splitlines()
    assert [article for article in demo.publishers[0].articles if article.path.startswith("/noi-bo/")]


def test_the_second_edition_serves_the_corrected_page() -> None:
    with DemoServer(edition=2, ports=FREE_PORTS) as demo:
        article = next(article for publisher in publishers() for article in publisher.articles if article.correction)
        body = fetch(demo.sites["tidewater"].url(article.path))[2].decode()
        assert "Correction, Nov. 18" in body


def test_there_is_no_third_edition() -> None:
    with pytest.raises(ValueError, match="editions 1 and 2, not 3"):
        DemoServer(edition=3)


def test_the_feeds_file_reads_back_as_the_feeds(demo: DemoServer) -> None:
    assert YAML(typ="safe").load(demo.feeds_yaml()) == {"sources": demo.feeds()}


def test_the_demo_s_own_ports_are_fixed_and_in_a_row() -> None:
    assert [publisher.port for publisher in publishers()] == [8971, 8972, 8973, 8974, 8975]


def test_a_taken_port_is_told_in_one_sentence_and_nothing_is_left_running() -> None:
    with LoopbackServer() as other:
        port = other.site().port
        with (
            pytest.raises(DemoPortTaken, match=rf"^Port {port}, .*Cửa Hàn.* try again\.$"),
            DemoServer(ports=FREE_PORTS | {"cua-han": port}),
        ):
            pass


def test_python_m_demo_refuses_an_unknown_edition() -> None:
    ended = subprocess.run([sys.executable, "-m", "demo", "third"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "Usage: python -m demo [1|2]\n")
