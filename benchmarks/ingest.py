"""What the road costs beside extraction: CPU seconds of a whole run against plain trafilatura on the same pages.

    uv run python benchmarks/ingest.py CORPUS [--pages 1000]

CORPUS is a folder with `pages.jsonl` and gzipped HTML. The pages are served from a process of their own on loopback,
40 hosts, one feed each. Three figures of one run of this script, in CPU seconds of all processes but the server's:
`khotin run` as it is; what of it its children spent in extracting pages; and
`trafilatura.bare_extraction(with_metadata=True)` on the same pages. The road is the first less the second; the goal is
at most a quarter of the third.

Plain trafilatura works in as many processes at a time as the run's children: where two share a core, as hyperthreads
do, a page costs up to a third more CPU seconds than alone.
"""

import argparse
import ctypes
import gzip
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

import psutil

from config.settings import Settings
from pipeline.children import PRELOAD

HOSTS = 40
PR_SET_CHILD_SUBREAPER = 36  # Linux, prctl(2)

KHOTIN_RUN = """
import sys
from pipeline import workers
workers.PRELOAD = ("timed_children", *workers.PRELOAD)
sys.argv = ["khotin", "run", "--ignore-schedule"]
from cli.main import main
main()
"""
"""`khotin run` whose children note what extraction costs."""


def serve(pages: list[bytes], folder: Path, ready: "multiprocessing.synchronize.Event") -> None:
    """Serve the pages on loopback and write the feeds file; runs until it is ended."""
    from demo.site import LoopbackServer, Response  # noqa: PLC0415  # only the server's process needs it

    with LoopbackServer() as server:
        sources = []
        for index in range(HOSTS):
            site = server.site(f"127.8.{index}.1", 0)
            paths = [f"/news/article-{number}.html" for number in range(index, len(pages), HOSTS)]
            for path, number in zip(paths, range(index, len(pages), HOSTS), strict=True):
                site.pages[path] = Response(200, {"Content-Type": "text/html"}, pages[number])
            items = "".join(f"<item><title>x</title><link>{escape(site.url(path))}</link></item>" for path in paths)
            feed = f'<rss version="2.0"><channel><title>{index}</title>{items}</channel></rss>'
            site.pages["/rss"] = Response(200, {"Content-Type": "application/rss+xml"}, feed.encode())
            sources.append(f"  - name: site {index}\n    feeds: [{site.url('/rss')}]\n")
        (folder / "feeds.yaml").write_text("sources:\n" + "".join(sources))
        ready.set()
        while True:
            time.sleep(1)


def run_road(folder: Path, server_pid: int) -> tuple[float, float]:
    """Give the CPU seconds of one `khotin run` over the served pages, and those in them that extracted a page."""
    seconds = folder / "seconds"
    variables = {
        "KHOTIN_DATA_DIR": str(folder),
        "KHOTIN_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "KHOTIN_HOST_DELAY_SECONDS": "0.01",
        "KHOTIN_RUN_SECONDS": "3600",
        # Compiled once, as in every installation, also where this script's own environment forbids it.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "BENCHMARK_SECONDS": str(seconds),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    warm = [sys.executable, "-c", f"import cli.main, cli.run, alembic.command, {', '.join(PRELOAD)}"]
    subprocess.run(warm, env=os.environ | variables, check=True)
    # The fork server and its children outlive the run by a moment; as their adopter we are told what they used.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", KHOTIN_RUN]
    subprocess.run(command, env=os.environ | variables, check=True, stderr=subprocess.DEVNULL)
    while [child for child in psutil.Process().children() if child.pid != server_pid]:
        os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return whole, sum(map(float, seconds.read_text().split()))


def work(pages: list[bytes], seconds: "multiprocessing.SimpleQueue[float]") -> None:
    """Give the CPU seconds of plain trafilatura; what is loaded at the first page is not counted."""
    import trafilatura  # noqa: PLC0415  # only these processes need it

    trafilatura.bare_extraction(pages[0], with_metadata=True)
    started = time.process_time()
    for html in pages:
        trafilatura.bare_extraction(html, with_metadata=True)
    seconds.put(time.process_time() - started)


def run_trafilatura(pages: list[bytes], processes: int) -> float:
    """Give the CPU seconds of plain trafilatura with metadata, by some processes at a time."""
    seconds: multiprocessing.SimpleQueue[float] = multiprocessing.SimpleQueue()
    shares = [pages[index::processes] for index in range(processes)]
    children = [multiprocessing.Process(target=work, args=(share, seconds)) for share in shares if share]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return sum(seconds.get() for _ in children)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=Settings().workers, help="of trafilatura, at a time")
    arguments = parser.parse_args()
    lines = (arguments.corpus / "pages.jsonl").read_text(encoding="utf-8").split("\n")
    files = [json.loads(line)["html"] for line in lines if line][: arguments.pages]
    pages = [gzip.decompress((arguments.corpus / name).read_bytes()) for name in files]
    with tempfile.TemporaryDirectory() as name:
        folder, ready = Path(name), multiprocessing.Event()
        server = multiprocessing.Process(target=serve, args=(pages, folder, ready), daemon=True)
        server.start()
        ready.wait()
        assert server.pid is not None
        whole, extraction = run_road(folder, server.pid)
        server.kill()
    plain = run_trafilatura(pages, arguments.processes)
    road, count = whole - extraction, len(pages)
    print(f"{count} pages, CPU seconds: khotin run {whole:.1f}, extraction {extraction:.1f} · trafilatura {plain:.1f}")
    print(f"the road beside it: {road:.1f} s, {1000 * road / count:.1f} ms a page, {road / plain:.2f} x trafilatura")


if __name__ == "__main__":
    main()
