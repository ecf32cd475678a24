"""The tags of an article: stated keywords and the tag links that readers see, without what every page carries."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.document import Document, items, texts
from pipeline.articles.json_ld import plain
from pipeline.articles.outline import ancestors, shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

_METAS = (
    "article:tag",
    "news_keywords",
    "keywords",
    "parsely-tags",
    "sailthru.tags",
    "cxenseparse:tag",
    "og:article:tag",
    "bt:keywords",
    "article:tags",
    "its_tag",
    "custom-keywords",
)
_SPLIT = re.compile(r"\s*[,;|•、，；]\s*")
# "Subject: Justice", "Page Type: Article": content systems label what they put into one list.
_LABELLED = re.compile(r"^[A-Z][\w ]{1,24}:\s+")
_TOPIC = re.compile(
    r"^(?:subject|category|tag|topic|keyword|theme|person|people|place|location|thema)\b", re.IGNORECASE
)
# Keys of content systems.
_NO_TAG = re.compile(r"^_|^[0-9a-f]{8}-[0-9a-f]{4}-|://|[a-z]_[a-z]")
_TOPIC_PAGE = re.compile(
    r"/(?:tags?|thema|themen|themes?|topics?|keywords?|schlagworte?|label|etiquetas?|temas?|tu-khoa|chu-de|aihe(?:et)?|"
    r"sujet|argomenti|stichwort|tema)(?:/|=|-)|[?&]tag=",
    re.IGNORECASE,
)
_MAX_TAGS = 60
_MAX_LINKS = 600
# A longer link is a headline.
_MAX_LINK_CHARS = 45
_MAX_TEXT_CHARS = 20_000
_MAX_LIST_CHARS = 5_000
_MAX_TAG_CHARS = 80
_MAX_MARKS = 80
# Labels of tag blocks, and flags that a newsroom sets for itself.
_NO_TAGS = frozenset(
    {
        "tags", "tag", "keywords", "topics", "themen", "schlagworte", "schlagwörter", "stichworte", "temas",
        "etiquetas", "từ khóa", "từ khoá", "chủ đề", "mehr zum thema", "related topics", "more", "more on", "mehr",
        "news", "tin tức", "tin nóng", "tin mới", "tin nổi bật", "breaking news", "top news", "top stories",
        "nachrichten", "noticias", "article", "artikel", "actualités", "home", "sonstiges", "uncategorized",
        "allgemein", "default", "all", "alle",
        "xem thêm", "xem tất cả", "alle themen", "alle artikel zum thema", "see all",
        "show all", "teaser", "index", "undefined", "null", "none",
    }
)  # fmt: skip


def read_tags(document: Document, sections: Iterable[str] = (), authors: Iterable[str] = ()) -> Choice[tuple[str, ...]]:
    """Choose the tags: JSON-LD keywords, then metas, then tag links, then the feed's categories.

    Doubles are folded (case, blanks); names of the site and of the article's `authors` are dropped, and those of its
    `sections` where another list of the page does without. A list of which no word stands in the article is the
    site's, the same on every page: it comes last.
    """
    dropped = frozenset(map(key_of, authors))
    offers = [(signal, tags) for signal, found in _offers(document) if (tags := _tidy(found, document.site, dropped))]
    if not offers:
        return choice("tags", (), None, [])
    signal, tags = offers[0]
    if len(offers) > 1:
        text = _article_text(document)
        signal, tags = _first_about(offers, text)
        tags = _without_sections(tags, [other for _, other in offers], frozenset(map(key_of, sections)))
    return choice("tags", tags, signal, offers)


def _first_about(offers: list[tuple[str, tuple[str, ...]]], text: str) -> tuple[str, tuple[str, ...]]:
    """Give the first list that is about the article; for plain keywords, the links that readers see are better.

    The keywords meta is written for search engines: tag links that share a word with it, and of which no smaller
    share stands in the text, win.
    """
    signal, tags = next((offer for offer in offers if _is_about(offer[1], text)), offers[0])
    links = dict(offers).get("tag-links", ())
    do_share = len(links) > 1 and not {*map(key_of, links)}.isdisjoint(map(key_of, tags))
    if signal == "meta keywords" and do_share and _share(links, text) >= max(0.5, _share(tags, text)):
        return "tag-links", links
    if signal == "meta article:tag" and len(tags) == 1:
        # One tag of several: content systems fill it with the first.
        return next((offer for offer in offers if len(offer[1]) > 1 and _is_about(offer[1], text)), (signal, tags))
    return signal, tags


def _share(tags: tuple[str, ...], text: str) -> float:
    return sum(f" {key_of(tag)} " in text for tag in tags) / len(tags)


def _without_sections(
    tags: tuple[str, ...], others: list[tuple[str, ...]], sections: frozenset[str]
) -> tuple[str, ...]:
    """Drop sections, and the newsroom's flags beside them, where another list says the same tags without them."""
    keys = {key_of(tag) for tag in tags}
    if not keys & sections:
        return tags
    for other in others:
        fewer = {key_of(tag) for tag in other}
        if len(fewer) > 1 and fewer < keys and not fewer & sections:
            return tuple(tag for tag in tags if key_of(tag) in fewer)
    return tags


