"""Pages served in place of an article: bot checks, consent walls, "not found" with status 200, redirects, paywalls."""

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from models.outcomes import Outcome
from pipeline.articles.document import Document
from pipeline.articles.links import is_free
from pipeline.articles.wordlists import alternatives
from pipeline.text import one_line

# More text than this, and the page says what it has to say: no wall is as long.
_WALL_TEXT = 1_500
_TITLE_CHARS = 300
_CHALLENGE_TITLES = re.compile(
    r"^\W*(?:just a moment|attention required|access (?:to this page has been )?denied|are you a (?:robot|human)|"
    r"verify(?:ing)? (?:that )?you are (?:a )?human|human verification|security check|robot check|bot verification|"
    r"please wait|checking your browser|ddos protection|pardon our interruption|request unsuccessful|"
    r"you have been blocked|one more step|un momento|einen moment|un instant|captcha)",
    re.IGNORECASE,
)
# What the checks of Cloudflare, Imperva, DataDome, HUMAN, Akamai, AWS and Sucuri leave in their pages.
_CHALLENGE_MARKS = (
    "challenges.cloudflare.com", "/cdn-cgi/challenge-platform/h/", "cf-browser-verification", "cf_chl_opt",
    "_Incapsula_Resource", "captcha-delivery.com", "px-captcha", "_pxCaptcha", "ak-challenge", "awsWafCookieDomainList",
    "sucuri_cloudproxy_js", "Please enable JS and disable any ad blocker", "slowAES", "vddosw3data",
)  # fmt: skip
_CONSENT_HOSTS = re.compile(r"(?:^|\.)(?:consent|cmp|guce|privacy|zustimmung)\.", re.IGNORECASE)
_CONSENT_TITLES = re.compile(
    r"^\W*(?:before you continue|your privacy choices|we value your privacy|cookie consent|privacy gate|"
    r"bevor sie fortfahren|ihre privatsphäre|zustimmung|einwilligung|"
    r"avant d['’]accéder|votre vie privée|antes de continuar|tu privacidad|prima di continuare|voordat je verdergaat|"
    r"dpg media privacy gate|(?:cookie|privacy)[ -](?:wall|gate|settings|instellingen))",
    re.IGNORECASE,
)
_GONE_TITLES = re.compile(
    r"^\W*(?:"
    + alternatives(
        r"""
        (?:error|fehler|lỗi|erreur|errore|erro)?\W*(?:404|410)\b
        (?:page|article|story|content) (?:(?:could|can) ?not be found|not found|no longer (?:available|exists))
        not found\b
        (?:seite|artikel) nicht gefunden
        (?:página|pagina|artículo) (?:no encontrad[ao]|não encontrad[ao]|non trovat[ao]|niet gevonden)
        (?:page|article) introuvable
        không tìm thấy|trang (?:không tồn tại|bạn (?:tìm|yêu cầu))
        nie znaleziono|strona nie
        страница не найдена|сторінку не знайдено
        sivua ei löytynyt|sidan (?:hittades inte|kunde inte)|siden (?:ble ikke funnet|finnes ikke|blev ikke fundet)
        """
    )
    + r")",
    re.IGNORECASE,
)
_FALSE = frozenset(["false", "no", "0", "n"])
_LOCKED = frozenset(["locked", "metered", "paid", "premium", "subscriber", "subscription"])


def find_wall(document: Document, body: str | None) -> tuple[Outcome, str] | None:
    """Tell which wall a page is, with a reason; None for every page that may be an article.

    A page with an article's own metadata or a text of some length is never a wall.
    """
    if (body and len(body) > _WALL_TEXT) or document.article_node is not None:
        return None
    titles = _titles(document.tree)
    said = next((title for title in titles if _CHALLENGE_TITLES.match(title)), None)
    mark = next((mark for mark in _CHALLENGE_MARKS if mark in document.source), None)
    if mark and (said or not body or len(body) < 300):
        return Outcome.CHALLENGED, f"bot check: {mark}"
    if said and (not body or len(body) < 600):
        return Outcome.CHALLENGED, f"bot check: {said[:80]}"
    host = urlsplit(document.page.url or "").hostname or ""
    said = next((title for title in titles if _CONSENT_TITLES.match(title)), None)
    if _CONSENT_HOSTS.search(f".{host}") or said:
        return Outcome.CONSENT_WALL, f"consent wall: {said or host}"[:100]
    said = next((title for title in titles if _GONE_TITLES.match(title)), None)
    if said and "article:published_time" not in document.meta:
        return Outcome.GONE, f"the page says: {said[:80]}"
    return None


def _titles(tree: HtmlElement) -> list[str]:
    found = (one_line(element.text_content()[:_TITLE_CHARS]) for element in tree.iter("title", "h1"))
    return [title for title in found if title][:6]


def is_paywalled(document: Document) -> bool:
    """Tell whether the publisher says that the article is not free (schema.org isAccessibleForFree, content tiers)."""
    if is_free(document) is False:
        return True
    if any(tier.casefold() in _LOCKED for tier in document.meta.get("article:content_tier", ())):
        return True
    return any(value.casefold() in _FALSE for value in document.meta.get("isaccessibleforfree", ()))


def is_partial(document: Document, body: str | None, *, is_paid: bool) -> bool:
    """Tell whether the text is only the free beginning of an article."""
    if not is_paid or not body:
        return is_paid
    if body.rstrip().endswith(("…", "...", "[…]", "[...]")):
        return True
    node = document.article_node or {}
    count = node.get("wordCount")
    words = int(count) if isinstance(count, int) or (isinstance(count, str) and count.isdecimal()) else 0
    if words:
        return len(body.split()) < 0.6 * words
    return len(body) < 1_200
