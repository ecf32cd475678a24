"""Where on its page the article stands: its heading, the holder of its text, what spans both, and what is beside it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from pipeline.articles.outline import Outline, ancestors, shown_text

_LISTS = frozenset({"li", "nav"})
_ASIDE = frozenset({"nav", "footer", "aside", "form", "noscript"})
_MAX_PARAGRAPHS = 3_000
# A legal notice is one long paragraph, an article has many: none counts for more than this.
_MAX_CHARS = 1_000
_MIN_CHARS = 25
_MAX_HEADINGS = 12
# A lower heading of fewer characters is rather the name of a section that the title holds too.
_A_HEADLINE = 15
# How far the article may reach above its text on a page without a heading.
_LEVELS_ABOVE = 3
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w+|home/?)?", re.IGNORECASE)
_SITE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:logo|site-?(?:title|name)|blog-?(?:title|name)|masthead|brand)(?:$|[\s_-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the article is on its page; None for what the page has not."""

    # The heading that shows the title: the h1 that agrees best with what the page states.
    heading: HtmlElement | None
    # The element that directly holds most of the paragraphs.
    holder: HtmlElement | None
    # The smallest element around both.
    whole: HtmlElement | None
    # Boxes of other articles, comments and offers; boxes that frame the page; none of them around the article itself.
    others: frozenset[HtmlElement]
    chrome: frozenset[HtmlElement]

    def is_other(self, element: HtmlElement) -> bool:
        """Tell whether an element stands in a box of other articles, comments or offers."""
        return any(node in self.others for node in ancestors(element))

    def is_aside(self, element: HtmlElement) -> bool:
        """Tell whether an element stands in such a box, in navigation, footer or sidebar."""
        return any(node.tag in _ASIDE or node in self.chrome or node in self.others for node in ancestors(element))

    def is_inside(self, element: HtmlElement) -> bool:
        """Tell whether an element stands where the article does."""
        return self.whole is not None and any(node is self.whole for node in ancestors(element))


def read_layout(tree: HtmlElement, outline: Outline, stated_titles: Iterable[str]) -> Layout:
    """Find the article on its page by its heading and its paragraphs."""
    others, chrome = frozenset(outline.get("other", ())), frozenset(outline.get("chrome", ()))
    holder = _text_holder(tree, others | chrome)
    paths = frozenset(outline.get("breadcrumb", ()))
    heading = _heading(tree, [title.casefold() for title in stated_titles], paths)
    around = {node for element in (holder, heading) if element is not None for node in ancestors(element)}
    return Layout(heading, holder, _whole(holder, heading), others - around, chrome - around)


def _heading(tree: HtmlElement, stated: list[str], paths: frozenset[HtmlElement]) -> HtmlElement | None:
    """Give the h1 that a stated title repeats, the fullest when several are; else the one with the longest text.

    An h1 that leads home is the site's masthead, one in a list the end of a path: a lower heading that is a stated
    title is the page's own then, as where there is no h1.
    """
    best: tuple[tuple[bool, bool, int], HtmlElement] | None = None
    for element in islice(tree.iter("h1"), _MAX_HEADINGS):
        if is_masthead(element):
            continue
        text = _shown_case(element)
        rank = _is_stated(text, stated, 4), not _is_in_path(element, paths), len(text)
        if text and (best is None or rank > best[0]):
            best = rank, element
    if best is not None and best[0][1]:
        return best[1]
    lower = (element for element in islice(tree.iter("h2", "h3"), _MAX_HEADINGS) if not _is_in_path(element, paths))
    own = next((element for element in lower if _is_stated(_shown_case(element), stated, _A_HEADLINE)), None)
    return own if own is not None or best is None else best[1]


def _shown_case(element: HtmlElement) -> str:
    return (shown_text(element, 500) or "").casefold()


def _is_stated(text: str, stated: list[str], least: int) -> bool:
    """Tell whether a heading is a stated title, or one holds the other; shorter texts than `least` are no titles."""
    return len(text) >= least and any(text in title or title in text for title in stated if len(title) >= least)


def _is_in_path(heading: HtmlElement, paths: frozenset[HtmlElement]) -> bool:
    return any(node.tag in _LISTS or node in paths for node in ancestors(heading))


def is_masthead(heading: HtmlElement) -> bool:
    """Tell whether a heading is the site's: it holds, or stands in, a link home, or is named as logo or site title."""
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    if any(_HOME.fullmatch(link.get("href") or "") for link in links):
        return True
    return any(
        _SITE_CLASS.search(f"{node.get('class') or ''} {node.get('id') or ''}") for node in (heading, *links[:1])
    )


def _text_holder(tree: HtmlElement, noise: frozenset[HtmlElement]) -> HtmlElement | None:
    """Give the element that directly holds most of the page's paragraphs, None when there are none."""
    shares: dict[HtmlElement, float] = defaultdict(float)
    for paragraph in islice(tree.iter("p"), _MAX_PARAGRAPHS):
        parent = paragraph.getparent()
        size = len(str(paragraph.text_content()).strip())
        if parent is not None and size > _MIN_CHARS:
            shares[parent] += min(size, _MAX_CHARS)
    best = sorted(shares, key=lambda element: -shares[element])[:6]
    for holder in best:
        if shares[holder] < 0.25 * shares[best[0]]:
            break
        if not any(node.tag in _ASIDE or node in noise for node in ancestors(holder)):
            return holder
    return best[0] if best else None


def _whole(holder: HtmlElement | None, heading: HtmlElement | None) -> HtmlElement | None:
    """Give the smallest element that spans text and heading; when one is missing, the article around the other."""
    if holder is None or heading is None:
        known = heading if holder is None else holder
        if known is None:
            return None
        above = list(known.iterancestors())
        named = next((node for node in above if node.tag in {"article", "main"}), None)
        return named if named is not None else above[min(_LEVELS_ABOVE, len(above)) - 1] if above else known
    over = set(ancestors(heading))
    return next((node for node in ancestors(holder) if node in over), None)
