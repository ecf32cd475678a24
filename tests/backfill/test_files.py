"""Saved pages and plain texts: what address they have, what they say, and that no date is made up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from newsroom import Newsroom, Piece

from pipeline.backfill.plain_text import PlainText, read_plain_text
from pipeline.backfill.run import BackfillReport
from pipeline.backfill.wish import BackfillKind, WishError

Backfill = Callable[..., BackfillReport]
FILES = BackfillKind.FILES

PARAGRAPHS = (
    "TTXVN - Sáng nay, làng gốm bên sông mở lại lò nung cổ sau mười hai năm để nguội, và hơn ba trăm người đã đến xem.",
    "Theo những người thợ lớn tuổi, lò giữ nhiệt tốt hơn trước nhờ lớp gạch mới làm từ đất của chính bãi sông.",
    "Mẻ gốm sẽ được dỡ sau bốn ngày.",
)
STANDFIRST = "Hơn ba trăm người đã đến xem mẻ gốm đầu tiên được xếp vào lò từ lúc trời chưa sáng…"
CAPTURE = "\n\n".join(
    [
        "Văn hóa, Làng nghề",
        "Làng gốm bên sông đốt lại lò cổ sau mười hai năm",
        "Bát Tràng",
        STANDFIRST,
        *PARAGRAPHS,
        "Thu Hiền",
        "Xem thêm",
    ]
)


def test_a_capture_of_a_wire_story_gives_every_part() -> None:
    assert read_plain_text(CAPTURE) == PlainText(
        title="Làng gốm bên sông đốt lại lò cổ sau mười hai năm",
        section="Văn hóa, Làng nghề",
        place="Bát Tràng",
        summary=STANDFIRST,
        paragraphs=PARAGRAPHS,
        byline=("Thu Hiền",),
    )


def test_a_capture_is_loaded_without_a_date_unless_one_is_given(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path
) -> None:
    (tmp_path / "capture.txt").write_text(CAPTURE, encoding="utf-8")
    assert backfill(FILES, str(tmp_path)).outcomes == {"loaded": 1}
    article = newsroom.rows("SELECT title, section, place, agencies, authors, published_on FROM report_articles")
    assert article == [
        (
            "Làng gốm bên sông đốt lại lò cổ sau mười hai năm",
            "Văn hóa, Làng nghề",
            "Bát Tràng",
            "TTXVN",
            "Thu Hiền",
            None,
        )
    ]
    assert newsroom.column("SELECT body FROM report_texts") == ["\n".join((STANDFIRST, *PARAGRAPHS))]


@pytest.mark.parametrize(
    ("published", "stored"),
    [
        ("2023-02-03", ("2023-02-03", None, "day")),
        ("2023-02-03T10:20:00+07:00", ("2023-02-03", "2023-02-03T03:20:00.000000Z", "minute")),
    ],
)
def test_the_date_is_what_a_person_states(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path, published: str, stored: tuple[str, str | None, str]
) -> None:
    (tmp_path / "capture.txt").write_text(CAPTURE, encoding="utf-8")
    backfill(FILES, str(tmp_path / "capture.txt"), published=published)
    assert newsroom.rows("SELECT published_on, published_at, published_precision FROM articles") == [stored]


def test_the_same_text_is_one_article_wherever_it_lies(backfill: Backfill, newsroom: Newsroom, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "capture.txt").write_text(CAPTURE, encoding="utf-8")
    backfill(FILES, str(tmp_path / "one"))
    second = backfill(FILES, str(tmp_path / "two"))
    assert second.left_out == {"there already": 1}
    assert newsroom.column("SELECT count(*) FROM articles") == [1]


@pytest.mark.parametrize(
    "states",
    [
        '<link rel="canonical" href="https://ward.example/town/one">',
        "<meta content='https://ward.example/town/one' property='og:url'>",
        "<!-- saved from url=(0029)https://ward.example/town/one -->",
    ],
)
def test_a_saved_page_has_the_address_that_it_states(
    backfill: Backfill, newsroom: Newsroom, tmp_path: Path, states: str
) -> None:
    page = Piece("/town/one", 9).html.decode().replace("<head>", f"<head>{states}")
    (tmp_path / "one.html").write_text(page, encoding="utf-8")
    assert backfill(FILES, str(tmp_path)).outcomes == {"loaded": 1}
    found = newsroom.rows("SELECT url, source, published_on FROM report_articles")
    assert found == [("https://ward.example/town/one", "ward-example", "2026-03-04")]


def test_files_that_cannot_be_read_stop_none_of_the_others(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "one.html").write_bytes(Piece("/town/one", 9, canonical="https://ward.example/1").html)
    report = backfill(FILES, str(tmp_path))
    assert (report.outcomes, list(report.odd_files.values())) == ({"loaded": 1}, ["a file could not be read"])


def test_short_paragraphs_are_a_text_too() -> None:
    found = read_plain_text("The bridge is open\n\nIt opened today.\n\nMany came.\n\nAnn Lee")
    assert (found.title, found.paragraphs) == ("The bridge is open", ("It opened today.", "Many came."))
    assert found.byline == ("Ann Lee",)


def test_a_date_line_is_told_from_the_headline() -> None:
    text = "The bridge over the old canal is open again\n\n4 March 2026, 10:15\n\n" + PARAGRAPHS[0]
    assert read_plain_text(text).date_line == "4 March 2026, 10:15"


def test_a_folder_without_pages_is_told(backfill: Backfill, tmp_path: Path) -> None:
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    with pytest.raises(WishError, match="no saved page"):
        backfill(FILES, str(tmp_path))
