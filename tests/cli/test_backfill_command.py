"""`khotin backfill …` as it is typed: what each kind says, and how it answers mistakes."""

from pathlib import Path

import pytest
from newsroom import THREE
from zygote import Khotin

from demo.site import LoopbackSite

MISTAKES = [
    ("sitemap nobody", "'nobody' is neither a source nor an address: give a slug, a site or a sitemap's address."),
    ("feed nobody", "No source called 'nobody' has a feed: give the address of a feed, or one of ward."),
    ("urls nothing", "There is no list of addresses at nothing."),
    ("warc nothing", "There is no WARC file at nothing: they end with .warc, .warc.gz, .warc.zst."),
    ("files nothing", "There is no saved page (.html) and no text (.txt) at nothing."),
    ("feed ward --source nobody", "No source is called 'nobody': the sources are ward."),
    (
        "feed ward --since 2026-03-05 --until 2026-03-01",
        "--since 2026-03-05 is later than --until 2026-03-01: exchange",
    ),
    ("feed ward --since soon", "--since is 'soon'; it must be a day"),
]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_mistake_is_told_in_one_sentence(khotin: Khotin, site: LoopbackSite, dry: tuple[str, ...]) -> None:
    assert site
    assert khotin("backfill", "feed", "ward", "--dry-run").code == 0
    for typed, says in MISTAKES:
        ended = khotin("backfill", *typed.split(), *dry)
        assert (ended.code, ended.err.splitlines()[-1].startswith(says)) == (2, True), ended.err


def test_a_list_is_looked_at_and_then_loaded(khotin: Khotin, site: LoopbackSite, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join([*(site.url(piece.path) for piece in THREE), "no address"]))
    looked = khotin("backfill", "urls", listed, "--dry-run")
    assert (looked.code, looked.err) == (0, "")
    assert "3 pages would be fetched, of one host.\nLeft out: 1 no address.\n" in looked.out
    assert [request.path for request in site.requests] == []

    done = khotin("backfill", "urls", "-", given=listed.read_bytes())
    assert (done.code, "Done: 3 pages planned, none waits." in done.out) == (0, True)
    assert "3 pages of one host: about 3 seconds. Ctrl-C stops it; the same command goes on." in done.err
    again = khotin("backfill", "urls", listed)
    assert "Left out: 3 there already, 1 no address." in again.out


def test_a_file_that_is_no_archive_is_told_and_the_command_fails(khotin: Khotin, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "a.warc").write_bytes(b"hello")
    ended = khotin("backfill", "warc", tmp_path / "a.warc", "--domain", "*")
    assert (ended.code, ended.err.splitlines()[-1].startswith("Nothing could be read.")) == (1, True)
    assert f"Not read: {tmp_path / 'a.warc'}: it does not begin as a WARC file" in ended.out
