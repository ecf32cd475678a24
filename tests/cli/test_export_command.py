"""`khotin export`, as a person types it."""

from pathlib import Path

import pytest
from fresh import bring_up
from stock import Stock
from zygote import Khotin

from models.engine import open_engine


@pytest.fixture(autouse=True)
def stocked(folder: Path) -> None:
    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    bring_up(engine)
    stock = Stock(engine)
    stock.add("Hội chợ", "Đông vui")
    stock.number = 24
    stock.add("Tàu", "Rời ga")
    engine.dispose()


def test_it_says_what_was_written_and_where(khotin: Khotin, folder: Path) -> None:
    ended = khotin("export", "--since", "2026-03-01", "--until", "2026-03-02")
    assert "1 article, 1 day, a file each." in ended.out
    written = folder / "exports" / "parquet-published"
    assert str(written) in ended.out.replace("\n", "")
    assert len(list(written.rglob("articles.parquet"))) == 1


def test_kinds_of_exports_have_folders_of_their_own(khotin: Khotin, folder: Path) -> None:
    khotin("export", "--format", "csv", "--by", "loaded", "--source", "wharf", "--texts")
    (written,) = (folder / "exports").iterdir()
    assert written.name == "csv-loaded-wharf-texts"
    assert "Đông vui" in next(written.rglob("articles.csv")).read_text(encoding="utf-8")


def test_a_span_within_days_is_said_to_be_widened(khotin: Khotin, tmp_path: Path) -> None:
    ended = khotin("export", "--since", "2026-03-02 08:00", "--format", "jsonl", "--to", tmp_path / "out")
    assert "Days are written whole: from 2026-03-02 on." in ended.out


def test_a_folder_in_use_is_refused(khotin: Khotin, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    ended = khotin("export", "--to", tmp_path)
    assert ended.code == 1
    assert "holds other files" in " ".join(ended.err.split())
