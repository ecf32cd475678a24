"""What changed between two versions is told in fields, words and a diff that people can read."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.changes import MAX_DIFF, Words, changed_words, compare
from pipeline.articles.wording import wording

BODY = "The lock was closed in spring.\nNobody knew for how long it would stay closed.\nThe mayor will speak on Friday."


def test_white_space_quotes_dashes_and_dots_are_no_change() -> None:
    before = Words("The “old” lock – closed…", "It's\u00a0late", "One paragraph.\nAnother one.")
    after = Words('The "old"  lock - closed...', "It’s late", "One  paragraph. Another one.")
    assert changed_words(before, after) == ()


def test_each_changed_text_is_named() -> None:
    before = Words("The lock closes", "For repairs", BODY)
    assert changed_words(before, Words("The lock opens", "For repairs", BODY)) == ("title",)
    assert changed_words(before, Words("The lock closes", None, BODY + " Or later.")) == ("summary", "body")


def test_an_edited_paragraph_shows_its_words_and_the_others_are_left_out() -> None:
    after = BODY.replace("on Friday", "on Monday evening").replace("The lock was closed in spring.\n", "")
    change = compare(Words("A title", None, BODY), Words("Another title", None, after + "\nAll are invited."))
    assert change.diff.splitlines() == [
        "~ title: [-A-] {+Another+} title",
        "- The lock was closed in spring.",
        "~ The mayor will speak on [-Friday.-]{+Monday evening.+}",
        "+ All are invited.",
    ]
    assert (change.fields, change.words_added, change.words_removed) == (("title", "body"), 6, 8)


def test_scripts_without_spaces_are_compared_by_character() -> None:
    change = compare(Words(None, None, "市長は月曜日に話す。"), Words(None, None, "市長は金曜日に話す。"))
    assert change.diff == "~ 市長は[-月-]{+金+}曜日に話す。"
    assert (change.words_added, change.words_removed) == (1, 1)


def test_a_body_that_is_another_one_altogether_is_removed_and_added() -> None:
    change = compare(Words(None, None, "Rain fell all day."), Words(None, None, "Ships left the harbour early."))
    assert change.diff == "- Rain fell all day.\n+ Ships left the harbour early."


def test_a_huge_rewrite_is_told_in_bounded_space() -> None:
    before = "\n".join(f"old {n} " + "word " * 30 for n in range(5_000))
    after = "\n".join(f"new {n} " + "other " * 30 for n in range(5_000))
    change = compare(Words(None, None, before), Words(None, None, after))
    assert len(change.diff) < MAX_DIFF + 100
    assert change.diff.endswith("is not shown")
    assert change.words_removed == 5_000 * 32


_TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=6).map(" ".join), max_size=8).map(
    "\n".join
)


@given(_TEXTS, _TEXTS)
def test_a_diff_has_every_word_that_went_and_came(before: str, after: str) -> None:
    change = compare(Words(None, None, before), Words(None, None, after))
    assert len(wording(after).split()) - len(wording(before).split()) == change.words_added - change.words_removed
    assert bool(change.diff) == (wording(before) != wording(after))
