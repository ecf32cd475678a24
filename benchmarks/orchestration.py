"""What Prefect costs: CPU seconds of the same run in-process and as a flow run, the server's share included.

    uv run python benchmarks/orchestration.py [--pages 1000] [--pairs 2] [--corpus FOLDER]

The pages are made up, as heavy as news pages are, or those of FOLDER (`pages.jsonl` and gzipped HTML); a process of
its own serves them on loopback. Each pair is one `khotin run` without PREFECT_API_URL and one with it, into empty
warehouses, in turn first and second; bytecode is cached, as it is where Python may write. The client's seconds are
those of all its processes, orphans too (Linux: we adopt them). The server's are what it used during the flow run, less
what it uses in the same time when nothing runs. A server that was just started compiles its queries at the first flow
run: one without pages comes before the pairs.
"""

import argparse
import ctypes
import gzip
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import fmean

import psutil

from flows.environment import FLOW_RUNS, SERVER
from flows.machine import HOST, is_port_free

HOSTS = 40
IDLE_SECONDS = 30
PR_SET_CHILD_SUBREAPER = 36
NEWS = (
    "council harbour vote market bridge winter school budget river ferry hospital strike harvest museum railway "
    "engineer teacher verdict festival storm orchard library tunnel parliament election mayor committee report factory "
    "price water energy climate border treaty minister court village city season player coach match goal record"
)
WORDS = NEWS.split()


def page(number: int, url: str) -> bytes:
    """Make an article as heavy as a news site's: 40 paragraphs, menus, teasers, scripts, about 100 kB."""
    dice = random.Random(number)  # noqa: S311  # the same page each time, not a secret

    def words(count: int) -> str:
        return " ".join(dice.choice(WORDS) for _ in range(count))

    title = words(8).capitalize()
    state: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "url": url}
    state |= {"datePublished": f"2026-03-{1 + number % 28:02}T09:15:00+01:00", "author": {"name": "Ida Lindqvist"}}
    menu = "".join(f'<li class="nav-item"><a href="/section/{word}/">{word}</a></li>' for word in WORDS) * 3
    body = "".join(f"<p>{words(12).capitalize()}, and {words(30)}. {words(25).capitalize()}.</p>" for _ in range(40))
    teaser = '<div class="teaser"><a href="/news/{}"><img src="/i/{}.jpg" alt=""><h3>{}</h3></a><p>{}</p></div>'
    teasers = "".join(teaser.format(n, n, words(9), words(18)) for n in range(60))
    script = json.dumps({"config": [words(6) for _ in range(350)]})
    style = "".join(f".c{n}{{margin:{n}px;padding:{n % 7}px;color:#{n:06x}}}" for n in range(350))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f'<meta property="og:type" content="article"><script type="application/ld+json">{json.dumps(state)}</script>'
        f"</head><body><header><nav><ul>{menu}</ul></nav></header><main><article><h1>{title}</h1>"
        f'<p class="byline">By <a rel="author" href="/staff">Ida Lindqvist</a></p>{body}</article>'
        f"<aside>{teasers}</aside></main><script>window.state={script}</script><footer>{menu}</footer></body></html>"
    ).encode()


def serve(pages: list[bytes] | int, folder: Path, ready: "multiprocessing.synchronize.Event") -> None:
    """Serve pages (or make so many) on loopback and write the feeds file; runs until it is ended."""
    from demo.site import LoopbackServer, Response  # noqa: PLC0415  # only the server's process needs it

    count = pages if isinstance(pages, int) else len(pages)
    with LoopbackServer() as server:
        sources = []
        for index in range(HOSTS):
            site = server.site(f"127.8.{index}.1", 0)
            urls = {number: site.url(f"/news/article-{number}.html") for number in range(index, count, HOSTS)}
            for number, url in urls.items():
                html = page(number, url) if isinstance(pages, int) else pages[number]
                site.pages[f"/news/article-{number}.html"] = Response(200, {"Content-Type": "text/html"}, html)
            items = "".join(f"<item><title>x</title><link>{escape(url)}</link></item>" for url in urls.values())
            feed = f'<rss version="2.0"><channel><title>{index}</title>{items}</channel></rss>'
            site.pages["/rss"] = Response(200, {"Content-Type": "application/rss+xml"}, feed.encode())
            sources.append(f"  - name: site {index}\n    feeds: [{site.url('/rss')}]\n")
        (folder / "feeds.yaml").write_text("sources:\n" + "".join(sources))
        ready.set()
        while True:
            time.sleep(1)


