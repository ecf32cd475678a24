"""`khotin search`, as a person types it."""

import json
from pathlib import Path

import pytest
from fresh import bring_up
from stock import NOON, Stock
from zygote import Khotin

from models.engine import open_engine, writing
from pipeline.warehouse.follow_up import follow_up

TEXTS = [
    ("Hội chợ ở Cần Thơ", "Sáng nay hội chợ mở cửa tại Cần Thơ."),
    ("Căn nhà và bài thơ", "Một căn nhà nhỏ, một bài thơ dài."),
    ("Harbour reopened", "The harbour reopened after the flood."),
]


@pytest.fixture(autouse=True)
def stocked(folder: Path) -> None:
    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    bring_up(engine)
    stock = Stock(engine)
    with writing(engine) as connection:
        follow_up(connection, stock.add_all(connection, TEXTS), NOON)
    engine.dispose()


def test_what_the_shells_quotes_hold_together_is_a_phrase(khotin: Khotin) -> None:
    phrase, words = khotin("search", "can tho"), khotin("search", "can", "tho")
    assert "Hội chợ ở Cần Thơ" in phrase.out
    assert "1 article." in phrase.out
    assert "2 articles." in words.out


def test_words_with_a_minus_are_left_out(khotin: Khotin) -> None:
    assert "1 article." in khotin("search", "can", "tho", "-nha").out
    assert "1 article." in khotin("search", "can tho -nha").out


def test_json_has_one_object_a_line_and_the_head_elsewhere(khotin: Khotin) -> None:
    ended = khotin("search", "can tho", "--json", "--newest", "--limit", "5")
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert [(one["title"], one["source"], one["is_exact"]) for one in found] == [("Hội chợ ở Cần Thơ", "wharf", False)]
    assert found[0]["snippet"] == "Sáng nay hội chợ mở cửa tại [Cần Thơ]."
    assert found[0]["published_at"] == "2026-03-01T05:00:00Z"
    assert "time zone" in ended.err


def test_a_span_and_a_source_limit_it(khotin: Khotin) -> None:
    assert "1 article." in khotin("search", "harb*", "--since", "2026-03-01", "--until", "2026-03-02").out
    assert "0 articles." in khotin("search", "harb*", "--until", "2026-03-01", "--source", "wharf").out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["..."], "Give at least one word to look for."),
        (["x", "--since", "soon"], "--since is 'soon'; it must be a day"),
        (["x", "--source", "nobody"], "the sources are wharf"),
        (["x", "--newset"], "There is no option --newset"),
        (["-x"], "not only words to leave out"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(khotin: Khotin, typed: list[str], said: str) -> None:
    ended = khotin("search", *typed)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())


def test_topics_are_listed_and_applied(khotin: Khotin, folder: Path) -> None:
    assert "There are no topics yet" in " ".join(khotin("topics").out.split())
    assert "There is neither" in " ".join(khotin("topics", "apply").err.split())
    (folder / "topics.yaml").write_text("topics:\n  - name: Fairs\n    phrases: [hoi cho]\n", encoding="utf-8")
    (folder / "sections.yaml").write_text("sections:\n  Thể thao: [Sports]\n", encoding="utf-8")
    applied = khotin("topics", "apply")
    assert "Added: Fairs." in applied.out
    assert "3 articles were compared" in applied.out
    (folder / "topics.yaml").write_text("topics:\n  - name: Fairs\n    phrase: [x]\n", encoding="utf-8")
    assert "topics.yaml, line 3: 'phrase' is no key here; did you mean phrases?" in khotin("topics", "apply").err
    listed = khotin("topics").out
    assert "Fairs" in listed
    assert "up to date" in listed
