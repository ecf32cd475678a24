"""The part of a page that can be its article: a copy of the tree without what no reader takes for the text."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from itertools import islice, pairwise

from lxml import etree
from lxml.html import HtmlElement

from pipeline.articles.document import Document
from pipeline.articles.outline import is_unseen
from pipeline.articles.phrases import fold, is_end_line, is_pointer, is_pointer_heading
from pipeline.articles.wordlists import words

# Elements that hold no running text of an article, whatever their names (HTML Living Standard, 4.3 and 4.7-4.12).
_NEVER_TEXT = (
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "video", "audio", "map",
    "input", "select", "textarea", "math", "link", "meta", "datalist", "progress",
)  # fmt: skip
# Elements that frame a text. They are kept where they hold most of it: an end tag is missing, or the name is wrong.
_SELDOM_TEXT = ("button", "nav", "footer", "aside", "menu", "dialog", "form")

# Words of class and id names, split at everything but letters and at humps ("relatedLinks", "related-links_box").
# 3: beside the article, unless they hold its heading or nearly all the text.
_SURE = words(
    """comment commentlist comments disqus fbcomments kommentare relatedarticles relatednews relatedposts related
    recommended recommendations recommendation newsletter newsletters cookie cookies gdpr dsgvo taboola outbrain
    mostread mostpopular tinlienquan binhluan carousel slider"""
)
# 2: beside the article, unless they hold a good part of the text.
_LIKELY = words(
    """biography breadcrumb breadcrumbs byline bylines caption captions copyright credits mailchimp nav navbar
    navigation pagination paging popular promo promos ranking recirc recirculation recommend relateds relacionada
    relacionadas relacionado relacionados readalso seealso sharebar sharethis skiplink socialshare tagcloud taglist
    tagbox trending lienquan tinmoi docnhieu xemnhieu"""
)
_LIKELY_PAIRS = words(
    """read-more read-also read-next see-also most-read most-popular more-from more-news more-stories more-articles
    also-read also-like up-next whats-next next-article next-story prev-next author-bio author-box author-info
    about-author author-card related-news lire-aussi lesen-auch leggi-anche leia-mais leia-tambem lea-tambien
    ver-tambien te-puede puede-interesar mehr-zum zum-thema les-ogsa las-mer tin-lien lien-quan tin-khac doc-nhieu
    xem-nhieu binh-luan tag-list article-tags post-tags entry-tags image-credit photo-credit wp-caption news-letter
    cookie-notice bread-crumb user-comments reader-comments post-navigation site-footer page-footer"""
)
_PAIR_STARTS = frozenset(pair.partition("-")[0] for pair in _LIKELY_PAIRS)
# 1: beside the article when they hold little text of their own.
_MAYBE = words(
    """ad ads adv advert advertisement advertisements advertorial adslot author banner banners bio commerce consent
    credit date disclaimer feedback follow followus footer masthead menu meta popup print promotion promoted
    rating ratings readmore share shares sharing sidebar signup skip social socials sponsor sponsored subscribe
    subscription tags timestamp ticker toolbar toolbox tooltip topics widgets chiase"""
)
_LITTLE_TEXT = 250
# Longer names are made to hurt.
_NAME_CHARS = 300
_MOST_OF_TEXT, _NEARLY_ALL = 0.4, 0.8
# Names that speak of the article itself: never pruned by another word of the same name.
_ARTICLE_NAMES = re.compile(
    r"article-?body|articlebody|post-content|entry-content|story-?body|body-?text|main-content", re.IGNORECASE
)
_NAMED = ("div", "section", "p", "ul", "ol", "dl", "li", "span", "header", "table", "details", "a", "td")
# Inline labels for screen readers ("opens in a new tab"); as blocks, such classes also hide until a script has run.
_LABELS = frozenset(["span", "a"])
# Cells lay out whole pages as well: only names that say it surely count.
_CELLS = frozenset(["td"])
_CAPTION_BOXES = ("p", "div", "td", "center", "li")
_SLANTED = ("em", "i", "small", "cite")
_CAPTION_CHARS = 400
_INLINE_NAMED = frozenset(["span", "a"])
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_HIDDEN = re.compile(r"display\s*:\s*none")
_ROLES = frozenset(["navigation", "banner", "search", "complementary", "contentinfo", "menu", "dialog"])

_POINTING = (
    "p", "div", "li", "ul", "ol", "h2", "h3", "h4", "h5", "h6", "strong", "b", "blockquote", "section", "em", "span",
    "table",
)  # fmt: skip
_HEADING_TAGS = frozenset(["h2", "h3", "h4", "h5", "h6", "p", "div", "strong", "b", "span"])
# Inline elements are looked at where they stand for a block, not inside one.
_INLINE = frozenset(["strong", "b", "em", "span"])
_HOLDERS = frozenset(["p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "span", "a"])
_POINTER_CHARS = 400
_LINK_LINE = 25
# Captions of this length, and more of them than paragraphs: the captions are the story.
_PHOTO_STORY = 300
_AN_ARTICLE = 500


def article_tree(document: Document, title: str | None) -> HtmlElement:
    """Give a copy of the page's tree without chrome, related boxes, captions, and articles that follow this one."""
    tree = deepcopy(document.tree)
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, *_NEVER_TEXT, with_tail=False)
    _keep_swallowers(tree)
    etree.strip_elements(tree, *_SELDOM_TEXT, with_tail=False)
    _drop_named(tree)
    _drop_captions(tree)
    _keep_figures(tree)
    etree.strip_elements(tree, "figure", with_tail=False)
    _drop_other_articles(tree, title)
    return tree


