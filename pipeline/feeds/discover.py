"""Where a site's feeds may be: addresses named by a page, by robots.txt, and those that publishing systems use."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from pipeline.feeds.addresses import web_address
from pipeline.feeds.html_text import text_of_html
from pipeline.text import one_line

MAX_HTML = 1_000_000
MOST_LINKS = 30

# What WordPress, Blogger, Ghost, Hugo, Jekyll, Drupal and the portals of Vietnamese papers use.
COMMON_PATHS = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/rss/home.rss",
    "/feeds/posts/default",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
)

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LINK = re.compile(r"<link\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{1,20})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_META = re.compile(r"<meta\b([^<>]{0,4000})>", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_SITEMAP = re.compile(r"\s*sitemap\s*:\s*(\S{1,2048})", re.IGNORECASE)


def feeds_in_page(html: str, url: str) -> list[str]:
    """Give the feeds that a page names by link rel=alternate (RSS Autodiscovery; WHATWG HTML 4.6.7.1), in order."""
    found: dict[str, None] = {}
    for link in _LINK.findall(html[:MAX_HTML]):
        attributes = _attributes(link)
        relations = attributes.get("rel", "").lower().split()
        kind = attributes.get("type", "").lower().partition(";")[0].strip()
        if "alternate" not in relations or "stylesheet" in relations or kind not in _FEED_TYPES:
            continue
        if address := web_address(url, attributes.get("href", "")):
            found.setdefault(address)
        if len(found) == MOST_LINKS:
            break
    return list(found)


def site_name(html: str) -> str | None:
    """Give what a site calls itself on its page: og:site_name, else the title."""
    for meta in _META.findall(html[:MAX_HTML]):
        attributes = _attributes(meta)
        if attributes.get("property", "").lower() == "og:site_name" and (name := _plain(attributes.get("content", ""))):
            return name
    title = _TITLE.search(html[:MAX_HTML])
    return _plain(title[1]) if title else None


def sitemaps_in_robots(text: str, url: str) -> list[str]:
    """Give the sitemaps that a robots.txt names (sitemaps.org, "Informing search engine crawlers"), news ones first."""
    lines = (_SITEMAP.match(line) for line in text[:500_000].splitlines())
    found = [address for line in lines if line and (address := web_address(url, line[1]))]
    unique = list(dict.fromkeys(found))[:MOST_LINKS]
    return sorted(unique, key=lambda address: "news" not in address.lower())


def common_addresses(url: str) -> list[str]:
    """Give the addresses at which many sites have their feed, and a feed below the page's own path."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    own = [] if parts.path in ("", "/") else [urljoin(url if url.endswith("/") else url + "/", "feed")]
    return [*own, *(root + path for path in COMMON_PATHS)]


def is_of_comments(url: str, title: str | None) -> bool:
    """Tell whether a feed has readers' comments rather than articles."""
    path = urlsplit(url).path.lower()
    return "/comments" in path or (title or "").lower().startswith(("comments on", "comments for"))


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(double or single or bare).strip())
    return found


def _plain(markup: str) -> str | None:
    name = one_line(text_of_html(markup))
    return name[:200] if name else None
