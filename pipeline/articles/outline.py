"""What a page's own markup calls its parts: which elements are named as byline, standfirst, breadcrumb, tags, …"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from pipeline.text import one_line

Outline = Mapping[str, tuple[HtmlElement, ...]]

# Words in class, id, itemprop and rel, as sites of many countries and content systems use them. A word counts when it
# stands alone between separators or capitals ("article__author", "pAuthor"), never as a part of a longer one.
_ROLES: dict[str, frozenset[str]] = {
    "author": frozenset(
        {
            "author", "authors", "autor", "autora", "autores", "autoren", "autore", "autori", "auteur", "auteurs",
            "byline", "bylines", "byl", "creator", "contributor", "contributors", "journalist", "journaliste",
            "redakteur", "redaktor", "reporter", "reporters", "signature", "firma", "tacgia", "verfasser", "vcard",
            "writer", "writers", "yazar", "penulis", "forfatter", "skribent", "szerzo", "autorius",
            "authorname", "wrote", "itemposter", "autorenzeile", "autorin",
            "documentauthor", "documentbyline", "authname", "authorlink", "penname", "nickname",
        }
    ),
    "lead": frozenset(
        {
            "abstract", "anreisser", "bajada", "chapeau", "chapo", "copete", "deck", "dek", "entradilla", "excerpt",
            "gancho", "ingress", "intro", "introduction", "introtext", "kurzfassung", "lead", "leadin", "leadparagraph",
            "leadtext", "lede", "lid", "linhafina", "manchet", "perex", "resumo", "sapo", "sommario", "spot",
            "standfirst", "strapline", "subheading", "subhead", "subheadline", "sublead", "subline", "subtitle",
            "subtitulo", "sumario", "summary", "synopsis", "teasertext", "untertitel", "vorspann", "vorspanntext",
            "zajawka", "occhiello", "inleiding", "volanta", "sottotitolo", "soustitre", "podtytul", "podnaslov",
            "resume", "ozet", "description", "desc", "dropline", "precis", "leadsatz", "intros", "bodyintro",
        }
    ),
    "breadcrumb": frozenset(
        {"breadcrumb", "breadcrumbs", "breadcrumblist", "crumb", "crumbs", "brotkrumen", "ariane", "migas", "threadbar"}
    ),
    "section": frozenset(
        {
            "cat", "cate", "category", "categories", "channel", "chuyenmuc", "dachzeile", "eyebrow", "kategorie",
            "kicker", "ressort", "rubric", "rubrica", "rubrik", "rubrique", "seccion", "section", "subheader",
            "articlesection", "catname",
        }
    ),
    "tag": frozenset(
        {
            "tag", "tags", "taglist", "keyword", "keywords", "topic", "topics", "schlagworte", "schlagwort",
            "etiquetas", "temas", "tagcloud", "tukhoa", "themen", "thema", "tema", "mots",
            "hashtag", "hashtags",
        }
    ),
    "place": frozenset({"place", "location", "dateline", "diadiem", "ort", "ortsmarke", "city", "spitzmarke"}),
    "source": frozenset({"source", "sources", "nguon", "quelle", "fonte", "fuente", "agency", "agentur", "zrodlo"}),
    "headline": frozenset({"headline", "title", "heading", "titulo", "titre", "titel", "titolo", "tieude", "hed"}),
    # Boxes of other things than the article: other articles, readers' comments, offers.
    "other": frozenset(
        {
            "carousel", "comment", "commentlist", "comments", "disqus", "kommentar", "kommentare", "lienquan",
            "marquee", "mostread", "newsletter", "outbrain", "popular", "promo", "recommend", "recommendations",
            "recommended", "related", "relatedposts", "respond", "similar", "slider", "sponsored", "taboola", "teasers",
            "trending", "recentcomments",
        }
    ),
    # What frames every page of a site.
    "chrome": frozenset(
        {
            "aside", "cookie", "foot", "footer", "mainmenu", "menu", "modal", "nav", "navbar", "navi", "navigation",
            "popup", "sidebar", "submenu", "topmenu", "widget", "widgets", "sitemap",
        }
    ),
}  # fmt: skip
_ROLES_OF_WORD: dict[str, tuple[str, ...]] = {
    word: tuple(role for role, words in _ROLES.items() if word in words) for word in frozenset().union(*_ROLES.values())
}
# "authorbox", "autorname", "bylinetext": compounds without a joint; not "authority" or "authorized".
_AUTHORISH = re.compile(r"(?:author|autor|byline)(?!i[tsz])[a-z]{1,8}$")
_BYLINE_ROLE = ("author",)
_WORD = re.compile(r"[A-Z]?[a-zà-ỹ]+|[A-Z]+(?![a-z])")
_FURTHER = ("itemprop", "rel", "itemtype")
_NAMED = etree.XPath("body/descendant::*[@class or @id or @itemprop or @rel or @itemtype]")
# More named elements than this stand only on pages made to hurt.
_MAX_NAMED = 30_000
# A line of text has a few elements; a walk over more is stopped.
_MAX_NODES = 4_000
_MAX_NAME_CHARS = 300
# Parts lines until they are split; no text of a page holds it, HTML allows no such character.
_LINE_END = "\0"
_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "button", "select", "textarea", "iframe"})
# Classes that hide text from sighted readers; it is a label for machines ("Headline:").
_UNSEEN = re.compile(r"visually-?hidden|sr-only|screen-?reader")
_OWN_FOOTER = re.compile(r"(?:post|entry|article|story|content|detail|news)[\w-]{0,12}foot", re.IGNORECASE)
_BLOCKS = frozenset(
    {"br", "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "dt", "dd", "section"}
)


def read_outline(tree: HtmlElement) -> Outline:
    """Give the elements that carry a role's word in class, id, itemprop, rel or itemtype, in document order."""
    found: dict[str, list[HtmlElement]] = {}
    for element in cast("list[HtmlElement]", _NAMED(tree))[:_MAX_NAMED]:
        get = element.get
        classes = get("class")
        roles = _roles(classes[:_MAX_NAME_CHARS]) if classes else ()
        for attribute in _FURTHER:
            if name := get(attribute):
                roles += _roles(name[:_MAX_NAME_CHARS])
        # An id is looked at only where no class is: ids are many, and rarely say more than the class beside them.
        if not classes and (name := get("id")):
            roles += _roles(name[:_MAX_NAME_CHARS])
        for role in roles:
            elements = found.setdefault(role, [])
            if not elements or elements[-1] is not element:
                elements.append(element)
    return {role: tuple(elements) for role, elements in found.items()}


