"""The demo's server: the sample publishers on loopback, each at a port of its own that never changes."""

import errno
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import Any, Self

from ruamel.yaml import YAML

from demo.content import Publisher, SampleArticle, publishers
from demo.feeds import write_feed
from demo.render import article_page, listing_page, picture, style
from demo.site import Answer, Document, LoopbackServer, LoopbackSite

HOST = "127.0.0.1"
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


class DemoPortTaken(RuntimeError):  # noqa: N818 - it is named for what happened, and is shown to a newcomer
    """A port of the demo is in use; its message says which one and what to do."""

    def __init__(self, port: int, publisher: str) -> None:
        super().__init__(
            f"Port {port}, at which the demo serves {publisher}, is in use: end the other demo or the program that "
            f"listens there (`lsof -i :{port}` names it), then try again."
        )
        self.port = port


class DemoServer:
    """Serves the sample publishers in one edition for as long as its `with` block lasts.

    Edition 1 is what the first poll finds; in edition 2, which stands for every later one, a page has been corrected.
    `ports` are those of tests (slug to port, 0 for a free one); the demo itself keeps to the publishers' own, since an
    article's address, and thereby its identity, has the port in it. Entering raises DemoPortTaken.
    """

    def __init__(self, edition: int = 1, ports: Mapping[str, int] | None = None) -> None:
        if edition not in (1, 2):
            raise ValueError(f"the demo has editions 1 and 2, not {edition}")
        self.publishers = tuple(publisher.edition(edition) for publisher in publishers())
        self.sites: dict[str, LoopbackSite] = {}
        self._ports = {publisher.slug: publisher.port for publisher in self.publishers} | dict(ports or {})
        self._server = LoopbackServer()

    def __enter__(self) -> Self:
        self._server.__enter__()
        try:
            for publisher in self.publishers:
                self.sites[publisher.slug] = self._serve(publisher)
        except BaseException:
            self._server.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def feeds(self) -> list[dict[str, Any]]:
        """Give the sources of the demo's feeds file."""
        return [
            {
                "slug": publisher.slug,
                "name": publisher.name,
                "home": self.sites[publisher.slug].base,
                "country": publisher.country,
                "language": publisher.language,
                "timezone": publisher.timezone,
                "feeds": [self.sites[publisher.slug].url(publisher.feed_path)],
            }
            for publisher in self.publishers
        ]

    def feeds_yaml(self) -> str:
        """Give the demo's feeds file."""
        yaml = YAML()
        yaml.default_flow_style = False
        written = io.StringIO()
        yaml.dump({"sources": self.feeds()}, written)
        return written.getvalue()

    def _serve(self, publisher: Publisher) -> LoopbackSite:
        port = self._ports[publisher.slug]
        try:
            site = self._server.site(HOST, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise DemoPortTaken(port, publisher.name) from error
        site.pages.update(documents(publisher, site.base))
        return site


def documents(publisher: Publisher, base: str) -> dict[str, Answer]:
    """Give everything that a publisher serves, by path; addresses inside start with `base`."""
    newest = publisher.newest
    robots = "".join(f"Disallow: {path}\n" for path in publisher.disallow) or "Disallow:\n"
    content_type, feed = write_feed(publisher, base)
    pages: dict[str, Answer] = {
        "/": Document(_HTML, listing_page(publisher, base).encode(), newest),
        "/robots.txt": Document(_TEXT, f"User-agent: *\n{robots}".encode(), newest),
        "/style.css": Document("text/css; charset=utf-8", style().encode(), newest),
        publisher.feed_path: Document(content_type, feed, newest),
    }
    for section, path in publisher.sections.items():
        pages[path] = Document(_HTML, listing_page(publisher, base, section).encode(), newest)
    for article in publisher.articles:
        changed = _changed(article, newest)
        pages[f"/images/{article.name}.svg"] = Document("image/svg+xml", picture(article).encode(), changed)
        if not article.is_missing:
            pages[article.path] = Document(_HTML, article_page(publisher, article, base).encode(), changed)
    return pages


def _changed(article: SampleArticle, newest: datetime) -> datetime:
    """Give the instant for Last-Modified: the article's own, else the end of its day, else the site's newest."""
    if article.modified:
        return article.modified
    if isinstance(article.published, datetime):
        return article.published
    if isinstance(article.published, date):
        return datetime.combine(article.published, time(23, 0), UTC)
    return newest - timedelta(days=1)
