"""What kind of page it is: article, live, video, gallery, audio or opinion, or a listing that is no article."""

import re
from urllib.parse import urlsplit

from pipeline.articles.document import Document, types_of
from pipeline.articles.phrases import fold
from pipeline.articles.provenance import Choice, choice
from pipeline.articles.wordlists import words
from pipeline.text import count_words

# Path segments and section names that sites use for opinion pieces.
_OPINION = words(
    """opinion opinions opinione opinioni opinión opiniao opinião op-ed oped editorial editorials editoriales column
    columns columnists columna columnas columnistas commentary commentaries commentisfree meinung meinungen kommentar
    kommentare kommentarer kolumne kolumnen leitartikel gastkommentar standpunkt debatt debatte debattes tribune
    tribunes chroniques edito éditorial éditoriaux commenti editoriali opinie opinia opinie-i-komentarze felietony
    publicystyka komentarze mielipide näkökulma ledare leder goc-nhin góc-nhìn y-kien ý-kiến binh-luan bình-luận
    xa-luan xã-luận"""
)
_SEGMENTS = {
    "live": words("live liveblog live-blog liveticker live-ticker en-direct ao-vivo en-vivo tructiep truc-tiep"),
    "video": words("video videos watch mediathek vidéo filmy tv"),
    "audio": words("podcast podcasts audio listen"),
    "gallery": words(
        """gallery galleries galerie galerien galeria galerias photo photos fotos foto photogallery fotostrecke
        fotostrecken bildergalerie bilder diaporama slideshow slideshows pictures anh infographics"""
    ),
}
_TYPES = {
    "LiveBlogPosting": "live", "ImageGallery": "gallery", "MediaGallery": "gallery", "OpinionNewsArticle": "opinion",
    "VideoObject": "video", "AudioObject": "audio", "PodcastEpisode": "audio", "RadioEpisode": "audio",
}  # fmt: skip
# A video, audio or gallery page has a caption where an article has a text.
_CAPTION_WORDS = 250
_LISTING_TYPES = frozenset(["CollectionPage", "SearchResultsPage", "ProfilePage"])
_SHOWING = ("a", "p", "div", "span", "li", "td", "h1", "h2", "h3", "h4", "strong", "b", "em", "article", "section")
_HEADLINE_WORDS = 5
_MADE_OF_LINKS = 0.45
# Boxes of related pieces at the foot of an article seldom have so many headings.
_MANY_TEASERS = 12
_HOME_PATHS = frozenset(["", "/", "/index.html", "/index.htm", "/index.php", "/home", "/home.html", "/default.aspx"])


def read_kind(document: Document, section_path: tuple[str, ...], text: str | None) -> Choice[str]:
    """Choose the kind: what the publisher states, then the address of a page with little text, then the section."""
    kind, signal = _find(document, section_path, count_words(text or ""))
    return choice("kind", kind, signal, [(signal, kind)])


def _find(document: Document, section_path: tuple[str, ...], word_count: int) -> tuple[str, str]:
    node_types = types_of(document.article_node) if document.article_node is not None else frozenset()
    for name in ("LiveBlogPosting", "OpinionNewsArticle"):
        if name in node_types:
            return _TYPES[name], "json-ld"
    segments = _segments(document.page.url)
    if segments & _SEGMENTS["live"] and not segments & _SEGMENTS["video"]:
        return "live", "url"
    if word_count < _CAPTION_WORDS and (found := _read_media(document, segments)):
        return found
    if segments & _OPINION:
        return "opinion", "url"
    sections = (*section_path, *document.meta.get("article:section", ()))
    if any("-".join(section.casefold().split()) in _OPINION for section in sections):
        return "opinion", "section"
    return "article", "default"


def _read_media(document: Document, segments: frozenset[str]) -> tuple[str, str] | None:
    """Give the medium of a page with little text."""
    if document.article_node is None:
        for node in document.json_ld:
            for name in types_of(node):
                if name in _TYPES:
                    return _TYPES[name], "json-ld"
    if (document.first_meta("og:type") or "").casefold().startswith("video"):
        return "video", "og"
    for kind in ("video", "audio", "gallery"):
        if segments & _SEGMENTS[kind]:
            return kind, "url"
    return None


def _segments(url: str | None) -> frozenset[str]:
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return frozenset()
    return frozenset(re.split(r"/+", path.casefold()))


def is_listing(document: Document, title: str | None) -> bool:
    """Tell whether a page is a home, section or search page: said by itself, or at the root, and made of links.

    A page with an article's own metadata is none, whatever its address, nor one whose heading is a headline that its
    title element repeats.
    """
    if is_stated_article(document) or _is_headline(document, title):
        return False
    says_so = any(types_of(node) & _LISTING_TYPES for node in document.json_ld)
    return (says_so or _is_home(document.page.url)) and _link_share(document) > _MADE_OF_LINKS


def is_made_of_teasers(document: Document, title: str | None) -> bool:
    """Tell whether a page has a name for a heading, and many headings that are links: a section page's make."""
    return len(fold(title or "").split()) < _HEADLINE_WORDS and _count_teasers(document) >= _MANY_TEASERS


def is_stated_article(document: Document) -> bool:
    """Tell whether the page's own metadata calls it an article (schema.org, OpenGraph)."""
    if document.article_node is not None or "article:published_time" in document.meta:
        return True
    return (document.first_meta("og:type") or "").casefold() == "article"


def _count_teasers(document: Document) -> int:
    """Count the headings that are links, outside asides and the page's frame."""
    return sum(
        1
        for heading in document.tree.iter("h2", "h3", "h4")
        if heading.find(".//a") is not None and next(heading.iterancestors("aside", "nav", "footer"), None) is None
    )


def _is_headline(document: Document, title: str | None) -> bool:
    key = fold(title or "")
    if len(key.split()) < _HEADLINE_WORDS:
        return False
    shown = [fold(element.text_content()) for element in document.tree.iter("h1", "h2")]
    return key in shown and any(key in fold(element.text_content()) for element in document.tree.iter("title"))


def _is_home(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    return bool(parts.hostname) and parts.path.casefold() in _HOME_PATHS and not parts.query


def _link_share(document: Document) -> float:
    """Give the share of link text in what the page shows; scripts and styles are not shown."""
    shown = linked = 0
    for element in document.tree.iter(*_SHOWING):
        shown += len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)
    for link in document.tree.iter("a"):
        linked += len(" ".join(link.text_content().split()))
    return linked / shown if shown else 0.0
