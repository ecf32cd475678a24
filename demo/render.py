"""The pages of the sample publishers: each marks up its articles as some family of news sites does."""

import json
import re
from datetime import date, datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from demo.content import Publisher, SampleArticle
from demo.wording import WORDINGS

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_UPDATE = re.compile(r"(\d\d:\d\d) \| ")

# For each markup: one author, and what stands before, between and after the authors.
_BYLINES = {
    "open_graph": (
        '<a rel="author" href="/staff/{slug}">{name}</a>',
        "By ",
        " and ",
        ' <span class="role">Staff Writer</span> ',
    ),
    "microdata": (
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">{name}</b></span>',
        "",
        " - ",
        "",
    ),
    "hatom": ('<span class="vcard author"><span class="fn">{name}</span></span>', "Par ", " et ", "."),
}
_LD_TYPES = {"article": "NewsArticle", "opinion": "OpinionNewsArticle", "live": "LiveBlogPosting"}
_WALL = (
    '<div class="wall"><h3>This story is for subscribers</h3>'
    '<p>Subscribe to keep reading. Already a member? <a href="/login">Log in</a>.</p></div>'
)


def article_page(publisher: Publisher, article: SampleArticle, base: str) -> str:
    """Give the HTML of an article, whose absolute addresses start with `base`."""
    wording = WORDINGS[publisher.language]
    written = {
        "tagline": escape(publisher.tagline),
        "title": escape(article.title),
        "lead": escape(article.lead),
        "caption": escape(article.caption or ""),
        "name": article.name,
        "url": base + article.path,
        "image": f"{base}/images/{article.name}.svg",
        "section": escape(article.section),
        "section_path": publisher.sections[article.section],
        "tag_names": escape(", ".join(article.tags)),
        "tags": _tags(publisher, article),
        "tags_label": wording.tags if article.tags else "",
        "related": _related(publisher, article),
        "related_label": wording.related,
        "body": "\n".join(_paragraph(line) for line in article.text),
        "published": _published(publisher, article),
        "byline": _byline(publisher, article),
        "json_ld": _json_ld(publisher, article, base),
        "breadcrumbs": _breadcrumbs(publisher, article, base),
        "metadata": _open_graph(article),
        "wall": _WALL if article.is_paywalled else "",
    }
    return _template(f"{publisher.markup}.html").substitute(_frame(publisher), **written)


def listing_page(publisher: Publisher, base: str, section: str | None = None) -> str:
    """Give the HTML of the home page, or of a section: the titles and leads of its articles."""
    listed = [article for article in publisher.articles if section in (None, article.section)]
    items = [
        f'<li><h2><a href="{article.path}">{escape(article.title)}</a></h2><p>{escape(article.lead)}</p></li>'
        for article in listed
    ]
    return _template("listing.html").substitute(
        _frame(publisher),
        heading=escape(f"{section} – {publisher.name}" if section else publisher.name),
        tagline=escape(publisher.tagline),
        url=base + (publisher.sections[section] if section else "/"),
        items="\n".join(items),
    )


def picture(article: SampleArticle) -> str:
    """Give the SVG that stands for an article's photograph; its colours come from the title."""
    seed = sum(article.title.encode())
    return _template("picture.svg").substitute(hue=seed % 360, sun=200 + seed % 800)


def style() -> str:
    """Give the style sheet that all sample sites share."""
    return _template("style.css").template


@cache
def _template(name: str) -> Template:
    return Template((files("demo") / "templates" / name).read_text("utf-8"))


def _frame(publisher: Publisher) -> dict[str, str]:
    """Give what every page of a publisher has around its content."""
    kind = {"atom": "atom+xml", "json-feed": "feed+json"}.get(publisher.feed_format, "rss+xml")
    nav = [f'<li><a href="{path}">{escape(name)}</a></li>' for name, path in publisher.sections.items()]
    return {
        "language": publisher.language,
        "publisher": escape(publisher.name),
        "footer": escape(publisher.footer),
        "home": WORDINGS[publisher.language].home,
        "nav": "".join(nav),
        "head": f'<link rel="alternate" type="application/{kind}" href="{publisher.feed_path}">\n'
        '<link rel="stylesheet" href="/style.css">',
    }


def _paragraph(line: str) -> str:
    """Give the HTML of one line of an article's text (see SampleArticle)."""
    if line.startswith("## "):
        return f"<h2>{_inline(line[3:])}</h2>"
    if line.startswith("> "):
        return f"<blockquote><p>{_inline(line[2:])}</p></blockquote>"
    if update := _UPDATE.match(line):
        return f'<div class="update"><p><strong>{update[1]}</strong> {_inline(line[update.end() :])}</p></div>'
    return f"<p>{_inline(line)}</p>"


def _inline(text: str) -> str:
    return _LINK.sub(r'<a href="\2">\1</a>', escape(text, quote=False))


