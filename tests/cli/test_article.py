"""`khotin article`, `rejected` and `recheck` as a person types them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import THREE, Piece, rows, serve_feed
from zygote import Khotin

from demo.site import LoopbackSite


@pytest.fixture
def loaded(khotin: Khotin, site: LoopbackSite) -> LoopbackSite:
    """Three pieces in the warehouse, one of them in its second version."""
    khotin("run")
    edited = replace(THREE[0], title="Quite another headline", paragraphs=(*THREE[0].text, "It was added later."))
    serve_feed(site, [edited, *THREE[1:]])
    khotin("run", "--ignore-schedule")
    return site


def test_an_article_is_shown_by_address_uid_and_number(khotin: Khotin, loaded: LoopbackSite, folder: Path) -> None:
    url = loaded.url(THREE[0].path)
    by_url = khotin("article", "show", url + "?utm_source=x").out
    assert re.search(r"title +Quite another headline +\w", by_url)
    assert re.search(r"published +2026-03-04 09:15:00\+01:00, to the minute", by_url)
    for words in ("Ida Lindqvist", "requested", "version 2", "publisher", "title, body", "next look"):
        assert words in by_url
    (row,) = rows(folder / "khotin.db", "SELECT id, uid FROM articles WHERE url = :url", url=url)
    assert khotin("article", "show", row.uid).out == khotin("article", "show", str(row.id)).out == by_url


def test_a_diff_has_marks_and_no_colour_when_it_is_piped(khotin: Khotin, loaded: LoopbackSite) -> None:
    said = khotin("article", "show", loaded.url(THREE[0].path), "--diff").out
    assert "+ It was added later." in said
    assert "\x1b" not in said
    table = khotin("article", "show", loaded.url(THREE[0].path), "--versions").out
    assert "Ida Lindqvist" not in table
    assert "title, body" in table


def test_a_correction_is_made_shown_and_revoked(khotin: Khotin, loaded: LoopbackSite) -> None:
    url = loaded.url(THREE[1].path)
    done = khotin("article", "correct", url, "authors", "Lan Anh; Minh", "--reason", "byline in the picture")
    assert done.out.rstrip().endswith("stays so whatever the page says.")
    shown = khotin("article", "show", url).out
    assert re.search(r"authors +Lan Anh; Minh +correction", shown)
    assert "authors is Lan Anh; Minh, not Ida Lindqvist (byline in the picture)" in shown
    khotin("article", "correct", url, "authors", "--revoke")
    assert re.search(r"authors +Ida Lindqvist", khotin("article", "show", url).out)


def test_a_removed_article_is_gone_and_its_address_says_why(khotin: Khotin, loaded: LoopbackSite) -> None:
    url = loaded.url(THREE[2].path)
    assert url in khotin("article", "remove", url, "--reason", "court order").out
    again = khotin("article", "show", url)
    assert (again.code, again.err.rstrip().endswith("court order")) == (1, True)
    khotin("pages", "retry", url)
    assert "removed" in khotin("run").out


def test_what_was_set_aside_is_listed_shown_released_and_discarded(
    khotin: Khotin, site: LoopbackSite, folder: Path
) -> None:
    pieces = [replace(Piece(f"/town/notice-{n}-of-the-ward", n), paragraphs=THREE[0].text) for n in range(7, 10)]
    serve_feed(site, pieces)
    khotin("run")
    listed = khotin("rejected", "list", "--rule", "repeated_body", "--source", "ward").out
    assert listed.rstrip().endswith("2 wait.")
    numbers = [str(row.id) for row in rows(folder / "khotin.db", "SELECT id FROM rejected ORDER BY id")]
    assert "repeated_body: its body is that of" in khotin("rejected", "show", numbers[0]).out.replace(
        "the rule repeated_body", "repeated_body"
    )
    assert "loaded as article" in khotin("rejected", "release", numbers[0], "--reason", "all alike").out
    assert "discarded" in khotin("rejected", "discard", numbers[1], "--reason", "a template").out
    assert khotin("rejected", "list").out.rstrip().endswith("0 wait.")
    twice = khotin("rejected", "discard", numbers[0], "--reason", "x")
    assert (twice.code, "was released already" in twice.err) == (1, True)


def test_a_recheck_says_what_it_found(khotin: Khotin, loaded: LoopbackSite) -> None:
    assert khotin("recheck").out.rstrip().endswith("Nothing was due to be looked at again.")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["article", "show", "http://127.0.0.1:1/x"], 1, "No article is known by"),
        (["article", "correct", "1", "mood", "good", "--reason", "x"], 2, "'mood' cannot be corrected"),
        (["article", "correct", "1", "title", "--reason", "x"], 2, "one of the two"),
        (["article", "correct", "1", "title", "New"], 2, "--reason"),
        (["article", "correct", "1", "published_at", "soon", "--reason", "x"], 1, "No article is known by"),
        (["article", "remove", "1", "--reason", " "], 2, "--reason"),
        (["rejected", "show", "9"], 1, "Nothing was set aside under the number 9"),
        (["rejected", "list", "--source", "nobody"], 2, "No source is called"),
        (["recheck", "--source", "nobody"], 2, "No source is called"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    khotin: Khotin, site: LoopbackSite, arguments: list[str], code: int, words: str
) -> None:
    khotin("db", "upgrade")
    ended = khotin(*arguments)
    assert (ended.code, words in ended.err) == (code, True), ended.err