def cut(tree: HtmlElement, most: int) -> bool:
    """Leave only the first `most` elements of a tree, in document order; tell whether there were more."""
    last = next(islice(tree.iter(), most, None), None)
    if last is None:
        return False
    for element in (last, *last.iterancestors()):
        if element is tree:
            break
        for following in list(element.itersiblings()):
            element.getparent().remove(following)
    last.getparent().remove(last)
    return True


def drop(element: HtmlElement) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = f"{parent.text or ''} {element.tail}"
        else:
            before.tail = f"{before.tail or ''} {element.tail}"
    parent.remove(element)


def drop_title(tree: HtmlElement, title: str | None) -> None:
    """Drop the headings that are the title: a body does not repeat it."""
    key = fold(title or "")
    if not key:
        return
    for element in list(tree.iter("h1", "h2", "h3")):
        if element is not tree and fold(element.text_content()) == key:
            drop(element)


def _keep_swallowers(tree: HtmlElement) -> None:
    """Keep a frame element that holds most of the page's paragraphs."""
    frames = list(tree.iter(*_SELDOM_TEXT))
    total = _paragraph_chars(tree) if frames else 0
    for element in frames:
        held = _paragraph_chars(element)
        if held > _MOST_OF_TEXT * total and (held > _AN_ARTICLE or next(element.iter("h1"), None) is not None):
            element.tag = "div"


def _keep_figures(tree: HtmlElement) -> None:
    """Keep figures that are text: those around a table, and all where the captions are the story (photo pages)."""
    figures = list(tree.iter("figure"))
    captions = sum(len(caption.text_content()) for caption in tree.iter("figcaption"))
    is_photo_story = captions > _PHOTO_STORY and captions > 2 * _paragraph_chars(tree)
    for figure in figures:
        if is_photo_story or figure.find(".//table") is not None:
            figure.tag = "div"
    if is_photo_story:
        for caption in tree.iter("figcaption"):
            caption.tag = "p"
            caption.attrib.clear()


def _paragraph_chars(tree: HtmlElement) -> int:
    return sum(len(paragraph.text_content()) for paragraph in tree.iter("p"))


@lru_cache(maxsize=20_000)
def _noise_of_names(names: str) -> int:
    """Give how surely class and id names put their element beside the article: 3 to 1, 0 when they do not."""
    noise = max(map(_noise, names.split()), default=0)
    return 0 if noise and _ARTICLE_NAMES.search(names) else noise


@lru_cache(maxsize=20_000)
def _noise(name: str) -> int:
    """Give the same of one name."""
    parts = [part.lower() for part in _NAME_PARTS.findall(name)]
    if not _SURE.isdisjoint(parts):
        return 3
    if not _LIKELY.isdisjoint(parts):
        return 2
    pairs = () if _PAIR_STARTS.isdisjoint(parts) else pairwise(parts)
    if any(f"{left}-{right}" in _LIKELY_PAIRS for left, right in pairs):
        return 2
    return 0 if _MAYBE.isdisjoint(parts) else 1


def _noise_of(element: HtmlElement) -> int:
    """Give how surely an element's names, style and role put it beside the article."""
    get = element.get
    classes, identity = get("class"), get("id")
    names = f"{classes or ''} {identity}" if identity else classes
    noise = _noise_of_names(names[:_NAME_CHARS]) if names else 0
    if noise:
        return noise
    if classes and element.tag in _LABELS and is_unseen(classes):
        return 3
    style = get("style")
    return int((style is not None and _HIDDEN.search(style) is not None) or get("role") in _ROLES)


