"""One credit line ("By Ann Lee and Bob Ray, Staff Writers", "Theo Hà Thu/TTXVN") read into people and agencies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipeline.articles.signatures import agencies_in, glued_signature, known_agency, signatures
from pipeline.text import one_line

_MAX_CHARS = 400
_MAX_PEOPLE = 12
_MAX_NAME_WORDS = 6
_MAX_NAME_CHARS = 60

# Words before a name that say "written by"; several may follow each other ("Ein Kommentar von").
_OPENINGS = (
    (
        r"(?:(?:story|words|text|article|report|reporting|reported|written|posted|published|authored|opinion|analysis|"
        r"photos?|contributed|compiled|edited|reviewed|review|interview|commentary|submitted|created|guest post)\s+)?"
        r"by\b:?"
    ),
    r"authors?\b\s*:|(?:post )?author\b:?",
    (
        r"(?:(?:ein|eine)\s+[\w-]+\s+)?(?:(?:artikel|text|(?:blog |gast)?beitrag|kommentar|interview|autor(?:in)?|"
        r"essay|geschrieben|verfasst|veröffentlicht|erstellt|eingestellt|gespeichert|aufgezeichnet|kolumne|analyse|protokoll|fotos?|ein|"
        r"alles)\s*:?\s+)?(?:von|vom)\b:?"
    ),
    (r"autor(?:in|en|innen)?\s*:|autoren\s+|autorin\s*/\s*autor\b|text(?: und \w+| & \w+)?\s*:|verfasser\s*:"),
    r"(?:(?:écrit|publié|posté|rédigé|propos recueillis|un article|texte)\s+)?par\b:?|auteure?s?\s*:",
    r"(?:(?:escrito|publicado|postado|texto|entrevista|redactado)\s+)?por\b:?|autora?\s*:|escribe\b:?|texto\s*:",
    r"(?:(?:scritto|articolo|a cura|testo|postato|pubblicato)\s+)?d[ia]\b:?|autore\s*:",
    (
        r"(?:(?:gepost|geplaatst|geschreven)\s+)?door\b:?|av\b:?|af\b:?|tekst\b\s*:?|napisała?\s*:?|автор(?:ы)?\s*:?|текст\s*:|(?:diposting\s+)?oleh\b:?|penulis\s*:?|"
        r"reporter\s*:"
    ),
    (
        r"theo\b:?|tác giả\s*:?|thực hiện\s*:?|bài(?: và|,)? ảnh\s*:?|bài\s*:|tin(?:, ảnh)?\s*:|tổng hợp\s*:|"
        r"biên tập\s*:"
    ),
    r"(?:pv|phóng viên|ctv|btv)\b:?",
)
_OPENING = re.compile(rf"^[\s>–—\-|:•·/(\[]*(?:{'|'.join(_OPENINGS)})\s*", re.IGNORECASE)
_PARENTHESES = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]?")
_ACCOUNTS = re.compile(r"\S*@\S*|https?://\S+|www\.\S+|\b(?:twitter|facebook|linkedin|instagram)\b", re.IGNORECASE)
# From here on a line speaks of something else: a date, a clock, a bar, "updated", "in" a place.
_ENDINGS = (
    r"[|•·—]|\s[–-]\s(?=\d)|\d{1,4}[./:-]\d|\b\d{4}\b|\b\d{1,2}\.?\s+\w|\b(?:am|le|um|on|den)\s+(?:\w+ )?\d",
    r"\b(?:published|updated|posted|today|yesterday|more|follow|shares?|from|for|in|at)(?!\w)",
    (
        r"\b(?:veröffentlicht|aktualisiert|erstellt|stand|lesezeit|heute|gestern|mehr|zur autorenseite|vom|vor|für|aus|"
        r"bei)(?!\w)|\balle (?:artikel|beiträge)\b"
    ),
    r"\b(?:publié|publicado|mis à jour|actualizado|aktualizacja|skrifar|cập nhật)(?!\w)",
    r"\b(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)[.,]",
)
_END = re.compile(rf"\s*(?:{'|'.join(_ENDINGS)}).*$", re.IGNORECASE | re.DOTALL)
_SPLIT = re.compile(
    r"\s*[,;/&|+·•、，・\n]\s*|\s+(?:and|und|et|y|e|en|og|och|i|a|ja|va|và|dan|with|mit|avec|con)\s+|\s+[–—-]\s+"
)
_ROLE = re.compile(
    r"(?:(?:senior|chief|managing|deputy|associate|assistant|staff|contributing|guest|freelance|leitende[rn]?|"
    r"freie[rn]?|verantwortliche[rn]?)\s+)?\b(?:"
    r"editors?|reporters?|writers?|correspondent|columnist|journalist|author|contributor|producer|staff|desk|(?:web)?team|"
    r"bureau chief|newsroom|agencies|"
    r"\w*redakteur(?:in)?|redaktor(?:in)?|\w*leiter(?:in)?|\w*korrespondent(?:in)?|\w*reporter(?:in)?|journalistin|"
    r"autor(?:in)?|volont[äa]r(?:in)?|mitarbeiter(?:in)?|redaktion|\w*agentur(?:en)?|"
    r"rédacteur|rédactrice|journaliste|correspondante?|rédaction|agences|"
    r"periodista|redactora?|corresponsal|redacción|agencias|"
    r"giornalista|redattore|redattrice|redazione|repórter|jornalista|redação|dziennikar(?:z|ka)|"
    r"phóng viên|biên tập viên|nhà báo"
    r")\b",
    re.IGNORECASE,
)
# How newsrooms sign as a whole: kept as they write it.
_DESK = re.compile(
    r"^(?:redaktion|redacción|rédaction|redazione|redação|nhóm|team)\b|\bstaff reports?(?:er)?$|[\s-](?:web)?team$",
    re.IGNORECASE,
)
# What Vietnamese bylines say after a name: compiled, translated, noted down.
_COMPILED = re.compile(
    r"\s*(?:\b(?:tổng hợp|biên dịch|lược dịch|dịch|lược ghi|ghi|thực hiện)|\(t/?h\)|\bt/h)\s*$", re.IGNORECASE
)
# Degrees after a name; titles before it ("Dr.") stay, as bylines print them.
_DEGREE = re.compile(
    r",?\s*\b(?:PhD|Ph\.\s?D\.?|M\.?D\.?|MSc|M\.Sc\.|BSc|B\.A\.|M\.A\.|MBA|LL\.?M\.?|RN|RD|Esq\.?)(?!\w)"
)
# "Reporter" in scripts that put it after the name without a joint.
_SUFFIX = re.compile(r"\s*(?:기자|특파원|통신원|논설위원|記者|记者)(?:\s.*)?$")
_AGENCY = re.compile(r"\w*agentur(?:en)?|agences|agencias", re.IGNORECASE)
# "Ann Lee Ann Lee": the label of a picture and the name beside it.
_TWICE = re.compile(r"(?P<name>\S+ \S.*) (?P=name)")
_DANGLING = re.compile(r"\s+(?:and|und|et|y|en|og|och|và|&)$", re.IGNORECASE)
# A line that goes on in the next, or goes on with the one before.
_GOES_ON = re.compile(r"(?:[,;&/+]|\b(?:and|und|et|y|e|en|og|och|và))\s*$", re.IGNORECASE)
_WENT_ON = re.compile(r"^\s*(?:[,;&/+]|(?:and|und|et|y|e|en|og|och|và)\s)", re.IGNORECASE)
_INITIAL = re.compile(r"\s[^\W\d_]\.$")
_ACCOUNT = re.compile(r"[a-zà-ỹ0-9]+(?:[._-][a-zà-ỹ0-9]+)*")
_HANDLE = re.compile(r"[^\W\d][\w.-]{1,30}|(?:der|die|das|the|el|la|le) [^\W\d_]{2,30}")
_APOSTROPHE = re.compile("['’]")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_A_NAME = re.compile(r"[\d?!:&+/|\"“”„«»=<>{}_%€$#]|\.(?:com|de|net|org|vn|at|ch|info)\b", re.IGNORECASE)
# Written small within names.
_PARTICLES = frozenset(
    {
        "abu", "af", "al", "av", "ben", "bin", "d'", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do",
        "dos", "du", "e", "el", "i", "ibn", "l'", "la", "le", "mc", "op", "st", "'t", "ten", "ter", "ul", "und", "ur",
        "van", "vom", "von", "y", "zu", "zur",
    }
)  # fmt: skip
_GERMAN_ARTICLES = frozenset({"der", "den", "des"})
# No name of several words begins with these, however they are written.
_FIRST_WORDS = frozenset(
    {
        "a", "all", "alle", "an", "das", "der", "die", "ein", "eine", "eines", "foto", "fotos", "lesen", "lire", "mehr",
        "more", "más", "nguồn", "our", "read", "the", "un", "una", "une", "unser", "unsere", "weitere", "zu", "zum",
        "zur", "ảnh",
    }
)  # fmt: skip
_NO_NAMES = frozenset(
    {
        "about", "admin", "administrator", "advertisement", "agencies", "agenturen", "anonym", "anonymous", "anzeige",
        "auteur", "author", "authors", "autor", "autoren", "autorin", "ban biên tập", "bio", "comments", "editor",
        "editorial", "facebook", "follow", "foto", "fotos", "gast", "guest", "home", "impressum", "información",
        "informationen", "kommentar", "kommentare", "kontakt", "mehr", "more", "n/a", "news", "nguồn", "no author",
        "none", "null", "online", "photo", "presse", "pressestelle", "profil", "profile", "published", "quảng cáo",
        "red", "share", "staff", "super user", "team", "text", "theo", "top", "twitter", "tòa soạn", "tổng hợp",
        "undefined", "unknown", "updated", "user", "webmaster", "website", "werbung", "wordpress", "zeige", "über",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """What one line credits, in its order."""

    people: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@lru_cache(maxsize=2_048)
def read_credit(text: str, is_stated: bool = False) -> Credit:
    """Read a credit line; `is_stated` = it comes from a field for authors, where single words may be names."""
    line = glued_signature().sub(r" \g<0>", one_line(text[:_MAX_CHARS]) or "")
    found_agencies = agencies_in(line)
    line = _DEGREE.sub("", _without_opening(line))
    line = _ACCOUNTS.sub(" ", _PARENTHESES.sub(" , ", signatures().sub(" , ", line)))
    line = _COMPILED.sub("", _END.sub("", line))
    people: list[str] = []
    for part in _SPLIT.split(line):
        # "…, Staff Writer" after a name is its owner's role.
        is_role = bool(people) and _ROLE.search(part) is not None and not (is_stated and _DESK.search(part))
        name = "" if is_role else clean_name(part)
        if name and is_person(name, is_stated or bool(people)) and name not in people:
            people.append(name)
    # After full names a single last word is the place where they wrote.
    if not is_stated and len(people) > 1 and len(people[0].split()) > 1 and len(people[-1].split()) == 1:
        people.pop()
    return Credit(tuple(people[:_MAX_PEOPLE]), found_agencies)


def read_lines(lines: Sequence[str], is_stated: bool = False) -> tuple[str, ...]:
    """Read the people of a byline set in lines: those of the first that names somebody, and of those it goes on in.

    Below stand posts, places, papers and what is said about the people.
    """
    found: list[str] = []
    before = ""
    for line in lines:
        if found and (_ROLE.search(line) or not (_GOES_ON.search(before) or _WENT_ON.match(line))):
            break
        people = read_credit(line, is_stated).people
        if found or any(" " in name for name in people):
            found += people
            before = line
    return unique(found) or read_credit(" ".join(lines), is_stated).people


def read_desk(text: str) -> str | None:
    """Give the desk that a byline names instead of people ("Staff and news service reports"), None when it names none.

    It holds a word of the trade and something else: "Staff Writer" alone is a post. An agency is no desk.
    """
    if agencies_in(text):
        return None
    line = _END.sub("", _without_opening(one_line(text[:_MAX_CHARS]) or "")).strip(" ,:;|/–—-*•·")
    rest = _ROLE.sub(" ", line).split()
    return line if 0 < len(rest) < len(line.split()) <= _MAX_NAME_WORDS and not _NOT_A_NAME.search(line) else None


def _without_opening(line: str) -> str:
    """Take the words off that say "written by", as often as they come."""
    for _ in range(3):
        shorter = _OPENING.sub("", line, count=1)
        if shorter == line:
            return line
        line = shorter
    return line


def clean_name(text: str) -> str:
    """Give a name without role words, titles and stray punctuation around it."""
    text = one_line(_DANGLING.sub("", _SUFFIX.sub("", text))) or ""
    twice = _TWICE.fullmatch(text)
    text = twice.group("name") if twice else text
    words = text.split()
    role = None if _DESK.search(text) else _ROLE.search(text)
    if role and len(text[: role.start()].split()) > 1:
        # What follows the post belongs to it: "Ann Lee Leiterin Kultur".
        text = text[: role.start()]
    elif role and len(words) > 1:
        without_role = (one_line(_ROLE.sub(" ", text)) or "").strip(" ,:;-–")
        # "Gear Team" is how a desk signs: what is left of it alone would be no name.
        text = without_role if len(without_role.split()) != 1 or len(words) > 2 else text
    text = text.strip(" ,:;|/–—-*•·'\"")
    return text if _INITIAL.search(text) else text.strip(" .")


def is_person(name: str, is_stated: bool = False) -> bool:
    """Tell whether a text has the form of a person's name: 1 to 6 words, capitals, no digits, nobody's brand.

    A single word counts when it `is_stated` as an author.
    """
    words = name.split()
    if not words or len(words) > _MAX_NAME_WORDS or not 1 < len(name) <= _MAX_NAME_CHARS or _NOT_A_NAME.search(name):
        return False
    if name.casefold() in _NO_NAMES or known_agency(name) is not None:
        return False
    if len(words) == 1:
        return is_stated and _LETTER.search(name) is not None and _AGENCY.fullmatch(name) is None
    if words[0].casefold() in _FIRST_WORDS or _names_a_post(words):
        return False
    own = [word for word in words if word.casefold() not in _PARTICLES and _LETTER.search(word)]
    # Scripts without capitals pass; in the others every word of a name but its particles has one.
    return bool(own) and all(map(_has_capital, own))


def _names_a_post(words: list[str]) -> bool:
    """Tell "Leiterin der Abteilung", a post, from "van der Berg", a name."""
    return any(word in _GERMAN_ARTICLES and before not in {"von", "van", "auf"} for before, word in pairwise(words))


def _has_capital(word: str) -> bool:
    """Tell whether a word, or what follows its apostrophe ("d'Exemple"), begins with a capital or has no case."""
    starts = (next((char for char in part if _LETTER.match(char)), "") for part in _APOSTROPHE.split(word))
    return any(start and (start.isupper() or not start.islower()) for start in starts)


def read_handle(text: str) -> str | None:
    """Give the name under which somebody writes where a page names one user: "ann_lee", "Bob99", "der Cy"."""
    name = (one_line(_without_opening(one_line(text[:_MAX_CHARS]) or "")) or "").strip(" ,:|·•")
    if not _HANDLE.fullmatch(name) or name.casefold() in _NO_NAMES or known_agency(name) is not None:
        return None
    return name if _LETTER.search(name) and not _ROLE.search(name) else None


def is_weak(name: str) -> bool:
    """Tell whether a stated name is rather an account or a desk ("ann.lee", "MM-Redaktion") than a person's."""
    return bool(_ROLE.search(name) or _ACCOUNT.fullmatch(name) or (_HANDLE.fullmatch(name) and not name.isalpha()))


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Give names once each, compared without case, in order."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return tuple(found.values())
