"""The section that an article stands in, and the path to it: breadcrumbs, stated sections, the feed, the address."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from pipeline.articles.document import Document, items, texts, types_of
from pipeline.articles.json_ld import plain
from pipeline.articles.outline import shown_text
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.site import is_site_name, key_of

_HOME = frozenset(
    {
        "", "acasă", "accueil", "ana sayfa", "anasayfa", "back", "beranda", "breadcrumb", "breadcrumbs", "domů",
        "etusivu", "forside", "forsiden", "full menu", "hauptseite", "hem", "hjem", "home", "home news",
        "home page", "homepage", "homepagina", "index", "inicio", "início", "kezdőlap", "menu", "navigation",
        "news home", "nyheder", "portada", "početna", "pradžia", "página inicial", "sie befinden sich hier",
        "sie sind hier", "start", "start page", "startseite", "strona główna", "sākums", "top", "trang chủ",
        "trang nhất", "you are here", "zurück", "úvod", "αρχική", "главная", "головна", "الرئيسية", "صفحه نخست",
        "होम", "トップ", "ホーム", "首頁", "首页", "홈",
    }
)  # fmt: skip
_GENERIC = frozenset(
    {"news", "article", "articles", "artikel", "general", "default", "allgemein", "post", "blog", "story"}
)
_MAX_LABEL_CHARS = 60
_MAX_DEPTH = 6
_MAX_CRUMBS = 20
_MAX_MARKS = 200
_MAX_LINKS = 1_500
_SECTION_METAS = (
    "article:section", "og:article:section", "section", "parsely-section", "cxenseparse:section", "dc.subject",
    "category", "articlesection", "sailthru.section", "article.section",
)  # fmt: skip
_SEPARATORS = re.compile(r"\s*[>›»/|→·•❯〉＞]+\s*")


def read_sections(document: Document) -> Choice[tuple[str, ...]]:
    """Choose the path of sections, the widest first; () when the page names none.

    Breadcrumbs are written for readers and name the path; stated sections are often a content system's own words.
    """
    offers = [(signal, path) for signal, labels in _offers(document) if (path := _tidy(labels, document))]
    if all(_GENERIC.issuperset(map(key_of, path)) for _, path in offers):
        # Looked at last: every link of the page is compared.
        offers += [("url", path) for path in [_tidy(_from_address(document), document)] if path]
    if not offers:
        return choice("section_path", (), None, [])
    # "News" says nothing where something else is said.
    signal, path = next((offer for offer in offers if not _GENERIC.issuperset(map(key_of, offer[1]))), offers[0])
    return choice("section_path", path, signal, offers)


def _offers(document: Document) -> Iterator[tuple[str, Iterable[str]]]:
    yield "json-ld-breadcrumb", _stated_crumbs(document)
    yield "breadcrumb", _shown_crumbs(document)
    node = document.article_node or {}
    yield "json-ld", _split(texts(node.get("articleSection")), document)
    yield "section-label", _labels(document)
    yield "meta", next((document.meta[name][:1] for name in _SECTION_METAS if name in document.meta), ())
    hint = document.page.hint
    if hint:
        yield "feed", [hint.section] if hint.section else hint.categories[:1]


def _stated_crumbs(document: Document) -> list[str]:
    """Give the names of the first BreadcrumbList (https://schema.org/BreadcrumbList), by position."""
    for node in document.json_ld:
        if "BreadcrumbList" not in types_of(node):
            continue
        found: list[tuple[float, str]] = []
        for at, entry in enumerate(items(node.get("itemListElement"))[:_MAX_CRUMBS]):
            if not isinstance(entry, dict):
                continue
            item = entry.get("item")
            name = entry.get("name") or (item.get("name") if isinstance(item, dict) else None)
            address = entry.get("@id") or (item.get("@id") or item.get("url") if isinstance(item, dict) else item)
            position = entry.get("position")
            order = float(position) if isinstance(position, int | float) else float(at)
            if isinstance(name, str) and not _is_page(address, document):
                found.append((order, plain(name) or ""))
        if found:
            return [name for _, name in sorted(found, key=lambda pair: pair[0])]
    return []


def _shown_crumbs(document: Document) -> list[str]:
    """Give the links of the first breadcrumb that readers see; text parts when it has no links."""
    for element in document.outline.get("breadcrumb", ())[:_MAX_MARKS]:
        if document.layout.is_other(element):
            continue
        links = [link for link in islice(element.iter("a"), _MAX_CRUMBS) if not _is_page(link.get("href"), document)]
        labels = [label for link in links if (label := shown_text(link, 200))]
        if not labels and element.tag == "a":
            labels = [shown_text(element, 200) or ""]
        if not labels and not any(True for _ in element.iter("a")):
            labels = _SEPARATORS.split(shown_text(element, 300) or "")
        if any(key_of(label) not in _HOME for label in labels):
            return labels
    return []


def _labels(document: Document) -> list[str]:
    """Give the link or short text that the markup names as the article's section, where the article stands."""
    layout = document.layout
    for element in document.outline.get("section", ())[:_MAX_MARKS]:
        if layout.is_aside(element) or not layout.is_inside(element):
            continue
        links = [element] if element.tag == "a" else list(islice(element.iter("a"), 4))
        labels = [
            label for link in links if (label := shown_text(link, 200)) and not _is_page(link.get("href"), document)
        ]
        if not labels and len(element) == 0 and (text := shown_text(element, 100)):
            labels = [text]
        if labels and all(len(label) <= _MAX_LABEL_CHARS for label in labels):
            return labels
    return []


def _split(stated: tuple[str, ...], document: Document) -> tuple[str, ...]:
    """Split "Kinh doanh, Tài chính" when both are sections of their own on the page; a comma may belong to a name."""
    if len(stated) != 1 or "," not in stated[0]:
        return stated
    parts = [part.strip() for part in stated[0].split(",")]
    labels = {key_of(str(link.text_content())) for link in islice(document.tree.iter("a"), _MAX_LINKS)}
    return tuple(parts) if key_of(stated[0]) not in labels and all(key_of(part) in labels for part in parts) else stated


def _from_address(document: Document) -> list[str]:
    """Give the labels of links to the folders above the page's own address, the widest first."""
    path = _path(document.page.url or document.first_meta("og:url") or "")
    folders = [folder for folder in path.strip("/").split("/")[:-1] if folder]
    above = {"/" + "/".join(folders[: depth + 1]): depth for depth in range(len(folders))}
    if not above:
        return []
    found: dict[int, str] = {}
    for link in islice(document.tree.iter("a"), _MAX_LINKS):
        href = link.get("href")
        if not href or href[0] in "#?" or href.startswith(("javascript:", "mailto:")):
            continue
        # Taking an address apart costs more than all else here.
        if "%" not in href and folders[0] not in href.casefold():
            continue
        depth = above.get(_path(href))
        if depth is not None and depth not in found and (label := shown_text(link, 200)):
            found[depth] = label
    return [found[depth] for depth in sorted(found)]


def _tidy(labels: Iterable[str], document: Document) -> tuple[str, ...]:
    """Drop home, the site, the title itself, long and repeated labels."""
    names = document.site
    heading = document.layout.heading
    title = key_of(str(heading.text_content())) if heading is not None else ""
    stated = key_of(document.first_meta("og:title") or "")
    kept: dict[str, str] = {}
    for label in labels:
        text = _SEPARATORS.sub(" ", f" {label} ").strip() if label else ""
        key = key_of(text)
        if key in _HOME or len(text) > _MAX_LABEL_CHARS or is_site_name(text, names):
            continue
        if key in {title, stated} or (len(key) > 25 and (key in title or title[:25] == key[:25])):
            continue
        kept.setdefault(key, text)
    return tuple(list(kept.values())[:_MAX_DEPTH])


def _is_page(address: object, document: Document) -> bool:
    """Tell whether an address is the page's own."""
    if not isinstance(address, str) or not document.page.url:
        return False
    try:
        joined = urljoin(document.page.url, address.strip())
    except ValueError:
        return False
    return _path(joined) == _path(document.page.url)


def _path(address: str) -> str:
    """Give the path of an address for comparing: no extension, no trailing slash, lower case."""
    try:
        path = unquote(urlsplit(address.strip()).path).casefold()
    except ValueError:
        return ""
    return re.sub(r"\.(?:html?|php|aspx?|chn|tpo|vnp|epi|jsp)$", "", path.rstrip("/"))
