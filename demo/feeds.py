"""The feeds of the sample publishers, each written as some family of news sites writes it."""

import json
from collections.abc import Callable
from datetime import date, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from demo.content import Publisher, SampleArticle

_RSS = '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"{}>\n<channel>\n{}\n</channel>\n</rss>\n'


def write_feed(publisher: Publisher, base: str) -> tuple[str, bytes]:
    """Give the content type and the bytes of a publisher's feed, whose addresses start with `base`."""
    content_type, write = _FORMATS[publisher.feed_format]
    return content_type, write(publisher, base).encode()


def _rss_with_cdata(publisher: Publisher, base: str) -> str:
    """RSS 2.0 as large Vietnamese dailies write it: the description is a linked picture and the lead, in CDATA."""
    items = []
    for article in publisher.articles:
        url = base + article.path
        picture = f'<a href="{url}"><img src="{base}/images/{article.name}.svg"></a></br>'
        items.append(
            _item(
                ("title", escape(article.title)),
                ("description", f"<![CDATA[{picture}{article.lead}]]>"),
                ("pubDate", _rfc_822(article.published)),
                ("link", escape(url)),
                ("guid", escape(url)),
            )
        )
    return _RSS.format("", "\n".join([_channel(publisher, base), *items]))


def _rss_with_gmt_plus_7(publisher: Publisher, base: str) -> str:
    """RSS 2.0 as smaller portals write it: numbers for guids and `GMT+7`, which is no zone of RFC 822."""
    items = [
        _item(
            ("guid", _number(article), ' isPermaLink="false"'),
            ("title", escape(article.title)),
            ("link", escape(base + article.path)),
            ("description", escape(article.lead)),
            ("category", escape(article.section)),
            ("pubDate", _rfc_822(article.published).replace("+0700", "GMT+7")),
        )
        for article in publisher.articles
    ]
    return _RSS.format("", "\n".join([_channel(publisher, base), *items]))


def _rss_with_dublin_core(publisher: Publisher, base: str) -> str:
    """RSS 2.0 with the Dublin Core module and Media RSS, and no guid."""
    items = [
        _item(
            ("title", escape(article.title)),
            ("link", escape(base + article.path)),
            ("description", escape(article.lead)),
            ("dc:creator", escape(", ".join(article.authors))),
            ("dc:date", _iso(article.published)),
            *(("category", escape(tag)) for tag in article.tags),
            ("media:content", "", f' medium="image" url={quoteattr(f"{base}/images/{article.name}.svg")}'),
        )
        for article in publisher.articles
    ]
    modules = ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    return _RSS.format(modules, "\n".join([_channel(publisher, base), *items]))


def _atom(publisher: Publisher, base: str) -> str:
    """Atom (RFC 4287): tag URIs for ids, `published` beside `updated`, an author for each entry."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">',
        f"<title>{escape(publisher.name)}</title>",
        f"<id>tag:{publisher.slug}.example,2026:feed</id>",
        f"<updated>{publisher.newest.isoformat()}</updated>",
        f"<author><name>{escape(publisher.name)}</name></author>",
        f'<link rel="alternate" href="{base}/"/>',
        f'<link rel="self" href="{base}{publisher.feed_path}"/>',
    ]
    for article in publisher.articles:
        lines += [
            "<entry>",
            f"<id>tag:{publisher.slug}.example,2026:{article.name}</id>",
            f"<title>{escape(article.title)}</title>",
            f'<link rel="alternate" type="text/html" href={quoteattr(base + article.path)}/>',
            f"<published>{_iso(article.published)}</published>",
            f"<updated>{_iso(article.modified or article.published)}</updated>",
            *(f"<author><name>{escape(author)}</name></author>" for author in article.authors),
            *(f"<category term={quoteattr(tag)}/>" for tag in article.tags),
            f"<summary>{escape(article.lead)}</summary>",
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>\n"])


def _json_feed(publisher: Publisher, base: str) -> str:
    """JSON Feed 1.1, with the trackers that publishers hang on the links of their feeds."""
    items = []
    for article in publisher.articles:
        item: dict[str, Any] = {
            "id": _number(article),
            "url": f"{base}{article.path}?utm_source=flux&utm_medium=rss",
            "title": article.title,
            "summary": article.lead,
            "content_text": article.lead,
            "image": f"{base}/images/{article.name}.svg",
        }
        if isinstance(article.published, datetime):
            item["date_published"] = article.published.isoformat()
        if article.modified:
            item["date_modified"] = article.modified.isoformat()
        if article.authors:
            item["authors"] = [{"name": author} for author in article.authors]
        items.append(item | {"tags": [article.section, *article.tags]})
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publisher.name,
        "description": publisher.tagline,
        "home_page_url": f"{base}/",
        "feed_url": base + publisher.feed_path,
        "language": publisher.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _channel(publisher: Publisher, base: str) -> str:
    return "\n".join(
        [
            f"<title>{escape(publisher.name)}</title>",
            f"<link>{base}/</link>",
            f"<description>{escape(publisher.tagline)}</description>",
            f"<language>{publisher.language}</language>",
            f"<lastBuildDate>{_rfc_822(publisher.newest)}</lastBuildDate>",
        ]
    )


def _item(*elements: tuple[str, ...]) -> str:
    """Write an RSS item; an element is its name, its escaped content and its attributes. Empty ones are left out."""
    lines = []
    for name, content, *attributes in elements:
        if content or name == "media:content":
            lines.append(f"<{name}{''.join(attributes)}>{content}</{name}>")
    return "\n".join(["<item>", *lines, "</item>"])


def _number(article: SampleArticle) -> str:
    """Give the number that a publishing system would have given the article: always the same."""
    return str(int(sha256(article.path.encode()).hexdigest()[:6], 16))


def _rfc_822(moment: datetime | date | None) -> str:
    return format_datetime(moment) if isinstance(moment, datetime) else ""


def _iso(moment: datetime | date | None) -> str:
    return moment.isoformat() if moment else ""


_FORMATS: dict[str, tuple[str, Callable[[Publisher, str], str]]] = {
    "rss-cdata": ("application/rss+xml; charset=utf-8", _rss_with_cdata),
    "rss-gmt7": ("text/xml; charset=utf-8", _rss_with_gmt_plus_7),
    "rss-dublin-core": ("application/rss+xml; charset=utf-8", _rss_with_dublin_core),
    "atom": ("application/atom+xml; charset=utf-8", _atom),
    "json-feed": ("application/feed+json; charset=utf-8", _json_feed),
}
