"""The tags of an article: stated keywords and the tag links that readers see, without what every page carries."""

import re
from collections.abc import Iterable, Iterator

from pipeline.articles.document import Document, items, texts
from pipeline.articles.json_ld import plain
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

_METAS = (
    "news_keywords",
    "article:tag",
    "keywords",
    "parsely-tags",
    "sailthru.tags",
    "cxenseparse:tag",
    "og:article:tag",
    "bt:keywords",
    "article:tags",
    "its_tag",
    "tags",
)
_SPLIT = re.compile(r"\s*[,;|•、，；]\s*")
_MAX_TAGS = 60
_MAX_TAG_CHARS = 80
_MAX_MARKS = 40
# Labels of tag blocks, and flags that a newsroom sets for itself.
_NO_TAGS = frozenset(
    {
        "tags", "tag", "keywords", "topics", "themen", "schlagworte", "schlagwörter", "stichworte", "temas", "etiquetas",
        "từ khóa", "từ khoá", "chủ đề", "mehr zum thema", "related topics", "more", "more on", "mehr", "news",
        "tin tức", "tin nóng", "tin mới", "tin nổi bật", "breaking news", "top news", "top stories", "nachrichten",
        "noticias", "article", "artikel", "actualités", "home", "sonstiges", "uncategorized", "allgemein", "default",
        "all", "alle", "show all", "teaser", "index", "undefined", "null", "none",
    }
)  # fmt: skip


def read_tags(document: Document, sections: Iterable[str] = ()) -> Choice[tuple[str, ...]]:
    """Choose the tags: JSON-LD keywords, then metas, then tag links, then the feed's categories.

    Doubles are folded (case, blanks); names of the site and of the article's `sections` are dropped when others remain.
    """
    folded = frozenset(map(key_of, sections))
    offers = [(signal, tags) for signal, found in _offers(document) if (tags := _tidy(found, document.site, folded))]
    if not offers:
        return choice("tags", (), None, [])
    signal, tags = offers[0]
    return choice("tags", tags, signal, offers)


def _offers(document: Document) -> Iterator[tuple[str, Iterable[str]]]:
    node = document.article_node or {}
    yield "json-ld", _split(text for item in items(node.get("keywords")) for text in texts(item))
    for name in _METAS:
        if name in document.meta:
            yield f"meta {name}", _split(document.meta[name])
    yield "tag-links", _links(document)
    if document.page.hint:
        yield "feed", document.page.hint.categories


def _split(values: Iterable[str]) -> list[str]:
    return [part for value in values for part in _SPLIT.split(value)]


def _links(document: Document) -> list[str]:
    """Give the texts of the tag links (rel=tag, class tag) where the article stands."""
    layout = document.layout
    found: list[str] = []
    for element in document.outline.get("tag", ())[:_MAX_MARKS]:
        if layout.is_other(element) or layout.is_aside(element):
            continue
        links = [element] if element.tag == "a" else list(element.iter("a"))[:_MAX_TAGS]
        found += [text for link in links if (text := shown_text(link, 200))]
    return found


def _tidy(found: Iterable[str], names: frozenset[str], sections: frozenset[str]) -> tuple[str, ...]:
    """Fold doubles and drop what is no tag."""
    kept: dict[str, str] = {}
    for text in found:
        tag = (plain(text) or "").strip(" #,.;:\"'“”[]")
        key = key_of(tag)
        if not key or len(tag) > _MAX_TAG_CHARS or key in _NO_TAGS or is_site_name(tag, names):
            continue
        kept.setdefault(key, tag)
    without = {key: tag for key, tag in kept.items() if key not in sections}
    return tuple(list((without or kept).values())[:_MAX_TAGS])
