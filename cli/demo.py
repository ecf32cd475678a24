"""The demo's surroundings: its sites on loopback, and settings that keep it apart from everything real."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.screen import stop
from config.feeds_file import FeedsFile, read_feeds_file
from config.settings import Settings, load_settings
from demo.server import DemoPortTaken, DemoServer
from models.engine import reading
from pipeline.warehouse import query
from pipeline.warehouse.opening import open_warehouse


@contextmanager
def demo_run() -> Iterator[tuple[Settings, FeedsFile]]:
    """Serve the sample sites; give settings for a warehouse of their own, and their feeds."""
    folder = load_settings().data_dir / "demo"
    settings = load_settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'khotin.db'}",
        feeds=folder / "feeds.yaml",
        timezone="Asia/Ho_Chi_Minh",
        allowed_private_networks="127.0.0.1/32",
    )
    try:
        with DemoServer(_edition(settings)) as server:
            folder.mkdir(parents=True, exist_ok=True)
            settings.feeds.write_text(server.feeds_yaml(), encoding="utf-8")
            yield settings, read_feeds_file(settings.feeds)
    except DemoPortTaken as error:
        stop(str(error))


def _edition(settings: Settings) -> int:
    """Give the edition to serve: the first until a run has seen it whole, then the one with a corrected page."""
    if not Path(settings.warehouse_url.removeprefix("sqlite:///")).exists():
        return 1
    with reading(open_warehouse(settings, creates=True).engine) as connection:
        return 2 if query.has_finished_run(connection) else 1
