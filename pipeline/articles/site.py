"""The names of the site that a page belongs to: never a title, an author, a section or a tag."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.articles.json_ld import texts, types_of

if TYPE_CHECKING:
    from pipeline.articles.document import Document

_MAX_NAMES = 80
# Longer texts are no names, and not kept.
_NAME_CHARS = 200
_WORD = re.compile(r"[\W_]+")
_SITE_METAS = (
    "og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone", "dc.publisher",
    "publisher", "article:publisher", "copyright", "source", "sourceorganization", "twitter:site",
)  # fmt: skip
_SITE_TYPES = frozenset({"Organization", "NewsMediaOrganization", "WebSite", "Corporation"})
# Second-level labels that are part of a country's public suffix, not of a site's name.
_GENERIC_LABELS = frozenset(
    {"www", "m", "amp", "co", "com", "org", "net", "gov", "gob", "ac", "edu", "or", "ne", "news"}
)
# What copyright lines put around a name: "© 2024 Tin Ltd. (www.tin.example)".
_AROUND = re.compile(r"©|\(c\)|copyright|\b(?:19|20)\d\d\b|\([^()]*\)|@", re.IGNORECASE)
_JOINT = re.compile(r"\s+[|\-–—·•»:]\s+|\s*\|\s*")
_TOP = re.compile(r"\.(?:com?|net|org|info|vn|de|at|ch|fr|es|it|pl|ru|uk|us|eu|news|tv|jp|cn|br|mx|ar)\b")


def key_of(text: str) -> str:
    """Give what two spellings of one name have in common: case, blanks and punctuation folded."""
    return _key_of_name(text) if len(text) <= _NAME_CHARS else _fold(text)


def _fold(text: str) -> str:
    return _WORD.sub(" ", text).strip().casefold()


# Names are compared many times, on a page and on all pages of a site.
_key_of_name = lru_cache(maxsize=8_192)(_fold)


def site_names(document: "Document") -> frozenset[str]:
    """Give the folded names of the page's site: from meta, JSON-LD publishers, the source and the host."""
    names: list[str] = [text for name in _SITE_METAS for text in document.meta.get(name, ()) if len(text) < 80]
    if document.page.source_name:
        names.append(document.page.source_name)
    if document.article_node is not None:
        names += texts(document.article_node.get("publisher"))
    for node in document.json_ld:
        # A blog is published by a person: ["Person", "Organization"] (Yoast's graph).
        if types_of(node) & _SITE_TYPES and "Person" not in types_of(node):
            names += texts(node.get("name")) + texts(node.get("alternateName"))
    names += _after_title(document)
    names = [_AROUND.sub(" ", name) for name in names if "://" not in name]
    names = names[:_MAX_NAMES]
    keys = {key_of(name) for name in names}
    keys |= {key_of(_TOP.sub("", name.casefold())) for name in names if "." in name}
    return frozenset(keys | host_names(document)) - {""}


def _after_title(document: "Document") -> list[str]:
    """Give the last part of the title element when a heading shows the first: the site's or section's name."""
    title, heading = next(document.tree.iter("title"), None), document.layout.heading
    if title is None or heading is None:
        return []
    parts = _JOINT.split(title.text or "")
    shown = key_of(str(heading.text_content()))
    if len(parts) < 2 or not shown or key_of(parts[0]) not in shown or key_of(parts[-1]) in shown:
        return []
    return parts[-1:]


def host_names(document: "Document") -> frozenset[str]:
    """Give the folded host of the page and its telling labels: "www.bao-tin.com.vn" gives "bao tin", "baotin" too."""
    url = document.page.url or document.first_meta("og:url") or ""
    try:
        host = (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return frozenset()
    labels = host.split(".")
    telling = [label for label in labels[:-1] if label not in _GENERIC_LABELS]
    main = telling[-1:] if telling else []
    names = {key_of(host), key_of(host.removeprefix("www."))}
    for label in main:
        names |= {key_of(label), label.replace("-", "")}
    return frozenset(names) - {""}


def is_site_name(text: str, names: frozenset[str]) -> bool:
    """Tell whether a text is a name of the site, also written as one word or with its kind ("Báo Tin", "Tin.vn")."""
    key = key_of(text)
    if not key:
        return False
    if key in names:
        return True
    joined = key.replace(" ", "")
    if any(joined == name.replace(" ", "") for name in names):
        return True
    words = frozenset(key.split()) - _KIND_WORDS
    return bool(words) and any(words == frozenset(name.split()) - _KIND_WORDS for name in names)


def is_of_site(text: str, names: frozenset[str]) -> bool:
    """Tell whether a text holds a site's name of several words and more: its house or desk ("Verlag Der Bote")."""
    key = f" {key_of(text)} "
    return any(" " in name and f" {name} " in key for name in names)


def names_site(text: str, names: frozenset[str]) -> bool:
    """Tell whether a title's first or last part speaks of the site: its name, or a few words around it."""
    if is_site_name(text, names):
        return True
    key = key_of(text)
    words = key.split()
    long_names = [name for name in names if len(name.replace(" ", "")) > 3]
    return len(words) <= 6 and any(f" {name} " in f" {key} " for name in long_names)


# Words that name what a site is, not which: dropped when two names are compared.
_KIND_WORDS = frozenset(
    {
        "the", "báo", "điện", "tử", "trang", "tin", "cổng", "online", "news", "magazine", "der", "die", "das", "le",
        "la", "el", "com", "vn", "net", "de", "org", "www", "zeitung", "diario", "portal", "tv", "web", "site",
    }
)  # fmt: skip
