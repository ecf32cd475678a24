"""The language of an article: its text when the text is long enough to tell, else what page, feed and source say."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.articles.document import Document, text_of
from pipeline.articles.provenance import Choice, choice

# BCP 47, RFC 5646 2.1: language, then script and region; extensions are of no use here.
_TAG = re.compile(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.].*)?$")
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "xx", "qaa"})
# Codes that pages write for another: country codes and retired ones (IANA subtag registry).
_ALIASES = {
    "vn": "vi",
    "cn": "zh",
    "jp": "ja",
    "kr": "ko",
    "gr": "el",
    "cz": "cs",
    "dk": "da",
    "se": "sv",
    "ua": "uk",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "mo": "ro",
}
# With fewer letters a guess is a guess; with these it is right in practice for the languages of news.
_MIN_LETTERS = 200
# Enough when nothing else says anything.
_FEW_LETTERS = 60
_SURE = 0.95
_SAMPLE_CHARS = 600
# Pairs and groups that a model of letters confuses: there the page's own word stands.
_ALIKE = (
    frozenset({"id", "ms"}), frozenset({"hr", "bs", "sr", "sh", "sl"}), frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"cs", "sk"}), frozenset({"gl", "pt", "es", "ca", "an", "oc"}), frozenset({"zh", "yue", "wuu"}),
    frozenset({"af", "nl"}), frozenset({"ru", "uk", "be", "bg", "mk"}), frozenset({"fa", "ps", "ur", "ar"}),
    frozenset({"hi", "mr", "ne"}), frozenset({"xh", "zu"}), frozenset({"de", "lb", "als", "gsw"}),
)  # fmt: skip


def read_language(document: Document, text: str | None = None) -> Choice[str | None]:
    """Choose the language as a BCP 47 tag; `text` is the article's body, when it is known already.

    A confident reading of the text wins over what is stated, unless the two are languages that look alike; the
    stated tag is kept when it is the same language with a script or region ("zh-Hant", "pt-BR").
    """
    offers = [(signal, tag) for signal, said in _stated(document) if (tag := normalise_tag(said))]
    said = offers[0] if offers else None
    guess = guess_language(text if text is not None else _text_of(document), _MIN_LETTERS if said else _FEW_LETTERS)
    if guess:
        offers.append(("text", guess))
    if said and (guess is None or may_be(said[1], guess)):
        return choice("language", said[1], said[0], offers)
    return choice("language", guess, "text" if guess else None, offers)


def normalise_tag(text: str | None) -> str | None:
    """Give a stated language in BCP 47 spelling ("vi_VN.UTF-8" is vi-VN), None when it is none."""
    found = _TAG.match((text or "").strip())
    if not found:
        return None
    language = found.group(1).lower()
    language = _ALIASES.get(language, language)
    if language in _NO_LANGUAGE:
        return None
    parts = [language, (found.group(2) or "").title(), (found.group(3) or "").upper()]
    return "-".join(part for part in parts if part)


def guess_language(text: str | None, letters: int = _MIN_LETTERS) -> str | None:
    """Give the ISO 639-1 code of a text of at least `letters` letters when the model is sure, else None.

    An ideograph or syllable says as much as three letters.
    """
    sample = (text or "")[:_SAMPLE_CHARS]
    if sum(3 if char >= "\u3040" else 1 for char in sample if char.isalpha()) < letters:
        return None
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _SURE else None


@cache
def _identifier() -> Any:
    """Load the model once a process (it takes a second and 30 MB)."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def may_be(stated: str, guessed: str) -> bool:
    """Tell whether a stated tag can be right for a text that reads as `guessed`."""
    language = stated.split("-", maxsplit=1)[0]
    return language == guessed or any(language in group and guessed in group for group in _ALIKE)


def _stated(document: Document) -> Iterator[tuple[str, str | None]]:
    """Give what page, feed and source say, the nearest to the article first."""
    node = document.article_node or {}
    tree, page = document.tree, document.page
    yield "json-ld", text_of(node.get("inLanguage"))
    yield "html", tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
    for name in ("http-equiv:content-language", "dc.language", "language", "inlanguage", "og:locale"):
        yield name, document.first_meta(name)
    yield "feed", page.hint.language if page.hint else None
    yield "source", page.language


def _text_of(document: Document) -> str:
    """Give the text where most of the page's paragraphs stand."""
    holder = document.layout.holder
    if holder is None:
        return ""
    paragraphs = (str(element.text_content()) for element in islice(holder.iter("p"), 12))
    return " ".join(paragraphs)
