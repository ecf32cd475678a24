"""The WARC archive: what is written reads back, here and in other readers, also after a crash."""

import io
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.pages.archive import (
    ArchiveDamagedError,
    ArchiveWriter,
    Original,
    payload_digest,
    read_record,
    recover,
)
from pipeline.pages.capture import Exchange

AT = datetime(2026, 11, 24, 8, 0, 1, 250_000, tzinfo=UTC)


def exchange(body: bytes = b"<p>Xin ch\xc3\xa0o", url: str = "http://bao.example/tin", head: bytes = b"") -> Exchange:
    return Exchange(
        url=url,
        at=AT,
        request_head=b"GET /tin HTTP/1.1\r\nHost: bao.example\r\n\r\n",
        response_head=head or b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n",
        body=body,
        ip="203.0.113.7",
    )


def kinds(path: Path) -> list[str]:
    """Read a whole file with warcio, digests verified, and return the types of its records."""
    with path.open("rb") as file:
        found = []
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            found.append(record.rec_type)
        return found


class TestReadingBack:
    def test_a_response_comes_back_with_all_that_was_kept(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        response = read_record(tmp_path / record.archive_name, record.offset)
        assert (response.url, response.at, response.status) == ("http://bao.example/tin", AT, 200)
        assert response.body == b"<p>Xin ch\xc3\xa0o"
        assert response.digest == record.digest == payload_digest(response.body)
        assert response.original is None

    @given(bodies=st.lists(st.binary(max_size=3000), min_size=1, max_size=5))
    def test_any_body_comes_back_from_its_offset(
        self, tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
    ) -> None:
        folder = tmp_path_factory.mktemp("archive")
        with ArchiveWriter(folder) as writer:
            records = [writer.write(exchange(body)) for body in bodies]
        assert [read_record(folder / r.archive_name, r.offset).body for r in records] == bodies

    def test_the_digest_is_that_of_sha256sum(self) -> None:
        assert payload_digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    def test_the_head_is_made_to_fit_the_decoded_body(self, tmp_path: Path) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nTransfer-Encoding: chunked\r\nX-A: \xff\r\n\r\n"
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange(b"12345", head=head))
        headers = read_record(tmp_path / record.archive_name, record.offset).headers
        assert headers == {
            "x-archive-orig-content-encoding": "gzip",
            "x-archive-orig-transfer-encoding": "chunked",
            "x-a": "ÿ",
            "content-length": "5",
        }

    def test_a_revisit_refers_to_where_the_body_is(self, tmp_path: Path) -> None:
        original = Original("http://bao.example/cu", AT)
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange(), original=original)
        response = read_record(tmp_path / record.archive_name, record.offset)
        assert (response.body, response.original) == (b"", original)
        assert response.digest == payload_digest(exchange().body)

    def test_an_offset_without_a_response_is_damage(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        path = tmp_path / record.archive_name
        for offset in (0, 5, record.offset - 1, record.offset + 1, record.end, record.end + 100):
            with pytest.raises(ArchiveDamagedError):
                read_record(path, offset)

    def test_a_changed_body_is_damage(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange(), digest=payload_digest(b"another"))
        with pytest.raises(ArchiveDamagedError, match="digest"):
            read_record(tmp_path / record.archive_name, record.offset)

    def test_a_line_break_cannot_forge_a_field(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer, pytest.raises(ValueError, match="line break"):
            writer.write(exchange(url="http://bao.example/\r\nWARC-Type: metadata"))


class TestOtherReaders:
    def test_warcio_reads_every_record_and_its_digests(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path, software="khotin/1") as writer:
            record = writer.write(exchange())
            writer.write(exchange(), original=Original("http://bao.example/tin", AT))
        assert kinds(tmp_path / record.archive_name) == ["warcinfo", "request", "response", "request", "revisit"]

    def test_warcio_sees_the_page_and_its_fields(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        with (tmp_path / record.archive_name).open("rb") as file:
            file.seek(record.offset)
            found = next(iter(ArchiveIterator(io.BytesIO(file.read(record.length)))))
            assert found.rec_headers["WARC-Target-URI"] == "http://bao.example/tin"
            assert found.rec_headers["WARC-Date"] == "2026-11-24T08:00:01.250000Z"
            assert found.rec_headers["WARC-IP-Address"] == "203.0.113.7"
            assert found.http_headers.get_statuscode() == "200"
            assert found.content_stream().read() == exchange().body

    def test_fastwarc_verifies_the_digest(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        with (tmp_path / record.archive_name).open("rb") as file:
            checked = {found.stream_pos: found.verify_payload_digest() for found in FastIterator(file)}
        assert checked[record.offset] is True


class TestFiles:
    def test_no_file_is_made_before_something_is_written(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path / "warc") as writer:
            writer.flush()
        assert not (tmp_path / "warc").exists()

    def test_a_full_file_is_followed_by_another(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path, max_bytes=2000) as writer:
            records = [writer.write(exchange(os.urandom(900))) for _ in range(4)]
        names = [record.archive_name for record in records]
        assert names[0] == names[1] != names[2] == names[3]
        assert all(kinds(tmp_path / name).count("response") == 2 for name in set(names))

    def test_two_writers_never_share_a_file(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as one, ArchiveWriter(tmp_path) as two:
            assert one.write(exchange()).archive_name != two.write(exchange()).archive_name

    def test_a_closed_file_is_not_opened_again(self, tmp_path: Path) -> None:
        writer = ArchiveWriter(tmp_path)
        first = writer.write(exchange())
        writer.close()
        second = writer.write(exchange())
        writer.close()
        assert first.archive_name != second.archive_name

    def test_a_record_ends_where_the_file_does(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            for _ in range(3):
                record = writer.write(exchange())
                assert (tmp_path / record.archive_name).stat().st_size == record.end

    @pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
    def test_a_full_disk_leaves_no_half_record(self, tmp_path: Path) -> None:
        script = """
            import resource, signal, sys
            from pathlib import Path
            sys.path[:0] = {paths!r}
            from test_archive import ArchiveWriter, exchange, os
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
            writer = ArchiveWriter(Path({folder!r}))
            writer.write(exchange())
            try:
                writer.write(exchange(os.urandom(20_000)))
            except OSError:
                writer.write(exchange(b"small enough"))
                print("refused")
        """
        code = textwrap.dedent(script).format(folder=str(tmp_path), paths=[str(Path(__file__).parent)])
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "refused\n"
        (path,) = tmp_path.iterdir()
        # The request of the failed write stays: it is whole, and a request without a response harms no reader.
        assert kinds(path) == ["warcinfo", "request", "response", "request", "request", "response"]


class TestRecovery:
    def test_a_torn_tail_is_cut_off(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        path = tmp_path / record.archive_name
        with path.open("ab") as file:
            file.write(b"\x1f\x8b\x08 half a record")
        assert recover(path, record.end) == 17
        assert kinds(path) == ["warcinfo", "request", "response"]

    def test_records_that_no_row_points_to_are_cut_off_as_well(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            committed = writer.write(exchange())
            writer.write(exchange(b"not committed"))
        path = tmp_path / committed.archive_name
        recover(path, committed.end)
        assert kinds(path) == ["warcinfo", "request", "response"]

    def test_a_file_with_nothing_committed_becomes_empty(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        recover(tmp_path / record.archive_name, 0)
        assert kinds(tmp_path / record.archive_name) == []

    def test_a_file_shorter_than_what_was_committed_is_damage(self, tmp_path: Path) -> None:
        with ArchiveWriter(tmp_path) as writer:
            record = writer.write(exchange())
        with pytest.raises(ArchiveDamagedError, match="were committed"):
            recover(tmp_path / record.archive_name, record.end + 1)

    @pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
    def test_every_committed_record_survives_kill_9(self, tmp_path: Path) -> None:
        script = """
            import sys
            from pathlib import Path
            sys.path[:0] = {paths!r}
            from test_archive import ArchiveWriter, exchange, os
            writer = ArchiveWriter(Path({folder!r}))
            while True:
                record = writer.write(exchange(os.urandom(30_000)))
                writer.flush()
                print(record.archive_name, record.offset, record.end, record.digest, flush=True)
        """
        code = textwrap.dedent(script).format(folder=str(tmp_path), paths=[str(Path(__file__).parent)])
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            rows = [child.stdout.readline().split() for _ in range(20)]
            child.send_signal(signal.SIGKILL)
        path = tmp_path / rows[0][0]
        recover(path, int(rows[-1][2]))
        assert [read_record(path, int(row[1])).digest for row in rows] == [row[3] for row in rows]
        assert kinds(path) == ["warcinfo", *["request", "response"] * 20]
