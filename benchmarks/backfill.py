"""What history costs: a WARC file through `khotin backfill warc` beside bare extractors, and the planning of a list.

    uv run python benchmarks/backfill.py CORPUS [--pages 400] [--profile]
    uv run --with newspaper4k python benchmarks/backfill.py CORPUS [--pages 400]
    uv run python benchmarks/backfill.py --plan 1000000 [--database URL]

CORPUS is a folder with `pages.jsonl` and gzipped HTML; a WARC file is made from it. CPU seconds of one run of this
script, all processes counted: the whole command (read, extract, all metadata, archive, load, search, stories);
`trafilatura.bare_extraction(with_metadata=True)` over the same records, read by fastwarc; and newspaper4k's parse
where it is installed. The goals: 1.3 and 3 times their articles per CPU second. With `--plan` a made-up list of so many
addresses is planned, and nothing fetched; the goal is less than a minute in constant memory.
"""

import argparse
import ctypes
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from fastwarc.warc import ArchiveIterator, WarcRecordType

PR_SET_CHILD_SUBREAPER = 36  # Linux, prctl(2)
HOSTS = 40


def write_warc(corpus: Path, count: int, path: Path) -> int:
    """Write pages of the corpus as a WARC file, each under an address of its own; give how many."""
    lines = (corpus / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    # Spread over the whole corpus, which is in the order of its sites.
    chosen = lines[:: max(1, len(lines) // count)][:count]
    with path.open("wb") as file:
        met: set[str] = set()
        for number, line in enumerate(chosen):
            page = json.loads(line)
            body = gzip.decompress((corpus / page["html"]).read_bytes())
            url = page["url"] if page["url"] not in met else f"{page['url'].partition('#')[0]}-{number}"
            met.add(url)
            file.write(gzip.compress(_record(url, page.get("crawled_at") or "2026-11-20", body), 6))
    return len(chosen)


def _record(url: str, at: str, body: bytes) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {at[:10]}T12:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{hash(url) & 0xFFFFFFFF:08x}-0000-4000-8000-000000000000>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def run_khotin(warc: Path, folder: Path, *, is_profiled: bool) -> tuple[float, float, dict[str, int]]:
    """Give CPU seconds, seconds and outcomes of the whole command, its children and theirs counted."""
    (folder / "feeds.yaml").write_text("sources:\n  - name: nobody\n    feeds: [http://127.0.0.1:1/feed]\n")
    variables = {"KHOTIN_DATA_DIR": str(folder), "PREFECT_API_URL": "", "KHOTIN_LOG_LEVEL": "ERROR"}
    # Compiled once, as in every installation, also where this script's own environment forbids it.
    variables |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
    # The fork server and its children outlive the run by a moment; as their adopter we are told what they used.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    profile = ["-m", "cProfile", "-o", str(folder / "profile")] if is_profiled else []
    command = [sys.executable, *profile, "-m", "cli.main", "backfill", "warc", str(warc), "--domain", "*"]
    subprocess.run(
        command, env=os.environ | variables, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seconds = time.monotonic() - began
    while psutil.Process().children():
        os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, seconds, _outcomes(folder)


def _outcomes(folder: Path) -> dict[str, int]:
    from sqlalchemy import text  # noqa: PLC0415  # after the fork

    from models.engine import open_engine, reading  # noqa: PLC0415

    engine = open_engine(f"sqlite:///{folder / 'khotin.db'}")
    with reading(engine) as connection:
        found = connection.execute(text("SELECT outcome, count(*) FROM pages GROUP BY outcome ORDER BY 2 DESC")).all()
    engine.dispose()
    return {outcome: int(count) for outcome, count in found}


def records(warc: Path) -> Iterator[tuple[str, bytes]]:
    """Read the records as fastwarc does."""
    with warc.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            yield record.headers["WARC-Target-URI"], record.reader.read()


def run_bare(warc: Path, extract: Callable[[str, bytes], Any]) -> tuple[float, int]:
    """Give CPU seconds of an extractor alone, and how many records gave something."""
    first = next(records(warc))
    extract(*first)
    began, found = time.process_time(), 0
    for url, body in records(warc):
        try:
            found += bool(extract(url, body))
        except Exception as error:
            print(f"  {type(error).__name__} on a page", file=sys.stderr)
    return time.process_time() - began, found


def with_trafilatura() -> Callable[[str, bytes], Any]:
    """Extract as its users do."""
    from trafilatura import bare_extraction  # noqa: PLC0415  # outside the clock

    return lambda url, body: bare_extraction(body, url=url, with_metadata=True)


def with_newspaper() -> Callable[[str, bytes], Any] | None:
    """Parse as newspaper4k does; None where it is not installed."""
    try:
        import newspaper  # type: ignore[import-not-found]  # noqa: PLC0415  # uv run --with newspaper4k
    except ImportError:
        return None

    def parse(url: str, body: bytes) -> Any:
        article = newspaper.Article(url)
        article.download(input_html=body.decode("utf-8", errors="replace"))
        article.parse()
        return article.text

    return parse


def compare(corpus: Path, count: int, *, is_profiled: bool) -> None:
    """Measure all of them on the same file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warc = folder / "sample.warc.gz"
        made = write_warc(corpus, count, warc)
        print(f"{made} records, {warc.stat().st_size / 1e6:.1f} MB packed")
        run_khotin(_small(folder, corpus), _made(folder / "first"), is_profiled=False)
        data = _made(folder / "data")
        cpu, seconds, outcomes = run_khotin(warc, data, is_profiled=is_profiled)
        print(_line("khotin backfill warc", made, cpu), f"({seconds:.1f} s)")
        print(f"                       {sum(outcomes.values())} read: {outcomes}")
        size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        print(f"                       {size / made / 1e3:.1f} kB a record on the disk, archive and database")
        if is_profiled:
            import pstats  # noqa: PLC0415

            pstats.Stats(str(data / "profile")).sort_stats("cumtime").print_stats("/(pipeline|models)/", 60)
        for title, extract in (("trafilatura", with_trafilatura()), ("newspaper4k", with_newspaper())):
            if extract is not None:
                bare, found = run_bare(warc, extract)
                print(_line(title, made, bare), f"({found} found): khotin's rate is {bare / cpu:.2f} times this")


def _small(folder: Path, corpus: Path) -> Path:
    path = folder / "small.warc.gz"
    write_warc(corpus, 2, path)
    return path


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _line(title: str, made: int, cpu: float) -> str:
    return f"{title:<22}{cpu:7.2f} CPU s {made / cpu:7.1f} records/CPU s"


def plan(count: int, database: str | None) -> None:
    """Plan a made-up list, in this process."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from config.feeds_file import FeedsFile  # noqa: PLC0415
    from config.settings import load_settings  # noqa: PLC0415
    from models.engine import open_engine  # noqa: PLC0415
    from models.schema import upgrade  # noqa: PLC0415
    from pipeline.backfill.asked import Asked  # noqa: PLC0415
    from pipeline.backfill.prepare import prepare  # noqa: PLC0415
    from pipeline.backfill.run import BackfillProgress, run_backfill  # noqa: PLC0415
    from pipeline.backfill.wish import BackfillKind  # noqa: PLC0415
    from pipeline.ingest import Stop  # noqa: PLC0415
    from pipeline.warehouse.opening import open_warehouse  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listed = folder / "list.txt"
        with listed.open("w") as file:
            for n in range(count):
                path = f"{2015 + n % 10}/{n % 12 + 1:02d}/{n % 28 + 1:02d}/story-{n}-of-the-town-{n * 7919 % 99_991}"
                file.write(f"http://127.9.{n % HOSTS}.1/{path}\n")
        given: dict[str, Any] = {"data_dir": folder, "database_url": database or f"sqlite:///{folder / 'khotin.db'}"}
        settings = load_settings(**given)
        if database:
            engine = open_engine(database)
            upgrade(engine)
            engine.dispose()
        opened = open_warehouse(settings, creates=True)
        wish = Asked(BackfillKind.URLS, (str(listed),)).wish(ZoneInfo(opened.timezone))
        ready = prepare(wish, opened.engine, settings, FeedsFile(()))
        stop, began, cpu = Stop(), time.monotonic(), time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        def watch(progress: BackfillProgress) -> None:
            if not progress.is_planning and not stop.is_wanted:
                grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1e3
                print(f"planned {progress.planned:,} in {time.monotonic() - began:.1f} s, ", end="")
                print(f"{time.process_time() - cpu:.1f} CPU s, {grown:.0f} MB more at the peak")
                print(f"estimate: {progress.estimate.words if progress.estimate else 'none'}")
                stop.ask()

        run_backfill(ready.wish, ready.queuer, opened.engine, settings, zone=opened.timezone, watch=watch, stop=stop)
        opened.engine.dispose()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--profile", action="store_true", help="Profile the command's own process as well.")
    parser.add_argument("--plan", type=int, metavar="ADDRESSES")
    parser.add_argument("--database", help="With --plan: an empty PostgreSQL database.")
    given = parser.parse_args()
    if given.plan:
        plan(given.plan, given.database)
    elif given.corpus:
        compare(given.corpus, given.pages, is_profiled=given.profile)
    else:
        parser.error("give a corpus or --plan")


if __name__ == "__main__":
    main()
