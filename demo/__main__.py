"""Serve the sample sites until Ctrl-C: `python -m demo [EDITION]`."""

import signal
import sys
import threading

from demo.server import DemoPortTaken, DemoServer


def main() -> int:
    """Serve an edition (1 unless told), print where, and wait for Ctrl-C or an end; 1 when a port is taken."""
    edition = sys.argv[1] if len(sys.argv) > 1 else "1"
    if edition not in ("1", "2"):
        sys.stderr.write("Usage: python -m demo [1|2]\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with DemoServer(int(edition)) as demo:
            for publisher in demo.publishers:
                site = demo.sites[publisher.slug]
                sys.stdout.write(f"{site.base}/  {publisher.name}  (feed: {site.url(publisher.feed_path)})\n")
            sys.stdout.write("Ctrl-C ends.\n")
            sys.stdout.flush()
            ended.wait()
    except DemoPortTaken as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
