"""The loopback server that the demo and other tests stand on."""

import gzip
import http.client
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from demo.site import Document, LoopbackServer, LoopbackSite, Request, Response

WRITTEN = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def ask(site: LoopbackSite, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_page_is_served_with_its_status_headers_and_body(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(410, {"X-Why": "moved out"}, b"gone")})
    response, body = ask(site, "/a")
    assert (response.status, response.headers["X-Why"], body) == (410, "moved out", b"gone")


def test_a_path_without_a_page_is_404(server: LoopbackServer) -> None:
    assert ask(server.site(), "/nowhere")[0].status == 404


def test_a_target_with_its_query_goes_before_the_path(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(body=b"path"), "/a?p=2": Response(body=b"page two")})
    assert ask(site, "/a?p=2")[1] == b"page two"
    assert ask(site, "/a?p=3")[1] == b"path"


def test_a_function_answers_from_the_request(server: LoopbackServer) -> None:
    site = server.site(pages={"/me": lambda request: Response(body=request.headers["user-agent"].encode())})
    assert ask(site, "/me", User_Agent="khotin/1")[1] == b"khotin/1"


def test_requests_are_recorded_in_order(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(body=b"a")})
    ask(site, "/a?x=1", Accept="text/html")
    ask(site, "/b", method="HEAD")
    assert [(request.method, request.target) for request in site.requests] == [("GET", "/a?x=1"), ("HEAD", "/b")]
    assert site.requested("/a")[0].headers["accept"] == "text/html"
    assert site.requests[0].at <= site.requests[1].at


def test_pages_may_change_while_they_are_served(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(body=b"before")})
    assert ask(site, "/a")[1] == b"before"
    site.pages["/a"] = Response(body=b"after")
    assert ask(site, "/a")[1] == b"after"


def test_one_connection_carries_many_requests(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(body=b"a"), "/b": Response(body=iter([b"b", b"b"]))})
    connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
    connection.connect()
    socket = connection.sock
    bodies = []
    for path in ("/a", "/b", "/missing", "/a"):
        connection.request("GET", path)
        bodies.append(connection.getresponse().read())
    assert bodies == [b"a", b"bb", b"Not found\n", b"a"]
    assert connection.sock is socket
    connection.close()


def test_head_gives_the_length_without_the_body(server: LoopbackServer) -> None:
    response, body = ask(server.site(pages={"/a": Response(body=b"12345")}), "/a", method="HEAD")
    assert (response.headers["Content-Length"], body) == ("5", b"")


def test_a_body_shorter_than_its_stated_length_ends_with_the_connection(server: LoopbackServer) -> None:
    site = server.site(pages={"/short": Response(headers={"Content-Length": "100"}, body=b"only this")})
    with pytest.raises(http.client.IncompleteRead):
        ask(site, "/short")


def test_raw_bytes_go_over_the_wire_as_they_are(server: LoopbackServer) -> None:
    site = server.site(pages={"/raw": Response(body=b"no HTTP at all\r\n\r\n", is_raw=True)})
    with pytest.raises(http.client.BadStatusLine):
        ask(site, "/raw")


def test_a_client_that_speaks_no_http_disturbs_nobody(server: LoopbackServer) -> None:
    site = server.site(pages={"/a": Response(body=b"a")})
    connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
    connection.connect()
    connection.sock.sendall(b"hello there\r\n\r\n")
    assert connection.sock.recv(100) == b""
    connection.close()
    assert ask(site, "/a")[1] == b"a"


def test_the_server_ends_while_a_slow_answer_is_still_going_out() -> None:
    with LoopbackServer() as server:
        site = server.site(pages={"/slow": Response(body=iter([b"first", b"never"]), pause=600)})
        connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
        connection.request("GET", "/slow")
        response = connection.getresponse()
        assert response.read(5) == b"first"
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()


def test_a_taken_port_is_an_error(server: LoopbackServer) -> None:
    site = server.site()
    with pytest.raises(OSError, match="address already in use"):
        server.site(port=site.port)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_sixty_hosts_share_one_port_and_one_thread(server: LoopbackServer) -> None:
    port = server.site("127.8.0.1", pages={"/": Response(body=b"1")}).port
    sites = [server.site(f"127.8.0.{n}", port, {"/": Response(body=b"%d" % n)}) for n in range(2, 61)]
    assert [ask(site, "/")[1] for site in sites] == [b"%d" % n for n in range(2, 61)]


class TestDocument:
    document = Document("text/html; charset=utf-8", "Chào bạn".encode(), WRITTEN)

    def get(self, **headers: str) -> Response:
        lowered = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.document(Request("GET", "/", lowered, 0.0))

    def test_it_has_validators_and_a_type(self) -> None:
        headers = self.get().headers
        assert headers["Last-Modified"] == "Thu, 12 Nov 2026 01:00:00 GMT"
        assert headers["ETag"].startswith('"')
        assert headers["Content-Type"] == "text/html; charset=utf-8"

    def test_its_etag_follows_its_bytes(self) -> None:
        other = Document("text/html; charset=utf-8", b"Hello", WRITTEN)
        assert other(Request("GET", "/", {}, 0.0)).headers["ETag"] != self.get().headers["ETag"]

    def test_a_known_etag_is_answered_with_304(self) -> None:
        etag = self.get().headers["ETag"]
        answer = self.get(if_none_match=f'"other", {etag}')
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", etag)

    def test_an_unknown_etag_goes_before_a_matching_date(self) -> None:
        answer = self.get(if_none_match='"other"', if_modified_since="Thu, 12 Nov 2026 01:00:00 GMT")
        assert answer.status == 200

    @pytest.mark.parametrize(
        ("since", "status"),
        [
            ("Thu, 12 Nov 2026 01:00:00 GMT", 304),
            ("Thu, 12 Nov 2026 00:59:59 GMT", 200),
            ("last Thursday", 200),
        ],
    )
    def test_if_modified_since_is_compared_to_the_second(self, since: str, status: int) -> None:
        assert self.get(if_modified_since=since).status == status

    @pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "GZIP"])
    def test_it_is_packed_when_gzip_is_accepted(self, accepted: str) -> None:
        answer = self.get(accept_encoding=accepted)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert isinstance(answer.body, bytes)
        assert gzip.decompress(answer.body) == self.document.body

    @pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000"])
    def test_it_is_plain_when_gzip_is_not_accepted(self, accepted: str) -> None:
        assert "Content-Encoding" not in self.get(accept_encoding=accepted).headers

    def test_packed_and_plain_have_different_etags(self) -> None:
        assert self.get(accept_encoding="gzip").headers["ETag"] != self.get().headers["ETag"]
