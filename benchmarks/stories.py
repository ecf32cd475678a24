"""Score copies on a corpus and on made-up news with traps, and time the comparison with many articles in the window.

`uv run python -m benchmarks.stories score [--corpus stories.jsonl]` and
`uv run python -m benchmarks.stories speed [--url sqlite:///FILE] [--articles 100000] [--batch 50]`. The corpus has a
text a line: `id`, `text`, `date` and `near_copies` (ids with the containment of five-word runs). Made-up news has wire
copies with own leads, cuts and small edits, and what must not be taken for copies: forms with other numbers, the same
event in other words, long quotations, boxes that a site prints under everything.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate, combinations
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, Engine, func, insert, select

from models.engine import open_engine, writing
from models.schema import upgrade
from models.tables import article_copies, article_shingles, article_texts, articles, sources, stories
from pipeline.stories.shingles import read_text
from pipeline.warehouse.batches import in_chunks, insert_rows
from pipeline.warehouse.follow_up import Written
from pipeline.warehouse.stories import compare

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
AT = datetime(2026, 6, 1, tzinfo=UTC)
SURE = 0.33
"""Containment from which on a pair is to be found."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A text by a source; texts of one family are wire copies of each other, but for a family of None."""

    body: str
    source: int
    at: datetime
    family: int | None = None
    kind: str = "wire"


class Language:
    """Words of no language, some of them frequent, as in any; sentences and paragraphs of them."""

    def __init__(self, dice: random.Random, words: int = 6000) -> None:
        self.dice = dice
        syllables = [
            c + v
            for c in ("b", "ch", "d", "đ", "g", "kh", "l", "m", "ng", "nh", "ph", "s", "t", "tr", "v", "x")
            for v in "aăâeêioôơuưy"
        ]
        self.words = ["".join(dice.choices(syllables, k=dice.choice((1, 1, 2)))) for _ in range(words)]
        self.weights = list(accumulate(1 / (rank + 10) for rank in range(words)))

    def run(self, words: int) -> list[str]:
        """Make up words, numbers among them."""
        made = self.dice.choices(self.words, cum_weights=self.weights, k=words)
        return [str(self.dice.randint(2, 2030)) if self.dice.random() < 0.04 else word for word in made]

    def paragraph(self, words: int = 45) -> str:
        """Make up a paragraph."""
        return " ".join(self.run(words)) + "."

    def edited(self, text: str, share: float = 0.03) -> str:
        """Change some words, as an editor does; numbers stay."""
        other = partial(self.dice.choices, self.words, cum_weights=self.weights)
        words = text.split()
        return " ".join(other()[0] if not w.isdigit() and self.dice.random() < share else w for w in words)


def made_up(seed: int, families: int) -> list[Piece]:
    """Make a set of news of every kind."""
    dice = random.Random(seed)  # noqa: S311  # the same set for the same seed
    language = Language(dice)
    makers = (wire, form, same_event, quotation, boxed)
    return [piece for number in range(families) for maker in makers for piece in maker(language, dice, number)]


def _when(dice: random.Random, number: int) -> datetime:
    return START + timedelta(days=number % 20, hours=dice.uniform(0, 40))


