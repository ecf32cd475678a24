"""topics.yaml and sections.yaml: what they may say, and every mistake with its line."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.rules_file import RulesFileError
from config.sections import read_sections
from config.topics import TopicSpec, read_topics

TOPICS = """\
topics:
  - name: Giao thông
    phrases: [kẹt xe, un tac]
    exclusions:
      - kẹt xe ảo
  - name: Cần Thơ
    phrases:
      - cần  thơ
"""


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistakes_of_topics(tmp_path: Path, text: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(RulesFileError) as error:
        read_topics(written(tmp_path, text))
    return [(one.line, one.message) for one in error.value.mistakes]


def test_a_topic_has_phrases_and_exclusions(tmp_path: Path) -> None:
    assert read_topics(written(tmp_path, TOPICS)) == (
        TopicSpec("Giao thông", ("kẹt xe", "un tac"), ("kẹt xe ảo",)),
        TopicSpec("Cần Thơ", ("cần thơ",)),
    )


def test_no_file_is_something_else_than_no_topics(tmp_path: Path) -> None:
    assert read_topics(tmp_path / "topics.yaml") is None
    assert read_topics(written(tmp_path, "topics: []")) == ()
    assert read_topics(written(tmp_path, "")) == ()
    assert read_sections(tmp_path / "sections.yaml") is None
    assert read_sections(written(tmp_path, "sections:\n")) == {}


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    found = mistakes_of_topics(
        tmp_path,
        "topics:\n  - name: A\n    phrase: [x]\n  - phrases: [y]\n  - name: a\n    phrases: ['...', z]\n",
    )
    assert [line for line, _ in found] == [2, 3, 4, 5, 6]
    said = " ".join(message for _, message in found)
    assert "did you mean phrases?" in said
    assert "The topic 'a' is in line 2 already" in said
    assert "The topic 'A' has no phrases" in said


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("topics: {a: b}", 1, "must be a list"),
        ("- name: A", 1, "the keys topics"),
        ("topics:\n - name: [", 2, "not valid YAML"),
        (b"topics:\n - name: \xff", 2, "not UTF-8"),
        ("topics: []\nsections: []", 2, "is no key here; known keys are topics."),
        ("#" * 300_000, 0, "larger than"),
        ("[" * 1_000, 0, "nested"),
    ],
)
def test_what_is_no_list_of_topics_is_told(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    found = mistakes_of_topics(tmp_path, text)
    assert said in found[0][1]
    assert found[0][0] == line or not line


def test_a_group_has_its_own_name_and_others_without_regard_to_capitals(tmp_path: Path) -> None:
    path = written(tmp_path, "sections:\n  Thể thao: [Sports, BÓNG ĐÁ]\n  World:\n")
    groups = {"thể thao": "Thể thao", "sports": "Thể thao", "bóng đá": "Thể thao", "world": "World"}
    assert read_sections(path) == groups


def test_a_section_is_in_one_group_only(tmp_path: Path) -> None:
    with pytest.raises(RulesFileError, match=r"line 3: 'Sports' is in the group 'Thể thao' \(line 2\) already"):
        read_sections(written(tmp_path, "sections:\n  Thể thao: [sports]\n  Tin: [Sports]\n"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="topicsnamephre:- [],{}'\"\n&*!|>#ă\x00\ud800") | st.binary(max_size=40))
def test_any_file_is_read_or_refused(tmp_path: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    path = written(tmp_path, raw)
    for read in (read_topics, read_sections):
        try:
            assert read(path) is not None
        except RulesFileError as refused:
            assert path.name in str(refused)  # noqa: PT017  # most texts are refused, and must say where