def _drop_named(tree: HtmlElement) -> None:
    """Drop the outermost elements whose names speak of something beside the article."""
    total = len(tree.text_content())
    in_paragraphs = _paragraph_chars(tree)
    elements = list(tree.iter(*_NAMED))
    # What holds the article's heading or its marked text is a part of the article, whatever its name.
    marked = (*elements, *tree.iter("article", "main"))
    marks = [element for element in marked if element.get("itemprop") == "articleBody"]
    around = {parent for mark in (*marks, *tree.iter("h1")) for parent in mark.iterancestors()}
    gone: set[HtmlElement] = set()
    for element in elements:
        noise = _noise_of(element)
        if not noise or element in around or not gone.isdisjoint(element.iterancestors()):
            continue
        if noise == 1 and (element.tag in _CELLS or _is_in_line(element)):
            continue
        if _is_beside(element, noise, total, in_paragraphs):
            gone.add(element)
            drop(element)


def _drop_captions(tree: HtmlElement) -> None:
    """Drop the boxes of one picture and words in small or slanted print: captions that nothing names so."""
    for image in list(tree.iter("img")):
        box = next(image.iterancestors(*_CAPTION_BOXES), None)
        if box is None:
            continue
        text = " ".join(box.text_content().split())
        if not text or len(text) > _CAPTION_CHARS:
            continue
        slanted = sum(len(" ".join(part.text_content().split())) for part in box.iter(*_SLANTED))
        if slanted >= _NEARLY_ALL * len(text):
            drop(box)


def _is_in_line(element: HtmlElement) -> bool:
    """Tell a part of a paragraph (a dateline, a date, a linked word) from a box."""
    parent = element.getparent()
    return (
        element.tag in _INLINE_NAMED and parent is not None and parent.tag == "p" and bool((element.tail or "").strip())
    )


def _is_beside(element: HtmlElement, noise: int, total: int, in_paragraphs: int) -> bool:
    """Tell whether an element so named is beside the article, by how much of the page's text it holds."""
    length = len(element.text_content())
    if noise == 1:
        if length >= _LITTLE_TEXT:
            length -= sum(len(link.text_content()) for link in element.iter("a"))
        return length < _LITTLE_TEXT
    share = _NEARLY_ALL if noise == 3 else _MOST_OF_TEXT
    return length <= share * total and _paragraph_chars(element) <= share * in_paragraphs


def _drop_other_articles(tree: HtmlElement, title: str | None) -> None:
    """Drop the whole articles that follow the page's own (endless scrolling).

    They are containers with an h1 of another headline, after an h1 that is the title and after a text of some length.
    """
    heads = list(tree.iter("h1"))
    key = fold(title or "")
    own = next((head for head in heads if fold(head.text_content()) == key), None)
    if own is None or len(heads) < 2:
        return
    around = set(own.iterancestors())
    texts = own.xpath("following::p")
    for head in heads[heads.index(own) + 1 :]:
        if fold(head.text_content()) == key:
            continue
        outer = head
        for parent in head.iterancestors():
            if parent in around:
                break
            outer = parent
        if outer is not head and _chars_before(outer, texts) > _AN_ARTICLE:
            for following in list(outer.itersiblings()):
                drop(following)
            drop(outer)
            return


def _chars_before(element: HtmlElement, texts: list[HtmlElement]) -> int:
    """Count the characters of the paragraphs that stand before an element."""
    inside = set(element.iter("p"))
    count = 0
    for paragraph in texts:
        if paragraph in inside:
            break
        count += len(paragraph.text_content())
    return count


def drop_pointers(tree: HtmlElement) -> None:
    """Drop what leads away from the text: "Read more: …" lines, link-only paragraphs and headings, lists of links."""
    for element in list(tree.iter(*_POINTING)):
        parent = element.getparent()
        if parent is None or (element.tag in _INLINE and parent.tag in _HOLDERS):
            continue
        text = element.text_content()
        if len(text) > _POINTER_CHARS:
            continue
        text = " ".join(text.split())
        if text and _is_pointer(element, text):
            drop(element)
    for element in list(tree.iter("ul", "ol")):
        text = " ".join(element.text_content().split())
        if len(text) > 2 * _LINK_LINE and link_share(element, text) > 0.8:
            drop(element)


def _is_pointer(element: HtmlElement, text: str) -> bool:
    if element.tag in _HEADING_TAGS and is_pointer_heading(text):
        for box in list(_after_heading(element)):
            drop(box)
        return True
    if is_pointer(text) and link_share(element, text) > 0.3:
        return True
    if element.tag in {"p", "h2", "h3", "h4", "h5"} and len(text) > _LINK_LINE and link_share(element, text) > 0.9:
        return True
    return element.tag in {"p", "div"} and is_end_line(text)


def _after_heading(element: HtmlElement) -> Iterator[HtmlElement]:
    """Give the lists of links that directly follow a heading such as "Related"."""
    for following in element.itersiblings():
        text = " ".join(following.text_content().split())
        if text and link_share(following, text) < 0.6:
            return
        yield following


def link_share(element: HtmlElement, text: str) -> float:
    """Give the share of an element's characters that are link text."""
    linked = sum(len(" ".join(link.text_content().split())) for link in element.iter("a"))
    return linked / len(text) if text else 0.0