@lru_cache(maxsize=32_768)
def _roles(names: str) -> tuple[str, ...]:
    """Give the roles that the words of an attribute stand for."""
    found: tuple[str, ...] = ()
    for word in _WORD.findall(names):
        word = word.lower()  # noqa: PLW2901 - the same word
        roles = _ROLES_OF_WORD.get(word)
        if roles is None and word[0] in "ab" and _AUTHORISH.match(word):
            roles = _BYLINE_ROLE
        if roles:
            found += roles
    if "chrome" in found and _OWN_FOOTER.search(names):
        # The foot of the article itself holds its tags and byline.
        found = tuple(role for role in found if role != "chrome")
    return tuple(dict.fromkeys(found)) if found else ()


def ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    """Give an element and all that holds it, innermost first."""
    yield element
    yield from element.iterancestors()


def is_inside(element: HtmlElement, tags: frozenset[str], holders: frozenset[HtmlElement]) -> bool:
    """Tell whether an element is, or is held by, one of `tags` or `holders`."""
    return any(node.tag in tags or node in holders for node in ancestors(element))


@lru_cache(maxsize=16_384)
def is_unseen(classes: str) -> bool:
    """Tell whether an element's classes hide it from sighted readers."""
    return _UNSEEN.search(classes, 0, _MAX_NAME_CHARS) is not None


def shown_text(element: HtmlElement, limit: int = 5_000) -> str | None:
    """Give the text that a reader sees of an element, on one line; scripts, styles and buttons are left out.

    Reading stops after `limit` characters: a caller that asks for a byline may be given half a page.
    """
    return one_line(_shown(element, limit, " "))


def shown_lines(element: HtmlElement, limit: int = 5_000) -> tuple[str, ...]:
    """Give the text that a reader sees of an element line by line, as blocks and breaks part it; no empty lines."""
    lines = _shown(element, limit, _LINE_END).split(_LINE_END)
    return tuple(line for text in lines if (line := one_line(text)))


def _shown(element: HtmlElement, limit: int, block_end: str) -> str:
    parts: list[str] = []
    size = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    for seen, (event, node) in enumerate(walk):
        if seen > _MAX_NODES:
            break
        if event == "start":
            if not isinstance(node.tag, str) or node.tag in _HIDDEN or is_unseen(node.get("class") or ""):
                walk.skip_subtree()
                continue
            piece = node.text
        else:
            piece = node.tail if node is not element else None
        # Elements side by side with nothing between them are set apart by their style ("<span>Kicker</span><span>…").
        if node.tag in _BLOCKS:
            parts.append(block_end)
        elif event == "end" and piece is None and node.getnext() is not None:
            parts.append(" ")
        if piece:
            parts.append(piece[: limit + 1])
            size += len(piece)
            if size > limit:
                break
    return "".join(parts)
