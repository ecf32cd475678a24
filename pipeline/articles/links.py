"""The addresses that a page states about itself: canonical, AMP, lead image, and a refresh that leads on."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.articles.document import Document, items
from pipeline.articles.provenance import Choice, choice

_REFRESH = re.compile(
    r"^\s*(?P<seconds>\d{0,4})(?:\.\d*)?\s*[;,]?\s*(?:url\s*=)?\s*[\"']?(?P<url>[^\"'\s][^\"']*?)[\"']?\s*$",
    re.IGNORECASE,
)
# A refresh after more than this is a page that reloads itself, not one that leads on.
_MAX_REFRESH_SECONDS = 10
_MAX_URL_CHARS = 2_000
# Host labels that name another edition of the same site.
_EDITIONS = ("www.", "m.", "amp.", "mobile.", "mobil.", "touch.")
_NO_IMAGE = re.compile(
    r"(?:logo|placeholder|default|blank|spacer|pixel|avatar|favicon|noimage|no-image)[^/]*$|^data:", re.IGNORECASE
)
# Registries where the site's own name is the third label (a full public suffix list is not worth its weight here).
_SECOND_LEVELS = frozenset({"co", "com", "org", "net", "gov", "gob", "edu", "ac", "or", "ne", "go", "in", "id", "web"})


@dataclass(frozen=True, slots=True)
class Links:
    """What a page states about its own addresses; absolute http(s) URLs or None."""

    canonical_url: Choice[str | None]
    amp_url: str | None
    image_url: Choice[str | None]
    # Where a meta refresh leads within ten seconds, when it is another page.
    refresh_url: str | None


def read_links(document: Document) -> Links:
    """Read the page's canonical, AMP, image and refresh addresses; bad ones are None."""
    return Links(_canonical(document), _amp(document), _image(document), _refresh(document))


def is_free(document: Document) -> bool | None:
    """Tell what JSON-LD says about access (https://schema.org/isAccessibleForFree); None when it says nothing."""
    stated = (document.article_node or {}).get("isAccessibleForFree")
    if isinstance(stated, bool):
        return stated
    if isinstance(stated, str) and stated.strip().lower() in {"true", "false", "yes", "no"}:
        return stated.strip().lower() in {"true", "yes"}
    return None


def _canonical(document: Document) -> Choice[str | None]:
    """Choose the canonical address: link rel=canonical, og:url, JSON-LD; refused when it cannot be this article's.

    Refused: another site, a home page, a folder above the page's own address (a section), when that is known.
    """
    offers: list[tuple[str, str]] = []
    stated = [("canonical", link.get("href")) for link in document.tree.iter("link") if _has_rel(link, "canonical")]
    stated += [("og", url) for url in document.meta.get("og:url", ())]
    node = document.article_node or {}
    stated += [("json-ld", url) for key in ("url", "mainEntityOfPage") for url in _addresses(node.get(key))]
    for signal, href in stated:
        url = _absolute(href, document)
        if url:
            offers.append((signal, url))
    taken = next(((signal, url) for signal, url in offers if _can_be_article(url, document.page.url)), None)
    return choice("canonical_url", taken[1] if taken else None, taken[0] if taken else None, offers)


def _can_be_article(url: str, page_url: str | None) -> bool:
    parts = urlsplit(url)
    if parts.path in {"", "/"} and not parts.query:
        return False
    if page_url is None:
        return True
    page = urlsplit(page_url)
    if _site(parts.hostname or "") != _site(page.hostname or ""):
        return False
    here, there = page.path.rstrip("/"), parts.path.rstrip("/")
    return not (here != there and here.startswith(f"{there}/") and not _is_amp_of(here, there))


def _is_amp_of(here: str, there: str) -> bool:
    """Tell whether the page's path is its canonical one with the suffix of an edition or part: "/amp", "/2"."""
    suffix = here[len(there) :].strip("/").casefold()
    return suffix in {"amp", "print", "index.html", "amp.html"} or suffix.isdigit()


def _site(host: str) -> str:
    """Give the registrable part of a host, near enough to tell two sites apart."""
    host = host.casefold().rstrip(".")
    for edition in _EDITIONS:
        host = host.removeprefix(edition)
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-keep:])


def _amp(document: Document) -> str | None:
    """Give the address of the AMP edition (link rel=amphtml)."""
    found = (_absolute(link.get("href"), document) for link in document.tree.iter("link") if _has_rel(link, "amphtml"))
    return next((url for url in found if url), None)


def _image(document: Document) -> Choice[str | None]:
    """Choose the lead image: og:image, JSON-LD, twitter:image, link rel=image_src, the feed; logos are none."""
    meta, hint = document.meta, document.page.hint
    stated = [
        ("og", url) for name in ("og:image:secure_url", "og:image", "og:image:url") for url in meta.get(name, ())[:1]
    ]
    stated += [("json-ld", url) for url in _addresses((document.article_node or {}).get("image"))]
    stated += [("twitter", url) for name in ("twitter:image", "twitter:image:src") for url in meta.get(name, ())[:1]]
    stated += [
        ("image_src", link.get("href", "")) for link in document.tree.iter("link") if _has_rel(link, "image_src")
    ]
    if hint and hint.image_url:
        stated.append(("feed", hint.image_url))
    offers = [
        (signal, url)
        for signal, href in stated
        if (url := _absolute(href, document)) and not _NO_IMAGE.search(urlsplit(url).path)
    ]
    return choice("image_url", offers[0][1] if offers else None, offers[0][0] if offers else None, offers)


def _refresh(document: Document) -> str | None:
    """Give where a meta refresh leads (HTML Living Standard, 4.2.5.3), None when it reloads or waits long."""
    for content in document.meta.get("http-equiv:refresh", ()):
        found = _REFRESH.match(content)
        if not found or int(found.group("seconds") or 0) > _MAX_REFRESH_SECONDS:
            continue
        url = _absolute(found.group("url"), document)
        if url and url.split("#")[0] != (document.page.url or "").split("#")[0]:
            return url
    return None


def _addresses(value: Any) -> list[str]:
    """Give the addresses of a JSON-LD value: texts, or `url`, `contentUrl`, `@id` of nodes."""
    found = []
    for item in items(value)[:10]:
        url = (
            next((item[key] for key in ("url", "contentUrl", "@id") if item.get(key)), None)
            if isinstance(item, dict)
            else item
        )
        if isinstance(url, list):
            url = next(iter(url), None)
        if isinstance(url, str):
            found.append(url)
    return found


def _has_rel(link: Any, word: str) -> bool:
    return word in (link.get("rel") or "").lower().split()


def _absolute(href: str | None, document: Document) -> str | None:
    """Give an http(s) address in full, None for anything else."""
    href = (href or "").strip()
    if not href or len(href) > _MAX_URL_CHARS or any(char.isspace() for char in href):
        return None
    try:
        url = urljoin(document.page.url or "", href)
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return url if usable else None
