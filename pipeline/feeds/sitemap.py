"""Sitemaps (sitemaps.org 0.9), news sitemaps and sitemap indexes, read as feeds."""

import re
from collections.abc import Iterator

from lxml import etree

from pipeline.feeds.raw import Markup, RawEntry, RawFeed, RawSitemap

MAX_SITEMAPS = 1000
# Pictures of one URL that are looked at; the first is the article's.
_MAX_CHILDREN = 200

_ROOT = re.compile(
    r"\s*(?:<\?[^<>]*>\s*|<!--(?:[^-]|-(?!->))*+-->\s*)*<(?:[\w.-]{1,64}:)?(urlset|sitemapindex)(?=[\s>/])"
)
_NEWS = "{http://www.google.com/schemas/sitemap-news/"
_IMAGE = "{http://www.google.com/schemas/sitemap-image/"


def is_sitemap(text: str) -> bool:
    """Tell whether the text (without XML declaration and DOCTYPE) begins as a sitemap or an index of sitemaps."""
    return _ROOT.match(text) is not None


def parse_sitemap(text: str, max_entries: int, max_sitemaps: int = MAX_SITEMAPS) -> RawFeed:
    """Parse a sitemap; of more than `max_entries` addresses those with the newest dates are kept, in their order.

    So it is with the sitemaps of an index.
    """
    # Nothing is fetched, no entity expands, and libxml2's own limits on depth and size hold.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(text.encode("utf-8"), parser)
    problem = str(parser.error_log[0].message).strip() if len(parser.error_log) else None
    feed = RawFeed(format="sitemap", problem=f"broken XML: {problem}" if problem else None)
    if root is None:
        return feed
    if _name(root) == "sitemapindex":
        feed.format = "sitemap_index"
        children = _records(root, "sitemap")
        feed.sitemaps = [RawSitemap(record.get("loc", ""), record.get("lastmod", "")) for record in children]
        feed.sitemaps, feed.is_capped = _newest_sitemaps(feed.sitemaps, max_sitemaps)
        return feed
    records = list(_records(root, "url"))
    feed.is_capped = len(records) > max_entries
    if any("news:title" in record or "news:publication_date" in record for record in records):
        feed.format = "news_sitemap"
    feed.entries = [_entry(record) for record in _newest(records, max_entries)]
    return feed


def _newest_sitemaps(sitemaps: list[RawSitemap], limit: int) -> tuple[list[RawSitemap], bool]:
    if len(sitemaps) <= limit:
        return sitemaps, False
    kept = sorted(range(len(sitemaps)), key=lambda number: sitemaps[number].updated, reverse=True)[:limit]
    return [sitemaps[number] for number in sorted(kept)], True


def _newest(records: list[dict[str, str]], limit: int) -> list[dict[str, str]]:
    if len(records) <= limit:
        return records
    # W3C dates sort as text well enough to choose by.
    kept = sorted(range(len(records)), key=lambda number: _date_of(records[number]), reverse=True)[:limit]
    return [records[number] for number in sorted(kept)]


def _date_of(record: dict[str, str]) -> str:
    return record.get("news:publication_date") or record.get("lastmod", "")


def _entry(record: dict[str, str]) -> RawEntry:
    return RawEntry(
        links=[record.get("loc", "")],
        title=Markup(record["news:title"], is_html=False) if "news:title" in record else None,
        published=record.get("news:publication_date", ""),
        updated=record.get("lastmod", ""),
        categories=[word for word in record.get("news:keywords", "").split(",") if word.strip()],
        images=[record.get("image:loc", "")],
        language=record.get("news:language", ""),
    )


def _records(root: etree._Element, name: str) -> Iterator[dict[str, str]]:
    """Give the values of each <url> or <sitemap>, by name; extensions of other vendors are left out."""
    for element in root:
        if _name(element) == name:
            record: dict[str, str] = {}
            for number, child in enumerate(element.iterdescendants()):
                if number >= _MAX_CHILDREN:
                    break
                key = _key(child)
                if key and child.text and child.text.strip():
                    record.setdefault(key, child.text.strip())
            yield record


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _key(element: etree._Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    if tag.startswith(_NEWS):
        return f"news:{_name(element)}"
    if tag.startswith(_IMAGE):
        return f"image:{_name(element)}"
    # A sitemap's own namespace, spelt in many ways, and the prefixes that were not declared.
    return _name(element) if ":" not in tag or "sitemap" in tag.lower() else ""
