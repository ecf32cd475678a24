"""Score our extraction beside plain trafilatura on a corpus with gold, in one run, per set and language.

    uv run python benchmarks/quality.py CORPUS [--check] [--write-floor] [--workers N] [--by set language]

CORPUS holds pages.jsonl, the pages, and score.py, whose functions do the scoring. `--check` exits with 1 when a score
is below its floor in quality_floor.json (2 when the corpus is another one than the floor was set on). A floor is
lowered by hand only, with a line in its "lowered" saying why.
"""

import argparse
import gzip
import hashlib
import importlib.util
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from trafilatura import bare_extraction

from pipeline.articles.article import Article, Page
from pipeline.articles.extract import extract

Line = dict[str, Any]

FLOOR = Path(__file__).with_name("quality_floor.json")
# What counts, in the order of the table; the floors are kept for these.
METRICS = (
    "body_f1", "title", "day", "minute", "undated", "authors", "tags", "section", "summary", "agency", "must",
    "must_not",
)  # fmt: skip
# The publisher's zone is known for these pages as it is for a source of ours; for all others it is not.
ZONES = {"vietnam": "Asia/Ho_Chi_Minh"}
ROUNDING = 0.0005


def main() -> int:
    """Run the benchmark; the exit code says whether the floors hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a score is below its floor")
    parser.add_argument("--write-floor", action="store_true", help="set the floors to this run's scores")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--by", nargs="*", default=["set", "language"])
    args = parser.parse_args()
    score = load_score(args.corpus)
    gold = score.read_lines([args.corpus / "pages.jsonl"])
    jobs = [(str(args.corpus), line) for line in gold]
    with ProcessPoolExecutor(args.workers) as pool:
        answers = list(pool.map(predict, jobs, chunksize=8))
    ours = {line["id"]: answer["ours"] for line, answer in zip(gold, answers, strict=True)}
    plain = {line["id"]: answer["trafilatura"] for line, answer in zip(gold, answers, strict=True)}
    scores = score.score_all(gold, ours, args.by)
    for name, found in (("trafilatura", score.score_all(gold, plain, args.by)), ("khotin", scores)):
        print(f"## {name}: {mean_ms(answers, name):.1f} ms CPU a page\n{score.table(found)}\n")
    outcomes = Counter(line["outcome"] for line in ours.values())
    print("outcomes:", ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common()))
    measured = {metric: scores["all"][metric] for metric in METRICS if metric in scores["all"]}
    measured["loaded"] = (outcomes["loaded"] / len(gold), len(gold))
    if args.write_floor:
        write_floor(args.corpus, measured)
    return check_floor(args.corpus, measured) if args.check else 0


def load_score(corpus: Path) -> ModuleType:
    """Import the corpus' own score.py from where it lies."""
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no score.py in {corpus}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predict(job: tuple[str, Line]) -> dict[str, Any]:
    """Extract one page both ways, with the CPU seconds that each took."""
    corpus, line = job
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    html = gzip.decompress((Path(corpus) / line["html"]).read_bytes())
    started = time.process_time()
    plain = read_trafilatura(html)
    between = time.process_time()
    article = extract(as_page(line, html))
    ended = time.process_time()
    return {
        "trafilatura": plain,
        "ours": as_prediction(article),
        "seconds": {"trafilatura": between - started, "khotin": ended - between},
    }


def as_page(line: Line, html: bytes) -> Page:
    """Give the page with what one who fetches it for the first time knows: address and fetch time, nothing else."""
    fetched_at = None
    if line.get("crawled_at"):
        fetched_at = datetime.fromisoformat(line["crawled_at"])
        fetched_at = fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC)
    return Page(html, url=line.get("url"), fetched_at=fetched_at, timezone=ZONES.get(line["set"]))


def as_prediction(article: Article) -> Line:
    """Give an article in the names of score.py."""
    published = article.published
    return {
        "outcome": str(article.outcome),
        "title": article.title,
        "authors": list(article.authors),
        "published": (published.local or published.on).isoformat() if published else None,
        "tags": list(article.tags),
        "body": article.body,
        "section": list(article.section_path),
        "summary": article.summary,
        "agency": article.agencies[0] if article.agencies else None,
    }


def read_trafilatura(html: bytes) -> Line:
    """Extract with trafilatura's defaults, as a peer would."""
    found = bare_extraction(html, with_metadata=True)
    if found is None or isinstance(found, dict):
        return {}
    return {
        "title": found.title,
        "authors": [name.strip() for name in (found.author or "").split(";") if name.strip()],
        "published": found.date,
        "tags": [tag.strip() for joined in found.tags or () for tag in joined.split(",") if tag.strip()],
        "body": found.text,
        "section": list(found.categories or ()),
        "summary": found.description,
        "agency": None,
    }


def mean_ms(answers: list[dict[str, Any]], name: str) -> float:
    """Give the mean CPU milliseconds a page."""
    return 1000 * sum(float(answer["seconds"][name]) for answer in answers) / len(answers)


def digest(corpus: Path) -> str:
    """Give the SHA-256 of the corpus' gold: floors hold for this very corpus."""
    return hashlib.sha256((corpus / "pages.jsonl").read_bytes()).hexdigest()


def write_floor(corpus: Path, measured: dict[str, tuple[float, int]]) -> None:
    """Set the floors to the measured scores; the reasons for lowered ones are kept."""
    known = json.loads(FLOOR.read_text(encoding="utf-8")) if FLOOR.exists() else {"lowered": []}
    floors = {metric: {"floor": round(value, 3), "pages": count} for metric, (value, count) in measured.items()}
    text = json.dumps({"corpus": digest(corpus), "floors": floors, "lowered": known["lowered"]}, indent=1)
    FLOOR.write_text(text + "\n", encoding="utf-8")


def check_floor(corpus: Path, measured: dict[str, tuple[float, int]]) -> int:
    """Compare the measured scores with their floors and say which are below."""
    known = json.loads(FLOOR.read_text(encoding="utf-8"))
    if known["corpus"] != digest(corpus):
        print("the floors were set on another corpus", file=sys.stderr)
        return 2
    below = list(_below(known["floors"], measured))
    for text in below:
        print(text, file=sys.stderr)
    print(f"{len(known['floors']) - len(below)} of {len(known['floors'])} floors hold")
    return 1 if below else 0


def _below(floors: dict[str, Any], measured: dict[str, tuple[float, int]]) -> Iterator[str]:
    for metric, floor in floors.items():
        value = measured.get(metric, (0.0, 0))[0]
        if value < floor["floor"] - ROUNDING:
            yield f"{metric} is {value:.3f}, its floor {floor['floor']:.3f}"


if __name__ == "__main__":
    sys.exit(main())
