"""OPML 2.0, the format in which feed readers exchange what they follow: read with bounds, written nested."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from lxml import etree

from pipeline.feeds.addresses import web_address
from pipeline.text import one_line

MAX_BYTES = 5_000_000
MAX_FEEDS = 10_000
# Folders in folders; what is deeper is read as if it stood in the last one.
MAX_DEPTH = 16
_MAX_TEXT = 200


class OpmlError(Exception):
    """The bytes are no OPML, with one sentence on why."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of an OPML file: its address, name and site, its category, and the folders it lies in, outermost first."""

    url: str
    title: str | None = None
    home: str | None = None
    category: str | None = None
    language: str | None = None
    folders: tuple[str, ...] = ()


def read_opml(body: bytes) -> list[Outline]:
    """Give the feeds of an OPML file in its order, each address once. Raises `OpmlError`."""
    if len(body) > MAX_BYTES:
        raise OpmlError(f"It is larger than {MAX_BYTES:,} bytes.")
    # Nothing is fetched, no entity expands, and libxml2's own limits on depth and size hold.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OpmlError(f"It is no XML: {error}."[:300]) from None
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise OpmlError("It is no OPML: its root element is not <opml>.")
    found: dict[str, Outline] = {}
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        outline = _outline(element, folders)
        if outline is not None:
            found.setdefault(outline.url, outline)
            if len(found) > MAX_FEEDS:
                raise OpmlError(f"It has more than {MAX_FEEDS:,} feeds.")
        name = _text(element, "text", "title") if _tag(element) == "outline" and outline is None else None
        inner = (*folders, name)[:MAX_DEPTH] if name else folders
        waiting += ((child, inner) for child in reversed(element) if _tag(child) in {"body", "outline"})
    return list(found.values())


def write_opml(title: str, folders: Iterable[tuple[str, str | None, Sequence[Outline]]]) -> str:
    """Write feeds as OPML: a folder with name and home page for each source, its feeds within."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{_escaped(title)}</title></head>", "  <body>"]
    for name, home, outlines in folders:
        lines.append(f"    <outline{_attributes(text=name, title=name, htmlUrl=home)}>")
        lines += [f"      <outline{_attributes(type='rss', **_said(outline, name))}/>" for outline in outlines]
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _said(outline: Outline, name: str) -> dict[str, str | None]:
    return {
        "text": outline.title or name,
        "xmlUrl": outline.url,
        "htmlUrl": outline.home,
        "category": outline.category,
        "language": outline.language,
    }


def _outline(element: etree._Element, folders: tuple[str, ...]) -> Outline | None:
    if _tag(element) != "outline":
        return None
    url = web_address(None, _attribute(element, "xmlUrl"))
    if not url:
        return None
    return Outline(
        url=url,
        title=_text(element, "text", "title"),
        home=web_address(None, _attribute(element, "htmlUrl")) or None,
        category=_text(element, "category"),
        language=_text(element, "language"),
        folders=folders,
    )


def _tag(element: etree._Element) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _attribute(element: etree._Element, name: str) -> str:
    """Give an attribute whatever the case of its name: readers write xmlUrl, xmlurl and XMLURL."""
    wanted = name.lower()
    return next((str(value) for key, value in element.attrib.items() if str(key).lower() == wanted), "")


def _text(element: etree._Element, *names: str) -> str | None:
    for name in names:
        if text := one_line(_attribute(element, name)[: _MAX_TEXT * 4]):
            return text[:_MAX_TEXT]
    return None


def _attributes(**said: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
