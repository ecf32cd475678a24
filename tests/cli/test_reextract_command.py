"""`khotin reextract` as it is typed: what it says before, after and without writing, and how it answers mistakes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from newsroom import THREE
from zygote import Ended, Khotin

from demo.site import LoopbackSite
from models.engine import open_engine, writing

MISTAKES = [
    (("--source", "nobody"), "No source is called 'nobody': the sources are ward.\n"),
    (
        ("--since", "2026-03-05", "--until", "2026-03-01"),
        "--since 2026-03-05 is later than --until 2026-03-01: exchange",
    ),
    (("--since", "2019-01", "--until", "2019-02"), "There is nothing to read anew: no article is of these days"),
    (("--older-than", "new"), "--older-than is 'new'; it must be a version such as 2.\n"),
    (("--since", "soon"), "--since is 'soon'"),
    (("--json",), "--json goes with --diff or --dry-run.\n"),
]


@pytest.fixture
def reextract(khotin: Khotin, site: LoopbackSite, folder: Path) -> Callable[..., Ended]:
    """Three articles of 4 March 2026, whose titles an older extractor has read otherwise."""
    assert site
    assert khotin("run").code == 0
    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE articles SET title = 'Old', content_hash = 'x', extractor_version = '1'")
    engine.dispose()
    return lambda *arguments: khotin("reextract", *arguments)


def test_what_would_change_is_shown_and_then_done(reextract: Callable[..., Ended]) -> None:
    counted = reextract("--since", "2026-03-04", "--until", "2026-03-05", "--dry-run")
    assert (counted.code, "3 articles would be read anew" in counted.out) == (0, True)
    shown = reextract("--source", "ward", "--diff")
    assert (shown.code, "3 of 3 captures read: 3 articles would change, 0 would not." in shown.out) == (0, True)
    assert f"  - Old\n  + {THREE[0].headline}\n" in shown.out
    assert "Nothing was written." in shown.out
    found = json.loads(reextract("--diff", "--json").out)
    assert (found["changed"], found["without_capture"]) == (3, 0)
    assert [one["field"] for one in found["fields"]] == ["title"]

    done = reextract("--older-than", "9")
    assert done.code == 0
    assert "3 articles are read anew: about" in done.err
    assert "updated" in done.out
    assert "Done: 3 articles." in done.out
    assert json.loads(reextract("--diff", "--json").out)["changed"] == 0


def test_a_mistake_is_told_in_one_sentence(reextract: Callable[..., Ended]) -> None:
    for arguments, says in MISTAKES:
        for more in ((), ("--diff",)) if arguments != ("--json",) else ((),):
            ended = reextract(*arguments, *more)
            assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
            assert ended.err.startswith(says)


def test_there_must_be_a_warehouse(khotin: Khotin, folder: Path) -> None:
    folder.mkdir()
    ended = khotin("reextract")
    assert (ended.code, ended.err.count("\n")) == (1, 1), ended.err