def _tags(publisher: Publisher, article: SampleArticle) -> str:
    rel = ' rel="tag"' if publisher.markup == "hatom" else ""
    return ", ".join(f'<a{rel} href="/tag/{tag.replace(" ", "-")}">{escape(tag)}</a>' for tag in article.tags)


def _related(publisher: Publisher, article: SampleArticle) -> str:
    """Give links to the articles that come after this one, around the end of the list."""
    place = publisher.articles.index(article)
    others = [*publisher.articles[place + 1 :], *publisher.articles[:place]]
    return "".join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in others[:3])


def _published(publisher: Publisher, article: SampleArticle) -> str:
    """Give the visible date, inside the element in which this family of sites states it."""
    if article.published is None:
        return ""
    words = WORDINGS[publisher.language].date
    visible, stated = words(article.published), article.published.isoformat()
    if publisher.markup == "microdata":
        modified = f'<meta itemprop="dateModified" content="{_iso(article.modified)}">' if article.modified else ""
        return f'<time itemprop="datePublished" datetime="{stated}">{visible}</time>{modified}'
    if publisher.markup == "hatom":
        published = f'Publié le <time class="published" datetime="{stated}">{visible}</time>'
        if article.modified is None:
            return published
        changed = f'<time class="updated" datetime="{_iso(article.modified)}">{words(article.modified)}</time>'
        return f"{published}, mis à jour le {changed}"
    if publisher.markup == "open_graph" and article.modified:
        return f"Published {visible} | Updated {words(article.modified)}"
    return visible


def _byline(publisher: Publisher, article: SampleArticle) -> str:
    """Give the visible author or agency, inside the element in which this family of sites states it."""
    names = [escape(name) for name in article.authors]
    if publisher.markup in ("json_ld", "plain"):
        signed = [f"<strong>{' - '.join(names)}</strong>"] if names else []
        signed += [f"<em>{escape(article.agency)}</em>"] if article.agency else []
        return f'<p style="text-align: right;">{" ".join(signed)}</p>' if signed else ""
    if not names:
        return ""
    pattern, before, between, after = _BYLINES[publisher.markup]
    signed = [pattern.format(name=name, slug=name.lower().replace(" ", "-")) for name in names]
    return before + between.join(signed) + after


def _open_graph(article: SampleArticle) -> str:
    """Give the article:* properties (ogp.me), and schema.org's word on a page that is not free."""
    stated = [("published_time", _iso(article.published)), ("modified_time", _iso(article.modified))]
    stated += [("section", article.section), *(("tag", tag) for tag in article.tags)]
    if article.is_paywalled:
        stated.append(("content_tier", "locked"))
    lines = [f'<meta property="article:{name}" content="{escape(value)}">' for name, value in stated if value]
    lines += [f'<meta name="author" content="{escape(author)}">' for author in article.authors]
    if article.is_paywalled:
        part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".wall"}
        wall = {"@context": "https://schema.org", "@type": "NewsArticle", "isAccessibleForFree": False, "hasPart": part}
        lines.append(f'<script type="application/ld+json">{_dump(wall)}</script>')
    return "\n".join(lines)


def _json_ld(publisher: Publisher, article: SampleArticle, base: str) -> str:
    """Give the schema.org description of an article, as search engines ask newsrooms to state it."""
    house = {"@type": "Organization", "name": publisher.name, "url": f"{base}/"}
    written: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _LD_TYPES[article.kind],
        "mainEntityOfPage": {"@type": "WebPage", "@id": base + article.path},
        "headline": article.title,
        "description": article.lead,
        "image": {"@type": "ImageObject", "url": f"{base}/images/{article.name}.svg", "width": 1200, "height": 675},
        "articleSection": article.section,
        "datePublished": _iso(article.published),
        "dateModified": _iso(article.modified or article.published),
        "author": [{"@type": "Person", "name": name} for name in article.authors] or house,
        "publisher": house,
    }
    if article.kind == "live" and article.published:
        written["coverageStartTime"] = _iso(article.published)
        written["liveBlogUpdate"] = [
            {"@type": "BlogPosting", "datePublished": f"{article.published:%Y-%m-%d}T{update[1]}:00+07:00"}
            | {"headline": line[update.end() :].partition(".")[0], "articleBody": line[update.end() :]}
            for line in article.text
            if (update := _UPDATE.match(line))
        ]
    return _dump(written)


def _breadcrumbs(publisher: Publisher, article: SampleArticle, base: str) -> str:
    steps = [(WORDINGS[publisher.language].home, "/"), (article.section, publisher.sections[article.section])]
    items = [
        {"@type": "ListItem", "position": number, "item": {"@id": base + path, "name": name}}
        for number, (name, path) in enumerate(steps, 1)
    ]
    return _dump({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items})


def _dump(value: dict[str, Any]) -> str:
    """Give JSON that cannot end the script element that holds it."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _iso(moment: datetime | date | None) -> str:
    return moment.isoformat() if moment else ""
