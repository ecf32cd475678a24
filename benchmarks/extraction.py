"""Measure pages per CPU second: the full article with all metadata beside trafilatura's default, same pages, same run.

    uv run python benchmarks/extraction.py CORPUS [--every N] [--memory PAGES]

Both read every page in turn, in one process, in changing order; CPU seconds, not seconds, so that other work on the
machine hardly counts. `--memory PAGES` extracts that many pages instead and tells how much memory grew on the way.
"""

import argparse
import gzip
import json
import logging
import resource
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

from pipeline.articles.article import Page
from pipeline.articles.extract import extract

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 2.0
WARM_UP = 20


def main() -> int:
    """Run the benchmark; exit with 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every Nth page")
    parser.add_argument("--memory", type=int, metavar="PAGES", help="measure memory over so many pages")
    args = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    lines = [json.loads(line) for line in (args.corpus / "pages.jsonl").read_text("utf-8").split("\n") if line]
    pages = [
        Page(gzip.decompress((args.corpus / line["html"]).read_bytes()), url=line.get("url"))
        for line in lines[:: args.every]
    ]
    return measure_memory(pages, args.memory) if args.memory else measure_speed(pages)


def measure_speed(pages: list[Page]) -> int:
    """Time both on all pages and print the ratio."""
    readers: list[tuple[str, Callable[[Page], object]]] = [
        ("trafilatura", lambda page: bare_extraction(page.html, with_metadata=True)),
        ("khotin", extract),
    ]
    for page in pages[:WARM_UP]:
        for _, read in readers:
            read(page)
    seconds: dict[str, list[float]] = {name: [] for name, _ in readers}
    for count, page in enumerate(pages):
        for name, read in readers if count % 2 else reversed(readers):
            started = time.process_time()
            read(page)
            seconds[name].append(time.process_time() - started)
    for name, values in seconds.items():
        ordered = sorted(values)
        p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        print(
            f"{name:12} {1000 * sum(values) / len(values):6.1f} ms a page"
            f" (median {1000 * p50:.1f}, p99 {1000 * p99:.1f}), {len(values) / sum(values):.1f} pages per CPU second"
        )
    ratio = sum(seconds["trafilatura"]) / sum(seconds["khotin"])
    print(f"khotin reads {ratio:.2f} times as many pages per CPU second (goal {GOAL:.1f})")
    return 0 if ratio >= GOAL else 1


def measure_memory(pages: list[Page], count: int) -> int:
    """Extract `count` pages and print the peak memory after each tenth."""
    step = max(count // 10, 1)
    for done, page in enumerate(islice(cycle(pages), count), start=1):
        extract(page)
        if done % step == 0:
            print(f"{done:7} pages: {resident_mb():.0f} MB, peak {peak_mb():.0f} MB")
    return 0


def resident_mb() -> float:
    """Give the memory that this process holds now, in MB (Linux; elsewhere the peak)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_mb()
    line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def peak_mb() -> float:
    """Give the most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.exit(main())