def wire(language: Language, dice: random.Random, number: int) -> Iterator[Piece]:
    """Make a wire story and what papers print of it: all or parts, in its order, with a lead or an end of their own."""
    original = [language.paragraph(dice.randint(25, 60)) for _ in range(dice.randint(4, 10))]
    yield Piece("\n".join(original), 0, _when(dice, number), number)
    for source in range(1, dice.randint(3, 6)):
        kept = sorted(dice.sample(range(len(original)), dice.randint(max(1, len(original) // 3), len(original))))
        own = [language.paragraph(dice.randint(15, 50)) for _ in range(dice.randint(0, max(1, len(kept) // 2)))]
        body = [*own[:1], *(language.edited(original[n]) for n in kept), *own[1:]]
        yield Piece("\n".join(body), source, _when(dice, number), number)


def form(language: Language, dice: random.Random, number: int) -> Iterator[Piece]:
    """Make bulletins of one form, each with its own numbers."""
    parts = [language.paragraph(dice.randint(8, 22)).replace(".", "") for _ in range(dice.randint(8, 14))]
    parts = [" ".join(word for word in part.split() if not word.isdigit()) for part in parts]
    for source in range(4):
        body = " ".join(f"{part} {dice.randint(10, 9999)}" for part in parts)
        yield Piece(body, source, _when(dice, number), kind="form")


def same_event(language: Language, dice: random.Random, number: int) -> Iterator[Piece]:
    """Make reports of one event by several hands: the same names and figures, the sentences of each its own."""
    names = [" ".join(language.run(3)) for _ in range(12)]
    for source in range(3):
        body = (f"{' '.join(language.run(dice.randint(6, 14)))} {dice.choice(names)}" for _ in range(25))
        yield Piece(" ".join(body), source, _when(dice, number), kind="same event")


def quotation(language: Language, dice: random.Random, number: int) -> Iterator[Piece]:
    """Make reports of their own that quote the same long statement."""
    said = language.paragraph(50)
    for source in range(3):
        own = [language.paragraph() for _ in range(5)]
        yield Piece("\n".join([*own[:2], said, *own[2:]]), source, _when(dice, number), kind="quotation")


def boxed(language: Language, dice: random.Random, number: int) -> Iterator[Piece]:
    """Make short articles of one site with the same two paragraphs under each."""
    box = [language.paragraph(), language.paragraph()]
    for _ in range(16):
        body = "\n".join([language.paragraph(60), *box])
        yield Piece(body, 7, START + timedelta(days=(number // 3) * 7 + dice.uniform(0, 3)), kind="boxed")


def put(connection: Connection, pieces: Sequence[Piece], first: int) -> list[Written]:
    """Write articles as rows, keys from `first` on."""
    rows: list[dict[str, Any]] = []
    texts = []
    for key, piece in enumerate(pieces, first):
        times = {"published_at": piece.at, "published_on": piece.at.date(), "first_seen_at": piece.at}
        rows.append(
            {"id": key, "uid": f"{key:032x}", "source_id": piece.source + 1, "url": f"https://paper.example/{key}"}
            | times
            | {"first_loaded_at": AT, "updated_at": AT, "report_date": piece.at.date(), "provenance": {}}
            | {"is_report_date_estimated": False, "extractor_version": "1", "content_hash": ""}
        )
        texts.append({"article_id": key, "body": piece.body})
    insert_rows(connection, articles, rows)
    insert_rows(connection, article_texts, texts)
    return [
        Written(
            row["id"], row["uid"], row["source_id"], None, None, piece.body, (), piece.at, piece.at.date(), piece.at
        )
        for row, piece in zip(rows, pieces, strict=True)
    ]


def opened(url: str, papers: int) -> Engine:
    """Open an empty warehouse with sources."""
    engine = open_engine(url)
    upgrade(engine)
    with writing(engine) as connection:
        rows = [{"id": n + 1, "slug": f"p{n}", "name": f"Paper {n}", "created_at": AT} for n in range(papers)]
        connection.execute(insert(sources), rows)
    return engine


def found_pairs(pieces: Sequence[Piece], batch: int) -> set[Pair]:
    """Give the copies that a warehouse finds, as places in the list."""
    with tempfile.TemporaryDirectory() as folder:
        engine = opened(f"sqlite:///{folder}/khotin.db", 1 + max(piece.source for piece in pieces))
        for start in range(0, len(pieces), batch):
            with writing(engine) as connection:
                compare(connection, put(connection, pieces[start : start + batch], start), AT)
        with writing(engine) as connection:
            rows = connection.execute(select(article_copies.c.article_id, article_copies.c.original_id)).all()
        engine.dispose()
    return {(min(row), max(row)) for row in map(tuple, rows)}


def say(name: str, found: set[Pair], sought: set[Pair], right: set[Pair]) -> None:
    """Print recall of the pairs sought, and precision by those that are right."""
    recall = len(found & sought) / max(1, len(sought))
    precision = len(found & right) / max(1, len(found))
    print(f"{name}: {len(sought)} pairs sought, recall {recall:.3f}; {len(found)} found, precision {precision:.3f}")


def score(corpus: Path | None, seed: int, families: int) -> None:
    """Score both sets."""
    if corpus is not None:
        lines = [json.loads(line) for line in corpus.read_text(encoding="utf-8").split("\n") if line]
        place = {line["id"]: n for n, line in enumerate(lines)}
        pieces = [Piece(line["text"], n, datetime.fromisoformat(line["date"])) for n, line in enumerate(lines)]
        gold = {
            (min(n, place[near["id"]]), max(n, place[near["id"]]))
            for n, line in enumerate(lines)
            for near in line["near_copies"]
            if near["id"] in place and near["containment"] >= SURE
        }
        say(corpus.name, found_pairs(pieces, 7), gold, gold)
    pieces = made_up(seed, families)
    read = [read_text(piece.body).shingles for piece in pieces]
    kin = {
        (one, other)
        for one, other in combinations(range(len(pieces)), 2)
        if pieces[one].family is not None and pieces[one].family == pieces[other].family
    }
    sought = {p for p in kin if len(read[p[0]] & read[p[1]]) >= SURE * min(len(read[p[0]]), len(read[p[1]]))}
    found = found_pairs(pieces, 50)
    say("made-up", found, sought, kin)
    for kind in sorted({pieces[one].kind for one, _ in found - kin}):
        print(f"  wrong, {kind}: {sum(pieces[one].kind == kind for one, _ in found - kin)}")


def many(seed: int, count: int, papers: int) -> Iterator[Piece]:
    """Make up many articles of two weeks: every fourth a copy, stock phrases in all."""
    dice = random.Random(seed)  # noqa: S311  # the same set for the same seed
    language = Language(dice)
    bank = [" ".join(language.run(dice.randint(2, 7))) for _ in range(60_000)]
    stock = [" ".join(language.run(dice.randint(8, 16))) for _ in range(3000)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(stock))))
    recent: list[Piece] = []
    for number in range(count):
        at = START + timedelta(days=15 * number / count)
        parts = dice.choices(bank, k=dice.randint(35, 110))
        for phrase in dice.choices(stock, cum_weights=weights, k=3):
            parts.insert(dice.randrange(len(parts)), phrase)
        piece = Piece(" ".join(parts), dice.randrange(papers), at)
        if recent and dice.random() < 0.25:
            words = dice.choice(recent).body.split()
            piece = replace(piece, body=" ".join(words[: dice.randint(len(words) // 2, len(words))] + parts[:15]))
        recent = [*recent[-300:], piece]
        yield piece


def speed(url: str | None, count: int, batch: int, seed: int) -> None:
    """Time the comparison while a window fills, and at its end in batches of live size."""
    with tempfile.TemporaryDirectory() as folder:
        engine = opened(url or f"sqlite:///{folder}/khotin.db", 100)
        pieces = list(many(seed, count + 500, 100))
        for start in range(0, count, max(1, count // 5)):
            part = pieces[start : min(count, start + max(1, count // 5))]
            _say_cost(f"{start + len(part):>8,} articles, batches of 500", _timed(engine, part, start, 500))
        _say_cost(f"{len(pieces):>8,} articles, batches of {batch}", _timed(engine, pieces[count:], count, batch))
        with writing(engine) as connection:
            for table in (article_shingles, article_copies, stories):
                print(f"{table.name}: {connection.execute(select(func.count()).select_from(table)).scalar():,} rows")
        engine.dispose()


def _say_cost(name: str, cost: tuple[float, float, float]) -> None:
    print(f"{name}: {cost[0]:.2f} ms CPU here, {cost[1]:.2f} ms in the server, {cost[2]:.2f} ms in all, an article")


def _timed(engine: Engine, pieces: Sequence[Piece], first: int, batch: int) -> tuple[float, float, float]:
    """Give milliseconds that an article's comparison costs: CPU of this process, of the server, time by the clock."""
    here = server = clock = 0.0
    for start, part in zip(range(first, first + len(pieces), batch), in_chunks(pieces, batch), strict=True):
        with writing(engine) as connection:
            written = put(connection, part, start)
            backend = _backend(connection)
            before = time.process_time(), backend(), time.perf_counter()
            compare(connection, written, AT)
            here += time.process_time() - before[0]
            server += backend() - before[1]
            clock += time.perf_counter() - before[2]
    return here / len(pieces) * 1000, server / len(pieces) * 1000, clock / len(pieces) * 1000


def _backend(connection: Connection) -> Callable[[], float]:
    """Give a clock of the CPU time of PostgreSQL's process for this connection; it stands still on SQLite."""
    if connection.dialect.name != "postgresql":
        return lambda: 0.0
    process = psutil.Process(connection.execute(select(func.pg_backend_pid())).scalar_one())

    def seconds() -> float:
        times: Any = process.cpu_times()
        return float(times.user + times.system)

    return seconds


def main() -> None:
    """Run the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("score", "speed"))
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--families", type=int, default=40)
    parser.add_argument("--url", default=os.environ.get("KHOTIN_DATABASE_URL"))
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.part == "score":
        score(args.corpus, args.seed, args.families)
    else:
        speed(args.url, args.articles, args.batch, args.seed)


if __name__ == "__main__":
    main()