@contextmanager
def prefect_server(home: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Start a Prefect server in a folder of its own; give its process and address."""
    port = next(port for port in range(4400, 4500) if is_port_free(port))
    url = f"http://{HOST}:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    environment = os.environ | SERVER | {"PREFECT_HOME": str(home), "PREFECT_API_URL": url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        import httpx  # noqa: PLC0415  # not needed in the pages' process

        while True:
            try:
                if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield psutil.Process(process.pid), url
    finally:
        process.kill()
        process.wait()


def seconds_of(process: psutil.Process) -> float:
    """Give the CPU seconds of a process and its children so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def run(folder: Path, feeds: Path, url: str, *, must_load: bool = True) -> tuple[float, float, int]:
    """Run khotin into an empty warehouse; give CPU seconds of all its processes, seconds, and pages loaded."""
    variables = {
        "KHOTIN_DATA_DIR": str(folder),
        "KHOTIN_FEEDS": str(feeds),
        "KHOTIN_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "KHOTIN_HOST_DELAY_SECONDS": "0.01",
        "KHOTIN_RUN_SECONDS": "3600",
        "PREFECT_API_URL": url,
    }
    kept = set(psutil.Process().children())
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "cli.main", "run", "--ignore-schedule"]
    variables = os.environ | FLOW_RUNS | variables
    subprocess.run(command, env=variables, check=must_load, stdout=subprocess.DEVNULL, stderr=2)
    seconds = time.monotonic() - began
    for orphan in set(psutil.Process().children()) - kept:
        os.waitpid(orphan.pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds, _articles(folder)


def _articles(folder: Path) -> int:
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(folder / "khotin.db") as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


@dataclass(frozen=True)
class Pair:
    """CPU seconds of one run each way."""

    plain: float
    client: float
    server: float

    @property
    def extra(self) -> float:
        """Give what the flow run costs more, client and server together."""
        return self.client + self.server - self.plain


def measure_pair(number: int, folder: Path, server: psutil.Process, url: str, idle: float) -> Pair:
    """Run once each way, in turn first and second."""
    feeds, found = folder / "feeds.yaml", {}
    for way in ("plain", "flow") if number % 2 == 0 else ("flow", "plain"):
        with tempfile.TemporaryDirectory() as data:
            before = seconds_of(server)
            client, seconds, articles = run(Path(data), feeds, url if way == "flow" else "")
            used = seconds_of(server) - before
            found[way] = client
            if way == "flow":
                found["server"] = max(0.0, used - idle * seconds)
            print(f"  {way}: {articles} articles, {seconds:.0f} s, client {client:.1f} CPU s, server {used:.1f} CPU s")
    return Pair(found["plain"], found["flow"], found["server"])


def warm_up(folder: Path, url: str) -> None:
    """Run a flow whose one feed does not answer."""
    feeds = folder / "none.yaml"
    feeds.write_text("sources: [{name: Nobody, feeds: ['http://127.0.0.1:9/rss']}]\n")
    with tempfile.TemporaryDirectory() as data:
        run(Path(data), feeds, url, must_load=False)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--corpus", type=Path)
    arguments = parser.parse_args()
    pages: list[bytes] | int = arguments.pages
    if arguments.corpus:
        lines = (arguments.corpus / "pages.jsonl").read_text(encoding="utf-8").split("\n")
        files = [json.loads(line)["html"] for line in lines if line][: arguments.pages]
        pages = [gzip.decompress((arguments.corpus / name).read_bytes()) for name in files]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder, ready = Path(name), multiprocessing.Event()
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        subprocess.run([sys.executable, "-c", "import cli.main, cli.run, flows.ingest, pipeline.children"], check=True)
        sites = multiprocessing.Process(target=serve, args=(pages, folder, ready), daemon=True)
        sites.start()
        ready.wait()
        with prefect_server(folder / "prefect") as (server, url):
            warm_up(folder, url)
            time.sleep(10)  # what it does at its start is no run's
            before = seconds_of(server)
            time.sleep(IDLE_SECONDS)
            idle = (seconds_of(server) - before) / IDLE_SECONDS
            print(f"the server idles at {100 * idle:.1f} % of a CPU")
            pairs = [measure_pair(number, folder, server, url, idle) for number in range(arguments.pairs)]
        sites.kill()
    plain, extra = fmean(pair.plain for pair in pairs), fmean(pair.extra for pair in pairs)
    print(f"in-process {plain:.1f} CPU s; Prefect adds {extra:.1f} CPU s: {100 * extra / plain:.1f} %")


if __name__ == "__main__":
    main()