def _is_about(tags: tuple[str, ...], text: str) -> bool:
    """Tell whether at least one of the tags stands in the article's text, and they are no unsplit line."""
    if len(tags) == 1 and len(tags[0].split()) > 4:
        return False
    return any(f" {key_of(tag)} " in text for tag in tags)


def _article_text(document: Document) -> str:
    """Give the folded text of title and article, for looking up tags."""
    holder = document.layout.holder
    parts = [document.first_meta("og:title") or "", document.first_meta("og:description", "description") or ""]
    if document.layout.heading is not None:
        parts.append(str(document.layout.heading.text_content()))
    if holder is not None:
        parts.append(str(holder.text_content())[:_MAX_TEXT_CHARS])
    return f" {key_of(' '.join(parts))} "


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
    return [part for value in values for part in _SPLIT.split(value[:_MAX_LIST_CHARS])]


def _links(document: Document) -> list[str]:
    """Give the texts of the tag links where the article stands, those marked rel=tag before others.

    https://microformats.org/wiki/rel-tag; else links to a topic's page, and those in boxes named tags.
    """
    links = _marked_links(document) or _topic_links(document)
    shown = [text for link in dict.fromkeys(links) if (text := shown_text(link, 200)) and len(text) <= _MAX_LINK_CHARS]
    return shown[:_MAX_TAGS]


def _marked_links(document: Document) -> list[HtmlElement]:
    """Give the links that carry rel=tag; WordPress marks categories so too, which count when nothing else is there."""
    marks = document.outline.get("tag", ())[:_MAX_MARKS]
    links = [link for link in marks if link.tag == "a" and "tag" in (link.get("rel") or "").split()]
    links = _near_article([link for link in links if not _stands_beside(link, document)], document)
    tags = [link for link in links if "category" not in f"{link.get('rel')} {link.get('href')}"]
    return tags or links


def _topic_links(document: Document) -> list[HtmlElement]:
    """Give the links in boxes named tags and the links to topics' pages, those in running text left out."""
    layout = document.layout
    around = {node for element in (layout.holder, layout.heading) if element is not None for node in ancestors(element)}
    boxes = [element for element in document.outline.get("tag", ())[:_MAX_MARKS] if element not in around]
    found = [link for box in boxes for link in ([box] if box.tag == "a" else islice(box.iter("a"), _MAX_TAGS))]
    whole = document.tree if layout.whole is None else layout.whole
    found += [link for link in islice(whole.iter("a"), _MAX_LINKS) if _TOPIC_PAGE.search(link.get("href") or "")]
    found = [link for link in dict.fromkeys(found) if not _stands_beside(link, document) and not _is_in_text(link)]
    return _near_article(found, document)


def _near_article(links: list[HtmlElement], document: Document) -> list[HtmlElement]:
    """Give those where the article stands when there are some, else all."""
    return [link for link in links if document.layout.is_inside(link)] or links


def _stands_beside(link: HtmlElement, document: Document) -> bool:
    """Tell whether a link stands in a menu, sidebar or box of other articles; "related topics" are tags, though."""
    layout, tags = document.layout, document.outline.get("tag", ())
    for node in ancestors(link):
        if node is layout.whole:
            return False
        if (node in layout.others or node in layout.chrome) and node not in tags:
            return True
        if node.tag in {"nav", "footer", "aside"} and not layout.is_inside(node):
            return True
    return False


def _is_in_text(link: HtmlElement) -> bool:
    """Tell whether a link is a part of a longer sentence."""
    parent = link.getparent()
    if parent is None or parent.tag not in {"p", "span", "em", "strong"}:
        return False
    links = "".join(str(other.text_content()) for other in parent.iter("a"))
    return len(str(parent.text_content())) > 1.6 * len(links) + 12


def _tidy(found: Iterable[str], names: frozenset[str], dropped: frozenset[str]) -> tuple[str, ...]:
    """Fold doubles and drop what is no tag."""
    kept: dict[str, str] = {}
    stated = [(plain(text) or "").strip(" #,.;:\"'“”[]") for text in found]
    if sum(bool(_LABELLED.match(tag)) for tag in stated) > 1:
        stated = [tag for text in stated if (tag := _unlabelled(text))]
    for tag in stated:
        key = key_of(tag)
        if not key or len(tag) > _MAX_TAG_CHARS or key in _NO_TAGS or _NO_TAG.search(tag) or is_site_name(tag, names):
            continue
        kept.setdefault(key, tag)
    return tuple([tag for key, tag in kept.items() if key not in dropped][:_MAX_TAGS])


def _unlabelled(text: str) -> str | None:
    """Give what a labelled keyword is about ("Subject: Justice"), None for bookkeeping ("Partner: Factiva")."""
    label = _LABELLED.match(text)
    if not label:
        return text
    return text[label.end() :] if _TOPIC.search(label.group(0)) else None
